"""Where a conversation in the chat stands: what was chosen, and what the next words will be."""

import enum
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import JSON, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.comment import Comment
from models.decisions.consultation import Consultation
from models.kernel.base import Base, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import office_rules
from models.people.resident import Identity


class Expecting(enum.StrEnum):
    """What the next text is taken for."""

    NOTHING = "nothing"
    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    CHOICE = "choice"
    PLACING = "placing"
    LECTURE = "lecture"


class Conversation(Base):
    """One identity's conversation."""

    __tablename__ = "conversation"

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), unique=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    """The last comment: what follows is its supplement."""
    expecting: Mapped[Expecting] = mapped_column(choice(Expecting), default=Expecting.NOTHING)
    offered: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Public ids in the order they were listed, so that 「2」 means the second."""
    chosen_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]

    identity: Mapped[Identity] = relationship()
    consultation: Mapped[Consultation | None] = relationship()
    comment: Mapped[Comment | None] = relationship()

    @classmethod
    def of(cls, identity: Identity) -> Self:
        """The conversation; made when the first words come."""
        found = db.session.scalar(select(cls).where(cls.identity_id == identity.id))
        if found is None:
            found = cls(identity=identity, offered=[], touched_at=now())
            db.session.add(found)
        return found

    def choose(self, consultation: Consultation) -> None:
        """What follows is about this one."""
        self.consultation, self.comment = consultation, None
        self.chosen_at = self.touched_at = now()
        self.expecting = Expecting.NOTHING

    @property
    def chosen(self) -> Consultation | None:
        """What was chosen in the last 24 hours (the office's number) and can still be spoken about."""
        if self.consultation is None or self.chosen_at is None:
            return None
        hours = office_rules().number("comment.gather_hours").value
        if now() - self.chosen_at > timedelta(hours=hours) or not self.consultation.is_open():
            return None
        return self.consultation
