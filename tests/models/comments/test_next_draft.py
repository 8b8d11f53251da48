"""The next version takes up what was adopted; each changed clause names its points, everything else its reason."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.comments.change import Fate, changes_of, compared, explain, keep_change, read_now, unexplained
from models.comments.next_draft import plan, write_next
from models.comments.point import Point
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, Draft, newest_draft
from models.kernel.refusal import NotAllowed, RuleUnmet
from tests.conftest import People
from tests.making import a_comment, a_consultation, a_resident, points_of

TWO_HOURS = "每日6:00至10:00，市场东路西侧供买菜居民短时停放，每次不超过2小时。"
NOON = "每日6:00至12:00，市场东路西侧供买菜居民短时停放，每次不超过1小时。"


@pytest.fixture
def asked(people: People, session: scoped_session[Any]) -> Consultation:
    return a_consultation(people)


def clause(asked: Consultation, label: str) -> Clause:
    draft = newest_draft(asked.decision)
    assert draft
    return next(one for one in draft.clauses if one.label == label)


def adopt(people: People, asked: Consultation, revised: str | None, label: str = "第二条") -> Point:
    """One more comment on a clause, adopted by two persons."""
    about = next(one for one in asked.draft.clauses if one.label == label) if asked.draft else None
    given = a_comment(asked, a_resident(len(points_of(asked)) + 1), clause=about)
    (point,) = [one for one in points_of(asked) if one.comment_id == given.comment.id]
    point.answer(people["shenlin"], "adopted", "数过了，两小时停得下。", gist="一小时太短", revised=revised)
    point.submit(people["shenlin"])
    point.approve(people["xujing"])
    return point


def test_one_adopted_wording_goes_in_and_the_clause_names_its_points(asked: Consultation, people: People) -> None:
    points = [adopt(people, asked, TWO_HOURS), adopt(people, asked, TWO_HOURS)]
    draft = write_next(asked.decision, people["shenlin"], 1, {}, {})
    assert draft.number == 2
    assert "第二条 " + TWO_HOURS + "\n" in draft.source
    changed = [row for row in changes_of(draft) if row.differs]
    assert [(row.fate, row.points) for row in changed] == [(Fate.CHANGED, points)]
    assert not unexplained(draft)
    assert not plan(asked.decision).places


def test_an_answer_that_waits_for_the_second_person_moves_nothing(asked: Consultation, people: People) -> None:
    a_comment(asked, a_resident(1), clause=clause(asked, "第二条"))
    (point,) = points_of(asked)
    point.answer(people["shenlin"], "adopted", "好。", gist="短", revised=TWO_HOURS)
    assert not plan(asked.decision).places
    with pytest.raises(RuleUnmet, match="没有不同"):
        write_next(asked.decision, people["shenlin"], 1, {}, {})


def test_two_wordings_of_one_clause_wait_for_a_decision(asked: Consultation, people: People) -> None:
    points = [adopt(people, asked, TWO_HOURS), adopt(people, asked, NOON)]
    second = clause(asked, "第二条")
    with pytest.raises(RuleUnmet) as refused:
        write_next(asked.decision, people["shenlin"], 1, {}, {})
    assert f"words-{second.public_id}" in refused.value.fields
    both = "每日6:00至12:00，市场东路西侧供买菜居民短时停放，每次不超过2小时。"
    draft = write_next(asked.decision, people["shenlin"], 1, {second.public_id: both}, {})
    assert both in draft.source
    assert [row.points for row in changes_of(draft) if row.differs] == [points]


def test_what_no_comment_moved_needs_its_reason(asked: Consultation, people: People) -> None:
    third = clause(asked, "第三条")
    words = {third.public_id: "本办法自2027年5月1日起施行。"}
    with pytest.raises(RuleUnmet) as refused:
        write_next(asked.decision, people["shenlin"], 1, words, {})
    assert list(refused.value.fields) == [f"reason-{third.public_id}"]
    draft = write_next(asked.decision, people["shenlin"], 1, words, {third.public_id: "合法性审查建议推迟施行。"})
    (row,) = [row for row in changes_of(draft) if row.differs]
    assert (row.points, row.reasons) == ([], ["合法性审查建议推迟施行。"])


def test_an_adopted_wording_cannot_be_left_out_silently(asked: Consultation, people: People) -> None:
    adopt(people, asked, TWO_HOURS)
    second = clause(asked, "第二条")
    with pytest.raises(RuleUnmet, match="还不能存"):
        write_next(asked.decision, people["shenlin"], 1, {second.public_id: second.body}, {})


def test_a_clause_put_in_moves_the_numbers_but_not_the_lineage(asked: Consultation, people: People) -> None:
    point = adopt(people, asked, "每次不超过2小时。\n第三条 车位由市场社区管理。")
    draft = write_next(asked.decision, people["shenlin"], 1, {}, {})
    assert [one.label for one in draft.speakable] == ["第一条", "第二条", "第三条", "第四条"]
    fates = {(row.after or row.before).label: row.fate for row in changes_of(draft)}  # type: ignore[union-attr]
    assert fates["第三条"] == Fate.ADDED
    assert fates["第四条"] == Fate.RENUMBERED
    assert all(row.points == [point] for row in changes_of(draft) if row.differs)
    assert "第四条 本办法自2027年3月1日起施行。" in draft.source


def test_a_clause_taken_out_closes_the_gap(asked: Consultation, people: People) -> None:
    second = clause(asked, "第二条")
    draft = write_next(asked.decision, people["shenlin"], 1, {second.public_id: ""}, {second.public_id: "另有规定。"})
    assert [one.label for one in draft.speakable] == ["第一条", "第二条"]
    (row,) = [row for row in changes_of(draft) if row.differs]
    assert (row.fate, row.reasons) == (Fate.REMOVED, ["另有规定。"])


def test_a_pasted_version_shows_what_it_has_not_explained(asked: Consultation, people: People) -> None:
    assert asked.draft
    point = adopt(people, asked, None)
    draft = Draft.write(people["shenlin"], asked.decision, asked.draft.source.replace("1小时", "2小时"))
    (row,) = unexplained(draft)
    with pytest.raises(RuleUnmet, match="其他修改理由"):
        explain(asked.decision, people["shenlin"], draft, row.before, row.after)
    explain(asked.decision, people["shenlin"], draft, row.before, row.after, points=[point])
    assert not unexplained(draft)
    (row,) = [row for row in changes_of(draft) if row.differs]
    assert row.points == [point]
    same = next(one for one in changes_of(draft) if not one.differs)
    with pytest.raises(RuleUnmet, match="没有不同"):
        explain(asked.decision, people["shenlin"], draft, same.before, same.after, reason="x")


def test_points_that_were_not_adopted_move_nothing(asked: Consultation, people: People) -> None:
    assert asked.draft
    a_comment(asked, a_resident(9))
    (point,) = points_of(asked)
    draft = Draft.write(people["shenlin"], asked.decision, asked.draft.source.replace("1小时", "2小时"))
    (row,) = unexplained(draft)
    with pytest.raises(RuleUnmet, match="没有审定"):
        explain(asked.decision, people["shenlin"], draft, row.before, row.after, points=[point])


def test_versions_far_apart_are_compared_with_every_cause_on_the_way(asked: Consultation, people: People) -> None:
    assert asked.draft
    point = adopt(people, asked, TWO_HOURS)
    write_next(asked.decision, people["shenlin"], 1, {}, {})
    second = clause(asked, "第二条")
    words, why = {second.public_id: TWO_HOURS.replace("东路", "西路")}, {second.public_id: "路名写错了。"}
    last = write_next(asked.decision, people["shenlin"], 2, words, why)
    (row,) = [row for row in compared(asked.draft, last) if row.differs]
    assert (row.points, row.reasons) == ([point], ["路名写错了。"])
    assert read_now([point.id])[point.id].words == TWO_HOURS.replace("东路", "西路")


def test_a_wording_waits_again_when_the_clause_has_moved_on(asked: Consultation, people: People) -> None:
    assert asked.draft
    Draft.write(people["shenlin"], asked.decision, asked.draft.source.replace("东路", "西路"))
    adopt(people, asked, TWO_HOURS)
    (place,) = plan(asked.decision).places.values()
    assert place.conflict
    with pytest.raises(RuleUnmet, match="还不能存"):
        write_next(asked.decision, people["shenlin"], 2, {}, {})


def test_somebody_else_wrote_a_version_meanwhile(asked: Consultation, people: People) -> None:
    assert asked.draft
    adopt(people, asked, TWO_HOURS)
    Draft.write(people["shenlin"], asked.decision, asked.draft.source)
    with pytest.raises(RuleUnmet, match="刷新"):
        write_next(asked.decision, people["shenlin"], 1, {}, {})


def test_only_the_handler_writes_versions(asked: Consultation, people: People) -> None:
    for login in ("xujing", "mafang", "wuqiming"):
        with pytest.raises(NotAllowed):
            write_next(asked.decision, people[login], 1, {}, {})


@pytest.mark.both_engines
def test_the_database_keeps_why_a_clause_changed(
    asked: Consultation, people: People, session: scoped_session[Any]
) -> None:
    adopt(people, asked, TWO_HOURS)
    draft = write_next(asked.decision, people["shenlin"], 1, {}, {})
    session.flush()
    for sql in ("UPDATE clause_change SET reason = '别的'", "DELETE FROM change_point"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
    with session.begin_nested() as began:
        keep_change(draft, None, draft.clauses[0], [], "", people["shenlin"])
        with pytest.raises(DBAPIError):
            session.flush()
        began.rollback()
