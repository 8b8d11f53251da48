"""Who answers which points: charged by the head, claimed for a while by who sits down to it; reminders before the day comes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, UniqueConstraint, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.comments.point import TO_ANSWER, Point
from models.decisions.consultation import Consultation, Stage
from models.kernel.base import Base, db, insert_into
from models.kernel.clock import now, today, wall
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer

LEASE = timedelta(minutes=30)
BATCH = 400
AHEAD = (3, 1, 0)
"""Days before a due date on which whoever has the points is reminded; after it every day."""


def free_for(officer: Officer) -> Any:
    """The condition that nobody else holds a point now."""
    return or_(Point.claimed_by_id.is_(None), Point.claimed_by_id == officer.id, Point.claimed_until <= wall())


@act(Stage.PUBLISHED, by=ruled("point.answer"), label="", say="认领{points}条要点，{minutes}分钟", of=Consultation)
def claim(consultation: Consultation, officer: Officer, points: Sequence[int]) -> list[int]:
    """Take these points for a while; of two who ask at once one gets each. Returns those that were free."""
    until = wall() + LEASE
    got: list[int] = []
    for start in range(0, len(points), BATCH):
        taken = db.session.scalars(
            update(Point)
            .where(
                Point.consultation_id == consultation.id,
                Point.id.in_(points[start : start + BATCH]),
                Point.stage.in_(TO_ANSWER),
                free_for(officer),
            )
            .values(claimed_by_id=officer.id, claimed_until=until)
            .returning(Point.id)
            .execution_options(synchronize_session=False)
        ).all()
        got += taken
    if not got:
        raise RuleUnmet("这些要点别人正在答，或者已经送审。请换几条。")
    db.session.expire_all()
    note(points=len(got), minutes=int(LEASE.total_seconds() // 60), claimed=sorted(got)[:200])
    return sorted(got)


@act(Stage.PUBLISHED, by=ruled("point.answer"), label="", say="放下认领的{points}条要点", of=Consultation)
def give_back(consultation: Consultation, officer: Officer) -> int:
    """What is not answered is free for others at once."""
    back = db.session.scalars(
        update(Point)
        .where(Point.consultation_id == consultation.id, Point.claimed_by_id == officer.id)
        .values(claimed_by_id=None, claimed_until=None)
        .returning(Point.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not back:
        raise RuleUnmet("您没有认领着的要点。")
    db.session.expire_all()
    note(points=len(back))
    return len(back)


@act(
    Stage.PUBLISHED, by=ruled("point.charge"), label="", say="把{points}条要点交给{who}答，{due_words}", of=Consultation
)
def charge(
    consultation: Consultation, officer: Officer, points: Sequence[int], to: Officer, due_on: date | None = None
) -> int:
    """Somebody in particular answers these, by a day that is not later than what was promised; returns how many."""
    if not to.active or to.lacks(consultation.rules.post_for("point.answer")):
        raise RuleUnmet(f"{to.name}没有写答复的岗位，请换一位承办人。", {"to": "请换一位承办人。"})
    if due_on is not None and due_on < today():
        raise RuleUnmet("到期日已经过了。", {"due_on": "请填今天或者以后的日子。"})
    if due_on is not None and consultation.answer_due_on is not None and due_on > consultation.answer_due_on:
        words = f"答应居民的日子是{consultation.answer_due_on:%Y-%m-%d}，不能比它晚。"
        raise RuleUnmet(words, {"due_on": words})
    done = 0
    for start in range(0, len(points), BATCH):
        done += len(
            db.session.scalars(
                update(Point)
                .where(
                    Point.consultation_id == consultation.id,
                    Point.id.in_(points[start : start + BATCH]),
                    Point.stage.in_(TO_ANSWER),
                )
                .values(handler_id=to.id, due_on=due_on)
                .returning(Point.id)
                .execution_options(synchronize_session=False)
            ).all()
        )
    if not done:
        raise RuleUnmet("选的要点都已经送审，不用再交给谁了。", {"points": "请选没答完的要点。"})
    db.session.expire_all()
    note(
        points=done,
        who=to.name,
        to=to.public_id,
        due=due_on,
        due_words=f"{due_on:%m月%d日}前" if due_on else "不另定日期",
    )
    return done


class Reminder(Base):
    """Somebody was reminded that points come due. Insert-only: nobody is reminded of the same twice a day."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("officer_id", "consultation_id", "due_on", "day"),)

    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    due_on: Mapped[date] = mapped_column(Date)
    day: Mapped[date] = mapped_column(Date)
    points: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime]


def remind() -> int:
    """What comes due in three days, tomorrow, today, or is late, said once a day to who has it; done work is not mentioned."""
    day = today()
    due = func.coalesce(Point.due_on, Consultation.answer_due_on)
    who = func.coalesce(Point.handler_id, Consultation.handler_id)
    rows = db.session.execute(
        select(who, Point.consultation_id, due, func.count())
        .join(Consultation, Consultation.id == Point.consultation_id)
        .where(
            Consultation.stage == Stage.PUBLISHED,
            Consultation.closes_on < day,
            Point.stage.in_(TO_ANSWER),
            or_(due < day, *(due == day + timedelta(days=n) for n in AHEAD)),
        )
        .group_by(who, Point.consultation_id, due)
    ).all()
    at, made = now(), 0
    for officer, consultation, last, number in rows:
        row = insert_into(Reminder).values(
            officer_id=officer, consultation_id=consultation, due_on=last, day=day, points=number, made_at=at
        )
        kept = row.on_conflict_do_nothing(index_elements=["officer_id", "consultation_id", "due_on", "day"])
        made += db.session.scalar(kept.returning(Reminder.id)) is not None
    return made


def owed_by(officer_ids: Sequence[int]) -> Sequence[Any]:
    """Rows (Consultation, due day, how many) of points that these officers have been charged with and have not submitted."""
    return db.session.execute(
        select(Consultation, Point.due_on, func.count())
        .join(Consultation, Consultation.id == Point.consultation_id)
        .where(
            and_(Point.handler_id.in_(officer_ids), Point.stage.in_(TO_ANSWER)),
            Consultation.stage == Stage.PUBLISHED,
        )
        .group_by(Consultation.id, Point.due_on)
        .order_by(Point.due_on)
    ).all()
