"""The lists of what the street may do and has to do, each power with its basis and its way, checked by the justice office and made public."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from models import files
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import Missing, OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.unit import Unit
from models.texts.lists import Difference, Line, differences
from models.texts.received import all_received, as_received, reason_given
from models.texts.steps import Step, kept, steps_of, written

MOST = 300
"""Entries of one list."""
CHARTS = ("jpg", "png", "webp", "pdf")
"""What a flow chart may be uploaded as."""


class RegisterKind(enum.StrEnum):
    """Which list."""

    POWERS = "powers"
    DUTIES = "duties"
    NEGATIVE = "negative"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"powers": "权力清单", "duties": "责任清单", "negative": "市场准入负面清单"}[self.value]

    @property
    def says(self) -> str:
        """What it is, in a sentence for residents."""
        return {
            "powers": "街道能办什么事，凭什么办，怎么办。清单以外的，街道不能管。",
            "duties": "街道该负哪些责任，没有做到怎么追究。",
            "negative": "哪些行业国家不让进、要许可才能进。清单以外的，谁都可以依法平等进入。",
        }[self.value]


class PowerKind(enum.StrEnum):
    """What kind of power it is."""

    LICENCE = "licence"
    PENALTY = "penalty"
    COMPULSION = "compulsion"
    LEVY = "levy"
    PAYMENT = "payment"
    INSPECTION = "inspection"
    CONFIRMATION = "confirmation"
    AWARD = "award"
    RULING = "ruling"
    SERVICE = "service"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "licence": "行政许可",
            "penalty": "行政处罚",
            "compulsion": "行政强制",
            "levy": "行政征收",
            "payment": "行政给付",
            "inspection": "行政检查",
            "confirmation": "行政确认",
            "award": "行政奖励",
            "ruling": "行政裁决",
            "service": "公共服务",
            "other": "其他",
        }[self.value]


class RegisterStage(enum.StrEnum):
    """How far a version has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    PUBLISHED = "published"
    ABANDONED = "abandoned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "编制中",
            "submitted": "待司法所核对",
            "checked": "待公布",
            "published": "已公布",
            "abandoned": "不编了",
        }[self.value]


TEXTS: dict[str, tuple[str, int]] = {
    "intro": ("说明", 2000),
    "reason": ("调整的理由和依据", 600),
    "link": ("清单全文的网址", 300),
}
"""The text fields of a version: what they are called and how long they may be."""
ENTRY_TEXTS: dict[str, tuple[str, int]] = {
    "name": ("事项名称", 120),
    "basis": ("设定依据", 2000),
    "subject": ("行使主体", 60),
    "object": ("办理对象", 120),
    "duties": ("责任事项和追责情形", 2000),
    "change_basis": ("变动依据", 600),
}
"""The text fields of an entry."""


