"""What was changed after people saw it says why before it goes on; what a decision rests on is written before it is taken."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import scoped_session

from models.decisions.decide import decide
from models.decisions.decision import Decision, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import Result
from models.decisions.draft import Draft
from models.decisions.engagement import Engagement, Taken, View, Way
from models.decisions.risk import Level, Risk
from models.decisions.send_to_review import send_to_review
from models.kernel import clock as law
from models.kernel.lifecycle import unmet
from models.kernel.refusal import OutOfTurn, Refusal, RuleUnmet
from tests.conftest import People
from tests.deciding import a_case, a_meeting, a_table, minutes
from tests.making import (
    RISK_POINT,
    SOURCE,
    a_major_case,
    a_pdf,
    a_sent_review,
    all_asked_inside,
    an_expert,
    an_opinion,
    explained,
)

CHANGED = SOURCE.replace("不超过1小时", "不超过2小时").replace(
    "第三条 本办法", "第三条 占道的，由社区劝离。\n第四条 本办法"
)


def stands_in_the_way(case: Decision, gate: str, actor: Any) -> Refusal | None:
    return next((one for one in unmet(case, gate, actor) if one.code == "changes_explained"), None)


def test_a_review_is_not_sent_while_a_changed_clause_says_no_reason(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_major_case(people)
    assert stands_in_the_way(case, "decision.send_to_review", people["shenlin"]) is None
    pasted = Draft.write(people["shenlin"], case, CHANGED)
    session.flush()
    refused = stands_in_the_way(case, "decision.send_to_review", people["shenlin"])
    assert refused is not None
    assert refused.article.startswith("条例第十八条")
    assert "第2稿的第二条、第三条（新加）" in refused.message, "the clauses by name; a clause that only moved is none"
    explained(people, pasted)
    assert stands_in_the_way(case, "decision.send_to_review", people["shenlin"]) is None
    a_sent_review(people, case)


def test_an_earlier_version_that_says_no_reason_is_not_covered_by_a_later_one_that_does(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_major_case(people)
    Draft.write(people["shenlin"], case, CHANGED)
    last = Draft.write(people["shenlin"], case, CHANGED.replace("由社区劝离", "由街道劝离"))
    session.flush()
    explained(people, last)
    refused = stands_in_the_way(case, "decision.send_to_review", people["shenlin"])
    assert refused is not None
    assert "第2稿" in refused.message
    assert "第3稿" not in refused.message
    with pytest.raises(RuleUnmet):
        send_to_review(case, people["shenlin"])


def test_what_nobody_has_seen_yet_may_be_written_anew_without_a_reason(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_case(people)
    Draft.write(people["shenlin"], case, CHANGED)
    session.flush()
    assert stands_in_the_way(case, "decision.deliberate", people["zhoumin"]) is None
    asked = all_asked_inside(people, case)
    assert asked.draft is not None
    Draft.write(people["shenlin"], case, SOURCE)
    session.flush()
    with pytest.raises(RuleUnmet, match="第3稿的第二条、第三条（删去）") as refused:
        deliberate(case, people["zhoumin"], "office")
    assert "第二十九条" in refused.value.article


def test_what_the_meeting_changed_says_why_and_is_what_was_decided(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_case(people)
    early = Draft.write(people["shenlin"], case, CHANGED)
    session.flush()
    meeting = deliberate(case, people["zhoumin"], "party_committee")
    after_calling = Draft.write(people["shenlin"], case, CHANGED.replace("2小时", "3小时"))
    session.flush()
    explained(people, after_calling)
    law.move(2 * 86_400)
    session.expire_all()
    from_the_table = a_table_of(people, meeting)
    assert from_the_table.result == Result.CHANGED
    for old, words in ((early, "上会的第 2 稿不是决定的文本"), (after_calling, "是开会以前写的")):
        with pytest.raises(RuleUnmet, match="还不能登记决定") as refused:
            decide(case, people["zhoumin"], draft=old)
        assert words in refused.value.fields["draft"]
    decided = Draft.write(people["shenlin"], case, CHANGED.replace("2小时", "90分钟"))
    session.flush()
    with pytest.raises(RuleUnmet, match="第4稿的第二条") as unexplained:
        decide(case, people["zhoumin"])
    assert "第三十条" in unexplained.value.article
    explained(people, decided, "会议要求。")
    assert decide(case, people["zhoumin"]).draft is decided


def a_table_of(people: Any, meeting: Any) -> Any:
    meeting.record(people["zhoumin"], a_table(people), **minutes(Result.CHANGED))
    meeting.confirm(people["hexiulan"])
    return meeting


def test_what_experts_say_and_what_is_risky_is_written_before_the_decision_and_not_after(
    people: People, session: scoped_session[Any]
) -> None:
    handler, head = people["shenlin"], people["xujing"]
    case = a_case(people, Kind.ORDINARY)
    invited = Engagement.engage(handler, case, an_expert(people), Way.MEETING, "时段划分是否合理。")
    declared = Engagement.engage(handler, case, an_expert(people, "罗一鸣"), Way.MEETING, "时段划分是否合理。")
    declared.declare(handler, a_pdf())
    heard = an_opinion(people, case, an_expert(people, "石磊"))
    risk = Risk.begin(handler, case)
    written: dict[str, Any] = {"level": Level.LOW, "controllable": True, "asked": "派出所", "conclusion": "可控。"}
    risk.revise(handler, [RISK_POINT], **written)
    a_meeting(people, case)
    decide(case, people["zhoumin"])
    session.flush()
    late: list[Callable[[], object]] = [
        lambda: invited.declare(handler, a_pdf()),
        lambda: invited.revoke(handler, "不必了。"),
        lambda: declared.hear(handler, View.AGREE, "同意。", a_pdf()),
        lambda: declared.recuse(handler, "参与了设计。"),
        lambda: heard.hear(handler, View.DISAGREE, "改变主意了。", a_pdf()),
        lambda: heard.reply(handler, Taken.ADOPTED, "照办。"),
        lambda: heard.discount(head, "后来发现。"),
        lambda: Engagement.engage(handler, case, an_expert(people, "郑重"), Way.MEETING, "再看看。"),
        lambda: risk.revise(handler, [RISK_POINT], **written),
        lambda: risk.attach(handler, "报告", a_pdf()),
        lambda: risk.submit(handler),
        lambda: Risk.begin(handler, case),
    ]
    for deed in late:
        with pytest.raises((OutOfTurn, RuleUnmet), match=r"已经决定|已经作出决定"):
            deed()
    heard.publish(people["zhoumin"])
    assert heard.published, "whether it is shown with the decision is said when the decision is published"
