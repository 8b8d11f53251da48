"""Residents: whoever speaks, with or without a telephone, under one name of ours and any number of WeChat's."""

import enum
import re
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    false,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel import sealed
from models.kernel.base import Base, BigInt, PublicId, choice, db, insert_into, some_rows, table_of
from models.kernel.clock import now
from models.kernel.lifecycle import act
from models.kernel.lifecycle import resident as the_resident
from models.kernel.lifecycle import system as the_clockwork
from models.kernel.refusal import NotAllowed, Refusal, RuleUnmet
from models.kernel.sealed import PersonKey
from models.kernel.trail import note
from models.people.consent import Consent
from models.people.place import Place
from models.texts.received import as_received

if TYPE_CHECKING:
    from models.people.officer import Officer

Known = TypeVar("Known", bound="Identity")


class ResidentKind(enum.StrEnum):
    """Who speaks."""

    INDIVIDUAL = "individual"
    ORGANISATION = "organisation"
    JOINT = "joint"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"individual": "个人", "organisation": "单位", "joint": "联名"}[self.value]


def oneself(subject: "Resident", actor: object) -> Refusal | None:
    """Guard: nobody but the person."""
    refusal = the_resident(subject, actor)
    if refusal is None and isinstance(actor, Resident) and actor.current is not subject.current:
        return NotAllowed("这一步由居民本人办理。")
    return refusal


def _a_person_or_the_clockwork(subject: "Resident", actor: object) -> Refusal | None:
    """Guard: a resident (that it is one of the two, the deed sees), or WeChat's word, brought by the clockwork."""
    return None if the_clockwork(subject, actor) is None else the_resident(subject, actor)


