"""Pictures inside an article: drawn anew, small enough for WeChat, each with words for those who cannot see it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models import files
from models.kernel.base import Base, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import Missing, RuleUnmet
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage
from models.people.officer import Officer
from models.texts.received import as_received

MOST = 12
"""Pictures of one article."""
BYTES = 1_000_000
"""WeChat's media/uploadimg takes JPEG and PNG under one megabyte."""
WIDTHS = (1280, 1000, 800, 600, 400)
"""Tried one after the other until it is small enough."""


class Picture(Base):
    """One picture of an article, under the number by which its text names it."""

    __tablename__ = "picture"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        CheckConstraint("caption <> ''", name="said_in_words"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    number: Mapped[int] = mapped_column(Integer)
    file: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    caption: Mapped[str] = mapped_column(String(80))
    """What is to be seen; read aloud to who does not see it, and written below."""
    made_at: Mapped[datetime]
    wx_appid: Mapped[str] = mapped_column(String(32), default="")
    wx_url: Mapped[str] = mapped_column(String(300), default="")
    """Where WeChat keeps it, for the account that it was uploaded to."""

    @property
    def extension(self) -> str:
        """As WeChat wants to be told."""
        return "png" if self.mime == "image/png" else "jpg"

    @property
    def data(self) -> bytes:
        """The picture itself."""
        return files.read(self.file)


@act(
    ArticleStage.DRAFTED,
    by=ruled("article.revise"),
    label="",
    say="放进第{number}张图",
    of=Article,
)
def add_picture(article: Article, officer: Officer, data: bytes, caption: str) -> Picture:
    """Put a picture in; the text says where it stands: 【图1】."""
    words = as_received(caption or "", field="caption", most=80, least=0, label="图里是什么").strip()
    if not words:
        raise RuleUnmet("请写一句图里是什么。", {"caption": "请写一句图里是什么，看不见的人靠它。"})
    there = pictures_of(article)
    if len(there) >= MOST:
        raise RuleUnmet(f"一篇文章最多{MOST}张图。", {"picture": f"最多{MOST}张。"})
    files.admitted(data, only=("jpg", "png", "webp"), field="picture")
    for longest in WIDTHS:
        drawn, mime = files.redrawn(data, longest=longest)
        if len(drawn) < BYTES:
            break
    else:
        raise RuleUnmet("这张图太复杂，缩小了也超过1MB。", {"picture": "请换一张，或者存成照片（jpg）再传。"})
    made = Picture(
        article_id=article.id,
        number=max((one.number for one in there), default=0) + 1,
        file=files.keep(drawn),
        mime=mime,
        size=len(drawn),
        caption=words,
        made_at=now(),
    )
    db.session.add(made)
    note(number=made.number)
    return made


def pictures_of(article: Article) -> Sequence[Picture]:
    """In the order of their numbers."""
    return db.session.scalars(select(Picture).where(Picture.article_id == article.id).order_by(Picture.number)).all()


def picture_of(article: Article, number: int) -> Picture:
    """One of them; Missing when there is none of this number."""
    found = db.session.scalar(select(Picture).where(Picture.article_id == article.id, Picture.number == number))
    if found is None:
        raise Missing("没有找到这张图。")
    return found
