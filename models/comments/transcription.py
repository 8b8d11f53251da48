"""What staff wrote down for somebody is read against the letter or the recording by a second person; what differs stands beside it."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import predicate, ruled, step
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.received import as_received

if TYPE_CHECKING:
    from models.comments.comment import Attachment, Comment


class Source(enum.StrEnum):
    """What it was written down from."""

    LETTER = "letter"
    BOX = "box"
    PHONE = "phone"
    EMAIL = "email"
    VISIT = "visit"
    MINUTES = "minutes"
    GRID = "grid"
    VOICE = "voice"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "letter": "信函",
            "box": "意见箱",
            "phone": "电话",
            "email": "电子邮件",
            "visit": "本人到场",
            "minutes": "会议记录",
            "grid": "网格走访",
            "voice": "语音",
        }[self.value]

    @property
    def channel(self) -> Channel:
        """The channel as which it is counted."""
        return _CHANNELS.get(self, Channel.HALL)


_CHANNELS = {
    Source.LETTER: Channel.PAPER,
    Source.BOX: Channel.PAPER,
    Source.PHONE: Channel.PHONE,
    Source.EMAIL: Channel.EMAIL,
}
BY_HAND = tuple(source for source in Source if source != Source.VOICE)
"""What staff write down; voice messages come by themselves."""
USUAL = {Channel.PAPER: Source.LETTER, Channel.PHONE: Source.PHONE, Channel.EMAIL: Source.EMAIL}


class TranscriptionStage(enum.StrEnum):
    """Whether a second person has read it."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    MENDED = "mended"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"waiting": "等核对", "confirmed": "核对一致", "mended": "核对后有更正"}[self.value]


