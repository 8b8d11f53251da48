"""A lecture 新时代文明讲堂: written by one, released by another, told to who signed up when it moves or falls out, its people counted."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import BEIJING, local, now, today
from models.kernel.lifecycle import Guard, act, birth, office_rules, predicate, ruled, step, system
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.article import Topic
from models.people.officer import Officer
from models.people.place import Place
from models.texts.received import as_received, reason_given, texts_received

EARLY = timedelta(minutes=30)
"""So long before it begins the doors are open and people can be checked in."""
MOST_SEATS = 5000
MOST_HEADS = 20_000
LONGEST = timedelta(hours=12)

FIELDS: dict[str, tuple[str, int]] = {
    "title": ("讲什么", 60),
    "speaker": ("谁来讲", 60),
    "about": ("内容", 2000),
    "venue": ("在哪里", 80),
    "contact": ("问谁", 60),
}


class LectureStage(enum.StrEnum):
    """How far a lecture has come. Whether it is still to come is computed from its hours, not stored."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    ANNOUNCED = "announced"
    HELD = "held"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "草稿",
            "submitted": "待审核",
            "announced": "已预告",
            "held": "已举办",
            "cancelled": "已取消",
        }[self.value]


SHOWN = (LectureStage.ANNOUNCED, LectureStage.HELD)
"""What everybody may read; a cancelled one too, when it had been announced."""


def near(place: Place | None, officer: Officer) -> bool:
    """Whether a lecture at this place is this officer's business: the whole street's, or their own village's."""
    if officer.has("publicist", "justice", "office", "unit_head", "leader"):
        return True
    return place is not None and any(one.id == place.id or one.parent_id == place.id for one in officer.places)


def ours(key: str) -> Guard:
    """Guard: the posts that the rule set names; a village's officer only for the lectures of that village."""
    named = ruled(key)

    def holds(subject: Any, actor: Any) -> Refusal | None:
        refusal = named(subject, actor)
        if refusal is not None or isinstance(subject, type):
            return refusal
        lecture: Lecture = getattr(subject, "lecture", subject)
        return None if near(lecture.place, actor) else NotAllowed("这场讲堂由当地的村居干部和宣传员办理。")

    return holds


