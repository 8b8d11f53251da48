"""Which comments of a consultation somebody did something about since one last looked: the trail is asked, not the comments."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, Select, bindparam, func, literal, or_, select

from models.comments.comment import Attachment, Comment
from models.comments.point import Point
from models.comments.showing import Hiding
from models.comments.transcription import Transcription
from models.decisions.consultation import Consultation
from models.kernel.base import db, table_of
from models.kernel.clock import today
from models.kernel.trail import Trace, month
from models.people.resident import Resident

MOST = 5000
"""Deeds that are followed one by one; after more of them everything is read anew."""
BATCH = 1000
"""Numbers in one IN (…)."""
_ELSEWHERE = frozenset(
    f"Consultation.{verb}"
    for verb in (
        "remind extend correct hand_over gather undo suggest decide_alike claim give_back charge ask call_list export_said"
    ).split()
) | frozenset(("PointGroup", "Unplaced", "Promise", "SecondLook"))
"""Deeds in a case that change nothing of a comment, a point or an answer; what they do besides leaves a trace of its own."""


def _of_points(points: Sequence[int], asked: int) -> Select[Any]:
    return select(Point.comment_id).where(Point.id.in_(points))


def _of_comments(comments: Sequence[int], asked: int) -> Select[Any]:
    return select(Comment.id).where(Comment.id.in_(comments))


def _of_hidings(hidings: Sequence[int], asked: int) -> Select[Any]:
    return select(Hiding.comment_id).where(Hiding.id.in_(hidings))


def _of_attachments(attachments: Sequence[int], asked: int) -> Select[Any]:
    return select(Attachment.comment_id).where(Attachment.id.in_(attachments))


def _of_transcriptions(transcriptions: Sequence[int], asked: int) -> Select[Any]:
    return (
        select(func.coalesce(Transcription.comment_id, Attachment.comment_id))
        .outerjoin(Attachment, Attachment.id == Transcription.attachment_id)
        .where(Transcription.id.in_(transcriptions))
    )


def _of_residents(residents: Sequence[int] | Select[Any], asked: int) -> Select[Any]:
    return (
        select(Comment.id)
        .join(Resident, Resident.id == Comment.resident_id)
        .where(
            Comment.consultation_id == asked, or_(Resident.id.in_(residents), Resident.merged_into_id.in_(residents))
        )
    )


def _merged(names: Sequence[str], asked: int) -> Select[Any]:
    return _of_residents(select(Resident.id).where(Resident.public_id.in_(names)), asked)


def _received(names: Sequence[str], asked: int) -> Select[Any]:
    return select(Comment.id).where(Comment.public_id.in_(names))


_TOUCHED: dict[str, Callable[[Sequence[Any], int], Select[Any]]] = {
    "Point": _of_points,
    "Comment": _of_comments,
    "Hiding": _of_hidings,
    "Attachment": _of_attachments,
    "Transcription": _of_transcriptions,
    "Resident": _of_residents,
    "Resident.merge_into": _merged,
    "Consultation._receive": _received,
}
"""What a deed is about, and the comments that it touched. A deed that stands nowhere here may have touched any."""
_PEOPLE = ("introduce", "merge_into", "forget")
"""What is done about a person, wherever they spoke."""
_NAMED = {"Consultation._receive": "comment", "Resident.merge_into": "into"}
"""Deeds whose trace names what they are about: the comment that came in, the person that somebody is now."""
_RELATED = "Consultation.relate"
"""A deed about many points, whose trace lists each with the clause that it came from."""


class Since:
    """A place in the trail of one case, from which it is read on.

    On PostgreSQL a deed may be committed after later ones. So one keeps the numbers of those seen above a floor, and lifts the floor
    only to where nothing can come in any more: every transaction that ran when it was set down has ended. On SQLite, which has
    one writer at a time, that is so at once.
    """

    def __init__(self) -> None:
        self._day: date | None = None
        self._floor: int | None = None
        self._seen: set[int] = set()
        self._next: tuple[int, int] | None = None
        """The next floor, and the transaction that has to be over."""

    def touched(self, consultation: Consultation) -> set[int] | None:
        """The comments that deeds have touched since the last call; None: it may be any, read everything. So it is every morning."""
        if self._day != today():
            self._day, self._floor, self._next = today(), None, None
            self._seen.clear()
        anew = self._floor is None
        oldest, top, transaction = db.session.execute(_now(db.engine.dialect.name)).one()
        floor, over = self._next or (top, transaction)
        settled = oldest >= over
        if anew and settled:
            self._floor = floor
        elif anew:
            self._next = floor, over
            return None
        above = {"floor": self._floor, "limit": MOST + len(self._seen) + 1, **_chains(consultation)}
        found = db.session.execute(_DONE, above).all()
        rows = [row for row in found if row.id not in self._seen]
        if len(rows) > MOST and not anew:
            self._floor = self._next = None
            return self.touched(consultation)
        self._seen.update(row.id for row in rows)
        if settled:
            # Only now: what came in late below the next floor has just been read.
            self._floor, self._next = floor, (max(floor, top), transaction)
            self._seen = {number for number in self._seen if number > floor}
        return None if anew else _touched(consultation, rows)


Told = TypeVar("Told")


class Carried(ABC, Generic[Told]):
    """What is read of a consultation once and carried on afterwards: only comments that deeds have touched are read again.

    Whoever carries it keeps for each comment what it has to do with, so that the same comment may be read as often as one likes.
    """

    def __init__(self) -> None:
        self._since = Since()
        self._clear()

    def now(self, consultation: Consultation) -> Told:
        """As it is now. One at a time."""
        try:
            touched = self._since.touched(consultation)
            if touched is None:
                self._clear()
            if touched is None or touched:
                self._read(consultation, touched)
            return self._tell(consultation)
        except BaseException:
            self._since = Since()  # half of it may be read: next time all of it
            raise

    @property
    @abstractmethod
    def held(self) -> int:
        """How much is kept."""

    @abstractmethod
    def _clear(self) -> None:
        """Nothing is kept."""

    @abstractmethod
    def _read(self, consultation: Consultation, touched: Collection[int] | None) -> None:
        """These comments, or all of them."""

    @abstractmethod
    def _tell(self, consultation: Consultation) -> Told:
        """What comes of it."""


@cache
def _now(engine: str) -> Select[Any]:
    """The oldest transaction that has written something and is not over, the last deed there is, and a number behind that of every
    transaction that can have taken a number up to that deed's."""
    top: Any = func.coalesce(select(func.max(Trace.id)).scalar_subquery(), 0)
    if engine == "postgresql":
        return select(func.txid_snapshot_xmin(func.txid_current_snapshot()), top, func.txid_current())
    return select(literal(0), top, literal(0))


