"""What WeChat's content check and the office's own list say of words that may be shown; a person decides, and it never matters for what counts."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, Select, String, exists, func, select
from sqlalchemy.orm import Mapped, mapped_column

import config
from models.comments.comment import Comment, Withdrawal
from models.comments.point import TO_ANSWER, Point, PointStage
from models.comments.showing import covers, hidden_ones
from models.decisions.consultation import Consultation
from models.kernel.base import Base, choice, db, insert_into
from models.kernel.clock import now
from models.texts.bigrams import normal

TOGETHER = 200
"""Comments that are read together."""
MOST_COUNTED = 1000
"""It is said how many there are up to here."""
UNSETTLED = Point.stage.in_((*TO_ANSWER, PointStage.SUBMITTED))
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
    __table_args__ = (Index("ix_text_check_found", "consultation_id", "found", "comment_id"),)

    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))
    """Of its comment, for the list."""
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), unique=True)
    suggestion: Mapped[Suggestion] = mapped_column(choice(Suggestion))
    label: Mapped[int | None] = mapped_column(Integer)
    """WeChat's number for the kind of risk."""
    reference: Mapped[str] = mapped_column(String(64), default="")
    """WeChat's own number of the check."""
    found: Mapped[bool]
    """WeChat spoke against it or asks for a look, or a word of the office's list stood in it; not where WeChat could not be asked."""
    made_at: Mapped[datetime]

    @classmethod
    def keep(
        cls, comment_id: int, suggestion: Suggestion, label: int | None, reference: str, words: Sequence[str] = ()
    ) -> None:
        """Once; a second result changes nothing. `words` are those of the office's list that stand in it."""
        asked = suggestion == Suggestion.RISKY or (suggestion == Suggestion.REVIEW and reference != "")
        row = insert_into(cls).values(
            consultation_id=select(Comment.consultation_id).where(Comment.id == comment_id).scalar_subquery(),
            comment_id=comment_id,
            suggestion=suggestion,
            label=label,
            reference=reference[:64],
            found=asked or bool(words),
            made_at=now(),
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


@dataclass(frozen=True)
class Mentioned:
    """A comment in which the checks found something, and what has come of it."""

    comment: Comment
    what: list[str]
    """What was found, in words."""
    done: str
    """What was done about it; empty while nobody has looked."""


def _mentioned(consultation: Consultation, *columns: Any) -> Select[Any]:
    """Of comments that stand and may be shown."""
    return (
        select(*columns)
        .select_from(TextCheck)
        .join(Comment, Comment.id == TextCheck.comment_id)
        .where(
            TextCheck.consultation_id == consultation.id,
            TextCheck.found,
            Comment.show_text,
            ~exists().where(Withdrawal.comment_id == TextCheck.comment_id),
        )
    )


def number_mentioned(consultation: Consultation) -> int:
    """In how many comments the checks found something; beyond MOST_COUNTED it is only said that there are more."""
    some = _mentioned(consultation, TextCheck.comment_id).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def mentioned(
    consultation: Consultation, *, after: int = 0, only: ColumnElement[bool] | None = None, limit: int = 30
) -> list[Mentioned]:
    """In the order in which they came, keyset by the comment's number; `only` says which, when one is looked for."""
    query = _mentioned(consultation, Comment, TextCheck.suggestion).where(TextCheck.comment_id > after)
    if only is not None:
        query = query.where(only)
    rows = db.session.execute(query.order_by(TextCheck.comment_id).limit(limit)).unique().all()
    numbers = [comment.id for comment, _ in rows]
    away, covered = hidden_ones(numbers), covers(numbers)
    waiting = set(db.session.scalars(select(Point.comment_id).where(Point.comment_id.in_(numbers), UNSETTLED)))
    return [
        Mentioned(comment, _found(comment, suggestion), _done(comment.id, away, covered, waiting))
        for comment, suggestion in rows
    ]


def _found(comment: Comment, suggestion: Suggestion) -> list[str]:
    what = [] if suggestion == Suggestion.PASS else [suggestion.label]
    hits = listed(comment.readable)
    return what + ([f"本机关词表上的词：{'、'.join(hits)}"] if hits else [])


def _done(comment: int, away: set[int], covered: dict[int, list[str]], waiting: set[int]) -> str:
    if comment in away:
        return "整段不公开"
    if comment in covered:
        return f"隐去了 {len(covered[comment])} 处"
    return "" if comment in waiting else "审定时看过"


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
