"""A consultation puts a draft before the people for a time, takes what they say, and answers each of them."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Self

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision, Kind, OfCaseKind
from models.decisions.draft import Draft
from models.decisions.matter import Procedure
from models.decisions.road import Going, Standing, by_need, station
from models.kernel.base import Address, Base, PublicId, choice, db
from models.kernel.clock import BEIJING, local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, office_rules, post, predicate, ruled, step, system
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import Number
from models.kernel.trail import Trace, note
from models.kernel.workdays import add_workdays, window_end
from models.people.consent import RETENTION, ConsentText
from models.people.officer import Officer
from models.texts.received import as_received


class Stage(enum.StrEnum):
    """How far the sign-off has come. Whether people may speak is computed from dates, not stored."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    PUBLISHED = "published"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "起草",
            "submitted": "待初审",
            "checked": "待复审",
            "reviewed": "待签发",
            "signed": "待公布",
            "published": "已公布",
            "concluded": "已答复",
            "cancelled": "已取消",
        }[self.value]


class State(enum.StrEnum):
    """What a resident sees at a given moment."""

    UNPUBLISHED = "unpublished"
    OPEN = "open"
    CLOSED = "closed"
    RELEASED = "released"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "unpublished": "还没公布",
            "open": "正在征求意见",
            "closed": "已截止，等答复",
            "released": "已答复",
            "cancelled": "已取消",
        }[self.value]


class Audience(enum.StrEnum):
    """Who is asked."""

    PUBLIC = "public"
    DIRECTED = "directed"
    INTERNAL = "internal"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"public": "公开征求意见", "directed": "定向征求意见", "internal": "内部征求意见"}[self.value]


class Channel(enum.StrEnum):
    """Where a comment came in."""

    CHAT = "chat"
    MINI = "mini"
    H5 = "h5"
    PAPER = "paper"
    PHONE = "phone"
    HALL = "hall"
    EMAIL = "email"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "chat": "公众号",
            "mini": "小程序",
            "h5": "网页",
            "paper": "信函和意见箱",
            "phone": "电话",
            "hall": "现场",
            "email": "电子邮件",
        }[self.value]


TEXTS: dict[str, tuple[str, int]] = {
    "title": ("标题", 60),
    "summary": ("一句话说明", 120),
    "whom": ("关系到谁", 120),
    "content": ("主要内容", 2000),
    "purpose": ("目的", 2000),
    "basis": ("依据", 2000),
    "impact": ("影响", 2000),
    "short_reason": ("缩短期限的理由", 300),
    "contact_unit": ("承办单位", 60),
    "contact_phone": ("联系电话", 40),
    "contact_email": ("电子邮箱", 80),
    "contact_address": ("地址", 120),
}
"""The text fields of a notice: what they are called and how long they may be."""
EXPLANATION = ("purpose", "basis", "content", "impact")
"""The four parts that the notice has to explain."""


