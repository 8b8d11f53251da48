"""A legal question: always private, given to the village's counsel, answered with the hint that the law asks for."""

import enum
import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, case, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.decisions.decision import Decision
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, officer, ruled, step, system
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.outreach.article import Topic
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.questions.aid import AidMatter
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
    PASSED_ON = "passed_on"
    """It was no legal question, or somebody else's to decide; where it went stands in its HandOver."""
    ERASED = "erased"
    """The person wished it, or its time was over: no word of it is left."""

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "asked": "等着分派",
            "assigned": "法律顾问正在看",
            "answered": "已答复",
            "passed_on": "已转办",
            "erased": "已删除",
        }[self.value]


WAITING = (QuestionStage.ASKED, QuestionStage.ASSIGNED)
"""Somebody waits for an answer."""
SETTLED = (QuestionStage.ANSWERED, QuestionStage.PASSED_ON)
"""The person has heard from us."""


def _somebody(subject: Any, actor: Any) -> Refusal | None:
    """Guard: a resident, or an officer whom the rules let write down what somebody asks."""
    kind = getattr(actor, "actor_kind", "")
    return None if kind == "resident" else ruled("question.intake")(subject, actor)


def oneself(subject: "Question", actor: Any) -> Refusal | None:
    """Guard: whoever asked; for everybody else it does not exist."""
    same = getattr(actor, "actor_kind", "") == "resident" and actor.current.id == subject.resident.current.id
    return None if same else Missing("没有找到这条咨询。")


def _whose(subject: "Question", actor: Any) -> Refusal | None:
    """Guard: the counsel whom it was given to, or the justice office."""
    refusal: Refusal | None = ruled("question.answer_it")(subject, actor)
    if refusal is None and actor.id != subject.counsel_id and not actor.has("justice"):
        return NotAllowed("这条咨询派给了另一位法律顾问。")
    return refusal


def may_read(question: "Question", actor: Any) -> Refusal | None:
    """Guard: the counsel it was given to, or the justice office; for everybody else it does not exist."""
    if officer(question, actor) is None and (
        actor.has("justice") or (actor.has("counsel") and question.counsel_id == actor.id)
    ):
        return None
    return Missing("没有找到这条咨询。")


