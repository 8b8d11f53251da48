"""After the answer: one tap says whether it met the point; a "no" with a reason goes once to another officer, and comes back as a supplement."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    case,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.amendment import Amendment, AmendmentStage
from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db, insert_into
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import Missing, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.received import as_received

LONGEST = 1000


class Rating(Base):
    """What one person says of the answer to their point: it met it, or not. The last tap counts."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("point_id", "resident_id"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    good: Mapped[bool]
    made_at: Mapped[datetime]


class LookStage(enum.StrEnum):
    """How far the second look has come."""

    ASKED = "asked"
    TAKEN = "taken"
    ANSWERED = "answered"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"asked": "等人接", "taken": "在重新看", "answered": "已写补充"}[self.value]


def _whose_point_it_is(subject: Any, actor: Any) -> Refusal | None:
    """Guard: the person who made the point; nobody else learns even that it is there."""
    refusal = the_resident(subject, actor)
    if refusal:
        return refusal
    if isinstance(subject, Point) and subject.comment.resident.current.id != actor.current.id:
        return Missing("没有找到这条意见。")
    return None


@act(
    PointStage.RELEASED,
    by=_whose_point_it_is,
    label="",
    say="居民说第{serial}号意见的答复{words}",
    of=Point,
)
def rate(point: Point, resident: Resident, good: bool) -> None:
    """One tap, recorded at once; tapping the other one later changes it."""
    tap(point, resident, good)


def tap(point: Point, resident: Resident, good: bool) -> None:
    """The row; for the verbs of the writer, and of staff who are asked to."""
    row = insert_into(Rating).values(point_id=point.id, resident_id=resident.current.id, good=good, made_at=now())
    last = {"good": row.excluded.good, "made_at": row.excluded.made_at}
    row = row.on_conflict_do_update(index_elements=["point_id", "resident_id"], set_=last)
    db.session.execute(row.execution_options(synchronize_session=False))
    note(
        serial=point.comment.serial_words,
        point=point.public_id,
        good=good,
        words="答到点子上了" if good else "没有答到点子上",
    )


