"""The secrecy check: before a decision is published two persons say what of it may be read by everybody."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision, OfCase
from models.decisions.resolution import Resolution
from models.decisions.road import Going, Standing, lacking, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import birth, predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

ARTICLE = "政府信息公开条例第十七条"


class CheckStage(enum.StrEnum):
    """How far it has come."""

    CHECKED = "checked"
    CONFIRMED = "confirmed"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"checked": "等复核", "confirmed": "已复核", "returned": "退回重查"}[self.value]


class Openness(enum.StrEnum):
    """What may be read."""

    ALL = "all"
    PARTLY = "partly"
    NONE = "none"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"all": "可以公开", "partly": "部分公开", "none": "不公开"}[self.value]


class SecrecyCheck(OfCase, PublicId, Base):
    """One check of the decided words; the newest counts."""

    __tablename__ = "secrecy_check"
    __table_args__ = (
        Index("ix_secrecy_check_decision", "decision_id", "id"),
        CheckConstraint("openness = 'all' OR reason <> ''", name="kept_back_with_a_reason"),
        CheckConstraint("stage <> 'confirmed' OR confirmer_id IS NOT NULL", name="confirmed_by_somebody"),
        CheckConstraint("confirmer_id IS NULL OR confirmer_id <> checker_id", name="two_persons"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    stage: Mapped[CheckStage] = mapped_column(choice(CheckStage), default=CheckStage.CHECKED)
    openness: Mapped[Openness] = mapped_column(choice(Openness))
    withheld: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Public ids of the clauses that are not shown."""
    reason: Mapped[str] = mapped_column(Text, default="")
    checker_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    confirmer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    checked_on: Mapped[date] = mapped_column(Date)
    confirmed_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(String(300), default="")

    decision: Mapped[Decision] = relationship()
    checker: Mapped[Officer] = relationship(foreign_keys=[checker_id])
    confirmer: Mapped[Officer | None] = relationship(foreign_keys=[confirmer_id])

    @classmethod
    @birth(by=ruled("secrecy.check"), say="保密审查：{openness}")
    def check(
        cls, officer: Officer, decision: Decision, openness: Openness | None, reason: str, withheld: Sequence[str] = ()
    ) -> Self:
        """May everybody read the decided words, a part of them, or nothing; with the reason for what is kept back."""
        decided = Resolution.of(decision)
        if decided is None or decision.stage != CaseStage.DECIDED:
            raise OutOfTurn("决定作出以后、公布以前做保密审查；现在不在这一步。")
        last = latest(decision)
        if last is not None and last.stage != CheckStage.RETURNED:
            raise OutOfTurn(f"保密审查已经做过了，{last.stage.label}。")
        wrong: dict[str, str] = {}
        reason = as_received(reason or "", field="reason", most=1000, least=0).strip()
        known = {clause.public_id for clause in decided.draft.clauses}
        kept = [one for one in withheld if one in known] if openness == Openness.PARTLY else []
        if openness is None:
            wrong["openness"] = "请选审查的结果。"
        elif openness != Openness.ALL and not reason:
            wrong["reason"] = (
                "不公开的要写明理由和依据，例如：涉及国家秘密（信息公开条例第十四条）、商业秘密（第十五条）。"
            )
        if openness == Openness.PARTLY and not kept:
            wrong["withheld"] = "部分公开的，请勾出不公开的条款。"
        if wrong or openness is None:
            raise RuleUnmet("保密审查还不完整。", wrong, article=ARTICLE)
        made = cls(
            decision=decision, openness=openness, reason=reason, withheld=kept, checker=officer, checked_on=today()
        )
        db.session.add(made)
        note(openness=openness.label, withheld=len(kept))
        return made

    @step(
        CheckStage.CHECKED,
        to=CheckStage.CONFIRMED,
        by=ruled("secrecy.confirm"),
        needs="secrecy.confirm",
        label="复核同意",
        say="复核保密审查：{openness}",
    )
    def confirm(self, officer: Officer) -> None:
        """A second person agrees."""
        self.confirmer, self.confirmed_at = officer, now()
        note(openness=self.openness.label)

    @step(
        CheckStage.CHECKED,
        to=CheckStage.RETURNED,
        by=ruled("secrecy.send_back"),
        label="退回重查",
        say="退回保密审查：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Look again."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        note(reason=self.returned_reason)


def latest(decision: Decision) -> SecrecyCheck | None:
    """The check that counts now."""
    query = select(SecrecyCheck).where(SecrecyCheck.decision_id == decision.id)
    return db.session.scalar(query.order_by(SecrecyCheck.id.desc()).limit(1))


def confirmed(decision: Decision) -> SecrecyCheck | None:
    """The check that both signed."""
    last = latest(decision)
    return last if last is not None and last.stage == CheckStage.CONFIRMED else None


@station("secrecy")
def _checked(decision: Decision) -> Standing | None:
    """Checked and confirmed, or whose turn it is."""
    last = latest(decision)
    if last is not None and last.stage == CheckStage.CONFIRMED:
        who = f"{last.checker.name}、{last.confirmer.name if last.confirmer else ''}"
        return Standing(Going.DONE, who, last.checked_on, says=f"{last.openness.label}，两个人审过")
    if last is not None and last.stage == CheckStage.CHECKED:
        return Standing(
            Going.NOW, "", last.checked_on, says=f"{last.checker.name}审查：{last.openness.label}，等第二个人复核"
        )
    says = f"退回重查：{last.returned_reason}" if last is not None else "还没有做保密审查。"
    going = Going.NOW if decision.stage == CaseStage.DECIDED else Going.WAIT
    return Standing(going, decision.handler.name, says=says)


@predicate
def secrecy_checked(subject: Decision, actor: object) -> str | None:
    """Checked by one and confirmed by another."""
    return lacking(subject, "secrecy")


@predicate
def confirmer_is_not_checker(subject: SecrecyCheck, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.checker_id else None
