"""What is no legal question goes where it belongs: to a draft's comments, to the petition office, to legal aid; with a slip and a clock."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.comment import Comment
from models.comments.receive import receive
from models.decisions.consultation import Consultation
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.ids import new_public_id
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, office_rules, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.officer import Officer
from models.questions.question import WAITING, Question, QuestionStage, said
from models.texts.received import as_received


class Road(enum.StrEnum):
    """Where it belongs."""

    COMMENT = "comment"
    PETITION = "petition"
    AID = "aid"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"comment": "对草案的意见", "petition": "信访事项", "aid": "法律援助"}[self.value]

    @property
    def usual(self) -> str:
        """To whom it usually goes."""
        return {"comment": "征求意见", "petition": "县信访局", "aid": "县法律援助中心"}[self.value]


class HandOverStage(enum.StrEnum):
    """Whether it has arrived."""

    SENT = "sent"
    TAKEN = "taken"
    SENT_BACK = "sent_back"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"sent": "已转出，等回执", "taken": "对方已收", "sent_back": "对方退回"}[self.value]


class HandOver(PublicId, Base):
    """One slip. What the person is told is sealed under their key; the slip itself is printed, never sent by wire."""

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("road <> 'comment' OR comment_id IS NOT NULL", name="a_comment_stands_somewhere"),
        CheckConstraint("stage <> 'taken' OR taken_on IS NOT NULL", name="taken_on_a_day"),
        CheckConstraint("stage <> 'sent_back' OR returned_reason <> ''", name="sent_back_with_a_reason"),
    )

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    road: Mapped[Road] = mapped_column(choice(Road))
    stage: Mapped[HandOverStage] = mapped_column(choice(HandOverStage), default=HandOverStage.SENT)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    receiver: Mapped[str] = mapped_column(String(60))
    sealed_words: Mapped[bytes] = mapped_column(LargeBinary)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    """When the receiver has to have told the person (petition), or to have decided (legal aid)."""
    taken_on: Mapped[date | None] = mapped_column(Date)
    their_number: Mapped[str] = mapped_column(String(40), default="")
    returned_reason: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))

    question: Mapped[Question] = relationship(lazy="joined", innerjoin=True)
    comment: Mapped[Comment | None] = relationship()
    officer: Mapped[Officer] = relationship()

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    def row(self) -> str:
        """Where its words belong, as the seal has it."""
        return f"hand_over.words:{self.public_id}"

    @property
    def words(self) -> str:
        """What the person is told."""
        if not self.sealed_words:
            return sealed.GONE
        try:
            return sealed.unseal(self.question.resident.key.secret, self.sealed_words, self.row())
        except Missing:
            return sealed.GONE

    @property
    def object_until(self) -> date:
        """Until when a petition that came to the wrong office may be sent back (信访工作条例第二十三条)."""
        return add_workdays(local(self.made_at).date(), self.rules.number("petition.object_workdays").value)

    @property
    def late(self) -> bool:
        """No receipt although the term is over."""
        return self.stage == HandOverStage.SENT and self.due_on is not None and today() > self.due_on

    @step(
        HandOverStage.SENT,
        to=HandOverStage.TAKEN,
        by=ruled("question.pass_on"),
        label="登记回执",
        say="登记了对方的回执：{their_number}",
    )
    def take(self, officer: Officer, taken_on: date, their_number: str = "") -> None:
        """The other office says that it has it."""
        if not local(self.made_at).date() <= taken_on <= today():
            raise RuleUnmet("回执的日期不对。", {"taken_on": "应当在转出那天到今天之间。"})
        self.taken_on = taken_on
        self.their_number = as_received(their_number, field="their_number", most=40, least=0, label="编号").strip()
        note(their_number=self.their_number or "没有编号")

    @step(
        HandOverStage.SENT,
        to=HandOverStage.SENT_BACK,
        by=ruled("question.pass_on"),
        label="登记退回",
        say="对方退回：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """It was not theirs: the question waits here again."""
        words = as_received(reason, field="reason", most=200, least=0, label="原因").strip()
        if not words:
            raise RuleUnmet("请写对方为什么退回。", {"reason": "请写对方为什么退回。"})
        self.returned_reason = words
        come_back(self.question, officer)
        note(reason=words)

    @classmethod
    def of(cls, question: Question) -> Self | None:
        """The newest slip of a question."""
        return db.session.scalar(select(cls).where(cls.question_id == question.id).order_by(cls.id.desc()).limit(1))


@step(
    *WAITING,
    to=QuestionStage.PASSED_ON,
    by=ruled("question.pass_on"),
    label="转办",
    say="转办：{road}，转给{receiver}，{number}",
    tells=True,
    primary=False,
    of=Question,
)
def pass_on(
    question: Question,
    officer: Officer,
    road: Road,
    words: str,
    receiver: str = "",
    consultation: Consultation | None = None,
) -> HandOver:
    """Say where it goes; a comment on an open draft becomes one at once, and everything else gets its slip."""
    words = said(words, "请写几句，告诉他转到哪里、接下来怎么办。")
    day = today()
    made = HandOver(
        public_id=new_public_id(),
        question=question,
        road=road,
        receiver=as_received(receiver, field="receiver", most=60, least=0, label="转给谁").strip() or road.usual,
        number=document_number(Installation.here().office_short, "转", day.year, Numbering.next("转", day.year)),
        made_at=now(),
        officer=officer,
    )
    if road == Road.COMMENT:
        made.comment = _spoken(question, consultation)
        made.stage, made.taken_on = HandOverStage.TAKEN, day
    else:
        days = "petition.notice_days" if road == Road.PETITION else "aid.examine_days"
        # A petition's fifteen days run from the day it came in, whoever had it first.
        since = local(question.asked_at).date() if road == Road.PETITION else day
        made.due_on = since + timedelta(days=question.rules.number(days).value)
    made.sealed_words = sealed.seal(question.resident.key.secret, words, made.row())
    question.answered_at = now()
    db.session.add(made)
    db.session.flush()
    note(road=road.label, receiver=made.receiver, number=made.number)
    return made


def _spoken(question: Question, consultation: Consultation | None) -> Comment:
    if consultation is None or not consultation.is_open():
        raise RuleUnmet("请选一件正在征求意见的事。", {"consultation": "请选一件正在征求意见的事。"})
    return receive(
        consultation, question.resident.current, question.text, channel=question.channel, place=question.place
    ).comment


def _came_back(subject: Question, actor: object) -> Refusal | None:
    """Guard: whoever may pass it on, as a part of sending back."""
    refusal: Refusal | None = ruled("question.pass_on")(subject, actor)
    made = HandOver.of(subject)
    if refusal is None and (made is None or not made.returned_reason):
        return NotAllowed("对方没有退回。")
    return refusal


@step(QuestionStage.PASSED_ON, to=QuestionStage.ASKED, by=_came_back, label="", say="退回来了，重新办理", of=Question)
def come_back(question: Question, officer: Officer) -> None:
    """It waits to be given to somebody, with a new day."""
    question.counsel, question.answered_at = None, None
    question.due_on = add_workdays(today(), question.rules.number("question.answer_workdays").value)


@act(by=ruled("question.pass_on"), label="", say="打印了转办单", of=HandOver)
def print_slip(made: HandOver, officer: Officer) -> str:
    """The slip carries the person's own words: printing it leaves its trace."""
    if made.road == Road.COMMENT:
        raise OutOfTurn("归入征求意见的，不用转办单。")
    return made.question.readable


def by_public_id(public_id: str) -> HandOver | None:
    """One slip by its address."""
    return db.session.scalar(select(HandOver).where(HandOver.public_id == public_id))


def open_ones(limit: int = 50) -> Sequence[HandOver]:
    """Slips without a receipt, the most urgent first."""
    return (
        db.session.scalars(
            select(HandOver).where(HandOver.stage == HandOverStage.SENT).order_by(HandOver.due_on).limit(limit)
        )
        .unique()
        .all()
    )
