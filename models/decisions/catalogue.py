"""The catalogue of decisions: what the street means to decide this year, agreed by the Party working committee and made public."""

import enum
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from models.decisions.matter import LISTED, Category, Livelihood, Mode, Procedure
from models.kernel import trail
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.unit import Unit
from models.texts.lists import Difference, Line, differences
from models.texts.received import all_received, as_received, reason_given

MOST = 100
"""Matters of one year; a street has a handful."""


class CatalogueStage(enum.StrEnum):
    """How far a version has come."""

    DRAFTED = "drafted"
    CONSENTED = "consented"
    PUBLISHED = "published"
    ABANDONED = "abandoned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "编制中",
            "consented": "党工委已同意",
            "published": "已公布",
            "abandoned": "不编了",
        }[self.value]


NEVER_LEFT_OUT = (Procedure.LEGAL_REVIEW, Procedure.DELIBERATION)
"""Articles 25 and 30: no matter is decided without them."""


TEXTS: dict[str, tuple[str, int]] = {"intro": ("说明", 2000), "reason": ("调整的理由", 600)}
"""The text fields of a version: what they are called and how long they may be."""
ITEM_TEXTS: dict[str, tuple[str, int]] = {
    "title": ("事项名称", 120),
    "others": ("协办单位", 120),
    "basis": ("依据", 1000),
    "remark": ("备注", 300),
}
"""The text fields of an item."""


