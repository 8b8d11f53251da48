"""Legal-education articles: written by one, reviewed by another, published everywhere at once, corrected in the open."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import reason_given, texts_received


class Topic(PublicId, Base):
    """What an article is about; people may follow a topic."""

    __tablename__ = "topic"

    name: Mapped[str] = mapped_column(String(20), unique=True)
    tag: Mapped[int | None] = mapped_column(Integer)
    """WeChat's tag for its followers."""


FIRST_TOPICS = ("涉村集体", "劳动争议", "城建", "土地流转")
"""The four that the office promised to begin with."""


class ArticleStage(enum.StrEnum):
    """How far an article has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "草稿",
            "submitted": "待审核",
            "reviewed": "已审核",
            "published": "已发布",
            "withdrawn": "已撤下",
        }[self.value]


FIELDS: dict[str, tuple[str, int]] = {
    "title": ("标题", 32),
    "digest": ("摘要", 120),
    "body": ("正文", 15000),
    "basis": ("依据条文", 600),
}
"""The text fields: what they are called and how long they may be (title and digest as WeChat's draft/add limits them)."""


class Article(PublicId, Base):
    """One article. The body is plain text with blank lines between paragraphs and 「## 」 before a heading."""

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint(
            "stage NOT IN ('reviewed', 'published') OR (reviewer_id IS NOT NULL AND reviewer_id <> author_id)",
            name="reviewed_by_a_second_person",
        ),
        CheckConstraint("stage <> 'published' OR published_at IS NOT NULL", name="published_at_a_moment"),
    )

    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    stage: Mapped[ArticleStage] = mapped_column(choice(ArticleStage), default=ArticleStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(64), default="")
    digest: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    """The articles of law it rests on (Publicity and Education Law, article 54)."""
    basis_on: Mapped[date | None] = mapped_column(Date)
    """The date of that law's version."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    edition: Mapped[int] = mapped_column(Integer, default=1)
    version: Mapped[int] = mapped_column(Integer)

    topic: Mapped[Topic | None] = relationship(lazy="joined")
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    reviewer: Mapped[Officer | None] = relationship(foreign_keys=[reviewer_id])
    corrections: Mapped[list["ArticleCorrection"]] = relationship(order_by="ArticleCorrection.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    def changed_since(self, edition: int) -> str:
        """Why what was made out of this edition is not to be used any more; empty when all is well."""
        if self.stage == ArticleStage.WITHDRAWN:
            return f"原文章已经撤下：{self.withdrawn_reason}"
        if self.edition != edition:
            remark = self.corrections[-1].remark if self.corrections else ""
            return f"原文章更正过了：{remark}" if remark else "原文章改过了。"
        return ""

    @classmethod
    @birth(by=ruled("article.draft_new"), say="写文章：{title}")
    def draft_new(cls, officer: Officer, **fields: Any) -> Self:
        """A new article; what is missing may be missing for now."""
        made = cls(author=officer, made_at=now())
        db.session.add(made)
        made._write(fields)
        note(title=made.title)
        return made

    @act(ArticleStage.DRAFTED, by=ruled("article.revise"), label="修改", say="修改文章")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change it while it is a draft."""
        self._write(fields)

    def _write(self, fields: dict[str, Any]) -> None:
        good, wrong = texts_received(fields, FIELDS)
        others = {name: value for name, value in fields.items() if name not in FIELDS}
        assert others.keys() <= {"topic", "basis_on"}, others
        for name, value in (good | others).items():
            setattr(self, name, value)
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)

    @step(ArticleStage.DRAFTED, to=ArticleStage.SUBMITTED, by=ruled("article.submit"), label="送审", say="送审")
    def submit(self, officer: Officer) -> None:
        """Another person reads it before anybody else does."""
        wrong = {name: f"请填写{FIELDS[name][0]}。" for name in ("title", "body") if not getattr(self, name)}
        if wrong:
            raise RuleUnmet("文章还没写完。", wrong)
        self.returned_reason = ""

    @step(
        ArticleStage.SUBMITTED,
        to=ArticleStage.REVIEWED,
        by=ruled("article.review"),
        needs="article.review",
        label="审核通过",
        say="审核通过",
    )
    def review(self, officer: Officer) -> None:
        """Reviewed before publication (先审后发), by somebody who did not write it."""
        self.reviewer = officer

    @step(
        ArticleStage.SUBMITTED,
        ArticleStage.REVIEWED,
        to=ArticleStage.DRAFTED,
        by=ruled("article.review"),
        label="退回修改",
        say="退回修改：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        self.reviewer = None
        note(reason=self.returned_reason)

    @step(
        ArticleStage.REVIEWED,
        to=ArticleStage.PUBLISHED,
        by=ruled("article.publish"),
        needs="article.publish",
        label="发布",
        say="发布文章：{title}",
        wants=("publish_notice", "index"),
    )
    def publish(self, officer: Officer) -> None:
        """H5 page, mini-program item and WeChat draft at once. Who asked to hear of it is told by a campaign."""
        self.published_at = now()
        self.edition += 1
        note(title=self.title)

    @act(
        ArticleStage.PUBLISHED,
        by=ruled("article.correct"),
        label="更正",
        say="更正文章：{remark}",
        wants=("index",),
    )
    def correct(self, officer: Officer, remark: str, **fields: Any) -> None:
        """Put something right, with a note that every reader sees."""
        remark = reason_given(remark, "请写明更正了什么，会显示在文章里。")
        self._write(fields)
        if not self.title or not self.body:
            raise RuleUnmet("标题和正文不能为空。")
        self.edition += 1
        self.corrections.append(ArticleCorrection(remark=remark, made_at=now()))
        note(remark=remark)

    @step(
        ArticleStage.PUBLISHED,
        to=ArticleStage.WITHDRAWN,
        by=ruled("article.withdraw"),
        label="撤下",
        say="撤下文章：{reason}",
        wants=("index",),
        primary=False,
    )
    def withdraw(self, officer: Officer, reason: str) -> None:
        """Taken down; its page says so and why."""
        self.withdrawn_reason = reason_given(reason, "请写明撤下的原因，会显示在页面上。")
        self.edition += 1
        note(reason=self.withdrawn_reason)

    @act(
        ArticleStage.PUBLISHED,
        by=ruled("article.broadcast"),
        needs="article.broadcast",
        label="群发",
        say="群发给{tag}",
        wants=("broadcast",),
    )
    def broadcast(self, officer: Officer, topic: Topic | None = None) -> "Broadcast":
        """Push it by mass send to a topic's followers, or to all; each user takes four a month."""
        if db.session.scalar(select(Broadcast.id).where(Broadcast.article_id == self.id)):
            raise RuleUnmet("这篇文章已经群发过了，不能重复打扰。")
        made = Broadcast(article=self, topic=topic, made_at=now())
        db.session.add(made)
        db.session.flush()
        note(tag=topic.name if topic else "全部关注者", broadcast=made.id)
        return made

    @property
    def minutes(self) -> int:
        """How long it takes to read, at 300 characters a minute."""
        return max(1, round(len(self.body) / 300))


class ArticleCorrection(Base):
    """What was put right in a published article."""

    __tablename__ = "article_correction"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    remark: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]


