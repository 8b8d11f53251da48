"""How fast one person may speak, at whichever door: fast enough for anybody who thinks, too slow for a flood."""

from datetime import timedelta

from sqlalchemy import func, select

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
    since, whose = now() - WITHIN, resident.all_ids
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
    said = sum(db.session.execute(select(*(one.scalar_subquery() for one in counted))).one())
    if said >= MOST:
        raise TooOften("您说得太快了，请过几分钟再继续。已经收到的都在。", int(WITHIN.total_seconds()))
