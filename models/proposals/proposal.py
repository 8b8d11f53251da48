"""A proposal asks the street to decide something; it is kept as it came, studied by one, approved by another, and answered with a reason."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.catalogue import CatalogueItem, matter_of
from models.decisions.consultation import Channel
from models.decisions.decision import Decision, Idea
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.installation import Installation
from models.kernel.lifecycle import birth, office_rules, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import Missing, NotAllowed, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.texts.received import as_received

LONGEST = 2000
TITLE = 60
LONGEST_ANSWER = 2000


class Proposer(enum.StrEnum):
    """Who may propose a decision (条例第十条)."""

    CITIZEN = "citizen"
    ORGANISATION = "organisation"
    DEPUTY = "deputy"
    MEMBER = "member"
    UNIT = "unit"
    LEADER = "leader"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "citizen": "公民",
            "organisation": "法人或者其他组织",
            "deputy": "人大代表",
            "member": "政协委员",
            "unit": "科室、站所或者村（社区）",
            "leader": "本机关领导人员",
        }[self.value]

    @property
    def idea(self) -> Idea:
        """Whose idea a case is that comes of it."""
        return {
            "citizen": Idea.PUBLIC,
            "organisation": Idea.PUBLIC,
            "deputy": Idea.DEPUTIES,
            "member": Idea.DEPUTIES,
            "unit": Idea.UNIT,
            "leader": Idea.LEADERSHIP,
        }[self.value]


PUBLIC = (Proposer.CITIZEN, Proposer.ORGANISATION, Proposer.DEPUTY, Proposer.MEMBER)
"""Who proposes from outside; the others are written down by staff."""


class ProposalStage(enum.StrEnum):
    """How far the answer has come."""

    RECEIVED = "received"
    STUDIED = "studied"
    ANSWERED = "answered"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"received": "正在研究", "studied": "待审核", "answered": "已答复"}[self.value]


class ProposalOutcome(enum.StrEnum):
    """What became of it."""

    TAKEN_UP = "taken_up"
    CASE = "case"
    DECLINED = "declined"
    PASSED_ON = "passed_on"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "taken_up": "列入决策目录",
            "case": "立案办理",
            "declined": "未采纳",
            "passed_on": "转有关单位",
        }[self.value]

    @property
    def short(self) -> str:
        """At most five characters, for a message's shortest field."""
        return {"taken_up": "列入目录", "case": "立案办理", "declined": "未采纳", "passed_on": "已转办"}[self.value]


def _somebody(subject: Any, actor: Any) -> Refusal | None:
    """Guard: a resident, or an officer whom the rule set lets write for one."""
    kind = getattr(actor, "actor_kind", "")
    if kind == "resident":
        return None
    if kind == "officer":
        refusal: Refusal | None = actor.lacks(office_rules().post_for("proposal.intake"))
        return refusal
    return NotAllowed("请先登录，或者凭编号办理。")


