"""The telling of one fact to everybody whom it concerns: how far it has come, stopped and gone on with by people."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ForeignKey, Integer, String, case, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from models.comments.comment import Comment
from models.kernel.base import Base, choice, db, insert_into
from models.kernel.clock import now
from models.kernel.lifecycle import act, office_rules, officer, post, step, system
from models.kernel.refusal import Refusal
from models.kernel.trail import Trace, note
from models.kernel.work import Work
from models.messages.message import Message, MessageChannel, MessageState
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.texts.received import as_received

REASONS = 3
"""Reasons that the trail keeps: the commonest ones; all of them stand at the desk."""


class TellingStage(enum.StrEnum):
    """How far."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"running": "正在告知", "paused": "已暂停", "finished": "告知完毕"}[self.value]


def _steers(subject: "Telling", actor: Any) -> Refusal | None:
    """Guard: who may stop a telling and go on with it; a campaign's is its desk's business."""
    if subject.fact.subject_kind == "Campaign":
        refusal: Refusal | None = officer(subject, actor) or actor.lacks(office_rules().post_for("campaign.steer"))
        return refusal
    return post("office", "handler")(subject, actor)


class Telling(Base):
    """One fact's telling."""

    __tablename__ = "telling"

    fact_id: Mapped[int] = mapped_column(ForeignKey("trace.id"), unique=True)
    stage: Mapped[TellingStage] = mapped_column(choice(TellingStage), default=TellingStage.RUNNING)
    total: Mapped[int] = mapped_column(Integer, default=0)
    """Messages that were made."""
    round: Mapped[int] = mapped_column(Integer, default=0)
    """How often it was gone on with."""
    pause_reason: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    fact: Mapped[Trace] = relationship()

    @property
    def chain(self) -> str:
        """The chain of the fact it tells of."""
        return self.fact.chain

    @classmethod
    def of(cls, fact: Trace) -> Self | None:
        """The telling of this fact, when somebody has to hear of it."""
        return db.session.scalar(select(cls).where(cls.fact_id == fact.id))

    @classmethod
    def begin(cls, fact: Trace, more: int) -> Self:
        """So many people more; the first time the row is made."""
        row = insert_into(cls).values(
            fact_id=fact.id, stage=TellingStage.RUNNING, total=0, round=0, pause_reason="", made_at=now()
        )
        db.session.execute(row.on_conflict_do_nothing())
        found = db.session.scalars(
            select(cls).where(cls.fact_id == fact.id).with_for_update().execution_options(populate_existing=True)
        ).one()
        found.total += more
        return found

    @step(
        TellingStage.RUNNING,
        to=TellingStage.PAUSED,
        by=_steers,
        label="先停下",
        say="停下了告知：{reason}",
        primary=False,
    )
    def pause(self, officer: Officer, reason: str) -> None:
        """What has gone out has gone out; nobody more is told until it is gone on with."""
        given = as_received(reason, field="reason", most=120, least=0, label="停下的原因").strip()
        self.pause_reason = given or "没有写原因"
        note(reason=self.pause_reason)

    @step(
        TellingStage.PAUSED,
        to=TellingStage.RUNNING,
        by=_steers,
        label="接着告知",
        say="接着告知没有告知到的人",
    )
    def resume(self, officer: Officer) -> None:
        """Whoever has not been told yet."""
        self.pause_reason = ""
        self.round += 1
        Work.want("tell", {"fact": self.fact_id}, key=f"tell:{self.fact_id}:{self.round}")

    @step(
        TellingStage.FINISHED,
        TellingStage.RUNNING,
        TellingStage.PAUSED,
        to=TellingStage.FINISHED,
        by=system,
        label="",
        say="告知完毕：共{people}人，另行通知{reached}人，只在「我的意见」里{inbox}人，要人核对{doubtful}人。{why}",
    )
    def finish(self, actor: object) -> None:
        """Nobody waits any more; the trail keeps the numbers and the commonest reasons, and no names."""
        counts = counted([self.fact_id]).get(self.fact_id, {})
        self.finished_at = now()
        ways = [
            f"{channel.label}{n}人"
            for channel in MessageChannel
            if (n := counts.get(channel.value, 0)) and _out(channel)
        ]
        lacking = [f"{row.count}人{short_of(row.why)}" for row in reasons(self.fact_id) if row.channel == "inbox"]
        note(
            people=self.total,
            reached=counts.get("told", 0),
            inbox=counts.get("inbox", 0),
            doubtful=counts.get("doubtful", 0),
            why="；".join([*ways, *lacking[:REASONS]])[:300],
        )


def _out(channel: MessageChannel) -> bool:
    return channel is not MessageChannel.INBOX


def short_of(why: str) -> str:
    """The obstacles alone, of a sentence that explains the whole choice."""
    parts = (part.partition("：")[2] or part for part in why.split("；") if not part.startswith("用"))
    return "、".join(dict.fromkeys(parts)) or why


