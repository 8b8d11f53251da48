"""Work that follows a deed: written in the same transaction, leased by a worker, never lost and never done twice at once."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import JSON, Index, Integer, String, Text, case, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, choice, db, insert_into
from models.kernel.clock import wall

ATTEMPTS = 8
"""Tries before a piece of work is set aside for a person to look at."""
_WANTED = "wanted_work"


class WorkState(enum.StrEnum):
    """Where a piece of work stands."""

    READY = "ready"
    CLAIMED = "claimed"
    DONE = "done"
    HELD = "held"
    """Its outcome is unknown, or it needs a person."""
    DEAD = "dead"
    """Given up after the last try."""


class Work(Base):
    """One piece of work. `key` keeps the same work from being wanted twice."""

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_due", "state", "run_at"),
        Index("ix_work_lease", "state", "lease_until"),
    )

    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    state: Mapped[WorkState] = mapped_column(choice(WorkState), default=WorkState.READY)
    run_at: Mapped[datetime]
    """On the wall's clock: leases and retries are not the law's business."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    urgency: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """The smaller number is done first."""
    owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime]

    @classmethod
    def want(
        cls,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        run_at: datetime | None = None,
        urgency: int = 0,
    ) -> None:
        """Ask for work in this transaction; asking again with the same key changes nothing."""
        at = wall()
        row = insert_into(cls).values(
            kind=kind,
            payload=dict(payload),
            key=key,
            state=WorkState.READY,
            run_at=run_at or at,
            attempts=0,
            urgency=urgency,
            owner="",
            error="",
            made_at=at,
        )
        made = db.session.scalar(row.on_conflict_do_nothing(index_elements=["key"]).returning(cls.id))
        if made is not None and (run_at is None or run_at <= at):
            db.session.info.setdefault(_WANTED, []).append(made)

    @classmethod
    def take_wanted(cls) -> list[int]:
        """The ids asked for in this transaction, to wake the workers after the commit."""
        return list(db.session.info.pop(_WANTED, []))

    @classmethod
    def due(cls, limit: int = 100) -> Sequence[int]:
        """Work that may start now, the most urgent and oldest first, including what a dead worker left behind."""
        at = wall()
        return db.session.scalars(
            select(cls.id)
            .where(
                ((cls.state == WorkState.READY) & (cls.run_at <= at))
                | ((cls.state == WorkState.CLAIMED) & (cls.lease_until < at))
            )
            .order_by(cls.urgency, cls.run_at, cls.id)
            .limit(limit)
        ).all()

    @classmethod
    def more_urgent(cls, number: int) -> int | None:
        """Work that may start now and comes before this piece; None when this is the first."""
        mine = select(cls.urgency).where(cls.id == number).scalar_subquery()
        return db.session.scalar(
            select(cls.id)
            .where(cls.state == WorkState.READY, cls.run_at <= wall(), cls.urgency < mine)
            .order_by(cls.urgency, cls.run_at, cls.id)
            .limit(1)
        )

    @classmethod
    def claim(cls, number: int, owner: str, lease: timedelta = timedelta(seconds=60)) -> Self | None:
        """Lease one piece of work; None when somebody else has it or it is finished. One UPDATE decides."""
        at = wall()
        taken = db.session.scalar(
            update(cls)
            .where(
                cls.id == number,
                ((cls.state == WorkState.READY) & (cls.run_at <= at))
                | ((cls.state == WorkState.CLAIMED) & (cls.lease_until < at)),
            )
            .values(state=WorkState.CLAIMED, owner=owner, lease_until=at + lease, attempts=cls.attempts + 1)
            .returning(cls.id)
            .execution_options(synchronize_session=False)
        )
        if taken is None:
            return None
        return db.session.get(cls, number, populate_existing=True)

    @classmethod
    def renew(cls, number: int, owner: str, attempt: int, lease: timedelta = timedelta(seconds=60)) -> bool:
        """Keep the lease; False when it was lost."""
        return cls._fenced(number, owner, attempt, lease_until=wall() + lease)

    @classmethod
    def finish(cls, number: int, owner: str, attempt: int) -> bool:
        """Done, if the lease is still ours."""
        return cls._fenced(number, owner, attempt, state=WorkState.DONE, lease_until=None, error="")

    @classmethod
    def again(cls, number: int, owner: str, attempt: int, at: datetime, error: str) -> bool:
        """Try again later; after the last try it is dead and shown to people."""
        state = case((cls.attempts >= ATTEMPTS, WorkState.DEAD.value), else_=WorkState.READY.value)
        return cls._fenced(number, owner, attempt, state=state, run_at=at, lease_until=None, error=error[:500])

    @classmethod
    def put_back(cls, number: int, owner: str, attempt: int, at: datetime) -> bool:
        """Not a failure: a quota or a window; the try is not counted."""
        return cls._fenced(
            number, owner, attempt, state=WorkState.READY, run_at=at, lease_until=None, attempts=cls.attempts - 1
        )

    @classmethod
    def hold(cls, number: int, owner: str, attempt: int, error: str) -> bool:
        """Set aside for a person."""
        return cls._fenced(number, owner, attempt, state=WorkState.HELD, lease_until=None, error=error[:500])

    @classmethod
    def _fenced(cls, number: int, owner: str, attempt: int, **values: Any) -> bool:
        """Only who holds the lease of this attempt may write."""
        result = db.session.execute(
            update(cls)
            .where(cls.id == number, cls.owner == owner, cls.attempts == attempt, cls.state == WorkState.CLAIMED)
            .values(**values)
            .returning(cls.id)
            .execution_options(synchronize_session=False)
        )
        return result.first() is not None

    @classmethod
    def troubles(cls, limit: int = 100) -> Sequence[Self]:
        """Held and dead work, newest first."""
        return db.session.scalars(
            select(cls).where(cls.state.in_((WorkState.HELD, WorkState.DEAD))).order_by(cls.id.desc()).limit(limit)
        ).all()

    @classmethod
    def counts(cls) -> dict[str, int]:
        """How much work in each state."""
        rows = db.session.execute(select(cls.state, func.count()).group_by(cls.state)).all()
        return {str(state.value): count for state, count in rows}


class Heartbeat(Base):
    """A process says that it is alive."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(64), unique=True)
    beat_at: Mapped[datetime]

    @classmethod
    def beat(cls, name: str) -> None:
        """Alive now."""
        at = wall()
        db.session.execute(
            insert_into(cls)
            .values(name=name, beat_at=at)
            .on_conflict_do_update(index_elements=["name"], set_={"beat_at": at})
        )

    @classmethod
    def age(cls, name: str) -> timedelta | None:
        """How long ago; None when never."""
        beat = db.session.scalar(select(cls.beat_at).where(cls.name == name))
        return wall() - beat if beat else None


def database_answers() -> bool:
    """A question that costs nothing."""
    return db.session.scalar(text("SELECT 1")) == 1
