"""The standing door: what people say of a decision after it was taken, each with a reply, for as long as it is in force."""

import enum
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.decisions.decision import CaseStage, Decision, OfCase
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import birth, ruled, step
from models.kernel.refusal import Missing, OutOfTurn, Refusal, RuleUnmet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.texts.received import as_received

LONGEST = 2000


class RemarkStage(enum.StrEnum):
    """Whether it has its reply."""

    RECEIVED = "received"
    REPLIED = "replied"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"received": "等着回复", "replied": "已回复"}[self.value]


def _resident_or_intake(subject: Any, actor: Any) -> Refusal | None:
    """Guard: the person, or an officer who writes down what somebody said by letter, telephone or e-mail (条例第三十五条)."""
    if getattr(actor, "actor_kind", "") == "resident":
        return None
    refusal: Refusal | None = ruled("comment.intake")(subject, actor)
    return refusal


class Remark(OfCase, PublicId, Base):
    """One remark of a resident on a decision in force (条例第三十五条: at any time, by letter, telephone, e-mail and the like)."""

    __tablename__ = "remark"
    __table_args__ = (
        Index("ix_remark_decision", "decision_id", "id"),
        Index("ix_remark_mine", "resident_id", "id"),
        CheckConstraint(
            "stage <> 'replied' OR (sealed_reply IS NOT NULL AND replier_id IS NOT NULL AND replied_at IS NOT NULL)",
            name="replied_with_reply_and_author",
        ),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    stage: Mapped[RemarkStage] = mapped_column(choice(RemarkStage), default=RemarkStage.RECEIVED)
    asks_evaluation: Mapped[bool] = mapped_column(default=False)
    """Whether the person asks that the decision be evaluated; it counts until it has its reply."""
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    replier_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    received_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(Date)
    replied_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    decision: Mapped[Decision] = relationship()
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship()
    replier: Mapped[Officer | None] = relationship(foreign_keys=[replier_id])
    entered_by: Mapped[Officer | None] = relationship(foreign_keys=[entered_by_id])

    @classmethod
    def receive(
        cls,
        resident: Resident,
        decision: Decision,
        text: str,
        *,
        channel: Channel,
        place: Place | None = None,
        entered_by: Officer | None = None,
        asks_evaluation: bool = False,
        key: str | None = None,
    ) -> Self:
        """Something said of a published decision; the same key with the same words is the same remark."""
        if decision.stage not in (CaseStage.PUBLISHED, CaseStage.ARCHIVED):
            raise OutOfTurn("这件决定还没有公布，现在不能对它提意见。")
        text = as_received(text, field="text", most=LONGEST)
        if not text.strip():
            raise RuleUnmet("请写上您想说的。", {"text": "请写上您想说的，一句话也可以。"})
        if key is None:
            return cls._receive(entered_by or resident, resident, decision, text, channel, place, asks_evaluation, None)
        before = cls._repeated(key, text)
        if before is not None:
            return before
        try:
            with db.session.begin_nested():
                return cls._receive(
                    entered_by or resident, resident, decision, text, channel, place, asks_evaluation, key
                )
        except IntegrityError:
            before = cls._repeated(key, text)
            if before is None:
                raise
            return before

    @classmethod
    def _repeated(cls, key: str, text: str) -> Self | None:
        before = db.session.scalar(select(cls).where(cls.key == key))
        if before is not None and before.key_hash != hashlib.sha256(text.encode()).digest():
            raise RuleUnmet("这次提交的内容和上次不同，请刷新页面后重新提交。", code="key_reused")
        return before

    @classmethod
    @birth(by=_resident_or_intake, say="收到一条对已公布决定的意见")
    def _receive(
        cls,
        actor: Any,
        resident: Resident,
        decision: Decision,
        text: str,
        channel: Channel,
        place: Place | None,
        asks_evaluation: bool,
        key: str | None,
    ) -> Self:
        who = resident.current
        made = cls(
            public_id=new_public_id(),
            decision=decision,
            resident=who,
            place=place or who.place,
            channel=channel,
            asks_evaluation=asks_evaluation,
            entered_by=actor if actor.actor_kind == "officer" else None,
            received_at=now(),
            due_on=add_workdays(today(), decision.rules.number("remark.reply_workdays").value),
            key=key,
            key_hash=hashlib.sha256(text.encode()).digest() if key else None,
        )
        row = f"remark.text:{made.public_id}"
        made.sealed_text = sealed.seal(who.key.secret, text, row)
        db.session.add(made)
        db.session.flush()
        Consent.give(who, door=channel.value, officer=made.entered_by)
        note(channel=channel.value, evaluation=asks_evaluation, text=sealed.commitment(who.key.secret, row, text))
        return made

    @step(
        RemarkStage.RECEIVED,
        to=RemarkStage.REPLIED,
        by=ruled("remark.reply"),
        label="回复",
        say="回复了一条对已公布决定的意见",
        tells=True,
    )
    def reply(self, officer: Officer, text: str) -> None:
        """What the office says to it; the person is told that there is a reply."""
        text = as_received(text, field="text", most=LONGEST).strip()
        if not text:
            raise RuleUnmet("请写上回复。", {"text": "请写上回复。"})
        row = f"remark.reply:{self.public_id}"
        self.sealed_reply = sealed.seal(self.resident.key.secret, text, row)
        self.replier, self.replied_at = officer, now()
        note(reply=sealed.commitment(self.resident.key.secret, row, text))

    @property
    def readable(self) -> str:
        """The words for a page, or why they are gone."""
        return self._opened(self.sealed_text, "text")

    @property
    def answer(self) -> str:
        """The reply for a page; empty while it waits."""
        return self._opened(self.sealed_reply, "reply") if self.sealed_reply is not None else ""

    def _opened(self, blob: bytes, part: str) -> str:
        try:
            return sealed.unseal(self.resident.key.secret, blob, f"remark.{part}:{self.public_id}")
        except Missing:
            return sealed.GONE

    @property
    def late(self) -> bool:
        """Past the promised day without a reply."""
        return self.stage == RemarkStage.RECEIVED and today() > self.due_on

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own remark; Missing for anybody else's."""
        found = db.session.scalar(select(cls).where(cls.public_id == public_id))
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这条意见。")
        return found


def by_public_id(public_id: str) -> Remark | None:
    """One remark by its address; the door checks who may see it."""
    return db.session.scalar(select(Remark).where(Remark.public_id == public_id))


def remarks_of(decision: Decision, *, after: int | None = None, limit: int = 50) -> Sequence[Remark]:
    """What was said of a decision, the waiting ones first, then newest first."""
    query = select(Remark).where(Remark.decision_id == decision.id)
    if after is not None:
        query = query.where(Remark.id < after)
    order = (Remark.stage != RemarkStage.RECEIVED, Remark.id.desc())
    return db.session.scalars(query.order_by(*order).limit(limit)).unique().all()


def mine(resident: Resident, limit: int = 20) -> Sequence[Remark]:
    """A resident's remarks on decisions, newest first."""
    query = select(Remark).where(Remark.resident_id.in_(resident.all_ids)).order_by(Remark.id.desc()).limit(limit)
    return db.session.scalars(query).unique().all()


def counted(decision: Decision) -> tuple[int, int]:
    """How many remarks there are, and by how many people."""
    row = db.session.execute(
        select(func.count(), func.count(func.distinct(Remark.resident_id))).where(Remark.decision_id == decision.id)
    ).one()
    return int(row[0]), int(row[1])


def asking(decision: Decision) -> int:
    """How many people ask that it be evaluated and have no reply yet."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(Remark.resident_id))).where(
                Remark.decision_id == decision.id, Remark.asks_evaluation, Remark.stage == RemarkStage.RECEIVED
            )
        )
        or 0
    )


def waiting_for(decisions: Sequence[int]) -> dict[int, tuple[int, date]]:
    """By case, how many remarks wait for a reply and the earliest promised day."""
    rows = db.session.execute(
        select(Remark.decision_id, func.count().label("number"), func.min(Remark.due_on).label("due"))
        .where(Remark.decision_id.in_(decisions), Remark.stage == RemarkStage.RECEIVED)
        .group_by(Remark.decision_id)
    )
    return {row.decision_id: (row.number, row.due) for row in rows}


__all__ = ["Remark", "RemarkStage", "asking", "by_public_id", "counted", "mine", "remarks_of", "waiting_for"]
