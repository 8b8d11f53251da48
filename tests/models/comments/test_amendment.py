"""A released answer is never changed: it is corrected beside itself, or added to, by two persons, and its writer hears once."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models.comments.amendment import Amendment, AmendmentStage, amended
from models.comments.point import Outcome, Point
from models.comments.release import Release
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.messages.audience import expand
from models.messages.message import Message
from tests.making import a_comment, a_consultation, a_release, a_resident, an_amendment, answer_all

pytestmark = pytest.mark.both_engines


@pytest.fixture
def released(people: Any, clock: Any) -> tuple[Consultation, list[Point]]:
    """Two people, two points, both not adopted, released."""
    asked = a_consultation(people)
    for number in (1, 2):
        a_comment(asked, a_resident(number), f"第{number}个人说一个小时不够。")
    clock.forward(days=31)
    db.session.refresh(asked)
    points = answer_all(people, asked)
    a_release(people, asked)
    for point in points:
        db.session.refresh(point)
    return asked, points


def test_a_correction_is_a_release_of_its_own_and_the_released_answer_stays_whole(
    people: Any, released: tuple[Consultation, list[Point]]
) -> None:
    asked, (point, other) = released
    first = Release.of(asked)
    assert first
    before = (point.outcome, point.reason, point.author_id, point.approver_id)
    made = an_amendment(people, point)
    made.approve(people["xujing"])
    made.release(people["zhoumin"])
    db.session.flush()
    (put_right,) = Release.corrections(asked)
    assert (put_right.sequence, put_right.corrects_id, put_right.remark) == (2, first.id, made.remark)
    assert put_right.number != first.number
    assert Release.of(asked) is first
    assert (first.totals["outcomes"]["not_adopted"], put_right.totals["outcomes"]["not_adopted"]) == (2, 1)
    assert put_right.totals["outcomes"]["adopted"] == 1
    db.session.refresh(point)
    assert (point.outcome, point.reason, point.author_id, point.approver_id) == before
    assert point.outcome == Outcome.NOT_ADOPTED
    (row,) = amended([point.id, other.id])[point.id]
    assert (row.outcome, row.number, row.remark) == (Outcome.ADOPTED, put_right.number, made.remark)
    again = Amendment.correct(people["shenlin"], point, "other", "转给了交警大队。", "上次更正也不准确。")
    again.approve(people["hexiulan"])
    again.release(people["wuqiming"])
    last = Release.corrections(asked)[-1]
    assert (last.sequence, last.totals["outcomes"]["adopted"], last.totals["outcomes"]["other"]) == (3, 0, 1)


def test_only_whose_point_it_is_hears_of_it_and_only_once(
    people: Any, released: tuple[Consultation, list[Point]], session: Any
) -> None:
    _, (point, _) = released
    for kind, approver in (("correction", "xujing"), ("supplement", "hexiulan")):
        made = an_amendment(people, point, kind)
        made.approve(people[approver])
        made.release(people["zhoumin"])
        fact = session.query(Trace).filter_by(subject_kind="Amendment", verb="release", subject_id=made.id).one()
        assert (expand(fact), expand(fact)) == (1, 0)
        (told,) = session.query(Message).filter_by(fact_id=fact.id).all()
        assert told.resident_id == point.comment.resident_id


def test_a_supplement_is_another_officers_and_changes_no_outcome(
    people: Any, released: tuple[Consultation, list[Point]]
) -> None:
    asked, (point, _) = released
    with pytest.raises(NotAllowed, match="写答复以外的人"):
        Amendment.supplement(people["shenlin"], point, "再说一句。")
    made = an_amendment(people, point, "supplement")
    with pytest.raises(RuleUnmet, match="两个人"):
        made.approve(people["xujing"])
    made.approve(people["hexiulan"])
    made.release(people["zhoumin"])
    assert not Release.corrections(asked)
    (row,) = amended([point.id])[point.id]
    assert (row.outcome, row.number, row.text) == (None, None, "北侧停车场下月开放，可停三小时。")


@pytest.mark.parametrize(
    ("outcome", "reason", "remark", "field"),
    [("", "理由", "说明", "outcome"), ("adopted", " ", "说明", "text"), ("adopted", "理由", " ", "remark")],
)
def test_a_correction_lacks_neither_outcome_nor_reason_nor_note(
    people: Any, released: tuple[Consultation, list[Point]], outcome: str, reason: str, remark: str, field: str
) -> None:
    _, (point, _) = released
    with pytest.raises(RuleUnmet) as refused:
        Amendment.correct(people["shenlin"], point, outcome, reason, remark)
    assert field in refused.value.fields


def test_before_the_release_the_answer_itself_is_changed_and_one_amendment_is_under_way_at_a_time(
    people: Any, released: tuple[Consultation, list[Point]]
) -> None:
    _, (point, _) = released
    made = an_amendment(people, point)
    with pytest.raises(OutOfTurn, match="在办"):
        an_amendment(people, point, "supplement")
    made.send_back(people["xujing"], "说明写得不清楚")
    assert made.stage == AmendmentStage.RETURNED
    an_amendment(people, point)
    asked = a_consultation(people, title="另一件事")
    fresh = a_comment(asked, a_resident(9)).comment
    unanswered = db.session.query(Point).filter_by(comment_id=fresh.id).one()
    with pytest.raises(OutOfTurn, match="发布以后"):
        an_amendment(people, unanswered)


def test_the_database_itself_holds_to_it(people: Any, released: tuple[Consultation, list[Point]], session: Any) -> None:
    asked, (point, _) = released
    made = an_amendment(people, point)
    made.approve(people["xujing"])
    made.release(people["zhoumin"])
    session.commit()
    for statement in (
        "UPDATE amendment SET text = 'x'",
        "UPDATE amendment SET stage = 'proposed'",
        "DELETE FROM amendment",
        "UPDATE release SET remark = 'x'",
        "UPDATE point SET outcome = 'adopted'",
        f"INSERT INTO release (public_id, consultation_id, sequence, remark, number, released_at, officer_id, totals, points) "
        f"SELECT 'zzzzzzzzzzzz', consultation_id, 9, '', 'N', released_at, officer_id, totals, points FROM release "
        f"WHERE sequence = 1 AND consultation_id = {asked.id}",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()