class Transcription(PublicId, Base):
    """One writing-down: of a comment that staff entered, or of a voice message. The first words stay as they were written."""

    __tablename__ = "transcription"
    __table_args__ = (
        Index("ix_transcription_waiting", "stage", "id"),
        CheckConstraint("(comment_id IS NULL) <> (attachment_id IS NULL)", name="of_one_thing"),
        CheckConstraint(
            "stage = 'waiting' OR (checker_id IS NOT NULL AND checker_id <> author_id AND checked_at IS NOT NULL)",
            name="read_by_a_second_person",
        ),
        CheckConstraint("stage <> 'mended' OR (sealed_mended IS NOT NULL AND remark <> '')", name="mended_with_words"),
    )

    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), unique=True)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), unique=True)
    source: Mapped[Source] = mapped_column(choice(Source))
    said_on: Mapped[date | None] = mapped_column(Date)
    """When it was said or written, where that is known."""
    stage: Mapped[TranscriptionStage] = mapped_column(choice(TranscriptionStage), default=TranscriptionStage.WAITING)
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    sealed_mended: Mapped[bytes | None] = mapped_column(LargeBinary)
    """How the second person reads it."""
    remark: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    comment: Mapped["Comment | None"] = relationship(back_populates="transcription")
    attachment: Mapped["Attachment | None"] = relationship(back_populates="transcription")
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    checker: Mapped[Officer | None] = relationship(foreign_keys=[checker_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def of(self) -> "Comment":
        """The comment that it belongs to."""
        found = self.comment or (self.attachment.comment if self.attachment else None)
        assert found is not None
        return found

    @property
    def resident(self) -> Resident:
        """Whose words they are."""
        return self.of.resident

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.of.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.of.rules

    @property
    def written(self) -> str:
        """The words as they were first written down; empty when the person was forgotten."""
        try:
            return self.comment.text if self.comment else self.attachment.transcript if self.attachment else ""
        except Missing:
            return ""

    @property
    def mended(self) -> str:
        """How the second person reads it; empty while nothing differs."""
        if self.sealed_mended is None or self.resident.key.wrapped is None:
            return ""
        return sealed.unseal(self.resident.key.secret, self.sealed_mended, f"transcription.mended:{self.public_id}")

    @classmethod
    def begin(
        cls,
        author: Officer,
        *,
        comment: "Comment | None" = None,
        attachment: "Attachment | None" = None,
        source: Source,
        said_on: date | None = None,
    ) -> Self:
        """Written down by this officer; it waits for another one."""
        if said_on is not None and said_on > today():
            raise RuleUnmet("日期还没有到。", {"said_on": "请填收到信或者说话的那一天，不能晚于今天。"})
        made = cls(
            comment=comment,
            attachment=attachment,
            source=source,
            said_on=said_on,
            author=author,
            made_at=now(),
        )
        db.session.add(made)
        return made

    def again(self, author: Officer) -> None:
        """Written down anew, before anybody confirmed it."""
        if self.stage != TranscriptionStage.WAITING:
            raise OutOfTurn("这段转写已经有第二个人核对过，不能再改；有出入的，请他在核对里写明。")
        self.author, self.made_at = author, now()

    @step(
        TranscriptionStage.WAITING,
        to=TranscriptionStage.CONFIRMED,
        by=ruled("transcription.confirm"),
        needs="transcription.confirm",
        label="核对一致",
        say="核对了第{serial}号意见的录入，和原件一致",
    )
    def confirm(self, officer: Officer) -> None:
        """The words are those of the letter or the recording."""
        self._checked(officer)

    @step(
        TranscriptionStage.WAITING,
        to=TranscriptionStage.MENDED,
        by=ruled("transcription.confirm"),
        needs="transcription.confirm",
        label="有出入",
        say="核对了第{serial}号意见的录入，有出入，正确的写在旁边",
        primary=False,
    )
    def mend(self, officer: Officer, text: str, remark: str) -> None:
        """Something differs: the right words stand beside the first ones, with what was wrong."""
        text = as_received(text, field="text", most=2000, least=0)
        remark = as_received(remark, field="remark", most=300, least=0).strip()
        wrong: dict[str, str] = {}
        if not text.strip():
            wrong["text"] = "请写上原件里的话。"
        if not remark:
            wrong["remark"] = "请写明哪里有出入，例如「一小时」误录为「两小时」。"
        if text.strip() and text.strip() == self.written.strip():
            wrong["text"] = "和录入的一样；没有出入的，请按「核对一致」。"
        if wrong:
            raise RuleUnmet("还不能记下。", wrong)
        self.remark = remark
        self.sealed_mended = sealed.seal(self.resident.key.secret, text, f"transcription.mended:{self.public_id}")
        self._checked(officer)

    def _checked(self, reader: Officer) -> None:
        self.checker, self.checked_at = reader, now()
        note(serial=self.of.serial_words, transcription=self.public_id)


@predicate
def second_person_reads(subject: Transcription, actor: Any) -> str | None:
    """Two persons: who wrote it down does not confirm it."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


def by_public_id(public_id: str) -> Transcription | None:
    """One by its address."""
    return db.session.scalar(select(Transcription).where(Transcription.public_id == public_id))


def mended_readings(comments: Iterable[int]) -> dict[int, str]:
    """Comment to how the second person reads it, where that differs from what was first written down; one query for many."""
    rows = db.session.scalars(
        select(Transcription).where(
            Transcription.comment_id.in_(list(comments)), Transcription.stage == TranscriptionStage.MENDED
        )
    )
    return {row.comment_id: row.mended for row in rows if row.comment_id is not None and row.mended}


def to_confirm(officer: Officer, limit: int = 50) -> Sequence[Transcription]:
    """What waits for a second person and was not written by this one, oldest first."""
    return db.session.scalars(
        select(Transcription)
        .where(Transcription.stage == TranscriptionStage.WAITING, Transcription.author_id != officer.id)
        .order_by(Transcription.id)
        .limit(limit)
    ).all()


def waiting(officer: Officer) -> int:
    """How many wait for this officer."""
    return db.session.scalar(WAITING_FOR_ANOTHER, {"officer": officer.id}) or 0


WAITING_FOR_ANOTHER = (
    select(func.count())
    .select_from(Transcription)
    .where(Transcription.stage == TranscriptionStage.WAITING, Transcription.author_id != bindparam("officer"))
)
"""The question of waiting(), which the desks ask together with others."""
