"""A campaign 推送: one published article told to those who asked for its topics, villages or groups, at a moment that two persons agreed on."""

import enum
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, BigInt, PublicId, choice, db
from models.kernel.clock import local, now
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step, system
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage, Topic
from models.people.officer import Officer
from models.people.place import Place
from models.texts.received import as_received, reason_given

FROM, UNTIL = 8, 21
"""Hours in Beijing between which a campaign may begin: nobody's telephone rings at night for an article."""


class CampaignWay(enum.StrEnum):
    """How it goes out."""

    NOTICE = "notice"
    MASS = "mass"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"notice": "逐人通知", "mass": "图文群发"}[self.value]

    @property
    def says(self) -> str:
        """What that means, for whoever chooses."""
        return {
            "notice": "用服务通知、订阅消息或者公众号对话，一人一条，点开是文章。",
            "mass": "文章整篇发到公众号对话里；服务号每位关注者每个自然月最多收4次。收不到群发的，改用逐人通知。",
        }[self.value]


class CampaignStage(enum.StrEnum):
    """How far it has come. Whether it is paused or finished is told by its telling."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    STARTED = "started"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "草稿",
            "submitted": "待审核",
            "approved": "已审核，等时间到",
            "started": "已开始",
            "stopped": "已停止",
        }[self.value]


class Campaign(PublicId, Base):
    """One campaign. Its audience are those who follow what it is aimed at, and nobody else."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("ix_campaign_due", "stage", "starts_at"),
        CheckConstraint(
            "stage NOT IN ('approved', 'started') OR (approver_id IS NOT NULL AND approver_id <> author_id)",
            name="approved_by_a_second_person",
        ),
        CheckConstraint("stage NOT IN ('approved', 'started') OR starts_at IS NOT NULL", name="approved_for_a_moment"),
        CheckConstraint("stage <> 'started' OR started_at IS NOT NULL", name="started_at_a_moment"),
        CheckConstraint("stage <> 'stopped' OR stopped_reason <> ''", name="stopped_with_a_reason"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    stage: Mapped[CampaignStage] = mapped_column(choice(CampaignStage), default=CampaignStage.DRAFTED)
    way: Mapped[CampaignWay] = mapped_column(choice(CampaignWay), default=CampaignWay.NOTICE)
    both: Mapped[bool] = mapped_column(default=False)
    """Only who follows one of the topics and one of the places as well; otherwise either is enough."""
    starts_at: Mapped[datetime | None]
    """When it begins; None until approved is at once."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    stopped_reason: Mapped[str] = mapped_column(String(300), default="")
    edition: Mapped[int] = mapped_column(Integer, default=1)
    """Moves with every change, so that a preview says which one it counted."""
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Who would be reached how, as it was counted last: numbers and reasons, no names."""
    made_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    article: Mapped[Article] = relationship(lazy="joined")
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
    aims: Mapped[list["CampaignAim"]] = relationship(order_by="CampaignAim.id", cascade="all, delete-orphan")
    tests: Mapped[list["CampaignTest"]] = relationship(order_by="CampaignTest.id", back_populates="campaign")

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def topics(self) -> list[Topic]:
        """The topics it is aimed at."""
        return [aim.topic for aim in self.aims if aim.topic is not None]

    @property
    def places(self) -> list[Place]:
        """The villages and groups."""
        return [aim.place for aim in self.aims if aim.place is not None]

    @property
    def aim_words(self) -> str:
        """To whom, in words."""
        names = [t.name for t in self.topics], [p.full_name for p in self.places]
        parts = ["、".join(part) for part in names if part]
        return ("，并且关注".join(parts) if self.both else "、".join(parts)) or "还没有选"

    @property
    def counted(self) -> bool:
        """Whether the preview is of what stands here now."""
        return bool(self.preview) and self.preview["edition"] == self.edition  # type: ignore[index]

    # writing it

    @classmethod
    @birth(by=ruled("campaign.draft_new"), say="起草推送：{title}")
    def draft_new(cls, officer: Officer, article: Article, **fields: Any) -> Self:
        """A new campaign for a published article."""
        if article.stage != ArticleStage.PUBLISHED:
            raise RuleUnmet("文章还没有发布，不能安排推送。", {"article": "请选一篇已经发布的文章。"})
        made = cls(article=article, author=officer, made_at=now())
        made._write(fields)
        db.session.add(made)
        note(title=article.title)
        return made

    @act(CampaignStage.DRAFTED, by=ruled("campaign.draft_new"), label="修改", say="修改推送")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change it while it is a draft; it has to be counted anew."""
        self._write(fields)
        self.edition += 1

    def _write(self, fields: dict[str, Any]) -> None:
        if set(fields) - {"way", "both", "starts_at", "topics", "places"}:
            raise TypeError(f"no field {set(fields)}")
        wrong = _when(fields.get("starts_at", self.starts_at))
        if wrong:
            raise RuleUnmet("有一处要改一改，您填的都在。", {"starts_at": wrong})
        for name in ("way", "both", "starts_at"):
            if name in fields:
                setattr(self, name, fields[name])
        if "topics" in fields or "places" in fields:
            self._aim(fields.get("topics", ()), fields.get("places", ()))

    def _aim(self, topics: Collection[Topic], places: Collection[Place]) -> None:
        self.aims = [*(CampaignAim(topic=t) for t in topics), *(CampaignAim(place=p) for p in places)]

    # seen before it is sent

    @act(
        CampaignStage.DRAFTED,
        CampaignStage.SUBMITTED,
        by=ruled("campaign.look"),
        label="数一数能送到多少人",
        say="预览推送的对象",
        wants=("preview_campaign",),
    )
    def count(self, officer: Officer) -> None:
        """How many would be reached by which way, and why the others would not; counted by the clockwork."""
        self.preview = None

    @act(
        CampaignStage.DRAFTED,
        CampaignStage.SUBMITTED,
        by=ruled("campaign.look"),
        label="试发给自己看",
        say="试发到一部工作手机",
        wants=("test_campaign",),
    )
    def try_out(self, officer: Officer, wx_name: str) -> "CampaignTest":
        """The article goes to one named telephone of the staff (WeChat's mass preview), and that is recorded."""
        name = as_received(wx_name, field="wx_name", most=40, least=0, label="微信号").strip()
        if not name or not name.isascii() or not name.isprintable() or " " in name:
            words = "请填试发的那部手机的微信号（字母、数字），不是昵称。"
            raise RuleUnmet(words, {"wx_name": words})
        made = CampaignTest(campaign=self, officer=officer, wx_name=name, masked=masked(name), made_at=now())
        db.session.add(made)
        db.session.flush()
        note(test=made.id)
        return made

    # two persons before anybody is told

    @step(
        CampaignStage.DRAFTED,
        to=CampaignStage.SUBMITTED,
        by=ruled("campaign.draft_new"),
        needs="campaign.submit",
        label="送审",
        say="送审推送",
    )
    def submit(self, officer: Officer) -> None:
        """Another person looks at it first."""
        self.returned_reason = ""

    @step(
        CampaignStage.SUBMITTED,
        CampaignStage.APPROVED,
        to=CampaignStage.DRAFTED,
        by=ruled("campaign.approve"),
        label="退回修改",
        say="退回推送：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        self.approver = None
        note(reason=self.returned_reason)

    @step(
        CampaignStage.SUBMITTED,
        to=CampaignStage.APPROVED,
        by=ruled("campaign.approve"),
        needs="campaign.approve",
        label="审核通过",
        say="审核通过推送，{at}开始",
    )
    def approve(self, officer: Officer) -> None:
        """Approved by somebody who did not write it (先审后发); the clockwork begins when the moment comes."""
        if self.starts_at is not None and self.starts_at <= now():
            raise RuleUnmet("定的时间已经过了，请退回改时间。")
        self.approver = officer
        self.starts_at = self.starts_at or by_day(now())
        note(at=f"{local(self.starts_at):%Y-%m-%d %H:%M}")

    @step(
        CampaignStage.APPROVED,
        to=CampaignStage.STARTED,
        by=system,
        needs="campaign.start",
        label="",
        say="开始推送",
        tells=True,
    )
    def start(self, actor: object) -> None:
        """The moment has come: whoever follows what it is aimed at is told."""
        self.started_at = now()

    @step(CampaignStage.APPROVED, to=CampaignStage.STOPPED, by=system, label="", say="没有推送：{reason}")
    def drop(self, actor: object, reason: str) -> None:
        """What it tells of is gone before it began."""
        self.stopped_reason = reason_given(reason, "原因")
        note(reason=self.stopped_reason)


class CampaignAim(Base):
    """One topic or one place that a campaign is aimed at."""

    __tablename__ = "campaign_aim"
    __table_args__ = (CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name="one_thing"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))

    topic: Mapped[Topic | None] = relationship(lazy="joined")
    place: Mapped[Place | None] = relationship(lazy="joined")


class TrialState(enum.StrEnum):
    """What became of a test."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"waiting": "正在试发", "sent": "发到了", "failed": "没有发成"}[self.value]


class CampaignTest(Base):
    """One test on a telephone of the staff. The WeChat name is kept until it was used; afterwards only its two ends."""

    __tablename__ = "campaign_test"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    wx_name: Mapped[str] = mapped_column(String(40), default="")
    masked: Mapped[str] = mapped_column(String(12))
    state: Mapped[TrialState] = mapped_column(choice(TrialState), default=TrialState.WAITING)
    result: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime]

    campaign: Mapped[Campaign] = relationship(back_populates="tests")
    officer: Mapped[Officer] = relationship()

    def end(self, state: TrialState, result: str) -> None:
        """How it went; the name is forgotten."""
        self.state, self.result, self.wx_name = state, result[:120], ""


class BatchState(enum.StrEnum):
    """How far one mass send of a campaign has come."""

    WAITING = "waiting"
    SENT = "sent"
    FINISHED = "finished"
    HELD = "held"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "waiting": "正在交给微信",
            "sent": "已交给微信",
            "finished": "群发完成",
            "held": "不确定，待人工核对",
            "failed": "没有发成",
        }[self.value]


class CampaignBatch(PublicId, Base):
    """One mass send to some of a campaign's people. Its public id is the client id by which WeChat drops a second copy."""

    __tablename__ = "campaign_batch"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int] = mapped_column(Integer)
    first: Mapped[int] = mapped_column(BigInt)
    last: Mapped[int] = mapped_column(BigInt)
    """Our numbers of the messages between which those lie that were given to it."""
    people: Mapped[int] = mapped_column(Integer)
    state: Mapped[BatchState] = mapped_column(choice(BatchState), default=BatchState.WAITING)
    msg_id: Mapped[str | None] = mapped_column(String(64), index=True)
    result: Mapped[str] = mapped_column(String(60), default="")
    sent: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    """As WeChat reported them."""
    made_at: Mapped[datetime]

    campaign: Mapped[Campaign] = relationship()


def by_day(moment: datetime) -> datetime:
    """This moment, or the next at which people may be told."""
    at = local(moment)
    if FROM <= at.hour < UNTIL:
        return moment
    day = at if at.hour < FROM else at + timedelta(days=1)
    return day.replace(hour=FROM, minute=0, second=0, microsecond=0).astimezone(UTC)


def masked(name: str) -> str:
    """The two ends of a name, enough for its owner to know it by."""
    return f"{name[:2]}…{name[-1:]}"


def due() -> Sequence[int]:
    """Our numbers of approved campaigns whose moment has come, in the hours in which people may be told."""
    if not FROM <= local(now()).hour < UNTIL:
        return []
    return db.session.scalars(
        select(Campaign.id)
        .where(Campaign.stage == CampaignStage.APPROVED, Campaign.starts_at <= now())
        .order_by(Campaign.starts_at, Campaign.id)
    ).all()


def campaigns(limit: int = 200) -> Sequence[Campaign]:
    """For the desk: by their moment, those without one first, then the latest."""
    return (
        db.session.scalars(
            select(Campaign)
            .order_by(Campaign.starts_at.is_not(None), Campaign.starts_at.desc(), Campaign.id.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )


def of_article(article: Article) -> Sequence[Campaign]:
    """Every campaign about an article."""
    return (
        db.session.scalars(select(Campaign).where(Campaign.article_id == article.id).order_by(Campaign.id))
        .unique()
        .all()
    )


def by_public_id(public_id: str) -> Campaign | None:
    """One campaign by its address."""
    return db.session.scalar(select(Campaign).where(Campaign.public_id == public_id))


def batch_by_msg_id(msg_id: str) -> CampaignBatch | None:
    """The mass send that WeChat reports about."""
    return db.session.scalar(select(CampaignBatch).where(CampaignBatch.msg_id == msg_id)) if msg_id else None


def batches(campaign: Campaign) -> Sequence[CampaignBatch]:
    """A campaign's mass sends in their order."""
    return db.session.scalars(
        select(CampaignBatch).where(CampaignBatch.campaign_id == campaign.id).order_by(CampaignBatch.number)
    ).all()


def _when(at: datetime | None) -> str:
    if at is None:
        return ""
    if at <= now():
        return "这个时间已经过了；要马上发，就空着。"
    hour = local(at).hour
    return "" if FROM <= hour < UNTIL else f"请定在{FROM}点到{UNTIL}点之间，夜里不打扰人。"


@predicate
def campaign_is_aimed(subject: Campaign, actor: object) -> str | None:
    """Somebody is meant."""
    return None if subject.aims and not (subject.both and not (subject.topics and subject.places)) else ""


@predicate
def campaign_was_counted(subject: Campaign, actor: object) -> str | None:
    """Who would be reached was counted as it stands now, and was seen."""
    return None if subject.counted else ""


@predicate
def campaign_reaches_somebody(subject: Campaign, actor: object) -> str | None:
    """At least one person would be told."""
    return None if not subject.counted or (subject.preview and subject.preview["reached"]) else ""


@predicate
def campaign_within_budget(subject: Campaign, actor: object) -> str | None:
    """Nothing that WeChat counts forbids it: the month's mass sends, the account's rights, the templates."""
    stops = (subject.preview or {}).get("stops", [])
    return "；".join(stops) + "。" if stops else None


@predicate
def approver_is_not_campaigner(subject: Campaign, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


@predicate
def campaign_article_stands(subject: Campaign, actor: object) -> str | None:
    """The article is still out."""
    return None if subject.article.stage == ArticleStage.PUBLISHED else ""
