"""A legal question: always private, given to the village's counsel, answered with the hint that the law asks for."""

import enum
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, ruled, step
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import Missing, NotAllowed, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.texts.received import as_received

LONGEST = 2000
AID_HINT = (
    "提示：您依法享有申请法律援助的权利。因经济困难没有委托律师的，可以就劳动报酬、工伤、赡养抚养、社会保障等事项，"
    "带上身份证明和与案情有关的材料，向县法律援助机构申请（拨打 12348 可以问清条件和程序）。"
)
"""Legal Aid Law, article 23: every consultation reminds of the right to legal aid, its conditions and procedure."""


class QuestionStage(enum.StrEnum):
    """How far the answer has come."""

    ASKED = "asked"
    ASSIGNED = "assigned"
    ANSWERED = "answered"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"asked": "等着分派", "assigned": "法律顾问正在看", "answered": "已答复"}[self.value]


def _whose(subject: "Question", actor: Any) -> Refusal | None:
    """Guard: the counsel whom it was given to, or the justice office."""
    refusal: Refusal | None = ruled("question.answer_it")(subject, actor)
    if refusal is None and actor.id != subject.counsel_id and not actor.has("justice"):
        return NotAllowed("这条咨询派给了另一位法律顾问。")
    return refusal


def may_read(question: "Question", actor: Any) -> Refusal | None:
    """Guard: the counsel it was given to, or the justice office; for everybody else it does not exist."""
    if getattr(actor, "actor_kind", "") == "officer" and (
        actor.has("justice") or (actor.has("counsel") and question.counsel_id == actor.id)
    ):
        return None
    return Missing("没有找到这条咨询。")


class Question(PublicId, Base):
    """One question and its answer, both sealed under the asker's key."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_mine", "resident_id", "id"),
        CheckConstraint(
            "stage <> 'answered' OR (sealed_answer IS NOT NULL AND counsel_id IS NOT NULL AND answered_at IS NOT NULL)",
            name="answered_with_answer_and_counsel",
        ),
        CheckConstraint("stage <> 'assigned' OR counsel_id IS NOT NULL", name="assigned_to_somebody"),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    stage: Mapped[QuestionStage] = mapped_column(choice(QuestionStage), default=QuestionStage.ASKED)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    counsel_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    asked_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(Date)
    answered_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship()
    counsel: Mapped[Officer | None] = relationship()

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @classmethod
    def ask(
        cls, resident: Resident, text: str, *, channel: Channel, place: Place | None = None, key: str | None = None
    ) -> Self:
        """A question; the same key with the same words is the same question."""
        text = as_received(text, field="text", most=LONGEST)
        if not text.strip():
            raise RuleUnmet("请写上您的问题。", {"text": "请写上您的问题。"})
        if key is None:
            return cls._ask(resident, text, channel, place, None)
        before = cls._repeated(key, text)
        if before is not None:
            return before
        try:
            with db.session.begin_nested():
                return cls._ask(resident, text, channel, place, key)
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
    @birth(by=the_resident, say="收到一条法律咨询")
    def _ask(cls, resident: Resident, text: str, channel: Channel, place: Place | None, key: str | None) -> Self:
        who = resident.current
        made = cls(
            public_id=new_public_id(),
            resident=who,
            place=place or who.place,
            channel=channel,
            asked_at=now(),
            due_on=add_workdays(today(), office_rules().number("question.answer_workdays").value),
            key=key,
            key_hash=hashlib.sha256(text.encode()).digest() if key else None,
        )
        row = f"question.text:{made.public_id}"
        made.sealed_text = sealed.seal(who.key.secret, text, row)
        db.session.add(made)
        db.session.flush()
        Consent.give(who, door=channel.value)
        note(channel=channel.value, text=sealed.commitment(who.key.secret, row, text))
        return made

    @property
    def text(self) -> str:
        """What was asked; Missing when the person was forgotten."""
        return sealed.unseal(self.resident.key.secret, self.sealed_text, f"question.text:{self.public_id}")

    @property
    def answer(self) -> str:
        """The counsel's answer; empty while it waits."""
        if self.sealed_answer is None:
            return ""
        return sealed.unseal(self.resident.key.secret, self.sealed_answer, f"question.answer:{self.public_id}")

    @property
    def readable(self) -> str:
        """The question for a page, or why it is gone."""
        try:
            return self.text
        except Missing:
            return "（已应本人要求删除）"

    @property
    def late(self) -> bool:
        """Past the promised day without an answer."""
        return self.stage != QuestionStage.ANSWERED and today() > self.due_on

    @step(
        QuestionStage.ASKED,
        QuestionStage.ASSIGNED,
        to=QuestionStage.ASSIGNED,
        by=ruled("question.assign"),
        label="分派",
        say="派给{counsel}",
    )
    def assign(self, officer: Officer, counsel: Officer) -> None:
        """Give it to a counsel."""
        if not counsel.active or not counsel.has("counsel"):
            raise RuleUnmet("请选择一位法律顾问。", {"counsel": "请选择一位法律顾问。"})
        self.counsel = counsel
        note(counsel=counsel.name)

    @step(
        QuestionStage.ASSIGNED,
        to=QuestionStage.ANSWERED,
        by=_whose,
        label="答复",
        say="答复了法律咨询",
        tells=True,
    )
    def answer_it(self, officer: Officer, text: str) -> None:
        """The counsel's answer; the legal-aid hint goes with it on every page."""
        text = as_received(text, field="text", most=5000).strip()
        if not text:
            raise RuleUnmet("请写上答复。", {"text": "请写上答复。"})
        row = f"question.answer:{self.public_id}"
        self.sealed_answer = sealed.seal(self.resident.key.secret, text, row)
        self.answered_at = now()
        note(answer=sealed.commitment(self.resident.key.secret, row, text))

    @act(by=may_read, label="", say="看了这条法律咨询")
    def read(self, officer: Officer) -> str:
        """Each reading by staff is traced."""
        return self.readable

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own question; Missing for anybody else's."""
        found = by_public_id(public_id)
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这条咨询。")
        return found  # type: ignore[return-value]


def by_public_id(public_id: str) -> Question | None:
    """One question by its address; the door checks who may see it."""
    return db.session.scalar(select(Question).where(Question.public_id == public_id))


def mine(resident: Resident, *, after: int | None = None, limit: int = 20) -> Sequence[Question]:
    """A resident's questions, newest first."""
    query = select(Question).where(Question.resident_id.in_(resident.all_ids)).order_by(Question.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Question.id < after)
    return db.session.scalars(query).unique().all()


def waiting(officer: Officer, limit: int = 100) -> Sequence[Question]:
    """For the justice office all that is unanswered, for a counsel what was given to them; most urgent first."""
    query = (
        select(Question)
        .where(Question.stage != QuestionStage.ANSWERED)
        .order_by(Question.due_on, Question.id)
        .limit(limit)
    )
    if not officer.has("justice"):
        query = query.where(Question.counsel_id == officer.id)
    return db.session.scalars(query).unique().all()


def answered_by_desk(officer: Officer, limit: int = 50) -> Sequence[Question]:
    """Answered ones that this officer may still read, newest first."""
    query = (
        select(Question)
        .where(Question.stage == QuestionStage.ANSWERED)
        .order_by(Question.answered_at.desc())
        .limit(limit)
    )
    if not officer.has("justice"):
        query = query.where(Question.counsel_id == officer.id)
    return db.session.scalars(query).unique().all()
