"""Whom to telephone after a release: people whom staff wrote down, who left a number and whom no message reaches."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import exists, select

from models.comments.comment import Comment, Withdrawal
from models.decisions.consultation import Consultation, Stage
from models.kernel.base import db
from models.kernel.lifecycle import act, post
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Identity


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
