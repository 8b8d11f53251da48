"""Who signs up for a lecture and who came: one row a person, so that nobody sits on two chairs and nobody is counted twice."""

import enum
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, wall
from models.kernel.ids import new_token, same
from models.kernel.lifecycle import act, birth, office_rules, ruled, step, system
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import Missing, OutOfTurn, Refusal, RuleUnmet, TooOften
from models.kernel.rules import RuleSet
from models.kernel.sealed import blind
from models.kernel.trail import SYSTEM, note
from models.messages.heard import Heard
from models.outreach.lecture import Lecture, ours
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident, digits

TRIES, WITHIN = 10, timedelta(hours=1)
"""Wrong codes that one person may type for one lecture."""


class AttendeeStage(enum.StrEnum):
    """Where somebody stands with a lecture; whether they came stands beside it."""

    SEATED = "seated"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    WALKED_IN = "walked_in"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"seated": "已报名", "waiting": "候补", "withdrawn": "已退出", "walked_in": "没报名，直接来的"}[
            self.value
        ]


class Arrival(enum.StrEnum):
    """How it became known that somebody came."""

    SCAN = "scan"
    CODE = "code"
    STAFF = "staff"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"scan": "扫码", "code": "签到码", "staff": "工作人员勾的"}[self.value]


def _oneself(subject: "Attendee", actor: Any) -> Refusal | None:
    """Guard: whoever it is."""
    same_person = getattr(actor, "actor_kind", "") == "resident" and actor.current.id == subject.resident.current.id
    return None if same_person else Missing("没有找到这次报名。")


