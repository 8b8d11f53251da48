"""What is guarded by a secret shuts for a while after too many wrong ones, for the right one too."""

from datetime import datetime, timedelta

from sqlalchemy import Integer, inspect, update
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.refusal import TooOften

LOCKED = timedelta(minutes=15)


class Lockable:
    """A record with a secret: counts wrong tries, and knows until when it is shut. On the wall's clock."""

    failed: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]

    def try_secret(self, right: bool, tries: int) -> bool:
        """Count this try; after `tries` wrong ones it is shut. Of many tries at once each is counted."""
        if right:
            self.failed, self.locked_until = 0, None
            return True
        record = type(self)
        db.session.execute(
            update(record)
            .where(inspect(record).primary_key[0] == self.id)  # type: ignore[attr-defined]
            .values(failed=record.failed + 1)
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(self)
        if self.failed >= tries:
            self.failed, self.locked_until = 0, wall() + LOCKED
        return False

    def refuse_while_locked(self, words: str) -> None:
        """Raise TooOften with these words ({minutes} is filled in) while it is shut."""
        if self.locked_until is not None and self.locked_until > wall():
            seconds = int((self.locked_until - wall()).total_seconds()) + 1
            raise TooOften(words.format(minutes=seconds // 60 + 1), seconds)
