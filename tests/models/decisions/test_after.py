"""A decision does not end when it is published: somebody carries it out, people may speak, it is evaluated, and it changes only by the book."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions import in_force
from models.decisions.consultation import Channel
from models.decisions.decision import CaseStage, Decision
from models.decisions.engagement import engagements_of
from models.decisions.evaluation import (
    Cause,
    Evaluation,
    Result,
    adjust,
    asked_for,
    assessors_before,
    followers_of,
    plan_evaluation,
)
from models.decisions.execution import ExecutionStage, Force, change_force, entrust, force_of
from models.decisions.expert import Expert
from models.decisions.in_force import Remark, RemarkStage
from models.decisions.road import Going, standing_of
from models.kernel import clock, sealed
from models.kernel.clock import today
from models.kernel.lifecycle import unmet
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.messages.audience import expand
from models.messages.message import Message
from tests.conftest import People
from tests.making import a_published_case, a_resident, an_expert, an_opinion


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    """A decision in force."""
    return a_published_case(people)


def remarks(case: Decision, number: int) -> None:
    for n in range(number):
        Remark.receive(a_resident(n + 1), case, f"第{n + 1}个想说的。", channel=Channel.H5)


def standing(case: Decision, key: str) -> Any:
    found = standing_of(case, key)
    assert found is not None
    return found


def test_nobody_is_charged_with_a_decision_that_is_not_published(people: People, session: scoped_session[Any]) -> None:
    fresh = Decision.open(people["shenlin"], "还没有定的事")
    with pytest.raises(OutOfTurn):
        entrust(fresh, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线。")
    assert standing_of(fresh, "execution") is None


def test_who_carries_it_out_reports_and_finishes(case: Decision, people: People) -> None:
    assert standing(case, "execution").says == "还没有明确执行单位。"
    due = today() + timedelta(days=10)
    part = entrust(case, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线、立牌。", due)
    part.report(people["shenlin"], "缺两块牌子。", trouble=True)
    told = standing(case, "execution")
    assert (told.going, told.due_on) == (Going.NOW, due)
    assert "1 项有困难" in told.says
    part.finish(people["shenlin"], "都做完了。")
    assert part.stage == ExecutionStage.DONE
    assert standing(case, "execution").going == Going.DONE


def test_only_the_unit_that_carries_it_out_and_the_office_report(case: Decision, people: People) -> None:
    part = entrust(case, people["zhoumin"], people["luojing"].unit, people["luojing"], "普法。")
    with pytest.raises(NotAllowed):
        part.report(people["shenlin"], "别的单位来报。")
    part.report(people["zhoumin"], "党政办代报。")


def test_a_late_part_is_late_on_the_road(case: Decision, people: People) -> None:
    entrust(case, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线。", today() + timedelta(days=3))
    assert not standing(case, "execution").late
    clock.move(5 * 86_400)
    assert standing(case, "execution").late


def test_it_is_suspended_taken_up_again_and_ended_only_with_a_reason(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet) as refused:
        change_force(case, people["wuqiming"], Force.SUSPENDED, " ")
    assert "第三十七条" in refused.value.message
    change_force(case, people["wuqiming"], Force.SUSPENDED, "道路塌陷，先停。")
    assert force_of(case) == Force.SUSPENDED
    with pytest.raises(RuleUnmet):
        change_force(case, people["wuqiming"], Force.SUSPENDED, "再停一次。")
    change_force(case, people["wuqiming"], Force.IN_FORCE, "路修好了。")
    change_force(case, people["wuqiming"], Force.ENDED, "市场搬走了。")
    with pytest.raises(RuleUnmet):
        change_force(case, people["wuqiming"], Force.IN_FORCE, "又搬回来了。")


def test_a_remark_is_sealed_replied_to_and_its_writer_told_once(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    writer = a_resident(7)
    said = Remark.receive(writer, case, "划到消防通道上了。", channel=Channel.H5)
    assert "消防通道".encode() not in said.sealed_text
    assert said.readable == "划到消防通道上了。"
    with pytest.raises(RuleUnmet):
        said.reply(people["shenlin"], "  ")
    said.reply(people["shenlin"], "明天改线。")
    assert (said.stage, said.answer) == (RemarkStage.REPLIED, "明天改线。")
    fact = session.scalars(select(Trace).where(Trace.subject_kind == "Remark", Trace.verb == "reply")).one()
    assert "改线" not in str(fact.detail)
    assert (expand(fact), expand(fact)) == (1, 0)
    assert session.scalars(select(Message.resident_id).where(Message.fact_id == fact.id)).all() == [writer.id]


def test_a_remark_sent_twice_is_one_and_another_under_its_key_is_refused(case: Decision) -> None:
    first = Remark.receive(a_resident(), case, "夜里吵。", channel=Channel.H5, key="h5:1:a")
    assert Remark.receive(a_resident(), case, "夜里吵。", channel=Channel.H5, key="h5:1:a").id == first.id
    with pytest.raises(RuleUnmet):
        Remark.receive(a_resident(), case, "别的话。", channel=Channel.H5, key="h5:1:a")


def test_nobody_reads_the_remark_of_another_and_a_forgotten_person_is_forgotten(case: Decision) -> None:
    writer = a_resident(7)
    said = Remark.receive(writer, case, "夜里吵。", channel=Channel.H5)
    with pytest.raises(Missing):
        Remark.of(a_resident(8), said.public_id)
    writer.key.drop()
    assert said.readable == "（已应本人要求删除）"


def test_what_was_said_by_telephone_is_written_down_by_who_may(case: Decision, people: People) -> None:
    with pytest.raises(NotAllowed):
        Remark.receive(a_resident(), case, "夜里吵。", channel=Channel.PHONE, entered_by=people["wuqiming"])
    said = Remark.receive(a_resident(), case, "夜里吵。", channel=Channel.PHONE, entered_by=people["mafang"])
    assert said.entered_by is people["mafang"]


def test_many_remarks_ask_for_an_evaluation_and_one_less_does_not(case: Decision, people: People) -> None:
    limit = case.rules.number("evaluation.comments")
    remarks(case, limit.value - 1)
    assert asked_for(case) == ""
    assert standing_of(case, "evaluation") is None
    remarks(case, 1)
    assert limit.article in asked_for(case)
    assert standing(case, "evaluation").going == Going.NOW


def test_a_day_that_was_agreed_asks_for_an_evaluation(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet):
        plan_evaluation(case, people["zhoumin"], today())
    plan_evaluation(case, people["zhoumin"], today() + timedelta(days=30))
    assert asked_for(case) == ""
    clock.move(31 * 86_400)
    assert "日子到了" in asked_for(case)
    Evaluation.commission(people["zhoumin"], case, Cause.DATE, "县研究会")
    assert asked_for(case) == ""


def test_somebody_asks_for_an_evaluation_until_they_have_their_reply_or_it_is_commissioned(
    case: Decision, people: People
) -> None:
    remarks(case, 1)
    assert asked_for(case) == ""
    said = Remark.receive(
        a_resident(7), case, "东侧一直停不下，请评估。", channel=Channel.H5, asks_evaluation=True, key="h5:7:a"
    )
    assert "1 人请求评估" in asked_for(case)
    assert standing(case, "evaluation").going == Going.NOW
    with pytest.raises(RuleUnmet) as refused:
        Evaluation.commission(people["zhoumin"], case, Cause.REQUEST, "县研究会")
    assert "cause_words" in refused.value.fields
    said.reply(people["shenlin"], "刚施行一个月，半年后评估。")
    assert asked_for(case) == ""
    Remark.receive(a_resident(8), case, "还是请评估。", channel=Channel.H5, asks_evaluation=True)
    Evaluation.commission(people["zhoumin"], case, Cause.REQUEST, "县研究会", cause_words="居民请求，11月28日")
    assert asked_for(case) == ""


def test_who_argued_for_it_before_does_not_judge_it_afterwards(
    case: Decision, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    wise = an_expert(people)
    argued = Decision.open(people["shenlin"], "停车管理办法")
    an_opinion(people, argued, wise)
    with monkeypatch.context() as patch:
        # Of this case, as if it had been engaged before the decision.
        patch.setattr("models.decisions.evaluation.engagements_of", lambda _: engagements_of(argued))
        check_argued(case, people, wise)
    Evaluation.commission(people["zhoumin"], case, Cause.OFFICE, "县研究会")


def check_argued(case: Decision, people: People, wise: Expert) -> None:
    assert wise.employer in assessors_before(case)
    with pytest.raises(RuleUnmet) as refused:
        Evaluation.commission(people["zhoumin"], case, Cause.OFFICE, f"{wise.employer}第二分院")
    assert refused.value.article == "条例第三十六条"


@pytest.mark.both_engines
def test_two_persons_report_and_conclude_and_the_result_takes_effect(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    remarks(case, 3)
    asked = Evaluation.commission(people["zhoumin"], case, Cause.OFFICE, "县研究会")
    asked.report(people["shenlin"], Result.ADJUST, "车位不够。")
    assert asked.heard == 3
    asked.reporter = people["wuqiming"]
    assert [r.code for r in unmet(asked, "evaluation.conclude", people["wuqiming"])] == ["concluder_is_not_reporter"]
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE evaluation SET stage = 'concluded', concluder_id = reporter_id"))
    asked.reporter = people["shenlin"]
    asked.conclude(people["wuqiming"], Result.SUSPEND)
    assert force_of(case) == Force.SUSPENDED
    assert "结论：中止执行" in standing(case, "evaluation").says


def test_a_major_adjustment_is_a_case_of_its_own_that_names_this_one(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet):
        adjust(case, people["shenlin"], "停车管理办法（修订）", "")
    made = adjust(case, people["shenlin"], "停车管理办法（修订）", "车位不够。")
    assert (made.follows, made.stage) == (case, CaseStage.OPENED)
    assert [each.id for each in followers_of(case)] == [made.id]
    assert made.chain != case.chain


def test_the_trail_of_a_remark_holds_a_commitment_and_no_word(case: Decision, session: scoped_session[Any]) -> None:
    said = Remark.receive(a_resident(), case, "我家在三栋，夜里吵。", channel=Channel.H5)
    fact = session.scalars(select(Trace).where(Trace.subject_kind == "Remark")).one()
    assert "三栋" not in str(fact.detail)
    key = said.resident.key.secret
    assert fact.detail["text"] == sealed.commitment(key, f"remark.text:{said.public_id}", "我家在三栋，夜里吵。")
    assert in_force.counted(case) == (1, 1)
