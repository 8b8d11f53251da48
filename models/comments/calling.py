"""Whom to telephone: people whom staff wrote down and whom no message reaches, after a release, and when their words are not shown."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import exists, func, select

from models.comments.comment import Comment, Withdrawal
from models.comments.showing import Hiding
from models.decisions.consultation import Consultation, Stage
from models.kernel.base import db
from models.kernel.lifecycle import act, post
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Identity, Resident


@act(Stage.CONCLUDED, by=post("handler", "office"), label="", say="看了要打电话告知的名单，{number}份", of=Consultation)
def call_list(consultation: Consultation, officer: Officer) -> Sequence[Comment]:
    """Comments whose writers are told by telephone, in the order in which they came; each look leaves its trace."""
    wanted = [comment for comment in _written_down([consultation.id]) if comment.resident.phone]
    note(number=len(wanted))
    return wanted


def calls_to_make(consultations: Sequence[Consultation]) -> Counter[int]:
    """How many telephone calls each release asks for, by the consultation's number; whose they are is not looked at."""
    wanted = _written_down([each.id for each in consultations])
    return Counter(
        comment.consultation_id
        for comment in wanted
        if comment.resident.sealed_phone and not comment.resident.erased_at
    )


def hidden_untold(limit: int = 50) -> Sequence[Hiding]:
    """Words that are not shown, of people whom no message reaches and who have not been told yet; oldest first."""
    return (
        db.session.scalars(
            select(Hiding)
            .join(Comment, Comment.id == Hiding.comment_id)
            .join(Resident, Resident.id == Comment.resident_id)
            .where(
                Hiding.lifted_at.is_(None),
                Hiding.told_at.is_(None),
                Resident.erased_at.is_(None),
                ~exists().where(Withdrawal.comment_id == Comment.id),
                ~exists().where(Identity.resident_id == func.coalesce(Resident.merged_into_id, Resident.id)),
                ~exists().where(Identity.resident_id == Resident.id),
            )
            .order_by(Hiding.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


def hiding_of(public_id: str) -> Hiding | None:
    """One by its address."""
    return db.session.scalar(select(Hiding).where(Hiding.public_id == public_id))


def _written_down(consultations: Sequence[int]) -> Sequence[Comment]:
    return (
        db.session.scalars(
            select(Comment)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(
                Comment.consultation_id.in_(consultations),
                Comment.entered_by_id.is_not(None),
                Withdrawal.id.is_(None),
                ~exists().where(Identity.resident_id == Comment.resident_id),
            )
            .order_by(Comment.serial)
        )
        .unique()
        .all()
    )