class Consultation(OfCaseKind, PublicId, Base):
    """One round of asking about one draft."""

    __tablename__ = "consultation"
    __table_args__ = (
        Index("ix_consultation_window", "stage", "closes_on"),
        CheckConstraint(
            "stage NOT IN ('published', 'concluded') OR (number <> '' AND opens_on IS NOT NULL "
            "AND closes_on IS NOT NULL AND answer_due_on IS NOT NULL)",
            name="published_with_number_and_dates",
        ),
        CheckConstraint("closes_on IS NULL OR closes_on > opens_on", name="window_in_order"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    handler_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    stage: Mapped[Stage] = mapped_column(choice(Stage), default=Stage.DRAFTED)
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.PUBLIC)
    number: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(60), default="")
    summary: Mapped[str] = mapped_column(String(120), default="")
    whom: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[str] = mapped_column(Text, default="")
    window_days: Mapped[int] = mapped_column(Integer, default=30)
    short_reason: Mapped[str] = mapped_column(String(300), default="")
    answer_workdays: Mapped[int] = mapped_column(Integer, default=15)
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    contact_unit: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_email: Mapped[str] = mapped_column(String(80), default="")
    contact_address: Mapped[str] = mapped_column(String(120), default="")
    opens_on: Mapped[date | None] = mapped_column(Date)
    closes_on: Mapped[date | None] = mapped_column(Date)
    answer_due_on: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why the last reviewer sent it back; shown to the handler until it is submitted again."""
    n_people: Mapped[int] = mapped_column(Integer, default=0)
    n_texts: Mapped[int] = mapped_column(Integer, default=0)
    n_points: Mapped[int] = mapped_column(Integer, default=0)
    serials: Mapped[int] = mapped_column(Integer, default=0)
    """The last public serial given; never given back."""
    edition: Mapped[int] = mapped_column(Integer, default=1)
    """What cached pages are kept under: moves on publishing, correcting, extending and release, not on a comment."""
    privacy_id: Mapped[int | None] = mapped_column(ForeignKey("consent_text.id"))
    """The privacy text that was in force when the notice was published, and that it shows for good."""
    version: Mapped[int] = mapped_column(Integer)

    privacy: Mapped[ConsentText | None] = relationship()
    decision: Mapped[Decision] = relationship(lazy="joined")
    draft: Mapped[Draft | None] = relationship()
    handler: Mapped[Officer] = relationship()
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.id")
    corrections: Mapped[list["Correction"]] = relationship(order_by="Correction.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def before_words(self) -> str:
        """What stands before 采纳 as long as the case is not decided."""
        return self.decision.before_words

    @property
    def least(self) -> Number:
        """The shortest window that needs no reason, by the kind of the case."""
        if self.decision.kind == Kind.NORMATIVE:
            key = "normative.window_days_market" if self.decision.market else "normative.window_workdays"
            return self.rules.number(key)
        return self.rules.number("consultation.window_days")

    # what a moment says

    @property
    def closes_at(self) -> datetime | None:
        """The first moment after the window: 24:00 in Beijing of the last day."""
        if self.closes_on is None:
            return None
        return datetime.combine(self.closes_on + timedelta(days=1), datetime.min.time(), BEIJING)

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether people may speak; computed from dates, so nothing depends on a job that ran at midnight."""
        day = local(at or now()).date()
        return bool(
            self.stage == Stage.PUBLISHED
            and self.opens_on is not None
            and self.closes_on is not None
            and self.opens_on <= day <= self.closes_on
        )

    def state(self, at: datetime | None = None) -> State:
        """What a resident sees."""
        if self.stage == Stage.CANCELLED:
            return State.CANCELLED if self.published_at else State.UNPUBLISHED
        if self.stage == Stage.CONCLUDED:
            return State.RELEASED
        if self.stage == Stage.PUBLISHED:
            return State.OPEN if self.is_open(at) else State.CLOSED
        return State.UNPUBLISHED

    def days_left(self, at: datetime | None = None) -> int:
        """Whole days until the window's last day; 0 on that day, negative after it."""
        assert self.closes_on is not None
        return (self.closes_on - local(at or now()).date()).days

    def _end(self, day: date, days: int) -> date:
        """The last day of a period; past days off where the rule set says so."""
        return window_end(day, days, past_days_off=bool(self.rules.switch("window_past_days_off")))

    @property
    def names_wanted(self) -> bool:
        """Whether this office asks people for their names; by default it does not."""
        return bool(self.rules.switch("name_required"))

    @property
    def ways(self) -> list[tuple[Channel, str]]:
        """How to speak, as the notice prints it: each chosen way with its telephone number or address, where it has one."""
        office = Installation.here()
        where = {
            Channel.PAPER: self.contact_address or office.address,
            Channel.HALL: self.contact_address or office.address,
            Channel.PHONE: self.contact_phone or office.phone,
            Channel.EMAIL: self.contact_email or office.email,
        }
        return [(way, where.get(way, "")) for way in Channel if way.value in self.channels]

    # the sign-off

    @classmethod
    @birth(by=ruled("consultation.draft_new"), say="起草公告：{title}")
    def draft_new(cls, officer: Officer, decision: Decision, **fields: Any) -> Self:
        """A notice to be worked on; what is still missing may be missing."""
        decision.refuse_when_filed("要再征求意见，请另立一卷，写明调整的是这一件。")
        rules = decision.rules
        made = cls(
            decision=decision,
            handler=officer,
            window_days=rules.number("consultation.window_days").value,
            answer_workdays=rules.number("consultation.answer_workdays").value,
            channels=[c.value for c in Channel],
            contact_unit=officer.actor_unit,
        )
        db.session.add(made)
        made._write(fields)
        note(title=made.title)
        return made

    @act(Stage.DRAFTED, by=ruled("consultation.revise"), label="修改", say="修改公告")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change the notice while it is being drafted."""
        self._write(fields)
        note(fields=sorted(fields))

    def _write(self, fields: dict[str, Any]) -> None:
        wrong: dict[str, str] = {}
        for name, value in fields.items():
            if name in TEXTS:
                label, most = TEXTS[name]
                try:
                    setattr(self, name, as_received(value or "", field=name, most=most, least=0).strip())
                except RuleUnmet as unmet:
                    wrong[name] = f"{label}：{unmet.message}"
            elif name == "window_days":
                if not 1 <= int(value) <= 180:
                    wrong[name] = "征求意见的天数要在1到180之间。"
                else:
                    self.window_days = int(value)
            elif name == "answer_workdays":
                most = self.rules.number("consultation.answer_workdays").value
                if not 1 <= int(value) <= most:
                    wrong[name] = f"答复期限只能缩短，最多{most}个工作日。"
                else:
                    self.answer_workdays = int(value)
            elif name == "channels":
                self.channels = [Channel(c).value for c in value]
            elif name == "draft":
                self.draft = value
            elif name == "audience":
                self.audience = Audience(value)
            else:
                raise TypeError(f"no field {name}")
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)

    @step(
        Stage.DRAFTED,
        to=Stage.SUBMITTED,
        by=ruled("consultation.submit"),
        needs="consultation.submit",
        label="送初审",
        say="送单位负责人初审",
    )
    def submit(self, officer: Officer) -> None:
        """The handler is done; the unit head looks first."""
        self.returned_reason = ""

    @step(
        Stage.SUBMITTED,
        to=Stage.CHECKED,
        by=ruled("consultation.check"),
        needs="consultation.check",
        label="初审通过",
        say="初审通过{remark}",
    )
    def check(self, officer: Officer, remark: str = "") -> None:
        """Initial review."""
        note(remark=_remark(remark))

    @step(
        Stage.CHECKED,
        to=Stage.REVIEWED,
        by=ruled("consultation.review"),
        needs="consultation.review",
        label="复审通过",
        say="复审通过{remark}",
    )
    def review(self, officer: Officer, remark: str = "") -> None:
        """Second review."""
        note(remark=_remark(remark))

    @step(
        Stage.REVIEWED,
        to=Stage.SIGNED,
        by=ruled("consultation.sign"),
        needs="consultation.sign",
        label="签发",
        say="签发{remark}",
    )
    def sign(self, officer: Officer, remark: str = "") -> None:
        """Signed; the office numbers and publishes it."""
        note(remark=_remark(remark))

    @step(
        Stage.SUBMITTED,
        Stage.CHECKED,
        Stage.REVIEWED,
        Stage.SIGNED,
        to=Stage.DRAFTED,
        by=ruled("consultation.send_back"),
        label="退回修改",
        say="退回修改：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the handler, who sees why."""
        self.returned_reason = as_received(reason, field="reason", most=300).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        note(reason=self.returned_reason)

    @step(
        Stage.SIGNED,
        to=Stage.PUBLISHED,
        by=ruled("consultation.publish"),
        needs="consultation.publish",
        label="编号并公布",
        say="以{number}公布，征求意见到{closes_on}，{answer_due_on}前答复",
        tells=True,
        wants=("publish_notice", "index"),
    )
    def publish(self, officer: Officer) -> None:
        """Numbered and open from this very day; the day itself is not counted."""
        day = today()
        short = Installation.here().office_short
        self.number = document_number(short, "征", day.year, Numbering.next("征", day.year))
        self.opens_on = day
        self.closes_on = self._end(day, self.window_days)
        self.answer_due_on = add_workdays(self.closes_on, self.answer_workdays)
        self.published_at = now()
        self.privacy = ConsentText.current()
        self.edition += 1
        note(number=self.number, opens_on=day, closes_on=self.closes_on, answer_due_on=self.answer_due_on)

    @act(
        Stage.PUBLISHED,
        by=ruled("consultation.extend"),
        needs="consultation.extend",
        label="延长期限",
        say="延长{days}天，到{closes_on}：{reason}",
        keeps=("days",),
        tells=True,
    )
    def extend(self, officer: Officer, days: int, reason: str) -> None:
        """More time; never less."""
        reason = as_received(reason, field="reason", most=300).strip()
        if not 1 <= days <= 90:
            raise RuleUnmet("每次可以延长1到90天。", {"days": "每次可以延长1到90天。"})
        if not reason:
            raise RuleUnmet("请写明延长的理由，会印在公告上。", {"reason": "请写明延长的理由。"})
        assert self.closes_on is not None
        before = self.closes_on
        self.closes_on = self._end(before, days)
        self.answer_due_on = add_workdays(self.closes_on, self.answer_workdays)
        self.edition += 1
        self.extensions.append(Extension(before_on=before, closes_on=self.closes_on, reason=reason, made_at=now()))
        note(closes_on=self.closes_on, reason=reason)

    @act(
        Stage.PUBLISHED,
        by=system,
        label="",
        say="提醒关注的人：{closes_on}截止",
        tells=True,
    )
    def remind(self, actor: object) -> None:
        """Those who follow and have not spoken; once a window, and again when it was extended."""
        assert self.closes_on is not None
        note(closes_on=self.closes_on)

    @act(
        Stage.PUBLISHED,
        by=ruled("consultation.correct"),
        label="更正公告",
        say="更正公告：{remark}",
        wants=("index",),
    )
    def correct(self, officer: Officer, remark: str, **fields: Any) -> None:
        """Change the notice, not the draft or the window, with a note that everybody sees."""
        remark = as_received(remark, field="remark", most=300).strip()
        if not remark:
            raise RuleUnmet("请写明更正了什么，会印在公告上。", {"remark": "请写明更正了什么。"})
        if {"draft", "window_days", "answer_workdays", "short_reason", "audience"} & fields.keys():
            raise RuleUnmet("草案和期限不能用更正来改；需要时请延长，或者另开一轮。")
        self._write(fields)
        missing = [TEXTS[name][0] for name in ("title", *EXPLANATION) if not getattr(self, name)]
        if missing:
            raise RuleUnmet(f"{'、'.join(missing)}不能为空。")
        self.edition += 1
        self.corrections.append(Correction(remark=remark, made_at=now()))
        note(remark=remark, fields=sorted(fields))

    @step(
        Stage.PUBLISHED,
        to=Stage.CANCELLED,
        by=ruled("consultation.cancel"),
        needs="consultation.cancel",
        label="取消",
        say="取消征求意见：{reason}",
        tells=True,
        primary=False,
    )
    def cancel(self, officer: Officer, reason: str) -> None:
        """Stopped; everybody who spoke is told why."""
        self.cancelled_reason = as_received(reason, field="reason", most=300).strip()
        if not self.cancelled_reason:
            raise RuleUnmet("请写明取消的理由，会告诉提过意见的人。", {"reason": "请写明取消的理由。"})
        self.edition += 1
        note(reason=self.cancelled_reason)

    @act(
        Stage.DRAFTED,
        Stage.SUBMITTED,
        Stage.CHECKED,
        Stage.REVIEWED,
        Stage.SIGNED,
        by=post("handler"),
        label="换人承办",
        say="改由{to}承办",
    )
    def hand_over(self, officer: Officer, to: Officer) -> None:
        """Another handler takes it on."""
        if not to.has("handler"):
            raise RuleUnmet("请选择一位承办人。", {"to": "请选择一位承办人。"})
        self.handler = to
        note(to=to.name)


