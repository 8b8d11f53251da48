"""What is owed to the public and by when: answers, second looks, promises; what is late stands first."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func, select

from models.comments.amendment import Amendment, AmendmentStage
from models.comments.second_look import SecondLook
from models.decisions.consultation import State, consultation_list
from models.kernel.base import db
from models.kernel.clock import today


class Due(NamedTuple):
    """One consultation whose answers are owed."""

    public_id: str
    title: str
    due_on: date
    late: int
    """Days past its day; 0 while there is time."""


def answers_owed(limit: int = 100) -> list[Due]:
    """Closed and not answered, the earliest day first."""
    day = today()
    found = [
        Due(row.public_id, row.title, row.answer_due_on, max(0, (day - row.answer_due_on).days))
        for row in consultation_list(State.CLOSED, limit=limit)
        if row.answer_due_on
    ]
    return sorted(found, key=lambda one: one.due_on)


class Looks(NamedTuple):
    """Second looks that are not back yet."""

    in_hand: int
    late: int
    first_due_on: date | None


def looks_owed() -> Looks:
    """However many there are, one query."""
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((SecondLook.due_on < today(), 1), else_=0)), 0),
            func.min(SecondLook.due_on),
        )
        .select_from(SecondLook)
        .outerjoin(Amendment, Amendment.id == SecondLook.amendment_id)
        .where((Amendment.id.is_(None)) | (Amendment.stage != AmendmentStage.RELEASED))
    ).one()
    return Looks(int(row[0]), int(row[1]), row[2])
