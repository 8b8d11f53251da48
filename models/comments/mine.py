"""What a resident's own pages ask: my comments, what became of each, and whether a form has been sent before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, ClauseRevision
from models.kernel.base import db
from models.kernel.clock import now
from models.people.officer import Officer
from models.people.resident import Resident
from models.people.unit import Unit


def mine(ids: Sequence[int], *, after: int | None = None, limit: int = 20) -> Sequence[Comment]:
    """The comments of one person, under all their numbers, newest first, with what a list of them shows."""
    query = (
        select(Comment)
        .where(Comment.resident_id.in_(ids))
        .options(joinedload(Comment.clause), joinedload(Comment.withdrawal))
        .order_by(Comment.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Comment.id < after)
    return db.session.scalars(query).unique().all()


def counted(ids: Sequence[int]) -> tuple[int, int]:
    """How many comments one person has written, and how many of them are answered."""
    answered = func.count(func.distinct(Comment.id)).filter(Point.stage == PointStage.RELEASED)
    row = db.session.execute(
        select(func.count(func.distinct(Comment.id)), answered)
        .join(Point, Point.comment_id == Comment.id)
        .where(Comment.resident_id.in_(ids))
    ).one()
    return int(row[0]), int(row[1])


def answers(comment_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Core rows of the points of several comments, with the clause before and after and who answered."""
    approver, found = aliased(Officer), defaultdict(list)
    rows = db.session.execute(
        select(
            Point.id,
            Point.public_id,
            Point.comment_id,
            Point.stage,
            Point.outcome,
            Point.sub_reason,
            Point.reason,
            Clause.kind,
            Clause.label,
            Clause.text,
            ClauseRevision.text.label("revised"),
            Officer.name.label("author"),
            Unit.name.label("unit"),
            approver.name.label("approver"),
        )
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .outerjoin(ClauseRevision, ClauseRevision.id == Point.revision_id)
        .outerjoin(Officer, Officer.id == Point.author_id)
        .outerjoin(Unit, Unit.id == Officer.unit_id)
        .outerjoin(approver, approver.id == Point.approver_id)
        .where(Point.comment_id.in_(comment_ids), Point.joined_into_id.is_(None))
        .order_by(Point.id)
    )
    for row in rows:
        found[row.comment_id].append(row)
    return found


LATELY = timedelta(days=30)
"""How long an answer is news on the front page."""


def answered_lately(resident: Resident, limit: int = 20) -> Sequence[Any]:
    """Core rows of a resident's newly answered points, newest first: on what, and on which clause."""
    return db.session.execute(
        select(Consultation.title, Clause.label, Clause.heading, Point.released_at)
        .join(Comment, Comment.id == Point.comment_id)
        .join(Consultation, Consultation.id == Point.consultation_id)
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(
            Comment.resident_id.in_(resident.all_ids),
            Point.stage == PointStage.RELEASED,
            Point.released_at > now() - LATELY,
        )
        .order_by(Point.released_at.desc(), Point.id.desc())
        .limit(limit)
    ).all()


def sent_lately(prefix: str, within: timedelta) -> int:
    """How many comments came in under keys that begin like this: those of one browser that has not signed in."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Comment)
            .where(Comment.key >= prefix, Comment.key < prefix + "~", Comment.received_at >= now() - within)
        )
        or 0
    )
