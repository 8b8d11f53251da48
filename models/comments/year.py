"""What was asked in a year, what people said, what became of it, and which answers were late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from models.comments.comment import Comment, Withdrawal
from models.comments.point import Outcome
from models.comments.release import Release
from models.decisions.consultation import Audience, Consultation, State
from models.kernel.base import db
from models.kernel.clock import local, today
from models.people.officer import Officer
from models.people.unit import Unit


@dataclass(frozen=True)
class Asked:
    """One consultation in the year's report. Outcomes are empty before its release."""

    public_id: str
    number: str
    title: str
    unit: str
    kind: str
    opens_on: date
    closes_on: date
    state: State
    people: int
    texts: int
    copies: int
    points: int
    outcomes: dict[Outcome, int]
    due_on: date | None
    released_on: date | None

    @property
    def days(self) -> int:
        """Days of the window."""
        return (self.closes_on - self.opens_on).days

    @property
    def late(self) -> int:
        """Days by which the answer came, or is, after the day that was promised."""
        if self.due_on is None or self.state == State.CANCELLED:
            return 0
        return max(0, ((self.released_on or today()) - self.due_on).days)


@dataclass(frozen=True)
class Year:
    """All consultations that opened in a year."""

    year: int
    rows: list[Asked]
    people: int
    """Different people over the whole year: who spoke on three matters is one."""

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """Points of all released ones by outcome."""
        return {outcome: sum(row.outcomes.get(outcome, 0) for row in self.rows) for outcome in Outcome}

    @property
    def released(self) -> list[Asked]:
        """Those that were answered."""
        return [row for row in self.rows if row.released_on is not None]

    @property
    def late(self) -> list[Asked]:
        """Those whose answer came, or is, late."""
        return [row for row in self.rows if row.late]

    @property
    def texts(self) -> int:
        """Texts of all."""
        return sum(row.texts for row in self.rows)

    @property
    def visits(self) -> int:
        """People of each consultation, added up: who spoke on three matters is three."""
        return sum(row.people for row in self.rows)

    @property
    def points(self) -> int:
        """Points of those that were answered."""
        return sum(row.points for row in self.released)


def years() -> Sequence[int]:
    """The years in which something was asked, newest first."""
    first, last = db.session.execute(
        select(func.min(Consultation.opens_on), func.max(Consultation.opens_on)).where(
            Consultation.audience == Audience.PUBLIC, Consultation.published_at.is_not(None)
        )
    ).one()
    return list(range(last.year, first.year - 1, -1)) if first and last else [today().year]


def year_of(year: int) -> Year:
    """Four queries, however many there were."""
    asked = db.session.execute(
        select(Consultation, Unit.name)
        .join(Officer, Officer.id == Consultation.handler_id)
        .outerjoin(Unit, Unit.id == Officer.unit_id)
        .where(
            Consultation.audience == Audience.PUBLIC,
            Consultation.published_at.is_not(None),
            Consultation.opens_on >= date(year, 1, 1),
            Consultation.opens_on <= date(year, 12, 31),
        )
        .order_by(Consultation.opens_on, Consultation.id)
    ).all()
    numbers = [matter.id for matter, _ in asked]
    last: dict[int, dict[str, Any]] = {}
    for release in db.session.scalars(
        select(Release).where(Release.consultation_id.in_(numbers)).order_by(Release.sequence)
    ):
        last[release.consultation_id] = release.totals
    people = db.session.scalar(
        select(func.count(func.distinct(Comment.resident_id)))
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id.in_(numbers), Withdrawal.id.is_(None))
    )
    return Year(year, [_asked(matter, unit, last.get(matter.id)) for matter, unit in asked], people or 0)


def _asked(matter: Consultation, unit: str | None, total: dict[str, Any] | None) -> Asked:
    assert matter.opens_on is not None
    assert matter.closes_on is not None
    counted = total or {"people": matter.n_people, "texts": matter.n_texts, "points": matter.n_points}
    return Asked(
        public_id=matter.public_id,
        number=matter.number,
        title=matter.title,
        unit=unit or "",
        kind=matter.decision.kind.label if matter.decision.kind else "",
        opens_on=matter.opens_on,
        closes_on=matter.closes_on,
        state=matter.state(),
        people=counted["people"],
        texts=counted["texts"],
        copies=counted.get("copies", {}).get("texts", 0),
        points=counted["points"],
        outcomes={outcome: int(total["outcomes"].get(outcome.value, 0)) for outcome in Outcome} if total else {},
        due_on=matter.answer_due_on,
        released_on=local(matter.released_at).date() if matter.released_at else None,
    )
