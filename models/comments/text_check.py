"""What WeChat's content check and the office's own list say of words that may be shown; a person decides, and it never matters for what counts."""

import enum
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

import config
from models.comments.comment import Comment
from models.comments.point import Point
from models.kernel.base import Base, choice, db, insert_into
from models.kernel.clock import now
from models.texts.bigrams import normal

TOGETHER = 200
"""Comments that are read together."""
LIST = Path(config.__file__).parent / "shown_words.txt"


class Suggestion(enum.StrEnum):
    """What is suggested; who cannot judge asks a person."""

    PASS = "pass"  # noqa: S105  no password
    REVIEW = "review"
    RISKY = "risky"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "pass": "微信内容检查没有发现问题",
            "review": "微信内容检查请人看一眼",
            "risky": "微信内容检查认为有风险",
        }[self.value]


class TextCheck(Base):
    """The result for one comment that may be shown. Insert-only."""

    __tablename__ = "text_check"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), unique=True)
    suggestion: Mapped[Suggestion] = mapped_column(choice(Suggestion))
    label: Mapped[int | None] = mapped_column(Integer)
    """WeChat's number for the kind of risk."""
    reference: Mapped[str] = mapped_column(String(64), default="")
    """WeChat's own number of the check."""
    made_at: Mapped[datetime]

    @classmethod
    def keep(cls, comment_id: int, suggestion: Suggestion, label: int | None, reference: str) -> None:
        """Once; a second result changes nothing."""
        row = insert_into(cls).values(
            comment_id=comment_id, suggestion=suggestion, label=label, reference=reference[:64], made_at=now()
        )
        db.session.execute(row.on_conflict_do_nothing())


@cache
def listed_words() -> tuple[str, ...]:
    """The office's own list, made alike as the texts are."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return tuple(normal(line) for line in lines if line.strip() and not line.startswith("#"))


def listed(text: str) -> list[str]:
    """Words of the list that stand in a text, however they are spaced or written."""
    shadow = normal(text)
    return [word for word in listed_words() if word and word in shadow]


def doubted(points: Sequence[int]) -> dict[int, str]:
    """Comment to why its words may not come out among many: of these points, those that WeChat or the office's list speaks against."""
    found: dict[int, str] = {}
    for start in range(0, len(points), TOGETHER):
        told = (
            select(Comment, TextCheck.suggestion)
            .join(Point, Point.comment_id == Comment.id)
            .outerjoin(TextCheck, TextCheck.comment_id == Comment.id)
            .where(Point.id.in_(points[start : start + TOGETHER]), Comment.show_text)
        )
        for comment, suggestion in db.session.execute(told).unique():
            if suggestion == Suggestion.RISKY:
                found[comment.id] = suggestion.label
            elif listed(comment.readable):
                found[comment.id] = "原话里有本机关词表上的词"
    return found


def said_of(comment: Comment) -> list[str]:
    """What the person who decides should know, in a few sentences."""
    if not comment.show_text:
        return []
    found = db.session.scalar(select(TextCheck).where(TextCheck.comment_id == comment.id))
    said = [f"{found.suggestion.label}。" if found else "微信内容检查还没有结果，请自己看清楚。"]
    hits = listed(comment.readable)
    if hits:
        said.append(f"原话里有本机关词表上的词：{'、'.join(hits)}。")
    return said
