"""What of people's own words is shown: hidden only on listed grounds, words covered with a reason; nothing here changes what counts or what is answered."""

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, func, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.arrange import words_of
from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation, Stage
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, ruled
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.reasons import personal_data
from models.texts.received import as_received

COVER = "［隐去］"
"""What stands in the place of covered words."""
SHOWN_TOGETHER = 500
"""Points whose words are brought out together, so that memory does not grow with the consultation."""
MOST_AT_ONCE = 2000
"""Comments that one pattern covers at once."""


class Ground(enum.StrEnum):
    """Why words are hidden or covered; there is no other reason."""

    PERSONAL = "personal"
    OTHERS = "others"
    INSULT = "insult"
    UNLAWFUL = "unlawful"
    ADVERTISING = "advertising"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "personal": "含有个人信息",
            "others": "涉及他人隐私或者商业秘密",
            "insult": "含有辱骂、人身攻击",
            "unlawful": "含有法律法规禁止发布的内容",
            "advertising": "是广告",
        }[self.value]


class Hiding(PublicId, Base):
    """A comment's own words are not shown, on a listed ground; its writer hears of it. It may be lifted, and stays on record."""

    __tablename__ = "hiding"
    __table_args__ = (
        UniqueConstraint("comment_id", "number"),
        CheckConstraint("reason <> ''", name="hidden_with_a_reason"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted_by_somebody"),
        CheckConstraint("(told_at IS NULL) = (told_by_id IS NULL)", name="told_by_somebody"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    number: Mapped[int] = mapped_column(Integer)
    ground: Mapped[Ground] = mapped_column(choice(Ground))
    reason: Mapped[str] = mapped_column(String(300))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    lifted_at: Mapped[datetime | None]
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who told somebody whom no message reaches."""
    told_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship(lazy="joined", innerjoin=True)
    officer: Mapped[Officer] = relationship(foreign_keys=[officer_id])

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.comment.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.comment.rules

    @classmethod
    @birth(by=ruled("comment.hide"), say="不公开第{serial}号意见的原话：{ground_words}", tells=True)
    def hide(cls, officer: Officer, comment: Comment, ground: Ground | str, reason: str) -> Self:
        """It counts and is answered like every other; only its words are not shown."""
        ground, reason = _why(ground, reason)
        if hidden(comment) is not None:
            raise OutOfTurn("这份意见的原话已经定为不公开了。")
        numbers = db.session.scalar(select(func.count()).select_from(cls).where(cls.comment_id == comment.id)) or 0
        made = cls(comment=comment, number=numbers + 1, ground=ground, reason=reason, officer=officer, made_at=now())
        db.session.add(made)
        db.session.flush()
        show_again(comment)
        note(serial=comment.serial_words, comment=comment.public_id, ground=ground.value, ground_words=ground.label)
        return made

    @act(by=ruled("comment.hide"), label="", say="恢复公开第{serial}号意见的原话：{why}")
    def lift(self, officer: Officer, why: str) -> None:
        """It was wrong, or is no longer needed."""
        if self.lifted_at is not None:
            raise OutOfTurn("已经恢复了。")
        why = as_received(why, field="reason", most=300, least=0).strip()
        if not why:
            raise RuleUnmet("请写明为什么恢复公开。", {"reason": "请写明为什么恢复公开。"})
        self.lifted_at, self.lifted_by_id = now(), officer.id
        db.session.flush()
        show_again(self.comment)
        note(serial=self.comment.serial_words, comment=self.comment.public_id, why=why)

    @act(by=ruled("comment.intake"), label="", say="看了第{serial}号意见的电话，要告诉本人原话不公开")
    def open_number(self, officer: Officer) -> tuple[str, str]:
        """Name and number, opened for this call; each look leaves its trace."""
        note(serial=self.comment.serial_words, comment=self.comment.public_id)
        who = self.comment.resident.current
        return who.name, who.phone

    @act(by=ruled("comment.intake"), label="", say="当面或者打电话告诉了本人：第{serial}号意见的原话不公开")
    def told_in_person(self, officer: Officer) -> None:
        """Somebody without WeChat knows it too."""
        if self.told_at is not None:
            raise OutOfTurn("已经告诉过本人了。")
        self.told_at, self.told_by_id = now(), officer.id
        note(serial=self.comment.serial_words, comment=self.comment.public_id)


class Redaction(PublicId, Base):
    """Words of a comment that are covered where it is shown; the original stays sealed and whole."""

    __tablename__ = "redaction"
    __table_args__ = (CheckConstraint("reason <> ''", name="covered_with_a_reason"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    sealed_words: Mapped[bytes] = mapped_column(LargeBinary)
    """The covered words, under the writer's key."""
    ground: Mapped[Ground] = mapped_column(choice(Ground))
    reason: Mapped[str] = mapped_column(String(300))
    batch: Mapped[str] = mapped_column(String(12), default="")
    """What one pattern covered at once."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship()
    officer: Mapped[Officer] = relationship()

    @property
    def words(self) -> str:
        """The covered words; empty when the person was forgotten."""
        if self.comment.resident.key.wrapped is None:
            return ""
        return sealed.unseal(self.comment.resident.key.secret, self.sealed_words, f"redaction.words:{self.public_id}")


def _why(ground: Ground | str, reason: str) -> tuple[Ground, str]:
    wrong: dict[str, str] = {}
    reason = as_received(reason, field="reason", most=300, least=0).strip()
    if ground not in set(Ground):
        wrong["ground"] = f"请选一种：{'、'.join(g.label for g in Ground)}。别的理由不能不公开。"
    if not reason:
        wrong["reason"] = "请写明理由，写意见的人会看到。"
    if wrong:
        raise RuleUnmet("还差一点。", wrong)
    return Ground(ground), reason


@act(by=ruled("comment.redact"), label="", say="公开时隐去第{serial}号意见的{number}处：{ground_words}", of=Comment)
def redact(comment: Comment, officer: Officer, words: Sequence[str], ground: Ground | str, reason: str) -> int:
    """These words are covered wherever they stand in the comment."""
    ground, reason = _why(ground, reason)
    text = _text(comment)
    wanted = [each for each in dict.fromkeys(w.strip() for w in words) if each]
    lacking = [each for each in wanted if each not in text]
    if not wanted or lacking:
        told = f"原话里没有「{lacking[0][:20]}」，请照原话一字不差地填。" if lacking else "请填要隐去的字。"
        raise RuleUnmet("还不能隐去。", {"words": told})
    for each in wanted:
        _cover(comment, officer, each, ground, reason, "")
    db.session.flush()
    show_again(comment)
    note(
        serial=comment.serial_words,
        comment=comment.public_id,
        number=len(wanted),
        ground=ground.value,
        ground_words=ground.label,
    )
    return len(wanted)


@act(by=ruled("comment.redact"), label="", say="撤销第{serial}号意见的隐去：{number}处", of=Comment)
def uncover(comment: Comment, officer: Officer, redactions: Sequence[str]) -> None:
    """Covered by mistake."""
    found = [one for one in redactions_of(comment) if one.public_id in redactions]
    if not found:
        raise Missing("没有找到这处隐去，可能已经撤销了。")
    for one in found:
        one.lifted_at = now()
    db.session.flush()
    show_again(comment)
    note(serial=comment.serial_words, comment=comment.public_id, number=len(found))


@act(
    Stage.PUBLISHED,
    Stage.CONCLUDED,
    by=ruled("comment.redact"),
    label="",
    say="公开时一并隐去{number}份意见里的{what}：{ground_words}",
    of=Consultation,
)
def redact_all(consultation: Consultation, officer: Officer, pattern: str, ground: Ground | str, reason: str) -> int:
    """One pattern over everything that may be shown: a kind of personal data, or words. Returns how many comments it met."""
    ground, reason = _why(ground, reason)
    met = matches(consultation, pattern)
    if not met:
        raise RuleUnmet("没有一份意见里有这个。", {"pattern": "没有找到，请核对。"})
    batch = new_public_id()
    for comment, words in met:
        for each in words:
            _cover(comment, officer, each, ground, reason, batch)
    db.session.flush()
    for comment, _ in met:
        show_again(comment)
    what = PATTERNS[pattern][0] if pattern in PATTERNS else "一个词"
    note(number=len(met), what=what, batch=batch, ground=ground.value, ground_words=ground.label)
    return len(met)


PATTERNS: Mapping[str, tuple[str, frozenset[str]]] = {
    "phones": ("电话号码", frozenset({"mobile", "landline"})),
    "cards": ("身份证号和银行卡号", frozenset({"id_card", "bank_card"})),
    "plates": ("车牌号", frozenset({"plate"})),
    "mails": ("电子邮箱", frozenset({"email"})),
    "homes": ("门牌住址", frozenset({"home"})),
    "names": ("人名", frozenset({"name"})),
}
"""What one pattern may look for, besides words that are typed."""


def matches(consultation: Consultation, pattern: str) -> list[tuple[Comment, list[str]]]:
    """Comments that may be shown and hold it, each with the words that would be covered; what is covered already is left out."""
    pattern = as_received(pattern, field="pattern", most=100, least=0).strip()
    if len(pattern) < 2:
        raise RuleUnmet("请选一种，或者填至少两个字。", {"pattern": "请选一种，或者填至少两个字。"})
    found: list[tuple[Comment, list[str]]] = []
    after = 0
    while len(found) < MOST_AT_ONCE:
        page = (
            db.session.scalars(
                select(Comment)
                .where(Comment.consultation_id == consultation.id, Comment.show_text, Comment.id > after)
                .order_by(Comment.id)
                .limit(500)
            )
            .unique()
            .all()
        )
        covered = covers([comment.id for comment in page])
        for comment in page:
            try:
                text = covered_text(comment.text, covered.get(comment.id, ()))
            except Missing:
                continue
            words = _found(text, pattern)
            if words:
                found.append((comment, words))
        if len(page) < 500:
            break
        after = page[-1].id
    return found


def _found(text: str, pattern: str) -> list[str]:
    if pattern in PATTERNS:
        codes = PATTERNS[pattern][1]
        spans = [one.span for one in personal_data(text) if one.code in codes]
        return list(dict.fromkeys(text[begin:end] for begin, end in spans))
    return [pattern] if pattern in text else []


def _text(comment: Comment) -> str:
    try:
        return comment.text
    except Missing:
        raise OutOfTurn("这份意见已应本人要求删除，没有原话可以公开。") from None


def _cover(comment: Comment, officer: Officer, words: str, ground: Ground, reason: str, batch: str) -> None:
    made = Redaction(
        public_id=new_public_id(),
        comment=comment,
        ground=ground,
        reason=reason,
        batch=batch,
        officer_id=officer.id,
        made_at=now(),
    )
    made.sealed_words = sealed.seal(comment.resident.key.secret, words, f"redaction.words:{made.public_id}")
    db.session.add(made)


# --- what is shown ----------------------------------------------------------------------------------------------------


def hidden(comment: Comment) -> Hiding | None:
    """The hiding that stands, if any."""
    return db.session.scalar(select(Hiding).where(Hiding.comment_id == comment.id, Hiding.lifted_at.is_(None)))


def hidden_ones(comments: Iterable[int]) -> set[int]:
    """Which of these comments are not shown."""
    return set(
        db.session.scalars(
            select(Hiding.comment_id).where(Hiding.comment_id.in_(list(comments)), Hiding.lifted_at.is_(None))
        )
    )


def redactions_of(comment: Comment) -> Sequence[Redaction]:
    """What is covered in it, in the order in which it was."""
    return db.session.scalars(
        select(Redaction)
        .where(Redaction.comment_id == comment.id, Redaction.lifted_at.is_(None))
        .order_by(Redaction.id)
    ).all()


def covers(comments: Iterable[int]) -> dict[int, list[str]]:
    """Comment to the words that are covered in it; one query for many."""
    found: dict[int, list[str]] = {}
    for one in db.session.scalars(
        select(Redaction).where(Redaction.comment_id.in_(list(comments)), Redaction.lifted_at.is_(None))
    ):
        if one.words:
            found.setdefault(one.comment_id, []).append(one.words)
    return found


def covered_text(text: str, words: Iterable[str]) -> str:
    """The text with these words covered; longer ones first, so that none is left in pieces."""
    for each in sorted(words, key=len, reverse=True):
        text = text.replace(each, COVER)
    return text


def show_again(comment: Comment) -> None:
    """After a release: what is shown of its points follows what is hidden and covered now."""
    points = db.session.scalars(
        select(Point).where(Point.comment_id == comment.id, Point.stage == PointStage.RELEASED, Point.may_show)
    ).all()
    if not points or not comment.show_text:
        return
    shown = shown_words(points)
    for point in points:
        point.shown_text = shown.get(point.id)
        if point.shown_text is None:
            point.shown_name = None
        elif comment.show_name:
            point.shown_name = comment.organisation or comment.resident.name or None
    comment.consultation.edition += 1


COMES_OUT = (Point.stage == PointStage.APPROVED, Point.may_show, Comment.show_text)
"""Approved, and both its writer and the approver allow its words to be shown."""


def to_be_shown(consultation: Consultation, comments: Collection[int] | None = None) -> Iterator[Sequence[Point]]:
    """The points whose words a release brings out, some at a time, in their order; of all comments, or of some."""
    which = true() if comments is None else Point.comment_id.in_(comments)
    after, points = 0, None
    while points is None or len(points) == SHOWN_TOGETHER:
        points = (
            db.session.scalars(
                select(Point)
                .join(Comment, Comment.id == Point.comment_id)
                .where(Point.consultation_id == consultation.id, *COMES_OUT, Point.id > after, which)
                .order_by(Point.id)
                .limit(SHOWN_TOGETHER)
            )
            .unique()
            .all()
        )
        if points:
            yield points
            after = points[-1].id


def shown_words(points: Sequence[Point]) -> dict[int, str]:
    """Point to the words that are shown of it; points of hidden comments are not in it."""
    numbers = {point.comment_id for point in points}
    away, covered, words = hidden_ones(numbers), covers(numbers), words_of(points)
    return {
        point.id: covered_text(words[point.id], covered.get(point.comment_id, ()))
        for point in points
        if point.comment_id not in away and point.id in words
    }


def brought_out(points: Sequence[Point]) -> dict[int, tuple[str, str | None]]:
    """Point to the words that a release brings out of it, and the name beside them; nothing of who was forgotten."""
    words = shown_words(points)
    return {
        point.id: (words[point.id], (said.organisation or said.resident.name or None) if said.show_name else None)
        for point in points
        if (said := point.comment).resident.key.wrapped is not None and point.id in words
    }


def told(comment: Comment) -> dict[str, Any]:
    """What the writer reads about it on their own page."""
    away = hidden(comment)
    return {"hidden": away, "covered": [(one.words, one.ground.label, one.reason) for one in redactions_of(comment)]}
