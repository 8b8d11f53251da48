"""What a message has to know to say its few words: read for many people at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.people.resident import Resident


@dataclass
class Theirs:
    """What one person said in a consultation, and what became of it."""

    comments: list[str] = field(default_factory=list)
    """Public ids."""
    outcomes: list[str] = field(default_factory=list)
    """The words of each answered point."""


def theirs(
    consultation_id: int, residents: Iterable[int], *, stage: PointStage = PointStage.RELEASED
) -> dict[int, Theirs]:
    """By resident, merged people counted as one; two queries for all. Points at `stage` have their outcome told."""
    wanted = list(residents)
    owner = {number: number for number in wanted}
    for number, merged in db.session.execute(
        select(Resident.id, Resident.merged_into_id).where(Resident.merged_into_id.in_(wanted))
    ):
        owner[number] = int(merged or number)
    found = {number: Theirs() for number in wanted}
    asked = db.session.get(Consultation, consultation_id)
    before = asked.before_words if asked is not None else ""
    rows = db.session.execute(
        select(Comment.resident_id, Comment.public_id, Point.stage, Point.outcome)
        .join(Point, Point.comment_id == Comment.id)
        .where(
            Comment.consultation_id == consultation_id,
            Comment.resident_id.in_(owner),
            Point.stage != PointStage.WITHDRAWN,
        )
        .order_by(Point.id)
    )
    for resident_id, public_id, at, outcome in rows:
        mine = found[owner[resident_id]]
        if public_id not in mine.comments:
            mine.comments.append(public_id)
        if at == stage and outcome is not None:
            mine.outcomes.append(outcome.said(before))
    return found