class Resident(PublicId, Base):
    """One person, organisation or group that speaks to the office."""

    __tablename__ = "resident"
    __table_args__ = (some_rows("ix_resident_merged", "merged_into_id IS NOT NULL", "merged_into_id"),)

    kind: Mapped[ResidentKind] = mapped_column(choice(ResidentKind), default=ResidentKind.INDIVIDUAL)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("person_key.id"), unique=True)
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    anonymous: Mapped[bool] = mapped_column(default=False)
    """Somebody without sign-in: one resident per receipt."""
    on_paper: Mapped[bool] = mapped_column(default=False)
    """Entered by staff on behalf of the person."""
    joined_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    place: Mapped[Place | None] = relationship(lazy="joined")
    key: Mapped[PersonKey] = relationship(lazy="joined")
    merged_into: Mapped["Resident | None"] = relationship(remote_side="Resident.id")
    identities: Mapped[list["Identity"]] = relationship(back_populates="resident")

    actor_kind = "resident"
    actor_name = "居民"
    actor_post = ""

    @property
    def actor_ref(self) -> str:
        """How the trail refers to this resident."""
        return self.public_id

    @property
    def actor_unit(self) -> str:
        """The village, when it is known."""
        return self.place.name if self.place else ""

    @classmethod
    def make(cls, **fields: object) -> Self:
        """A resident with a key of their own."""
        who = cls._new(**fields)
        db.session.flush()
        return who

    @classmethod
    def _new(cls, **fields: object) -> Self:
        who = cls(key=PersonKey.make(), joined_at=now(), **fields)
        db.session.add(who)
        return who

    @classmethod
    def nobody_known(cls) -> Self:
        """Somebody who does not sign in: one resident per receipt."""
        return cls.make(anonymous=True)

    @classmethod
    def from_paper(cls, place: Place | None = None) -> Self:
        """Somebody whom staff write down: a letter, a telephone call, a village hall."""
        return cls.make(on_paper=True, place=place)

    @classmethod
    def by_identity(cls, appid: str, openid: str, unionid: str | None = None) -> Self:
        """The resident behind a WeChat identity; made on first sight, found again by unionid in another account."""
        return Identity.seen(appid, openid, unionid).resident.current  # type: ignore[return-value]

    @property
    def current(self) -> "Resident":
        """This resident, or the one they were merged into."""
        who: Resident = self
        while who.merged_into is not None:
            who = who.merged_into
        return who

    @property
    def name(self) -> str:
        """What to call the person; empty when they did not say, or were forgotten."""
        return self._open(self.sealed_name, "name")

    @name.setter
    def name(self, value: str) -> None:
        self.sealed_name = self._seal(value, "name")

    @property
    def phone(self) -> str:
        """The telephone number as it was given."""
        return self._open(self.sealed_phone, "phone")

    @phone.setter
    def phone(self, value: str) -> None:
        self.sealed_phone = self._seal(value, "phone")
        self.phone_index = sealed.blind(digits(value), "phone") if value else None

    def _seal(self, value: str, column: str) -> bytes | None:
        return sealed.seal(self.key.secret, value, f"resident.{column}:{self.public_id}") if value else None

    def _open(self, blob: bytes | None, column: str) -> str:
        if blob is None or self.key.wrapped is None:
            return ""
        return sealed.unseal(self.key.secret, blob, f"resident.{column}:{self.public_id}")

    @act(by=oneself, label="", say="更新了称呼、电话或所在村居")
    def introduce(
        self,
        who: object,
        *,
        name: str = "",
        phone: str = "",
        place: Place | None = None,
        door: str,
        officer: "Officer | None" = None,
    ) -> None:
        """What the person chooses to tell about themselves; what is left empty stays as it is.

        `door` is where they told it, having seen the privacy text there; `officer` who wrote it down for them.
        """
        name = as_received(name, field="name", most=40, least=0).strip()
        phone = as_received(phone, field="phone", most=20, least=0).strip()
        if phone and not re.fullmatch(r"[0-9+\-() （）转ext.]{5,20}", phone):
            raise RuleUnmet("电话号码不对。", {"phone": "请填数字，例如 13800000000 或 0000-5550123。"})
        if (count := mobile_digits(phone)) not in (0, 11):
            raise RuleUnmet("手机号不对。", {"phone": f"手机号是11位，这里有{count}位，请再看一遍。"})
        if name:
            self.name = name
        if phone:
            self.phone = phone
        if place:
            self.place = place
        Consent.give(self, door=door, officer=officer)

    @act(by=_a_person_or_the_clockwork, label="", say="合并为同一位居民")
    def merge_into(self, actor: object, other: "Resident") -> None:
        """The same person under two names, by either of the two; messages already sent keep their addressee."""
        target = other.current
        if isinstance(actor, Resident) and actor.current.id not in (self.id, target.id):
            raise NotAllowed("这一步由居民本人办理。")
        if target.id == self.id:
            raise RuleUnmet("不能合并到自己。")
        db.session.execute(update(Resident).where(Resident.merged_into_id == self.id).values(merged_into_id=target.id))
        self.merged_into = target
        note(into=target.public_id)

    @property
    def all_ids(self) -> list[int]:
        """Our numbers for this person: their own and those that were merged into it."""
        merged = db.session.scalars(_MERGED, {"into": self.id}).all()
        return [self.id, *merged]

    @property
    def all_identities(self) -> list["Identity"]:
        """Every WeChat identity of this person."""
        return list(db.session.scalars(select(Identity).where(Identity.resident_id.in_(self.all_ids))))

    @property
    def followed(self) -> bool:
        """Whether any identity of theirs follows the account."""
        return any(i.followed for i in self.all_identities)


_PEOPLE = table_of(Resident).c
_MERGED = select(_PEOPLE.id).where(_PEOPLE.merged_into_id == bindparam("into", type_=BigInt))


