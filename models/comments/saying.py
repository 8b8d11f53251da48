"""What the desks ask about comments: how much came in by day, the worklist with its filters, the answers next to one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, union

from models.comments.comment import Attachment, Comment, MediaKind, MediaState, Withdrawal
from models.comments.point import Outcome, Point, PointGroup, PointStage
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import local
from models.people.officer import Officer
from models.people.place import Place


def by_day(consultation: Consultation) -> dict[date, int]:
    """Comments that stand, by the Beijing day on which they came in: counted by the hour, for hours are the same everywhere."""
    came = Comment.received_at
    hour = func.strftime("%Y-%m-%d %H", came)
    if db.engine.dialect.name == "postgresql":
        hour = func.to_char(func.timezone("UTC", came), "YYYY-MM-DD HH24")
    rows = db.session.execute(
        select(hour.label("hour"), func.count().label("texts"))
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id == consultation.id, Withdrawal.id.is_(None))
        .group_by(hour)
    )
    found: Counter[date] = Counter()
    for row in rows:
        found[local(datetime.strptime(f"{row.hour}+0000", "%Y-%m-%d %H%z")).date()] += row.texts
    return dict(found)


def by_serial(serial: int, limit: int = 20) -> Sequence[Comment]:
    """Comments with this public number, newest consultation first: every consultation counts for itself."""
    return (
        db.session.scalars(select(Comment).where(Comment.serial == serial).order_by(Comment.id.desc()).limit(limit))
        .unique()
        .all()
    )


STANDING = tuple(stage for stage in PointStage if stage != PointStage.WITHDRAWN)
MOST_DAYS = 40
"""Different days by which points of one consultation are due."""
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
    """Points behind this one, oldest first."""
    return _opened(numbers(consultation, wanted, after=point_id, limit=limit))


def before(consultation: Consultation, wanted: Wanted, point_id: int, limit: int = 6) -> Sequence[Point]:
    """Points ahead of this one, oldest first."""
    return _opened(numbers(consultation, wanted, before=point_id, limit=limit))


def _opened(found: Sequence[int]) -> Sequence[Point]:
    if not found:
        return []
    return db.session.scalars(select(Point).where(Point.id.in_(found)).order_by(Point.id)).unique().all()


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


def beside(point: Point, *, answered: bool = False, limit: int = 5) -> Sequence[Point]:
    """Points about the same clause of the same draft, those answered last first."""
    same = (
        Point.consultation_id == point.consultation_id,
        Point.clause_id.is_(None) if point.clause_id is None else Point.clause_id == point.clause_id,
        Point.id != point.id,
    )
    found = list(
        db.session.scalars(
            select(Point)
            .where(*same, Point.answered_at.is_not(None), Point.stage != PointStage.WITHDRAWN)
            .order_by(Point.answered_at.desc(), Point.id.desc())
            .limit(limit)
        ).unique()
    )
    if not answered and len(found) < limit:
        found += db.session.scalars(
            select(Point)
            .where(*same, Point.stage == PointStage.OPEN, Point.answered_at.is_(None))
            .order_by(Point.id)
            .limit(limit - len(found))
        ).unique()
    return found


def voices(*, done: bool = False, limit: int = 50) -> Sequence[Attachment]:
    """Voice messages that wait for somebody to write down what is heard, oldest first; or those that were written down."""
    query = select(Attachment).where(
        Attachment.kind == MediaKind.VOICE, Attachment.state == MediaState.KEPT, Attachment.comment_id.is_not(None)
    )
    if done:
        query = query.where(Attachment.sealed_transcript.is_not(None)).order_by(Attachment.id.desc())
    else:
        query = query.where(Attachment.sealed_transcript.is_(None)).order_by(Attachment.id)
    return db.session.scalars(query.limit(limit)).all()


def attachment(public_id: str) -> Attachment | None:
    """One attachment by its address."""
    return db.session.scalar(select(Attachment).where(Attachment.public_id == public_id))