class BroadcastState(enum.StrEnum):
    """How far a mass send has come."""

    WAITING = "waiting"
    SENT = "sent"
    FINISHED = "finished"
    HELD = "held"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "waiting": "等着群发",
            "sent": "已交给微信",
            "finished": "群发完成",
            "held": "不确定，待人工核对",
            "failed": "没有发成",
        }[self.value]


class Broadcast(PublicId, Base):
    """One mass send. Its public id is the client id by which WeChat drops a second copy."""

    __tablename__ = "broadcast"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), unique=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    state: Mapped[BroadcastState] = mapped_column(choice(BroadcastState), default=BroadcastState.WAITING)
    msg_id: Mapped[str | None] = mapped_column(String(64), index=True)
    result: Mapped[str] = mapped_column(String(60), default="")
    total: Mapped[int] = mapped_column(Integer, default=0)
    sent: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship()
    topic: Mapped[Topic | None] = relationship()


@predicate
def basis_given(subject: Article, actor: object) -> str | None:
    """The articles of law, with the date of their version."""
    return None if subject.basis and subject.basis_on else ""


@predicate
def reviewer_is_not_author(subject: Article, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


@predicate
def reviewed_by_another(subject: Article, actor: object) -> str | None:
    """Somebody else has read it."""
    return None if subject.reviewer_id is not None and subject.reviewer_id != subject.author_id else ""


@predicate
def article_is_published(subject: Article, actor: object) -> str | None:
    """It is out."""
    return None if subject.stage == ArticleStage.PUBLISHED else ""


def topics() -> Sequence[Topic]:
    """All topics."""
    return db.session.scalars(select(Topic).order_by(Topic.id)).all()


def by_public_id(public_id: str) -> Article | None:
    """One article by its address, in any stage."""
    return db.session.scalar(select(Article).where(Article.public_id == public_id))


def article_list(*, topic: Topic | None = None, after: int | None = None, limit: int = 20) -> Sequence[Any]:
    """Core rows of published articles, newest first, keyset by id."""
    query = (
        select(
            Article.id,
            Article.public_id,
            Article.title,
            Article.digest,
            Article.published_at,
            Topic.name.label("topic"),
            Topic.public_id.label("topic_id"),
        )
        .outerjoin(Topic, Topic.id == Article.topic_id)
        .where(Article.stage == ArticleStage.PUBLISHED)
        .order_by(Article.id.desc())
        .limit(limit)
    )
    if topic is not None:
        query = query.where(Article.topic_id == topic.id)
    if after is not None:
        query = query.where(Article.id < after)
    return db.session.execute(query).all()


def articles(*stages: ArticleStage, limit: int = 100) -> Sequence[Article]:
    """Articles for the desk, newest first."""
    query = select(Article).order_by(Article.id.desc()).limit(limit)
    if stages:
        query = query.where(Article.stage.in_(stages))
    return db.session.scalars(query).unique().all()


def last_published_at() -> datetime | None:
    """When something was last published; the inspection asks for every two weeks."""
    return db.session.scalar(
        select(Article.published_at)
        .where(Article.published_at.is_not(None))
        .order_by(Article.published_at.desc())
        .limit(1)
    )


def broadcast_by_msg_id(msg_id: str) -> Broadcast | None:
    """The mass send that WeChat reports about."""
    return db.session.scalar(select(Broadcast).where(Broadcast.msg_id == msg_id))
