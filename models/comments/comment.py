"""A comment is what somebody said, kept as it came; what is answered are its points."""

import enum
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.point import SETTLED, Point, PointGroup, PointStage, serial_words
from models.comments.transcription import Source, Transcription
from models.decisions.consultation import Channel, Consultation, State
from models.decisions.draft import Clause
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db, some_rows
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, ruled
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import Missing, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident, ResidentKind
from models.texts.received import as_received

LONGEST = 2000
"""Characters of one comment, and of one supplement."""


def _the_writer(subject: "Comment", actor: Any) -> Refusal | None:
    """Guard: only who wrote it; nobody else learns even that it is there."""
    refusal = the_resident(subject, actor)
    if refusal:
        return refusal
    if actor.current.id != subject.resident.current.id:
        return Missing("没有找到这条意见。")
    return None


class Comment(PublicId, Base):
    """One text on a draft, or on one clause of it. Insert-only but for its withdrawal, which is a row of its own."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("consultation_id", "serial"),
        UniqueConstraint("key"),
        Index("ix_comment_mine", "resident_id", "id"),
        CheckConstraint("signers >= 1", name="somebody_signed"),
        CheckConstraint("kind = 'joint' OR signers = 1", name="only_joint_letters_have_signers"),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    """Where the writer lived when they wrote."""
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    serial: Mapped[int] = mapped_column(Integer)
    """Public number within the consultation."""
    kind: Mapped[ResidentKind] = mapped_column(choice(ResidentKind), default=ResidentKind.INDIVIDUAL)
    signers: Mapped[int] = mapped_column(Integer, default=1)
    """Declared signers of a joint letter; shown apart from people counted."""
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_organisation: Mapped[bytes | None] = mapped_column(LargeBinary)
    tokens: Mapped[str] = mapped_column(Text, default="")
    """Keyed bigrams for the desks' search: they die with the person's key."""
    show_text: Mapped[bool] = mapped_column(default=False)
    show_name: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who wrote it down on behalf of somebody."""
    key: Mapped[str | None] = mapped_column(String(160))
    """The sender's idempotency key within the sender's name; permanent."""
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """What came under the key, so that the same key with another text is noticed."""

    consultation: Mapped[Consultation] = relationship(lazy="joined", innerjoin=True)
    clause: Mapped[Clause | None] = relationship()
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship()
    entered_by: Mapped[Officer | None] = relationship()
    supplements: Mapped[list["Supplement"]] = relationship(order_by="Supplement.id", back_populates="comment")
    withdrawal: Mapped["Withdrawal | None"] = relationship(back_populates="comment")
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id", back_populates="comment")
    transcription: Mapped[Transcription | None] = relationship(back_populates="comment")
    """Where staff wrote it down: from what, and whether a second person has read it."""
    points: Mapped[list[Point]] = relationship(order_by="Point.number", viewonly=True)

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.consultation.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.consultation.rules

    @property
    def serial_words(self) -> str:
        """The public serial, as it is printed: 0873."""
        return serial_words(self.serial)

    @cached_property
    def text(self) -> str:
        """The original, character for character; Missing when the person was forgotten."""
        return sealed.unseal(self.resident.key.secret, self.sealed_text, f"comment.text:{self.public_id}")

    @property
    def readable(self) -> str:
        """The original for a page, or a sentence that says why it is not there any more."""
        try:
            return self.text
        except Missing:
            return sealed.GONE

    @property
    def mended(self) -> str:
        """How a second person reads the letter, where staff wrote it down otherwise at first; mostly empty."""
        return self.transcription.mended if self.transcription else ""

    @property
    def organisation(self) -> str:
        """The organisation's name; empty for a person."""
        if self.sealed_organisation is None or self.resident.key.wrapped is None:
            return ""
        return sealed.unseal(
            self.resident.key.secret, self.sealed_organisation, f"comment.organisation:{self.public_id}"
        )

    @property
    def withdrawn(self) -> bool:
        """Whether the writer took it back."""
        return self.withdrawal is not None

    @property
    def target(self) -> str:
        """What it is about: 「第四条」 or the whole draft."""
        return self.clause.name if self.clause else "整个草案"

    @act(by=_the_writer, needs="comment.add", label="补充", say="补充了意见")
    def add(self, resident: Resident, text: str, channel: Channel = Channel.H5) -> "Supplement":
        """More words, put behind the first ones; what was written stays."""
        more = put_behind(self, text, channel)
        note(supplement=more.id)
        return more

    @act(by=_the_writer, needs="comment.withdraw", label="撤回", say="撤回了意见")
    def withdraw(self, resident: Resident) -> None:
        """Taken back: a row is inserted, the comment is counted apart and not answered."""
        take_back(self)

    @classmethod
    def by_public_id(cls, public_id: str) -> Self | None:
        """One comment by its address; the door checks whose it is."""
        return db.session.scalar(select(cls).where(cls.public_id == public_id))

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own comment; Missing for anybody else's."""
        found = cls.by_public_id(public_id)
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这条意见。")
        return found

    @property
    def progress(self) -> "Progress":
        """Where it stands, in five steps, with the sentence beneath."""
        return progress(self)


