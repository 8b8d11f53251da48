"""Exhibitions at the places of practice 实践站: what is shown, from when to when, written by one and let out by another."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import Missing, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.people.officer import Officer
from models.people.place import Place
from models.texts.reasons import personal_data
from models.texts.received import as_received, reason_given, texts_received

THEMES = ("宪法主题宣传", "古代法学思想", "青少年普法")
"""The three that the practice station at East Lake began with; any other may be written."""
LONGEST_DAYS = 1100
WIDTHS = (1600, 1200, 900)
BYTES = 1_000_000


class ExhibitionStage(enum.StrEnum):
    """How far an exhibition has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"drafted": "草稿", "submitted": "待审核", "published": "已公布", "withdrawn": "已撤下"}[self.value]


FIELDS: dict[str, tuple[str, int]] = {
    "title": ("展览名称", 40),
    "theme": ("主题", 20),
    "shown": ("展出什么", 1500),
}


class Exhibition(PublicId, Base):
    """One exhibition at one place."""

    __tablename__ = "exhibition"
    __table_args__ = (
        Index("ix_exhibition_where", "legal_place_id", "starts_on"),
        CheckConstraint(
            "stage <> 'published' OR (reviewer_id IS NOT NULL AND reviewer_id <> author_id AND starts_on IS NOT NULL)",
            name="let_out_by_a_second_person",
        ),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="in_order"),
        CheckConstraint("picture = '' OR caption <> ''", name="picture_said_in_words"),
    )

    legal_place_id: Mapped[int] = mapped_column(ForeignKey("legal_place.id"))
    stage: Mapped[ExhibitionStage] = mapped_column(choice(ExhibitionStage), default=ExhibitionStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(40), default="")
    theme: Mapped[str] = mapped_column(String(20), default="")
    shown: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """None: a permanent one."""
    picture: Mapped[str] = mapped_column(String(64), default="")
    picture_mime: Mapped[str] = mapped_column(String(40), default="")
    caption: Mapped[str] = mapped_column(String(80), default="")
    """What is to be seen on it; read aloud to who does not see it."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    at: Mapped[LegalPlace] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    reviewer: Mapped[Officer | None] = relationship(foreign_keys=[reviewer_id])

    __mapper_args__ = {"version_id_col": version}

    wrote = ("draft_new", "revise", "add_picture")
    """The deeds that write something of it."""

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def is_on(self) -> bool:
        """Whether it can be seen today."""
        return (
            self.stage == ExhibitionStage.PUBLISHED
            and self.starts_on is not None
            and self.starts_on <= today()
            and (self.ends_on is None or today() <= self.ends_on)
        )

    @property
    def is_over(self) -> bool:
        """Its last day has passed."""
        return self.ends_on is not None and self.ends_on < today()

    @property
    def days_words(self) -> str:
        """From when to when, in words."""
        if self.starts_on is None:
            return ""
        first = f"{self.starts_on.year}年{self.starts_on.month}月{self.starts_on.day}日"
        if self.ends_on is None:
            return f"{first}起，长期"
        year = f"{self.ends_on.year}年" if self.ends_on.year != self.starts_on.year else ""
        return f"{first}到{year}{self.ends_on.month}月{self.ends_on.day}日"

    @property
    def state_words(self) -> str:
        """Where it stands, for everybody."""
        if self.stage != ExhibitionStage.PUBLISHED:
            return self.stage.label
        return "正在展出" if self.is_on else "已经结束" if self.is_over else "就要开展"

    @classmethod
    @birth(by=ruled("exhibition.draft_new"), say="登记展览：{title}")
    def draft_new(cls, officer: Officer, at: LegalPlace, **fields: Any) -> Self:
        """A new one at a place; what is missing may be missing for now."""
        made = cls(at=at, author=officer, made_at=now())
        made._write(fields)
        db.session.add(made)
        note(title=made.title)
        return made

    @act(ExhibitionStage.DRAFTED, by=ruled("exhibition.draft_new"), label="修改", say="修改展览")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change it while it is a draft."""
        self._write(fields)

    @act(ExhibitionStage.DRAFTED, by=ruled("exhibition.draft_new"), label="", say="放进展览的照片")
    def add_picture(self, officer: Officer, data: bytes, caption: str) -> None:
        """One picture, in the place of the one before, with words for who does not see it."""
        words = as_received(caption or "", field="caption", most=80, least=0, label="图里是什么").strip()
        if not words:
            raise RuleUnmet("请写一句图里是什么。", {"caption": "请写一句图里是什么，看不见的人靠它。"})
        files.admitted(data, only=files.IMAGES, field="picture")
        for longest in WIDTHS:
            drawn, mime = files.redrawn(data, longest=longest)
            if len(drawn) < BYTES:
                break
        else:
            raise RuleUnmet("这张图太复杂，缩小了也超过1MB。", {"picture": "请换一张，或者存成照片（jpg）再传。"})
        self.picture, self.picture_mime, self.caption = files.keep(drawn), mime, words

    @step(
        ExhibitionStage.DRAFTED,
        to=ExhibitionStage.SUBMITTED,
        by=ruled("exhibition.draft_new"),
        label="送审",
        say="展览送审",
    )
    def submit(self, officer: Officer) -> None:
        """Another person reads it before everybody does."""
        wrong = {name: f"请填写{FIELDS[name][0]}。" for name in ("title", "shown") if not getattr(self, name)}
        if self.starts_on is None:
            wrong["starts_on"] = "请填从哪天展出。"
        if self.is_over:
            wrong["ends_on"] = "结束的日子已经过了。"
        if any(one.severity == "stop" for one in personal_data(self.shown)):
            wrong["shown"] = "里面像是有个人的号码，请删去。"
        if wrong:
            raise RuleUnmet("还没写完。", wrong)
        self.returned_reason = ""

    @step(
        ExhibitionStage.SUBMITTED,
        to=ExhibitionStage.DRAFTED,
        by=ruled("exhibition.publish"),
        label="退回修改",
        say="退回展览：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        note(reason=self.returned_reason)

    @step(
        ExhibitionStage.SUBMITTED,
        to=ExhibitionStage.PUBLISHED,
        by=ruled("exhibition.publish"),
        needs="exhibition.publish",
        label="审核通过，公布",
        say="公布展览：{title}",
        wants=("index",),
    )
    def publish(self, officer: Officer) -> None:
        """Read by a second person, and out."""
        self.reviewer, self.published_at = officer, now()
        note(title=self.title)

    @act(
        ExhibitionStage.PUBLISHED,
        by=ruled("exhibition.draft_new"),
        label="改日期",
        say="展览改到{starts_on}—{ends_on}",
        keeps=("starts_on", "ends_on"),
        wants=("index",),
    )
    def move(self, officer: Officer, starts_on: date | None, ends_on: date | None) -> None:
        """Shown longer, shorter, or on other days; no word of it changes."""
        self._days(starts_on, ends_on)
        if self.starts_on is None:
            raise RuleUnmet("请填从哪天展出。", {"starts_on": "请填从哪天展出。"})

    @step(
        ExhibitionStage.PUBLISHED,
        to=ExhibitionStage.WITHDRAWN,
        by=ruled("exhibition.withdraw"),
        label="撤下",
        say="撤下展览：{reason}",
        wants=("index",),
        primary=False,
    )
    def withdraw(self, officer: Officer, reason: str) -> None:
        """Its page says so and why."""
        self.withdrawn_reason = reason_given(reason, "请写明撤下的原因，会显示在页面上。")
        note(reason=self.withdrawn_reason)

    def _write(self, fields: dict[str, Any]) -> None:
        good, wrong = texts_received(fields, FIELDS)
        for name, words in good.items():
            setattr(self, name, words)
        try:
            self._days(fields.get("starts_on"), fields.get("ends_on"))
        except RuleUnmet as unmet:
            wrong |= unmet.fields
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)

    def _days(self, starts_on: date | None, ends_on: date | None) -> None:
        if ends_on is not None and (starts_on is None or not starts_on <= ends_on):
            raise RuleUnmet("日期不对。", {"ends_on": "结束不能早于开始；长期展出的不用填。"})
        if ends_on is not None and starts_on is not None and ends_on - starts_on > timedelta(days=LONGEST_DAYS):
            raise RuleUnmet("日期不对。", {"ends_on": "这么久，请不填结束的日子，写成长期展出。"})
        self.starts_on, self.ends_on = starts_on, ends_on

    @property
    def picture_data(self) -> bytes:
        """The picture; Missing when there is none."""
        if not self.picture:
            raise Missing("没有找到这张图。")
        return files.read(self.picture)