class Question(PublicId, Base):
    """One question and its answer, both sealed under the asker's key."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_mine", "resident_id", "id"),
        Index("ix_question_waiting", "stage", "due_on"),
        Index("ix_question_topic_id", "topic_id"),
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
    limit_on: Mapped[date | None] = mapped_column(Date)
    """The last day of a limitation period or of another term that the person must not miss."""
    aid: Mapped[AidMatter | None] = mapped_column(choice(AidMatter))
    """What somebody who asks for legal aid found in the pre-check."""
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    """What it is about, in one word: many of one kind ask for an article."""
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    """A case that it has to do with: its handler learns how many ask, and no more."""
    helpful: Mapped[bool | None]
    """Whether the answer helped, as the person says."""
    rated_at: Mapped[datetime | None]
    urged_at: Mapped[datetime | None]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who wrote it down for somebody else."""
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship()
    counsel: Mapped[Officer | None] = relationship(foreign_keys=[counsel_id])
    entered_by: Mapped[Officer | None] = relationship(foreign_keys=[entered_by_id])
    topic: Mapped[Topic | None] = relationship()
    decision: Mapped[Decision | None] = relationship()

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @classmethod
    def ask(
        cls,
        resident: Resident,
        text: str,
        *,
        channel: Channel,
        place: Place | None = None,
        limit_on: date | None = None,
        aid: AidMatter | None = None,
        key: str | None = None,
        officer: Officer | None = None,
    ) -> Self:
        """A question of a resident, written by themselves or by an `officer` for them; the same key with the same words is the same."""
        text = as_received(text, field="text", most=LONGEST)
        if not text.strip():
            raise RuleUnmet("请写上您的问题。", {"text": "请写上您的问题。"})
        if limit_on is not None and limit_on < today():
            raise RuleUnmet(
                "最后期限已经过了。", {"limit_on": "这一天已经过了；过了也请照实写在问题里，期限有时可以中止、中断。"}
            )
        if key is None:
            return cls._ask(officer or resident, resident, text, channel, place, limit_on, aid, None)
        before = cls._repeated(key, text)
        if before is not None:
            return before
        try:
            with db.session.begin_nested():
                return cls._ask(officer or resident, resident, text, channel, place, limit_on, aid, key)
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
    @birth(by=_somebody, say="收到一条法律咨询")
    def _ask(
        cls,
        actor: Resident | Officer,
        resident: Resident,
        text: str,
        channel: Channel,
        place: Place | None,
        limit_on: date | None,
        aid: AidMatter | None,
        key: str | None,
    ) -> Self:
        who = resident.current
        made = cls(
            public_id=new_public_id(),
            resident=who,
            place=place or who.place,
            channel=channel,
            aid=aid,
            asked_at=now(),
            due_on=add_workdays(today(), office_rules().number("question.answer_workdays").value),
            entered_by=actor if isinstance(actor, Officer) else None,
            key=key,
            key_hash=hashlib.sha256(text.encode()).digest() if key else None,
        )
        made.mind_the_limit(limit_on)
        row = f"question.text:{made.public_id}"
        made.sealed_text = sealed.seal(who.key.secret, text, row)
        db.session.add(made)
        db.session.flush()
        Consent.give(who, door=channel.value, officer=made.entered_by)
        note(channel=channel.value, text=sealed.commitment(who.key.secret, row, text))
        return made

    def mind_the_limit(self, limit_on: date | None) -> None:
        """A term that ends soon hurries the answer, which may not come after it."""
        if limit_on is None:
            return
        self.limit_on = limit_on
        if self.urgent:
            soon = add_workdays(today(), self.rules.number("question.urgent_workdays").value)
            self.due_on = min(self.due_on, max(today(), min(soon, limit_on)))

    @property
    def urgent(self) -> bool:
        """Whether a limitation period ends so soon that legal aid may begin before it is granted (Legal Aid Law, article 44)."""
        return (
            self.limit_on is not None
            and self.stage in (*WAITING, None)
            and (self.limit_on - today()).days <= self.rules.number("question.urgent_days").value
        )

    @property
    def text(self) -> str:
        """What was asked; Missing when the person was forgotten, or it was deleted."""
        if not self.sealed_text:
            raise Missing("这条咨询已经删除了。", code="erased")
        return sealed.unseal(self.resident.key.secret, self.sealed_text, f"question.text:{self.public_id}")

    @property
    def answer(self) -> str:
        """The counsel's answer; empty while it waits."""
        if self.sealed_answer is None:
            return ""
        try:
            return sealed.unseal(self.resident.key.secret, self.sealed_answer, f"question.answer:{self.public_id}")
        except Missing:
            return sealed.GONE

    @property
    def readable(self) -> str:
        """The question for a page, or why it is gone."""
        try:
            return self.text
        except Missing:
            return sealed.GONE

    @property
    def late(self) -> bool:
        """Past the promised day without an answer."""
        return self.stage in WAITING and today() > self.due_on

    @step(
        QuestionStage.ASKED,
        QuestionStage.ASSIGNED,
        to=QuestionStage.ASSIGNED,
        by=ruled("question.assign"),
        label="分派",
        say="派给{counsel}",
    )
    def assign(
        self,
        officer: Officer,
        counsel: Officer,
        *,
        topic: Topic | None = None,
        decision: Decision | None = None,
        limit_on: date | None = None,
    ) -> None:
        """Give it to a counsel, and say what it is about."""
        self.given_to(counsel)
        self.topic, self.decision = topic or self.topic, decision or self.decision
        self.mind_the_limit(limit_on)
        note(topic=self.topic.name if self.topic else "", decision=self.decision.public_id if self.decision else "")

    def given_to(self, counsel: Officer) -> None:
        """Whose it is now; only inside a deed."""
        if not counsel.active or not counsel.has("counsel"):
            raise RuleUnmet("请选择一位法律顾问。", {"counsel": "请选择一位法律顾问。"})
        self.counsel = counsel
        note(counsel=counsel.name)

    @step(
        QuestionStage.ASKED,
        to=QuestionStage.ASSIGNED,
        by=system,
        label="",
        say="没有人分派，按值班表派给{counsel}",
    )
    def assign_by_roster(self, actor: object, counsel: Officer) -> None:
        """Nobody gave it to anybody in time: the roster says whose turn it is."""
        self.given_to(counsel)

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
        text = said(text, "请写上答复。")
        if self.sealed_answer is not None:
            raise OutOfTurn("这个问题已经答过了，请答最后一次追问。")
        row = f"question.answer:{self.public_id}"
        self.sealed_answer = sealed.seal(self.resident.key.secret, text, row)
        self.answered_at = now()
        note(answer=sealed.commitment(self.resident.key.secret, row, text))

    @act(*WAITING, by=may_read, label="", say="注明最后期限是{limit_on}", keeps=("limit_on",))
    def warn_of_limit(self, officer: Officer, limit_on: date) -> None:
        """Whoever reads it sees that a term ends: it is hurried."""
        if limit_on < today():
            raise RuleUnmet("最后期限已经过了。", {"limit_on": "请填今天或以后的日期。"})
        self.mind_the_limit(limit_on)

    @act(*WAITING, by=ruled("question.urge"), label="催办", say="催办")
    def urge(self, officer: Officer) -> None:
        """Somebody who answers for the counsel asks to hurry; no word of the question is needed for that."""
        self.urged_at = now()

    @act(by=may_read, label="", say="看了这条法律咨询")
    def read(self, officer: Officer) -> str:
        """Each reading by staff is traced."""
        return self.readable

    @act(by=ruled("question.break_glass"), label="", say="破例查看了这条法律咨询，理由：{reason}")
    def break_glass(self, officer: Officer, reason: str) -> str:
        """Read by somebody whose it is not, for a reason that the asker sees."""
        words = as_received(reason, field="reason", most=200, least=0, label="理由").strip()
        if len(words) < 6:
            raise RuleUnmet("请写清楚为什么要看。", {"reason": "请写清楚为什么要看，提问的人看得到。"})
        note(reason=words)
        return self.readable

    @act(QuestionStage.ANSWERED, by=oneself, label="", say="评价了答复：{words}")
    def rate(self, resident: Resident, helpful: bool) -> None:
        """Whether it helped; the last word counts."""
        self.helpful, self.rated_at = helpful, now()
        note(words="帮上了" if helpful else "没帮上")

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own question; Missing for anybody else's."""
        found = by_public_id(public_id)
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这条咨询。")
        return found  # type: ignore[return-value]


