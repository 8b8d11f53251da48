"""What the desks ask about comments: how much came in by day, whose number is this, which voices wait to be written down."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from models.comments.comment import Attachment, Comment, MediaKind, MediaState, Withdrawal
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import local


def by_day(consultation: Consultation) -> dict[date, int]:
    """Comments that stand, by the Beijing day on which they came in: counted by the hour, for hours are the same everywhere."""
    came = Comment.received_at
    hour = func.strftime("%Y-%m-%d %H", came)
    if db.engine.dialect.name == "postgresql":
        hour = func.to_char(func.timezone("UTC", came), "YYYY-MM-DD HH24")
    rows = db.session.execute(
        select(hour.label("hour"), func.count().label("texts"))
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id == consultation.id, Withdrawal.id.is_(None))
        .group_by(hour)
    )
    found: Counter[date] = Counter()
    for row in rows:
        found[local(datetime.strptime(f"{row.hour}+0000", "%Y-%m-%d %H%z")).date()] += row.texts
    return dict(found)


def by_serial(serial: int, limit: int = 20) -> Sequence[Comment]:
    """Comments with this public number, newest consultation first: every consultation counts for itself."""
    return (
        db.session.scalars(select(Comment).where(Comment.serial == serial).order_by(Comment.id.desc()).limit(limit))
        .unique()
        .all()
    )


def voices(*, done: bool = False, limit: int = 50) -> Sequence[Attachment]:
    """Voice messages that wait for somebody to write down what is heard, oldest first; or those that were written down."""
    query = select(Attachment).where(
        Attachment.kind == MediaKind.VOICE, Attachment.state == MediaState.KEPT, Attachment.comment_id.is_not(None)
    )
    if done:
        query = query.where(Attachment.sealed_transcript.is_not(None)).order_by(Attachment.id.desc())
    else:
        query = query.where(Attachment.sealed_transcript.is_(None)).order_by(Attachment.id)
    return db.session.scalars(query.limit(limit)).all()


def attachment(public_id: str) -> Attachment | None:
    """One attachment by its address."""
    return db.session.scalar(select(Attachment).where(Attachment.public_id == public_id))
