"""The worklist: which points an officer wants to see, page by page, each in one line, and the one that is opened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, bindparam, exists, func, select, union, union_all
from sqlalchemy.orm import aliased, joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from models.comments.comment import Attachment, Comment, Supplement, original
from models.comments.point import Outcome, Point, PointGroup, PointStage, serial_words
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.sealed import PersonKey
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident

STANDING = tuple(stage for stage in PointStage if stage != PointStage.WITHDRAWN)
MOST_DAYS = 40
"""Different days by which points of one consultation are due."""
LOOKED_AT = 60
"""Answers given last about a clause, among which different ones are looked for."""
MOST_COUNTED = 1000
"""Of a narrowed list it is said how many there are up to here; beyond, that there are more."""


@dataclass(frozen=True)
class Wanted:
    """Which points an officer wants to see; None is all."""

    stages: tuple[PointStage, ...] = ()
    returned: bool = False
    clause: Clause | None = None
    whole: bool = False
    """Only points about the whole draft."""
    channel: Channel | None = None
    place: Place | None = None
    outcome: Outcome | None = None
    group: PointGroup | None = None
    handler: Officer | None = None
    """Whom they were charged with, or who has claimed them."""
    due_until: date | None = None

    def conditions(self, consultation: Consultation) -> list[ColumnElement[bool]]:
        """In SQL, of the point alone: each has its index."""
        asked: list[ColumnElement[bool]] = []
        if self.group is not None:
            asked.append(Point.group_id == self.group.id)
        else:
            asked.append(Point.consultation_id == consultation.id)
        if self.returned:
            asked.append(Point.returned_reason != "")
        if self.whole:
            asked.append(Point.clause_id.is_(None))
        if self.clause is not None:
            asked.append(Point.clause_id == self.clause.id)
        if self.channel is not None:
            asked.append(Point.channel == self.channel.value)
        if self.place is not None:
            asked.append(Point.place_id == self.place.id)
        if self.outcome is not None:
            asked.append(Point.outcome == self.outcome)
        return asked

    def ways(self, consultation: Consultation) -> list[list[ColumnElement[bool]]]:
        """Whichever of these is true: each for itself is read off an index in order, together they could not be."""
        whose: list[list[ColumnElement[bool]]] = [[]]
        if self.handler is not None:
            whose = [[Point.handler_id == self.handler.id], [Point.claimed_by_id == self.handler.id]]
        if self.due_until is None:
            return whose
        days = db.session.scalars(
            select(Point.due_on)
            .where(Point.consultation_id == consultation.id, Point.due_on <= self.due_until)
            .distinct()
            .order_by(Point.due_on)
            .limit(MOST_DAYS)
        ).all()
        return [[*one, Point.due_on == day] for one in whose for day in days]

    @property
    def narrowed(self) -> bool:
        """Whether anything but the stage is asked for."""
        return any(
            (self.returned, self.whole, self.clause, self.channel, self.place, self.outcome, self.group, self.handler,
             self.due_until)
        )  # fmt: skip


def numbers(
    consultation: Consultation, wanted: Wanted, *, after: int = 0, before: int | None = None, limit: int = 30
) -> list[int]:
    """The numbers of the points behind one, or ahead of one, in order: a few of each stage, read off its index."""
    backwards = before is not None
    parts = []
    for asked in _each(consultation, wanted):
        part = select(Point.id.label("id")).where(*asked)
        part = part.where(Point.id < before) if backwards else part.where(Point.id > after)
        part = part.order_by(Point.id.desc() if backwards else Point.id).limit(limit)
        parts.append(select(part.subquery().c.id))
    if not parts:
        return []
    both = union(*parts).subquery()
    query = select(both.c.id).order_by(both.c.id.desc() if backwards else both.c.id).limit(limit)
    return sorted(db.session.scalars(query))


def _each(consultation: Consultation, wanted: Wanted) -> list[list[ColumnElement[bool]]]:
    """The conditions of each stage and each way; a point may fit several ways."""
    ways = wanted.ways(consultation)
    return [
        [Point.stage == stage, *wanted.conditions(consultation), *way]
        for stage in wanted.stages or STANDING
        for way in ways
    ]


def after(consultation: Consultation, wanted: Wanted, point_id: int = 0, limit: int = 30) -> Sequence[Point]:
    """Points behind this one with all that belongs to them, oldest first."""
    found = numbers(consultation, wanted, after=point_id, limit=limit)
    if not found:
        return []
    return db.session.scalars(select(Point).where(Point.id.in_(found)).order_by(Point.id)).unique().all()


_OPENED = (
    joinedload(Point.comment, innerjoin=True).options(
        lazyload(Comment.consultation),
        joinedload(Comment.transcription),
        joinedload(Comment.resident, innerjoin=True).options(
            lazyload(Resident.place), joinedload(Resident.key, innerjoin=True)
        ),
    ),
    joinedload(Point.group),
)
"""What a desk shows of one point; its consultation and clause are at hand there, and PostgreSQL plans five tables at once in a tenth of the time of fifteen."""


_MORE = (
    exists().where(Supplement.comment_id == Point.comment_id).label("supplements"),
    exists().where(Attachment.comment_id == Point.comment_id).label("attachments"),
)
"""What few comments have: where there is none, nobody goes to look for it."""


def opened(consultation: Consultation, which: int | str) -> Point | None:
    """The point of a consultation that somebody works on, by its number or address."""
    asked = {"which": which, "asked": consultation.id}
    row = db.session.execute(_open(isinstance(which, int)), asked).unique().one_or_none()
    if row is None:
        return None
    point: Point = row.Point
    for name in ("supplements", "attachments"):
        if not getattr(row, name):
            set_committed_value(point.comment, name, [])
    if point.answered_at is None:
        set_committed_value(point, "versions", [])
    return point


@cache
def _open(by_number: bool) -> "Select[*tuple[Any, ...]]":
    """The statement of opened(), built once for each way of naming a point."""
    named = (Point.id if by_number else Point.public_id) == bindparam("which")
    return select(Point, *_MORE).where(named, Point.consultation_id == bindparam("asked")).options(*_OPENED)


@dataclass(frozen=True)
class Listed:
    """One point in one line: read column by column, since a page has some forty."""

    id: int
    public_id: str
    number: int
    stage: PointStage
    outcome: Outcome | None
    clause_id: int | None
    returned: bool
    joined: bool
    """Whether another point of its comment answers for it."""
    serial_words: str
    words: str
    """The officer's gist, else the words that it is about."""
    author: str
    held_by: str
    """Who has claimed it, if that is not the one who looks."""


