"""What the office publishes to the official account: an article that leads to the page, by the API or by hand."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, BigInt, PublicId, choice, db, insert_into
from models.kernel.clock import now
from models.kernel.lifecycle import post, step, system
from models.kernel.trail import Trace
from models.people.officer import Officer


class WxKind(enum.StrEnum):
    """What it announces."""

    OPENING = "opening"
    RELEASE = "release"
    ARTICLE = "article"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"opening": "征求意见公告", "release": "采纳情况", "article": "普法文章"}[self.value]


class WxStage(enum.StrEnum):
    """How far it has come at WeChat's."""

    TO_PUSH = "to_push"
    DRAFTED = "drafted"
    """In the account's draft box; the API goes on, or a person does."""
    BY_HAND = "by_hand"
    """The account may not publish through the API: somebody presses the button at mp.weixin.qq.com."""
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    FAILED = "failed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "to_push": "等着推送草稿",
            "drafted": "草稿已推送",
            "by_hand": "草稿已推送，请到公众号后台手工发布",
            "submitted": "微信正在发布",
            "published": "已在公众号发布",
            "failed": "没有成功，需要人工处理",
        }[self.value]


class WxArticle(PublicId, Base):
    """One article in the official account."""

    __tablename__ = "wx_article"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    kind: Mapped[WxKind] = mapped_column(choice(WxKind))
    subject_id: Mapped[int] = mapped_column(BigInt)
    """The consultation's or the article's number."""
    fact_id: Mapped[int] = mapped_column(ForeignKey("trace.id"))
    stage: Mapped[WxStage] = mapped_column(choice(WxStage), default=WxStage.TO_PUSH)
    title: Mapped[str] = mapped_column(String(64))
    page: Mapped[str] = mapped_column(String(200))
    """The path of the page it leads to."""
    media_id: Mapped[str | None] = mapped_column(String(128))
    publish_id: Mapped[str | None] = mapped_column(String(64), index=True)
    article_id: Mapped[str | None] = mapped_column(String(128))
    url: Mapped[str | None] = mapped_column(String(500))
    trouble: Mapped[str] = mapped_column(String(200), default="")
    """What went wrong and what to do, in Chinese."""
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    fact: Mapped[Trace] = relationship()

    @classmethod
    def want(cls, kind: WxKind, subject_id: int, fact: Trace, title: str, page: str) -> Self:
        """The article for this subject; asked for twice it is one."""
        row = insert_into(cls).values(
            public_id=cls(kind=kind).public_id,
            kind=kind,
            subject_id=subject_id,
            fact_id=fact.id,
            stage=WxStage.TO_PUSH,
            title=title[:64],
            page=page,
            trouble="",
            made_at=now(),
        )
        db.session.execute(row.on_conflict_do_nothing())
        found = db.session.scalar(select(cls).where(cls.kind == kind, cls.subject_id == subject_id))
        assert found is not None
        return found

    @step(WxStage.TO_PUSH, WxStage.FAILED, to=WxStage.DRAFTED, by=system, label="", say="草稿推送到公众号")
    def drafted(self, actor: object, media_id: str) -> None:
        """The draft lies in the account's box."""
        self.media_id, self.trouble = media_id, ""

    @step(
        WxStage.DRAFTED,
        WxStage.SUBMITTED,
        to=WxStage.BY_HAND,
        by=system,
        label="",
        say="公众号不能用接口发布，转为手工发布",
    )
    def to_hand(self, actor: object, why: str) -> None:
        """A person has to press the button; `why` says it in Chinese."""
        self.trouble = why[:200]

    @step(WxStage.DRAFTED, to=WxStage.SUBMITTED, by=system, label="", say="提交公众号发布")
    def submitted(self, actor: object, publish_id: str) -> None:
        """WeChat is at it; the result comes as an event."""
        self.publish_id = publish_id

    @step(
        WxStage.SUBMITTED,
        WxStage.DRAFTED,
        WxStage.BY_HAND,
        to=WxStage.PUBLISHED,
        by=system,
        label="",
        say="已在公众号发布",
    )
    def published(self, actor: object, article_id: str, url: str) -> None:
        """It is out."""
        self.article_id, self.url, self.published_at, self.trouble = article_id, url, now(), ""

    @step(
        WxStage.TO_PUSH,
        WxStage.DRAFTED,
        WxStage.SUBMITTED,
        to=WxStage.FAILED,
        by=system,
        label="",
        say="公众号发布没有成功：{why}",
        keeps=("why",),
    )
    def failed(self, actor: object, why: str) -> None:
        """WeChat said no; the desk shows why."""
        self.trouble = why[:200]

    @step(
        WxStage.BY_HAND,
        WxStage.DRAFTED,
        WxStage.FAILED,
        to=WxStage.PUBLISHED,
        by=post("office", "publicist"),
        label="我已在公众号后台发布",
        say="登记：已在公众号后台手工发布",
    )
    def published_by_hand(self, officer: Officer, url: str = "") -> None:
        """Ticked off by who pressed the button."""
        self.url, self.published_at, self.trouble = url[:500] or None, now(), ""

    @step(
        WxStage.FAILED,
        to=WxStage.TO_PUSH,
        by=post("office", "publicist"),
        label="再推送一次",
        say="再推送一次",
        wants=("push_article",),
    )
    def push_again(self, officer: Officer) -> None:
        """Try once more."""
        self.trouble = ""


def of(kind: WxKind, subject_id: int) -> WxArticle | None:
    """The account's article about a subject."""
    return db.session.scalar(select(WxArticle).where(WxArticle.kind == kind, WxArticle.subject_id == subject_id))


def unfinished(limit: int = 50) -> Sequence[WxArticle]:
    """Articles that still need somebody or something."""
    return db.session.scalars(
        select(WxArticle).where(WxArticle.stage != WxStage.PUBLISHED).order_by(WxArticle.id.desc()).limit(limit)
    ).all()


def by_publish_id(publish_id: str) -> WxArticle | None:
    """The article that WeChat reports about."""
    return db.session.scalar(select(WxArticle).where(WxArticle.publish_id == publish_id))


def by_public_id(public_id: str) -> WxArticle | None:
    """One of the account's articles by its address."""
    return db.session.scalar(select(WxArticle).where(WxArticle.public_id == public_id))