class SecondLook(PublicId, Base):
    """A point looked at once more by an officer who neither wrote nor approved its answer."""

    __tablename__ = "second_look"
    __table_args__ = (
        UniqueConstraint("point_id"),
        Index("ix_second_look_waiting", "stage", "due_on"),
        CheckConstraint("stage = 'asked' OR officer_id IS NOT NULL", name="taken_by_somebody"),
        CheckConstraint("stage <> 'answered' OR amendment_id IS NOT NULL", name="answered_by_a_supplement"),
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    stage: Mapped[LookStage] = mapped_column(choice(LookStage), default=LookStage.ASKED)
    sealed_reason: Mapped[bytes] = mapped_column(LargeBinary)
    """Why it did not meet the point, under the writer's key."""
    due_on: Mapped[date] = mapped_column(Date)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"), unique=True)
    made_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    point: Mapped[Point] = relationship(lazy="joined", innerjoin=True)
    officer: Mapped[Officer | None] = relationship()
    amendment: Mapped[Amendment | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def consultation(self) -> Consultation:
        """Where the answer belongs."""
        return self.point.consultation

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.point.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.point.rules

    @property
    def reason(self) -> str:
        """Why, in the person's words; empty when they were forgotten."""
        key = self.point.comment.resident.key
        if key.wrapped is None:
            return ""
        return sealed.unseal(key.secret, self.sealed_reason, f"second_look.reason:{self.public_id}")

    @property
    def came_back(self) -> bool:
        """Its supplement is out."""
        return self.amendment is not None and self.amendment.stage == AmendmentStage.RELEASED

    @property
    def late(self) -> bool:
        """Past its own day, and not back yet."""
        return not self.came_back and self.due_on < today()

    @classmethod
    @birth(by=_whose_point_it_is, say="居民请人再看第{serial}号意见的答复，{due_on}前给出补充")
    def ask(cls, resident: Resident, point: Point, reason: str) -> Self:
        """Once for each point; the reason is needed, so that the other officer knows what was missed."""
        refusal = _whose_point_it_is(point, resident)
        if refusal:
            raise refusal
        if point.stage != PointStage.RELEASED:
            raise OutOfTurn("答复发布以后，才能请人再看一次。")
        made = cls.begin(point, reason)
        rate(point, resident, False)
        return made

    @classmethod
    def begin(cls, point: Point, reason: str) -> Self:
        """The row and its clock; for the verbs of the writer, and of staff who are asked to."""
        if of_points([point.id]):
            raise OutOfTurn("这条已经请人再看过一次。还有要说的，可以打电话，或者到街道来说。")
        reason = as_received(reason, field="reason", most=LONGEST, least=0)
        if not reason.strip():
            raise RuleUnmet("请写一句哪里没答到。", {"reason": "请写一句哪里没答到，再看的人才知道看什么。"})
        due = add_workdays(today(), point.rules.number("second_look.workdays").value)
        made = cls(public_id=new_public_id(), point=point, due_on=due, made_at=now())
        made.sealed_reason = sealed.seal(
            point.comment.resident.key.secret, reason, f"second_look.reason:{made.public_id}"
        )
        db.session.add(made)
        db.session.flush()
        note(serial=point.comment.serial_words, point=point.public_id, due_on=due.isoformat())
        return made

    @step(
        LookStage.ASKED,
        to=LookStage.TAKEN,
        by=ruled("second_look.take"),
        needs="second_look.take",
        label="我来看",
        say="接手重新看第{serial}号意见的答复",
    )
    def take(self, officer: Officer) -> None:
        """Somebody who had no part in the answer."""
        self.officer, self.taken_at = officer, now()
        note(serial=self.point.comment.serial_words, look=self.public_id)

    @step(
        LookStage.TAKEN,
        LookStage.ANSWERED,
        to=LookStage.ANSWERED,
        by=ruled("second_look.take"),
        needs="second_look.take",
        label="写补充",
        say="重新看过第{serial}号意见的答复，写了补充",
    )
    def answer(self, officer: Officer, text: str) -> Amendment:
        """It comes back as a supplement, which a second person approves and which goes out like any other."""
        if self.officer_id != officer.id:
            raise OutOfTurn(f"这条由{self.officer.name if self.officer else '别人'}在看。")
        if self.amendment is not None and self.amendment.stage != AmendmentStage.RETURNED:
            raise OutOfTurn("补充已经写好，正在审核或者已经发布。")
        made: Amendment = Amendment.supplement(officer, self.point, text)
        self.amendment, self.answered_at = made, now()
        note(serial=self.point.comment.serial_words, look=self.public_id)
        return made


@predicate
def another_officer_looks(subject: SecondLook, actor: Any) -> str | None:
    """Who wrote or approved the answer does not look at it again."""
    return "" if getattr(actor, "id", None) in (subject.point.author_id, subject.point.approver_id) else None


# --- queries ----------------------------------------------------------------------------------------------------------


def by_public_id(public_id: str) -> SecondLook | None:
    """One by its address."""
    return db.session.scalar(select(SecondLook).where(SecondLook.public_id == public_id))


def of_points(points: Iterable[int]) -> dict[int, SecondLook]:
    """Point to its second look; one query for many."""
    found = db.session.scalars(select(SecondLook).where(SecondLook.point_id.in_(list(points)))).unique()
    return {look.point_id: look for look in found}


def ratings_of(points: Iterable[int], resident: Resident) -> dict[int, bool]:
    """What this person said of each answer."""
    rows = db.session.execute(
        select(Rating.point_id, Rating.good).where(
            Rating.point_id.in_(list(points)), Rating.resident_id.in_(resident.all_ids)
        )
    )
    return {row.point_id: row.good for row in rows}


def in_hand(limit: int = 200) -> Sequence[SecondLook]:
    """What is not back yet, the earliest day first."""
    return (
        db.session.scalars(
            select(SecondLook)
            .outerjoin(Amendment, Amendment.id == SecondLook.amendment_id)
            .where((Amendment.id.is_(None)) | (Amendment.stage != AmendmentStage.RELEASED))
            .order_by(SecondLook.due_on, SecondLook.id)
            .limit(limit)
        )
        .unique()
        .all()
    )


class Met(NamedTuple):
    """How many said that the answers met their points, and how many that they did not."""

    good: int
    bad: int
    looks: int


def met(consultations: Sequence[int]) -> Mapping[int, Met]:
    """By consultation; two queries."""
    rated = db.session.execute(
        select(
            Point.consultation_id,
            func.sum(case((Rating.good, 1), else_=0)).label("good"),
            func.sum(case((Rating.good, 0), else_=1)).label("bad"),
        )
        .join(Point, Point.id == Rating.point_id)
        .where(Point.consultation_id.in_(consultations))
        .group_by(Point.consultation_id)
    ).all()
    looks = {
        row.consultation_id: row.looks
        for row in db.session.execute(
            select(Point.consultation_id, func.count().label("looks"))
            .select_from(SecondLook)
            .join(Point, Point.id == SecondLook.point_id)
            .where(Point.consultation_id.in_(consultations))
            .group_by(Point.consultation_id)
        )
    }
    return {row.consultation_id: Met(int(row.good), int(row.bad), looks.get(row.consultation_id, 0)) for row in rated}


def point_of(comment: Comment, public_id: str) -> Point:
    """A released point of this comment; it has few, so whatever was sent as a name is never asked of the database."""
    rows = db.session.scalars(select(Point).where(Point.comment_id == comment.id, Point.stage == PointStage.RELEASED))
    found = next((point for point in rows.unique() if point.public_id == public_id), None)
    if found is None:
        raise Missing("没有找到这条答复。")
    return found
