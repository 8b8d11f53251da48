"""How fast one person may speak, at whichever door: fast enough for anybody who thinks, too slow for a flood."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select

from models.comments.comment import Comment, Supplement
from models.comments.unplaced import Unplaced
from models.decisions.in_force import Remark
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.refusal import TooOften
from models.people.resident import Resident
from models.proposals.proposal import Proposal
from models.questions.question import Question

MOST = 30
"""Comments, supplements, questions and proposals together."""
WITHIN = timedelta(minutes=10)


def not_too_fast(resident: Resident) -> None:
    """Raise TooOften when this person has said a great deal in the last minutes; counted over all doors and processes."""
    said = sum(db.session.execute(_said(), {"whose": resident.all_ids, "since": now() - WITHIN}).one())
    if said >= MOST:
        raise TooOften("您说得太快了，请过几分钟再继续。已经收到的都在。", int(WITHIN.total_seconds()))


@cache
def _said() -> Select[Any]:
    """The statement that counts, built once: building it anew costs more than asking it."""
    whose: BindParameter[list[int]] = bindparam("whose", expanding=True)
    since = bindparam("since", type_=Comment.received_at.type)
    counted = (
        select(func.count()).where(Comment.resident_id.in_(whose), Comment.received_at >= since),
        select(func.count())
        .select_from(Supplement)
        .join(Comment, Comment.id == Supplement.comment_id)
        .where(Comment.resident_id.in_(whose), Supplement.received_at >= since),
        select(func.count()).where(Unplaced.resident_id.in_(whose), Unplaced.received_at >= since),
        select(func.count()).where(Remark.resident_id.in_(whose), Remark.received_at >= since),
        select(func.count()).where(Question.resident_id.in_(whose), Question.asked_at >= since),
        select(func.count()).where(Proposal.resident_id.in_(whose), Proposal.received_at >= since),
    )
    return select(*(one.scalar_subquery() for one in counted))