class Extension(Base):
    """More time, and why; printed on the notice."""

    __tablename__ = "extension"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    before_on: Mapped[date] = mapped_column(Date)
    closes_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]


class Correction(Base):
    """What was put right on a published notice; printed on it."""

    __tablename__ = "correction"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    remark: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]


def _remark(remark: str) -> str:
    """A reviewer's few words as the trail prints them."""
    words = as_received(remark, field="remark", most=300, least=0).strip()
    return f"：{words}" if words else ""


@predicate
def title_given(subject: Consultation, actor: object) -> str | None:
    """A notice has a title."""
    return None if subject.title else ""


@predicate
def explanation_complete(subject: Consultation, actor: object) -> str | None:
    """Purpose, basis, content and impact are all written."""
    missing = [TEXTS[name][0] for name in EXPLANATION if not getattr(subject, name)]
    return f"还缺：{'、'.join(missing)}。" if missing else None


@predicate
def draft_has_clauses(subject: Consultation, actor: object) -> str | None:
    """There is a draft, and something in it that people can speak about."""
    return None if subject.draft is not None and subject.draft.speakable else ""


@predicate
def window_long_enough(subject: Consultation, actor: object) -> str | None:
    """As long as the rules ask, or a reason for less that the notice prints."""
    return None if subject.decision.kind == Kind.NORMATIVE else _window_short(subject)