class Identity(Base):
    """One WeChat identity: an openid is only unique within its account."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("appid", "openid"),
        CheckConstraint("length(openid) > 0", name="named"),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    appid: Mapped[str] = mapped_column(String(32))
    openid: Mapped[str] = mapped_column(String(64))
    unionid: Mapped[str | None] = mapped_column(String(64), index=True)
    followed: Mapped[bool] = mapped_column(default=False)
    followed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    blocked: Mapped[bool] = mapped_column(default=False)
    """WeChat said that this person takes nothing from us (43019, 48002) or is not known (40003)."""
    window_until: Mapped[datetime | None]
    window_left: Mapped[int] = mapped_column(Integer, default=0)
    """Customer messages that may still be sent until then."""
    changed_at: Mapped[datetime | None] = mapped_column(default=now, onupdate=now, index=True)

    resident: Mapped[Resident] = relationship(back_populates="identities", lazy="joined")

    @classmethod
    def seen(cls, appid: str, openid: str, unionid: str | None = None) -> Self:
        """The identity; made together with its resident on first sight, even when two doors see it at once."""
        found = cls.find(appid, openid)
        if found is None:
            found = cls._make(appid, openid, unionid)
        if unionid and found.unionid != unionid:
            found.unionid = unionid
            elsewhere = cls._same_person(unionid, found)
            if elsewhere is not None and elsewhere.current.id != found.resident.current.id:
                found.resident.current.merge_into(found.resident.current, elsewhere)
        if found.resident.current.erased_at is not None:
            # Whoever was forgotten and speaks again is somebody new; the old key is gone for good.
            found.resident = Resident.make()
        return found

    @classmethod
    def find(cls, appid: str, openid: str) -> Self | None:
        """The identity, if it is known."""
        return db.session.scalar(_of_openid(cls), {"appid": appid, "openid": openid})

    @classmethod
    def _make(cls, appid: str, openid: str, unionid: str | None) -> Self:
        try:
            with db.session.begin_nested():
                known = cls._same_person(unionid, None) if unionid else None
                who = known.current if known else Resident._new()
                made = cls(resident=who, appid=appid, openid=openid, unionid=unionid)
                db.session.add(made)
                db.session.flush()
                return made
        except IntegrityError:
            found = cls.find(appid, openid)
            assert found is not None
            return found

    @classmethod
    def _same_person(cls, unionid: str, but: "Identity | None") -> Resident | None:
        query = select(cls).where(cls.unionid == unionid).order_by(cls.id)
        if but is not None:
            query = query.where(cls.id != but.id)
        other = db.session.scalar(query.limit(1))
        return other.resident if other else None

    def follow(self) -> None:
        """They follow the account."""
        self.followed, self.followed_at, self.blocked = True, now(), False

    def unfollow(self) -> None:
        """They do not any more; nothing can be sent."""
        self.followed, self.unfollowed_at = False, now()
        self.window_until, self.window_left = None, 0

    def heard_from(self, kind: str) -> None:
        """A message opens 5 customer messages in 48 hours, other touches 3 in a minute; the better right wins.

        Source: WeChat's customer message page (2023-06-12).
        """
        count, length = (5, timedelta(hours=48)) if kind == "message" else (3, timedelta(minutes=1))
        until = now() + length
        if kind == "message" or self.window_until is None or self.window_until < until:
            self.window_until, self.window_left = until, count


@cache
def _of_openid(record: type[Known]) -> "Select[Known]":
    """The statement of Identity.find(), which every message of the chat asks first."""
    made: Any = record
    return select(record).where(made.appid == bindparam("appid"), made.openid == bindparam("openid"))


class Grant(Base):
    """Subscribe messages that a person allowed and that are not yet spent, for one template."""

    __tablename__ = "subscribe_grant"
    __table_args__ = (
        UniqueConstraint("identity_id", "template"),
        CheckConstraint("remaining >= 0", name="not_negative"),
    )

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    template: Mapped[str] = mapped_column(String(64))
    remaining: Mapped[int] = mapped_column(Integer, default=0)
    lasting: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A long-term consent, which WeChat gives public services only: it is not used up."""
    changed_at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def accepted(cls, identity: Identity, template: str, *, lasting: bool = False) -> None:
        """One accept, one message, without a time limit; a lasting one is good until it is taken back."""
        row = insert_into(cls).values(
            identity_id=identity.id, template=template, remaining=1, lasting=lasting, changed_at=now()
        )
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["identity_id", "template"],
                set_={"remaining": cls.remaining + 1, "lasting": lasting, "changed_at": now()},
            )
        )

    @classmethod
    def zero(cls, identity: Identity, template: str) -> None:
        """Refused, or WeChat says that nothing is left (43101)."""
        row = insert_into(cls).values(
            identity_id=identity.id, template=template, remaining=0, lasting=False, changed_at=now()
        )
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["identity_id", "template"],
                set_={"remaining": 0, "lasting": False, "changed_at": now()},
            )
        )

    @classmethod
    def left(cls, identity: Identity, template: str) -> int:
        """How many may still be sent."""
        found = db.session.scalar(select(cls.remaining).where(cls.identity_id == identity.id, cls.template == template))
        return found or 0


def by_public_id(public_id: str) -> Resident | None:
    """One resident by the public id, merged or not."""
    return db.session.scalar(select(Resident).where(Resident.public_id == public_id))


def mobile_digits(phone: str) -> int:
    """How many digits of what begins like a mobile number; 0 for a landline, or a short number such as 12345."""
    plain = re.sub(r"[\s-]", "", phone).removeprefix("+86")
    return len(plain) if re.fullmatch(r"1[0-9]{6,}", plain) else 0


def digits(phone: str) -> str:
    """A telephone number for looking up: digits only."""
    return re.sub(r"\D", "", phone)
