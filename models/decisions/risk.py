"""Before a decision its risks are named, each with measures and a plan; what cannot be controlled is adjusted first."""

import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision, OfCaseKind
from models.decisions.material import Material, Publicity, about, materials
from models.decisions.matter import Procedure
from models.decisions.road import Going, Standing, by_need, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

MOST = 40
"""Points of one assessment."""


class RiskStage(enum.StrEnum):
    """How far one round of assessing has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"drafted": "在写", "submitted": "等审核", "approved": "已审定"}[self.value]


class Level(enum.StrEnum):
    """How likely, how grave, how risky."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"high": "高", "medium": "中", "low": "低"}[self.value]

    @property
    def weight(self) -> int:
        """For comparing."""
        return {"high": 3, "medium": 2, "low": 1}[self.value]


def level_of(probability: Level, consequence: Level) -> Level:
    """The usual matrix of three by three: the product of how likely and how grave."""
    product = probability.weight * consequence.weight
    return Level.HIGH if product >= 6 else Level.MEDIUM if product >= 3 else Level.LOW


TEXTS: dict[str, tuple[str, int]] = {
    "scope": ("评估了什么、用了什么办法", 2000),
    "asked": ("听取了谁的意见", 1000),
    "conclusion": ("结论", 2000),
    "adjusted": ("这一轮作了什么调整", 1000),
    "elsewhere": ("引用哪一份评估", 200),
}
"""The texts of an assessment: what they are called and how long they may be."""
POINT: dict[str, tuple[str, int]] = {
    "what": ("风险点", 300),
    "measures": ("防范措施", 1000),
    "plan": ("处置预案", 1000),
}
"""The texts of one point."""


