"""Words from the chat that could be about several drafts: kept, receipted, and placed by the person or by staff."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ForeignKey, LargeBinary, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.comment import Attachment, Comment
from models.comments.receipt import Receipt
from models.comments.receive import Given, receive
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, step
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import NotAllowed, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.received import as_received


class UnplacedStage(enum.StrEnum):
    """Whether it has found its place."""

    WAITING = "waiting"
    PLACED = "placed"
    SET_ASIDE = "set_aside"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"waiting": "等着归类", "placed": "已归类", "set_aside": "不属于征求意见"}[self.value]


def _writer_or_staff(subject: "Unplaced", actor: Any) -> Refusal | None:
    """Guard: the writer themselves, or an officer whom the rule set names."""
    if getattr(actor, "actor_kind", "") == "resident":
        same = actor.current.id == subject.resident.current.id
        return None if same else NotAllowed("只能由本人办理。")
    refusal: Refusal | None = actor.lacks(subject.rules.post_for("unplaced.place"))
    return refusal


class Unplaced(PublicId, Base):
    """A text without a consultation yet."""

    __tablename__ = "unplaced"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    stage: Mapped[UnplacedStage] = mapped_column(choice(UnplacedStage), default=UnplacedStage.WAITING)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    comment: Mapped[Comment | None] = relationship()

    @property
    def rules(self) -> RuleSet:
        """The office's rules: it belongs to no case yet."""
        return office_rules()

    @classmethod
    @birth(by=the_resident, say="收到一段还没有归类的话")
    def keep(cls, resident: Resident, text: str) -> Self:
        """Take the text first, ask afterwards; nobody who never answers is lost."""
        text = as_received(text, field="text", most=2000, least=0)
        made = cls(public_id=new_public_id(), resident=resident.current, received_at=now())
        made.sealed_text = sealed.seal(resident.current.key.secret, text, f"unplaced.text:{made.public_id}")
        db.session.add(made)
        db.session.flush()
        Receipt.give(unplaced_id=made.id)
        Consent.give(resident.current, door=Channel.CHAT.value)
        return made

    @property
    def text(self) -> str:
        """The words as they came."""
        return sealed.unseal(self.resident.key.secret, self.sealed_text, f"unplaced.text:{self.public_id}")

    @property
    def receipt(self) -> str:
        """Its number."""
        found = db.session.scalar(select(Receipt.number).where(Receipt.unplaced_id == self.id))
        assert found is not None
        return found

    @step(
        UnplacedStage.WAITING,
        to=UnplacedStage.PLACED,
        by=_writer_or_staff,
        label="归入",
        say="归入《{title}》，成为第{serial}号意见",
    )
    def place(self, actor: Any, consultation: Consultation, clause: Clause | None = None) -> Given:
        """Make it a comment; it keeps its receipt number."""
        if not consultation.is_open(self.received_at) and not consultation.is_open():
            raise RuleUnmet("这次征求意见不在征集期内，不能归进去。")
        given = receive(
            consultation,
            self.resident,
            self.text,
            channel=Channel.CHAT,
            clause=clause,
            even_empty=True,
            officer=actor if isinstance(actor, Officer) else None,
        )
        self.comment = given.comment
        first = db.session.scalar(select(Receipt).where(Receipt.unplaced_id == self.id))
        second = Receipt.of(given.comment)
        assert first is not None
        assert second is not None
        db.session.delete(second)
        db.session.flush()
        first.comment = given.comment
        db.session.execute(
            update(Attachment).where(Attachment.unplaced_id == self.id).values(comment_id=given.comment.id)
        )
        note(title=consultation.title, serial=given.comment.serial_words, comment=given.comment.public_id)
        return Given(given.comment, first.number, repeated=False)

    @step(
        UnplacedStage.WAITING,
        to=UnplacedStage.SET_ASIDE,
        by=_writer_or_staff,
        label="不归入",
        say="标明不属于征求意见：{reason}",
        primary=False,
    )
    def set_aside(self, actor: Any, reason: str = "") -> None:
        """A greeting, or something for another door; the words stay."""
        note(reason=as_received(reason, field="reason", most=200, least=0).strip() or "闲谈或问候")

    @act(UnplacedStage.SET_ASIDE, by=_writer_or_staff, label="放回来", say="放回等着归类的里面")
    def bring_back(self, actor: Any) -> None:
        """It was a comment after all."""
        self.stage = UnplacedStage.WAITING


def waiting(limit: int = 100) -> Sequence[Unplaced]:
    """What staff may still place, oldest first."""
    return (
        db.session.scalars(
            select(Unplaced).where(Unplaced.stage == UnplacedStage.WAITING).order_by(Unplaced.id).limit(limit)
        )
        .unique()
        .all()
    )


def latest_of(resident: Resident) -> Unplaced | None:
    """The last text of this person that waits."""
    return db.session.scalar(
        select(Unplaced)
        .where(Unplaced.resident_id.in_(resident.all_ids), Unplaced.stage == UnplacedStage.WAITING)
        .order_by(Unplaced.id.desc())
        .limit(1)
    )


def waiting_of(resident: Resident, since: datetime) -> Sequence[Unplaced]:
    """What this person said since then that still waits, oldest first."""
    return (
        db.session.scalars(
            select(Unplaced)
            .where(
                Unplaced.resident_id.in_(resident.all_ids),
                Unplaced.stage == UnplacedStage.WAITING,
                Unplaced.received_at >= since,
            )
            .order_by(Unplaced.id)
            .limit(20)
        )
        .unique()
        .all()
    )


def by_public_id(public_id: str) -> Unplaced | None:
    """One of these texts by its address."""
    return db.session.scalar(select(Unplaced).where(Unplaced.public_id == public_id))


def set_aside(limit: int = 20) -> Sequence[Unplaced]:
    """What was found to be no comment, newest first; it may be brought back."""
    return (
        db.session.scalars(
            select(Unplaced).where(Unplaced.stage == UnplacedStage.SET_ASIDE).order_by(Unplaced.id.desc()).limit(limit)
        )
        .unique()
        .all()
    )