class Catalogue(PublicId, Base):
    """One version of one year's catalogue. Once published it stays as it is; an adjustment is the next version."""

    __tablename__ = "catalogue"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        UniqueConstraint("open_year"),
        CheckConstraint(
            "stage NOT IN ('consented', 'published') OR (consented_on IS NOT NULL AND consent_number <> '')",
            name="consent_with_date_and_number",
        ),
        CheckConstraint(
            "stage <> 'published' OR (number IS NOT NULL AND published_at IS NOT NULL AND publisher_id IS NOT NULL)",
            name="published_with_number",
        ),
        CheckConstraint("number IS NULL OR number = 1 OR reason <> ''", name="adjusted_with_a_reason"),
        CheckConstraint(
            "(open_year IS NOT NULL) = (stage IN ('drafted', 'consented'))", name="one_version_of_a_year_in_hand"
        ),
    )

    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int | None] = mapped_column(Integer)
    """Given by publishing: 1 is the catalogue, 2 its first adjustment."""
    open_year: Mapped[int | None] = mapped_column(Integer)
    """The year while this version is in hand, so that the database allows no second one."""
    stage: Mapped[CatalogueStage] = mapped_column(choice(CatalogueStage), default=CatalogueStage.DRAFTED)
    intro: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(600), default="")
    """Why it was adjusted; printed."""
    consented_on: Mapped[date | None] = mapped_column(Date)
    consent_number: Mapped[str] = mapped_column(String(60), default="")
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it was taken up again after the consent, or given up."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    publisher_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    publisher: Mapped[Officer | None] = relationship(foreign_keys=[publisher_id])
    items: Mapped[list["CatalogueItem"]] = relationship(
        order_by="CatalogueItem.position, CatalogueItem.id", cascade="all, delete-orphan", back_populates="catalogue"
    )

    __mapper_args__ = {"version_id_col": version}

    wrote = ("draft_new", "revise", "put_item", "drop_item", "take_in")
    """The verbs by which somebody has a hand in what a version says."""

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def title(self) -> str:
        """2026年度重大行政决策事项目录, and which version of it."""
        name = f"{self.year}年度重大行政决策事项目录"
        return name if self.number in (None, 1) else f"{name}（第{self.number}版）"

    @property
    def adjusts(self) -> "Catalogue | None":
        """The published version that this one follows; none for a year's first."""
        query = (
            select(Catalogue)
            .where(Catalogue.year == self.year, Catalogue.number.is_not(None))
            .order_by(Catalogue.number.desc())
            .limit(1)
        )
        if self.number is not None:
            query = query.where(Catalogue.number < self.number)
        return db.session.scalar(query)

    @property
    def publish_by(self) -> date | None:
        """The last day for publishing once the committee has agreed (Disclosure Regulations, article 26)."""
        if self.consented_on is None:
            return None
        return self.rules.number("catalogue.publish_workdays").after(self.consented_on)

    @property
    def lines(self) -> list[Line]:
        """What it says, for comparing."""
        return [item.line for item in self.items]

    def differences(self) -> list[Difference]:
        """What this version changes in the one before; nothing for a year's first."""
        before = self.adjusts
        return differences(before.lines, self.lines) if before else []

    # the road

    @classmethod
    @birth(by=ruled("catalogue.draft_new"), say="{what}", keeps=("year",))
    def draft_new(cls, officer: Officer, year: int) -> Self:
        """A year's first catalogue, or an adjustment that begins as a copy of the version in force."""
        if not today().year - 3 <= year <= today().year + 1:
            raise RuleUnmet("请填今年、明年或者前三年的年份。", {"year": "请填今年、明年或者前三年的年份。"})
        made = cls(year=year, open_year=year, author=officer, made_at=now())
        before = in_force(year)
        try:
            with db.session.begin_nested():
                db.session.add(made)
                db.session.flush()
        except IntegrityError:
            raise OutOfTurn(f"{year}年度的目录已经有一份在办，请接着办那一份。") from None
        if before is not None:
            made.intro = before.intro
            made.items = [item.copied() for item in before.items]
        note(what=f"调整{year}年度决策事项目录" if before else f"编制{year}年度决策事项目录")
        return made

    @act(CatalogueStage.DRAFTED, by=ruled("catalogue.revise"), label="修改说明", say="修改目录的说明")
    def revise(self, officer: Officer, **fields: str) -> None:
        """The words above the list, and why it is adjusted."""
        for name, words in all_received(fields, TEXTS).items():
            setattr(self, name, words)
        note(fields=sorted(fields))

    @act(CatalogueStage.DRAFTED, by=ruled("catalogue.revise"), label="添一项", say="{what}“{title}”")
    def put_item(
        self, officer: Officer, item: "CatalogueItem | None" = None, *, place: int | None = None, **fields: Any
    ) -> "CatalogueItem":
        """Write an item, or write it anew, as the n-th. What is missing may be missing until the committee is asked."""
        put = item if item is not None else self._new_item()
        if put.catalogue is not self:
            raise Missing("这一项不在这份目录里。")
        put.write(fields)
        if place is not None:
            others = [other for other in self.items if other is not put]
            at = max(0, min(place - 1, len(others)))
            for number, other in enumerate([*others[:at], put, *others[at:]], 1):
                other.position = number
            self.items.sort(key=lambda other: other.position)
        self._touch()
        note(what="添上" if item is None else "改写", title=put.title, item=put.origin)
        return put

    @act(CatalogueStage.DRAFTED, by=ruled("catalogue.revise"), label="", say="导入{count}项")
    def take_in(self, officer: Officer, rows: Sequence[dict[str, Any]]) -> None:
        """Several items at once, as they stood in a table."""
        if not rows:
            raise RuleUnmet("表里没有可以导入的事项。")
        for fields in rows:
            self._new_item().write(fields)
        self._touch()
        note(count=len(rows))

    def _touch(self) -> None:
        """An item's change is the version's change: who consents to or publishes another state of it is told to look again."""
        flag_modified(self, "intro")

    def _new_item(self) -> "CatalogueItem":
        if len(self.items) >= MOST:
            raise RuleUnmet(f"一年的目录最多{MOST}项。")
        last = max((item.position for item in self.items), default=0)
        name = new_public_id()
        made = CatalogueItem(
            public_id=name, origin=name, position=last + 1, category=Category.OTHER, procedures=[], modes=[]
        )
        self.items.append(made)
        return made

    @act(CatalogueStage.DRAFTED, by=ruled("catalogue.revise"), label="", say="调出“{title}”")
    def drop_item(self, officer: Officer, item: "CatalogueItem") -> None:
        """Take an item out; in the versions before it stays."""
        if item.catalogue is not self:
            raise Missing("这一项不在这份目录里。")
        note(title=item.title, item=item.origin)
        self.items.remove(item)
        self._touch()

    @step(
        CatalogueStage.DRAFTED,
        to=CatalogueStage.CONSENTED,
        by=ruled("catalogue.consent"),
        needs="catalogue.consent",
        label="登记党工委同意",
        say="登记党工委于{consented_on}以{number}同意",
    )
    def consent(self, officer: Officer, consented_on: date | None, number: str) -> None:
        """The Party working committee agreed: on which day, under which document number."""
        wrong: dict[str, str] = {}
        if consented_on is None:
            wrong["consented_on"] = "请填党工委同意的日期。"
        elif consented_on > today():
            wrong["consented_on"] = "同意的日期不能晚于今天。"
        elif consented_on.year < self.year - 1:
            wrong["consented_on"] = f"同意的日期比{self.year}年度早得太多，请核对。"
        number = as_received(number or "", field="number", most=60, least=0, label="文号").strip()
        if not number:
            wrong["number"] = "请填同意文件的文号，或者会议纪要的编号。"
        if wrong:
            raise RuleUnmet("登记同意要有日期和文号。", wrong)
        self.consented_on, self.consent_number = consented_on, number
        self.returned_reason = ""
        note(consented_on=consented_on, number=number)

    @step(
        CatalogueStage.CONSENTED,
        to=CatalogueStage.DRAFTED,
        by=ruled("catalogue.reopen"),
        label="退回重编",
        say="退回重编：{reason}",
        primary=False,
    )
    def reopen(self, officer: Officer, reason: str) -> None:
        """Something has to be changed after all; what is changed needs the committee's consent anew."""
        self.returned_reason = reason_given(reason, "请写明退回的原因；改动以后要重新经党工委同意。")
        self.consented_on, self.consent_number = None, ""
        note(reason=self.returned_reason)

    @step(
        CatalogueStage.CONSENTED,
        to=CatalogueStage.PUBLISHED,
        by=ruled("catalogue.publish"),
        needs="catalogue.publish",
        label="公布",
        say="公布{year}年度决策事项目录第{number}版，共{count}项",
    )
    def publish(self, officer: Officer) -> None:
        """Before everybody's eyes from now on; this version never changes again."""
        # Everything is read before anything is changed: a flush halfway would meet the table's checks without the stage.
        last = db.session.scalar(select(func.max(Catalogue.number)).where(Catalogue.year == self.year)) or 0
        at, items = now(), list(self.items)
        self.number, self.open_year, self.publisher, self.published_at = last + 1, None, officer, at
        for item in items:
            item.edition = last + 1
        note(year=self.year, number=last + 1, count=len(items))

    @step(
        CatalogueStage.DRAFTED,
        to=CatalogueStage.ABANDONED,
        by=ruled("catalogue.abandon"),
        label="不编了",
        say="不再编制这一版：{reason}",
        primary=False,
    )
    def abandon(self, officer: Officer, reason: str) -> None:
        """A draft that nobody needs any more; it stays in the trail."""
        self.returned_reason = reason_given(reason, "请写明为什么不编了。")
        self.open_year = None
        note(reason=self.returned_reason)