@predicate
def normative_window_long_enough(subject: Consultation, actor: object) -> str | None:
    """The same for a normative document, whose shortest window is another one."""
    return _window_short(subject) if subject.decision.kind == Kind.NORMATIVE else None


def _window_short(subject: Consultation) -> str | None:
    least, day = subject.least, subject.opens_on or today()
    if subject._end(day, subject.window_days) >= least.after(day) or subject.short_reason:
        return None
    return f"现在是{subject.window_days}天，不到{least.words}。"


@predicate
def channels_given(subject: Consultation, actor: object) -> str | None:
    """At least one way to speak."""
    return None if subject.channels else ""


@predicate
def contact_given(subject: Consultation, actor: object) -> str | None:
    """A unit, and a way to reach it."""
    ways = (subject.contact_phone, subject.contact_email, subject.contact_address)
    return None if subject.contact_unit and any(ways) else ""


@predicate
def privacy_notice_given(subject: Consultation, actor: object) -> str | None:
    """There is a privacy text in force to publish it with, and it says for how long things are kept."""
    text = ConsentText.current()
    if text is None:
        return "现在还没有告知文本。"
    return None if RETENTION in text.body else "现在的文本没有写明保存期限。"


@predicate
def actor_is_not_drafter(subject: Consultation, actor: Any) -> str | None:
    """Who drafted does not review: two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.handler_id else None


@predicate
def head_of_the_handlers_unit(subject: Any, actor: Any) -> str | None:
    """A unit head looks at what their own unit does; a leader, at everything that the rule set lets leaders approve."""
    handler: Officer = getattr(subject, "consultation", subject).handler
    if handler.unit is None or not isinstance(actor, Officer) or actor.heads(handler.unit):
        return None
    if actor.has("leader") and not isinstance(subject, Consultation):
        return None
    return f"这件事由{handler.unit.name}承办。"


@predicate
def window_is_open(subject: Any, actor: object) -> str | None:
    """Today lies in the window of this consultation, or of the comment's."""
    asked: Consultation = getattr(subject, "consultation", subject)
    return None if asked.is_open() else ""


