"""The case: one matter that the office is about to decide, from the first idea to the sealed file, under rules that never change under it."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.matter import Category, Livelihood
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, office_rules, post, predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet, rule_set
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.unit import Unit
from models.texts.received import as_received


class CaseStage(enum.StrEnum):
    """How far the decision itself has come; what lies between is told by its small records (see road.py)."""

    OPENED = "opened"
    STARTED = "started"
    DECIDED = "decided"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "opened": "酝酿",
            "started": "办理中",
            "decided": "已决定，待公布",
            "published": "已公布",
            "archived": "已归档",
            "ended": "不再办理",
        }[self.value]


class Kind(enum.StrEnum):
    """What kind of case it is: which rules apply."""

    MAJOR = "major"
    ORDINARY = "ordinary"
    NORMATIVE = "normative"
    NONE = "none"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "major": "重大行政决策",
            "ordinary": "一般决策",
            "normative": "行政规范性文件",
            "none": "不适用决策程序",
        }[self.value]


class LegalBasis(enum.StrEnum):
    """Why the procedure is followed: a street office is not named in the regulation's article 2 (条例第二条、第四十二条)."""

    BINDING = "binding"
    BY_REFERENCE = "by_reference"
    VOLUNTARY = "voluntary"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"binding": "依法适用", "by_reference": "参照适用", "voluntary": "自愿适用"}[self.value]


class Idea(enum.StrEnum):
    """Whose idea it was (条例第十条)."""

    LEADERSHIP = "leadership"
    UNIT = "unit"
    DEPUTIES = "deputies"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "leadership": "本机关领导人员提出",
            "unit": "科室、站所或者村（社区）提出",
            "deputies": "人大代表、政协委员建议提案",
            "public": "公民、法人或者其他组织书面建议",
        }[self.value]


class Decision(PublicId, Base):
    """One case. It pins the rule set that it started under."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_stage", "stage", "id"),
        CheckConstraint(
            "stage IN ('opened', 'ended') OR (number <> '' AND kind IS NOT NULL)", name="started_with_number_and_kind"
        ),
        CheckConstraint(
            "stage NOT IN ('decided', 'published', 'archived') OR decided_on IS NOT NULL", name="decided_with_date"
        ),
    )

    title: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40), default="")
    stage: Mapped[CaseStage] = mapped_column(choice(CaseStage), default=CaseStage.OPENED)
    kind: Mapped[Kind | None] = mapped_column(choice(Kind))
    """None until somebody classified it."""
    basis: Mapped[LegalBasis] = mapped_column(choice(LegalBasis), default=LegalBasis.BY_REFERENCE)
    basis_words: Mapped[str] = mapped_column(String(300), default="")
    """The documents that the procedure rests on, as the case file prints them."""
    category: Mapped[Category | None] = mapped_column(choice(Category))
    livelihood: Mapped[Livelihood | None] = mapped_column(choice(Livelihood))
    idea: Mapped[Idea] = mapped_column(choice(Idea), default=Idea.UNIT)
    market: Mapped[bool] = mapped_column(default=False)
    """Whether it concerns businesses closely: a fair-competition review belongs to the pack (条例第二十九条)."""
    secret: Mapped[bool] = mapped_column(default=False)
    """A secret normative document is not published (源报告：非涉密性规范性文件发布后必须予以公布)."""
    classified_words: Mapped[str] = mapped_column(String(300), default="")
    """Why it was classified so, in the officer's words."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """The unit that handles it, or leads where several do (条例第十一条)."""
    partners: Mapped[str] = mapped_column(String(200), default="")
    """Other units that take part."""
    handler_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    """The earlier case that this one adjusts (条例第三十七条)."""
    planned_on: Mapped[date | None] = mapped_column(Date)
    decided_on: Mapped[date | None] = mapped_column(Date)
    published_on: Mapped[date | None] = mapped_column(Date)
    archived_on: Mapped[date | None] = mapped_column(Date)
    evaluate_on: Mapped[date | None] = mapped_column(Date)
    """The day on which the decision has to be evaluated at the latest."""
    ended_reason: Mapped[str] = mapped_column(String(300), default="")
    rules_name: Mapped[str] = mapped_column(String(32))
    rules_version: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit | None] = relationship(lazy="joined")
    handler: Mapped[Officer] = relationship()
    follows: Mapped["Decision | None"] = relationship(remote_side="Decision.id")

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    @birth(by=post("handler", "unit_head"), say="立卷：{title}", keeps=("title",))
    def open(cls, officer: Officer, title: str, follows: Self | None = None) -> Self:
        """A new case of the officer's own unit, under the rules in force today."""
        rules = office_rules()
        case = cls(
            title=title,
            unit=officer.unit,
            handler=officer,
            follows=follows,
            rules_name=rules.name,
            rules_version=rules.version,
            opened_at=now(),
        )
        db.session.add(case)
        db.session.flush()
        return case

    @property
    def chain(self) -> str:
        """The chain of the trail that this case has for itself."""
        return self.public_id

    @cached_property
    def rules(self) -> RuleSet:
        """The rule set as it was when the case was opened."""
        return rule_set(self.rules_name, self.rules_version)

    @property
    def decision(self) -> Self:
        """The case itself, as its small records say `decision`."""
        return self

    @property
    def case_kind(self) -> str | None:
        """Which of a gate's requirements concern this case; None while it is not classified: all of them."""
        return self.kind.value if self.kind else None

    @property
    def before_words(self) -> str:
        """What stands before 采纳 while the procedure runs and nothing is decided (条例第三十二条; a switch of the rule set)."""
        return str(self.rules.switch("before_deliberation_prefix")) if self.stage == CaseStage.STARTED else ""

    @property
    def going_on(self) -> bool:
        """Whether the procedure is still on its way to a decision."""
        return self.stage in (CaseStage.OPENED, CaseStage.STARTED)

    @property
    def filed(self) -> bool:
        """Whether the file is closed: what comes later is a supplement."""
        return self.archived_on is not None

    def refuse_when_filed(self, instead: str) -> None:
        """Refuse what would change a closed file, and say what to do instead."""
        if self.filed:
            raise OutOfTurn(f"案卷已经归档封存，不能再改。{instead}")

    @act(
        CaseStage.OPENED,
        by=ruled("decision.classify"),
        label="定事项种类",
        say="定为{kind}，{basis}：{reason}",
    )
    def classify(
        self,
        officer: Officer,
        kind: Kind,
        reason: str,
        *,
        basis: LegalBasis = LegalBasis.BY_REFERENCE,
        basis_words: str = "",
        category: Category | None = None,
        livelihood: Livelihood | None = None,
        idea: Idea = Idea.UNIT,
        market: bool = False,
        secret: bool = False,
    ) -> None:
        """Major, ordinary, a normative document, or none of these; with the reason (条例第三条)."""
        wrong: dict[str, str] = {}
        reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not reason:
            wrong["reason"] = "请写明为什么这样定，例如：影响面、金额、列入了目录第几项。"
        if kind == Kind.MAJOR and category is None:
            wrong["category"] = "重大行政决策要写明是条例第三条的哪一类。"
        if wrong:
            raise RuleUnmet("还不能定事项种类。", wrong)
        self.kind, self.classified_words, self.basis, self.idea = kind, reason, basis, idea
        self.basis_words = as_received(basis_words, field="basis_words", most=300, least=0).strip()
        self.category = category if kind == Kind.MAJOR else None
        self.livelihood, self.market, self.secret = livelihood, market, secret and kind == Kind.NORMATIVE
        note(kind=kind.label, basis=basis.label, reason=reason)

    @act(
        CaseStage.OPENED,
        CaseStage.STARTED,
        by=ruled("decision.assign"),
        label="定承办单位",
        say="由{unit}承办，{handler}经办",
    )
    def assign(
        self, officer: Officer, unit: Unit | None, handler: Officer, partners: str = "", planned_on: date | None = None
    ) -> None:
        """The unit that leads, the person, the others, and when the office means to decide (条例第十一条)."""
        if unit is None:
            raise RuleUnmet("请选承办单位；有几个单位的，选牵头的那个。", {"unit": "请选承办单位。"})
        if not handler.has("handler"):
            raise RuleUnmet("请选一位承办人。", {"handler": "请选一位承办人。"})
        self.unit, self.handler, self.planned_on = unit, handler, planned_on
        self.partners = as_received(partners, field="partners", most=200, least=0).strip()
        note(unit=unit.name, handler=handler.name)

    @step(
        CaseStage.OPENED,
        to=CaseStage.STARTED,
        by=ruled("decision.start"),
        needs="decision.start",
        label="立案",
        say="立案，编号{number}",
    )
    def start(self, officer: Officer) -> None:
        """Numbered: from here on the procedure runs by the rules of its kind."""
        year = today().year
        self.number = document_number(Installation.here().office_short, "决", year, Numbering.next("决", year))
        self.started_at = now()
        note(number=self.number)

    @step(
        CaseStage.OPENED,
        CaseStage.STARTED,
        to=CaseStage.ENDED,
        by=ruled("decision.end"),
        label="不再办理",
        say="不再办理：{reason}",
        primary=False,
    )
    def end(self, officer: Officer, reason: str) -> None:
        """It goes no further, and why; what was gathered stays."""
        self.ended_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.ended_reason:
            raise RuleUnmet("请写明不再办理的原因。", {"reason": "请写明不再办理的原因。"})
        note(reason=self.ended_reason)