class CatalogueItem(PublicId, Base):
    """One matter of a version; `origin` stays with it through all versions of the year."""

    __tablename__ = "catalogue_item"
    __table_args__ = (UniqueConstraint("catalogue_id", "origin"),)

    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogue.id"))
    origin: Mapped[str] = mapped_column(String(12), index=True)
    """The public id that the matter had when it was first written down."""
    edition: Mapped[int | None] = mapped_column(Integer)
    """The version under whose number it was published; from then on the database refuses every change."""
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120), default="")
    category: Mapped[Category] = mapped_column(choice(Category))
    livelihood: Mapped[Livelihood | None] = mapped_column(choice(Livelihood))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    """Who handles it, and leads where several do (article 11)."""
    others: Mapped[str] = mapped_column(String(120), default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    procedures: Mapped[list[str]] = mapped_column(JSON, default=list)
    modes: Mapped[list[str]] = mapped_column(JSON, default=list)
    planned_on: Mapped[date | None] = mapped_column(Date)
    """When it is to be decided; the first of the month while no day is named."""
    planned_exact: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str] = mapped_column(String(300), default="")

    catalogue: Mapped[Catalogue] = relationship(back_populates="items")
    unit: Mapped[Unit | None] = relationship(lazy="joined")

    def copied(self) -> "CatalogueItem":
        """The same matter for the next version."""
        same = {name: getattr(self, name) for name in (*ITEM_TEXTS, *_PLAIN, "position", "origin")}
        return CatalogueItem(**same, unit=self.unit, procedures=list(self.procedures), modes=list(self.modes))

    def write(self, fields: dict[str, Any]) -> None:
        """Take over these fields; what no field can hold is refused in words."""
        told = dict(fields)
        texts = {name: told.pop(name) for name in ITEM_TEXTS if name in told}
        for name, words in (("procedures", LISTED), ("modes", tuple(Mode))):
            if name in told:
                wanted = set(told.pop(name))
                setattr(self, name, [word.value for word in words if word.value in wanted])
        for name in ("unit", "category", "livelihood", "planned_on", "planned_exact", "position"):
            if name in told:
                setattr(self, name, told.pop(name))
        if told:
            raise TypeError(f"no field {sorted(told)[0]}")
        for name, text in all_received(texts, ITEM_TEXTS).items():
            setattr(self, name, text)

    @property
    def planned_words(self) -> str:
        """2027年3月, with the day where one is named."""
        if self.planned_on is None:
            return ""
        day = f"{self.planned_on.day}日" if self.planned_exact else ""
        return f"{self.planned_on.year}年{self.planned_on.month}月{day}"

    @property
    def planned_typed(self) -> str:
        """The same as a form's field takes it."""
        return typed(self.planned_on, self.planned_exact)

    @property
    def unit_words(self) -> str:
        """Who handles it; the first one leads."""
        name = self.unit.name if self.unit else ""
        return f"{name}（牵头）、{self.others}" if name and self.others else name or self.others

    @property
    def procedure_words(self) -> str:
        """公众参与、合法性审查、集体讨论决定."""
        return "、".join(Procedure(value).label for value in self.procedures)

    @property
    def mode_words(self) -> str:
        """座谈会、向社会公开征求意见."""
        return "、".join(Mode(value).label for value in self.modes)

    def needs(self, procedure: Procedure) -> bool:
        """Whether the catalogue asks for this procedure."""
        return procedure.value in self.procedures

    @property
    def lacking(self) -> list[str]:
        """What is still to be written before the committee is asked."""
        missing = [
            words
            for words, there in (
                ("事项名称", self.title),
                ("承办单位", self.unit),
                ("依据", self.basis),
                ("程序要求", self.procedures),
                ("计划时间", self.planned_on),
            )
            if not there
        ]
        if self.needs(Procedure.PARTICIPATION) and not self.modes:
            missing.append("公众参与方式")
        return missing

    @property
    def line(self) -> Line:
        """How it reads, for comparing."""
        return Line(
            self.origin,
            self.title,
            (
                ("事项名称", self.title),
                ("类别", self.category.short),
                ("民生领域", self.livelihood.label if self.livelihood else ""),
                ("承办单位", self.unit_words),
                ("依据", self.basis),
                ("程序要求", self.procedure_words),
                ("公众参与方式", self.mode_words),
                ("计划时间", self.planned_words),
                ("备注", self.remark),
            ),
        )