class Attendee(PublicId, Base):
    """One person and one lecture. The name is the resident's and sealed; only staff see who it is."""

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("lecture_id", "resident_id"),
        UniqueConstraint("lecture_id", "seat"),
        Index("ix_attendee_queue", "lecture_id", "stage", "signed_at"),
        CheckConstraint("(stage = 'seated') = (seat IS NOT NULL)", name="seated_on_a_seat"),
        CheckConstraint("(came_at IS NULL) = (came_how IS NULL)", name="came_somehow"),
        CheckConstraint("stage <> 'walked_in' OR came_at IS NOT NULL", name="walked_in_and_came"),
    )

    lecture_id: Mapped[int] = mapped_column(ForeignKey("lecture.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    stage: Mapped[AttendeeStage] = mapped_column(choice(AttendeeStage))
    seat: Mapped[int | None] = mapped_column(Integer)
    """A number of their own: of two who want the last one the database gives it to one."""
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    signed_at: Mapped[datetime]
    came_at: Mapped[datetime | None]
    came_how: Mapped[Arrival | None] = mapped_column(choice(Arrival))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    key: Mapped[str | None] = mapped_column(String(160), unique=True)

    lecture: Mapped[Lecture] = relationship()
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    entered_by: Mapped[Officer | None] = relationship()

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def queue(self) -> int:
        """The place in the waiting list, from 1; 0 when not waiting."""
        if self.stage != AttendeeStage.WAITING:
            return 0
        ahead = select(func.count()).where(
            Attendee.lecture_id == self.lecture_id,
            Attendee.stage == AttendeeStage.WAITING,
            (Attendee.signed_at < self.signed_at) | ((Attendee.signed_at == self.signed_at) & (Attendee.id <= self.id)),
        )
        return db.session.scalar(ahead) or 1

    # signing up

    @classmethod
    @birth(by=the_resident, say="报名听讲：{how}")
    def _sign_up(cls, resident: Resident, lecture: Lecture, channel: Channel) -> Self:
        seat = free_seat(lecture)
        made = cls(
            lecture=lecture,
            resident=resident.current,
            stage=AttendeeStage.WAITING if seat is None else AttendeeStage.SEATED,
            seat=seat,
            channel=channel,
            signed_at=now(),
        )
        db.session.add(made)
        db.session.flush()
        Consent.give(resident.current, door=channel.value)
        note(lecture=lecture.public_id, how=made.stage.label)
        return made

    @step(AttendeeStage.WITHDRAWN, to=AttendeeStage.SEATED, by=_oneself, label="", say="又报名听讲")
    def sit_again(self, resident: Resident, seat: int) -> None:
        """They had withdrawn and changed their mind, and there is a seat."""
        self.signed_at, self.seat = now(), seat

    @step(AttendeeStage.WITHDRAWN, to=AttendeeStage.WAITING, by=_oneself, label="", say="又报名听讲，排在候补")
    def wait_again(self, resident: Resident) -> None:
        """They had withdrawn and changed their mind: behind who came in between."""
        self.signed_at = now()

    @classmethod
    @birth(by=ruled("lecture.sign_up_for"), say="替人报名听讲：{how}")
    def enter(
        cls, officer: Officer, lecture: Lecture, name: str, phone: str, place: Place | None, *, key: str | None
    ) -> Self:
        """An old neighbour without a telephone of that kind: by name, with the number to ring them up."""
        refusal = ours("lecture.sign_up_for")(lecture, officer)
        if refusal is not None:
            raise refusal
        name = " ".join((name or "").split())
        if not name:
            raise RuleUnmet("请写怎么称呼这位居民。", {"name": "请写怎么称呼这位居民。"})
        if not lecture.takes_names and not lecture.doors_open:
            raise OutOfTurn(closed_words(lecture))
        lock(lecture)
        if phone and _known_by_phone(lecture, phone):
            raise RuleUnmet("这个电话已经报过名了。", {"phone": "名单里已经有这个电话；一个人只算一次。"})
        who = Resident.from_paper(place)
        who.introduce(who, name=name, phone=phone, place=place, door=Channel.HALL.value, officer=officer)
        here = lecture.doors_open
        seat = None if here else free_seat(lecture)
        stage = AttendeeStage.SEATED if seat is not None else AttendeeStage.WAITING
        made = cls(
            lecture=lecture,
            resident=who,
            stage=AttendeeStage.WALKED_IN if here else stage,
            seat=seat,
            channel=Channel.HALL,
            signed_at=now(),
            came_at=now() if here else None,
            came_how=Arrival.STAFF if here else None,
            entered_by=officer,
            key=key,
        )
        db.session.add(made)
        db.session.flush()
        note(lecture=lecture.public_id, how=made.stage.label)
        return made

    @step(
        AttendeeStage.SEATED,
        AttendeeStage.WAITING,
        to=AttendeeStage.WITHDRAWN,
        by=_oneself,
        label="",
        say="退出报名",
    )
    def withdraw(self, resident: Resident) -> None:
        """They cannot come: the seat is the next one's."""
        self._leave()

    @step(
        AttendeeStage.SEATED,
        AttendeeStage.WAITING,
        to=AttendeeStage.WITHDRAWN,
        by=ours("lecture.sign_up_for"),
        label="",
        say="替人退出报名",
    )
    def strike(self, officer: Officer) -> None:
        """Somebody rang up and cannot come."""
        self._leave()

    def _leave(self) -> None:
        if self.came_at is not None or not self.lecture.takes_names:
            raise OutOfTurn("讲堂已经开始，不用退出了。")
        self.seat = None

    @step(AttendeeStage.WAITING, to=AttendeeStage.SEATED, by=system, label="", say="候补补上了座位", tells=True)
    def get_seat(self, actor: object, seat: int) -> None:
        """Somebody left, or there are more seats: the first of those who wait has one, and is told."""
        self.seat = seat

    # coming

    @classmethod
    @birth(by=the_resident, say="没有报名，直接来听讲：{how}")
    def _walk_in(cls, resident: Resident, lecture: Lecture, channel: Channel, how: Arrival) -> Self:
        made = cls(
            lecture=lecture,
            resident=resident.current,
            stage=AttendeeStage.WALKED_IN,
            channel=channel,
            signed_at=now(),
            came_at=now(),
            came_how=how,
        )
        db.session.add(made)
        db.session.flush()
        Consent.give(resident.current, door=channel.value)
        note(how=how.label)
        return made

    @act(by=_oneself, label="", say="签到：{how}")
    def check_in(self, resident: Resident, how: Arrival) -> None:
        """They are here."""
        self._came(how)

    @act(by=ours("lecture.receive"), label="", say="勾上了一位到场的人")
    def tick(self, officer: Officer) -> None:
        """Staff see that somebody is here."""
        if not self.lecture.has_begun:
            raise OutOfTurn("讲堂还没有开门，不能签到。")
        self._came(Arrival.STAFF)

    @act(by=ours("lecture.receive"), label="", say="取消了一位的签到")
    def untick(self, officer: Officer) -> None:
        """It was somebody else."""
        if self.stage == AttendeeStage.WALKED_IN:
            raise RuleUnmet("当场登记的人不能取消签到；登记错了，请在到场人数的说明里写明。")
        self.came_at = self.came_how = None

    def _came(self, how: Arrival) -> None:
        if self.came_at is None:
            self.came_at, self.came_how = now(), how
        note(how=how.label)


def lock(lecture: Lecture) -> None:
    """Until the transaction ends nobody else gives away this lecture's seats."""
    db.session.flush()
    db.session.refresh(lecture, with_for_update=True)


def free_seat(lecture: Lecture) -> int | None:
    """The lowest number that nobody has; None when all are taken."""
    taken = set(
        db.session.scalars(select(Attendee.seat).where(Attendee.lecture_id == lecture.id, Attendee.seat.is_not(None)))
    )
    full = bool(lecture.seats) and len(taken) >= lecture.seats
    return None if full else next(n for n in range(1, len(taken) + 2) if n not in taken)


def move_up(lecture: Lecture) -> int:
    """Whoever waits longest gets what is free; how many did. The lecture's row is locked."""
    moved = 0
    while lecture.takes_names and (seat := free_seat(lecture)) is not None:
        first = db.session.scalars(
            select(Attendee)
            .where(Attendee.lecture_id == lecture.id, Attendee.stage == AttendeeStage.WAITING)
            .order_by(Attendee.signed_at, Attendee.id)
            .limit(1)
        ).first()
        if first is None:
            break
        first.get_seat(SYSTEM, seat)
        db.session.flush()
        moved += 1
    return moved


WATCHED = ("starts_at", "ends_at", "venue", "place")
"""What those who signed up have to know when it becomes another."""


def change(lecture: Lecture, officer: Officer, remark: str, **fields: Any) -> None:
    """Put an announced lecture right, with a note that every reader sees; another hour or place is told to who signed up."""
    lock(lecture)
    taken = turnout(lecture).signed
    if fields.get("seats") and fields["seats"] < taken:
        raise RuleUnmet(
            "座位不能少于已经报上的人。", {"seats": f"已经有{taken}人报上了，请填{taken}以上，或者0（不限）。"}
        )
    moved = any(name in fields and fields[name] != getattr(lecture, name) for name in WATCHED)
    (lecture.move if moved else lecture.correct)(officer, remark, **fields)
    db.session.flush()
    move_up(lecture)


def closed_words(lecture: Lecture) -> str:
    """Why nobody can sign up now."""
    if lecture.cancelled_reason:
        return "这场讲堂取消了。"
    return "这场讲堂已经开始，不用报名，直接来就行。" if lecture.doors_open else "这场讲堂现在不能报名。"


def sign_up(resident: Resident, lecture: Lecture, channel: Channel) -> Attendee:
    """A seat, or a place in the waiting list; pressed twice it is one."""
    if not lecture.takes_names:
        raise OutOfTurn(closed_words(lecture))
    lock(lecture)
    found = of(lecture, resident)
    if found is None:
        try:
            with db.session.begin_nested():
                return Attendee._sign_up(resident, lecture, channel)
        except IntegrityError:
            found = of(lecture, resident)
            if found is None:
                raise OutOfTurn("刚才有别人也在报名，请再点一次。") from None
    if found.stage == AttendeeStage.WITHDRAWN:
        seat = free_seat(lecture)
        if seat is None:
            found.wait_again(resident)
        else:
            found.sit_again(resident, seat)
        db.session.flush()
    return found


def leave(row: Attendee, actor: Resident | Officer) -> None:
    """They cannot come, by themselves or because they rang up: the seat is the next one's."""
    lock(row.lecture)
    if isinstance(actor, Resident):
        row.withdraw(actor)
    else:
        row.strike(actor)
    db.session.flush()
    move_up(row.lecture)


def be_here(resident: Resident, lecture: Lecture, code: str, channel: Channel, how: Arrival = Arrival.CODE) -> bool:
    """Checked in by the code of the room, whether signed up or not; False when the code is wrong. Again changes nothing."""
    if not lecture.doors_open:
        raise OutOfTurn("签到只在讲堂开着的时候：开讲前半小时到结束。")
    kind = f"lecture:{blind(f'{resident.current.public_id}:{lecture.public_id}', 'lecture tries').hex()[:24]}"
    if Heard.how_many(kind, since=wall() - WITHIN) >= TRIES:
        raise TooOften("签到码输错太多次了，请找现场的工作人员签到。", int(WITHIN.total_seconds()))
    typed = re.sub(r"\D", "", code)
    if not same(typed.encode(), lecture.code.encode()):
        Heard.remember(f"lecture:{new_token()}", kind, "")
        return False
    found = of(lecture, resident)
    if found is None:
        try:
            with db.session.begin_nested():
                Attendee._walk_in(resident, lecture, channel, how)
        except IntegrityError:
            found = of(lecture, resident)
    if found is not None and found.came_at is None:
        found.check_in(resident, how)
    return True


def of(lecture: Lecture, resident: Resident) -> Attendee | None:
    """This person's row, under any of the names they were merged from."""
    query = select(Attendee).where(
        Attendee.lecture_id == lecture.id, Attendee.resident_id.in_(resident.current.all_ids)
    )
    return db.session.scalars(query.order_by(Attendee.id).limit(1)).first()


def mine(resident: Resident, lectures: Collection[Lecture]) -> dict[int, Attendee]:
    """This person's rows among these lectures, by the lecture's number."""
    query = select(Attendee).where(
        Attendee.lecture_id.in_([one.id for one in lectures]),
        Attendee.resident_id.in_(resident.current.all_ids),
    )
    return {row.lecture_id: row for row in db.session.scalars(query).unique()}


def by_public_id(public_id: str) -> Attendee | None:
    """One row by its name; the desk checks who may see it."""
    return db.session.scalar(select(Attendee).where(Attendee.public_id == public_id))


def by_key(key: str | None) -> Attendee | None:
    """What was entered under this key."""
    return db.session.scalar(select(Attendee).where(Attendee.key == key)) if key else None


def _known_by_phone(lecture: Lecture, phone: str) -> bool:
    query = (
        select(Attendee.id)
        .join(Resident, Resident.id == Attendee.resident_id)
        .where(
            Attendee.lecture_id == lecture.id,
            Attendee.stage != AttendeeStage.WITHDRAWN,
            Resident.phone_index == blind(digits(phone), "phone"),
        )
    )
    return db.session.scalar(query.limit(1)) is not None


@act(by=ours("lecture.receive"), label="", say="看了讲堂的报名名单，{number}人", of=Lecture)
def read_names(lecture: Lecture, officer: Officer) -> Sequence[Attendee]:
    """Everybody with their names, those with a seat first; each look leaves its trace."""
    order = {
        AttendeeStage.SEATED: 0,
        AttendeeStage.WALKED_IN: 1,
        AttendeeStage.WAITING: 2,
        AttendeeStage.WITHDRAWN: 3,
    }
    rows = db.session.scalars(select(Attendee).where(Attendee.lecture_id == lecture.id)).unique().all()
    note(number=len(rows))
    return sorted(rows, key=lambda row: (order[row.stage], row.seat or 0, row.signed_at))


@dataclass(frozen=True)
class Turnout:
    """The honest numbers of one lecture: three ways of counting that need not agree."""

    signed: int
    waiting: int
    came: int
    """Checked in by scan, code or staff."""
    of_signed: int
    """Those of them who had signed up."""
    heads: int | None
    """Counted by staff in the room."""


def turnouts(lectures: Collection[Lecture]) -> dict[int, Turnout]:
    """By the lecture's number; merged people once; one query for all."""
    person = func.coalesce(Resident.merged_into_id, Resident.id)
    seated, came = Attendee.stage == AttendeeStage.SEATED, Attendee.came_at.is_not(None)

    def people(condition: Any) -> Any:
        return func.count(func.distinct(person)).filter(condition)

    rows = db.session.execute(
        select(
            Attendee.lecture_id,
            people(seated),
            people(Attendee.stage == AttendeeStage.WAITING),
            people(came),
            people(came & seated),
        )
        .join(Resident, Resident.id == Attendee.resident_id)
        .where(Attendee.lecture_id.in_([one.id for one in lectures]))
        .group_by(Attendee.lecture_id)
    )
    found = {one.id: Turnout(0, 0, 0, 0, one.heads) for one in lectures}
    for number, signed, waiting, there, of_signed in rows:
        found[number] = Turnout(signed, waiting, there, of_signed, found[number].heads)
    return found


def turnout(lecture: Lecture) -> Turnout:
    """Of one lecture."""
    return turnouts([lecture])[lecture.id]


def people_of(lectures: Collection[Lecture]) -> int:
    """How many different people were checked in at any of these; whoever came twice is one."""
    person = func.coalesce(Resident.merged_into_id, Resident.id)
    query = (
        select(func.count(func.distinct(person)))
        .select_from(Attendee)
        .join(Resident, Resident.id == Attendee.resident_id)
        .where(Attendee.lecture_id.in_([one.id for one in lectures]), Attendee.came_at.is_not(None))
    )
    return db.session.scalar(query) or 0


def kept_long_enough(limit: int = 50) -> Sequence[Resident]:
    """Whom staff wrote down for a lecture that ended so long ago that nobody has to be found any more."""
    before = now() - timedelta(days=office_rules().number("lecture.keep_days").value)
    query = (
        select(Resident)
        .join(Attendee, Attendee.resident_id == Resident.id)
        .join(Lecture, Lecture.id == Attendee.lecture_id)
        .where(
            Attendee.entered_by_id.is_not(None),
            Resident.on_paper,
            Resident.erased_at.is_(None),
            Resident.merged_into_id.is_(None),
            Lecture.ends_at < before,
        )
        .order_by(Resident.id)
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()


def leave_all(residents: Collection[int]) -> None:
    """Whoever is forgotten keeps no seat of a lecture that is still to come; what was counted stays counted."""
    query = (
        select(Attendee)
        .join(Lecture, Lecture.id == Attendee.lecture_id)
        .where(
            Attendee.resident_id.in_(residents),
            Attendee.stage.in_((AttendeeStage.SEATED, AttendeeStage.WAITING)),
            Attendee.came_at.is_(None),
            Lecture.starts_at > now(),
        )
    )
    for row in db.session.scalars(query).unique().all():
        lock(row.lecture)
        gone = update(Attendee).where(Attendee.id == row.id)
        db.session.execute(gone.values(stage=AttendeeStage.WITHDRAWN, seat=None))
        db.session.expire(row)
        move_up(row.lecture)
