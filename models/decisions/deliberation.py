"""Collective deliberation: who met, what each said in which order, the head last, and what came of it."""

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision, OfCaseKind
from models.decisions.draft import Draft
from models.decisions.resolution import Resolution
from models.decisions.road import Going, Standing, lacking, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.lifecycle import predicate, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import commitment, note
from models.people.officer import Officer
from models.texts.received import as_received

ARTICLE = "条例第三十条"
MOST = 60
"""People at one table."""


class MeetingStage(enum.StrEnum):
    """How far the record has come."""

    CALLED = "called"
    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    CALLED_OFF = "called_off"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "called": "已提交，等会议记录",
            "recorded": "记录好了，等另一个人确认",
            "confirmed": "记录已确认",
            "called_off": "撤回了",
        }[self.value]


class Result(enum.StrEnum):
    """What came of it."""

    PASSED = "passed"
    CHANGED = "changed"
    PUT_OFF = "put_off"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"passed": "通过", "changed": "修改后通过", "put_off": "暂缓", "rejected": "不通过"}[self.value]

    @property
    def passed(self) -> bool:
        """Whether the matter is decided by it."""
        return self in (Result.PASSED, Result.CHANGED)


class Stance(enum.StrEnum):
    """What somebody said in one word; the words themselves stand beside it."""

    AGREE = "agree"
    CONDITIONS = "conditions"
    DISAGREE = "disagree"
    ABSTAIN = "abstain"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"agree": "同意", "conditions": "附条件同意", "disagree": "不同意", "abstain": "弃权"}[self.value]


class Role(enum.StrEnum):
    """As what somebody sits there."""

    HEAD = "head"
    MEMBER = "member"
    GUEST = "guest"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"head": "主要领导", "member": "组成人员", "guest": "列席"}[self.value]


@dataclass(frozen=True)
class Sitting:
    """One person as the minutes have it, in the order of speaking."""

    name: str
    role: Role = Role.MEMBER
    stance: Stance | None = None
    words: str = ""
    duty: str = ""
    officer: Officer | None = None
    present: bool = True