def settled(fact_id: int) -> bool:
    """Whether nobody waits any more."""
    waiting = select(Message.id).where(
        Message.fact_id == fact_id, Message.state.in_((MessageState.PENDING, MessageState.SENDING))
    )
    return db.session.scalar(waiting.limit(1)) is None


def counted(facts: Sequence[int]) -> dict[int, dict[str, int]]:
    """By fact: told, inbox, waiting, doubtful, and how many by each channel; one query for all."""
    told = (MessageState.SENT, MessageState.DELIVERED)
    rows = db.session.execute(
        select(
            Message.fact_id,
            Message.channel,
            func.sum(case((Message.state.in_(told), 1), else_=0)).label("told"),
            func.sum(case((Message.state == MessageState.INBOX, 1), else_=0)).label("inbox"),
            func.sum(case((Message.state.in_((MessageState.HELD, MessageState.FAILED)), 1), else_=0)).label("doubtful"),
            func.count().label("total"),
        )
        .where(Message.fact_id.in_(facts))
        .group_by(Message.fact_id, Message.channel)
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        mine = found.setdefault(row.fact_id, {"told": 0, "inbox": 0, "doubtful": 0, "waiting": 0, "total": 0})
        for name in ("told", "inbox", "doubtful", "total"):
            mine[name] += int(getattr(row, name) or 0)
        mine["waiting"] = mine["total"] - mine["told"] - mine["inbox"] - mine["doubtful"]
        if row.channel is not None and row.told:
            mine[row.channel.value] = int(row.told)
    return found


def reasons(fact_id: int, limit: int = 40) -> Sequence[Any]:
    """Rows (channel, state, why, count): why people were told this way and not that, the commonest first."""
    number = func.count().label("count")
    return db.session.execute(
        select(Message.channel, Message.state, Message.why, number)
        .where(Message.fact_id == fact_id)
        .group_by(Message.channel, Message.state, Message.why)
        .order_by(number.desc(), Message.why)
        .limit(limit)
    ).all()


def by_village(fact_id: int) -> Sequence[Any]:
    """Rows (place_id, public_id, name, total, told, unreached): how each village was reached; None for no village known."""
    out = Message.state.in_((MessageState.SENT, MessageState.DELIVERED))
    return db.session.execute(
        select(
            Place.id.label("place_id"),
            Place.public_id,
            Place.name,
            func.count().label("total"),
            func.sum(case((out, 1), else_=0)).label("told"),
            func.sum(case((Message.state == MessageState.INBOX, 1), else_=0)).label("unreached"),
        )
        .select_from(Message)
        .join(Resident, Resident.id == Message.resident_id)
        .outerjoin(Place, Place.id == Resident.place_id)
        .where(Message.fact_id == fact_id)
        .group_by(Place.id, Place.public_id, Place.name)
        .order_by(Place.id)
    ).all()


def tellings(facts: Sequence[int]) -> dict[int, Telling]:
    """The tellings of these facts."""
    rows = db.session.scalars(select(Telling).where(Telling.fact_id.in_(facts)))
    return {row.fact_id: row for row in rows}


@dataclass(frozen=True)
class Unreached:
    """Somebody whom no message reached, with what they said and how to find them."""

    message: Message
    comments: tuple[Comment, ...]


@act(by=post("handler", "office"), label="", say="打印了没有告知到的名单，{number}人", of=Telling)
def print_list(telling: Telling, officer: Officer, place: Place | None) -> Sequence[Unreached]:
    """Whom nothing reached, of one village or of none known, to be told by hand; each look leaves its trace."""
    query = (
        select(Message)
        .join(Resident, Resident.id == Message.resident_id)
        .where(
            Message.fact_id == telling.fact_id,
            Message.state == MessageState.INBOX,
            Resident.place_id == (place.id if place else None),
        )
        .order_by(Message.id)
        .options(joinedload(Message.resident))
    )
    found = db.session.scalars(query).unique().all()
    said = _said(telling.fact, [m.resident_id for m in found])
    note(number=len(found), place=place.public_id if place else "")
    return [Unreached(m, tuple(said.get(m.resident_id, ()))) for m in found]


def _said(fact: Trace, residents: Sequence[int]) -> dict[int, list[Comment]]:
    """What each of them said in the consultation, merged people counted as one."""
    if fact.subject_kind != "Consultation" or not residents:
        return {}
    owner = {number: number for number in residents}
    for number, merged in db.session.execute(
        select(Resident.id, Resident.merged_into_id).where(Resident.merged_into_id.in_(residents))
    ):
        owner[number] = int(merged or number)
    found: dict[int, list[Comment]] = {}
    rows = db.session.scalars(
        select(Comment)
        .where(Comment.consultation_id == fact.subject_id, Comment.resident_id.in_(owner))
        .order_by(Comment.serial)
    ).unique()
    for comment in rows:
        found.setdefault(owner[comment.resident_id], []).append(comment)
    return found


def by_fact(fact_id: int) -> Telling | None:
    """One telling by its fact's number."""
    return db.session.scalar(select(Telling).where(Telling.fact_id == fact_id))
