"""Asking for mediation: handed to the village's room, never forced, and the thirty days of judicial confirmation are not missed."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, ruled, step, system
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import Missing, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.received import as_received

LONGEST = 1000


class Dispute(enum.StrEnum):
    """What it is about."""

    NEIGHBOURS = "neighbours"
    FAMILY = "family"
    LAND = "land"
    WORK = "work"
    MONEY = "money"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "neighbours": "邻里",
            "family": "婚姻家庭",
            "land": "土地、宅基地",
            "work": "工资、劳务",
            "money": "借钱、合同",
            "other": "别的",
        }[self.value]


class MediationStage(enum.StrEnum):
    """How far."""

    ASKED = "asked"
    TAKEN = "taken"
    AGREED = "agreed"
    FAILED = "failed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "asked": "等调解室联系",
            "taken": "正在调解",
            "agreed": "达成协议",
            "failed": "没有调成",
            "refused": "对方不同意调解",
            "withdrawn": "本人撤回",
        }[self.value]


def _of_the_room(subject: "Mediation", actor: Any) -> Refusal | None:
    """Guard: the justice office, or whoever looks after the room's village; for everybody else it does not exist."""
    refusal: Refusal | None = ruled("mediation.handle")(subject, actor)
    if refusal is not None:
        return refusal
    mine = actor.has("justice") or subject.room.place_id is None or subject.room.place in actor.places
    return None if mine else Missing("没有找到这件调解。")


def _oneself(subject: "Mediation", actor: Any) -> Refusal | None:
    """Guard: whoever asked for it."""
    same = getattr(actor, "actor_kind", "") == "resident" and actor.current.id == subject.resident.current.id
    return None if same else Missing("没有找到这件调解。")


class Mediation(PublicId, Base):
    """One request; what it is about is sealed under the key of who asked."""

    __tablename__ = "mediation"
    __table_args__ = (
        Index("ix_mediation_room", "room_id", "stage"),
        Index("ix_mediation_mine", "resident_id", "id"),
        CheckConstraint(
            "stage <> 'agreed' OR (agreed_on IS NOT NULL AND confirm_until IS NOT NULL)", name="agreed_on_a_day"
        ),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("legal_place.id"))
    dispute: Mapped[Dispute] = mapped_column(choice(Dispute))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    stage: Mapped[MediationStage] = mapped_column(choice(MediationStage), default=MediationStage.ASKED)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agreed_on: Mapped[date | None] = mapped_column(Date)
    confirm_until: Mapped[date | None] = mapped_column(Date)
    """People's Mediation Law, article 33: within thirty days both may ask the court to confirm."""
    confirmed_on: Mapped[date | None] = mapped_column(Date)
    reminded_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(160), unique=True)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    room: Mapped[LegalPlace] = relationship(lazy="joined", innerjoin=True)

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @classmethod
    def ask(
        cls,
        resident: Resident,
        room: LegalPlace,
        dispute: Dispute,
        text: str,
        *,
        channel: Channel,
        key: str | None = None,
    ) -> Self:
        """Handed to a room; pressed twice it is one."""
        words = as_received(text, field="text", most=LONGEST)
        if not words.strip():
            raise RuleUnmet("请写写是什么事。", {"text": "请写写是什么事、和谁。"})
        if room.kind != LegalPlaceKind.MEDIATION or not room.open:
            raise RuleUnmet("请选一个调解室。", {"room": "请选一个调解室。"})
        before = db.session.scalar(select(cls).where(cls.key == key)) if key else None
        if before is not None:
            return before
        try:
            with db.session.begin_nested():
                return cls._ask(resident, room, dispute, words, channel, key)
        except IntegrityError:
            return db.session.scalars(select(cls).where(cls.key == key)).one()

    @classmethod
    @birth(by=the_resident, say="申请调解：{dispute_words}，{room_name}")
    def _ask(
        cls, resident: Resident, room: LegalPlace, dispute: Dispute, text: str, channel: Channel, key: str | None
    ) -> Self:
        who = resident.current
        made = cls(
            public_id=new_public_id(),
            resident=who,
            room=room,
            dispute=dispute,
            channel=channel,
            asked_at=now(),
            key=key,
        )
        made.sealed_text = sealed.seal(who.key.secret, text, made._row())
        db.session.add(made)
        db.session.flush()
        Consent.give(who, door=channel.value)
        note(
            dispute_words=dispute.label,
            room_name=room.name,
            text=sealed.commitment(who.key.secret, made._row(), text),
        )
        return made

    def _row(self) -> str:
        return f"mediation.text:{self.public_id}"

    @property
    def text(self) -> str:
        """What it is about."""
        try:
            return sealed.unseal(self.resident.key.secret, self.sealed_text, self._row())
        except Missing:
            return sealed.GONE

    @property
    def days_left(self) -> int | None:
        """Days in which both may still ask the court to confirm."""
        if self.confirm_until is None or self.confirmed_on is not None:
            return None
        return (self.confirm_until - today()).days

    @act(by=_of_the_room, label="", say="看了这件调解申请")
    def read(self, officer: Officer) -> str:
        """Each reading leaves its trace."""
        return self.text

    @step(
        MediationStage.ASKED,
        to=MediationStage.TAKEN,
        by=_of_the_room,
        label="双方都同意，开始调解",
        say="受理调解，双方自愿",
    )
    def take(self, officer: Officer) -> None:
        """Both sides want it (article 3); nobody pays (article 4)."""

    @step(
        MediationStage.ASKED,
        to=MediationStage.REFUSED,
        by=_of_the_room,
        label="对方不同意",
        say="对方不同意调解",
        tells=True,
        primary=False,
    )
    def refuse(self, officer: Officer) -> None:
        """One side says no: there is no mediation (article 17), and no right to go to court is lost."""
        self.ended_at = now()

    @step(
        MediationStage.TAKEN,
        to=MediationStage.AGREED,
        by=_of_the_room,
        label="达成了协议",
        say="达成调解协议，{until}前可以共同申请司法确认",
        tells=True,
    )
    def agree(self, officer: Officer, agreed_on: date) -> None:
        """From that day thirty days run."""
        if not (today() - timedelta(days=60) <= agreed_on <= today()):
            raise RuleUnmet("请填协议生效的日期。", {"agreed_on": "请填协议生效的日期，不能是以后的日子。"})
        self.agreed_on, self.ended_at = agreed_on, now()
        self.confirm_until = agreed_on + timedelta(days=self.rules.number("mediation.confirm_days").value)
        note(until=self.confirm_until)

    @step(
        MediationStage.TAKEN,
        to=MediationStage.FAILED,
        by=_of_the_room,
        label="没有调成",
        say="没有调成，已告知其他途径",
        tells=True,
        primary=False,
    )
    def fail(self, officer: Officer) -> None:
        """The person is told the other ways (article 26)."""
        self.ended_at = now()

    @act(
        MediationStage.AGREED,
        by=_of_the_room,
        label="已经司法确认",
        say="司法确认：{confirmed_on}",
        keeps=("confirmed_on",),
    )
    def confirm(self, officer: Officer, confirmed_on: date) -> None:
        """The court has confirmed it: nobody need be reminded any more."""
        if self.agreed_on is None or not self.agreed_on <= confirmed_on <= today():
            raise RuleUnmet(
                "请填法院确认的日期。", {"agreed_on": "请填法院确认的日期，不能早于协议，也不能是以后的日子。"}
            )
        self.confirmed_on = confirmed_on

    @act(MediationStage.AGREED, by=system, label="", say="提醒司法确认的期限：{until}", tells=True)
    def remind(self, actor: object) -> None:
        """A few days are left."""
        self.reminded_at = now()
        note(until=self.confirm_until)

    @step(
        MediationStage.ASKED,
        MediationStage.TAKEN,
        to=MediationStage.WITHDRAWN,
        by=_oneself,
        label="",
        say="本人撤回调解申请",
    )
    def withdraw(self, resident: Resident) -> None:
        """Mediation is voluntary to its end."""
        self.ended_at = now()

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own; Missing for anybody else's."""
        found = by_public_id(public_id)
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这件调解。")
        return found  # type: ignore[return-value]