_PLAIN = ("category", "livelihood", "planned_on", "planned_exact")


def _named(items: Iterable[CatalogueItem]) -> str:
    return "、".join(f"“{item.title or '没有名称的一项'}”" for item in items)


@predicate
def catalogue_has_items(subject: Catalogue, actor: object) -> str | None:
    """There is something in it."""
    return None if subject.items else ""


@predicate
def items_complete(subject: Catalogue, actor: object) -> str | None:
    """Each item says who, on what basis, by which procedures and when."""
    lacking = [
        f"“{i.title or f'第{n}项'}”缺{'、'.join(i.lacking)}" for n, i in enumerate(subject.items, 1) if i.lacking
    ]
    return f"{'；'.join(lacking)}。" if lacking else None


@predicate
def firm_procedures_kept(subject: Catalogue, actor: object) -> str | None:
    """Legal review and deliberation are never left out."""
    short = [item for item in subject.items if not all(item.needs(each) for each in NEVER_LEFT_OUT)]
    return f"请补上：{_named(short)}。" if short else None


@predicate
def poll_where_promised(subject: Catalogue, actor: object) -> str | None:
    """Matters of daily life are asked about by a poll."""
    short = [item for item in subject.items if item.livelihood and not item.needs(Procedure.POLL)]
    return f"请补上：{_named(short)}。" if short else None


@predicate
def adjustment_explained(subject: Catalogue, actor: object) -> str | None:
    """A version that follows another says why, and differs from it."""
    before = subject.adjusts
    if before is None:
        return None
    if not subject.reason:
        return "还没有写理由。"
    same = not subject.differences() and subject.intro == before.intro
    return "这一版和上一版一字不差，没有可以公布的调整。" if same else None


@predicate
def party_consented(subject: Catalogue, actor: object) -> str | None:
    """The Party working committee's consent has its date and document number."""
    return None if subject.consented_on and subject.consent_number else ""


