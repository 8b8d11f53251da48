"""What the desks ask about comments: whose number is this, which voices wait to be written down."""

from collections.abc import Sequence

from sqlalchemy import select

from models.comments.comment import Attachment, Comment, MediaKind, MediaState
from models.kernel.base import db


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
