"""Sessions of residents and officers: opaque tokens, stored hashed, revoked at once."""

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self, TypeVar

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Select, String, bindparam, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from models.kernel.base import Base, PublicId, db
from models.kernel.clock import wall
from models.kernel.ids import digest, new_token
from models.people.officer import Officer
from models.people.resident import Resident

S = TypeVar("S", bound="Session")
RESIDENT_DAYS = 30
OFFICER_HOURS = 12
CONSOLE = "console"
"""The door of the desk."""


@cache
def _of_token(record: type[S], door: str) -> "Select[S]":
    """Asked before every page of somebody signed in, so it is built once: for the desk with what an officer may do."""
    made: Any = record
    who = joinedload(made.resident)
    if door == CONSOLE:
        officer = joinedload(made.officer)
        who = officer.options(joinedload(Officer.posts), joinedload(Officer.standing_in))
    return select(record).where(made.token_hash == bindparam("hash", type_=LargeBinary)).options(who)


class Session(PublicId, Base):
    """One signed-in browser or phone."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint("(officer_id IS NULL) <> (resident_id IS NULL)", name="one_person"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    door: Mapped[str] = mapped_column(String(12))
    """site, console or mini."""
    csrf_secret: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(120), default="")
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    officer: Mapped[Officer | None] = relationship()
    resident: Mapped[Resident | None] = relationship()

    @classmethod
    def open_for(cls, person: Officer | Resident, door: str, device: str = "") -> str:
        """A new session; returns its token, which is stored nowhere."""
        token = new_token()
        staff = isinstance(person, Officer)
        length = timedelta(hours=OFFICER_HOURS) if staff else timedelta(days=RESIDENT_DAYS)
        row = cls(
            token_hash=digest(token),
            door=door,
            csrf_secret=new_token(),
            device=device[:120],
            opened_at=wall(),
            expires_at=wall() + length,
        )
        if isinstance(person, Officer):
            row.officer = person
        else:
            row.resident = person
        db.session.add(row)
        return token

    @classmethod
    def find(cls, token: str, door: str) -> Self | None:
        """The living session of a token, for the door it was made for."""
        row = db.session.scalars(_of_token(cls, door), {"hash": digest(token)}).unique().one_or_none()
        if row is None or row.revoked_at is not None or row.expires_at <= wall() or row.door != door:
            return None
        if row.officer is not None and not row.officer.active:
            return None
        return row

    @property
    def person(self) -> Officer | Resident:
        """Who it is; a merged resident is the one they were merged into."""
        if self.officer is not None:
            return self.officer
        assert self.resident is not None
        return self.resident.current

    @property
    def csrf(self) -> str:
        """The token that forms of this session carry."""
        return hmac.new(self.csrf_secret.encode(), b"csrf", hashlib.sha256).hexdigest()

    def revoke(self) -> None:
        """Signed out, here and now."""
        self.revoked_at = wall()

    @classmethod
    def revoke_all(cls, officer: Officer) -> None:
        """Every session of an officer ends: they left, or their password was reset."""
        db.session.execute(
            update(cls).where(cls.officer_id == officer.id, cls.revoked_at.is_(None)).values(revoked_at=wall())
        )

    @classmethod
    def living(cls, officer: Officer | None = None) -> list[Self]:
        """Sessions of officers that are open now."""
        query = select(cls).where(cls.officer_id.is_not(None), cls.revoked_at.is_(None), cls.expires_at > wall())
        if officer is not None:
            query = query.where(cls.officer_id == officer.id)
        return list(db.session.scalars(query.order_by(cls.id.desc()).limit(500)))

    @classmethod
    def sweep(cls) -> None:
        """Sessions that ended a month ago are forgotten; the trail keeps who did what."""
        old = wall() - timedelta(days=30)
        rows = db.session.scalars(select(cls.id).where(cls.expires_at < old).limit(500)).all()
        if rows:
            db.session.execute(cls.__table__.delete().where(cls.id.in_(rows)))  # type: ignore[attr-defined]
