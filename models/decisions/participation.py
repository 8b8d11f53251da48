"""The other ways in which people take part: a forum, a visit, letters, a questionnaire, a poll; each written down as it was."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.by_group import rounds_by_name
from models.comments.comment import Comment
from models.comments.receive import Given, receive
from models.decisions.consultation import Audience, Channel, Consultation, consultations_of
from models.decisions.decision import Decision, OfCase
from models.decisions.draft import Clause
from models.decisions.hearing import HearingStage, hearings_of
from models.decisions.material import about, materials
from models.decisions.matter import Mode, Procedure
from models.decisions.road import Going, Standing, by_need, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import birth, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Resident, ResidentKind
from models.texts.received import as_received

KEPT_HERE = (Mode.FORUM, Mode.VISIT, Mode.WRITTEN, Mode.SURVEY, Mode.POLL, Mode.OTHER)
"""A hearing and an open consultation have records of their own."""
ASKED = (Mode.SURVEY, Mode.POLL)
"""Ways that have a sample, a method and a result."""
CAME_BY = {Mode.WRITTEN: Channel.PAPER, Mode.SURVEY: Channel.PAPER, Mode.POLL: Channel.PAPER}
"""By which channel what was said there comes in; elsewhere it was said in a room."""


class EventStage(enum.StrEnum):
    """Whether the record stands."""

    KEPT = "kept"
    VOID = "void"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"kept": "已登记", "void": "已作废"}[self.value]


class Participation(OfCase, PublicId, Base):
    """One event. What it says never changes; a wrong record is voided with a reason and written anew."""

    __tablename__ = "participation"
    __table_args__ = (
        Index("ix_participation_decision", "decision_id", "id"),
        CheckConstraint("people > 0", name="somebody_came"),
        CheckConstraint(
            "mode NOT IN ('survey', 'poll') OR (sample >= people AND method <> '' AND result <> '')",
            name="asked_with_sample_method_and_result",
        ),
        CheckConstraint("stage <> 'void' OR void_reason <> ''", name="void_with_a_reason"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    mode: Mapped[Mode] = mapped_column(choice(Mode))
    stage: Mapped[EventStage] = mapped_column(choice(EventStage), default=EventStage.KEPT)
    held_on: Mapped[date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(120))
    organised_by: Mapped[str] = mapped_column(String(60))
    people: Mapped[int] = mapped_column(Integer)
    """How many came, were visited, wrote, or answered."""
    kinds: Mapped[str] = mapped_column(String(200))
    """Who they were, in kinds and not by name."""
    gist: Mapped[str] = mapped_column(Text)
    """The main things that were said."""
    sample: Mapped[int] = mapped_column(Integer, default=0)
    """How many were asked."""
    method: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[str] = mapped_column(Text, default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    void_reason: Mapped[str] = mapped_column(String(300), default="")

    decision: Mapped[Decision] = relationship()
    officer: Mapped[Officer] = relationship(lazy="joined")

    @property
    def papers(self) -> int:
        """How many papers belong to it: minutes, the list of who signed in, the questionnaire."""
        return len(materials(self.decision, "participation", subject=about(self)))

    @classmethod
    @birth(by=ruled("participation.record"), say="登记{mode}：{held_on}，{people}人")
    def record(
        cls,
        officer: Officer,
        decision: Decision,
        mode: Mode,
        *,
        held_on: date,
        place: str,
        organised_by: str,
        people: int,
        kinds: str,
        gist: str,
        sample: int = 0,
        method: str = "",
        result: str = "",
    ) -> Self:
        """Written down after it took place."""
        wrong: dict[str, str] = {}
        told = {
            "place": (place, 120, "请写在哪里。"),
            "organised_by": (organised_by, 60, "请写谁组织的。"),
            "kinds": (kinds, 200, "请写都是哪些人，例如：沿街商户12人、居民8人；不写姓名。"),
            "gist": (gist, 5000, "请写大家主要说了什么。"),
            "method": (method, 500, "请写怎样抽样、怎样问的。"),
            "result": (result, 5000, "请写结果。"),
        }
        kept = {}
        for name, (words, most, ask) in told.items():
            kept[name] = as_received(words, field=name, most=most, least=0).strip()
            if not kept[name] and (name not in ("method", "result") or mode in ASKED):
                wrong[name] = ask
        if mode not in KEPT_HERE:
            wrong["mode"] = "听证会和向社会公开征求意见有自己的页面，请到那里办。"
        if held_on > today():
            wrong["held_on"] = "请在办完以后登记，日期不能晚于今天。"
        if not 1 <= people <= 1_000_000:
            wrong["people"] = "请写人数。"
        if mode in ASKED and sample < people:
            wrong["sample"] = "发出的份数不能少于收回的份数。"
        if wrong:
            raise RuleUnmet("还差几处，您填的都在。", wrong)
        made = cls(
            decision=decision,
            mode=mode,
            held_on=held_on,
            people=people,
            sample=sample if mode in ASKED else 0,
            officer=officer,
            made_at=now(),
            **kept,
        )
        db.session.add(made)
        note(mode=mode.label, held_on=held_on, people=people)
        return made

    @step(
        EventStage.KEPT,
        to=EventStage.VOID,
        by=ruled("participation.void"),
        label="作废",
        say="一次{mode}的记录作废：{reason}",
        primary=False,
    )
    def void(self, officer: Officer, reason: str) -> None:
        """It was written down wrongly; it stays to be seen, and counts no more."""
        self.void_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.void_reason:
            raise RuleUnmet("请写明为什么作废。", {"reason": "请写明为什么作废，例如：人数写错了，已重新登记。"})
        note(mode=self.mode.label, reason=self.void_reason)


class SaidThere(Base):
    """A comment came from this event. Insert-only."""

    __tablename__ = "said_there"

    participation_id: Mapped[int] = mapped_column(ForeignKey("participation.id"), index=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), unique=True)


def enter(
    event: Participation,
    officer: Officer,
    asked: Consultation,
    text: str,
    *,
    clause: Clause | None = None,
    name: str = "",
    organisation: str = "",
    key: str | None = None,
) -> Given:
    """What somebody said there, in the one table of comments, answered like every other."""
    if asked.decision_id != event.decision_id:
        raise RuleUnmet("这次征求意见不是这件事的，请重新选。", {"consultation": "请选这件事的征求意见。"})
    if event.stage != EventStage.KEPT:
        raise RuleUnmet("这次活动的记录已经作废，请在新的记录里录。")
    who = Resident.from_paper()
    who.introduce(who, name=name, door=CAME_BY.get(event.mode, Channel.HALL).value, officer=officer)
    given = receive(
        asked,
        who,
        text,
        channel=CAME_BY.get(event.mode, Channel.HALL),
        clause=clause,
        kind=ResidentKind.ORGANISATION if organisation else ResidentKind.INDIVIDUAL,
        organisation=organisation,
        key=key,
        officer=officer,
    )
    if not given.repeated:
        db.session.add(SaidThere(participation_id=event.id, comment_id=given.comment.id))
    return given


def events(decision: Decision, *, void: bool = True) -> Sequence[Participation]:
    """The events of a case, oldest first."""
    query = select(Participation).where(Participation.decision_id == decision.id)
    if not void:
        query = query.where(Participation.stage == EventStage.KEPT)
    return db.session.scalars(query.order_by(Participation.held_on, Participation.id)).all()


def by_public_id(public_id: str) -> Participation | None:
    """One event by its address."""
    return db.session.scalar(select(Participation).where(Participation.public_id == public_id))


def said_at(event: Participation) -> Sequence[Comment]:
    """The comments that came from it."""
    return (
        db.session.scalars(
            select(Comment)
            .join(SaidThere, SaidThere.comment_id == Comment.id)
            .where(SaidThere.participation_id == event.id)
            .order_by(Comment.id)
        )
        .unique()
        .all()
    )


@dataclass(frozen=True)
class Way:
    """One of the ways of article 14 in this case."""

    mode: Mode
    times: int
    people: int


def ways(decision: Decision) -> list[Way]:
    """All seven as equals, whichever record keeps them, and what else there was."""
    found: dict[Mode, list[int]] = {mode: [0, 0] for mode in Mode}
    rows = db.session.execute(
        select(Participation.mode, func.count().label("times"), func.sum(Participation.people).label("people"))
        .where(Participation.decision_id == decision.id, Participation.stage == EventStage.KEPT)
        .group_by(Participation.mode)
    )
    for row in rows:
        found[row.mode] = [row.times, int(row.people)]
    for hearing in hearings_of(decision):
        if hearing.stage in (HearingStage.HELD, HearingStage.REPORTED):
            found[Mode.HEARING][0] += 1
            found[Mode.HEARING][1] += sum(one.came for one in hearing.participants)
    for asked in consultations_of(decision):
        if asked.published_at is not None:
            mode = Mode.OPEN if asked.audience == Audience.PUBLIC else Mode.WRITTEN
            found[mode][0] += 1
            found[mode][1] += asked.n_people
    return [Way(mode, *counted) for mode, counted in found.items() if mode != Mode.OTHER or counted[0]]


@station("participation")
def _took_part(decision: Decision) -> Standing | None:
    """What was held beside the open consultation with its papers, and whether those who were asked by name have their answers."""
    found, named = events(decision, void=False), rounds_by_name(decision)
    if named is not None and (named.going == Going.NOW or not found):
        return named
    if not found:
        return Standing(Going.EXCUSED, says="除公开征求意见外，还没有用别的方式；用了就在这里登记。")
    bare = [event for event in found if not event.papers]
    by_mode: dict[Mode, list[int]] = {}
    for event in found:
        by_mode.setdefault(event.mode, []).append(event.people)
    says = "，".join(f"{mode.label} {len(people)} 次 {sum(people):,} 人" for mode, people in by_mode.items())
    says += f"；{named.says}" if named is not None else ""
    last = found[-1]
    if bare:
        return Standing(Going.NOW, last.officer.name, last.held_on, says=f"{says}；{len(bare)} 次还没有交记录")
    return Standing(Going.DONE, last.officer.name, last.held_on, says=says)


@station("poll")
def _asked(decision: Decision) -> Standing | None:
    """A poll or questionnaire with its sample, method, result and paper; or what was decided about it."""
    found = [event for event in events(decision, void=False) if event.mode in ASKED]
    if not found:
        return by_need(decision, Procedure.POLL)
    last = found[-1]
    says = f"{last.mode.label}：发出 {last.sample:,} 份，收回 {last.people:,} 份"
    if not last.papers:
        return Standing(Going.NOW, last.officer.name, last.held_on, says=f"{says}；还没有交问卷和结果报告")
    return Standing(Going.DONE, last.officer.name, last.held_on, says=says)
