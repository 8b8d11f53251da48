"""What the desks count of a consultation, carried on from look to look: only what was done since then is read."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from flask import request
from sqlalchemy import Engine, func, select

from models.comments.look_through import Found, Looks, look_through
from models.comments.point import Outcome, Point, PointStage, clause_counts, counts, outcome_counts
from models.comments.since import Carried, Told
from models.comments.sums import Summed, Sums, clause_sums
from models.decisions.consultation import Consultation
from models.kernel.base import db

MOST_HELD = 1_000_000
"""Comments and answers that one process keeps in mind, of all consultations; those least looked at are forgotten first."""
_Shelf = OrderedDict[tuple[type[Carried[Any]], int], tuple[Lock, Carried[Any]]]
SHELVES: "WeakKeyDictionary[Engine, _Shelf]" = WeakKeyDictionary()
"""What this process keeps in mind, by database: it is gone with the process, and the next one counts everything once."""
_shelving = Lock()


@dataclass(frozen=True)
class Progress:
    """Points by stage, and those that wait for a second person by who wrote them."""

    stages: dict[str, int]
    written: dict[int, int]

    @property
    def total(self) -> int:
        """All that are to be answered."""
        return sum(self.stages.values()) - self.stages["withdrawn"]


def progress_of(matter: Consultation) -> Progress:
    """Points by stage."""
    if writing():
        return _counted(matter)
    found = summed(matter)
    return Progress({stage.value: number for stage, number in found.stages.items()}, found.written)


def clauses_of(matter: Consultation) -> Sequence[Any]:
    """Points by clause, with what is left."""
    return clause_counts(matter) if writing() else clause_sums(summed(matter).clauses)


def outcomes_of(matter: Consultation) -> dict[str, int]:
    """Settled points by outcome."""
    if writing():
        return outcome_counts(matter)
    found = summed(matter).outcomes
    return {outcome.value: found[outcome] for outcome in Outcome}


def summed(matter: Consultation) -> Summed:
    """Everything that is added up."""
    return carried(Sums, matter)


def looked_through(matter: Consultation) -> Found:
    """What is found in the answers."""
    return look_through(matter) if writing() else carried(Looks, matter)


def _counted(matter: Consultation) -> Progress:
    found = counts(matter)
    written = (
        db.session.execute(
            select(Point.author_id, func.count())
            .where(Point.consultation_id == matter.id, Point.stage == PointStage.SUBMITTED)
            .group_by(Point.author_id)
        ).all()
        if found["submitted"]
        else ()
    )
    return Progress(found, dict(Counter({author: number for author, number in written if author})))


def writing() -> bool:
    """What a transaction has not committed is nobody else's: then everything is counted, and nothing kept in mind."""
    return request.method not in ("GET", "HEAD")


def carried(kind: type[Carried[Told]], matter: Consultation) -> Told:
    """While a page is made nothing is written, so one look is enough for each page."""
    seen: dict[Any, Any] = request.environ.setdefault("huiyin.carried", {})
    key = (kind, matter.id)
    if key not in seen:
        with _shelving:
            shelf = SHELVES.setdefault(db.engine, OrderedDict())
            if key not in shelf:
                shelf[key] = (Lock(), kind())
            lock, book = shelf[key]
            shelf.move_to_end(key)
        with lock:
            seen[key] = book.now(matter)
        with _shelving:
            while len(shelf) > 1 and sum(one.held for _, one in shelf.values()) > MOST_HELD:
                shelf.popitem(last=False)
    found: Told = seen[key]
    return found