class Lecture(PublicId, Base):
    """One lecture."""

    __tablename__ = "lecture"
    __table_args__ = (
        Index("ix_lecture_stage", "stage", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_began"),
        CheckConstraint("seats >= 0", name="seats_counted"),
        CheckConstraint(
            "stage NOT IN ('announced', 'held') OR (announcer_id IS NOT NULL AND announcer_id <> author_id "
            "AND announced_at IS NOT NULL)",
            name="released_by_a_second_person",
        ),
        CheckConstraint("stage <> 'held' OR (heads IS NOT NULL AND heads >= 0)", name="held_with_its_heads"),
        CheckConstraint("stage <> 'cancelled' OR cancelled_reason <> ''", name="cancelled_with_a_reason"),
    )

    stage: Mapped[LectureStage] = mapped_column(choice(LectureStage), default=LectureStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(60), default="")
    speaker: Mapped[str] = mapped_column(String(60), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    venue: Mapped[str] = mapped_column(String(80), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    """The village that holds it; None: the street."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(Integer, default=0)
    """How many may sign up; 0: as many as come."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    announcer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    announced_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    reminded_at: Mapped[datetime | None]
    heads: Mapped[int | None] = mapped_column(Integer)
    """People in the room as staff counted them; who was checked in is counted apart."""
    heads_words: Mapped[str] = mapped_column(String(200), default="")
    """How it was counted, or why it differs from who was checked in."""
    counter_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    wx_appid: Mapped[str] = mapped_column(String(32), default="")
    wx_url: Mapped[str] = mapped_column(String(300), default="")
    """What the square of the account's scene says, for the account that made it."""
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)

    topic: Mapped[Topic | None] = relationship(lazy="selectin")
    place: Mapped[Place | None] = relationship(lazy="selectin")
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    announcer: Mapped[Officer | None] = relationship(foreign_keys=[announcer_id])
    counter: Mapped[Officer | None] = relationship(foreign_keys=[counter_id])
    changes: Mapped[list["LectureChange"]] = relationship(order_by="LectureChange.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def where(self) -> str:
        """Whose lecture it is."""
        return self.place.name if self.place else "全街道"

    @property
    def takes_names(self) -> bool:
        """Whether people may sign up now."""
        return self.stage == LectureStage.ANNOUNCED and now() < self.starts_at

    @property
    def doors_open(self) -> bool:
        """Whether people are checked in now: from half an hour before it begins until it ends."""
        return self.stage in SHOWN and self.starts_at - EARLY <= now() <= self.ends_at

    @property
    def has_begun(self) -> bool:
        """Whether somebody can have been there."""
        return now() >= self.starts_at - EARLY

    @property
    def is_over(self) -> bool:
        """Announced, and past its end."""
        return self.stage == LectureStage.ANNOUNCED and now() > self.ends_at

    @property
    def state_words(self) -> str:
        """Where it stands, for everybody."""
        if self.stage != LectureStage.ANNOUNCED:
            return self.stage.label
        if now() > self.ends_at:
            return "已经讲完"
        if now() >= self.starts_at:
            return "正在讲"
        return "可以签到" if self.doors_open else "可以报名"

    @property
    def code(self) -> str:
        """Six digits that are shown and said in the room; good only while its doors are open."""
        secret = sealed.blind(self.public_id, "lecture code")
        return f"{int.from_bytes(secret[:8]) % 10**6:06d}"

    @property
    def scene(self) -> str:
        """What the account's own square in the room carries: WeChat allows 64 characters."""
        return f"{SCENE}{self.public_id}_{self.code}"

    # writing it

    @classmethod
    @birth(by=ruled("lecture.draft_new"), say="起草讲堂预告：{title}")
    def draft_new(cls, officer: Officer, starts_at: datetime | None, ends_at: datetime | None, **fields: Any) -> Self:
        """A new lecture; it needs its hours, what else is missing may be missing for now."""
        made = cls(author=officer, made_at=now())
        made._write(officer, fields | {"starts_at": starts_at, "ends_at": ends_at})
        db.session.add(made)
        note(title=made.title)
        return made

    @act(LectureStage.DRAFTED, by=ours("lecture.draft_new"), label="修改", say="修改讲堂预告")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change it while it is a draft."""
        self._write(officer, fields)

    def _write(self, writer: Officer, fields: dict[str, Any]) -> None:
        """All of it, or nothing and why."""
        good, wrong = texts_received(fields, FIELDS)
        told = dict(fields) | good
        assert told.keys() <= FIELDS.keys() | {"topic", "place", "starts_at", "ends_at", "seats"}, told.keys()
        wrong |= _hours(told.get("starts_at", self.starts_at), told.get("ends_at", self.ends_at))
        if not 0 <= (told.get("seats") or 0) <= MOST_SEATS:
            wrong["seats"] = f"请填0到{MOST_SEATS}；0是不限人数。"
        if not near(told.get("place", self.place), writer):
            wrong["place"] = "请选您自己的村（社区）。"
        if wrong:
            raise RuleUnmet("有几处要改一改，您填的都在。", wrong)
        for name, value in told.items():
            setattr(self, name, value)

    # two persons before anybody is invited

    @step(
        LectureStage.DRAFTED,
        to=LectureStage.SUBMITTED,
        by=ours("lecture.draft_new"),
        label="送审",
        say="送审讲堂预告",
    )
    def submit(self, officer: Officer) -> None:
        """Another person reads it before anybody is invited."""
        asked = ("title", "speaker", "about", "venue")
        wrong = {name: f"请填写{FIELDS[name][0]}。" for name in asked if not getattr(self, name)}
        if self.starts_at <= now():
            wrong["starts_at"] = "开始的时间已经过了，请改。"
        if wrong:
            raise RuleUnmet("预告还没写完。", wrong)
        self.returned_reason = ""

    @step(
        LectureStage.SUBMITTED,
        to=LectureStage.DRAFTED,
        by=ours("lecture.announce"),
        label="退回修改",
        say="退回讲堂预告：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        note(reason=self.returned_reason)

    @step(
        LectureStage.SUBMITTED,
        to=LectureStage.ANNOUNCED,
        by=ours("lecture.announce"),
        needs="lecture.announce",
        label="审核通过，预告",
        say="预告讲堂：{title}，{held_on}",
        wants=("index", "lecture_code"),
    )
    def announce(self, officer: Officer) -> None:
        """Released by somebody who did not write it (先审后发); people sign up from now on."""
        if self.starts_at <= now():
            raise RuleUnmet("开始的时间已经过了，请退回修改。")
        self.announcer, self.announced_at = officer, now()
        note(title=self.title, held_on=local(self.starts_at).date())

    # what everybody was told changes in the open

    @act(LectureStage.ANNOUNCED, by=ours("lecture.change"), label="", say="更正讲堂预告：{remark}", wants=("index",))
    def correct(self, officer: Officer, remark: str, **fields: Any) -> None:
        """Something else than hour and place."""
        self._change(officer, remark, fields)

    @act(
        LectureStage.ANNOUNCED,
        by=ours("lecture.change"),
        label="",
        say="讲堂改时间或地点：{remark}，改到{held_on}",
        tells=True,
        wants=("index",),
    )
    def move(self, officer: Officer, remark: str, **fields: Any) -> None:
        """Another hour or another room: who signed up hears of it."""
        day = local(self.starts_at).date()
        self._change(officer, remark, fields)
        if self.starts_at <= now():
            raise RuleUnmet("改的时间已经过了。", {"starts_at": "开始的时间要在现在以后。"})
        if local(self.starts_at).date() != day:
            self.reminded_at = None
        note(held_on=local(self.starts_at).date())

    def _change(self, writer: Officer, remark: str, fields: dict[str, Any]) -> None:
        if not self.takes_names:
            raise OutOfTurn("讲堂已经开始，不能再改预告了。")
        words = reason_given(remark, "请写明改了什么，会显示在页面上。", field="remark")
        self._write(writer, fields)
        asked = ("title", "speaker", "about", "venue")
        wrong = {name: f"请填写{FIELDS[name][0]}。" for name in asked if not getattr(self, name)}
        if wrong:
            raise RuleUnmet("有几处不能空着。", wrong)
        self.changes.append(LectureChange(remark=words, made_at=now()))
        note(remark=words)

    @step(
        LectureStage.DRAFTED,
        LectureStage.SUBMITTED,
        LectureStage.ANNOUNCED,
        to=LectureStage.CANCELLED,
        by=ours("lecture.cancel"),
        label="取消",
        say="取消讲堂：{reason}",
        tells=True,
        wants=("index",),
        primary=False,
    )
    def cancel(self, officer: Officer, reason: str) -> None:
        """It does not take place; everybody who signed up is told, and the page says why."""
        self.cancelled_reason = reason_given(reason, "请写明取消的原因，会告诉报了名的人。")
        if self.is_over:
            raise OutOfTurn("讲堂已经讲完，不能取消；没有办成的，请登记到场0人并写明原因。")
        note(reason=self.cancelled_reason)

    # the day before, and afterwards

    @act(LectureStage.ANNOUNCED, by=system, label="", say="提醒报名的人：{held_on}开讲", tells=True)
    def remind(self, actor: object) -> None:
        """The day before, once."""
        self.reminded_at = now()
        note(held_on=local(self.starts_at).date())

    @step(
        LectureStage.ANNOUNCED,
        LectureStage.HELD,
        to=LectureStage.HELD,
        by=ours("lecture.count"),
        needs="lecture.count",
        label="登记到场人数",
        say="登记讲堂到场{heads}人",
        wants=("index",),
    )
    def count(self, officer: Officer, heads: int | None, words: str = "") -> None:
        """People in the room, counted by staff; again puts a wrong number right, and the trail keeps both."""
        if heads is None or not 0 <= heads <= MOST_HEADS:
            raise RuleUnmet("请填到场多少人。", {"heads": f"请数一数填数字，0到{MOST_HEADS}。"})
        told = as_received(words or "", field="heads_words", most=200, least=0, label="说明").strip()
        if not heads and not told:
            raise RuleUnmet("没有人到场的，请写明原因。", {"heads_words": "请写一句为什么没有人到场。"})
        self.heads, self.heads_words, self.counter = heads, told, officer
        note(heads=heads)


def _hours(begins: datetime | None, ends: datetime | None) -> dict[str, str]:
    if begins is None:
        return {"starts_at": "请填什么时候开始，例如 2026-11-30 19:00。"}
    if ends is None or not begins < ends <= begins + LONGEST:
        return {"ends_at": "请填什么时候结束，要在开始以后、12小时以内。"}
    return {}


SCENE = "in_"
"""How the scene of a lecture's square begins."""


class LectureChange(Base):
    """What was changed in an announced lecture, as every reader sees it. Insert-only."""

    __tablename__ = "lecture_change"

    lecture_id: Mapped[int] = mapped_column(ForeignKey("lecture.id"), index=True)
    remark: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]


@predicate
def announcer_is_not_author(subject: Lecture, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


@predicate
def lecture_has_begun(subject: Lecture, actor: object) -> str | None:
    """Nobody is counted before the doors open."""
    return None if subject.has_begun else f"开讲是{local(subject.starts_at):%-m月%-d日%H:%M}。"


def by_public_id(public_id: str) -> Lecture | None:
    """One lecture by its address, in any stage."""
    return db.session.scalar(select(Lecture).where(Lecture.public_id == public_id))


def coming(limit: int = 20) -> Sequence[Lecture]:
    """What is announced and not over, the next one first."""
    query = select(Lecture).where(Lecture.stage.in_(SHOWN), Lecture.ends_at >= now())
    return db.session.scalars(query.order_by(Lecture.starts_at, Lecture.id).limit(limit)).unique().all()


def with_open_doors() -> Sequence[Lecture]:
    """Where people are checked in at this very moment."""
    return [one for one in coming() if one.doors_open]


def lecture_list(*, after: int | None = None, limit: int = 20) -> Sequence[Lecture]:
    """Everything that was ever announced, newest first, keyset by id."""
    shown = Lecture.stage.in_(SHOWN) | ((Lecture.stage == LectureStage.CANCELLED) & Lecture.announced_at.is_not(None))
    query = select(Lecture).where(shown).order_by(Lecture.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Lecture.id < after)
    return db.session.scalars(query).unique().all()


def lectures(limit: int = 200) -> Sequence[Lecture]:
    """For the desk, the latest day first."""
    query = select(Lecture).order_by(Lecture.starts_at.desc(), Lecture.id.desc()).limit(limit)
    return db.session.scalars(query).unique().all()


def in_hand(*stages: LectureStage) -> Sequence[Lecture]:
    """Lectures that wait for somebody here, the next day first."""
    query = select(Lecture).where(Lecture.stage.in_(stages)).order_by(Lecture.starts_at, Lecture.id)
    return db.session.scalars(query).unique().all()


def to_remind() -> Sequence[int]:
    """Our numbers of tomorrow's lectures of which nobody was reminded."""
    tomorrow = today() + timedelta(days=1)
    return db.session.scalars(
        select(Lecture.id)
        .where(
            Lecture.stage == LectureStage.ANNOUNCED,
            Lecture.reminded_at.is_(None),
            Lecture.starts_at >= _midnight(tomorrow),
            Lecture.starts_at < _midnight(tomorrow + timedelta(days=1)),
        )
        .order_by(Lecture.id)
    ).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def of_year(year: int) -> Sequence[Lecture]:
    """What was announced for a year, drafts left out, in the order of its days."""
    query = select(Lecture).where(
        Lecture.announced_at.is_not(None),
        Lecture.starts_at >= _midnight(date(year, 1, 1)),
        Lecture.starts_at < _midnight(date(year + 1, 1, 1)),
    )
    return db.session.scalars(query.order_by(Lecture.starts_at, Lecture.id)).unique().all()
