"""The outbox: who has to hear of which fact, by which channel, and whether they did."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, choice, db
from models.kernel.lifecycle import act, post
from models.kernel.refusal import OutOfTurn
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.people.officer import Officer
from models.people.resident import Resident


class MessageChannel(enum.StrEnum):
    """How somebody is told."""

    TEMPLATE = "template"
    SUBSCRIBE = "subscribe"
    CUSTOMER = "customer"
    MASS = "mass"
    INBOX = "inbox"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "template": "公众号服务通知",
            "subscribe": "小程序订阅消息",
            "customer": "公众号对话",
            "mass": "图文群发",
            "inbox": "我的意见",
        }[self.value]


class MessageState(enum.StrEnum):
    """How far a message has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    HELD = "held"
    """The outcome is unknown and the channel has no key: a person decides."""
    FAILED = "failed"
    INBOX = "inbox"
    """It stands on the person's own page; no other way was open."""

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "pending": "等着发",
            "sending": "正在发",
            "sent": "已发出",
            "delivered": "已送到",
            "held": "不确定，待人工核对",
            "failed": "没送到",
            "inbox": "在「我的意见」里",
        }[self.value]


class Message(Base):
    """One person hears of one fact, once: UNIQUE(fact, resident)."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("fact_id", "resident_id"),
        Index("ix_message_todo", "state", "fact_id"),
        CheckConstraint("state IN ('pending', 'sending') OR channel IS NOT NULL", name="sent_by_some_channel"),
    )

    fact_id: Mapped[int] = mapped_column(ForeignKey("trace.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    topic: Mapped[str] = mapped_column(String(40))
    """The fact's word, e.g. Consultation.release: which sentences it says."""
    state: Mapped[MessageState] = mapped_column(choice(MessageState), default=MessageState.PENDING)
    channel: Mapped[MessageChannel | None] = mapped_column(choice(MessageChannel))
    why: Mapped[str] = mapped_column(String(200), default="")
    """Why this channel and why not another, in Chinese."""
    appid: Mapped[str] = mapped_column(String(32), default="")
    msgid: Mapped[str | None] = mapped_column(String(64), index=True)
    """WeChat's number, to find it again when the result comes."""
    errcode: Mapped[int | None] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    urgency: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """The number of its Urgency: the smaller goes first."""
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    fact: Mapped[Trace] = relationship()
    resident: Mapped[Resident] = relationship()

    @property
    def client_key(self) -> str:
        """The same message always carries the same key, so WeChat can drop a second copy."""
        return f"m{self.id}"

    @property
    def chain(self) -> str:
        """The chain of the fact it tells of."""
        return self.fact.chain

    @act(by=post("office", "handler"), label="按已送到记", say="核对后，把一条不确定的告知记为已送到")
    def take_as_sent(self, officer: Officer) -> None:
        """Somebody asked, and it had arrived."""
        self._held()
        self.state, self.why = MessageState.DELIVERED, f"{self.why}；人工核对：已送到"[:200]

    @act(by=post("office", "handler"), label="再发一次", say="核对后，把一条不确定的告知再发一次")
    def send_again(self, officer: Officer) -> None:
        """Somebody asked, and it had not arrived."""
        self._held()
        self.state, self.channel = MessageState.PENDING, None
        number = {"fact": self.fact_id, "first": self.id, "last": self.id}
        Work.want("send", number, key=f"send:{self.fact_id}:{self.id}:again:{self.attempts}")

    def _held(self) -> None:
        if self.state != MessageState.HELD:
            raise OutOfTurn("这条告知已经不在等人核对了，请刷新看看。")


def delivery(fact: Trace) -> dict[str, int]:
    """How many messages of a fact in each state."""
    rows = db.session.execute(
        select(Message.state, func.count()).where(Message.fact_id == fact.id).group_by(Message.state)
    ).all()
    return {state.value: count for state, count in rows}


def by_number(number: int) -> Message | None:
    """One message by its number."""
    return db.session.get(Message, number)


def held(limit: int = 100) -> Sequence[Message]:
    """Messages that a person has to look at."""
    return db.session.scalars(
        select(Message)
        .where(Message.state.in_((MessageState.HELD, MessageState.FAILED)))
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()


def told(limit: int = 50) -> Sequence[Any]:
    """Rows (fact_id, topic, at, state, channel, count), newest facts first, for the desk."""
    recent = select(Message.fact_id).distinct().order_by(Message.fact_id.desc()).limit(limit).subquery()
    return db.session.execute(
        select(Message.fact_id, Message.topic, Trace.at, Message.state, Message.channel, func.count().label("count"))
        .join(Trace, Trace.id == Message.fact_id)
        .where(Message.fact_id.in_(select(recent.c.fact_id)))
        .group_by(Message.fact_id, Message.topic, Trace.at, Message.state, Message.channel)
        .order_by(Message.fact_id.desc())
    ).all()


def by_msgid(appid: str, msgid: str) -> Message | None:
    """The message that WeChat reports about."""
    return db.session.scalar(select(Message).where(Message.msgid == msgid, Message.appid == appid))