def _chains(consultation: Consultation) -> dict[str, Any]:
    """The case's own chain; and of the months', where people are forgotten and merged, this one and the last one."""
    return {"chain": consultation.chain, "months": [month(), f"{today().replace(day=1) - timedelta(days=1):%Y-%m}"]}


_DEEDS = table_of(Trace).c
_DONE = (
    select(_DEEDS.id, _DEEDS.subject_kind, _DEEDS.subject_id, _DEEDS.verb, _DEEDS.detail)
    .where(
        (_DEEDS.chain == bindparam("chain"))
        | _DEEDS.chain.in_(bindparam("months", expanding=True))
        & (_DEEDS.subject_kind == "Resident")
        & _DEEDS.verb.in_(_PEOPLE),
        _DEEDS.id > bindparam("floor"),
    )
    .order_by(_DEEDS.id)
    .limit(bindparam("limit", type_=Integer))
)


def _touched(consultation: Consultation, rows: Iterable[Any]) -> set[int] | None:
    subjects: dict[str, set[Any]] = {}
    for row in rows:
        fact = f"{row.subject_kind}.{row.verb}"
        if fact in _NAMED:
            subjects.setdefault(fact, set()).add(row.detail[_NAMED[fact]])
        elif fact == _RELATED:
            subjects.setdefault("Point", set()).update(point for _, points in row.detail["where"] for point in points)
        elif row.subject_kind in _TOUCHED:
            subjects.setdefault(row.subject_kind, set()).add(row.subject_id)
        elif row.subject_kind not in _ELSEWHERE and fact not in _ELSEWHERE:
            return None
    found: set[int] = set()
    for kind, some in subjects.items():
        numbers = sorted(some)
        for start in range(0, len(numbers), BATCH):
            found.update(db.session.scalars(_TOUCHED[kind](numbers[start : start + BATCH], consultation.id)))
    return found - {None}


def rows_of(query: Select[Any], column: Any, touched: Collection[int] | None) -> Iterator[Any]:
    """The rows of a query, or only those of some comments: some at a time, so that not all are in memory at once."""
    if touched is None:
        yield from db.session.execute(query, execution_options={"yield_per": BATCH})
        return
    numbers = sorted(touched)
    for start in range(0, len(numbers), BATCH):
        yield from db.session.execute(query.where(column.in_(numbers[start : start + BATCH])))