class OfCase:
    """A record of a case: its deeds stand in the case's chain, and the case's rules hold for it."""

    if TYPE_CHECKING:
        decision: Mapped[Decision]

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.decision.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.decision.rules


class OfCaseKind(OfCase):
    """A record whose requirements depend on the kind of its case."""

    @property
    def case_kind(self) -> str | None:
        """Which requirements concern it."""
        return self.decision.case_kind


@predicate
def still_undecided(subject: Any, actor: object) -> str | None:
    """What a decision rests on is written before it is taken, never afterwards."""
    return None if subject.decision.going_on else ""


@predicate
def case_is_classified(subject: Decision, actor: object) -> str | None:
    """Somebody said what kind of case it is."""
    return None if subject.kind is not None else ""


@predicate
def procedure_applies(subject: Decision, actor: object) -> str | None:
    """It is no matter that the procedure leaves out (条例第三条)."""
    return "" if subject.kind == Kind.NONE else None


@predicate
def lead_unit_named(subject: Decision, actor: object) -> str | None:
    """A unit answers for it."""
    return None if subject.unit is not None else ""


def by_public_id(public_id: str) -> Decision | None:
    """One case by its address."""
    return db.session.scalar(select(Decision).where(Decision.public_id == public_id))


def by_number(number: str) -> Decision | None:
    """One case by its document number."""
    return db.session.scalar(select(Decision).where(Decision.number == number)) if number else None


def cases(
    *stages: CaseStage, kind: Kind | None = None, before: int | None = None, limit: int = 50
) -> Sequence[Decision]:
    """Cases for the desks, newest first, keyset by id (`before` = the last id seen)."""
    query: Any = select(Decision).order_by(Decision.id.desc()).limit(limit)
    if stages:
        query = query.where(Decision.stage.in_(stages))
    if kind is not None:
        query = query.where(Decision.kind == kind)
    if before is not None:
        query = query.where(Decision.id < before)
    found: Sequence[Decision] = db.session.scalars(query).all()
    return found
