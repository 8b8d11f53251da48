"""Risks are named, each with measures and a plan, approved by a second person, and adjusted until under control."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.decisions.decision import Decision
from models.decisions.matter import Procedure
from models.decisions.procedure import excuse, require
from models.decisions.risk import (
    Level,
    Risk,
    RiskStage,
    assessed,
    controllable,
    level_of,
    risk_assessed_or_excused,
)
from models.decisions.road import Going, standing_of
from models.kernel.lifecycle import unmet
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from tests.conftest import People
from tests.making import RISK_POINT, a_pdf, an_assessment


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    """A case that needs an assessment."""
    made = Decision.open(people["shenlin"], "农贸市场周边停车管理办法")
    require(made, people["xujing"], Procedure.RISK, owner=people["shenlin"])
    return made


def lacks(risk: Risk, people: People) -> dict[str, str]:
    return {refusal.code: refusal.sentence for refusal in unmet(risk, "risk.submit", people["shenlin"])}


def written(people: People, case: Decision, points: list[Mapping[str, Any]] | None = None, **more: Any) -> Risk:
    made: Risk = Risk.begin(people["shenlin"], case)
    told = {"level": Level.LOW, "controllable": True, "asked": "派出所", "conclusion": "可控。"} | more
    made.revise(people["shenlin"], [RISK_POINT] if points is None else points, **told)
    return made


@given(st.sampled_from(list(Level)), st.sampled_from(list(Level)), st.sampled_from(list(Level)))
def test_more_likely_or_graver_is_never_less_risky(a: Level, b: Level, other: Level) -> None:
    lower, higher = sorted((a, b), key=lambda one: one.weight)
    assert level_of(lower, other).weight <= level_of(higher, other).weight
    assert level_of(other, lower).weight <= level_of(other, higher).weight
    assert level_of(a, other) == level_of(other, a)


def test_an_assessment_hears_others_by_article_23(case: Decision, people: People) -> None:
    assert "条例第二十三条" in lacks(written(people, case, asked=""), people)["risk_others_heard"]


@pytest.mark.parametrize(("name", "word"), [("measures", "防范措施"), ("plan", "处置预案"), ("probability", "可能性")])
def test_every_point_has_its_measures_and_its_plan(case: Decision, people: People, name: str, word: str) -> None:
    risk = written(people, case, [RISK_POINT, RISK_POINT | {name: None}])
    sentence = lacks(risk, people)["risk_points_complete"]
    assert "第2个风险点" in sentence
    assert word in sentence
    assert "条例第二十三条" in sentence
    with pytest.raises(RuleUnmet):
        risk.submit(people["shenlin"])


def test_without_points_there_is_no_assessment_unless_it_was_made_elsewhere(case: Decision, people: People) -> None:
    risk = written(people, case, [], elsewhere="县住建局2026年老旧小区改造社会稳定风险评估")
    assert "报告交进来" in lacks(risk, people)["risk_points_complete"]
    risk.attach(people["shenlin"], "社会稳定风险评估报告", a_pdf())
    assert lacks(risk, people) == {}


def test_a_point_that_does_not_say_what_may_happen_is_refused(case: Decision, people: People) -> None:
    with pytest.raises(RuleUnmet) as refused:
        written(people, case, [RISK_POINT | {"what": " "}])
    assert "第1个风险点" in refused.value.fields["points"]


def test_what_is_highly_risky_is_not_called_controllable_nor_low(case: Decision, people: People) -> None:
    grave = RISK_POINT | {"probability": "high", "consequence": "high"}
    risk = written(people, case, [grave])
    assert set(lacks(risk, people)) == {"level_covers_every_point"}
    risk.revise(people["shenlin"], [grave], level=Level.HIGH, controllable=True)
    assert "不得作出决策" in lacks(risk, people)["high_risk_is_adjusted_first"]
    risk.revise(people["shenlin"], [grave], level=Level.HIGH, controllable=False)
    assert lacks(risk, people) == {}


def test_who_wrote_it_does_not_approve_it(case: Decision, people: People) -> None:
    risk = written(people, case)
    risk.submit(people["xujing"])
    with pytest.raises(RuleUnmet) as refused:
        risk.approve(people["xujing"])
    assert refused.value.code == "approver_is_not_assessor"
    with pytest.raises(NotAllowed):
        risk.approve(people["shenlin"])
    risk.approve(people["hexiulan"])
    assert (risk.stage, risk.verdict) == (RiskStage.APPROVED, "低风险，可控")


def test_what_cannot_be_controlled_is_adjusted_in_a_new_round_that_says_how(case: Decision, people: People) -> None:
    an_assessment(people, case, controllable=False, level="high")
    standing = standing_of(case, "risk")
    assert standing
    assert standing.going == Going.NOW
    assert "不可控" in standing.says
    assert risk_assessed_or_excused(case, None) is None
    assert not controllable(case)
    second = Risk.begin(people["shenlin"], case)
    assert [point.what for point in second.points] == [RISK_POINT["what"]]
    assert risk_assessed_or_excused(case, None) == "第2轮评估在写。"
    second.revise(people["shenlin"], [RISK_POINT], level=Level.LOW, controllable=True, conclusion="已调整。")
    assert "作了什么调整" in lacks(second, people)["risk_concluded"]
    second.revise(people["shenlin"], [RISK_POINT], level=Level.LOW, controllable=True, adjusted="增加装卸时段。")
    second.submit(people["shenlin"])
    assert not controllable(case)
    second.send_back(people["xujing"], "预案写具体。")
    second.submit(people["shenlin"])
    second.approve(people["xujing"])
    assert controllable(case)
    assert assessed(case) == second


def test_nothing_is_under_control_before_somebody_assessed_or_excused_it(case: Decision, people: People) -> None:
    assert not controllable(case)
    assert risk_assessed_or_excused(case, None) == "需要风险评估，还没有办完。"
    excuse(case, people["xujing"], Procedure.RISK, "只涉及机关内部。")
    assert controllable(case)
    assert risk_assessed_or_excused(case, None) is None


def test_one_round_at_a_time(case: Decision, people: People) -> None:
    Risk.begin(people["shenlin"], case)
    with pytest.raises(OutOfTurn):
        Risk.begin(people["shenlin"], case)


@pytest.mark.both_engines
def test_the_database_keeps_an_approved_assessment_as_it_is(
    case: Decision, people: People, session: scoped_session[Any]
) -> None:
    an_assessment(people, case)
    for sql in (
        "UPDATE risk SET level = 'low', conclusion = '改写'",
        "UPDATE risk_point SET plan = '无'",
        "DELETE FROM risk_point",
        "DELETE FROM risk",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
    other = written(people, Decision.open(people["shenlin"], "另一件"))
    session.flush()
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(f"UPDATE risk SET stage = 'approved', approver_id = author_id WHERE id = {other.id}"))
