"""A personal one-off link from the chat into the site, for accounts that have no web sign-in."""

from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ForeignKey, LargeBinary, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, db
from models.kernel.clock import wall
from models.kernel.ids import digest, new_token
from models.kernel.refusal import OutOfTurn
from models.people.resident import Resident

HOURS = 48


class OneOffLink(Base):
    """One link; looking at it does nothing, because previewers fetch links; a button spends it."""

    __tablename__ = "one_off_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    path: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]

    resident: Mapped[Resident] = relationship()

    @classmethod
    def make(cls, resident: Resident, path: str = "/mine") -> str:
        """A new link to a page of the site; returns the token."""
        token = new_token()
        db.session.add(
            cls(token_hash=digest(token), resident=resident, path=path, expires_at=wall() + timedelta(hours=HOURS))
        )
        return token

    @classmethod
    def look(cls, token: str) -> Self | None:
        """The link if it can still be spent."""
        row = db.session.scalar(select(cls).where(cls.token_hash == digest(token)))
        return row if row and row.spent_at is None and row.expires_at > wall() else None

    def spend(self) -> Resident:
        """Who it was for; of two who press at once, one gets in."""
        done = db.session.execute(
            update(OneOffLink)
            .where(OneOffLink.id == self.id, OneOffLink.spent_at.is_(None))
            .values(spent_at=wall())
            .returning(OneOffLink.id)
            .execution_options(synchronize_session=False)
        ).first()
        if done is None:
            raise OutOfTurn("这个链接已经用过了。请回到公众号，再要一个新的。")
        return self.resident.current
