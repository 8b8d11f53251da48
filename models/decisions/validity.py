"""How long a normative document holds: computed from dates, prolonged only after an evaluation that two persons signed."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.normative import Ended, Normative, NormativeStage
from models.decisions.publish import Publication, validity_rule
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import today
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import Number, RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class Force(enum.StrEnum):
    """Whether a document holds on a day."""

    UNPUBLISHED = "unpublished"
    COMING = "coming"
    IN_FORCE = "in_force"
    EXPIRING = "expiring"
    LAPSED = "lapsed"
    REPEALED = "repealed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "unpublished": "没有公布",
            "coming": "已公布，未施行",
            "in_force": "有效",
            "expiring": "有效，快到期",
            "lapsed": "失效",
            "repealed": "废止",
        }[self.value]

    @property
    def holds(self) -> bool:
        """Whether a clean-up has to look at it."""
        return self in (Force.COMING, Force.IN_FORCE, Force.EXPIRING)


class Verdict(enum.StrEnum):
    """What becomes of a document, at the end of its time or in a clean-up."""

    KEEP = "keep"
    AMEND = "amend"
    REPEAL = "repeal"
    LAPSE = "lapse"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"keep": "继续有效", "amend": "修改", "repeal": "废止", "lapse": "失效"}[self.value]


class ReviewStage(enum.StrEnum):
    """How far an evaluation has come."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"proposed": "等同意", "agreed": "已同意", "returned": "退回"}[self.value]


