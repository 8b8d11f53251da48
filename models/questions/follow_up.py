"""Asking once more about an answer: the same counsel, the same privacy, a shorter term, and not without end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel import sealed
from models.kernel.base import Base, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import step
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.officer import Officer
from models.people.resident import Resident
from models.questions.question import LONGEST, Question, QuestionStage, _whose, oneself, said
from models.texts.received import as_received


class FollowUp(Base):
    """What somebody asks about an answer, and what counsel says to it; both sealed under the asker's key."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        CheckConstraint("(sealed_answer IS NULL) = (answered_at IS NULL)", name="answered_at_a_moment"),
    )

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    number: Mapped[int] = mapped_column(Integer)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    counsel_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    due_on: Mapped[date] = mapped_column(Date)
    key: Mapped[str | None] = mapped_column(String(160), unique=True)

    question: Mapped[Question] = relationship(lazy="joined", innerjoin=True)
    counsel: Mapped[Officer | None] = relationship()

    def row(self, column: str) -> str:
        """Where its words belong, as the seal has it."""
        return f"follow_up.{column}:{self.question.public_id}:{self.number}"

    def _open(self, blob: bytes | None, column: str) -> str:
        if blob is None:
            return ""
        if not blob:
            return sealed.GONE
        try:
            return sealed.unseal(self.question.resident.key.secret, blob, self.row(column))
        except Missing:
            return sealed.GONE

    @property
    def text(self) -> str:
        """What was asked."""
        return self._open(self.sealed_text, "text")

    @property
    def answer(self) -> str:
        """What counsel says; empty while it waits."""
        return self._open(self.sealed_answer, "answer")


def thread(question: Question) -> Sequence[FollowUp]:
    """What was asked afterwards, in order."""
    return (
        db.session.scalars(select(FollowUp).where(FollowUp.question_id == question.id).order_by(FollowUp.number))
        .unique()
        .all()
    )


def left(question: Question) -> int:
    """How often the person may still ask about it; 0 when the time is over, too."""
    if question.stage != QuestionStage.ANSWERED or question.answered_at is None:
        return 0
    if now() - question.answered_at > timedelta(days=question.rules.number("question.follow_up_days").value):
        return 0
    return max(0, question.rules.number("question.follow_ups").value - len(thread(question)))


@step(
    QuestionStage.ANSWERED,
    to=QuestionStage.ASSIGNED,
    by=oneself,
    label="",
    say="第{number}次追问",
    of=Question,
)
def follow_up(question: Question, resident: Resident, text: str, key: str | None = None) -> FollowUp:
    """Ask the same counsel once more."""
    text = as_received(text, field="text", most=LONGEST)
    if not text.strip():
        raise RuleUnmet("请写上要追问什么。", {"text": "请写上要追问什么。"})
    if not left(question):
        raise RuleUnmet("这个问题追问的次数或者时间到了，请另提一个新问题。")
    number = len(thread(question)) + 1
    made = FollowUp(question=question, number=number, asked_at=now(), key=key, due_on=_due(question))
    secret = question.resident.key.secret
    made.sealed_text = sealed.seal(secret, text, made.row("text"))
    question.due_on, question.urged_at = made.due_on, None
    db.session.add(made)
    note(number=number, text=sealed.commitment(secret, made.row("text"), text))
    return made


def ask_again(question: Question, resident: Resident, text: str, key: str | None = None) -> FollowUp:
    """The same, and pressed twice it is one."""
    if key is not None:
        before = db.session.scalar(select(FollowUp).where(FollowUp.key == key))
        if before is not None:
            return before
    made: FollowUp = follow_up(question, resident, text, key)
    return made


@step(
    QuestionStage.ASSIGNED,
    to=QuestionStage.ANSWERED,
    by=_whose,
    label="",
    say="答复了第{number}次追问",
    tells=True,
    of=Question,
)
def answer_again(question: Question, officer: Officer, text: str) -> None:
    """Counsel's answer to what was asked last."""
    words = said(text, "请写上答复。")
    waiting = next((one for one in thread(question) if one.sealed_answer is None), None)
    if waiting is None:
        raise OutOfTurn("没有等着答的追问，请刷新页面看看。")
    secret = question.resident.key.secret
    kept, at = sealed.seal(secret, words, waiting.row("answer")), now()
    waiting.sealed_answer, waiting.answered_at = kept, at  # together: a look at the database writes down what is there
    waiting.counsel = officer
    note(number=waiting.number, answer=sealed.commitment(secret, waiting.row("answer"), words))


def _due(question: Question) -> date:
    days = question.rules.number("question.follow_up_workdays").value
    return add_workdays(today(), days)
