"""Normative documents from before this system: registered without a case, so that they too are reminded of, evaluated and cleaned up."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.decisions.normative import Ended, Normative, trial
from models.decisions.publish import Publication
from models.decisions.validity import Force, Term, Verdict, term_between
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import Number, RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

KINDS = ("pdf", "docx")
"""The official text: a scan or a document."""


class OlderStage(enum.StrEnum):
    """Registered, or with an evaluation that waits for a second person."""

    REGISTERED = "registered"
    PROPOSED = "proposed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"registered": "在册", "proposed": "评估意见等同意"}[self.value]


class OlderDocument(PublicId, Base):
    """One document that was issued before, as it was published; its evaluations stand in the trail."""

    __tablename__ = "older_document"
    __table_args__ = (
        CheckConstraint("effective_on >= published_on", name="in_force_only_once_published"),
        CheckConstraint("valid_until > effective_on", name="valid_in_order"),
        CheckConstraint(
            "stage <> 'proposed' OR (verdict IS NOT NULL AND reason <> '' AND proposer_id IS NOT NULL)",
            name="proposed_with_a_reason",
        ),
        CheckConstraint("agreer_id IS NULL OR agreer_id <> proposer_id", name="two_persons"),
        CheckConstraint(
            "ended_as IS NULL OR (ended_on IS NOT NULL AND ended_reason <> '')", name="ended_with_a_reason"
        ),
    )

    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    stage: Mapped[OlderStage] = mapped_column(choice(OlderStage), default=OlderStage.REGISTERED)
    published_on: Mapped[date] = mapped_column(Date)
    effective_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    receipt_number: Mapped[str] = mapped_column(String(60), default="")
    """The county's receipt, where it was filed and somebody still knows."""
    file: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(80))
    extension: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    registered_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[date | None] = mapped_column(Date)
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    agreer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    ended_as: Mapped[Ended | None] = mapped_column(choice(Ended))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer)

    officer: Mapped[Officer] = relationship(foreign_keys=[officer_id])
    proposer: Mapped[Officer | None] = relationship(foreign_keys=[proposer_id])
    agreer: Mapped[Officer | None] = relationship(foreign_keys=[agreer_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """It pinned none: the office's rules of today."""
        return office_rules()

    @property
    def download_name(self) -> str:
        """What the file is called when somebody takes it away."""
        return f"{self.title}.{self.extension}"

    @property
    def years(self) -> Number:
        """How long a document of this name holds, unless it says less."""
        return _years(self.rules, self.title)

    def term(self, day: date | None = None) -> Term:
        """How it stands; the dates say it."""
        return term_between(self, self.effective_on, self.valid_until, day or today())

    @classmethod
    @birth(by=ruled("older.register"), say="登记以前的规范性文件{number}《{title}》，有效期到{until}")
    def register(
        cls,
        officer: Officer,
        *,
        number: str,
        title: str,
        published_on: date | None,
        effective_on: date | None,
        valid_until: date | None,
        data: bytes,
        receipt_number: str = "",
    ) -> Self:
        """As it was issued; where it names no end, it holds as long as the rules let a document of its name hold."""
        wrong: dict[str, str] = {}
        number = as_received(number or "", field="number", most=40, least=0).strip()
        title = as_received(title or "", field="title", most=120, least=0).strip()
        receipt_number = as_received(receipt_number or "", field="receipt_number", most=60, least=0).strip()
        if not number:
            wrong["number"] = "请写文号，例如：青街规〔2021〕2号。"
        elif _taken(number):
            wrong["number"] = "这个文号已经登记过了。"
        if not title:
            wrong["title"] = "请写文件名称。"
        if published_on is None or published_on > today():
            wrong["published_on"] = "请填公布日期，不能晚于今天。"
        effective_on = effective_on or published_on
        if published_on is not None and effective_on is not None and effective_on < published_on:
            wrong["effective_on"] = "施行日期不能早于公布日期：没有公布的，不得施行。"
        if effective_on is not None and valid_until is None:
            valid_until = _years(office_rules(), title).after(effective_on)
        if effective_on is not None and valid_until is not None and valid_until <= effective_on:
            wrong["valid_until"] = "有效期要在施行日期以后。"
        if not data:
            wrong["file"] = "请交正式文件：PDF 扫描件或者 Word（.docx）。"
        if wrong or published_on is None or effective_on is None or valid_until is None:
            raise RuleUnmet("还不能登记。", wrong)
        mime, extension = files.admitted(data, only=KINDS)
        made = cls(
            number=number,
            title=title,
            published_on=published_on,
            effective_on=effective_on,
            valid_until=valid_until,
            receipt_number=receipt_number,
            file=files.keep(data),
            mime=mime,
            extension=extension,
            size=len(data),
            officer=officer,
            registered_at=now(),
        )
        db.session.add(made)
        note(number=number, title=title, until=valid_until, file=made.file)
        return made

    @step(
        OlderStage.REGISTERED,
        to=OlderStage.PROPOSED,
        by=ruled("validity.propose"),
        label="提出评估意见",
        say="届满评估意见：{verdict}，{reason}",
    )
    def propose(self, officer: Officer, verdict: Verdict | None, reason: str, until: date | None = None) -> None:
        """Keep it, and until when; amend it; repeal it; or let it lapse."""
        if not self.term().force.holds:
            raise OutOfTurn("已经失效或者废止的文件，不用再评估。")
        wrong: dict[str, str] = {}
        reason = as_received(reason or "", field="reason", most=2000, least=0).strip()
        most = self.years.after(self.valid_until)
        if verdict is None:
            wrong["verdict"] = "请选评估意见。"
        if not reason:
            wrong["reason"] = "请写明评估的情况和理由。"
        if verdict == Verdict.KEEP and (until is None or not self.valid_until < until <= most):
            wrong["until"] = f"继续有效的，请填新的有效期，在 {self.valid_until} 以后、不超过 {most}。"
        if wrong or verdict is None:
            raise RuleUnmet("评估意见还不完整。", wrong, article=self.years.article)
        self.verdict, self.reason, self.proposer, self.agreer = verdict, reason, officer, None
        self.until = until if verdict == Verdict.KEEP else None
        self.returned_reason = ""
        note(verdict=verdict.label, reason=reason, until=self.until)

    @step(
        OlderStage.PROPOSED,
        to=OlderStage.REGISTERED,
        by=ruled("validity.agree"),
        needs="validity.agree",
        label="同意",
        say="同意届满评估意见：{verdict}",
    )
    def agree(self, officer: Officer) -> None:
        """From now on it is so."""
        assert self.verdict is not None
        self.agreer = officer
        note(verdict=self.verdict.label, until=self.until)
        if self.until is not None:
            self.valid_until = self.until
        if self.verdict == Verdict.REPEAL:
            self.end(officer, Ended.REPEALED, self.reason[:300])

    @step(
        OlderStage.PROPOSED,
        to=OlderStage.REGISTERED,
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
        self.verdict = self.until = None
        note(reason=self.returned_reason)

    @act(by=ruled("validity.agree"), label="", say="{how}：{reason}")
    def end(self, officer: Officer, how: Ended, reason: str) -> None:
        """It holds no longer, from today on; done by an evaluation that was agreed to, or by a clean-up."""
        if self.ended_as is not None:
            raise OutOfTurn(f"这份文件已经{self.ended_as.label}。")
        self.ended_as, self.ended_on, self.ended_reason = how, today(), reason
        note(how=how.label, reason=reason)


def _years(rules: RuleSet, title: str) -> Number:
    return rules.number("normative.trial_validity_years" if trial(title) else "normative.validity_years")


def _taken(number: str) -> bool:
    return any(
        db.session.scalar(select(kind.id).where(kind.number == number).limit(1)) is not None
        for kind in (OlderDocument, Normative, Publication)
    )


def older_documents(*, standing: bool = False) -> list[tuple[OlderDocument, Term]]:
    """All of them with their terms, the one that ends first on top; `standing` leaves out what holds no longer."""
    found = [(one, one.term()) for one in db.session.scalars(select(OlderDocument).order_by(OlderDocument.id))]
    found = [(one, term) for one, term in found if term.force.holds or not standing]
    return sorted(found, key=lambda pair: (not pair[1].force.holds, pair[1].until, pair[0].id))


def proposed_older() -> Sequence[OlderDocument]:
    """Evaluations of older documents that wait for somebody to agree."""
    return db.session.scalars(
        select(OlderDocument).where(OlderDocument.stage == OlderStage.PROPOSED).order_by(OlderDocument.id)
    ).all()


def by_public_id(public_id: str) -> OlderDocument | None:
    """One by its address."""
    return db.session.scalar(select(OlderDocument).where(OlderDocument.public_id == public_id))


__all__ = ["Force", "OlderDocument", "OlderStage", "by_public_id", "older_documents", "proposed_older"]