class Risk(OfCaseKind, PublicId, Base):
    """One round of assessing a case's risks (条例第二十二条至第二十四条)."""

    __tablename__ = "risk"
    __table_args__ = (
        UniqueConstraint("decision_id", "round"),
        CheckConstraint(
            "stage <> 'approved' OR (approver_id IS NOT NULL AND approver_id <> author_id "
            "AND level IS NOT NULL AND controllable IS NOT NULL AND approved_on IS NOT NULL)",
            name="approved_by_another",
        ),
        CheckConstraint("round = 1 OR adjusted <> '' OR stage = 'drafted'", name="a_new_round_says_what_changed"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    round: Mapped[int] = mapped_column(Integer)
    stage: Mapped[RiskStage] = mapped_column(choice(RiskStage), default=RiskStage.DRAFTED)
    scope: Mapped[str] = mapped_column(Text, default="")
    asked: Mapped[str] = mapped_column(Text, default="")
    conclusion: Mapped[str] = mapped_column(Text, default="")
    adjusted: Mapped[str] = mapped_column(Text, default="")
    """What was changed since the round before, so that the risk can be controlled (条例第二十四条)."""
    elsewhere: Mapped[str] = mapped_column(String(200), default="")
    """An assessment made by others that is not made again (条例第二十二条); its report lies with the case."""
    level: Mapped[Level | None] = mapped_column(choice(Level))
    controllable: Mapped[bool | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    approved_on: Mapped[date | None] = mapped_column(Date)
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    begun_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship()
    author: Mapped[Officer] = relationship(foreign_keys=[author_id], lazy="joined")
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id], lazy="joined")
    points: Mapped[list["RiskPoint"]] = relationship(order_by="RiskPoint.position", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}

    @property
    def papers(self) -> Sequence[Material]:
        """The report and what else was handed in with it."""
        return materials(self.decision, "risk", subject=about(self))

    @property
    def verdict(self) -> str:
        """「中风险，可控」."""
        level = f"{self.level.label}风险" if self.level else "还没有定等级"
        return level if self.controllable is None else f"{level}，{'可控' if self.controllable else '不可控'}"

    @classmethod
    @birth(by=ruled("risk.begin"), say="开始第{round}轮风险评估")
    def begin(cls, officer: Officer, decision: Decision) -> Self:
        """The first round, or after an approved one the next, which begins with the same points."""
        if not decision.going_on:
            raise OutOfTurn("这一件已经决定或者不再办理，不能再评估。")
        before = risk_of(decision)
        if before is not None and before.stage != RiskStage.APPROVED:
            raise OutOfTurn(f"第{before.round}轮评估还没有审定，请接着写那一轮。")
        made = cls(decision=decision, round=before.round + 1 if before else 1, author=officer, begun_at=now())
        if before is not None:
            made.scope, made.asked, made.elsewhere = before.scope, before.asked, before.elsewhere
            made.points = [point.copied() for point in before.points]
        db.session.add(made)
        db.session.flush()
        note(round=made.round)
        return made

    @act(
        RiskStage.DRAFTED,
        by=ruled("risk.revise"),
        needs="risk.revise",
        label="修改",
        say="修改风险评估，{points}个风险点",
    )
    def revise(
        self,
        officer: Officer,
        points: Sequence[Mapping[str, Any]] = (),
        *,
        level: Level | None = None,
        controllable: bool | None = None,
        **written: str,
    ) -> None:
        """The whole assessment as it stands on the form; a point without words is left out."""
        wrong: dict[str, str] = {}
        for name, value in written.items():
            label, most = TEXTS[name]
            try:
                setattr(self, name, as_received(value or "", field=name, most=most, least=0, label=label).strip())
            except RuleUnmet as unmet:
                wrong[name] = unmet.message
        kept = [row for row in points if any(str(row.get(name) or "").strip() for name in POINT)]
        if len(kept) > MOST:
            wrong["points"] = f"风险点最多{MOST}个，请合并相近的。"
        made = [self._point(row, n, wrong) for n, row in enumerate(kept, 1)]
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)
        self.points = made
        self.level, self.controllable, self.author = level, controllable, officer
        note(points=len(made))

    def _point(self, row: Mapping[str, Any], position: int, wrong: dict[str, str]) -> "RiskPoint":
        made = RiskPoint(position=position)
        for name, (label, most) in POINT.items():
            words = f"第{position}个{label}"
            try:
                setattr(
                    made,
                    name,
                    as_received(str(row.get(name) or ""), field="points", most=most, least=0, label=words).strip(),
                )
            except RuleUnmet as unmet:
                wrong["points"] = unmet.message
        if not made.what:
            wrong["points"] = f"第{position}个风险点没有写是什么风险。"
        chosen = [row.get(name) for name in ("probability", "consequence")]
        made.probability, made.consequence = (Level(one) if one in set(Level) else None for one in chosen)
        return made

    @act(
        RiskStage.DRAFTED,
        by=ruled("risk.revise"),
        needs="risk.revise",
        label="交评估报告",
        say="交入评估报告《{title}》",
    )
    def attach(self, officer: Officer, title: str, data: bytes) -> Material:
        """The signed report, or the one that was made elsewhere."""
        if not data:
            raise RuleUnmet("请选文件。", {"file": "请选文件：PDF、Word（.docx）或者图片。"})
        kept: Material = Material.add(
            officer,
            self.decision,
            "risk",
            title.strip() or f"风险评估报告（第{self.round}轮）",
            data,
            publicity=Publicity.CLOSED,
            publicity_reason="决策过程性信息（信息公开条例第十六条）",
            subject=about(self),
        )
        note(title=kept.title)
        return kept

    @step(
        RiskStage.DRAFTED,
        to=RiskStage.SUBMITTED,
        by=ruled("risk.submit"),
        needs="risk.submit",
        label="送审核",
        say="风险评估送审核：{verdict}",
    )
    def submit(self, officer: Officer) -> None:
        """Written; a second person looks. Who submits answers for it as its author."""
        self.returned_reason = ""
        self.author = officer
        note(verdict=self.verdict)

    @step(
        RiskStage.SUBMITTED,
        to=RiskStage.APPROVED,
        by=ruled("risk.approve"),
        needs="risk.approve",
        label="审定",
        say="审定风险评估：{verdict}",
    )
    def approve(self, officer: Officer) -> None:
        """A second person answers for it; from here on the database lets nobody change it."""
        self.approver, self.approved_on = officer, today()
        for point in self.points:
            point.settled = True
        note(verdict=self.verdict)

    @step(
        RiskStage.SUBMITTED,
        to=RiskStage.DRAFTED,
        by=ruled("risk.approve"),
        needs="risk.send_back",
        label="退回修改",
        say="退回风险评估：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Not good enough, and why."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        note(reason=self.returned_reason)


class RiskPoint(Base):
    """One thing that may go wrong: how likely, how grave, how it is prevented, and what is done if it happens."""

    __tablename__ = "risk_point"
    __table_args__ = (
        CheckConstraint(
            "NOT settled OR (probability IS NOT NULL AND consequence IS NOT NULL AND measures <> '' AND plan <> '')",
            name="settled_complete",
        ),
    )

    risk_id: Mapped[int] = mapped_column(ForeignKey("risk.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    what: Mapped[str] = mapped_column(String(300), default="")
    probability: Mapped[Level | None] = mapped_column(choice(Level, "probability"))
    consequence: Mapped[Level | None] = mapped_column(choice(Level, "consequence"))
    measures: Mapped[str] = mapped_column(Text, default="")
    plan: Mapped[str] = mapped_column(Text, default="")
    settled: Mapped[bool] = mapped_column(default=False)
    """Approved with its assessment: never changed any more."""

    @property
    def level(self) -> Level | None:
        """From how likely and how grave."""
        return level_of(self.probability, self.consequence) if self.probability and self.consequence else None

    @property
    def lacking(self) -> list[str]:
        """What is not written yet."""
        named = {"可能性": self.probability, "后果": self.consequence, "防范措施": self.measures, "处置预案": self.plan}
        return [name for name, value in named.items() if not value]

    def copied(self) -> "RiskPoint":
        """The same point for the next round."""
        return RiskPoint(
            position=self.position,
            what=self.what,
            probability=self.probability,
            consequence=self.consequence,
            measures=self.measures,
            plan=self.plan,
        )


def by_public_id(public_id: str) -> Risk | None:
    """One round by its address."""
    return db.session.scalar(select(Risk).where(Risk.public_id == public_id))


def risk_of(decision: Decision) -> Risk | None:
    """The last round of a case, whatever its stage."""
    return db.session.scalar(select(Risk).where(Risk.decision_id == decision.id).order_by(Risk.round.desc()).limit(1))


def rounds_of(decision: Decision) -> Sequence[Risk]:
    """Every round, oldest first."""
    return db.session.scalars(select(Risk).where(Risk.decision_id == decision.id).order_by(Risk.round)).all()


def assessed(decision: Decision) -> Risk | None:
    """The last round that a second person approved: the one that counts."""
    return db.session.scalar(
        select(Risk)
        .where(Risk.decision_id == decision.id, Risk.stage == RiskStage.APPROVED)
        .order_by(Risk.round.desc())
        .limit(1)
    )


def controllable(decision: Decision) -> bool:
    """Whether nothing known forbids deciding: no assessment was needed, or the last round says that it is under control."""
    last = risk_of(decision)
    if last is None:
        standing = by_need(decision, Procedure.RISK)
        return standing is not None and standing.going == Going.EXCUSED
    return last.stage == RiskStage.APPROVED and bool(last.controllable)


def waiting_for_approval() -> Sequence[Risk]:
    """Assessments that wait for their second person, oldest first."""
    return db.session.scalars(select(Risk).where(Risk.stage == RiskStage.SUBMITTED).order_by(Risk.id)).all()


@station("risk")
def _assessed(decision: Decision) -> Standing | None:
    """Written, approved by a second person, and under control."""
    standing = by_need(decision, Procedure.RISK)
    last = risk_of(decision)
    if last is None or standing is None:
        return standing
    who = last.approver.name if last.stage == RiskStage.APPROVED and last.approver else last.author.name
    if last.stage == RiskStage.APPROVED and last.controllable:
        return Standing(
            Going.DONE, who, last.approved_on, says=f"{last.verdict}，{len(last.points)}个风险点，第{last.round}轮"
        )
    if last.stage == RiskStage.APPROVED:
        says = "评为不可控，要先调整草案或者采取措施，再评一轮。"
    elif last.stage == RiskStage.SUBMITTED:
        says = "评估写好了，等第二个人审定。"
    else:
        says = f"第{last.round}轮评估在写，{len(last.points)}个风险点。"
    return Standing(Going.NOW, who, due_on=standing.due_on, says=says)


@predicate
def risk_assessed_or_excused(subject: Any, actor: object) -> str | None:
    """An approved assessment of the draft as it is now, or somebody in charge said why none is needed."""
    decision: Decision = subject.decision
    last = risk_of(decision)
    standing = by_need(decision, Procedure.RISK)
    if last is None:
        return None if standing is not None and standing.going == Going.EXCUSED else standing.says if standing else ""
    return None if last.stage == RiskStage.APPROVED else f"第{last.round}轮评估{last.stage.label}。"


@predicate
def risk_others_heard(subject: Risk, actor: object) -> str | None:
    """The departments concerned were asked, and it says whom."""
    return None if subject.asked or subject.elsewhere else ""


@predicate
def risk_points_complete(subject: Risk, actor: object) -> str | None:
    """Every point has its measures and its plan; an assessment made elsewhere brings its report instead."""
    if subject.elsewhere:
        return None if subject.papers else "引用别处的评估，请把那份报告交进来。"
    if not subject.points:
        return "还没有写风险点。"
    for point in subject.points:
        if point.lacking:
            return f"第{point.position}个风险点还缺：{'、'.join(point.lacking)}。"
    return None


@predicate
def risk_concluded(subject: Risk, actor: object) -> str | None:
    """A level, whether it can be controlled, why; a later round says what was adjusted."""
    lack = [
        words
        for words, there in (
            ("风险等级", subject.level),
            ("可控还是不可控", subject.controllable is not None),
            ("结论的理由", subject.conclusion),
            ("这一轮作了什么调整", subject.round == 1 or subject.adjusted),
        )
        if not there
    ]
    return f"还缺：{'、'.join(lack)}。" if lack else None


@predicate
def high_risk_is_adjusted_first(subject: Risk, actor: object) -> str | None:
    """What is highly risky is not called controllable."""
    return "" if subject.level == Level.HIGH and subject.controllable else None


@predicate
def level_covers_every_point(subject: Risk, actor: object) -> str | None:
    """The whole is not called low while a point is high."""
    if subject.level is None or not any(p.level == Level.HIGH for p in subject.points):
        return None
    return "" if subject.level == Level.LOW else None


@predicate
def approver_is_not_assessor(subject: Risk, actor: Any) -> str | None:
    """Who wrote the assessment does not approve it."""
    return "" if getattr(actor, "id", None) == subject.author_id else None