def put_behind(comment: Comment, text: str, channel: Channel) -> "Supplement":
    """More words behind the first ones; for the verbs of the writer, and of staff who are asked to."""
    if comment.withdrawn:
        raise OutOfTurn("这条意见已经撤回。想说的话可以重新提一条。")
    text = as_received(text, field="text", most=LONGEST)
    if not text.strip():
        raise RuleUnmet("请写上要补充的话。", {"text": "请写上要补充的话。"})
    more = Supplement(comment=comment, channel=channel, received_at=now())
    more.seal(text)
    db.session.add(more)
    db.session.flush()
    return more


def take_back(comment: Comment) -> None:
    """The row of the withdrawal, and the counts; for the verbs of the writer, and of staff who are asked to."""
    if comment.withdrawn:
        raise OutOfTurn("这条意见已经撤回了。")
    try:
        with db.session.begin_nested():
            comment.withdrawal = Withdrawal(at=now())
            db.session.flush()
    except IntegrityError:
        raise OutOfTurn("这条意见已经撤回了。") from None
    points = db.session.scalars(
        update(Point)
        .where(Point.comment_id == comment.id, Point.stage != PointStage.WITHDRAWN)
        .values(stage=PointStage.WITHDRAWN, version=Point.version + 1)
        .returning(Point.group_id)
    ).all()
    for group in set(points) - {None}:
        db.session.execute(
            update(PointGroup)
            .where(PointGroup.id == group)
            .values(n_points=PointGroup.n_points - points.count(group))
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        update(Consultation)
        .where(Consultation.id == comment.consultation_id)
        .values(
            n_texts=Consultation.n_texts - 1,
            n_points=Consultation.n_points - len(points),
            n_people=Consultation.n_people - (0 if standing(comment.consultation_id, comment.resident_id) else 1),
        )
        .execution_options(synchronize_session=False)
    )


def standing(consultation_id: int, resident_id: int) -> int:
    """How many comments of this person on this consultation were not taken back."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Comment)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(
                Comment.consultation_id == consultation_id,
                Comment.resident_id == resident_id,
                Withdrawal.id.is_(None),
            )
        )
        or 0
    )


def original(public_id: str, sealed_text: bytes, wrapped: bytes | None, wrapped_by: str, key_name: str) -> str:
    """What `Comment.readable` says, from the columns of a comment's row and its person's key, for lists."""
    if wrapped is None:
        return sealed.GONE
    return sealed.unseal(sealed.unwrap(wrapped, wrapped_by, key_name), sealed_text, f"comment.text:{public_id}")


class Progress(NamedTuple):
    """The five steps 收到 整理 研究 复审 发布: how many are done, the one in hand, a sentence, and until when."""

    done: int
    words: str
    due: date | None


STEPS = ("收到", "整理", "研究", "复审", "发布")


def progress(comment: Comment, stages: set[PointStage] | None = None) -> Progress:
    """The same for every door: computed from the window and the points, stored nowhere.

    `stages` are those of its points, where a list already has them.
    """
    asked = comment.consultation
    if comment.withdrawn:
        return Progress(0, "这条意见已经撤回。", None)
    state = asked.state()
    if state == State.CANCELLED:
        return Progress(1, f"这次征求意见已取消：{asked.cancelled_reason}", None)
    if state == State.RELEASED:
        return Progress(5, "已经答复。", None)
    if state == State.OPEN:
        return Progress(1, "截止后，开始整理。", asked.answer_due_on)
    if stages is None:
        stages = set(db.session.scalars(select(Point.stage).where(Point.comment_id == comment.id)))
    stages = stages - {PointStage.WITHDRAWN}  # joined to another point, which answers for it
    if stages <= set(SETTLED):
        return Progress(4, "已经复审，等着一起发布。", asked.answer_due_on)
    if stages & {PointStage.SUBMITTED, PointStage.APPROVED}:
        return Progress(3, "正在复审。", asked.answer_due_on)
    return Progress(2, "正在研究。", asked.answer_due_on)


class Supplement(Base):
    """More words on a comment. Insert-only."""

    __tablename__ = "supplement"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    received_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship(back_populates="supplements")

    def seal(self, text: str) -> None:
        """Close it under the writer's key."""
        self.ref = self.ref or new_public_id()
        self.sealed_text = sealed.seal(self.comment.resident.key.secret, text, f"supplement.text:{self.ref}")

    @property
    def text(self) -> str:
        """The words; Missing when the person was forgotten."""
        return sealed.unseal(self.comment.resident.key.secret, self.sealed_text, f"supplement.text:{self.ref}")

    @property
    def readable(self) -> str:
        """The words for a page, or why they are gone."""
        try:
            return self.text
        except Missing:
            return sealed.GONE


