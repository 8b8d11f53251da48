"""Reminders that a document's time runs out: sent by the clockwork, once each, half a year before, a month before, and when it has lapsed."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.normative import Normative
from models.decisions.older import OlderDocument, older_documents
from models.decisions.validity import Force, Term, documents
from models.kernel.base import Base, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import birth, system
from models.kernel.trail import SYSTEM, note

LAST_CALL = timedelta(days=30)
"""After the rule set's own notice, once more before the end."""


class Call(enum.StrEnum):
    """Which of the reminders."""

    NOTICE = "notice"
    LAST = "last"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"notice": "快到期", "last": "一个月内到期", "lapsed": "已经到期失效"}[self.value]


class ExpiryNotice(Base):
    """One reminder that went out. Insert-only; nobody is reminded of the same end twice."""

    __tablename__ = "expiry_notice"
    __table_args__ = (
        UniqueConstraint("normative_id", "until", "call"),
        UniqueConstraint("older_id", "until", "call"),
        CheckConstraint("(normative_id IS NULL) <> (older_id IS NULL)", name="of_one_document"),
    )

    normative_id: Mapped[int | None] = mapped_column(ForeignKey("normative.id"))
    older_id: Mapped[int | None] = mapped_column(ForeignKey("older_document.id"))
    until: Mapped[date] = mapped_column(Date)
    call: Mapped[Call] = mapped_column(choice(Call))
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime]

    normative: Mapped[Normative | None] = relationship()
    older: Mapped[OlderDocument | None] = relationship()

    @classmethod
    @birth(by=system, say="提醒：{number}{call}，有效期到{until}")
    def send(cls, actor: object, document: Normative | OlderDocument, call: Call, until: date) -> Self:
        """To the desks of the office, the handler, and from the last call on of the heads and leaders."""
        old = isinstance(document, OlderDocument)
        made = cls(
            normative=None if old else document,
            older=document if old else None,
            until=until,
            call=call,
            day=today(),
            made_at=now(),
        )
        db.session.add(made)
        note(number=document.number, call=call.label, until=until)
        return made


def due_call(term: Term, day: date) -> Call | None:
    """The reminder that this day asks for; none for what was repealed or is far from its end."""
    if term.force == Force.LAPSED and day > term.until:
        return Call.LAPSED
    if not term.force.holds or day < term.notice_on:
        return None
    return Call.LAST if day >= term.until - LAST_CALL else Call.NOTICE


def remind_of_expiry() -> int:
    """Every reminder that is due today and did not go out yet; how many went. A step that was slept through is not sent late."""
    day, sent = today(), 0
    already = {
        (row.normative_id, row.older_id, row.until, row.call)
        for row in db.session.execute(
            select(ExpiryNotice.normative_id, ExpiryNotice.older_id, ExpiryNotice.until, ExpiryNotice.call)
        )
    }
    wanted: list[tuple[Normative | OlderDocument, Term]] = [(one, term) for one, _, term in documents()]
    wanted += [(old, term) for old, term in older_documents() if old.ended_as is None]
    for document, term in wanted:
        call = None if document.ended_as is not None else due_call(term, day)
        if call is None or (day - term.until > LAST_CALL):
            continue
        key: tuple[Any, ...] = ((None, document.id) if isinstance(document, OlderDocument) else (document.id, None)) + (
            term.until,
            call,
        )
        if key not in already:
            ExpiryNotice.send(SYSTEM, document, call, term.until)
            sent += 1
    return sent


def notices_of(document: Normative | OlderDocument) -> Sequence[ExpiryNotice]:
    """What was sent about a document, oldest first."""
    column = ExpiryNotice.older_id if isinstance(document, OlderDocument) else ExpiryNotice.normative_id
    return db.session.scalars(select(ExpiryNotice).where(column == document.id).order_by(ExpiryNotice.id)).all()


def newest_calls() -> dict[tuple[str, int], tuple[Call, date]]:
    """By document, the last reminder that went out for the end that it has now, with its day; in one query."""
    rows = db.session.execute(
        select(
            ExpiryNotice.normative_id, ExpiryNotice.older_id, ExpiryNotice.call, ExpiryNotice.until, ExpiryNotice.day
        ).order_by(ExpiryNotice.id)
    )
    found: dict[tuple[str, int], tuple[Call, date]] = {}
    for row in rows:
        key = ("older", row.older_id) if row.older_id is not None else ("normative", row.normative_id)
        found[key] = (row.call, row.day)
    return found
