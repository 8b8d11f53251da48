"""Evaluation after the decision: asked for by a count, a date or a request, done by somebody who had no part in it, and with a consequence."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions import in_force
from models.decisions.decision import CaseStage, Decision, OfCaseKind
from models.decisions.engagement import engagements_of
from models.decisions.execution import Force, change_force, force_of
from models.decisions.risk import rounds_of
from models.decisions.road import Going, Standing, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class EvaluationStage(enum.StrEnum):
    """How far it has come."""

    COMMISSIONED = "commissioned"
    REPORTED = "reported"
    CONCLUDED = "concluded"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"commissioned": "正在评估", "reported": "报告已交，待定", "concluded": "已有结论"}[self.value]


class Cause(enum.StrEnum):
    """Why it is evaluated (条例第三十六条: the first three; the others are common local rules)."""

    INEFFECTIVE = "ineffective"
    COMMENTS = "comments"
    OFFICE = "office"
    DATE = "date"
    REQUEST = "request"
    BASIS = "basis"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "ineffective": "明显未达到预期效果",
            "comments": "公民、法人或者其他组织提出较多意见",
            "office": "决策机关认为有必要",
            "date": "到了约定的评估日期",
            "request": "人大代表、单位或者居民提出请求",
            "basis": "依据或者客观情况发生变化",
        }[self.value]


class Result(enum.StrEnum):
    """What follows from it."""

    CONTINUE = "continue"
    SUSPEND = "suspend"
    ADJUST = "adjust"
    END = "end"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"continue": "继续执行", "suspend": "中止执行", "adjust": "调整", "end": "终止执行"}[self.value]


def assessors_before(decision: Decision) -> set[str]:
    """The experts, their employers and the assessors of risks who had their say before it was decided (条例第三十六条)."""
    experts = [each.expert for each in engagements_of(decision)]
    names = {name for expert in experts for name in (expert.name, expert.employer)}
    names |= {risk.elsewhere for risk in rounds_of(decision)}
    return {name.strip() for name in names if name.strip()}


class Evaluation(OfCaseKind, PublicId, Base):
    """One evaluation of a decision in force."""

    __tablename__ = "evaluation"
    __table_args__ = (
        Index("ix_evaluation_decision", "decision_id", "id"),
        CheckConstraint(
            "stage = 'commissioned' OR (result IS NOT NULL AND findings <> '')", name="reported_with_findings"
        ),
        CheckConstraint("stage <> 'concluded' OR concluder_id <> reporter_id", name="concluded_by_another"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    stage: Mapped[EvaluationStage] = mapped_column(choice(EvaluationStage), default=EvaluationStage.COMMISSIONED)
    cause: Mapped[Cause] = mapped_column(choice(Cause))
    cause_words: Mapped[str] = mapped_column(String(300), default="")
    assessor: Mapped[str] = mapped_column(String(80))
    third_party: Mapped[bool] = mapped_column(default=False)
    commissioner_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluder_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    heard: Mapped[int] = mapped_column(Integer, default=0)
    """How many remarks of the public lay before the assessor."""
    findings: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[Result | None] = mapped_column(choice(Result))
    made_at: Mapped[datetime]
    concluded_on: Mapped[date | None] = mapped_column(Date)

    decision: Mapped[Decision] = relationship()
    commissioner: Mapped[Officer] = relationship(foreign_keys=[commissioner_id], lazy="joined")
    reporter: Mapped[Officer | None] = relationship(foreign_keys=[reporter_id], lazy="joined")
    concluder: Mapped[Officer | None] = relationship(foreign_keys=[concluder_id], lazy="joined")

    @classmethod
    @birth(by=ruled("evaluation.commission"), say="启动后评估：{cause}，由{assessor}评估", keeps=("assessor",))
    def commission(
        cls,
        officer: Officer,
        decision: Decision,
        cause: Cause,
        assessor: str,
        *,
        cause_words: str = "",
        third_party: bool = False,
        due_on: date | None = None,
    ) -> Self:
        """Somebody is asked to evaluate it; never somebody who argued for it before it was decided (条例第三十六条)."""
        if decision.stage not in (CaseStage.PUBLISHED, CaseStage.ARCHIVED):
            raise OutOfTurn("还没有公布的决定，谈不上后评估。")
        assessor = as_received(assessor, field="assessor", most=80, least=0).strip()
        if not assessor:
            raise RuleUnmet("请写由谁评估。", {"assessor": "请写由谁评估。"})
        if cause == Cause.REQUEST and not cause_words.strip():
            raise RuleUnmet("请写是谁提出请求的。", {"cause_words": "请写是谁、哪一天提出请求的。"})
        for name in assessors_before(decision):
            if name in assessor or assessor in name:
                words = f"{name}在决策以前参加过论证或者评估，不能再做后评估（条例第三十六条），请另选。"
                raise RuleUnmet(words, {"assessor": words}, article="条例第三十六条")
        made = cls(
            decision=decision,
            cause=cause,
            cause_words=as_received(cause_words, field="cause_words", most=300, least=0).strip(),
            assessor=assessor,
            third_party=third_party,
            commissioner=officer,
            due_on=due_on,
            made_at=now(),
        )
        db.session.add(made)
        note(cause=cause.label, due_on=due_on)
        return made

    @step(
        EvaluationStage.COMMISSIONED,
        to=EvaluationStage.REPORTED,
        by=ruled("evaluation.report"),
        label="交评估报告",
        say="交评估报告，建议{result}",
    )
    def report(self, officer: Officer, result: Result, findings: str) -> None:
        """What was found, with what the public said counted in."""
        words = as_received(findings, field="findings", most=5000, least=0).strip()
        if not words:
            raise RuleUnmet("请写评估发现了什么、为什么这样建议。", {"findings": "请写评估发现了什么。"})
        self.findings, self.result, self.reporter = words, result, officer
        self.heard = in_force.counted(self.decision)[0]
        note(result=result.label, heard=self.heard)

    @step(
        EvaluationStage.REPORTED,
        to=EvaluationStage.CONCLUDED,
        by=ruled("evaluation.conclude"),
        needs="evaluation.conclude",
        label="定结论",
        say="后评估结论：{result}",
    )
    def conclude(self, officer: Officer, result: Result) -> None:
        """The consequence; suspended and ended take effect with it, adjusting opens a case of its own."""
        self.result, self.concluder, self.concluded_on = result, officer, today()
        note(result=result.label)
        if result in FORCES and force_of(self.decision) not in (FORCES[result], Force.ENDED):
            change_force(self.decision, officer, FORCES[result], f"后评估结论：{result.label}")


FORCES = {Result.SUSPEND: Force.SUSPENDED, Result.END: Force.ENDED, Result.CONTINUE: Force.IN_FORCE}


@predicate
def concluder_is_not_reporter(subject: Evaluation, actor: object) -> str | None:
    """Two persons."""
    return "" if getattr(actor, "id", None) == subject.reporter_id else None


@act(
    CaseStage.PUBLISHED,
    CaseStage.ARCHIVED,
    by=ruled("decision.plan_evaluation"),
    label="",
    say="定于{on}做后评估",
    of=Decision,
)
def plan_evaluation(decision: Decision, officer: Officer, on: date) -> None:
    """The day on which it has to be evaluated at the latest, whatever people say of it until then."""
    if on <= today():
        raise RuleUnmet("评估日期要在今天以后。", {"on": "评估日期要在今天以后。"})
    decision.evaluate_on = on
    note(on=on)


@act(
    CaseStage.PUBLISHED,
    CaseStage.ARCHIVED,
    by=ruled("decision.adjust"),
    label="",
    say="作重大调整，另立一卷：{title}",
    keeps=("title",),
    of=Decision,
)
def adjust(decision: Decision, officer: Officer, title: str, reason: str) -> Decision:
    """A major adjustment goes through the whole procedure again, as a case that names this one (条例第三十七条)."""
    words = as_received(reason, field="reason", most=300, least=0).strip()
    name = as_received(title, field="title", most=120, least=0).strip()
    if not words or not name:
        missing = {"title": "请写新案卷的名称。"} if not name else {"reason": "请写为什么要调整。"}
        raise RuleUnmet("名称和理由都要写。", missing)
    made = Decision.open(officer, name, follows=decision)
    note(reason=words, case=made.public_id)
    return made


def evaluations_of(decision: Decision) -> Sequence[Evaluation]:
    """Evaluations of a decision, newest first."""
    return db.session.scalars(
        select(Evaluation).where(Evaluation.decision_id == decision.id).order_by(Evaluation.id.desc())
    ).all()


def by_public_id(public_id: str) -> Evaluation | None:
    """One evaluation by its address."""
    return db.session.scalar(select(Evaluation).where(Evaluation.public_id == public_id))


def followers_of(decision: Decision) -> Sequence[Decision]:
    """The cases that adjust this one, oldest first."""
    return db.session.scalars(select(Decision).where(Decision.follows_id == decision.id).order_by(Decision.id)).all()


def asked_for(decision: Decision) -> str:
    """Why the rules ask for an evaluation now, in words; empty while they do not: the day, the count of remarks, or somebody's request."""
    if decision.stage not in (CaseStage.PUBLISHED, CaseStage.ARCHIVED):
        return ""
    done = evaluations_of(decision)
    if done and done[0].stage != EvaluationStage.CONCLUDED:
        return ""
    planned = decision.evaluate_on
    if planned is not None and planned <= today() and not (done and local(done[0].made_at).date() >= planned):
        return f"约定{planned.year}年{planned.month}月{planned.day}日评估，日子到了。"
    limit = decision.rules.number("evaluation.comments")
    said = in_force.counted(decision)[0] - (done[0].heard if done else 0)
    if said >= limit.value:
        return f"公布以后又收到 {said} 条意见，达到 {limit.value} 条（{limit.article}）。"
    if people := in_force.asking(decision):
        return f"{people} 人请求评估，还没有回复；不评估的，回复里写明理由（条例第三十六条）。"
    return ""


@station("evaluation")
def _evaluated(decision: Decision) -> Standing | None:
    """Asked for, under way, or with its conclusion; a decision nobody asks about has none."""
    done = evaluations_of(decision)
    asked = asked_for(decision)
    if asked:
        return Standing(Going.NOW, says=f"该做后评估了：{asked}")
    if not done:
        return None
    last = done[0]
    if last.stage == EvaluationStage.CONCLUDED:
        who = last.concluder.name if last.concluder else ""
        result = last.result.label if last.result else ""
        return Standing(Going.DONE, who, last.concluded_on, says=f"{last.assessor}评估，结论：{result}")
    return Standing(
        Going.NOW,
        last.commissioner.name,
        local(last.made_at).date(),
        last.due_on,
        f"{last.assessor}，{last.stage.label}",
    )