class Withdrawal(Base):
    """A comment was taken back. Insert-only."""

    __tablename__ = "withdrawal"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), unique=True)
    at: Mapped[datetime]

    comment: Mapped[Comment] = relationship(back_populates="withdrawal")


class MediaKind(enum.StrEnum):
    """What was attached."""

    VOICE = "voice"
    PICTURE = "picture"
    VIDEO = "video"
    SCAN = "scan"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"voice": "语音", "picture": "图片", "video": "视频", "scan": "扫描件"}[self.value]


class MediaState(enum.StrEnum):
    """Whether we have the bytes."""

    WAITING = "waiting"
    KEPT = "kept"
    LOST = "lost"


class Attachment(PublicId, Base):
    """A voice message, a picture or a scan. WeChat keeps media for three days; a job fetches it before."""

    __tablename__ = "attachment"
    __table_args__ = (
        some_rows("ix_attachment_not_heard", "sealed_transcript IS NULL", "kind", "state", "comment_id"),
        CheckConstraint("state <> 'kept' OR sha256 IS NOT NULL", name="kept_with_its_hash"),
        CheckConstraint("comment_id IS NOT NULL OR unplaced_id IS NOT NULL", name="belongs_somewhere"),
    )

    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    unplaced_id: Mapped[int | None] = mapped_column(ForeignKey("unplaced.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    kind: Mapped[MediaKind] = mapped_column(choice(MediaKind))
    appid: Mapped[str] = mapped_column(String(32), default="")
    media_id: Mapped[str] = mapped_column(String(128), default="")
    state: Mapped[MediaState] = mapped_column(choice(MediaState), default=MediaState.WAITING)
    sha256: Mapped[str | None] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(60), default="")
    size: Mapped[int] = mapped_column(Integer, default=0)
    sealed_transcript: Mapped[bytes | None] = mapped_column(LargeBinary)
    transcribed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    received_at: Mapped[datetime]

    comment: Mapped[Comment | None] = relationship(back_populates="attachments")
    resident: Mapped[Resident] = relationship()
    transcribed_by: Mapped[Officer | None] = relationship()
    transcription: Mapped[Transcription | None] = relationship(back_populates="attachment")

    @property
    def chain(self) -> str | None:
        """The case's chain, once it belongs to one."""
        return self.comment.chain if self.comment else None

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        assert self.comment is not None
        return self.comment.rules

    @property
    def label(self) -> str:
        """The Chinese word: an original that sounds is a recording."""
        heard = self.kind == MediaKind.SCAN and self.mime.startswith(("audio/", "video/"))
        return "录音" if heard else self.kind.label

    @property
    def transcript(self) -> str:
        """What is heard in a voice message, as an officer wrote it down; empty while it waits."""
        if self.sealed_transcript is None or self.resident.key.wrapped is None:
            return ""
        return sealed.unseal(
            self.resident.key.secret, self.sealed_transcript, f"attachment.transcript:{self.public_id}"
        )

    @act(
        by=ruled("comment.transcribe"),
        label="转写",
        say="转写了语音",
    )
    def transcribe(self, officer: Officer, text: str) -> None:
        """Write down what is heard; who listened stands beside it."""
        text = as_received(text, field="text", most=LONGEST)
        if not text.strip():
            raise RuleUnmet("请写下听到的内容；听不清的地方可以写「听不清」。", {"text": "请写下听到的内容。"})
        if self.transcription is None:
            Transcription.begin(officer, attachment=self, source=Source.VOICE)
        else:
            self.transcription.again(officer)
        self.sealed_transcript = sealed.seal(self.resident.key.secret, text, f"attachment.transcript:{self.public_id}")
        self.transcribed_by = officer
        note(attachment=self.public_id)


def mine(resident: Resident, *, after: int | None = None, limit: int = 20) -> list[Comment]:
    """A resident's comments, newest first."""
    query = select(Comment).where(Comment.resident_id.in_(resident.all_ids)).order_by(Comment.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Comment.id < after)
    return list(db.session.scalars(query).unique())


def answered(resident: Resident) -> int:
    """How many of a resident's points have been answered."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Point)
            .join(Comment, Comment.id == Point.comment_id)
            .where(Comment.resident_id.in_(resident.all_ids), Point.stage == PointStage.RELEASED)
        )
        or 0
    )
