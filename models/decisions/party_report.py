"""Asking the Party working committee: on which day and under which number a major decision was reported (条例第三十一条)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.road import Going, Standing, lacking, station
from models.kernel.base import Base, PublicId, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, predicate, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class PartyReport(PublicId, Base):
    """One report; the newest counts. Insert-only."""

    __tablename__ = "party_report"
    __table_args__ = (CheckConstraint("number <> ''", name="with_a_number"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    reported_on: Mapped[date] = mapped_column(Date)
    number: Mapped[str] = mapped_column(String(60))
    reply: Mapped[str] = mapped_column(Text, default="")
    """What the committee answered, in short."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    officer: Mapped[Officer] = relationship(lazy="joined")


@act(
    CaseStage.STARTED,
    by=ruled("decision.report_to_party"),
    label="",
    say="{reported_on}以{number}向党工委请示报告",
    of=Decision,
)
def report_to_party(
    decision: Decision, officer: Officer, reported_on: date | None, number: str, reply: str = ""
) -> PartyReport:
    """Registered with its date and number."""
    wrong: dict[str, str] = {}
    if reported_on is None or reported_on > today():
        wrong["reported_on"] = "请填请示报告的日期，不晚于今天。"
    number = as_received(number or "", field="number", most=60, least=0).strip()
    if not number:
        wrong["number"] = "请填请示报告的文号，或者会议纪要的编号。"
    reply = as_received(reply or "", field="reply", most=1000, least=0).strip()
    if wrong or reported_on is None:
        raise RuleUnmet("登记请示报告要有日期和文号。", wrong, article="条例第三十一条")
    made = PartyReport(
        decision_id=decision.id, reported_on=reported_on, number=number, reply=reply, officer=officer, made_at=now()
    )
    db.session.add(made)
    note(reported_on=reported_on, number=number)
    return made


def party_reports(decision: Decision) -> Sequence[PartyReport]:
    """The reports of a case, oldest first."""
    query = select(PartyReport).where(PartyReport.decision_id == decision.id)
    return db.session.scalars(query.order_by(PartyReport.id)).all()


@station("party_report")
def _reported(decision: Decision) -> Standing | None:
    """Reported, or still to be."""
    reports = party_reports(decision)
    if reports:
        last = reports[-1]
        return Standing(Going.DONE, last.officer.name, last.reported_on, says=f"已请示报告，{last.number}")
    if decision.kind not in (None, Kind.MAJOR):
        return None
    going = (
        Going.NOW if decision.stage == CaseStage.STARTED and lacking(decision, "deliberation") is None else Going.WAIT
    )
    return Standing(going, "党政办", says="还没有登记向党工委请示报告的日期和文号。")


@predicate
def party_committee_asked(subject: Decision, actor: object) -> str | None:
    """Date and number are registered."""
    return None if lacking(subject, "party_report") is None else ""