class Deliberation(OfCaseKind, PublicId, Base):
    """One meeting about one case. Put off or not passed, another may follow."""

    __tablename__ = "deliberation"
    __table_args__ = (
        UniqueConstraint("decision_id", "number"),
        CheckConstraint(
            "stage NOT IN ('recorded', 'confirmed') OR (held_on IS NOT NULL AND place <> '' AND result IS NOT NULL "
            "AND minutes_number <> '' AND recorder_id IS NOT NULL)",
            name="recorded_in_full",
        ),
        CheckConstraint("stage <> 'confirmed' OR confirmer_id IS NOT NULL", name="confirmed_by_somebody"),
        CheckConstraint("confirmer_id IS NULL OR confirmer_id <> recorder_id", name="two_persons"),
        CheckConstraint("NOT departs OR departs_reason <> ''", name="departing_with_a_reason"),
        CheckConstraint("result IS NULL OR result = 'passed' OR remark <> ''", name="no_plain_pass_is_explained"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    number: Mapped[int] = mapped_column(Integer)
    """The case's first meeting, second, and so on."""
    stage: Mapped[MeetingStage] = mapped_column(choice(MeetingStage), default=MeetingStage.CALLED)
    meeting: Mapped[str] = mapped_column(String(40))
    """Which meeting, by its key in the rule set."""
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    """The version that lay on the table."""
    pack: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """The meeting pack as it was then: item by item, with the papers' hashes."""
    planned_on: Mapped[date | None] = mapped_column(Date)
    called_at: Mapped[datetime]
    held_on: Mapped[date | None] = mapped_column(Date)
    place: Mapped[str] = mapped_column(String(80), default="")
    chair: Mapped[str] = mapped_column(String(40), default="")
    edition: Mapped[int] = mapped_column(Integer, default=0)
    """Which writing of the seats counts; a record sent back is written anew and the earlier one stays."""
    result: Mapped[Result | None] = mapped_column(choice(Result))
    remark: Mapped[str] = mapped_column(Text, default="")
    """What is to be changed, or why it was put off or not passed."""
    departs: Mapped[bool] = mapped_column(default=False)
    """Whether the head decided against the majority."""
    departs_reason: Mapped[str] = mapped_column(Text, default="")
    minutes_number: Mapped[str] = mapped_column(String(60), default="")
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    confirmer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    confirmed_at: Mapped[datetime | None]
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship()
    draft: Mapped[Draft | None] = relationship()
    recorder: Mapped[Officer | None] = relationship(foreign_keys=[recorder_id])
    confirmer: Mapped[Officer | None] = relationship(foreign_keys=[confirmer_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def title(self) -> str:
        """The meeting's Chinese name."""
        found = self.rules.meetings.get(self.meeting)
        return found.title if found else self.meeting

    @property
    def seats(self) -> Sequence["Seat"]:
        """Who was there and who was not, in the order of speaking."""
        return self._written(self.edition)

    def _written(self, edition: int) -> Sequence["Seat"]:
        query = select(Seat).where(Seat.deliberation_id == self.id, Seat.edition == edition)
        return db.session.scalars(query.order_by(Seat.position)).all()

    @step(
        MeetingStage.CALLED,
        to=MeetingStage.RECORDED,
        by=ruled("deliberation.record"),
        label="记录会议",
        say="记录{held_on}{meeting}：{present}人到会，{result}，{minutes_number}",
    )
    def record(
        self,
        officer: Officer,
        sittings: Sequence[Sitting],
        *,
        held_on: date | None,
        place: str,
        chair: str,
        result: Result | None,
        minutes_number: str,
        remark: str = "",
        departs_reason: str = "",
    ) -> None:
        """The minutes: each one's view in the order of speaking, the head's last, dissent word for word (条例第三十条)."""
        wrong: dict[str, str] = {}
        place = _line(place, "place", 80, "请写会议地点。", wrong)
        chair = _line(chair, "chair", 40, "请写谁主持的。", wrong)
        minutes_number = _line(minutes_number, "minutes_number", 60, "请写会议纪要的编号。", wrong)
        remark = as_received(remark, field="remark", most=2000, least=0).strip()
        why = as_received(departs_reason, field="departs_reason", most=2000, least=0).strip()
        if held_on is None:
            wrong["held_on"] = "请写开会的日期。"
        elif not local(self.called_at).date() <= held_on <= today():
            wrong["held_on"] = "开会的日期要在提交讨论那天到今天之间；合法性审查通过以前开的会不算（条例第二十五条）。"
        if result is None:
            wrong["result"] = "请选会议的结果。"
        elif result != Result.PASSED and not remark:
            wrong["remark"] = "修改后通过的，写明改了什么；暂缓或者不通过的，写明为什么。"
        _complete(sittings, wrong)
        if wrong:
            raise RuleUnmet("会议记录还不完整。", wrong, article=ARTICLE)
        head_last(sittings)
        assert result is not None
        against = departs(sittings, result)
        if against and not why:
            words = (
                f"会上多数人的意见是{_majority_words(sittings)}，这个结果和多数人不一致："
                "请写明主要领导在会上说明的理由。"
            )
            raise RuleUnmet(words, {"departs_reason": "请写明在会上说明的理由。"}, article=ARTICLE)
        self.held_on, self.place, self.chair = held_on, place, chair
        self.result, self.remark, self.minutes_number = result, remark, minutes_number
        self.departs, self.departs_reason = against, why if against else ""
        self.recorder, self.returned_reason, self.edition = officer, "", self.edition + 1
        seats = [Seat.of(self, n, one) for n, one in enumerate(sittings, 1)]
        db.session.add_all(seats)
        note(
            edition=self.edition,
            said=commitment(minutes_words(seats)),
            held_on=held_on,
            meeting=self.title,
            present=sum(one.present for one in sittings),
            result=result.label,
            minutes_number=minutes_number,
        )

    @step(
        MeetingStage.RECORDED,
        to=MeetingStage.CONFIRMED,
        by=ruled("deliberation.confirm"),
        needs="deliberation.confirm",
        label="确认记录",
        say="确认会议记录{minutes_number}：{result}",
    )
    def confirm(self, officer: Officer) -> None:
        """Somebody else who sat there says that it was so; from now on the record never changes."""
        self.confirmer, self.confirmed_at = officer, now()
        note(minutes_number=self.minutes_number, result=self.result.label if self.result else "")

    @step(
        MeetingStage.RECORDED,
        to=MeetingStage.CALLED,
        by=ruled("deliberation.confirm"),
        label="退回重记",
        say="退回会议记录：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Something in the minutes is not as it was."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明哪里记得不对。", {"reason": "请写明哪里记得不对。"})
        note(reason=self.returned_reason)

    @step(
        MeetingStage.CALLED,
        to=MeetingStage.CALLED_OFF,
        by=ruled("deliberation.call_off"),
        label="撤回提交",
        say="撤回提交：{reason}",
        primary=False,
    )
    def call_off(self, officer: Officer, reason: str) -> None:
        """The matter was taken off the agenda before the meeting."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明为什么撤回。", {"reason": "请写明为什么撤回。"})
        note(reason=self.returned_reason)


class Seat(Base):
    """One person of one meeting: there or absent, and what they said. Insert-only."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("deliberation_id", "edition", "position"),
        CheckConstraint("present OR stance IS NULL", name="the_absent_say_nothing"),
        CheckConstraint("stance NOT IN ('disagree', 'conditions') OR words <> ''", name="dissent_word_for_word"),
    )

    deliberation_id: Mapped[int] = mapped_column(ForeignKey("deliberation.id"))
    edition: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    duty: Mapped[str] = mapped_column(String(60), default="")
    role: Mapped[Role] = mapped_column(choice(Role))
    present: Mapped[bool]
    stance: Mapped[Stance | None] = mapped_column(choice(Stance))
    words: Mapped[str] = mapped_column(Text, default="")

    @classmethod
    def of(cls, meeting: Deliberation, position: int, one: Sitting) -> Self:
        """As the minutes have it."""
        return cls(
            deliberation_id=meeting.id,
            edition=meeting.edition,
            position=position,
            officer_id=one.officer.id if one.officer else None,
            name=as_received(one.name, field="seats", most=40).strip(),
            duty=as_received(one.duty, field="seats", most=60, least=0).strip(),
            role=one.role,
            present=one.present,
            stance=one.stance,
            words=as_received(one.words, field="seats", most=4000, least=0, label="发言").strip(),
        )


def minutes_words(seats: Sequence[Seat]) -> str:
    """All that the minutes say of who sat there and what each said, as the trail commits to it."""
    return "\n".join(
        "\0".join(
            (one.name, one.duty, one.role.value, str(one.present), one.stance.value if one.stance else "", one.words)
        )
        for one in seats
    )


def _line(text: str, name: str, most: int, words: str, wrong: dict[str, str]) -> str:
    kept = as_received(text or "", field=name, most=most, least=0).strip()
    if not kept:
        wrong[name] = words
    return kept


def _complete(sittings: Sequence[Sitting], wrong: dict[str, str]) -> None:
    """One head, at least two who came, everybody with a name, every member who came with a view, dissent in words."""
    heads = [one for one in sittings if one.role == Role.HEAD]
    voting = [one for one in sittings if one.present and one.role != Role.GUEST]
    named = [one.name for one in sittings]
    says = ""
    if len(sittings) > MOST:
        says = f"最多写 {MOST} 个人。"
    elif any(not one.name.strip() for one in sittings):
        says = "每一行都要有姓名。"
    elif twice := next((name for name, n in Counter(named).items() if n > 1), ""):
        says = f"{twice}写了两次。"
    elif len(heads) != 1 or not heads[0].present:
        says = "要有而且只有一位主要领导（或者主持工作的负责人）到会。"
    elif len(voting) < 2:
        says = "集体讨论至少要有两位组成人员到会。"
    elif silent := [one.name for one in voting if one.stance is None]:
        says = f"到会的组成人员都要写明意见，还差：{'、'.join(silent)}。"
    elif gone := [one.name for one in sittings if not one.present and (one.stance is not None or one.words.strip())]:
        says = f"没有到会的人不能有发言：{'、'.join(gone)}。"
    elif bare := [one.name for one in sittings if one.stance in _IN_WORDS and not one.words.strip()]:
        says = f"不同意见和附带的条件要如实载明原话，还差：{'、'.join(bare)}。"
    if says:
        wrong["seats"] = says


_IN_WORDS = (Stance.DISAGREE, Stance.CONDITIONS)


def head_last(sittings: Sequence["Sitting | Seat"]) -> None:
    """The head speaks last, or the record is refused."""
    spoke = [one for one in sittings if one.present and (one.stance is not None or one.words.strip())]
    if spoke and spoke[-1].role != Role.HEAD:
        words = f"主要领导要最后发表意见：现在排在最后的是{spoke[-1].name}。请按发言先后调整顺序。"
        raise RuleUnmet(words, {"seats": words}, article=ARTICLE)


def majority(sittings: Sequence["Sitting | Seat"]) -> Stance | None:
    """What more than half of the members who came said, the head apart: agreed, disagreed, or neither."""
    voices = [one for one in sittings if one.present and one.role == Role.MEMBER]
    for_it = sum(one.stance in (Stance.AGREE, Stance.CONDITIONS) for one in voices)
    against = sum(one.stance == Stance.DISAGREE for one in voices)
    if 2 * for_it > len(voices):
        return Stance.AGREE
    return Stance.DISAGREE if 2 * against > len(voices) else None


def departs(sittings: Sequence["Sitting | Seat"], result: Result) -> bool:
    """Whether the result is not what the majority wanted."""
    wanted = majority(sittings)
    return wanted is not None and (wanted == Stance.AGREE) != result.passed


def counted(sittings: Sequence["Sitting | Seat"]) -> dict[Stance, int]:
    """How many said what, the head among them."""
    return {
        stance: sum(one.present and one.role != Role.GUEST and one.stance == stance for one in sittings)
        for stance in Stance
    }


def _majority_words(sittings: Sequence[Sitting]) -> str:
    wanted = majority(sittings)
    return wanted.label if wanted else ""


def deliberations(decision: Decision) -> Sequence[Deliberation]:
    """The meetings of a case, oldest first."""
    query = select(Deliberation).where(Deliberation.decision_id == decision.id)
    return db.session.scalars(query.order_by(Deliberation.number)).all()


def latest(decision: Decision) -> Deliberation | None:
    """The meeting that counts now."""
    found = [one for one in deliberations(decision) if one.stage != MeetingStage.CALLED_OFF]
    return found[-1] if found else None


def passing(decision: Decision) -> Deliberation | None:
    """The confirmed meeting by which the matter is decided, where the rule set lets that meeting decide it."""
    last = latest(decision)
    able = {meeting.key for meeting in decision.rules.meetings_for(decision.case_kind)}
    if last is None or last.stage != MeetingStage.CONFIRMED or last.meeting not in able:
        return None
    return last if last.result is not None and last.result.passed else None


def in_hand() -> Sequence[Deliberation]:
    """Meetings whose minutes are still to be written or confirmed, the oldest first."""
    open_ = (MeetingStage.CALLED, MeetingStage.RECORDED)
    return db.session.scalars(select(Deliberation).where(Deliberation.stage.in_(open_)).order_by(Deliberation.id)).all()


def by_public_id(public_id: str) -> Deliberation | None:
    """One meeting by its address."""
    return db.session.scalar(select(Deliberation).where(Deliberation.public_id == public_id))


@station("deliberation")
def _deliberated(decision: Decision) -> Standing | None:
    """Sent to a meeting, recorded, confirmed, and with what result."""
    last = latest(decision)
    if last is None:
        decided = Resolution.of(decision)
        if decided is not None:
            return Standing(
                Going.EXCUSED, decided.officer.name, decided.decided_on, says=f"没有上会，{decided.decided_by}决定"
            )
        plan = f"计划{decision.planned_on.month}月{decision.planned_on.day}日前" if decision.planned_on else ""
        return Standing(Going.WAIT, "党政办", says="还没有提交集体讨论。", plan=plan)
    if last.stage == MeetingStage.CALLED:
        says = f"已提交{last.title}，等会议记录"
        if last.returned_reason:
            says = f"会议记录被退回：{last.returned_reason}"
        return Standing(Going.NOW, "党政办", local(last.called_at).date(), last.planned_on, says)
    who = last.recorder.name if last.recorder else ""
    assert last.result is not None
    if last.stage == MeetingStage.RECORDED:
        return Standing(Going.NOW, "到会的人", last.held_on, says=f"会议记录（{who}记）等到会的另一个人确认")
    if last.result.passed:
        return Standing(Going.DONE, who, last.held_on, says=f"{last.title}{last.result.label}，{last.minutes_number}")
    return Standing(
        Going.WAIT, who, last.held_on, says=f"{last.title}{last.result.label}：{last.remark}可以再次提交讨论。"
    )


@predicate
def deliberated_collectively(subject: Decision, actor: object) -> str | None:
    """A meeting that the rule set names passed it, and its record is confirmed."""
    if passing(subject) is not None:
        return None
    last = latest(subject)
    able = subject.rules.meetings_for(subject.case_kind)
    if last is not None and last.meeting not in {meeting.key for meeting in able}:
        return f"这类事项由{'、'.join(meeting.title for meeting in able)}决定，{last.title}只是先讨论。"
    return lacking(subject, "deliberation") or ""


@predicate
def head_spoke_last(subject: Decision, actor: object) -> str | None:
    """The record has the head's view at the end, and a reason where it goes against the majority."""
    meeting = passing(subject)
    if meeting is None or meeting.result is None:
        return ""
    seats = meeting.seats
    try:
        head_last(seats)
    except RuleUnmet as unmet:
        return unmet.message
    if not any(seat.role == Role.HEAD and seat.present and seat.stance is not None for seat in seats):
        return "记录里没有主要领导的意见。"
    return "" if departs(seats, meeting.result) and not meeting.departs_reason else None


@predicate
def confirmer_was_present(subject: Deliberation, actor: Any) -> str | None:
    """Whoever confirms sat at the table."""
    there = {seat.officer_id for seat in subject.seats if seat.present and seat.officer_id is not None}
    return None if getattr(actor, "id", None) in there else ""


@predicate
def confirmer_is_not_recorder(subject: Deliberation, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.recorder_id else None