_AUTHOR, _CLAIMANT = aliased(Officer), aliased(Officer)
_LINES = (
    select(
        Point.id, Point.public_id, Point.number, Point.stage, Point.outcome, Point.clause_id, Point.returned_reason,
        Point.joined_into_id, Point.gist, Point.begins, Point.ends, Point.claimed_by_id, Point.claimed_until,
        Comment.serial, Comment.public_id.label("comment"), Comment.sealed_text, PersonKey.wrapped,
        PersonKey.wrapped_by, PersonKey.public_id.label("key_name"), _AUTHOR.name.label("author"),
        _CLAIMANT.name.label("claimant"),
    )
    .join(Comment, Comment.id == Point.comment_id)
    .join(Resident, Resident.id == Comment.resident_id)
    .join(PersonKey, PersonKey.id == Resident.key_id)
    .outerjoin(_AUTHOR, _AUTHOR.id == Point.author_id)
    .outerjoin(_CLAIMANT, _CLAIMANT.id == Point.claimed_by_id)
    .where(Point.id.in_(bindparam("found", expanding=True)))
)  # fmt: skip


def lines(found: Sequence[int], officer: Officer) -> dict[int, Listed]:
    """These points by their number, as this officer sees them."""
    if not found:
        return {}
    at = wall()
    return {row.id: _line(row, officer, at) for row in db.session.execute(_LINES, {"found": found})}


def in_one_line(gist: str, text: str, begins: int | None, ends: int | None) -> str:
    """The officer's gist, else the words that a point is about."""
    return gist or " ".join((text if begins is None else text[begins:ends]).split())