class Register(PublicId, Base):
    """One version of one list. Once published it stays as it is; a change is the next version."""

    __tablename__ = "register"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        UniqueConstraint("open_kind"),
        CheckConstraint(
            "stage NOT IN ('checked', 'published') OR (checker_id IS NOT NULL AND checked_at IS NOT NULL)",
            name="checked_by_somebody",
        ),
        CheckConstraint(
            "stage <> 'published' OR (number IS NOT NULL AND published_at IS NOT NULL "
            "AND publisher_id IS NOT NULL AND publisher_id <> checker_id)",
            name="published_by_a_second_person",
        ),
        CheckConstraint("number IS NULL OR number = 1 OR reason <> ''", name="changed_with_a_reason"),
        CheckConstraint(
            "(open_kind IS NOT NULL) = (stage IN ('drafted', 'submitted', 'checked'))", name="one_version_in_hand"
        ),
    )

    kind: Mapped[RegisterKind] = mapped_column(choice(RegisterKind))
    number: Mapped[int | None] = mapped_column(Integer)
    """Given by publishing."""
    open_kind: Mapped[str | None] = mapped_column(String(24))
    """The kind while this version is in hand, so that the database allows no second one."""
    stage: Mapped[RegisterStage] = mapped_column(choice(RegisterStage), default=RegisterStage.DRAFTED)
    intro: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(600), default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    """Where the whole list stands: the negative list is the state's, not ours."""
    remark: Mapped[str] = mapped_column(String(300), default="")
    """What the justice office said when it checked."""
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    checker_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    publisher_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    checker: Mapped[Officer | None] = relationship(foreign_keys=[checker_id])
    publisher: Mapped[Officer | None] = relationship(foreign_keys=[publisher_id])
    entries: Mapped[list["RegisterEntry"]] = relationship(
        order_by="RegisterEntry.position, RegisterEntry.id", cascade="all, delete-orphan", back_populates="register"
    )

    __mapper_args__ = {"version_id_col": version}

    wrote = ("draft_new", "revise", "put_entry", "drop_entry", "bring_back", "attach_chart", "detach_chart")
    """The verbs by which somebody has a hand in what a version says."""

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def title(self) -> str:
        """权力清单（第2版）."""
        return self.kind.label if self.number in (None, 1) else f"{self.kind.label}（第{self.number}版）"

    @property
    def standing(self) -> list["RegisterEntry"]:
        """The entries that this version has, those that it struck out not among them."""
        return [entry for entry in self.entries if not entry.dropped]

    @property
    def changes_of(self) -> "Register | None":
        """The published version that this one follows."""
        query = (
            select(Register)
            .where(Register.kind == self.kind, Register.number.is_not(None))
            .order_by(Register.number.desc())
            .limit(1)
        )
        if self.number is not None:
            query = query.where(Register.number < self.number)
        return db.session.scalar(query)

    @property
    def publish_by(self) -> date | None:
        """The last day for publishing once it is checked (Disclosure Regulations, article 26)."""
        if self.checked_at is None:
            return None
        return self.rules.number("register.publish_workdays").after(local(self.checked_at).date())

    def differences(self) -> list[tuple[Difference, str]]:
        """What this version changes in the one before, each with the basis of that change."""
        before = self.changes_of
        if before is None:
            return []
        basis = {entry.origin: entry.change_basis for entry in self.entries}
        found = differences([e.line for e in before.standing], [e.line for e in self.standing])
        return [(one, basis.get(one.line.key, "")) for one in found]

    # the road

    @classmethod
    @birth(by=ruled("register.draft_new"), say="{what}")
    def draft_new(cls, officer: Officer, kind: RegisterKind) -> Self:
        """A first version, or a change that begins as a copy of the version in force."""
        before = in_force(kind)
        made = cls(kind=kind, open_kind=kind.value, author=officer, made_at=now())
        try:
            with db.session.begin_nested():
                db.session.add(made)
                db.session.flush()
        except IntegrityError:
            raise OutOfTurn(f"{kind.label}已经有一版在办，请接着办那一版。") from None
        if before is not None:
            made.intro, made.link = before.intro, before.link
            made.entries = [entry.copied() for entry in before.standing]
        note(what=f"调整{kind.label}" if before else f"编制{kind.label}")
        return made

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="修改说明", say="修改清单的说明")
    def revise(self, officer: Officer, **fields: str) -> None:
        """The words above the list, why it changes, and where the whole of it stands."""
        for name, words in all_received(fields, TEXTS).items():
            setattr(self, name, words)
        if self.link and not self.link.startswith("https://"):
            words = "网址要写全，以 https:// 开头。"
            raise RuleUnmet(words, {"link": words})
        note(fields=sorted(fields))

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="添一项", say="{what}“{name}”")
    def put_entry(self, officer: Officer, entry: "RegisterEntry | None" = None, **fields: Any) -> "RegisterEntry":
        """Write an entry, or write it anew. What is missing may be missing until it is submitted."""
        put = entry if entry is not None else self._new_entry()
        if put.register is not self:
            raise Missing("这一项不在这份清单里。")
        put.write(fields)
        self._touch()
        note(what="添上" if entry is None else "改写", name=put.name, entry=put.origin)
        return put

    def _new_entry(self) -> "RegisterEntry":
        if self.kind == RegisterKind.NEGATIVE:
            raise RuleUnmet("负面清单由国家统一公布，这里只写说明和网址，不列事项。")
        if len(self.entries) >= MOST:
            raise RuleUnmet(f"一份清单最多{MOST}项。")
        last = max((entry.position for entry in self.entries), default=0)
        name = new_public_id()
        made = RegisterEntry(public_id=name, origin=name, position=last + 1, kind=PowerKind.OTHER, steps=[])
        self.entries.append(made)
        return made

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="", say="取消“{name}”：{basis}")
    def drop_entry(self, officer: Officer, entry: "RegisterEntry", basis: str = "") -> None:
        """Strike an entry out; one that was published says on which basis, and stays in the versions before."""
        if entry.register is not self:
            raise Missing("这一项不在这份清单里。")
        before = self.changes_of
        published = before is not None and any(e.origin == entry.origin for e in before.standing)
        basis = as_received(basis or "", field="change_basis", most=600, least=0, label="变动依据").strip()
        if published and not basis:
            words = "请写明取消这一项的依据，例如：某法第几条修改、上级下放或者收回的文件。"
            raise RuleUnmet(words, {"change_basis": words})
        note(name=entry.name, basis=basis or "还没公布过", entry=entry.origin)
        if published:
            entry.dropped, entry.change_basis = True, basis
        else:
            self.entries.remove(entry)
        self._touch()

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="", say="不取消“{name}”了")
    def bring_back(self, officer: Officer, entry: "RegisterEntry") -> None:
        """An entry that was struck out stands again."""
        if entry.register is not self or not entry.dropped:
            raise Missing("这一项没有取消。")
        entry.dropped, entry.change_basis = False, ""
        self._touch()
        note(name=entry.name, entry=entry.origin)

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="", say="上传“{name}”的流程图")
    def attach_chart(self, officer: Officer, entry: "RegisterEntry", data: bytes) -> None:
        """A flow chart that somebody drew: a picture, drawn anew without what cameras hide in it, or a PDF."""
        if entry.register is not self:
            raise Missing("这一项不在这份清单里。")
        mime, extension = files.admitted(data, only=CHARTS, field="chart")
        if extension != "pdf":
            data, mime = files.redrawn(data)
        entry.chart, entry.chart_mime = files.keep(data), mime
        self._touch()
        note(name=entry.name, entry=entry.origin, file=entry.chart)

    @act(RegisterStage.DRAFTED, by=ruled("register.revise"), label="", say="去掉“{name}”的流程图文件")
    def detach_chart(self, officer: Officer, entry: "RegisterEntry") -> None:
        """No file any more; the drawing from the steps stands."""
        if entry.register is not self:
            raise Missing("这一项不在这份清单里。")
        entry.chart = entry.chart_mime = ""
        self._touch()
        note(name=entry.name, entry=entry.origin)

    def _touch(self) -> None:
        """An entry's change is the version's change: who checks or publishes another state of it is told to look again."""
        flag_modified(self, "intro")

    @step(
        RegisterStage.DRAFTED,
        to=RegisterStage.SUBMITTED,
        by=ruled("register.submit"),
        needs="register.submit",
        label="送司法所核对",
        say="送司法所核对{kind}，共{count}项",
    )
    def submit(self, officer: Officer) -> None:
        """Whole; the justice office looks whether each basis is law, and is in force."""
        note(kind=self.kind.label, count=len(self.standing))
        self.returned_reason = ""

    @step(
        RegisterStage.SUBMITTED,
        to=RegisterStage.CHECKED,
        by=ruled("register.check"),
        needs="register.check",
        label="核对无误",
        say="核对无误：{remark}",
    )
    def check(self, officer: Officer, remark: str) -> None:
        """The justice office answers for the bases with its name and a few words."""
        words = as_received(remark or "", field="remark", most=300, least=0, label="核对意见").strip()
        if not words:
            ask = "请写核对意见，例如：依据都现行有效，权限没有超出。"
            raise RuleUnmet(ask, {"remark": ask})
        at = now()
        self.checker, self.remark, self.checked_at = officer, words, at
        note(remark=words)

    @step(
        RegisterStage.SUBMITTED,
        RegisterStage.CHECKED,
        to=RegisterStage.DRAFTED,
        by=ruled("register.send_back"),
        label="退回修改",
        say="退回修改：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to be mended; what was checked has to be checked anew."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        self.checker, self.checked_at, self.remark = None, None, ""
        note(reason=self.returned_reason)

    @step(
        RegisterStage.CHECKED,
        to=RegisterStage.PUBLISHED,
        by=ruled("register.publish"),
        needs="register.publish",
        label="公布",
        say="公布{kind}第{number}版，共{count}项",
    )
    def publish(self, officer: Officer) -> None:
        """Before everybody's eyes from now on; this version never changes again."""
        # Everything is read before anything is changed: a flush halfway would meet the table's checks without the stage.
        last = db.session.scalar(select(func.max(Register.number)).where(Register.kind == self.kind)) or 0
        at, entries, count = now(), list(self.entries), len(self.standing)
        self.number, self.open_kind, self.publisher, self.published_at = last + 1, None, officer, at
        for entry in entries:
            entry.edition = last + 1
        note(kind=self.kind.label, number=last + 1, count=count)

    @step(
        RegisterStage.DRAFTED,
        to=RegisterStage.ABANDONED,
        by=ruled("register.abandon"),
        label="不编了",
        say="不再编制这一版：{reason}",
        primary=False,
    )
    def abandon(self, officer: Officer, reason: str) -> None:
        """A draft that nobody needs any more; it stays in the trail."""
        self.returned_reason = reason_given(reason, "请写明为什么不编了。")
        self.open_kind = None
        note(reason=self.returned_reason)


class RegisterEntry(PublicId, Base):
    """One power or duty of a version; `origin` stays with it through all versions."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("register_id", "origin"),
        CheckConstraint("NOT dropped OR change_basis <> ''", name="struck_out_on_a_basis"),
        CheckConstraint("(chart = '') = (chart_mime = '')", name="chart_with_its_kind"),
    )

    register_id: Mapped[int] = mapped_column(ForeignKey("register.id"))
    origin: Mapped[str] = mapped_column(String(12), index=True)
    edition: Mapped[int | None] = mapped_column(Integer)
    """The version under whose number it was published; from then on the database refuses every change."""
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[PowerKind] = mapped_column(choice(PowerKind))
    name: Mapped[str] = mapped_column(String(120), default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str] = mapped_column(String(60), default="")
    """In whose name it is done; empty: the office itself."""
    object: Mapped[str] = mapped_column(String(120), default="")
    """Whom it concerns."""
    duties: Mapped[str] = mapped_column(Text, default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    chart: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of an uploaded flow chart; without one it is drawn from the steps."""
    chart_mime: Mapped[str] = mapped_column(String(60), default="")
    dropped: Mapped[bool] = mapped_column(default=False)
    """Struck out by this version."""
    change_basis: Mapped[str] = mapped_column(String(600), default="")
    """On which basis this version added, changed or struck it out."""

    register: Mapped[Register] = relationship(back_populates="entries")
    unit: Mapped[Unit | None] = relationship(lazy="joined")

    def copied(self) -> "RegisterEntry":
        """The same entry for the next version; why that one changes it is not written yet."""
        same = {
            name: getattr(self, name) for name in (*ENTRY_TEXTS, "kind", "position", "origin", "chart", "chart_mime")
        }
        return RegisterEntry(**(same | {"change_basis": ""}), unit=self.unit, steps=list(self.steps))

    def write(self, fields: dict[str, Any]) -> None:
        """Take over these fields; what no field can hold is refused in words."""
        told = dict(fields)
        texts = {name: told.pop(name) for name in ENTRY_TEXTS if name in told}
        if "steps" in told:
            self.steps = kept(steps_of(told.pop("steps") or ""))
        for name in ("kind", "unit"):
            if name in told:
                setattr(self, name, told.pop(name))
        if told:
            raise TypeError(f"no field {sorted(told)[0]}")
        for name, words in all_received(texts, ENTRY_TEXTS).items():
            setattr(self, name, words)

    @property
    def flow(self) -> list[Step]:
        """The steps of its way."""
        return [Step(**step) for step in self.steps]

    @property
    def steps_typed(self) -> str:
        """The steps as they are typed."""
        return written(self.flow)

    @property
    def lacking(self) -> list[str]:
        """What is still to be written before it is submitted."""
        duties = self.register.kind == RegisterKind.DUTIES
        return [
            words
            for words, there in (
                ("事项名称", self.name),
                ("设定依据", self.basis),
                ("责任单位", self.unit),
                ("责任事项和追责情形" if duties else "办理对象", self.duties if duties else self.object),
                ("流程", duties or self.steps or self.chart),
            )
            if not there
        ]

    @property
    def line(self) -> Line:
        """How it reads, for comparing."""
        return Line(
            self.origin,
            self.name,
            (
                ("事项名称", self.name),
                ("类型", self.kind.label),
                ("设定依据", self.basis),
                ("责任单位", self.unit.name if self.unit else ""),
                ("行使主体", self.subject),
                ("办理对象", self.object),
                ("责任事项和追责情形", self.duties),
                ("流程", "；".join(step.words for step in self.flow)),
                ("流程图文件", self.chart[:12]),
            ),
        )


@predicate
def register_says_something(subject: Register, actor: object) -> str | None:
    """Entries, or for the negative list the address of the whole."""
    if subject.kind == RegisterKind.NEGATIVE:
        return None if subject.link and subject.intro else "负面清单要写说明和清单全文的网址。"
    return None if subject.standing else ""


@predicate
def entries_complete(subject: Register, actor: object) -> str | None:
    """Each entry says what, on what basis, by whom, for whom and how."""
    lacking = [
        f"“{e.name or f'第{n}项'}”缺{'、'.join(e.lacking)}" for n, e in enumerate(subject.standing, 1) if e.lacking
    ]
    return f"{'；'.join(lacking)}。" if lacking else None


@predicate
def changes_have_basis(subject: Register, actor: object) -> str | None:
    """A version that follows another says why, and on which basis each entry changes."""
    before = subject.changes_of
    if before is None:
        return None
    changed = subject.differences()
    bare = [f"“{one.line.title}”" for one, basis in changed if not basis]
    if bare:
        return f"请补上变动依据：{'、'.join(bare)}。"
    if not subject.reason:
        return "还没有写调整的理由和依据。"
    same = not changed and (subject.intro, subject.link) == (before.intro, before.link)
    return "这一版和上一版一字不差，没有可以公布的调整。" if same else None


@predicate
def publisher_is_not_checker(subject: Register, actor: Any) -> str | None:
    """Who checked does not publish: two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.checker_id else None


def by_public_id(public_id: str, *, published: bool = True) -> Register | None:
    """One version by its address; unpublished ones only for the desk."""
    found = db.session.scalar(select(Register).where(Register.public_id == public_id))
    return None if found is not None and published and found.stage != RegisterStage.PUBLISHED else found


def entry_by_public_id(public_id: str, *, published: bool = True) -> RegisterEntry | None:
    """One entry by its address; unpublished ones only for the desk."""
    found = db.session.scalar(select(RegisterEntry).where(RegisterEntry.public_id == public_id))
    return None if found is not None and published and found.edition is None else found


def in_force(kind: RegisterKind) -> Register | None:
    """The list as it stands."""
    return next(iter(versions(kind)), None)


def versions(kind: RegisterKind) -> Sequence[Register]:
    """The published versions of a list, newest first."""
    return db.session.scalars(
        select(Register).where(Register.kind == kind, Register.number.is_not(None)).order_by(Register.number.desc())
    ).all()


def in_hand() -> Sequence[Register]:
    """Versions that are being worked on."""
    return db.session.scalars(_IN_HAND).all()


_IN_HAND = select(Register).where(Register.open_kind.is_not(None)).order_by(Register.id)
