"""Original, points, groups: nothing of what was said is lost between them, every move is kept, and every move can be undone."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import scoped_session

from models.comments.arrange import (
    Mark,
    PointMove,
    gather,
    group_of,
    groups_of,
    put,
    relate,
    split,
    take_out,
    undo,
    way_of,
    words_of,
)
from models.comments.comment import Comment
from models.comments.mine import answers
from models.comments.point import Point, PointGroup, PointStage, counts
from models.comments.release import release
from models.decisions.consultation import Consultation
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.lifecycle import sentence
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.people.officer import Post
from tests.conftest import People
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines
TEXT = "我在市场卖豆腐。五点太晚，建议提前到四点。还有东门路灯坏了三盏。停两个小时也太短。"
EARLY, LAMPS = Mark(8, 21), Mark(23, 32)


@pytest.fixture
def asked(people: People) -> Consultation:
    return a_consultation(people)


@pytest.fixture
def said(asked: Consultation) -> Comment:
    return a_comment(asked, a_resident(1), TEXT).comment


def points_of(said: Comment, session: scoped_session[Any]) -> list[Point]:
    session.expire_all()
    return list(session.scalars(select(Point).where(Point.comment_id == said.id).order_by(Point.number)).unique())


def settle(people: People, point: Point) -> None:
    point.answer(people["shenlin"], "not_adopted", "第二条要让更多人停得下，我们数了三天。", gist="嫌短")
    point.submit(people["shenlin"])
    point.approve(people["xujing"])


def test_marked_words_become_points_and_nothing_is_left_over(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    made = split(said, people["shenlin"], [EARLY, LAMPS])
    first, early, lamps = points_of(said, session)
    assert [p.id for p in made] == [early.id, lamps.id]
    words = words_of([first, early, lamps])
    assert words[early.id] == TEXT[8:21]
    assert words[lamps.id] == TEXT[23:32]
    for piece in words[first.id].split("……"):
        assert piece in TEXT
    kept = words[first.id].replace("……", "") + words[early.id] + words[lamps.id]
    assert sorted(kept) == sorted(TEXT), "every character belongs to exactly one point"
    assert asked.n_points == 3
    assert (early.serial_words, first.serial_words) == ("0001-2", "0001")
    trace = session.scalars(select(Trace).where(Trace.verb == "split")).one()
    assert sentence(trace) == "把第0001号意见分出2点"


def test_every_point_of_a_person_is_answered_before_anything_goes_out(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    split(said, people["shenlin"], [EARLY, LAMPS])
    law.move(40 * 86_400)
    session.flush()
    first, early, lamps = points_of(said, session)
    settle(people, first)
    settle(people, early)
    session.flush()
    with pytest.raises(RuleUnmet, match="没有答复"):
        release(asked, people["wuqiming"], 3)
    with pytest.raises(OutOfTurn, match="退回以后才能并"):
        lamps.join(people["shenlin"])
    settle(people, lamps)
    session.flush()
    release(asked, people["wuqiming"], 3)
    session.flush()
    session.expire_all()
    shown = answers([said.id])[said.id]
    assert len(shown) == 3
    assert all(row.outcome and row.reason for row in shown)


def test_what_was_joined_is_answered_by_the_first_point(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    split(said, people["shenlin"], [EARLY, LAMPS])
    _, early, lamps = points_of(said, session)
    lamps.join(people["shenlin"])
    session.flush()
    first, early, lamps = points_of(said, session)
    assert (lamps.stage, lamps.joined_into, asked.n_points) == (PointStage.WITHDRAWN, first, 2)
    assert TEXT[23:32] in words_of([first])[first.id], "its words are the first point's again"
    law.move(40 * 86_400)
    settle(people, first)
    settle(people, early)
    session.flush()
    release(asked, people["wuqiming"], 2)
    session.flush()
    assert len(answers([said.id])[said.id]) == 2


def test_a_joined_point_is_taken_apart_again_and_its_drafts_are_kept(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    (early,) = split(said, people["shenlin"], [EARLY])
    early.answer(people["shenlin"], "not_adopted", "五点是和住户商量定的。", gist="提前卸货")
    early.join(people["shenlin"])
    early.part(people["shenlin"])
    session.flush()
    assert early.stage == PointStage.OPEN
    assert [v.reason for v in early.versions] == ["五点是和住户商量定的。"]
    assert points_of(said, session)[0].consultation.n_points == 2
    with pytest.raises(OutOfTurn):
        early.part(people["shenlin"])


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ([], "请先划出"),
        ([Mark(0, 500)], "不在这份意见里"),
        ([Mark(5, 5)], "不在这份意见里"),
        ([Mark(7, 8)], "没有字"),
        ([Mark(0, 8), Mark(6, 12)], "重叠"),
        ([Mark(0, len(TEXT))], "全划走了"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_and_changes_nothing(
    people: People, session: scoped_session[Any], said: Comment, marks: list[Mark], words: str
) -> None:
    with pytest.raises(RuleUnmet, match=words):
        split(said, people["shenlin"], marks)
    assert len(points_of(said, session)) == 1


def test_only_who_answers_splits_and_a_withdrawn_comment_is_let_be(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    with pytest.raises(NotAllowed):
        split(said, people["wuqiming"], [EARLY])
    (early,) = split(said, people["shenlin"], [EARLY])
    early.join(people["shenlin"])
    session.flush()
    said.withdraw(said.resident)
    session.flush()
    session.expire_all()
    assert asked.n_points == 0, "joined and withdrawn is not counted down twice"
    with pytest.raises(OutOfTurn, match="撤回"):
        early.part(people["shenlin"])
    with pytest.raises(OutOfTurn, match="撤回"):
        split(said, people["shenlin"], [LAMPS])


# --- groups -----------------------------------------------------------------------------------------------------------


def test_points_go_into_groups_from_one_to_another_and_out_and_the_way_is_kept(
    people: People, session: scoped_session[Any], asked: Consultation
) -> None:
    points = [
        p.id for n in range(4) for p in points_of(a_comment(asked, a_resident(10 + n), f"第{n}句").comment, session)
    ]
    clerk = people["shenlin"]
    early = gather(asked, clerk, "卸货提前到四点", points[:3])
    quiet = gather(asked, clerk, "夜里太吵", points[3:])
    assert put(quiet, clerk, points[2:4]) == 1, "what is there already is not moved"
    assert take_out(early, clerk, points[:1]) == 1
    session.flush()
    session.expire_all()
    assert (early.n_points, quiet.n_points) == (1, 2)
    third = session.get(Point, points[2])
    assert third is not None
    assert [(m.before, m.after) for m in way_of(third)] == [("", "卸货提前到四点"), ("卸货提前到四点", "夜里太吵")]
    assert [(row.PointGroup.name, bool(row.left)) for row in groups_of(asked)] == [
        ("夜里太吵", True),
        ("卸货提前到四点", True),
    ]
    with pytest.raises(OutOfTurn, match="已经在那里"):
        put(quiet, clerk, points[2:4])
    third.comment.withdraw(third.comment.resident)
    session.expire_all()
    assert quiet.n_points == 1


def test_every_move_can_be_undone_back_to_the_beginning_and_is_traced(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    clerk = people["shenlin"]
    other = points_of(a_comment(asked, a_resident(2), "夜里太吵").comment, session)[0]
    made = split(said, clerk, [EARLY, LAMPS])
    group = gather(asked, clerk, "卸货", [made[0].id, other.id])
    second = gather(asked, clerk, "路灯", [made[1].id])
    put(second, clerk, [other.id])
    take_out(group, clerk, [made[0].id])
    made[1].join(clerk)
    session.flush()

    def state() -> list[Any]:
        session.expire_all()
        rows = session.execute(select(Point.number, Point.group_id, Point.stage, Point.comment_id).order_by(Point.id))
        sizes = dict(session.execute(select(PointGroup.id, PointGroup.n_points)).all())
        for number, size in sizes.items():
            where = (Point.group_id == number) & (Point.stage != PointStage.WITHDRAWN)
            assert size == session.scalar(select(func.count()).select_from(Point).where(where))
        assert asked.n_points == sum(counts(asked).values()) - counts(asked)["withdrawn"]
        return [tuple(row) for row in rows]

    assert state()[3][2] == PointStage.WITHDRAWN
    said_words = []
    for _ in range(6):
        said_words.append(undo(asked, clerk))
        session.flush()
        state()
    assert said_words == [
        "并回一点", "归组，1条要点回到原处", "归组，1条要点回到原处", "归组，1条要点回到原处", "归组，2条要点回到原处", "分出2点",
    ]  # fmt: skip
    at_last = state()
    assert [row[1] for row in at_last] == [None] * 4
    assert [row[2] for row in at_last].count(PointStage.OPEN) == 2, "two comments, one point each, as at first"
    with pytest.raises(OutOfTurn, match="没有可以撤回的"):
        undo(asked, clerk)
    assert session.scalar(select(func.count()).where(Trace.verb == "undo")) == 6
    assert session.scalar(select(func.count()).select_from(PointMove)) == 10, "five moves there and five back: all kept"


def test_what_a_colleague_moved_on_is_not_torn_back(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    point = points_of(said, session)[0]
    clerk, colleague = people["shenlin"], people["linxiao"]
    colleague.give(Post.HANDLER)
    gather(asked, clerk, "甲", [point.id])
    gather(asked, colleague, "乙", [point.id])
    with pytest.raises(OutOfTurn, match="后来又被移动过"):
        undo(asked, clerk)


def test_a_point_is_related_to_the_clause_that_it_is_about_and_back(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    """Who spoke in the chat named no clause; the clerk does, and what was written stays as it was."""
    clerk = people["shenlin"]
    other = points_of(a_comment(asked, a_resident(2), "停一小时太短。").comment, session)[0]
    first = points_of(said, session)[0]
    assert asked.draft
    second, third = asked.draft.speakable[1:3]
    relate(asked, clerk, second, [first.id])
    assert relate(asked, clerk, third, [first.id, other.id]) == 2
    session.flush()
    trace = session.scalars(select(Trace).where(Trace.verb == "relate").order_by(Trace.id.desc())).first()
    assert trace
    assert sentence(trace).endswith("把2条要点对到第三条")
    assert points_of(said, session)[0].clause_id == third.id
    assert said.clause_id is None, "the original is never changed"
    assert undo(asked, clerk) == "对应的条款，2条要点对回原处"
    session.flush()
    assert points_of(said, session)[0].clause_id == second.id
    assert session.scalar(select(Point.clause_id).where(Point.id == other.id)) is None
    undo(asked, clerk)
    assert points_of(said, session)[0].clause_id is None
    with pytest.raises(OutOfTurn, match="没有可以撤回的"):
        undo(asked, clerk)


def test_an_answer_on_its_way_and_new_words_stay_with_their_clause(
    people: People, session: scoped_session[Any], asked: Consultation, said: Comment
) -> None:
    clerk = people["shenlin"]
    other, third = (points_of(a_comment(asked, a_resident(n), "停一小时太短。").comment, session)[0] for n in (2, 3))
    point = points_of(said, session)[0]
    assert asked.draft
    clause, elsewhere = asked.draft.speakable[1:3]
    relate(asked, clerk, clause, [point.id, other.id, third.id])
    session.expire_all()
    settle(people, point)
    session.get_one(Point, other.id).answer(
        clerk, "adopted", "第二条按您说的改。", gist="嫌短", revised="每次不超过2小时。"
    )
    session.flush()
    assert relate(asked, clerk, elsewhere, [point.id, other.id, third.id]) == 1
    with pytest.raises(OutOfTurn, match="正在审核、已经写了改后的条文"):
        relate(asked, clerk, elsewhere, [point.id, other.id])
    foreign = a_consultation(people, title="另一件事")
    assert foreign.draft
    with pytest.raises(RuleUnmet, match="从这份草案里选"):
        relate(asked, clerk, foreign.draft.speakable[0], [third.id])
    with pytest.raises(NotAllowed):
        relate(asked, people["luojing"], clause, [third.id])


def test_a_name_that_no_database_can_hold_is_nobodys(people: People, asked: Consultation) -> None:
    a_comment(asked, a_resident(1), TEXT)
    group = gather(asked, people["shenlin"], "停车", [p.id for p in db.session.scalars(select(Point))])
    db.session.flush()
    assert group_of(group.public_id) is group
    assert group_of(f"{group.public_id[:6]}\x00{group.public_id[7:]}") is None
    assert not db.session.scalars(select(Point).where(Point.public_id.in_(["\x00", "a\x00b"]))).all()