def _line(row: Any, officer: Officer, at: datetime) -> Listed:
    text = "" if row.gist else original(row.comment, row.sealed_text, row.wrapped, row.wrapped_by, row.key_name)
    words = in_one_line(row.gist, text, row.begins, row.ends)
    held = row.claimed_by_id not in (None, officer.id) and row.claimed_until > at
    return Listed(
        row.id, row.public_id, row.number, row.stage, row.outcome, row.clause_id, bool(row.returned_reason),
        row.joined_into_id is not None, serial_words(row.serial, row.number), words, row.author or "", row.claimant if held else "",
    )  # fmt: skip


def how_many(consultation: Consultation, wanted: Wanted) -> int:
    """How many points there are, up to one more than are counted."""
    parts = [
        select(select(Point.id.label("id")).where(*asked).limit(MOST_COUNTED + 1).subquery().c.id)
        for asked in _each(consultation, wanted)
    ]
    if not parts:
        return 0
    both = union(*parts).subquery()
    return min(db.session.scalar(select(func.count()).select_from(both)) or 0, MOST_COUNTED + 1)


def parts(point: Point) -> Sequence[int]:
    """The numbers of all points of its comment, in their order."""
    return db.session.scalars(_PARTS, {"comment": point.comment_id}).all()


_PARTS = select(Point.id).where(Point.comment_id == bindparam("comment")).order_by(Point.number)


def _beside(whole: bool) -> list[ColumnElement[bool]]:
    """About the same clause as a point, or like it about the whole draft."""
    return [
        Point.consultation_id == bindparam("asked"),
        Point.clause_id.is_(None) if whole else Point.clause_id == bindparam("clause"),
        Point.id != bindparam("point"),
    ]


def _here(point: Point, limit: int = 0) -> dict[str, Any]:
    """What _beside() asks with."""
    return {"asked": point.consultation_id, "clause": point.clause_id, "point": point.id, "limit": limit}


def _answered_beside(whole: bool, *columns: Any) -> "Select[*tuple[Any, ...]]":
    """Those answered last first."""
    return (
        select(*columns)
        .where(*_beside(whole), Point.answered_at.is_not(None), Point.stage != PointStage.WITHDRAWN)
        .order_by(Point.answered_at.desc(), Point.id.desc())
        .limit(LOOKED_AT)
    )


def _different(rows: Iterable[Any]) -> list[int]:
    """Of those answered alike the last one: a group's answer would hide all others."""
    found: dict[tuple[Outcome | None, str], int] = {}
    for row in rows:
        found.setdefault((row.outcome, row.gist), row.id)
    return list(found.values())


_TOLD = (Point.id.label("id"), Point.answered_at.label("at"), Point.outcome.label("outcome"), Point.gist.label("gist"))


def near(point: Point, limit: int = 5) -> list[int]:
    """The numbers of points about the same clause of the same draft: those answered last first, then those nobody answered."""
    rows = db.session.execute(_near(point.clause_id is None), _here(point, limit)).all()
    first = sorted((row for row in rows if row.at is not None), key=lambda row: (row.at, row.id), reverse=True)
    return [*_different(first), *sorted(row.id for row in rows if row.at is None)][:limit]


@cache
def _near(whole: bool) -> "CompoundSelect[*tuple[Any, ...]]":
    """The statement of near(), built once for clauses and once for whole drafts."""
    answered = _answered_beside(whole, *_TOLD).subquery()
    waiting = (
        select(*_TOLD)
        .where(*_beside(whole), Point.answered_at.is_(None), Point.stage == PointStage.OPEN)
        .order_by(Point.id)
        .limit(bindparam("limit", type_=Integer))
        .subquery()
    )
    return union_all(select(answered), select(waiting))


def beside(point: Point, *, limit: int = 5) -> Sequence[Point]:
    """Answered points about the same clause of the same draft, those answered last first."""
    numbers = _different(db.session.execute(_answered_beside(point.clause_id is None, *_TOLD), _here(point)))[:limit]
    if not numbers:
        return []
    query = select(Point).where(Point.id.in_(numbers)).order_by(Point.answered_at.desc(), Point.id.desc())
    return db.session.scalars(query).unique().all()