@predicate
def place_is_open(subject: Exhibition, actor: object) -> str | None:
    """People can go there."""
    return None if subject.at.open else ""


def by_public_id(public_id: str, *, shown: bool = True) -> Exhibition | None:
    """One by its address; the public sees what is or was out."""
    found = db.session.scalar(select(Exhibition).where(Exhibition.public_id == public_id))
    hidden = found is not None and found.stage in (ExhibitionStage.DRAFTED, ExhibitionStage.SUBMITTED)
    return None if shown and hidden else found


def stations() -> Sequence[LegalPlace]:
    """The places that show exhibitions."""
    query = (
        select(LegalPlace).where(LegalPlace.open, LegalPlace.kind == LegalPlaceKind.PRACTICE).order_by(LegalPlace.id)
    )
    return db.session.scalars(query).unique().all()


def exhibitions(*stages: ExhibitionStage, limit: int = 200) -> Sequence[Exhibition]:
    """For the desk, newest first."""
    query = select(Exhibition).order_by(Exhibition.id.desc()).limit(limit)
    if stages:
        query = query.where(Exhibition.stage.in_(stages))
    return db.session.scalars(query).unique().all()


def to_be_seen(village: Place | None = None, *, after: int | None = None, limit: int = 20) -> Sequence[Exhibition]:
    """Published ones that are not over, near this village or anywhere, newest first."""
    query = (
        select(Exhibition)
        .join(LegalPlace, LegalPlace.id == Exhibition.legal_place_id)
        .where(
            Exhibition.stage == ExhibitionStage.PUBLISHED,
            LegalPlace.open,
            or_(Exhibition.ends_on.is_(None), Exhibition.ends_on >= today()),
        )
        .order_by(Exhibition.id.desc())
        .limit(limit)
    )
    if village is not None:
        query = query.where(or_(LegalPlace.place_id == village.id, LegalPlace.place_id.is_(None)))
    if after is not None:
        query = query.where(Exhibition.id < after)
    return db.session.scalars(query).unique().all()
