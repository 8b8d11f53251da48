"""A clean-up: every document in force is looked at once, kept, amended, repealed or declared lapsed, and everybody reads the result."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.normative import Ended, Normative
from models.decisions.older import OlderDocument, older_documents
from models.decisions.validity import Verdict, documents, repeal
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import Missing, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class CleanupStage(enum.StrEnum):
    """How far it has come."""

    BEGUN = "begun"
    CONCLUDED = "concluded"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"begun": "清理中", "concluded": "结果已公布"}[self.value]


class Cleanup(PublicId, Base):
    """One campaign."""

    __tablename__ = "cleanup"
    __table_args__ = (
        CheckConstraint("stage <> 'concluded' OR concluder_id IS NOT NULL", name="concluded_by_somebody"),
    )

    title: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    """Why now, and on whose order."""
    stage: Mapped[CleanupStage] = mapped_column(choice(CleanupStage), default=CleanupStage.BEGUN)
    begun_on: Mapped[date] = mapped_column(Date)
    beginner_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    concluder_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluded_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    beginner: Mapped[Officer] = relationship(foreign_keys=[beginner_id])
    concluder: Mapped[Officer | None] = relationship(foreign_keys=[concluder_id])
    items: Mapped[list["CleanupItem"]] = relationship(order_by="CleanupItem.id", back_populates="cleanup")
    older: Mapped[list["OlderCleanupItem"]] = relationship(order_by="OlderCleanupItem.id", back_populates="cleanup")
    """Documents from before this system."""

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def everything(self) -> list["CleanupItem | OlderCleanupItem"]:
        """All that is on the list."""
        return [*self.items, *self.older]

    @property
    def open_items(self) -> list["CleanupItem | OlderCleanupItem"]:
        """What nobody has judged yet."""
        return [item for item in self.everything if item.verdict is None]

    @classmethod
    @birth(by=ruled("cleanup.begin"), say="开始清理《{title}》，共{count}件")
    def begin(cls, officer: Officer, title: str, reason: str) -> Self:
        """Every document that holds today is on the list."""
        wrong: dict[str, str] = {}
        title = as_received(title or "", field="title", most=120, least=0).strip()
        reason = as_received(reason or "", field="reason", most=1000, least=0).strip()
        if not title:
            wrong["title"] = "请写清理的名称，例如：2026年行政规范性文件清理。"
        if not reason:
            wrong["reason"] = "请写明为什么清理、依据什么要求。"
        held = [normative for normative, _, term in documents() if term.force.holds]
        older = [one for one, _ in older_documents(standing=True)]
        if not held and not older and not wrong:
            raise RuleUnmet("现在没有有效的规范性文件，不用清理。")
        if wrong:
            raise RuleUnmet("还不能开始清理。", wrong)
        made = cls(title=title, reason=reason, beginner=officer, begun_on=today())
        made.items = [CleanupItem(normative=normative) for normative in held]
        made.older = [OlderCleanupItem(document=one) for one in older]
        db.session.add(made)
        note(title=title, count=len(held) + len(older))
        return made

    @act(CleanupStage.BEGUN, by=ruled("cleanup.judge"), label="", say="清理意见：{number}{verdict}")
    def judge(
        self, officer: Officer, item: "CleanupItem | OlderCleanupItem", verdict: Verdict | None, reason: str
    ) -> None:
        """What becomes of one document, and why."""
        if item.cleanup is not self:
            raise Missing("这份文件不在这次清理里。")
        reason = as_received(reason or "", field="reason", most=500, least=0).strip()
        if verdict is None or not reason:
            raise RuleUnmet(
                "每份文件都要有清理意见和理由。",
                ({} if verdict else {"verdict": "请选清理意见。"}) | ({} if reason else {"reason": "请写明理由。"}),
            )
        item.verdict, item.reason, item.judge = verdict, reason, officer
        note(number=item.document.number, verdict=verdict.label)

    @step(
        CleanupStage.BEGUN,
        to=CleanupStage.CONCLUDED,
        by=ruled("cleanup.conclude"),
        needs="cleanup.conclude",
        label="公布清理结果",
        say="公布清理结果，共{count}件，废止{repealed}件，失效{lapsed}件",
    )
    def conclude(self, officer: Officer) -> None:
        """The result is public, and what was repealed holds no longer from today on."""
        self.concluder, self.concluded_at = officer, now()
        ended = {Verdict.REPEAL: Ended.REPEALED, Verdict.LAPSE: Ended.LAPSED}
        for item in self.everything:
            item.concluded = True
            if item.verdict not in ended or item.document.ended_as is not None:
                continue
            if isinstance(item, CleanupItem):
                repeal(item.normative, officer, ended[item.verdict], item.reason[:300])
            else:
                item.document.end(officer, ended[item.verdict], item.reason[:300])
        note(
            count=len(self.everything),
            repealed=sum(item.verdict == Verdict.REPEAL for item in self.everything),
            lapsed=sum(item.verdict == Verdict.LAPSE for item in self.everything),
        )


class CleanupItem(PublicId, Base):
    """One document of a campaign."""

    __tablename__ = "cleanup_item"
    __table_args__ = (
        UniqueConstraint("cleanup_id", "normative_id"),
        CheckConstraint("verdict IS NULL OR (reason <> '' AND judge_id IS NOT NULL)", name="judged_with_a_reason"),
        CheckConstraint("NOT concluded OR verdict IS NOT NULL", name="concluded_only_judged"),
    )

    cleanup_id: Mapped[int] = mapped_column(ForeignKey("cleanup.id"), index=True)
    normative_id: Mapped[int] = mapped_column(ForeignKey("normative.id"))
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(Text, default="")
    judge_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluded: Mapped[bool] = mapped_column(default=False)

    cleanup: Mapped[Cleanup] = relationship(back_populates="items")
    normative: Mapped[Normative] = relationship()
    judge: Mapped[Officer | None] = relationship()

    @property
    def document(self) -> Normative:
        """What is judged."""
        return self.normative


class OlderCleanupItem(PublicId, Base):
    """The same for a document from before this system."""

    __tablename__ = "older_cleanup_item"
    __table_args__ = (
        UniqueConstraint("cleanup_id", "document_id"),
        CheckConstraint("verdict IS NULL OR (reason <> '' AND judge_id IS NOT NULL)", name="judged_with_a_reason"),
        CheckConstraint("NOT concluded OR verdict IS NOT NULL", name="concluded_only_judged"),
    )

    cleanup_id: Mapped[int] = mapped_column(ForeignKey("cleanup.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("older_document.id"))
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(Text, default="")
    judge_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluded: Mapped[bool] = mapped_column(default=False)

    cleanup: Mapped[Cleanup] = relationship(back_populates="older")
    document: Mapped[OlderDocument] = relationship()
    judge: Mapped[Officer | None] = relationship()


def cleanups(*stages: CleanupStage) -> Sequence[Cleanup]:
    """The campaigns, newest first."""
    query = select(Cleanup).order_by(Cleanup.id.desc())
    if stages:
        query = query.where(Cleanup.stage.in_(stages))
    return db.session.scalars(query).all()


def by_public_id(public_id: str) -> Cleanup | None:
    """One campaign by its address."""
    return db.session.scalar(select(Cleanup).where(Cleanup.public_id == public_id))


@predicate
def every_document_judged(subject: Cleanup, actor: object) -> str | None:
    """Nothing on the list without a verdict."""
    left = subject.open_items
    return f"还差 {len(left)} 件：{left[0].document.number}等。" if left else None
