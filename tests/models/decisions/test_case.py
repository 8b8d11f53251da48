"""A case is classified with a reason, numbered once, keeps its rules, and shows at any moment who owes what."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decision import CaseStage, Decision, Kind, LegalBasis
from models.decisions.matter import OPTIONAL, Category, Procedure
from models.decisions.procedure import excuse, need_of, require
from models.decisions.road import Going, road, standing_of
from models.kernel import clock
from models.kernel.clock import today
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from tests.conftest import People
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    """A case that nobody has classified."""
    return Decision.open(people["shenlin"], "农贸市场周边停车管理办法")


def classified(people: People, case: Decision, kind: Kind = Kind.MAJOR, **more: Any) -> Decision:
    case.classify(people["shenlin"], kind, "影响三千二百户。", category=Category.POLICY, **more)
    return case


def test_a_case_is_not_started_before_somebody_says_what_kind_it_is(case: Decision, people: People) -> None:
    refusal = why_not(case, "start", people["shenlin"])
    assert isinstance(refusal, RuleUnmet)
    assert (refusal.code, refusal.article) == ("case_is_classified", "条例第三条")
    classified(people, case).start(people["shenlin"])
    assert case.stage == CaseStage.STARTED
    assert case.number == f"青街决〔{today().year}〕1号"


def test_a_matter_that_the_procedure_leaves_out_is_not_started(case: Decision, people: People) -> None:
    classified(people, case, Kind.NONE)
    assert [r.article for r in unmet(case, "decision.start", people["shenlin"])] == ["条例第三条"]


def test_classifying_wants_a_reason_and_for_a_major_decision_its_place_in_article_3(
    case: Decision, people: People
) -> None:
    with pytest.raises(RuleUnmet) as refused:
        case.classify(people["shenlin"], Kind.MAJOR, " ")
    assert set(refused.value.fields) == {"reason", "category"}
    assert case.kind is None


def test_what_it_rests_on_is_said_by_reference_unless_told_otherwise(case: Decision, people: People) -> None:
    classified(people, case)
    assert case.basis == LegalBasis.BY_REFERENCE
    assert case.basis.label == "参照适用"


def test_a_started_case_keeps_its_kind(case: Decision, people: People) -> None:
    classified(people, case).start(people["shenlin"])
    with pytest.raises(OutOfTurn):
        classified(people, case, Kind.ORDINARY)


@pytest.mark.both_engines
def test_the_database_keeps_number_and_rules_and_forgets_no_case(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    classified(people, case).start(people["shenlin"])
    session.flush()
    for sql in (
        "UPDATE decision SET number = '青街决〔2026〕99号'",
        "UPDATE decision SET rules_version = '2020-1'",
        "DELETE FROM decision",
        "UPDATE decision SET stage = 'decided'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))


def test_not_needed_takes_a_reason_and_the_name_of_somebody_in_charge(case: Decision, people: People) -> None:
    classified(people, case)
    with pytest.raises(NotAllowed):
        excuse(case, people["shenlin"], Procedure.EXPERT, "不涉及专业问题。")
    with pytest.raises(RuleUnmet):
        excuse(case, people["xujing"], Procedure.EXPERT, "  ")
    assert need_of(case, Procedure.EXPERT) is None
    excuse(case, people["xujing"], Procedure.EXPERT, "不涉及专业问题。")
    standing = standing_of(case, "hearing")
    assert standing
    assert standing.going == Going.WAIT
    need = need_of(case, Procedure.EXPERT)
    assert need
    assert (need.needed, need.officer.name, need.reason) == (False, "许静", "不涉及专业问题。")


@pytest.mark.parametrize("firm", [p for p in Procedure if p not in OPTIONAL])
def test_what_every_case_goes_through_is_neither_asked_nor_excused(
    people: People, session: object, firm: Procedure
) -> None:
    case = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    for verb in (require, excuse):
        with pytest.raises(RuleUnmet, match="哪一件都不能少") as refused:
            verb(case, people["xujing"], firm, reason="不必。")
        assert "条例第二十五条" in refused.value.article
    assert need_of(case, firm) is None


def test_the_newest_answer_counts_and_the_earlier_ones_stay(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    classified(people, case)
    excuse(case, people["xujing"], Procedure.POLL, "不属于五类民生事项。")
    require(case, people["hexiulan"], Procedure.POLL, owner=people["shenlin"], due_on=today() + timedelta(days=5))
    need = need_of(case, Procedure.POLL)
    assert need and need.needed
    assert session.execute(text("SELECT count(*) FROM need")).scalar() == 2


def test_the_road_says_who_owes_what_and_when_it_is_late(case: Decision, people: People) -> None:
    classified(people, case).start(people["shenlin"])
    require(case, people["xujing"], Procedure.HEARING, owner=people["hexiulan"], due_on=today() + timedelta(days=3))
    stops = {stop.station.key: stop.standing for stop in road(case)}
    assert stops["start"].going == Going.DONE
    assert (stops["hearing"].going, stops["hearing"].who, stops["hearing"].late) == (Going.NOW, "何秀兰", False)
    clock.move(4 * 86_400)
    late = standing_of(case, "hearing")
    assert late
    assert late.late


def test_the_road_follows_the_consultation_and_its_answers(people: People, session: scoped_session[Any]) -> None:
    asked = a_consultation(people)
    case = asked.decision
    classified(people, case).start(people["shenlin"])
    a_comment(asked, a_resident(), "一个小时不够。")

    def going(key: str) -> Going:
        standing = standing_of(case, key)
        assert standing
        return standing.going

    assert (going("consultation"), going("answers")) == (Going.NOW, Going.WAIT)
    clock.move(31 * 86_400)
    session.expire_all()
    assert (going("consultation"), going("answers")) == (Going.DONE, Going.NOW)
    answer_all(people, asked)
    a_release(people, asked)
    assert going("answers") == Going.DONE


def test_an_ordinary_case_may_ask_nobody(case: Decision, people: People) -> None:
    classified(people, case, Kind.ORDINARY).start(people["shenlin"])
    assert "consultation" not in {stop.station.key for stop in road(case)}


@pytest.mark.parametrize(
    ("market", "days", "enough"), [(False, 12, True), (False, 7, False), (True, 12, False), (True, 30, True)]
)
def test_a_normative_document_has_a_shortest_window_of_its_own(
    people: People, market: bool, days: int, enough: bool
) -> None:
    asked = a_consultation(people, window_days=30)
    asked.decision.classify(people["shenlin"], Kind.NORMATIVE, "对外有普遍约束力。", market=market)
    asked.window_days = days
    lacking = [refusal.code for refusal in unmet(asked, "consultation.submit", people["shenlin"])]
    assert ("normative_window_long_enough" not in lacking) is enough
    assert "window_long_enough" not in lacking


def test_ending_a_case_takes_a_reason(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet):
        case.end(people["xujing"], "")
    case.end(people["xujing"], "上级已统一规定。")
    assert (case.stage, case.ended_reason) == (CaseStage.ENDED, "上级已统一规定。")
