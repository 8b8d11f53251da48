"""After the decision: who carries it out, how far it has come, what stands in the way, and whether it is still in force."""

import enum
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision, OfCase
from models.decisions.road import Going, Standing, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now
from models.kernel.lifecycle import act, ruled, step
from models.kernel.refusal import NotAllowed, Refusal, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.unit import Unit
from models.texts.received import as_received


class ExecutionStage(enum.StrEnum):
    """How far one unit has come with its part."""

    GOING = "going"
    DONE = "done"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"going": "正在执行", "done": "执行完毕"}[self.value]


class Force(enum.StrEnum):
    """Whether a published decision is in force (条例第三十七条)."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"in_force": "执行中", "suspended": "中止执行", "ended": "停止执行"}[self.value]


def _unit_or_office(subject: "Execution", actor: Officer) -> Refusal | None:
    """Guard: somebody of the unit that carries it out, or the office."""
    refusal: Refusal | None = ruled("execution.report")(subject, actor)
    if refusal is None and actor.unit_id != subject.unit_id and not actor.has("office"):
        return NotAllowed("这一项由承担执行的单位报告进展。")
    return refusal


class Execution(OfCase, PublicId, Base):
    """One unit's part of carrying a decision out (条例第三十四条)."""

    __tablename__ = "execution"
    __table_args__ = (Index("ix_execution_decision", "decision_id", "id"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    stage: Mapped[ExecutionStage] = mapped_column(choice(ExecutionStage), default=ExecutionStage.GOING)
    task: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    decision: Mapped[Decision] = relationship()
    unit: Mapped[Unit] = relationship(lazy="joined")
    owner: Mapped[Officer] = relationship(lazy="joined")
    reports: Mapped[list["Progress"]] = relationship(order_by="Progress.id")

    @act(
        ExecutionStage.GOING,
        by=_unit_or_office,
        label="报告进展",
        say="报告执行进展：{trouble}",
    )
    def report(self, officer: Officer, text: str, *, trouble: bool = False) -> "Progress":
        """How far it has come; `trouble` says that something stands in the way (条例第三十五条: report in time)."""
        words = as_received(text, field="text", most=1000, least=0).strip()
        if not words:
            raise RuleUnmet("请写进展，一两句话就行。", {"text": "请写进展。"})
        made = Progress(execution=self, text=words, trouble=trouble, officer=officer, made_at=now())
        db.session.add(made)
        note(trouble="有困难" if trouble else "正常")
        return made

    @step(
        ExecutionStage.GOING,
        to=ExecutionStage.DONE,
        by=_unit_or_office,
        label="执行完毕",
        say="执行完毕",
    )
    def finish(self, officer: Officer, text: str) -> None:
        """Done, with what came of it."""
        self.report(officer, text)
        self.done_at = now()


class Progress(Base):
    """One report on how far it has come. Insert-only."""

    __tablename__ = "progress"

    execution_id: Mapped[int] = mapped_column(ForeignKey("execution.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    trouble: Mapped[bool]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    execution: Mapped[Execution] = relationship(back_populates="reports")
    officer: Mapped[Officer] = relationship(lazy="joined")


class ForceChange(Base):
    """A decision was suspended, taken up again or ended, and why. Insert-only; the newest counts."""

    __tablename__ = "force_change"
    __table_args__ = (
        Index("ix_force_change_decision", "decision_id", "id"),
        CheckConstraint("reason <> ''", name="with_a_reason"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    force: Mapped[Force] = mapped_column(choice(Force))
    reason: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    officer: Mapped[Officer] = relationship(lazy="joined")


@act(
    CaseStage.PUBLISHED,
    CaseStage.ARCHIVED,
    by=ruled("decision.entrust"),
    label="",
    say="由{unit}负责执行",
    of=Decision,
)
def entrust(
    decision: Decision,
    officer: Officer,
    unit: Unit | None,
    owner: Officer | None,
    task: str,
    due_on: date | None = None,
) -> Execution:
    """A unit carries it out, or a part of it; several may (条例第三十四条)."""
    wrong: dict[str, str] = {}
    words = as_received(task, field="task", most=1000, least=0).strip()
    if unit is None:
        wrong["unit"] = "请选执行单位。"
    if owner is None:
        wrong["owner"] = "请选一位负责人。"
    if not words:
        wrong["task"] = "请写要做什么。"
    if unit is None or owner is None or wrong:
        raise RuleUnmet("执行单位、负责人、要做的事都要写。", wrong)
    made = Execution(decision=decision, unit=unit, owner=owner, task=words, due_on=due_on, made_at=now())
    db.session.add(made)
    note(unit=unit.name, owner=owner.name, due_on=due_on)
    return made


@act(
    CaseStage.PUBLISHED,
    CaseStage.ARCHIVED,
    by=ruled("decision.change_force"),
    label="",
    say="{force}：{reason}",
    of=Decision,
)
def change_force(decision: Decision, officer: Officer, force: Force, reason: str) -> ForceChange:
    """Suspend, take up again, or end it, with the reason; no decision is changed or stopped without saying so (条例第三十七条)."""
    words = as_received(reason, field="reason", most=500, least=0).strip()
    if not words:
        raise RuleUnmet("请写明理由；决定不得随意变更或者停止执行（条例第三十七条）。", {"reason": "请写明理由。"})
    before = force_of(decision)
    if before == Force.ENDED or before == force:
        raise RuleUnmet(f"现在已经是{before.label}。", {"force": f"现在已经是{before.label}。"})
    made = ForceChange(decision_id=decision.id, force=force, reason=words, officer=officer, made_at=now())
    db.session.add(made)
    note(force=force.label, reason=words)
    return made


def changes_of(decision: Decision) -> Sequence[ForceChange]:
    """Suspensions and endings of a decision, oldest first."""
    return db.session.scalars(
        select(ForceChange).where(ForceChange.decision_id == decision.id).order_by(ForceChange.id)
    ).all()


def force_of(decision: Decision) -> Force:
    """Whether it is in force now; a published decision is until somebody says otherwise."""
    changes = changes_of(decision)
    return changes[-1].force if changes else Force.IN_FORCE


def forces_of(cases: Collection[int]) -> dict[int, Force]:
    """Of these cases, those that somebody suspended, took up again or ended, with what counts now; in one query."""
    newest = (
        select(func.max(ForceChange.id)).where(ForceChange.decision_id.in_(cases)).group_by(ForceChange.decision_id)
    )
    rows = db.session.execute(select(ForceChange.decision_id, ForceChange.force).where(ForceChange.id.in_(newest)))
    return {row.decision_id: row.force for row in rows}


def executions_of(decision: Decision) -> Sequence[Execution]:
    """Who carries it out, in the order they were entrusted."""
    return db.session.scalars(
        select(Execution).where(Execution.decision_id == decision.id).order_by(Execution.id)
    ).all()


def by_public_id(public_id: str) -> Execution | None:
    """One unit's part by its address."""
    return db.session.scalar(select(Execution).where(Execution.public_id == public_id))


@station("execution")
def _carried_out(decision: Decision) -> Standing | None:
    """Nobody is charged with it, somebody is, all are done; or it is suspended or ended."""
    if decision.stage not in (CaseStage.PUBLISHED, CaseStage.ARCHIVED):
        return None
    force = force_of(decision)
    if force != Force.IN_FORCE:
        change = changes_of(decision)[-1]
        going = Going.DONE if force == Force.ENDED else Going.NOW
        return Standing(
            going, change.officer.name, local(change.made_at).date(), says=f"{force.label}：{change.reason}"
        )
    parts = executions_of(decision)
    if not parts:
        return Standing(Going.NOW, says="还没有明确执行单位。")
    left = [part for part in parts if part.stage == ExecutionStage.GOING]
    if not left:
        last = max(part.done_at for part in parts if part.done_at)
        return Standing(Going.DONE, parts[-1].owner.name, local(last).date(), says=f"{len(parts)} 个单位都执行完毕")
    dues = [part.due_on for part in left if part.due_on]
    trouble = sum(1 for part in left if part.reports and part.reports[-1].trouble)
    says = "、".join(part.unit.name for part in left) + "正在执行" + (f"，{trouble} 项有困难" if trouble else "")
    return Standing(Going.NOW, left[0].owner.name, local(left[0].made_at).date(), min(dues) if dues else None, says)