@predicate
def window_has_closed(subject: Consultation, actor: object) -> str | None:
    """The last day is over."""
    return "" if subject.is_open() else None


@predicate
def not_yet_released(subject: Consultation, actor: object) -> str | None:
    """The answers are not out yet."""
    return None if subject.stage != Stage.CONCLUDED else ""


def consultations(*stages: Stage, limit: int = 100) -> Sequence[Consultation]:
    """Consultations in these stages for the desks, newest first."""
    return db.session.scalars(_in_stages(stages), {"limit": limit}).all()


@cache
def _in_stages(stages: tuple[Stage, ...]) -> "Select[Consultation]":
    query = select(Consultation).order_by(Consultation.id.desc()).limit(bindparam("limit", type_=Integer))
    return query.where(Consultation.stage.in_(stages)) if stages else query


_NAMED = select(Consultation).where(Consultation.public_id == bindparam("public_id", type_=Address))


def by_public_id(public_id: str, *, published: bool = True) -> Consultation | None:
    """One consultation by its address; those not published, and rounds among invited people, only for the desks."""
    found = db.session.scalar(_NAMED, {"public_id": public_id})
    if found is not None and published and (found.state() == State.UNPUBLISHED or found.audience != Audience.PUBLIC):
        return None
    return found


def consultations_of(decision: Decision, *audiences: Audience) -> Sequence[Consultation]:
    """The rounds of asking of a case, oldest first, the cancelled ones left out."""
    query = select(Consultation).where(Consultation.decision_id == decision.id, Consultation.stage != Stage.CANCELLED)
    if audiences:
        query = query.where(Consultation.audience.in_(audiences))
    return db.session.scalars(query.order_by(Consultation.id)).all()


