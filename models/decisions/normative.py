"""A normative document's own road: three hands before it is signed, one register, one filing, and an end that comes by itself."""

import enum
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision, Kind, OfCase
from models.decisions.draft import Draft, drafts_of
from models.decisions.resolution import Resolution
from models.decisions.road import Going, Standing, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import today
from models.kernel.installation import Installation
from models.kernel.lifecycle import birth, predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class NormativeStage(enum.StrEnum):
    """How far it has come through the three hands and the register."""

    SUBMITTED = "submitted"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    REGISTERED = "registered"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "submitted": "待初审",
            "checked": "待复审",
            "reviewed": "待签发",
            "signed": "待编号",
            "registered": "已编号",
            "returned": "退回修改",
        }[self.value]


class Ended(enum.StrEnum):
    """How a document ended before its time."""

    REPEALED = "repealed"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"repealed": "废止", "lapsed": "失效"}[self.value]


class Normative(OfCase, PublicId, Base):
    """The document of a case of that kind."""

    __tablename__ = "normative"
    __table_args__ = (
        CheckConstraint(
            "stage <> 'registered' OR (number <> '' AND signer_id IS NOT NULL)", name="signed_and_numbered"
        ),
        CheckConstraint("signer_id IS NULL OR signer_id <> submitter_id", name="two_persons"),
        CheckConstraint("receipt_on IS NULL OR (filed_on IS NOT NULL AND receipt_number <> '')", name="filed_first"),
        CheckConstraint(
            "ended_as IS NULL OR (ended_on IS NOT NULL AND ended_reason <> '')", name="ended_with_a_reason"
        ),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    stage: Mapped[NormativeStage] = mapped_column(choice(NormativeStage), default=NormativeStage.SUBMITTED)
    number: Mapped[str] = mapped_column(String(40), default="")
    submitter_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    signer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    submitted_on: Mapped[date] = mapped_column(Date)
    signed_on: Mapped[date | None] = mapped_column(Date)
    registered_on: Mapped[date | None] = mapped_column(Date)
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    filed_on: Mapped[date | None] = mapped_column(Date)
    filed_to: Mapped[str] = mapped_column(String(60), default="")
    filed_pack: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """What was sent, item by item, with the papers' hashes."""
    receipt_number: Mapped[str] = mapped_column(String(60), default="")
    receipt_on: Mapped[date | None] = mapped_column(Date)
    ended_as: Mapped[Ended | None] = mapped_column(choice(Ended))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship(lazy="joined")
    draft: Mapped[Draft] = relationship()
    submitter: Mapped[Officer] = relationship(foreign_keys=[submitter_id])
    checker: Mapped[Officer | None] = relationship(foreign_keys=[checker_id])
    reviewer: Mapped[Officer | None] = relationship(foreign_keys=[reviewer_id])
    signer: Mapped[Officer | None] = relationship(foreign_keys=[signer_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def title(self) -> str:
        """As it is called."""
        return self.decision.title

    @classmethod
    def of(cls, decision: Decision) -> Self | None:
        """The document of a case."""
        return db.session.scalar(select(cls).where(cls.decision_id == decision.id))

    @classmethod
    @birth(by=ruled("normative.submit"), say="第{draft}稿送初审")
    def submit(cls, officer: Officer, decision: Decision) -> Self:
        """The handler is done: the decided words, or the newest draft while the meeting is still to come."""
        if decision.kind != Kind.NORMATIVE or decision.stage not in (CaseStage.STARTED, CaseStage.DECIDED):
            raise OutOfTurn("立案以后、公布以前的行政规范性文件才走三级签批。")
        if cls.of(decision) is not None:
            raise OutOfTurn("这份文件已经送过初审，请看它走到哪里。")
        words = _words(decision)
        made = cls(decision=decision, draft=words, submitter=officer, submitted_on=today())
        db.session.add(made)
        note(draft=words.number)
        return made

    @step(
        NormativeStage.RETURNED,
        to=NormativeStage.SUBMITTED,
        by=ruled("normative.submit"),
        label="重新送初审",
        say="第{draft}稿重新送初审",
    )
    def submit_again(self, officer: Officer) -> None:
        """Changed, and once more from the beginning."""
        self.draft = _words(self.decision)
        self.submitter, self.submitted_on = officer, today()
        self.checker = self.reviewer = None
        note(draft=self.draft.number)

    @step(
        NormativeStage.SUBMITTED,
        to=NormativeStage.CHECKED,
        by=ruled("normative.check"),
        needs="normative.check",
        label="初审通过",
        say="初审通过{remark}",
    )
    def check(self, officer: Officer, remark: str = "") -> None:
        """Initial review by the unit's head."""
        self.checker, self.returned_reason = officer, ""
        note(remark=_remark(remark))

    @step(
        NormativeStage.CHECKED,
        to=NormativeStage.REVIEWED,
        by=ruled("normative.review"),
        needs="normative.review",
        label="复审通过",
        say="复审通过{remark}",
    )
    def review(self, officer: Officer, remark: str = "") -> None:
        """Second review by the leader in charge; never before the legal review."""
        self.reviewer = officer
        note(remark=_remark(remark))

    @step(
        NormativeStage.REVIEWED,
        to=NormativeStage.SIGNED,
        by=ruled("normative.sign"),
        needs="normative.sign",
        label="签发",
        say="签发{remark}",
    )
    def sign(self, officer: Officer, remark: str = "") -> None:
        """Signed by the chief: exactly the words that were decided."""
        self.signer, self.signed_on = officer, today()
        note(remark=_remark(remark))

    @step(
        NormativeStage.SIGNED,
        to=NormativeStage.REGISTERED,
        by=ruled("normative.register"),
        label="登记编号",
        say="登记，编号{number}",
    )
    def register(self, officer: Officer) -> None:
        """One register, one series of numbers, kept by the office."""
        day = today()
        self.number = document_number(Installation.here().office_short, "规", day.year, Numbering.next("规", day.year))
        self.registered_on = day
        note(number=self.number)

    @step(
        NormativeStage.SUBMITTED,
        NormativeStage.CHECKED,
        NormativeStage.REVIEWED,
        NormativeStage.SIGNED,
        to=NormativeStage.RETURNED,
        by=ruled("normative.send_back"),
        label="退回修改",
        say="退回修改：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the handler, who sees why; whatever was signed is signed no longer."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        self.signer = self.signed_on = None
        note(reason=self.returned_reason)


def _words(decision: Decision) -> Draft:
    decided = Resolution.of(decision)
    drafts = drafts_of(decision)
    if decided is None and not drafts:
        raise RuleUnmet("还没有草案，不能送初审。", {"draft": "还没有草案。"})
    return decided.draft if decided is not None else drafts[-1]


def _remark(remark: str) -> str:
    words = as_received(remark or "", field="remark", most=300, least=0).strip()
    return f"：{words}" if words else ""


def trial(title: str) -> bool:
    """Whether its own name calls it provisional or on trial."""
    return "暂行" in title or "试行" in title


def by_public_id(public_id: str) -> Normative | None:
    """One document by its address."""
    return db.session.scalar(select(Normative).where(Normative.public_id == public_id))


def normatives(*stages: NormativeStage, limit: int = 500) -> Sequence[Normative]:
    """Documents on their road, newest first."""
    query = select(Normative).order_by(Normative.id.desc()).limit(limit)
    if stages:
        query = query.where(Normative.stage.in_(stages))
    return db.session.scalars(query).unique().all()


@station("sign_off")
def _signed(decision: Decision) -> Standing | None:
    """Whose hand it is in."""
    if decision.kind not in (None, Kind.NORMATIVE):
        return None
    made = Normative.of(decision)
    if made is None:
        return Standing(Going.WAIT, decision.handler.name, says="还没有送初审。")
    if made.stage == NormativeStage.REGISTERED:
        who = "、".join(one.name for one in _hands(made))
        return Standing(Going.DONE, who, made.registered_on, says=f"初审、复审、签发，编号 {made.number}")
    if made.stage == NormativeStage.RETURNED:
        return Standing(Going.NOW, decision.handler.name, made.submitted_on, says=f"退回修改：{made.returned_reason}")
    whose = {"submitted": "单位负责人", "checked": "分管领导", "reviewed": "主要领导", "signed": "党政办"}
    return Standing(Going.NOW, whose[made.stage.value], made.submitted_on, says=f"{made.stage.label}。")


def _hands(made: Normative) -> Iterator[Officer]:
    yield from (one for one in (made.checker, made.reviewer, made.signer) if one is not None)


@predicate
def not_the_submitter(subject: Normative, actor: Any) -> str | None:
    """Whoever sent it does not review it."""
    return "" if getattr(actor, "id", None) == subject.submitter_id else None


@predicate
def signs_the_decided_text(subject: Normative, actor: object) -> str | None:
    """The words before the chief are those of the meeting."""
    decided = Resolution.of(subject.decision)
    return None if decided is not None and decided.draft_id == subject.draft_id else ""