class Proposal(PublicId, Base):
    """One proposal and its answer, both sealed under the proposer's key."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_mine", "resident_id", "id"),
        Index("ix_proposal_stage", "stage", "due_on"),
        CheckConstraint(
            "stage = 'received' OR (outcome IS NOT NULL AND sealed_answer IS NOT NULL AND author_id IS NOT NULL)",
            name="studied_with_outcome_reason_and_author",
        ),
        CheckConstraint(
            "stage <> 'answered' OR (approver_id IS NOT NULL AND approver_id <> author_id AND answered_at IS NOT NULL)",
            name="answered_by_two_persons",
        ),
        CheckConstraint(
            "stage = 'received' OR ((outcome <> 'taken_up' OR item_origin <> '') "
            "AND (outcome <> 'case' OR decision_id IS NOT NULL) AND (outcome <> 'passed_on' OR passed_to <> ''))",
            name="outcome_says_where",
        ),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    proposer: Mapped[Proposer] = mapped_column(choice(Proposer))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    """青街建〔2026〕3号, for speaking about it in the office."""
    reference: Mapped[str] = mapped_column(String(60), default="")
    """The number that a deputies' suggestion has of its own."""
    stage: Mapped[ProposalStage] = mapped_column(choice(ProposalStage), default=ProposalStage.RECEIVED)
    sealed_title: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_organisation: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[ProposalOutcome | None] = mapped_column(choice(ProposalOutcome))
    item_origin: Mapped[str] = mapped_column(String(12), default="")
    """The matter of the catalogue that it became, through all versions."""
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    passed_to: Mapped[str] = mapped_column(String(60), default="")
    sealed_answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    received_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(Date)
    answered_at: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    version: Mapped[int] = mapped_column(Integer)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship()
    decision: Mapped[Decision | None] = relationship()
    author: Mapped[Officer | None] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
    entered_by: Mapped[Officer | None] = relationship(foreign_keys=[entered_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @classmethod
    @birth(by=_somebody, say="收到决策建议{number}，{channel_words}，{proposer_words}")
    def take(
        cls,
        actor: Resident | Officer,
        resident: Resident,
        title: str,
        text: str,
        *,
        channel: Channel,
        proposer: Proposer,
        organisation: str = "",
        reference: str = "",
        place: Place | None = None,
        key: str | None = None,
        key_hash: bytes | None = None,
    ) -> Self:
        """Written down as it came; propose() looks first whether it is whole, and whether it came before."""
        who, day = resident.current, today()
        short = Installation.here().office_short
        made = cls(
            public_id=new_public_id(),
            resident=who,
            place=place or who.place,
            channel=channel,
            proposer=proposer,
            number=document_number(short, "建", day.year, Numbering.next("建", day.year)),
            reference=reference,
            received_at=now(),
            due_on=add_workdays(day, office_rules().number("proposal.answer_workdays").value),
            entered_by=actor if isinstance(actor, Officer) else None,
            key=key,
            key_hash=key_hash,
        )
        secret = who.key.secret
        made.sealed_title = sealed.seal(secret, title, made._row("title"))
        made.sealed_text = sealed.seal(secret, text, made._row("text"))
        if organisation:
            made.sealed_organisation = sealed.seal(secret, organisation, made._row("organisation"))
        db.session.add(made)
        db.session.flush()
        Consent.give(who, door=channel.value, officer=made.entered_by)
        note(
            number=made.number,
            channel=channel.value,
            channel_words=channel.label,
            proposer_words=proposer.label,
            title=sealed.commitment(secret, made._row("title"), title),
            text=sealed.commitment(secret, made._row("text"), text),
        )
        return made

    # what was said, as far as it may still be read

    def _row(self, column: str) -> str:
        return f"proposal.{column}:{self.public_id}"

    def _open(self, blob: bytes | None, column: str) -> str:
        if blob is None:
            return ""
        try:
            return sealed.unseal(self.resident.key.secret, blob, self._row(column))
        except Missing:
            return sealed.GONE

    @property
    def title(self) -> str:
        """What is to be decided, in a line."""
        return self._open(self.sealed_title, "title")

    @property
    def text(self) -> str:
        """Why, and how."""
        return self._open(self.sealed_text, "text")

    @property
    def organisation(self) -> str:
        """The organisation's name; empty for a person."""
        return self._open(self.sealed_organisation, "organisation")

    @property
    def answer(self) -> str:
        """The reason of the outcome, as far as it is written."""
        return self._open(self.sealed_answer, "answer")

    @property
    def answered(self) -> bool:
        """Whether the proposer may see what became of it."""
        return self.stage == ProposalStage.ANSWERED

    @property
    def item(self) -> CatalogueItem | None:
        """The matter of the catalogue that it became, as it reads now."""
        return matter_of(self.item_origin) if self.item_origin else None

    @property
    def late(self) -> bool:
        """Past the promised day without an answer."""
        return not self.answered and today() > self.due_on

    @property
    def words(self) -> str:
        """Where it stands, for its proposer."""
        if self.answered:
            assert self.outcome is not None
            return self.outcome.label
        return {"received": "正在研究", "studied": "研究好了，正在审核"}[self.stage.value]

    # the answer

    @step(
        ProposalStage.RECEIVED,
        to=ProposalStage.STUDIED,
        by=ruled("proposal.study"),
        label="写结果，送审核",
        say="研究决策建议{number}：{outcome_words}{where}，送审核",
    )
    def study(
        self,
        officer: Officer,
        outcome: ProposalOutcome | None,
        reason: str,
        *,
        item: CatalogueItem | None = None,
        case: Decision | None = None,
        passed_to: str = "",
    ) -> None:
        """What should become of it, and why; somebody else looks before the proposer hears."""
        wrong: dict[str, str] = {}
        reason = as_received(reason or "", field="reason", most=LONGEST_ANSWER, least=0, label="理由").strip()
        passed_to = as_received(passed_to or "", field="passed_to", most=60, least=0, label="转给哪个单位").strip()
        if outcome is None:
            wrong["outcome"] = "请选结果。"
        if not reason:
            wrong["reason"] = "请写明理由，提建议的人会看到。"
        if outcome == ProposalOutcome.TAKEN_UP and item is None:
            wrong["item"] = "请选列入了目录的哪一项；还没有这一项的，先到决策目录里添上。"
        if outcome == ProposalOutcome.CASE and case is None:
            wrong["case"] = "请选立了哪个案卷。"
        if outcome == ProposalOutcome.PASSED_ON and not passed_to:
            wrong["passed_to"] = "请写转给了哪个单位。"
        if wrong or outcome is None:
            raise RuleUnmet("还不能送审核。", wrong)
        blob = sealed.seal(self.resident.key.secret, reason, self._row("answer"))
        commitment = sealed.commitment(self.resident.key.secret, self._row("answer"), reason)
        self.outcome, self.sealed_answer, self.author = outcome, blob, officer
        self.item_origin = item.origin if item is not None and outcome == ProposalOutcome.TAKEN_UP else ""
        self.decision = case if outcome == ProposalOutcome.CASE else None
        self.passed_to = passed_to if outcome == ProposalOutcome.PASSED_ON else ""
        self.returned_reason = ""
        note(
            number=self.number,
            outcome=outcome.value,
            outcome_words=outcome.label,
            where=f"（{self.passed_to}）" if self.passed_to else "",
            item=self.item_origin,
            answer=commitment,
        )

    @step(
        ProposalStage.STUDIED,
        to=ProposalStage.RECEIVED,
        by=ruled("proposal.send_back"),
        label="退回",
        say="退回决策建议{number}的答复：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to whoever studied it, who sees why."""
        words = as_received(reason or "", field="reason", most=300, least=0, label="原因").strip()
        if not words:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        self.returned_reason = words
        note(number=self.number, reason=words)

    @step(
        ProposalStage.STUDIED,
        to=ProposalStage.ANSWERED,
        by=ruled("proposal.approve"),
        needs="proposal.approve",
        label="同意，答复本人",
        say="同意决策建议{number}的答复：{outcome_words}",
        tells=True,
    )
    def approve(self, officer: Officer) -> None:
        """The second person agrees, and the proposer is told."""
        assert self.outcome is not None
        self.approver, self.answered_at = officer, now()
        note(number=self.number, outcome_words=self.outcome.label)

    @classmethod
    def of(cls, resident: Resident, public_id: str) -> Self:
        """A resident's own proposal; Missing for anybody else's."""
        found = by_public_id(public_id)
        if found is None or found.resident.current.id != resident.current.id:
            raise Missing("没有找到这条建议。")
        return found  # type: ignore[return-value]


def by_public_id(public_id: str) -> Proposal | None:
    """One proposal by its address; the door checks who may see it."""
    return db.session.scalar(select(Proposal).where(Proposal.public_id == public_id))


def mine(resident: Resident, *, after: int | None = None, limit: int = 20) -> Sequence[Proposal]:
    """A resident's proposals, newest first."""
    query = select(Proposal).where(Proposal.resident_id.in_(resident.all_ids)).order_by(Proposal.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Proposal.id < after)
    return db.session.scalars(query).unique().all()


def waiting(*stages: ProposalStage, limit: int = 100) -> Sequence[Proposal]:
    """Proposals without an answer, the most urgent first; who asked to be forgotten waits for nothing."""
    return (
        db.session.scalars(
            select(Proposal)
            .join(Resident, Resident.id == Proposal.resident_id)
            .where(
                Proposal.stage.in_(stages or (ProposalStage.RECEIVED, ProposalStage.STUDIED)),
                Resident.erased_at.is_(None),
            )
            .order_by(Proposal.due_on, Proposal.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


def answered(limit: int = 100) -> Sequence[Proposal]:
    """Answered ones, newest first."""
    return (
        db.session.scalars(
            select(Proposal)
            .where(Proposal.stage == ProposalStage.ANSWERED)
            .order_by(Proposal.answered_at.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )


def under(key: str) -> Proposal | None:
    """The proposal that came in under an idempotency key."""
    return db.session.scalar(select(Proposal).where(Proposal.key == key))


def sent_lately(prefix: str, within: timedelta) -> int:
    """How many proposals came in under keys that begin like this: those of one browser that has not signed in."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Proposal)
            .where(Proposal.key >= prefix, Proposal.key < prefix + "~", Proposal.received_at >= now() - within)
        )
        or 0
    )
