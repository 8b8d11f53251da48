"""What an answer promises for later has a day: it reminds who promised it, stands on the public clock, and is kept with words."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

LONGEST_YEARS = 3
REMIND_DAYS = 10
"""How many days before its day a promise comes to the desk."""


class PromiseStage(enum.StrEnum):
    """Whether it was kept."""

    OPEN = "open"
    KEPT = "kept"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"open": "还没有做到", "kept": "做到了"}[self.value]


class Promise(PublicId, Base):
    """Something that will be done or published by a day; the words and the first day stay, a later day needs a reason."""

    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_due", "stage", "due_on"),
        CheckConstraint("words <> ''", name="promises_something"),
        CheckConstraint("stage <> 'kept' OR (kept_at IS NOT NULL AND kept_words <> '')", name="kept_with_words"),
        CheckConstraint("due_on = first_due_on OR delay_reason <> ''", name="later_with_a_reason"),
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), index=True)
    words: Mapped[str] = mapped_column(String(200))
    """What is promised, as everybody reads it."""
    due_on: Mapped[date] = mapped_column(Date)
    first_due_on: Mapped[date] = mapped_column(Date)
    delay_reason: Mapped[str] = mapped_column(String(300), default="")
    stage: Mapped[PromiseStage] = mapped_column(choice(PromiseStage), default=PromiseStage.OPEN)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    kept_words: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    point: Mapped[Point] = relationship(lazy="joined", innerjoin=True)
    officer: Mapped[Officer] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def consultation(self) -> Consultation:
        """Where it belongs."""
        return self.point.consultation

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.point.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.point.rules

    @property
    def late(self) -> bool:
        """Past its day and not kept."""
        return self.stage == PromiseStage.OPEN and self.due_on < today()

    @property
    def public(self) -> bool:
        """People may read it: the answer is out."""
        return self.point.stage == PointStage.RELEASED

    @classmethod
    @birth(by=ruled("promise.make"), say="在第{serial}号意见的答复里答应：{due_on}前{words}")
    def make(cls, officer: Officer, point: Point, words: str, due_on: date | None) -> Self:
        """With the answer or after it; "it will be published later" has a day."""
        if point.stage in (PointStage.OPEN, PointStage.WITHDRAWN):
            raise OutOfTurn("先写答复，再写答应的事。")
        words = as_received(words, field="words", most=200, least=0).strip()
        wrong: dict[str, str] = {}
        if not words:
            wrong["words"] = "请写明答应做什么，例如「公布施工图」。"
        if due_on is None or due_on <= today():
            wrong["due_on"] = "请填以后的一天：到那天做到，做不到会显示逾期。"
        elif due_on > today() + timedelta(days=366 * LONGEST_YEARS):
            wrong["due_on"] = f"最远 {LONGEST_YEARS} 年以内。"
        if wrong or due_on is None:
            raise RuleUnmet("还不能记下。", wrong)
        made = cls(point=point, words=words, due_on=due_on, first_due_on=due_on, officer=officer, made_at=now())
        db.session.add(made)
        db.session.flush()
        made._shown()
        note(serial=point.comment.serial_words, promise=made.public_id, words=words, due_on=due_on.isoformat())
        return made

    @step(
        PromiseStage.OPEN,
        to=PromiseStage.KEPT,
        by=ruled("promise.keep"),
        label="做到了",
        say="做到了答应的事：{words}",
        tells=True,
    )
    def keep(self, officer: Officer, kept_words: str) -> None:
        """Done: where it can be seen. Whose point it is hears of it."""
        kept_words = as_received(kept_words, field="kept_words", most=300, least=0).strip()
        if not kept_words:
            raise RuleUnmet("请写明怎样做到的、在哪里能看到。", {"kept_words": "请写明怎样做到的、在哪里能看到。"})
        if not self.public:
            raise OutOfTurn("答复还没有发布；这件事已经做到的，直接写进答复里。")
        self.kept_words, self.kept_at = kept_words, now()
        self._shown()
        note(serial=self.point.comment.serial_words, promise=self.public_id, words=self.words)

    @act(PromiseStage.OPEN, by=ruled("promise.keep"), label="改日子", say="把答应的日子改到{due_on}：{reason}")
    def put_off(self, officer: Officer, due_on: date | None, reason: str) -> None:
        """A later day, with a reason that everybody reads; the first day stays beside it."""
        reason = as_received(reason, field="reason", most=300, least=0).strip()
        wrong: dict[str, str] = {}
        if due_on is None or due_on <= self.due_on or due_on <= today():
            wrong["due_on"] = "请填更晚的一天。"
        if not reason:
            wrong["reason"] = "请写明为什么晚，居民会看到。"
        if wrong or due_on is None:
            raise RuleUnmet("还不能改。", wrong)
        self.due_on, self.delay_reason = due_on, reason
        self._shown()
        note(serial=self.point.comment.serial_words, promise=self.public_id, due_on=due_on.isoformat(), reason=reason)

    def _shown(self) -> None:
        if self.public:
            self.consultation.edition += 1


def by_public_id(public_id: str) -> Promise | None:
    """One by its address."""
    return db.session.scalar(select(Promise).where(Promise.public_id == public_id))


def of_points(points: Iterable[int]) -> dict[int, list[Promise]]:
    """Point to what was promised in its answer; one query for many."""
    found: dict[int, list[Promise]] = {}
    rows = db.session.scalars(select(Promise).where(Promise.point_id.in_(list(points))).order_by(Promise.due_on))
    for promise in rows.unique():
        found.setdefault(promise.point_id, []).append(promise)
    return found


def open_promises(limit: int = 200) -> Sequence[Promise]:
    """What is promised to the public and not kept yet, the earliest day first."""
    return (
        db.session.scalars(
            select(Promise)
            .join(Point, Point.id == Promise.point_id)
            .where(Promise.stage == PromiseStage.OPEN, Point.stage == PointStage.RELEASED)
            .order_by(Promise.due_on, Promise.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


def kept_lately(limit: int = 10) -> Sequence[Promise]:
    """What was kept, newest first."""
    return (
        db.session.scalars(
            select(Promise)
            .join(Point, Point.id == Promise.point_id)
            .where(Promise.stage == PromiseStage.KEPT, Point.stage == PointStage.RELEASED)
            .order_by(Promise.kept_at.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )


def to_remind(officers: Iterable[int]) -> Sequence[Promise]:
    """Promises of these officers whose day is near or past."""
    return (
        db.session.scalars(
            select(Promise)
            .join(Point, Point.id == Promise.point_id)
            .join(Comment, Comment.id == Point.comment_id)
            .where(
                Promise.stage == PromiseStage.OPEN,
                Promise.officer_id.in_(list(officers)),
                Point.stage == PointStage.RELEASED,
                Promise.due_on <= today() + timedelta(days=REMIND_DAYS),
            )
            .order_by(Promise.due_on)
        )
        .unique()
        .all()
    )
