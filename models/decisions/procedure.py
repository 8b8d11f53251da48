"""Whether a case needs experts, a hearing, a risk assessment or a poll: decided by name, and "no" has its reason."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision
from models.decisions.matter import OPTIONAL, Procedure
from models.kernel.base import Base, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

FIRM = "条例第十四条、条例第二十五条、条例第三十条"


class Need(Base):
    """One answer to "does this case need it?"; the newest counts, the earlier ones stay."""

    __tablename__ = "need"
    __table_args__ = (
        Index("ix_need_decision", "decision_id", "procedure", "id"),
        CheckConstraint("needed OR reason <> ''", name="excused_with_a_reason"),
        CheckConstraint(f"procedure IN ({', '.join(repr(p.value) for p in OPTIONAL)})", name="procedure"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    procedure: Mapped[Procedure] = mapped_column(choice(Procedure, all_of_them=False))
    needed: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who has it in hand."""
    due_on: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()
    officer: Mapped[Officer] = relationship(foreign_keys=[officer_id], lazy="joined")
    owner: Mapped[Officer | None] = relationship(foreign_keys=[owner_id], lazy="joined")


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.require"),
    label="",
    say="需要{procedure}",
    of=Decision,
)
def require(
    decision: Decision,
    officer: Officer,
    procedure: Procedure,
    *,
    owner: Officer | None = None,
    due_on: date | None = None,
    reason: str = "",
) -> Need:
    """This case needs it: who has it in hand, and by when."""
    made = _need(decision, officer, procedure, reason, needed=True)
    made.owner, made.due_on = owner, due_on
    note(procedure=procedure.label, owner=owner.name if owner else "", due_on=due_on)
    return made


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.excuse"),
    label="",
    say="不需要{procedure}：{reason}",
    of=Decision,
)
def excuse(decision: Decision, officer: Officer, procedure: Procedure, reason: str) -> Need:
    """This case does not need it, and why, under the officer's own name."""
    made = _need(decision, officer, procedure, reason, needed=False)
    if not made.reason:
        words = f"不需要{procedure.label}的，请写明理由；理由和您的名字会进案卷。"
        raise RuleUnmet(words, {"reason": words})
    note(procedure=procedure.label, reason=made.reason)
    return made


def _need(decision: Decision, officer: Officer, procedure: Procedure, reason: str, *, needed: bool) -> Need:
    if procedure not in OPTIONAL:
        raise RuleUnmet(f"{procedure.label}不用定要不要：哪一件都不能少。", article=FIRM)
    words = as_received(reason, field="reason", most=500, least=0).strip()
    made = Need(
        decision_id=decision.id,
        procedure=procedure,
        needed=needed,
        reason=words,
        officer=officer,
        made_at=now(),
    )
    if needed or words:
        db.session.add(made)
    return made


def need_of(decision: Decision, procedure: Procedure) -> Need | None:
    """The answer that counts now; None while nobody has said."""
    return db.session.scalar(
        select(Need)
        .where(Need.decision_id == decision.id, Need.procedure == procedure)
        .order_by(Need.id.desc())
        .limit(1)
    )


def needs_of(decision: Decision) -> dict[Procedure, Need]:
    """The answers that count now."""
    rows = db.session.scalars(select(Need).where(Need.decision_id == decision.id).order_by(Need.id))
    return {row.procedure: row for row in rows}


def needs_in_hand(owner: Officer, limit: int = 50) -> Sequence[Need]:
    """What this officer was charged with and still counts, in cases that are on their way; the most urgent first."""
    newest = select(func.max(Need.id)).group_by(Need.decision_id, Need.procedure)
    query = (
        select(Need)
        .join(Decision, Decision.id == Need.decision_id)
        .where(
            Need.id.in_(newest),
            Need.needed,
            Need.owner_id == owner.id,
            Decision.stage.in_((CaseStage.OPENED, CaseStage.STARTED)),
        )
        .order_by(Need.due_on.is_(None), Need.due_on, Need.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()
