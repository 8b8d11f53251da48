"""What became of each group that was asked by name: invited, reached, answered, and with which outcome; groups, never persons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from models.comments.comment import Comment
from models.comments.point import SETTLED, Outcome, Point, PointStage
from models.decisions.consultation import Audience, Consultation, Stage
from models.decisions.decision import Decision
from models.decisions.draft import Clause
from models.decisions.invitation import Group, Invitation
from models.decisions.road import Going, Standing
from models.kernel.base import db
from models.kernel.clock import local, now

COUNTED = ("invited", "sent", "received", "reminded", "spoke", "agreed", "silent", "texts", "points", "waiting")
BY_NAME = (Audience.INTERNAL, Audience.DIRECTED)


@dataclass(frozen=True)
class Tally:
    """One group with its numbers."""

    group: Group
    invited: int = 0
    sent: int = 0
    received: int = 0
    reminded: int = 0
    spoke: int = 0
    agreed: int = 0
    texts: int = 0
    waiting: int = 0
    """Points that have no approved answer yet."""
    outcomes: dict[Outcome, int] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Somebody of this group was sent the draft."""
        return self.sent > 0

    @property
    def silent(self) -> int:
        """Who was sent it and has not answered."""
        return self.sent - self.spoke - self.agreed

    @property
    def points(self) -> int:
        """What was said, answered or not."""
        return self.waiting + sum(self.outcomes.values())


def of_case(decision: Decision) -> list[Tally]:
    """All eleven groups over the rounds of a case."""
    return _tallies(Consultation.decision_id == decision.id)


def of_year(year: int) -> list[Tally]:
    """All eleven groups over the rounds that opened in a year."""
    return _tallies(_in(year))


def _in(year: int) -> ColumnElement[bool]:
    return and_(Consultation.opens_on >= date(year, 1, 1), Consultation.opens_on <= date(year, 12, 31))


def _tallies(which: ColumnElement[bool]) -> list[Tally]:
    said = select(Comment.resident_id, func.count().label("texts")).group_by(Comment.resident_id).subquery()
    asked = db.session.execute(
        select(
            Invitation.group,
            func.count().label("invited"),
            func.count(Invitation.sent_on).label("sent"),
            func.count(Invitation.received_on).label("received"),
            func.count().filter(Invitation.reminders > 0).label("reminded"),
            func.count(said.c.texts).label("spoke"),
            func.sum(said.c.texts).label("texts"),
            func.count().filter(Invitation.nothing_to_say, said.c.texts.is_(None)).label("agreed"),
        )
        .join(Consultation, Consultation.id == Invitation.consultation_id)
        .outerjoin(said, said.c.resident_id == Invitation.resident_id)
        .where(which, Consultation.stage != Stage.CANCELLED)
        .group_by(Invitation.group)
    )
    settled = case((Point.stage.in_(SETTLED), Point.outcome), else_=None).label("outcome")
    became = db.session.execute(
        select(Invitation.group, settled, func.count().label("number"))
        .join(Comment, Comment.resident_id == Invitation.resident_id)
        .join(Point, Point.comment_id == Comment.id)
        .join(Consultation, Consultation.id == Invitation.consultation_id)
        .where(which, Consultation.stage != Stage.CANCELLED, Point.stage != PointStage.WITHDRAWN)
        .group_by(Invitation.group, settled)
    )
    points: dict[Group, dict[Outcome | None, int]] = {}
    for row in became:
        of_group = points.setdefault(row.group, {})
        of_group[Outcome(row.outcome) if row.outcome else None] = row.number
    found = {
        row.group: Tally(
            row.group,
            row.invited,
            row.sent,
            row.received,
            row.reminded,
            row.spoke,
            row.agreed,
            int(row.texts or 0),
            points.get(row.group, {}).get(None, 0),
            {outcome: n for outcome, n in points.get(row.group, {}).items() if outcome is not None},
        )
        for row in asked
    }
    return [found.get(group, Tally(group)) for group in Group]


def total(rows: Sequence[Tally]) -> Counter[str]:
    """The sums of a report; an outcome stands under its own word."""
    summed: Counter[str] = Counter()
    for row in rows:
        summed.update({name: getattr(row, name) for name in COUNTED})
        summed.update({outcome.value: n for outcome, n in row.outcomes.items()})
    return summed