@predicate
def actor_had_no_hand(subject: Any, actor: Any) -> str | None:
    """Whoever checks or publishes it wrote nothing of it: two persons, not two roles."""
    return "" if actor.actor_ref in trail.hands(subject, subject.wrote) else None


def by_public_id(public_id: str, *, published: bool = True) -> Catalogue | None:
    """One version by its address; unpublished ones only for the desk."""
    found = db.session.scalar(select(Catalogue).where(Catalogue.public_id == public_id))
    return None if found is not None and published and found.stage != CatalogueStage.PUBLISHED else found


def item_by_public_id(public_id: str) -> CatalogueItem | None:
    """One item by its address."""
    return db.session.scalar(select(CatalogueItem).where(CatalogueItem.public_id == public_id))


def versions(year: int) -> Sequence[Catalogue]:
    """The published versions of a year, newest first."""
    return db.session.scalars(
        select(Catalogue).where(Catalogue.year == year, Catalogue.number.is_not(None)).order_by(Catalogue.number.desc())
    ).all()


def in_force(year: int | None = None) -> Catalogue | None:
    """The catalogue as it stands: of this year, or of the newest year that has one and has begun."""
    query = (
        select(Catalogue)
        .where(Catalogue.number.is_not(None))
        .order_by(Catalogue.year.desc(), Catalogue.number.desc())
        .limit(1)
    )
    if year is not None:
        return db.session.scalar(query.where(Catalogue.year == year))
    return db.session.scalar(query.where(Catalogue.year <= today().year)) or db.session.scalar(query)


def years() -> Sequence[int]:
    """The years that have a published catalogue, newest first."""
    return db.session.scalars(
        select(Catalogue.year).where(Catalogue.number.is_not(None)).distinct().order_by(Catalogue.year.desc())
    ).all()


def in_hand() -> Sequence[Catalogue]:
    """Versions that are being worked on, newest year first."""
    return db.session.scalars(_IN_HAND).all()


_IN_HAND = select(Catalogue).where(Catalogue.open_year.is_not(None)).order_by(Catalogue.year.desc())


def items_in_force(year: int | None = None) -> Sequence[CatalogueItem]:
    """The matters of the catalogue as it stands, in its order: what a case can be opened on."""
    standing = in_force(year)
    return standing.items if standing else []


def matter_of(origin: str) -> CatalogueItem | None:
    """A matter as it reads now: in the newest published version that has it, or in the one that is being worked on."""
    return db.session.scalar(
        select(CatalogueItem)
        .join(Catalogue, Catalogue.id == CatalogueItem.catalogue_id)
        .where(CatalogueItem.origin == origin, Catalogue.stage != CatalogueStage.ABANDONED)
        .order_by(CatalogueItem.edition.is_(None), CatalogueItem.edition.desc())
        .limit(1)
    )


def matters() -> Sequence[CatalogueItem]:
    """Every matter that stands in a catalogue in force or being worked on, once, the newest year first."""
    seen: dict[str, CatalogueItem] = {}
    for catalogue in [*(c for year in years()[:2] if (c := in_force(year))), *in_hand()]:
        for item in catalogue.items:
            seen.setdefault(item.origin, item)
    return sorted(seen.values(), key=lambda item: (-item.catalogue.year, item.position, item.id))


def item_now(item: CatalogueItem) -> CatalogueItem | None:
    """The same matter in the version that is in force; none where it was taken out."""
    standing = in_force(item.catalogue.year)
    return next((other for other in standing.items if other.origin == item.origin), None) if standing else None


_PLANNED = re.compile(
    r"(?:(?P<year>20[0-9]{2})\s*[年./-]\s*)?(?P<month>1[0-2]|0?[1-9])\s*(?:月|[./-](?=\s*[0-9])|$)\s*"
    r"(?:(?P<day>3[01]|[12][0-9]|0?[1-9])\s*[日号]?)?\s*(?P<end>[底末])?前?"
)


def planned(written: str, year: int) -> tuple[date, bool] | None:
    """A planned time as people write it (2027年3月, 2027-03-15, 6月底前) and whether a day is named; None for anything else."""
    found = _PLANNED.fullmatch(written.strip())
    if found is None:
        return None
    try:
        day = date(int(found["year"] or year), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        return None
    return day, found["day"] is not None


def typed(day: date | None, exact: bool) -> str:
    """A planned time as a form's field takes it: 2027-03, or 2027-03-15 where a day is named."""
    if day is None:
        return ""
    return day.isoformat() if exact else f"{day:%Y-%m}"