@station("consultation")
def _asked(decision: Decision) -> Standing | None:
    """Published, open, over; an ordinary case may ask nobody."""
    rounds = consultations_of(decision, Audience.PUBLIC)
    if not rounds:
        standing = by_need(decision, Procedure.CONSULTATION)
        if decision.kind == Kind.ORDINARY and (standing is None or standing.going == Going.WAIT):
            return None
        return standing
    last = rounds[-1]
    said = f"{sum(c.n_people for c in rounds):,} 人，{sum(c.n_texts for c in rounds):,} 份，{sum(c.n_points for c in rounds):,} 个要点"
    if last.published_at is None:
        return Standing(Going.NOW, last.handler.name, says=f"公告{last.stage.label}")
    if last.is_open():
        return Standing(Going.NOW, last.handler.name, last.opens_on, last.closes_on, f"正在征求意见，{said}")
    return Standing(Going.DONE, last.handler.name, last.closes_on, says=said)


def to_remind() -> list[int]:
    """Our numbers of public rounds that close within the office's days and whose followers have not been reminded of it."""
    day = today()
    days = office_rules().number("consultation.remind_days").value
    rows = db.session.execute(
        select(Consultation.id, Consultation.closes_on).where(
            Consultation.stage == Stage.PUBLISHED,
            Consultation.audience == Audience.PUBLIC,
            Consultation.closes_on > day,
            Consultation.closes_on <= day + timedelta(days=days),
            Consultation.opens_on < day,
        )
    ).all()
    if not rows:
        return []
    done = db.session.execute(
        select(Trace.subject_id, Trace.detail).where(
            Trace.subject_kind == "Consultation",
            Trace.subject_id.in_([r.id for r in rows]),
            Trace.verb == "remind",
        )
    ).all()
    known = {(number, detail.get("closes_on")) for number, detail in done}
    return [r.id for r in rows if (r.id, r.closes_on.isoformat()) not in known]


_ROW = Consultation.__table__.c
COLUMNS = (
    _ROW.id,
    _ROW.public_id,
    _ROW.title,
    _ROW.number,
    _ROW.summary,
    _ROW.whom,
    _ROW.stage,
    _ROW.opens_on,
    _ROW.closes_on,
    _ROW.answer_due_on,
    _ROW.released_at,
    _ROW.n_people,
    _ROW.n_texts,
    _ROW.n_points,
)
"""What lists show of a consultation: columns of the table and not of the record, so that the ORM has nothing to do with their rows."""


def consultation_list(state: State | None = None, *, after: int | None = None, limit: int = 20) -> Sequence[Any]:
    """Core rows of published consultations, newest first, keyset by id (`after` = the last id seen)."""
    given: dict[str, Any] = {"limit": limit, "day": today()}
    if after is not None:
        given["after"] = after
    return db.session.execute(_listed(state, after is not None), given).all()


@cache
def _listed(state: State | None, further: bool) -> "Select[*tuple[Any, ...]]":
    """The statement of a list, built once: building it anew costs as much as asking it."""
    query = (
        select(*COLUMNS)
        .where(_ROW.published_at.is_not(None), _ROW.audience == Audience.PUBLIC)
        .order_by(_ROW.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )
    day = bindparam("day", type_=Date)
    if further:
        query = query.where(_ROW.id < bindparam("after", type_=Integer))
    if state == State.OPEN:
        query = query.where(_ROW.stage == Stage.PUBLISHED, _ROW.closes_on >= day)
    elif state == State.CLOSED:
        query = query.where(_ROW.stage == Stage.PUBLISHED, _ROW.closes_on < day)
    elif state == State.RELEASED:
        query = query.where(_ROW.stage == Stage.CONCLUDED)
    elif state == State.CANCELLED:
        query = query.where(_ROW.stage == Stage.CANCELLED)
    return query


def state_of(row: Any, day: date | None = None) -> State:
    """The state of a core row of consultation_list(); `day` is today, where it is known already."""
    if row.stage == Stage.CONCLUDED:
        return State.RELEASED
    if row.stage == Stage.CANCELLED:
        return State.CANCELLED
    return State.OPEN if row.closes_on >= (day or today()) else State.CLOSED


def open_consultations(limit: int = 20) -> Iterable[Any]:
    """What people can speak about now."""
    return consultation_list(State.OPEN, limit=limit)
