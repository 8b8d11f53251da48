"""Original, points, groups: a comment is split by marking its text, points are put together and to clauses; every move is kept and can be undone."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, Integer, Select, String, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.comments.comment import Comment
from models.comments.point import TO_ANSWER, Point, PointGroup, PointStage, group_name, spans
from models.comments.transcription import mended_readings
from models.decisions.consultation import Consultation, Stage
from models.decisions.draft import Clause
from models.kernel.base import Base, BigInt, db
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import Missing, OutOfTurn, Refusal, RuleUnmet
from models.kernel.trail import Trace, note
from models.people.officer import Officer
from models.texts.bigrams import normal
from models.texts.diff import carried

BATCH = 400
"""Numbers in one IN (…)."""
MOST_POINTS = 30
"""Points of one comment; 2,000 characters hold no more."""
UNDOABLE = ("split", "join", "part", "gather", "put", "take_out", "relate")
MOST_RELATED = 2000
"""Points that one deed relates to a clause: its trace names each with where it was."""


class PointMove(Base):
    """A point went into a group, from one to another, or out. Insert-only."""

    __tablename__ = "point_move"
    __table_args__ = (Index("ix_point_move_batch", "batch"), Index("ix_point_move_point", "point_id", "id"))

    batch: Mapped[str] = mapped_column(String(12))
    """What was moved by one deed; the deed's trace names it."""
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("point_group.id"))
    after_id: Mapped[int | None] = mapped_column(ForeignKey("point_group.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class Mark(NamedTuple):
    """Words of a comment that become a point of their own."""

    begins: int
    ends: int
    clause: Clause | None = None
    """What they are about; None: the same as the comment."""


@act(by=ruled("point.arrange"), label="", say="把第{serial}号意见分出{points}点", of=Comment)
def split(comment: Comment, officer: Officer, marks: Sequence[Mark]) -> list[Point]:
    """Points of their own for the marked words; what is not marked stays with the first point, so that nothing is left over."""
    if comment.withdrawn:
        raise OutOfTurn("这份意见已经由本人撤回，不用分了。")
    text = comment.text
    standing = list(spans(comment.id))
    points = (
        db.session.scalars(select(Point).where(Point.comment_id == comment.id).order_by(Point.number)).unique().all()
    )
    first = points[0]
    if first.stage not in TO_ANSWER:
        raise OutOfTurn(f"第一点的答复{first.stage.label}，退回以后才能再分。")
    wanted = sorted(_trimmed(text, mark) for mark in marks)
    if not wanted:
        raise RuleUnmet("请先划出要单独答复的话。", {"marks": "请先划出要单独答复的话。"})
    taken = sorted([*((s.begins, s.ends) for s in standing), *((m.begins, m.ends) for m in wanted)])
    if any(one[1] > other[0] for one, other in pairwise(taken)):
        raise RuleUnmet("划的话和别的要点重叠了，请避开已经划过的字。")
    if len(points) + len(wanted) > MOST_POINTS:
        raise RuleUnmet(f"一份意见最多分{MOST_POINTS}点。")
    if not normal(rest_of(text, taken)):
        raise RuleUnmet("全划走了，第一点就没有话了。留一句不划，它就归第一点。")
    made: list[Point] = []
    for mark in wanted:
        if mark.clause is not None and mark.clause.draft_id != comment.consultation.draft_id:
            raise RuleUnmet("这一条不在这份草案里，请重新选择。", {"clause": "请重新选择。"})
        point = Point(
            comment=comment,
            consultation_id=comment.consultation_id,
            clause_id=mark.clause.id if mark.clause else comment.clause_id,
            number=points[-1].number + len(made) + 1,
            begins=mark.begins,
            ends=mark.ends,
            channel=first.channel,
            place_id=first.place_id,
            handler_id=first.handler_id,
            due_on=first.due_on,
        )
        db.session.add(point)
        made.append(point)
    db.session.flush()
    db.session.execute(
        update(Consultation)
        .where(Consultation.id == comment.consultation_id)
        .values(n_points=Consultation.n_points + len(made))
        .execution_options(synchronize_session=False)
    )
    note(
        serial=comment.serial_words,
        points=len(made),
        made=[point.public_id for point in made],
        marks=[[mark.begins, mark.ends] for mark in wanted],
    )
    return made


def may_split(point: Point, officer: Officer) -> bool:
    """Whether this officer may mark words of its comment now."""
    first = point if point.number == 1 else point.comment.points[0]
    return first.stage in TO_ANSWER and not officer.lacks(point.rules.post_for("point.arrange"))


def _trimmed(text: str, mark: Mark) -> Mark:
    if not 0 <= mark.begins < mark.ends <= len(text):
        raise RuleUnmet("划的位置不在这份意见里，请重新划。")
    words = text[mark.begins : mark.ends]
    begins = mark.begins + len(words) - len(words.lstrip())
    ends = mark.ends - (len(words) - len(words.rstrip()))
    if begins >= ends or not normal(words):
        raise RuleUnmet("划的地方没有字，请重新划。")
    return Mark(begins, ends, mark.clause)


def rest_of(text: str, taken: Iterable[tuple[int, int]]) -> str:
    """The words that no span has, in order, with …… where something was taken out."""
    parts, at = [], 0
    for begins, ends in sorted(taken):
        parts.append(text[at:begins])
        at = max(at, ends)
    parts.append(text[at:])
    return "……".join(part.strip() for part in parts if part.strip())


def words_of(points: Sequence[Point]) -> dict[int, str]:
    """What each point says, by its number: the marked words, or all that no other point of its comment has.

    Where a second person read the letter or the recording otherwise than it was first written down, it is their reading that counts.
    """
    firsts = [point.comment_id for point in points if point.begins is None]
    taken: dict[int, list[tuple[int, int]]] = {}
    for start in range(0, len(firsts), BATCH):
        rows = db.session.execute(
            select(Point.comment_id, Point.begins, Point.ends).where(
                Point.comment_id.in_(firsts[start : start + BATCH]),
                Point.begins.is_not(None),
                Point.stage != PointStage.WITHDRAWN,
            )
        )
        for comment_id, begins, ends in rows:
            taken.setdefault(comment_id, []).append((begins or 0, ends or 0))
    found, read = {}, mended_readings({point.comment_id for point in points})
    for point in points:
        try:
            text = point.comment.text
        except Missing:
            found[point.id] = point.comment.readable
            continue
        marks = [(point.begins, point.ends or 0)] if point.begins is not None else taken.get(point.comment_id, [])
        if second := read.get(point.comment_id):
            text, marks = second, carried(marks, text, second)
        found[point.id] = text[slice(*marks[0])] if point.begins is not None else rest_of(text, marks)
    return found


# --- groups -----------------------------------------------------------------------------------------------------------


@act(Stage.PUBLISHED, by=ruled("point.arrange"), label="", say="把{points}条要点归成一组「{name}」", of=Consultation)
def gather(consultation: Consultation, officer: Officer, name: str, points: Sequence[int]) -> PointGroup:
    """A new group with these points (by their numbers), from wherever they were."""
    made = PointGroup(consultation=consultation, name=group_name(name), made_by=officer, made_at=now())
    db.session.add(made)
    db.session.flush()
    batch, moved = _move(consultation.id, officer, made.id, points)
    note(group=made.public_id, name=made.name, points=moved, batch=batch)
    return made


@act(by=ruled("point.arrange"), label="", say="把{points}条要点归入「{name}」", of=PointGroup)
def put(group: PointGroup, officer: Officer, points: Sequence[int]) -> int:
    """More points into a group; those that are in it stay; returns how many moved."""
    batch, moved = _move(group.consultation_id, officer, group.id, points)
    note(name=group.name, points=moved, batch=batch)
    return moved


@act(by=ruled("point.arrange"), label="", say="从「{name}」拿出{points}条要点", of=PointGroup)
def take_out(group: PointGroup, officer: Officer, points: Sequence[int]) -> int:
    """Out of the group; the points and their answers stay as they are."""
    batch, moved = _move(group.consultation_id, officer, None, points, out_of=group.id)
    note(name=group.name, points=moved, batch=batch)
    return moved


def _move(
    consultation_id: int, officer: Officer, into: int | None, points: Sequence[int], *, out_of: int | None = None
) -> tuple[str, int]:
    """The moves as rows, then the points; in a handful of statements for a thousand of them."""
    if not points:
        raise RuleUnmet("请先选要点。", {"points": "请先选要点。"})
    batch, at, moved = new_public_id(), now(), 0
    for start in range(0, len(points), BATCH):
        chosen = (
            Point.consultation_id == consultation_id,
            Point.id.in_(points[start : start + BATCH]),
            Point.stage != PointStage.WITHDRAWN,
            Point.group_id == out_of if into is None else func.coalesce(Point.group_id, 0) != into,
        )
        rows = select(
            literal(batch), Point.id, Point.group_id, literal(into, Point.group_id.type), literal(officer.id),
            literal(at, PointMove.made_at.type),
        ).where(*chosen)  # fmt: skip
        names = ["batch", "point_id", "before_id", "after_id", "officer_id", "made_at"]
        db.session.execute(insert(PointMove).from_select(names, rows))
        moved += _set(list(db.session.scalars(select(Point.id).where(*chosen))), group_id=into)
    if not moved:
        raise OutOfTurn("选的要点都已经在那里了，或者已经撤回。")
    _recount(batch)
    return batch, moved


def _set(points: Sequence[int], **where: int | None) -> int:
    db.session.execute(
        update(Point)
        .where(Point.id.in_(points))
        .values(**where, version=Point.version + 1)
        .execution_options(synchronize_session=False)
    )
    for point in points:
        known = db.session.identity_map.get(db.session.identity_key(Point, point))
        if known is not None:
            db.session.expire(known)
    return len(points)


def _recount(batch: str) -> None:
    """The groups that a batch touched count their points anew by its rows."""
    for column, sign in ((PointMove.before_id, -1), (PointMove.after_id, 1)):
        rows = db.session.execute(
            select(column, func.count())
            .where(PointMove.batch == batch, column.is_not(None))
            .group_by(column)
            .order_by(column)
        ).all()
        for group, number in rows:
            db.session.execute(
                update(PointGroup)
                .where(PointGroup.id == group)
                .values(n_points=PointGroup.n_points + sign * number)
                .execution_options(synchronize_session=False)
            )


# --- clauses ----------------------------------------------------------------------------------------------------------


@act(Stage.PUBLISHED, by=ruled("point.arrange"), label="", say="把{points}条要点对到{clause}", of=Consultation)
def relate(consultation: Consultation, officer: Officer, clause: Clause | None, points: Sequence[int]) -> int:
    """What points are about, where their writers said nothing or something else; None: the whole draft. What they wrote stays as it is.

    Points whose answer is on its way, or that have new words for the clause they are about, stay; returns how many were related.
    """
    if clause is not None and clause.draft_id != consultation.draft_id:
        raise RuleUnmet("请从这份草案里选一条。", {"clause": "请从这份草案里选一条。"})
    if len(points) > MOST_RELATED:
        raise RuleUnmet(f"一次最多{MOST_RELATED}条，请分几次。")
    into = clause.id if clause else None
    where: dict[int | None, list[int]] = {}
    for start in range(0, len(points), BATCH):
        rows = db.session.execute(
            select(Point.id, Point.clause_id)
            .where(
                Point.consultation_id == consultation.id,
                Point.id.in_(points[start : start + BATCH]),
                Point.stage.in_(TO_ANSWER),
                Point.revision_id.is_(None),
                func.coalesce(Point.clause_id, 0) != (into or 0),
            )
            .order_by(Point.id)
        ).all()
        for row in rows:
            where.setdefault(row.clause_id, []).append(row.id)
    found = sorted(number for some in where.values() for number in some)
    if not found:
        raise OutOfTurn("选的要点都已经对着那一条，或者正在审核、已经写了改后的条文。")
    for start in range(0, len(found), BATCH):
        _set(found[start : start + BATCH], clause_id=into)
    note(clause=clause.name if clause else "整个草案", points=len(found), into=into, where=[*map(list, where.items())])
    return len(found)


# --- taking back --------------------------------------------------------------------------------------------------------


@act(Stage.PUBLISHED, by=ruled("point.arrange"), label="", say="撤回上一步：{what}", of=Consultation)
def undo(consultation: Consultation, officer: Officer) -> str:
    """Take back one's own last move that has not been taken back: again goes one further; returns what it was, in words."""
    last = last_move(consultation, officer)
    if last is None:
        raise OutOfTurn("没有可以撤回的了：这里只撤回您自己分、并、归组的动作。")
    before = db.session.scalar(select(func.max(Trace.id))) or 0
    what = _reverse(last, officer)
    db.session.flush()
    made = db.session.scalars(
        select(Trace.id).where(
            Trace.chain == consultation.chain, Trace.id > before, Trace.actor_ref == officer.public_id
        )
    ).all()
    note(what=what, undone=[last.id, *made])
    return what


def last_move(consultation: Consultation, officer: Officer) -> Trace | None:
    """The last move of this officer in this case that still stands."""
    mine = select(Trace).where(Trace.chain == consultation.chain, Trace.actor_ref == officer.public_id)
    gone: set[int] = set()
    before: int | None = None
    while True:
        query = mine.where(Trace.verb.in_((*UNDOABLE, "undo"))).order_by(Trace.id.desc()).limit(50)
        rows = db.session.scalars(query if before is None else query.where(Trace.id < before)).all()
        if not rows:
            return None
        for row in rows:
            if row.verb == "undo" and row.subject_kind == "Consultation":
                gone |= set(row.detail.get("undone", ()))
            elif row.id not in gone and row.subject_kind in ("Comment", "Point", "PointGroup", "Consultation"):
                return row
        before = rows[-1].id


def _reverse(last: Trace, officer: Officer) -> str:
    if last.verb == "split":
        made = [_point(name) for name in last.detail["made"]]
        for point in made:
            if point.stage != PointStage.WITHDRAWN:
                point.join(officer)
        return f"分出{len(made)}点"
    if last.verb == "join":
        db.session.get_one(Point, last.subject_id).part(officer)
        return "并回一点"
    if last.verb == "part":
        db.session.get_one(Point, last.subject_id).join(officer)
        return "再分出一点"
    if last.verb == "relate":
        return f"对应的条款，{_related_back(last, officer)}条要点对回原处"
    moved = _back(last.detail["batch"], officer)
    return f"归组，{moved}条要点回到原处"


def _related_back(last: Trace, officer: Officer) -> int:
    """Each point to what it was about, unless somebody has said otherwise since."""
    asked = db.session.get_one(Consultation, last.subject_id)
    back = 0
    for clause_id, points in last.detail["where"]:
        still = db.session.scalars(
            select(Point.id).where(
                Point.id.in_(points), func.coalesce(Point.clause_id, 0) == (last.detail["into"] or 0)
            )
        ).all()
        if still:
            back += relate(asked, officer, db.session.get(Clause, clause_id) if clause_id else None, still)
    if not back:
        raise OutOfTurn("这些要点后来又改过，请直接对到要去的那一条。")
    return back


def _point(public_id: str) -> Point:
    return db.session.scalars(select(Point).where(Point.public_id == public_id)).unique().one()


def _back(batch: str, officer: Officer) -> int:
    """Each point back where it was, unless somebody has moved it on since."""
    rows = db.session.execute(
        select(PointMove.point_id, PointMove.before_id, PointMove.after_id)
        .join(Point, Point.id == PointMove.point_id)
        .where(
            PointMove.batch == batch,
            func.coalesce(Point.group_id, 0) == func.coalesce(PointMove.after_id, 0),
            Point.stage != PointStage.WITHDRAWN,
        )
        .order_by(PointMove.point_id)
    ).all()
    if not rows:
        raise OutOfTurn("这些要点后来又被移动过，请直接移到要去的组。")
    back, at = new_public_id(), now()
    db.session.execute(
        insert(PointMove),
        [
            {"batch": back, "point_id": row.point_id, "before_id": row.after_id, "after_id": row.before_id,
             "officer_id": officer.id, "made_at": at}
            for row in rows
        ],
    )  # fmt: skip
    homes: dict[int | None, list[int]] = {}
    for row in rows:
        homes.setdefault(row.before_id, []).append(row.point_id)
    for home, points in homes.items():
        for start in range(0, len(points), BATCH):
            _set(points[start : start + BATCH], group_id=home)
    _recount(back)
    return len(rows)


class Moved(NamedTuple):
    """One step of a point's way, for its page."""

    at: datetime
    who: str
    before: str
    after: str


def way_of(point: Point) -> list[Moved]:
    """Through which groups a point went, oldest first."""
    rows = db.session.execute(_WAY, {"point": point.id}).all()
    numbers = {n for row in rows for n in (row.before_id, row.after_id) if n}
    if not numbers:
        return []
    names: dict[int, str] = dict(
        db.session.execute(select(PointGroup.id, PointGroup.name).where(PointGroup.id.in_(numbers))).all()
    )
    return [Moved(r.made_at, r.name, names.get(r.before_id, ""), names.get(r.after_id, "")) for r in rows]


_WAY = (
    select(PointMove.made_at, Officer.name, PointMove.before_id, PointMove.after_id)
    .join(Officer, Officer.id == PointMove.officer_id)
    .where(PointMove.point_id == bindparam("point"))
    .order_by(PointMove.id)
)


def group_of(public_id: str) -> PointGroup | None:
    """One group by its address."""
    return db.session.scalar(select(PointGroup).where(PointGroup.public_id == public_id))


def points_in(group: PointGroup, *, waiting: bool = True, after: int = 0, limit: int = 300) -> Sequence[Point]:
    """The points of a group that wait for their answer, or those that have one; oldest first, keyset by id."""
    wanted = Point.stage.in_(TO_ANSWER) if waiting else Point.stage.not_in((*TO_ANSWER, PointStage.WITHDRAWN))
    query = select(Point).where(Point.group_id == group.id, wanted, Point.id > after).order_by(Point.id).limit(limit)
    return db.session.scalars(query).unique().all()


def left_in(group: PointGroup, *, after: int = 0) -> int:
    """How many points of a group wait for their answer."""
    query = select(func.count()).where(Point.group_id == group.id, Point.stage.in_(TO_ANSWER), Point.id > after)
    return db.session.scalar(query) or 0


def groups_of(
    consultation: Consultation, *, left: bool = False, after: tuple[int, int] | None = None, limit: int = 30
) -> Sequence[Any]:
    """Rows (PointGroup, whether something is left to answer), the largest first, keyset by size and id."""
    size, number = after or (0, 0)
    given = {"asked": consultation.id, "size": size, "number": number, "limit": limit}
    return db.session.execute(_groups(left, after is not None), given).all()


@cache
def _groups(left: bool, further: bool) -> "Select[*tuple[Any, ...]]":
    """The statement of groups_of(), built once for each way of asking."""
    waits = select(Point.id).where(Point.group_id == PointGroup.id, Point.stage.in_(TO_ANSWER)).exists()
    query = (
        select(PointGroup, waits.label("left"))
        .where(PointGroup.consultation_id == bindparam("asked"), PointGroup.n_points > 0)
        .order_by(PointGroup.n_points.desc(), PointGroup.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    if left:
        query = query.where(waits)
    if further:
        size, number = bindparam("size", type_=Integer), bindparam("number", type_=BigInt)
        query = query.where((PointGroup.n_points < size) | ((PointGroup.n_points == size) & (PointGroup.id < number)))
    return query


def refusal_words(refusal: Refusal) -> str:
    """A refusal as one line of a list."""
    return str(refusal.message)
