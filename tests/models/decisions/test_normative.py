"""A normative document passes three hands, holds only once published, is filed in time, and ends by itself on its day."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.cleanup import Cleanup
from models.decisions.decide import decide
from models.decisions.decision import Category, Kind
from models.decisions.deliberation import Result
from models.decisions.draft import Draft
from models.decisions.filing import filed_in, filing_counts, filing_due, receive_receipt, send_for_filing
from models.decisions.normative import Ended, Normative, NormativeStage
from models.decisions.publish import Publication, publish, publish_by
from models.decisions.road import Going, standing_of
from models.decisions.secrecy import Openness, SecrecyCheck
from models.decisions.validity import ExpiryReview, Force, Verdict, term_of
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.lifecycle import unmet
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.workdays import workdays_between
from tests.conftest import People
from tests.deciding import (
    WORDS,
    a_case,
    a_complete_filing_pack,
    a_decided_case,
    a_document,
    a_meeting,
    a_secrecy_check,
    a_signed_document,
    lawful,
)
from tests.making import SOURCE, a_consultation, explained


def codes(subject: Any, gate: str, actor: Any) -> dict[str, str]:
    return {refusal.code: refusal.article for refusal in unmet(subject, gate, actor)}


# the three hands


def test_no_leader_signs_what_the_justice_office_has_not_seen(people: People) -> None:
    case = a_case(people, Kind.NORMATIVE)
    made = Normative.submit(people["shenlin"], case)
    made.check(people["xujing"])
    with pytest.raises(RuleUnmet, match="未经合法性审查，分管领导和主要领导不予签发") as refused:
        made.review(people["hexiulan"])
    assert refused.value.article == "源报告“四到位”、条例第二十五条"
    lawful(people, case)
    made.review(people["hexiulan"])
    assert codes(made, "normative.sign", people["wuqiming"]) == {
        "case_is_decided": "国办发〔2018〕37号",
        "signs_the_decided_text": "国办发〔2018〕37号",
    }
    a_meeting(people, case)
    decide(case, people["zhoumin"])
    made.sign(people["wuqiming"])
    made.register(people["zhoumin"])
    assert made.number == f"青街规〔{today().year}〕1号"


def test_the_chief_signs_the_very_words_that_were_decided(people: People) -> None:
    case = lawful(people, a_case(people, Kind.NORMATIVE))
    made = Normative.submit(people["shenlin"], case)
    made.check(people["xujing"])
    made.review(people["hexiulan"])
    a_meeting(people, case, Result.CHANGED)
    explained(people, Draft.write(people["shenlin"], case, SOURCE + "第四条 另行规定。\n"))
    decide(case, people["zhoumin"])
    assert codes(made, "normative.sign", people["wuqiming"]) == {"signs_the_decided_text": "国办发〔2018〕37号"}
    made.send_back(people["wuqiming"], "换成决定的那一稿")
    made.submit_again(people["shenlin"])
    assert (made.draft.number, made.stage) == (2, NormativeStage.SUBMITTED)


def test_whoever_sent_it_reviews_it_nowhere(people: People) -> None:
    made = Normative.submit(people["shenlin"], a_decided_case(people, Kind.NORMATIVE))
    for gate in ("normative.check", "normative.review", "normative.sign"):
        assert codes(made, gate, people["shenlin"])["not_the_submitter"] == "本机关签批规定"
        assert "not_the_submitter" not in codes(made, gate, people["xujing"])


def test_only_a_normative_document_takes_this_road_and_only_once(people: People) -> None:
    with pytest.raises(OutOfTurn):
        Normative.submit(people["shenlin"], a_case(people))
    case = a_case(people, Kind.NORMATIVE)
    Normative.submit(people["shenlin"], case)
    with pytest.raises(OutOfTurn):
        Normative.submit(people["shenlin"], case)


# publishing


def test_each_requirement_of_publishing_names_its_article(people: People) -> None:
    case = a_decided_case(people, Kind.NORMATIVE)
    assert codes(case, "decision.publish", people["zhoumin"]) == {
        "secrecy_checked": "政府信息公开条例第十七条",
        "signed_and_registered": "源报告“四到位”、国办发〔2018〕37号",
    }
    a_signed_document(people, case)
    a_secrecy_check(people, case)
    assert codes(case, "decision.publish", people["zhoumin"]) == {}


def test_what_is_not_published_is_not_in_force(people: People, session: scoped_session[Any]) -> None:
    case = a_decided_case(people, Kind.NORMATIVE)
    made = a_signed_document(people, case)
    a_secrecy_check(people, case)
    assert term_of(made) is None
    with pytest.raises(RuleUnmet) as refused:
        publish(case, people["zhoumin"], **WORDS, effective_on=today() - timedelta(days=1))
    assert "没有公布的，不得施行" in refused.value.fields["effective_on"]
    publish(case, people["zhoumin"], **WORDS, effective_on=today() + timedelta(days=30))
    term = term_of(made)
    assert term
    assert term.force == Force.COMING


@pytest.mark.both_engines
def test_the_database_holds_the_same(people: People, session: scoped_session[Any]) -> None:
    made = a_document(people)
    a_complete_filing_pack(people, made)
    send_for_filing(made, people["zhoumin"], today(), "县司法局")
    session.flush()
    for sql in (
        "UPDATE publication SET number = '1'",
        "DELETE FROM publication",
        "UPDATE normative SET number = '1'",
        "UPDATE normative SET filed_on = '2020-01-01'",
        "UPDATE normative SET receipt_on = '2026-12-01', receipt_number = ''",
        "UPDATE secrecy_check SET openness = 'none'",
        "INSERT INTO publication (public_id, decision_id, resolution_id, number, open, withheld, basis, explanation, "
        "published_on, due_on, effective_on, officer_id, made_at) SELECT 'x', id, id, 'y', true, '[]', '', '', "
        "'2026-02-02', '2026-02-02', '2026-02-01', 1, '2026-02-02' FROM decision",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


def test_two_persons_make_the_secrecy_check(people: People) -> None:
    case = a_decided_case(people)
    made = SecrecyCheck.check(people["xujing"], case, Openness.ALL, "")
    assert codes(made, "secrecy.confirm", people["xujing"]) == {"confirmer_is_not_checker": "本机关签批规定"}
    made.confirm(people["zhoumin"])
    with pytest.raises(OutOfTurn):
        SecrecyCheck.check(people["shenlin"], case, Openness.ALL, "")


def test_a_decision_is_published_within_twenty_working_days_and_late_is_said(people: People) -> None:
    case = a_decided_case(people)
    due = publish_by(case)
    assert due
    assert workdays_between(today(), due) == 20
    a_secrecy_check(people, case)
    clock.move(((due - today()).days + 1) * 86400)
    standing = standing_of(case, "publish")
    assert standing
    assert standing.late
    made = publish(case, people["zhoumin"], **WORDS)
    assert made.late


def test_a_major_decision_waits_for_its_adoption_report(people: People) -> None:
    asked = a_consultation(people)
    case = asked.decision
    case.classify(people["shenlin"], Kind.MAJOR, "影响大。", category=Category.POLICY)
    case.start(people["shenlin"])
    assert codes(case, "decision.publish", people["zhoumin"])["adoption_report_ready"] == "条例第三十二条"


# the end


@pytest.mark.parametrize(
    ("title", "years"), [("停车管理办法", 5), ("停车管理暂行办法", 2), ("停车管理办法（试行）", 2)]
)
def test_a_document_lapses_by_itself_on_its_day(people: People, title: str, years: int) -> None:
    made = a_document(people, title=title)
    published = Publication.of(made.decision)
    assert published
    assert published.valid_until
    until = published.valid_until
    assert until.year - published.effective_on.year == years
    assert _force(made, until) == Force.EXPIRING
    assert _force(made, until + timedelta(days=1)) == Force.LAPSED
    notice = term_of(made)
    assert notice
    assert _force(made, notice.notice_on - timedelta(days=1)) == Force.IN_FORCE
    assert _force(made, notice.notice_on) == Force.EXPIRING


def _force(made: Normative, day: date) -> Force:
    term = term_of(made, day)
    assert term
    return term.force


def test_only_an_evaluation_that_two_persons_signed_prolongs_it(people: People) -> None:
    made = a_document(people)
    term = term_of(made)
    assert term
    new = term.until + timedelta(days=365)
    for until in (None, term.until, term.until + timedelta(days=6 * 366)):
        with pytest.raises(RuleUnmet) as refused:
            ExpiryReview.propose(people["zhoumin"], made, Verdict.KEEP, "仍然需要。", until)
        assert "until" in refused.value.fields
    review = ExpiryReview.propose(people["zhoumin"], made, Verdict.KEEP, "仍然需要。", new)
    after = term_of(made)
    assert after
    assert after.until == term.until
    review.agree(people["wuqiming"])
    after = term_of(made)
    assert after
    assert after.until == new


def test_repealed_by_an_evaluation_it_holds_no_longer(people: People) -> None:
    made = a_document(people)
    ExpiryReview.propose(people["shenlin"], made, Verdict.REPEAL, "已有上位规定。").agree(people["hexiulan"])
    assert (made.ended_as, _force(made, today())) == (Ended.REPEALED, Force.REPEALED)
    with pytest.raises(OutOfTurn):
        ExpiryReview.propose(people["shenlin"], made, Verdict.KEEP, "又要了。", today() + timedelta(days=9999))


def test_a_clean_up_lists_what_holds_and_leaves_nothing_unjudged(people: People) -> None:
    kept, gone, over = a_document(people), a_document(people, title="夜市办法"), a_document(people, title="旧办法")
    ExpiryReview.propose(people["shenlin"], over, Verdict.REPEAL, "没用了。").agree(people["hexiulan"])
    campaign = Cleanup.begin(people["zhoumin"], "2026年清理", "通知")
    assert [item.normative for item in campaign.items] == [kept, gone]
    campaign.judge(people["zhoumin"], campaign.items[0], Verdict.KEEP, "仍然需要。")
    assert codes(campaign, "cleanup.conclude", people["wuqiming"]) == {
        "every_document_judged": "源报告“建立规范性文件清理长效机制”"
    }
    campaign.judge(people["luojing"], campaign.items[1], Verdict.LAPSE, "调整对象已经消失。")
    campaign.conclude(people["wuqiming"])
    assert (_force(kept, today()), _force(gone, today())) == (Force.IN_FORCE, Force.LAPSED)


# filing


def test_filing_waits_for_its_four_items_and_the_electronic_file(people: People) -> None:
    made = a_document(people)
    refusal = unmet(made, "filing.send", people["zhoumin"])
    assert [r.code for r in refusal] == ["filing_pack_complete"]
    assert "正式文件、征集意见记录、电子档" in refusal[0].message
    a_complete_filing_pack(people, made)
    assert codes(made, "filing.send", people["zhoumin"]) == {}
    with pytest.raises(OutOfTurn):
        receive_receipt(made, people["zhoumin"], today(), "1号")
    send_for_filing(made, people["zhoumin"], today(), "县司法局")
    receive_receipt(made, people["zhoumin"], today(), "县备〔2026〕31号")
    standing = standing_of(made.decision, "filing")
    assert standing
    assert standing.going == Going.DONE


def test_the_statistics_count_in_time_late_overdue_and_not_yet_due(people: People) -> None:
    late, overdue = a_document(people, title="甲办法"), a_document(people, title="乙办法")
    due = filing_due(late)
    assert due
    clock.move(((due - today()).days + 2) * 86400)
    in_time, waiting = a_document(people, title="丙办法"), a_document(people, title="丁办法")
    for one in (late, in_time):
        a_complete_filing_pack(people, one)
        send_for_filing(one, people["zhoumin"], today(), "县司法局")
    rows = filed_in(today().year) + ([*filed_in(today().year - 1)] if due.year != today().year else [])
    how = {row.normative.id: row.how for row in rows}
    assert [how[one.id] for one in (late, overdue, in_time, waiting)] == ["late", "overdue", "in_time", "open"]
    counted = filing_counts(rows)
    assert (counted["published"], counted["sent_rate"], counted["in_time_rate"]) == (4, 67, 33)
