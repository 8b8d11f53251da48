"""Nothing goes to deliberation that the justice office has not examined, with counsel heard and time to do it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decision import Decision, Kind
from models.decisions.draft import Draft
from models.decisions.legal_review import (
    Counselling,
    LegalReview,
    Result,
    ReviewStage,
    passed,
    review_of,
    statement,
    to_be_sent,
    turn_of,
    untold,
    waiting_reviews,
)
from models.decisions.matter import Category, Livelihood, Procedure
from models.decisions.procedure import excuse, require
from models.decisions.road import Going, standing_of
from models.decisions.send_to_review import send_to_review
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.rules import rule_set
from models.kernel.workdays import is_workday, workdays_between
from tests.conftest import People
from tests.making import (
    BASIS,
    SOUND,
    SOURCE,
    a_comment,
    a_consultation,
    a_legal_opinion,
    a_major_case,
    a_release,
    a_resident,
    a_sent_review,
    an_advised_review,
    an_assessment,
    answer_all,
    explained,
)

DAY = 86_400


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    """A major case with everything before the review done or excused."""
    return a_major_case(people)


def lacks(subject: Any, gate: str, who: Any) -> dict[str, str]:
    return {refusal.code: refusal.sentence for refusal in unmet(subject, gate, who)}


def prepared(people: People, case: Decision) -> LegalReview:
    made: LegalReview = LegalReview.begin(people["shenlin"], case)
    made.prepare(people["shenlin"], BASIS, made.procedures)
    return made


def conclude(review: LegalReview, who: Any, result: Result = Result.LAWFUL, **more: Any) -> None:
    ok = result == Result.LAWFUL
    said = {"authority": (True, ""), "procedure": (True, ""), "content": (ok, "" if ok else "第二条依据不足。")}
    review.conclude(who, result, more.pop("findings", said), more.pop("opinion", "审查意见如上。"), **more)


# ── sending ─────────────────────────────────────────────────────────────────


def test_a_case_with_everything_done_is_sent(case: Decision, people: People) -> None:
    prepared(people, case)
    assert lacks(case, "decision.send_to_review", people["shenlin"]) == {}
    review = send_to_review(case, people["shenlin"])
    assert (review.stage, review.sent_on) == (ReviewStage.SENT, today())
    with pytest.raises(OutOfTurn):
        send_to_review(case, people["shenlin"])


def test_only_the_handler_sends(case: Decision, people: People) -> None:
    assert isinstance(why_not(case, "send_to_review", people["luojing"]), NotAllowed)


def test_participation_comes_first_by_articles_14_and_18(people: People, session: scoped_session[Any]) -> None:
    asked = a_consultation(people)
    case = asked.decision
    case.classify(people["shenlin"], Kind.MAJOR, "影响三千二百户。", category=Category.POLICY)
    case.start(people["shenlin"])
    a_comment(asked, a_resident(), "一个小时不够。")

    def said() -> str:
        return lacks(case, "decision.send_to_review", people["shenlin"]).get("participation_done", "")

    assert "正在征求意见" in said()
    assert "条例第十四条、第十八条" in said()
    clock.move(31 * DAY)
    session.expire_all()
    assert "没答 1" in said()
    answer_all(people, asked)
    assert said()
    a_release(people, asked)
    assert said() == ""


@pytest.mark.parametrize(
    ("procedure", "code", "article"),
    [
        (Procedure.HEARING, "hearing_held_or_excused", "条例第十六条"),
        (Procedure.EXPERT, "experts_heard_or_excused", "条例第十九条"),
        (Procedure.RISK, "risk_assessed_or_excused", "条例第二十二条"),
    ],
)
def test_what_is_needed_is_done_before_the_review(
    case: Decision, people: People, procedure: Procedure, code: str, article: str
) -> None:
    prepared(people, case)
    require(case, people["xujing"], procedure, owner=people["shenlin"])
    found = lacks(case, "decision.send_to_review", people["shenlin"])
    assert set(found) == {code}
    assert article in found[code]
    with pytest.raises(RuleUnmet):
        send_to_review(case, people["shenlin"])
    excuse(case, people["xujing"], procedure, "情况变了，不再需要。")
    assert lacks(case, "decision.send_to_review", people["shenlin"]) == {}


def test_a_poll_is_asked_for_only_in_the_five_fields_of_livelihood(
    people: People, session: scoped_session[Any]
) -> None:
    plain = a_major_case(people)
    require(plain, people["xujing"], Procedure.POLL)
    prepared(people, plain)
    assert lacks(plain, "decision.send_to_review", people["shenlin"]) == {}
    schools = a_major_case(people, livelihood=Livelihood.EDUCATION)
    require(schools, people["xujing"], Procedure.POLL)
    prepared(people, schools)
    assert set(lacks(schools, "decision.send_to_review", people["shenlin"])) == {"poll_taken_or_excused"}


def test_an_assessment_done_opens_the_way(case: Decision, people: People) -> None:
    require(case, people["xujing"], Procedure.RISK)
    an_assessment(people, case)
    prepared(people, case)
    assert lacks(case, "decision.send_to_review", people["shenlin"]) == {}


def test_draft_basis_and_the_statement_of_procedure_are_sent_by_article_26(case: Decision, people: People) -> None:
    found = lacks(case, "decision.send_to_review", people["shenlin"])
    assert "依据、履行程序的说明" in found["review_papers_complete"]
    assert "条例第二十六条" in found["review_papers_complete"]
    review = LegalReview.begin(people["shenlin"], case)
    review.prepare(people["shenlin"], "", "办了。")
    assert "现在还缺：依据。" in lacks(case, "decision.send_to_review", people["shenlin"])["review_papers_complete"]


def test_the_statement_is_written_from_the_records(case: Decision) -> None:
    said = statement(case)
    assert "征求意见（条例第十四条、第十五条）" in said
    assert "不需要：不涉及" in said
    assert "合法性审查" not in said


def test_what_the_records_say_since_a_statement_was_kept_is_named(case: Decision, people: People) -> None:
    kept = statement(case)
    assert untold(case, kept) == []
    excuse(case, people["xujing"], Procedure.RISK, "另有一份县里的评估。")
    (line,) = untold(case, kept)
    assert "风险评估" in line
    assert "另有一份县里的评估" in line


def test_a_normative_document_needs_no_expert_but_its_answers(people: People, session: scoped_session[Any]) -> None:
    gate = [need.predicate for need in rule_set().gate("decision.send_to_review", "normative")]
    assert set(gate) == {"participation_done", "changes_explained", "review_papers_complete", "inside_groups_asked"}


# ── time ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "earliest"),
    [
        (date(2026, 9, 21), date(2026, 10, 8)),  # Mid-Autumn and National Day lie between, with a make-up day
        (date(2026, 11, 23), date(2026, 12, 2)),
        (date(2026, 2, 9), date(2026, 2, 25)),  # Spring Festival
        (date(2025, 9, 25), date(2025, 10, 11)),  # 28 September and 11 October are make-up days
    ],
)
def test_the_seven_working_days_follow_the_announced_holidays(sent: date, earliest: date) -> None:
    assert rule_set().number("legal_review.workdays").after(sent) == earliest


@given(st.dates(date(2024, 1, 1), date(2026, 11, 30)))
def test_whenever_it_is_sent_the_review_has_seven_whole_working_days(sent: date) -> None:
    earliest = LegalReview(decision=Decision(kind=Kind.MAJOR), sent_on=sent)
    earliest.decision.__dict__["rules"] = rule_set()
    assert earliest.earliest_on
    assert is_workday(earliest.earliest_on)
    assert workdays_between(sent, earliest.earliest_on) == 7
    assert earliest.latest_on is None


def test_an_opinion_before_its_time_is_refused_by_article_26_and_on_the_day_it_is_not(
    case: Decision, people: People
) -> None:
    review = an_advised_review(people, case)
    assert review.earliest_on
    found = lacks(review, "legal_review.conclude", people["luojing"])
    assert set(found) == {"review_time_given"}
    assert (
        f"最早{review.earliest_on.year}年{review.earliest_on.month}月{review.earliest_on.day}日"
        in found["review_time_given"]
    )
    assert "条例第二十六条" in found["review_time_given"]
    clock.move((review.earliest_on - today()).days * DAY - DAY)
    assert set(lacks(review, "legal_review.conclude", people["luojing"])) == {"review_time_given"}
    clock.move(DAY)
    conclude(review, people["luojing"])
    assert review.number == f"青街合审〔{today().year}〕1号"


def test_only_the_reviewer_may_need_less_time_and_says_why(case: Decision, people: People) -> None:
    review = an_advised_review(people, case)
    with pytest.raises(NotAllowed):
        review.shorten(people["shenlin"], "赶时间。")
    with pytest.raises(RuleUnmet):
        review.shorten(people["luojing"], " ")
    review.shorten(people["luojing"], "草案很短，已提前介入。")
    conclude(review, people["luojing"])
    assert passed(case) == review


def test_a_normative_document_has_five_to_fifteen_working_days_and_late_is_shown(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_major_case(people)
    case.kind = Kind.NORMATIVE
    review = an_advised_review(people, case)
    assert review.earliest_on
    assert review.latest_on
    assert workdays_between(today(), review.earliest_on) == 5
    assert workdays_between(today(), review.latest_on) == 15
    found = lacks(review, "legal_review.conclude", people["luojing"])
    assert "国办发〔2018〕115号" in found["normative_review_time_given"]
    assert review.reply
    assert review.due_on == review.earliest_on, "promised in as many days as the law gives at least"
    clock.move((review.due_on - today()).days * DAY)
    assert not review.late
    clock.move(DAY)
    assert review.late
    standing = standing_of(case, "legal_review")
    assert standing
    assert standing.late


def test_a_hard_case_takes_longer_with_a_reason_and_never_longer_than_the_rules_allow(
    people: People, session: scoped_session[Any]
) -> None:
    case = a_major_case(people)
    major = an_advised_review(people, case)
    with pytest.raises(OutOfTurn, match="不用再延长"):
        major.lengthen(people["luojing"], "涉及多个部门。")
    case.kind = Kind.NORMATIVE
    promised, latest = major.due_on, major.latest_on
    assert promised
    assert latest
    assert promised < latest
    with pytest.raises(NotAllowed):
        major.lengthen(people["shenlin"], "涉及多个部门。")
    with pytest.raises(RuleUnmet) as refused:
        major.lengthen(people["luojing"], " ")
    assert "合法性审核工作规定" in refused.value.article
    clock.move((promised - today()).days * DAY + DAY)
    assert major.late
    major.lengthen(people["luojing"], "涉及多个部门，要再论证。")
    assert not major.late
    assert major.due_on == latest
    standing = standing_of(case, "legal_review")
    assert standing
    assert standing.due_on == latest
    with pytest.raises(OutOfTurn):
        major.lengthen(people["luojing"], "再延长一次。")


# ── the review ──────────────────────────────────────────────────────────────


def test_papers_that_lack_something_go_back_with_what_is_lacking_and_the_days_begin_anew(
    case: Decision, people: People
) -> None:
    review = a_sent_review(people, case)
    with pytest.raises(RuleUnmet):
        review.send_back(people["luojing"], "")
    review.send_back(people["luojing"], "缺听证不召开的理由。")
    assert [one.lacking for one in review.returns] == ["缺听证不召开的理由。"]
    assert turn_of(review, people["shenlin"]) == "complete"
    standing = standing_of(case, "legal_review")
    assert standing
    assert (standing.going, standing.says) == (Going.NOW, "退回补充：缺听证不召开的理由。")
    first = review.sent_on
    clock.move(3 * DAY)
    review.prepare(people["shenlin"], BASIS, "已补充。")
    review.resubmit(people["shenlin"])
    assert first
    assert review.sent_on == first + timedelta(3)


def test_counsel_is_heard_before_the_conclusion_by_article_28(case: Decision, people: People) -> None:
    review = a_sent_review(people, case)
    review.accept(people["luojing"], people["pengyuan"])
    review.shorten(people["luojing"], "提前介入。")
    found = lacks(review, "legal_review.conclude", people["luojing"])
    assert set(found) == {"counsel_heard"}
    assert "条例第二十八条" in found["counsel_heard"]
    review.advise(people["pengyuan"], Counselling.ADVISER, SOUND, "未发现问题。")
    assert lacks(review, "legal_review.conclude", people["luojing"]) == {}


def test_counsel_speaks_only_on_the_case_they_were_asked_about(case: Decision, people: People) -> None:
    review = a_sent_review(people, case)
    with pytest.raises(RuleUnmet):
        review.accept(people["luojing"], people["shenlin"])
    review.accept(people["luojing"], people["pengyuan"])
    assert isinstance(why_not(review, "advise", people["luojing"]), NotAllowed)
    people["linxiao"].give("counsel")
    refusal = why_not(review, "advise", people["linxiao"])
    assert isinstance(refusal, NotAllowed)
    assert "条例第二十八条" in refusal.message
    assert waiting_reviews(people["linxiao"]) == []
    assert waiting_reviews(people["pengyuan"]) == [review]
    review.ask(people["luojing"], people["linxiao"])
    assert isinstance(why_not(review, "advise", people["pengyuan"]), NotAllowed)


def test_counsel_does_not_conclude_and_nobody_is_counsel_to_themselves(case: Decision, people: People) -> None:
    review = a_sent_review(people, case)
    people["luojing"].give("counsel")
    review.accept(people["luojing"], people["luojing"])
    review.advise(people["luojing"], Counselling.PUBLIC_LAWYER, SOUND, "未发现问题。")
    assert isinstance(why_not(review, "conclude", people["pengyuan"]), NotAllowed)
    assert "counsel_heard" in lacks(review, "legal_review.conclude", people["luojing"])


def test_who_sent_it_does_not_examine_it(case: Decision, people: People) -> None:
    review = an_advised_review(people, case)
    people["shenlin"].give("justice")
    assert "reviewer_is_not_sender" in lacks(review, "legal_review.conclude", people["shenlin"])


def test_each_of_the_three_aspects_has_a_finding_and_the_result_follows_from_them(
    case: Decision, people: People
) -> None:
    review = an_advised_review(people, case)
    review.shorten(people["luojing"], "提前介入。")
    me = people["luojing"]

    def wrong(result: Result, **findings: tuple[bool | None, str]) -> set[str]:
        sound: dict[str, tuple[bool | None, str]] = dict.fromkeys(("authority", "procedure", "content"), (True, ""))
        with pytest.raises(RuleUnmet) as refused:
            conclude(review, me, result, findings=sound | findings)
        return set(refused.value.fields)

    assert wrong(Result.LAWFUL, procedure=(None, "")) == {"procedure_ok"}
    assert wrong(Result.AMEND, content=(False, "")) == {"content"}
    assert wrong(Result.LAWFUL, content=(False, "超越权限设定处罚。")) == {"result"}
    assert wrong(Result.FAIL) == {"result"}
    assert review.stage == ReviewStage.ACCEPTED
    conclude(review, me)


def test_legal_risk_may_be_said_openly_only_for_a_reform_by_article_25(case: Decision, people: People) -> None:
    review = an_advised_review(people, case)
    review.shorten(people["luojing"], "提前介入。")
    with pytest.raises(RuleUnmet) as refused:
        conclude(review, people["luojing"], Result.EXPLICIT_RISK)
    assert "探索性改革" in refused.value.fields["reform"]
    assert refused.value.article == "条例第二十五条"
    conclude(review, people["luojing"], Result.EXPLICIT_RISK, reform="分时共享车位国家尚无规定；可能引发物业费争议。")
    assert passed(case) == review


def test_amend_wants_an_amended_draft_and_another_round(case: Decision, people: People) -> None:
    first = a_legal_opinion(people, case, "amend")
    assert passed(case) is None
    assert to_be_sent(case)
    prepared(people, case)
    found = lacks(case, "decision.send_to_review", people["shenlin"])
    assert f"{first.number}要求修改" in found["review_papers_complete"]
    explained(people, Draft.write(people["shenlin"], case, SOURCE.replace("1小时", "2小时")))
    second = review_of(case)
    assert second
    send_to_review(case, people["shenlin"])
    assert (second.round, second.stage) == (2, ReviewStage.SENT)
    assert second.draft
    assert second.draft.number == 2


def test_a_failed_case_is_not_passed_and_may_come_again(case: Decision, people: People) -> None:
    a_legal_opinion(people, case, "fail")
    assert passed(case) is None
    standing = standing_of(case, "legal_review")
    assert standing
    assert "不合法" in standing.says
    assert to_be_sent(case)


def test_a_draft_written_after_the_opinion_has_not_been_examined(case: Decision, people: People) -> None:
    review = a_legal_opinion(people, case)
    standing = standing_of(case, "legal_review")
    assert standing
    assert (passed(case), standing.going) == (review, Going.DONE)
    with pytest.raises(OutOfTurn):
        LegalReview.begin(people["shenlin"], case)
    Draft.write(people["shenlin"], case, SOURCE.replace("1小时", "2小时"))
    assert passed(case) is None
    assert to_be_sent(case)


@pytest.mark.both_engines
def test_the_database_keeps_a_concluded_opinion_as_it_is(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    review = a_legal_opinion(people, case)
    for sql in (
        "UPDATE legal_review SET opinion = '改写'",
        "DELETE FROM legal_review",
        "UPDATE counsel_opinion SET text = '改写'",
        "DELETE FROM counsel_opinion",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
    again = an_advised_review(people, a_major_case(people))
    told = f"number = '假', concluded_on = sent_on, opinion = '行', reviewer_id = {review.reviewer_id}"
    all_sound = "authority_ok = true, procedure_ok = true, content_ok = true"
    for lie in (
        f"result = 'lawful', {told}, authority_ok = true, procedure_ok = false, content_ok = true",
        f"result = 'explicit_risk', {told}, {all_sound}",
        f"result = 'lawful', number = '假', concluded_on = sent_on, opinion = '行', reviewer_id = sender_id, {all_sound}",
        "result = 'lawful'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(f"UPDATE legal_review SET stage = 'concluded', {lie} WHERE id = {again.id}"))