def points_of(decision: Decision, limit: int = 500) -> Sequence[Any]:
    """What the groups said in a case, point by point, in the officer's words, with what became of it; core rows."""
    return db.session.execute(
        select(
            Invitation.group,
            Point.public_id,
            Point.gist,
            Point.stage,
            case((Point.stage.in_(SETTLED), Point.outcome), else_=None).label("outcome"),
            case((Point.stage.in_(SETTLED), Point.reason), else_="").label("reason"),
            Clause.label.label("clause"),
        )
        .join(Comment, Comment.resident_id == Invitation.resident_id)
        .join(Point, Point.comment_id == Comment.id)
        .join(Consultation, Consultation.id == Invitation.consultation_id)
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(
            Consultation.decision_id == decision.id,
            Consultation.stage != Stage.CANCELLED,
            Point.stage != PointStage.WITHDRAWN,
        )
        .order_by(Point.id)
        .limit(limit)
    ).all()


def cases_of_year(year: int, limit: int = 200) -> Sequence[Any]:
    """The cases that asked groups by name in a year, the newest first; core rows."""
    return db.session.execute(
        select(
            Decision.id,
            Decision.public_id,
            Decision.title,
            Decision.number,
            func.count(func.distinct(Consultation.id)).label("rounds"),
            func.count(Invitation.id).label("invited"),
            func.count(Invitation.sent_on).label("sent"),
            func.count(Invitation.received_on).label("received"),
        )
        .join(Consultation, Consultation.decision_id == Decision.id)
        .join(Invitation, Invitation.consultation_id == Consultation.id)
        .where(_in(year), Consultation.stage != Stage.CANCELLED)
        .group_by(Decision.id, Decision.public_id, Decision.title, Decision.number)
        .order_by(Decision.id.desc())
        .limit(limit)
    ).all()


def rounds_by_name(decision: Decision) -> Standing | None:
    """How the rounds among those who are named stand: over once everybody answered or the time is up, and every point has its answer."""
    rounds = db.session.scalars(
        select(Consultation)
        .where(
            Consultation.decision_id == decision.id,
            Consultation.audience.in_(BY_NAME),
            Consultation.published_at.is_not(None),
            Consultation.stage != Stage.CANCELLED,
        )
        .order_by(Consultation.id)
    ).all()
    if not rounds:
        return None
    left = _left([one.id for one in rounds])
    for one in rounds:
        silent, waiting = left.get(one.id, (0, 0))
        if one.is_open() and silent:
            says = f"{one.audience.label}还没有截止，{silent} 个对象没有答复。"
            return Standing(Going.NOW, one.handler.name, one.opens_on, one.closes_on, says)
        if waiting:
            says = f"{one.audience.label}还有 {waiting} 条意见没有答复。"
            return Standing(Going.NOW, one.handler.name, one.closes_on, one.answer_due_on, says)
    last = rounds[-1]
    names = "、".join(dict.fromkeys(one.audience.label for one in rounds))
    ended = min(last.closes_on or local(now()).date(), local(now()).date())
    return Standing(
        Going.DONE, last.handler.name, ended, says=f"{names}{len(rounds)} 轮，{sum(r.n_texts for r in rounds):,} 份意见"
    )


def _left(rounds: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each round, how many have not answered, and how many points have no approved answer."""
    said = select(Comment.resident_id).distinct().subquery()
    silent = db.session.execute(
        select(Invitation.consultation_id, func.count().label("number"))
        .outerjoin(said, said.c.resident_id == Invitation.resident_id)
        .where(Invitation.consultation_id.in_(rounds), ~Invitation.nothing_to_say, said.c.resident_id.is_(None))
        .group_by(Invitation.consultation_id)
    )
    waiting = db.session.execute(
        select(Point.consultation_id, func.count().label("number"))
        .where(Point.consultation_id.in_(rounds), Point.stage.not_in((*SETTLED, PointStage.WITHDRAWN)))
        .group_by(Point.consultation_id)
    )
    nobody = {row.consultation_id: row.number for row in silent}
    unanswered = {row.consultation_id: row.number for row in waiting}
    return {number: (nobody.get(number, 0), unanswered.get(number, 0)) for number in rounds}