def said(text: str, ask: str) -> str:
    """What somebody who works here writes to the person: something, and not without end."""
    words = as_received(text or "", field="text", most=5000, least=0).strip()
    if not words:
        raise RuleUnmet(ask, {"text": ask})
    return words


def by_public_id(public_id: str) -> Question | None:
    """One question by its address; the door checks who may see it."""
    return db.session.scalar(select(Question).where(Question.public_id == public_id))


def mine(resident: Resident, *, after: int | None = None, limit: int = 20) -> Sequence[Question]:
    """A resident's questions, newest first."""
    query = (
        select(Question)
        .where(Question.resident_id.in_(resident.all_ids), Question.stage != QuestionStage.ERASED)
        .order_by(Question.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Question.id < after)
    return db.session.scalars(query).unique().all()


def waiting(officer: Officer, limit: int = 100) -> Sequence[Question]:
    """For the justice office all that is unanswered, for a counsel what was given to them; what a term hurries comes first."""
    query = (
        select(Question)
        .where(Question.stage.in_(WAITING))
        .order_by(case((Question.limit_on.is_(None), 1), else_=0), Question.due_on, Question.id)
        .limit(limit)
    )
    if not officer.has("justice"):
        query = query.where(Question.counsel_id == officer.id)
    return db.session.scalars(query).unique().all()


def entered(officer: Officer, limit: int = 50) -> Sequence[Question]:
    """What this officer wrote down for somebody, newest first."""
    query = select(Question).where(Question.entered_by_id == officer.id).order_by(Question.id.desc()).limit(limit)
    return db.session.scalars(query).unique().all()


def late(limit: int = 100) -> Sequence[Question]:
    """What is past its day, for who answers for it; the rows say when and whose, never what."""
    query = (
        select(Question)
        .where(Question.stage.in_(WAITING), Question.due_on < today())
        .order_by(Question.due_on, Question.id)
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()


def count_late() -> int:
    """How many are past their day."""
    query = select(func.count()).select_from(Question)
    return db.session.scalar(query.where(Question.stage.in_(WAITING), Question.due_on < today())) or 0


def answered_by_desk(officer: Officer, limit: int = 50) -> Sequence[Question]:
    """What is settled and this officer may still read, newest first."""
    query = select(Question).where(Question.stage.in_(SETTLED)).order_by(Question.answered_at.desc()).limit(limit)
    if not officer.has("justice"):
        query = query.where(Question.counsel_id == officer.id)
    return db.session.scalars(query).unique().all()
