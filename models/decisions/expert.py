"""The pool of experts: who they are, what they know, for how long they serve, and what might bias them."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class ExpertStage(enum.StrEnum):
    """Whether the expert belongs to the pool."""

    ACTIVE = "active"
    LEFT = "left"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"active": "在库", "left": "已退出"}[self.value]


TEXTS: dict[str, tuple[str, int]] = {
    "name": ("姓名", 40),
    "fields": ("专业领域", 120),
    "employer": ("工作单位", 80),
    "title": ("职务职称", 60),
    "interests": ("已知的利害关系", 300),
}
"""What is written of an expert: what it is called and how long it may be."""
REQUIRED = ("name", "fields", "employer")


class Expert(PublicId, Base):
    """One person of the pool (条例第二十一条). Nobody is deleted: who has left stays with the reason."""

    __tablename__ = "expert"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="term_in_order"),
        CheckConstraint("stage <> 'left' OR left_reason <> ''", name="left_with_a_reason"),
        CheckConstraint("NOT published OR consented_on IS NOT NULL", name="published_with_consent"),
    )

    name: Mapped[str] = mapped_column(String(40))
    fields: Mapped[str] = mapped_column(String(120))
    """Fields of knowledge, separated by 、."""
    employer: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(60), default="")
    interests: Mapped[str] = mapped_column(String(300), default="")
    """Companies, projects, relations that might bias them; never shown outside the office."""
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    stage: Mapped[ExpertStage] = mapped_column(choice(ExpertStage), default=ExpertStage.ACTIVE)
    left_reason: Mapped[str] = mapped_column(String(300), default="")
    published: Mapped[bool] = mapped_column(default=False)
    consented_on: Mapped[date | None] = mapped_column(Date)
    """The day on which the expert agreed that name, unit and fields are shown to the public."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)

    officer: Mapped[Officer] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules: the pool belongs to no case."""
        return office_rules()

    @property
    def as_named(self) -> str:
        """Name, unit and title in one line, as letters and files print them."""
        return "，".join(part for part in (self.name, self.employer, self.title) if part)

    @property
    def knows(self) -> list[str]:
        """The fields one by one."""
        return [one.strip() for one in self.fields.replace("，", "、").replace(",", "、").split("、") if one.strip()]

    def serves(self, day: date | None = None) -> bool:
        """Whether the term covers this day and the expert has not left."""
        return self.stage == ExpertStage.ACTIVE and self.from_on <= (day or today()) <= self.until_on

    @classmethod
    @birth(by=ruled("expert.admit"), say="专家{number}入库，聘期{from_on}至{until_on}")
    def admit(cls, officer: Officer, from_on: date | None, until_on: date | None, **written: str) -> Self:
        """Somebody joins the pool for a term."""
        made = cls(officer=officer, made_at=now())
        made._write(written)
        made._term(from_on, until_on)
        db.session.add(made)
        db.session.flush()
        note(number=made.id, from_on=made.from_on, until_on=made.until_on)
        return made

    @act(ExpertStage.ACTIVE, by=ruled("expert.revise"), label="修改", say="修改专家资料")
    def revise(self, officer: Officer, **written: str) -> None:
        """What is known of them has changed; what cases hold stays as it was."""
        self._write(written)
        note(fields=sorted(written))

    @act(ExpertStage.ACTIVE, by=ruled("expert.renew"), label="续聘", say="续聘，聘期{from_on}至{until_on}")
    def renew(self, officer: Officer, from_on: date | None, until_on: date | None) -> None:
        """Another term."""
        self._term(from_on, until_on)
        note(from_on=self.from_on, until_on=self.until_on)

    @step(
        ExpertStage.ACTIVE,
        to=ExpertStage.LEFT,
        by=ruled("expert.leave"),
        label="退出专家库",
        say="退出专家库：{reason}",
        primary=False,
    )
    def leave(self, officer: Officer, reason: str) -> None:
        """No more letters to them; their opinions stay where they are. They are no longer on the public list."""
        self.left_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.left_reason:
            raise RuleUnmet("请写明退出的原因。", {"reason": "请写明退出的原因，例如：本人申请、聘期内两次不到会。"})
        self.published = False

    @step(
        ExpertStage.LEFT,
        to=ExpertStage.ACTIVE,
        by=ruled("expert.admit"),
        label="重新入库",
        say="重新入库，聘期{from_on}至{until_on}",
    )
    def readmit(self, officer: Officer, from_on: date | None, until_on: date | None) -> None:
        """Back in the pool for a new term."""
        self._term(from_on, until_on)
        self.left_reason = ""
        note(from_on=self.from_on, until_on=self.until_on)

    @act(ExpertStage.ACTIVE, by=ruled("expert.publish"), label="公开", say="公开专家信息，本人{consented_on}同意")
    def publish(self, officer: Officer, consented_on: date | None) -> None:
        """Name, unit, title and fields go on the public list, with the expert's own consent (个人信息保护法第二十五条)."""
        if consented_on is None or consented_on > today():
            words = "公开专家信息要有本人的单独同意（个人信息保护法第二十五条），请填本人同意的日期。"
            raise RuleUnmet(words, {"consented_on": words})
        self.published, self.consented_on = True, consented_on
        note(consented_on=consented_on)

    @act(ExpertStage.ACTIVE, by=ruled("expert.publish"), label="不再公开", say="不再公开专家信息")
    def withhold(self, officer: Officer) -> None:
        """Off the public list: consent may be taken back at any time."""
        self.published = False

    def _write(self, written: dict[str, str]) -> None:
        wrong: dict[str, str] = {}
        for name, value in written.items():
            label, most = TEXTS[name]
            try:
                text = as_received(value or "", field=name, most=most, least=0, label=label).strip()
            except RuleUnmet as unmet:
                wrong[name] = unmet.message
                continue
            if name in REQUIRED and not text:
                wrong[name] = f"请写{label}。"
            setattr(self, name, text)
        for name in REQUIRED:
            if not getattr(self, name):
                wrong.setdefault(name, f"请写{TEXTS[name][0]}。")
        if wrong:
            raise RuleUnmet("专家资料有几处要改一改。", wrong)

    def _term(self, from_on: date | None, until_on: date | None) -> None:
        wrong: dict[str, str] = {}
        if from_on is None:
            wrong["from_on"] = "请写聘期从哪一天起。"
        if until_on is None:
            wrong["until_on"] = "请写聘期到哪一天止。"
        elif from_on is not None and until_on < from_on:
            wrong["until_on"] = "聘期的最后一天要在第一天以后。"
        if wrong or from_on is None or until_on is None:
            raise RuleUnmet("请写清楚聘期。", wrong)
        self.from_on, self.until_on = from_on, until_on


def by_public_id(public_id: str) -> Expert | None:
    """One expert by address."""
    return db.session.scalar(select(Expert).where(Expert.public_id == public_id))


def experts(stage: ExpertStage | None = ExpertStage.ACTIVE, words: str = "") -> Sequence[Expert]:
    """The pool by name; `words` looks in names, fields and units."""
    query: Any = select(Expert).order_by(Expert.name, Expert.id)
    if stage is not None:
        query = query.where(Expert.stage == stage)
    if words:
        look = [column.contains(words, autoescape=True) for column in (Expert.name, Expert.fields, Expert.employer)]
        query = query.where(look[0] | look[1] | look[2])
    found: Sequence[Expert] = db.session.scalars(query).all()
    return found


def published_experts() -> Sequence[Expert]:
    """Whom the public may see: in the pool, in their term, and published by their own consent."""
    day = today()
    return db.session.scalars(
        select(Expert)
        .where(
            Expert.published,
            Expert.stage == ExpertStage.ACTIVE,
            Expert.from_on <= day,
            Expert.until_on >= day,
        )
        .order_by(Expert.name, Expert.id)
    ).all()
