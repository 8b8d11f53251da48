"""Whose turn it is: which counsel answers for which village on which days."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, db
from models.kernel.clock import today
from models.kernel.lifecycle import act, birth, office_rules, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays
from models.people.officer import Officer, holders
from models.people.place import Place
from models.questions.question import Question, QuestionStage


class Duty(PublicId, Base):
    """One counsel's turn for one village, or for the whole street."""

    __tablename__ = "duty"
    __table_args__ = (CheckConstraint("from_on <= until_on", name="in_order"),)

    counsel_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    """None: for whoever lives elsewhere, and wherever nobody is on duty."""
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)

    counsel: Mapped[Officer] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship(lazy="joined")

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def where(self) -> str:
        """For whom."""
        return self.place.name if self.place else "全街道"

    @classmethod
    @birth(by=ruled("duty.set"), say="排班：{counsel}，{where}，{from_on}至{until_on}", keeps=("from_on", "until_on"))
    def roster(cls, officer: Officer, counsel: Officer, place: Place | None, from_on: date, until_on: date) -> Self:
        """A turn; two turns for one village on one day would leave nobody responsible."""
        if not counsel.active or not counsel.has("counsel"):
            raise RuleUnmet("请选择一位法律顾问。", {"counsel": "请选择一位法律顾问。"})
        if from_on > until_on or until_on < today():
            raise RuleUnmet("起止日期不对。", {"until_on": "结束日期不能早于开始日期，也不能早于今天。"})
        clash = db.session.scalar(
            select(cls).where(
                cls.place_id == place.id if place else cls.place_id.is_(None),
                cls.from_on <= until_on,
                cls.until_on >= from_on,
            )
        )
        if clash is not None:
            words = f"{clash.where}这几天已经排了{clash.counsel.name}（{clash.from_on}至{clash.until_on}）。"
            raise RuleUnmet("这几天已经有人值班。", {"from_on": words})
        made = cls(counsel=counsel, place=place, from_on=from_on, until_on=until_on)
        db.session.add(made)
        note(counsel=counsel.name, where=made.where)
        return made

    @act(by=ruled("duty.set"), label="撤掉", say="撤掉排班：{counsel}，{where}，从{from_on}起")
    def cut(self, officer: Officer) -> None:
        """The turn ends yesterday, or never began: what was, stays in the trail."""
        note(counsel=self.counsel.name, where=self.where, from_on=self.from_on)
        db.session.delete(self)


def roster(limit: int = 100) -> Sequence[Duty]:
    """Turns that are not over, by village and day."""
    return (
        db.session.scalars(
            select(Duty).where(Duty.until_on >= today()).order_by(Duty.place_id, Duty.from_on).limit(limit)
        )
        .unique()
        .all()
    )


def by_public_id(public_id: str) -> Duty | None:
    """One turn by its address."""
    return db.session.scalar(select(Duty).where(Duty.public_id == public_id))


def on_duty(place: Place | None, day: date | None = None) -> Officer | None:
    """The village's counsel that day: by the roster, else who has the village, else who is on duty for the street."""
    day = day or today()
    turns = db.session.scalars(select(Duty).where(Duty.from_on <= day, Duty.until_on >= day)).unique().all()
    mine = {turn.place_id: turn.counsel for turn in turns if turn.counsel.active and turn.counsel.has("counsel")}
    if place is not None:
        if place.id in mine:
            return mine[place.id]
        own = next((who for who in holders("counsel") if place in who.places), None)
        if own is not None:
            return own
    return mine.get(None)


def unassigned(limit: int = 20) -> list[tuple[Question, Officer]]:
    """What nobody gave to anybody within the days allowed, each with whose turn it is."""
    days = office_rules().number("question.assign_workdays").value
    rows = db.session.scalars(
        select(Question).where(Question.stage == QuestionStage.ASKED).order_by(Question.id).limit(limit)
    ).unique()
    found = []
    for question in rows:
        if add_workdays(question.asked_at.date(), days) < today() and (counsel := on_duty(question.place)):
            found.append((question, counsel))
    return found
