"""How far a consultation's points are, counted again only when something was done in its case: the trail knows."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from flask import request
from sqlalchemy import Engine, func, select

from models.comments.point import Point, PointStage, clause_counts
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.trail import last_deeds, month

KEPT = 200
_known: "WeakKeyDictionary[Engine, OrderedDict[tuple[str, int], tuple[Any, Any]]]" = WeakKeyDictionary()


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
    """Exact numbers: every deed on a point leaves its trace in the case's chain, and a new trace makes them be counted anew."""
    found: Progress = remembered("stages", matter, lambda: _counted(matter))
    return found


def clauses_of(matter: Consultation) -> Sequence[Any]:
    """Points by clause, with what is left."""
    found: Sequence[Any] = remembered("clauses", matter, lambda: list(clause_counts(matter)))
    return found


def _counted(matter: Consultation) -> Progress:
    rows = db.session.execute(
        select(Point.stage, func.count()).where(Point.consultation_id == matter.id).group_by(Point.stage)
    ).all()
    found = {stage.value: 0 for stage in PointStage} | {stage.value: number for stage, number in rows}
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


def _mark(chain: str) -> tuple[Any, ...]:
    """While a page is made nothing is written, so one look at a chain for each page is enough."""
    seen: dict[str, tuple[Any, ...]] = request.environ.setdefault("huiyin.marks", {})
    if chain not in seen:
        seen[chain] = last_deeds(chain)
    return seen[chain]


def remembered(what: str, matter: Consultation, count: Callable[[], Any], *, people: bool = False) -> Any:
    """Counted once until something is done in the case; `people`: or somebody is forgotten or merged, which stands in the month's chain.

    Only where nothing is being written: what a transaction has not committed is nobody else's.
    """
    if request.method not in ("GET", "HEAD"):
        return count()
    chains = (matter.chain, month()) if people else (matter.chain,)
    mark: tuple[Any, ...] = (matter.version, today())
    for chain in chains:
        mark += _mark(chain)
    kept = _known.setdefault(db.engine, OrderedDict())
    key = (what, matter.id)
    known = kept.get(key)
    if known is not None and known[0] == mark:
        return known[1]
    found = count()
    kept[key] = (mark, found)
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return found