class ExpiryReview(PublicId, Base):
    """The evaluation before a document's time is over."""

    __tablename__ = "expiry_review"
    __table_args__ = (
        Index("ix_expiry_review_normative", "normative_id", "id"),
        CheckConstraint("reason <> ''", name="with_a_reason"),
        CheckConstraint("verdict <> 'keep' OR until IS NOT NULL", name="kept_until_when"),
        CheckConstraint("stage <> 'agreed' OR agreer_id IS NOT NULL", name="agreed_by_somebody"),
        CheckConstraint("agreer_id IS NULL OR agreer_id <> proposer_id", name="two_persons"),
    )

    normative_id: Mapped[int] = mapped_column(ForeignKey("normative.id"))
    stage: Mapped[ReviewStage] = mapped_column(choice(ReviewStage), default=ReviewStage.PROPOSED)
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None] = mapped_column(Date)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    agreer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    proposed_on: Mapped[date] = mapped_column(Date)
    agreed_on: Mapped[date | None] = mapped_column(Date)
    returned_reason: Mapped[str] = mapped_column(String(300), default="")

    normative: Mapped[Normative] = relationship()
    proposer: Mapped[Officer] = relationship(foreign_keys=[proposer_id])
    agreer: Mapped[Officer | None] = relationship(foreign_keys=[agreer_id])

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.normative.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.normative.rules

    @classmethod
    @birth(by=ruled("validity.propose"), say="届满评估意见：{verdict}")
    def propose(
        cls, officer: Officer, normative: Normative, verdict: Verdict | None, reason: str, until: date | None = None
    ) -> Self:
        """Keep it, and until when; amend it; repeal it; or let it lapse. With the reason."""
        term = term_of(normative)
        if term is None or not term.force.holds:
            raise OutOfTurn("公布了的、还有效的文件才做届满评估。")
        if any(one.stage == ReviewStage.PROPOSED for one in reviews(normative)):
            raise OutOfTurn("已经有一份评估意见在等同意。")
        wrong: dict[str, str] = {}
        reason = as_received(reason or "", field="reason", most=2000, least=0).strip()
        if verdict is None:
            wrong["verdict"] = "请选评估意见。"
        if not reason:
            wrong["reason"] = "请写明评估的情况和理由。"
        most = _years(normative).after(term.until)
        if verdict == Verdict.KEEP and (until is None or not term.until < until <= most):
            wrong["until"] = f"继续有效的，请填新的有效期，在 {term.until} 以后、不超过 {most}。"
        if wrong or verdict is None:
            raise RuleUnmet("评估意见还不完整。", wrong, article=_years(normative).article)
        made = cls(
            normative=normative,
            verdict=verdict,
            reason=reason,
            until=until if verdict == Verdict.KEEP else None,
            proposer=officer,
            proposed_on=today(),
        )
        db.session.add(made)
        note(verdict=verdict.label, until=made.until)
        return made

    @step(
        ReviewStage.PROPOSED,
        to=ReviewStage.AGREED,
        by=ruled("validity.agree"),
        needs="validity.agree",
        label="同意",
        say="同意届满评估意见：{verdict}",
    )
    def agree(self, officer: Officer) -> None:
        """From now on it is so: kept until the new day, or repealed today."""
        self.agreer, self.agreed_on = officer, today()
        note(verdict=self.verdict.label, until=self.until)
        if self.verdict == Verdict.REPEAL:
            repeal(self.normative, officer, Ended.REPEALED, self.reason[:300])

    @step(
        ReviewStage.PROPOSED,
        to=ReviewStage.RETURNED,
        by=ruled("validity.send_back"),
        label="退回",
        say="退回届满评估意见：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Look again."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        note(reason=self.returned_reason)


@act(NormativeStage.REGISTERED, by=ruled("validity.agree"), label="", say="{how}：{reason}", of=Normative)
def repeal(normative: Normative, officer: Officer, how: Ended, reason: str) -> None:
    """It holds no longer, from today on; done by an evaluation that was agreed to, or by a clean-up."""
    if normative.ended_as is not None:
        raise OutOfTurn(f"这份文件已经{normative.ended_as.label}。")
    normative.ended_as, normative.ended_on, normative.ended_reason = how, today(), reason
    note(how=how.label, reason=reason)


@dataclass(frozen=True)
class Term:
    """From when to when a document holds, and how it stands today."""

    since: date
    until: date
    notice_on: date
    """From this day on the office is reminded."""
    force: Force


def _years(normative: Normative) -> Number:
    return validity_rule(normative.decision)


def reviews(normative: Normative) -> Sequence[ExpiryReview]:
    """The evaluations of a document, oldest first."""
    query = select(ExpiryReview).where(ExpiryReview.normative_id == normative.id)
    return db.session.scalars(query.order_by(ExpiryReview.id)).all()


def term_of(normative: Normative, day: date | None = None) -> Term | None:
    """How long it holds; None while it is not published. No job runs at midnight: the dates say it."""
    made = Publication.of(normative.decision)
    return _term(normative, made, reviews(normative), day or today()) if made is not None else None


def _term(normative: Normative, made: Publication, given: Sequence[ExpiryReview], day: date) -> Term | None:
    if made.valid_until is None:
        return None
    kept = [one.until for one in given if one.stage == ReviewStage.AGREED and one.until is not None]
    return term_between(normative, made.effective_on, max([made.valid_until, *kept]), day)


def term_between(document: Any, since: date, until: date, day: date) -> Term:
    """The term of any document that holds between two days, unless it was ended before."""
    notice = document.rules.number("normative.expiry_notice_months")
    return Term(since, until, _before(until, notice.value), _force(document, since, until, day))


def _force(normative: Any, since: date, until: date, day: date) -> Force:
    if normative.ended_on is not None and normative.ended_on <= day:
        return Force.REPEALED if normative.ended_as == Ended.REPEALED else Force.LAPSED
    if day > until:
        return Force.LAPSED
    if day < since:
        return Force.COMING
    notice = normative.rules.number("normative.expiry_notice_months")
    return Force.EXPIRING if day >= _before(until, notice.value) else Force.IN_FORCE


def _before(day: date, months: int) -> date:
    """The same day some months earlier, or that month's last."""
    years, month = divmod(day.month - 1 - months, 12)
    last = (date(day.year + years + month // 11, (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(day.year + years, month + 1, min(day.day, last))


def proposed() -> Sequence[ExpiryReview]:
    """Evaluations that wait for somebody to agree."""
    query = select(ExpiryReview).where(ExpiryReview.stage == ReviewStage.PROPOSED)
    return db.session.scalars(query.order_by(ExpiryReview.id)).all()


def documents(cases: Collection[int] | None = None) -> list[tuple[Normative, Publication, Term]]:
    """Every published document, or those of these cases, with its term; the one that ends first on top."""
    query = select(Normative, Publication).join(Publication, Publication.decision_id == Normative.decision_id)
    reviewed = select(ExpiryReview).order_by(ExpiryReview.id)
    if cases is not None:
        query = query.where(Normative.decision_id.in_(cases))
        reviewed = reviewed.join(Normative).where(Normative.decision_id.in_(cases))
    rows = db.session.execute(query).unique()
    given: dict[int, list[ExpiryReview]] = {}
    for review in db.session.scalars(reviewed):
        given.setdefault(review.normative_id, []).append(review)
    found: list[tuple[Normative, Publication, Term]] = []
    for normative, made in rows:
        term = _term(normative, made, given.get(normative.id, ()), today())
        if term is not None:
            found.append((normative, made, term))
    return sorted(found, key=lambda one: (not one[2].force.holds, one[2].until, one[0].id))


@predicate
def agreer_is_not_proposer(subject: ExpiryReview, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.proposer_id else None