def may_handle(mediation: Mediation, officer: Officer) -> Refusal | None:
    """Whether this officer may open it at all."""
    return _of_the_room(mediation, officer)


def by_public_id(public_id: str) -> Mediation | None:
    """One by its address; the door checks who may see it."""
    return db.session.scalar(select(Mediation).where(Mediation.public_id == public_id))


def mine(resident: Resident, *, after: int | None = None, limit: int = 20) -> Sequence[Mediation]:
    """A resident's own, newest first."""
    query = (
        select(Mediation).where(Mediation.resident_id.in_(resident.all_ids)).order_by(Mediation.id.desc()).limit(limit)
    )
    if after is not None:
        query = query.where(Mediation.id < after)
    return db.session.scalars(query).unique().all()


def for_the_desk(officer: Officer, limit: int = 100) -> list[Mediation]:
    """What this officer may open: what goes on first, then what is over."""
    going = (MediationStage.ASKED, MediationStage.TAKEN)
    rows = db.session.scalars(select(Mediation).order_by(Mediation.id.desc()).limit(limit)).unique().all()
    seen = [one for one in rows if may_handle(one, officer) is None]
    return sorted(seen, key=lambda one: (one.stage not in going, -one.id))


def to_remind(limit: int = 50) -> Sequence[Mediation]:
    """Agreements whose thirty days end soon and of which nobody was reminded."""
    soon = today() + timedelta(days=office_rules().number("mediation.remind_days").value)
    query = (
        select(Mediation)
        .where(
            Mediation.stage == MediationStage.AGREED,
            Mediation.confirmed_on.is_(None),
            Mediation.reminded_at.is_(None),
            Mediation.confirm_until <= soon,
            Mediation.confirm_until >= today(),
        )
        .order_by(Mediation.id)
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()
