"""What was decided: by which meeting or by whom, on which day, and in which words."""

from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision
from models.decisions.draft import Draft
from models.kernel.base import Base, db
from models.people.officer import Officer


class Resolution(Base):
    """The decision of a case, once. Insert-only."""

    __tablename__ = "resolution"
    __table_args__ = (CheckConstraint("decided_by <> ''", name="says_who_decided"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    deliberation_id: Mapped[int | None] = mapped_column(ForeignKey("deliberation.id"))
    """The meeting; none where an ordinary matter was decided without one."""
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    """The words that were decided."""
    decided_on: Mapped[date] = mapped_column(Date)
    decided_by: Mapped[str] = mapped_column(String(120))
    """The meeting's name, or who approved; never anybody's view."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()
    draft: Mapped[Draft] = relationship()
    officer: Mapped[Officer] = relationship()

    @classmethod
    def of(cls, decision: Decision) -> Self | None:
        """What was decided in this case."""
        return db.session.scalar(select(cls).where(cls.decision_id == decision.id))
