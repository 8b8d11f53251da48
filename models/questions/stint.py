"""What counsel did for a village and how long it took: one volume for each village (一村一卷), an entry for each time."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import birth, office_rules, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.place import Place, villages
from models.questions.question import Question
from models.texts.reasons import personal_data
from models.texts.received import as_received


class StintKind(enum.StrEnum):
    """What was done."""

    ANSWER = "answer"
    ON_SITE = "on_site"
    DOCUMENT = "document"
    MEDIATION = "mediation"
    LECTURE = "lecture"
    REVIEW = "review"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "answer": "答复咨询",
            "on_site": "到村坐班",
            "document": "代书、改合同",
            "mediation": "参与调解",
            "lecture": "普法讲座",
            "review": "审查村规、合同",
        }[self.value]


class Stint(PublicId, Base):
    """One entry: when, how long, what and with what result; nobody is named in it."""

    __tablename__ = "stint"
    __table_args__ = (
        Index("ix_stint_volume", "place_id", "held_on"),
        CheckConstraint("minutes > 0 AND minutes <= 720", name="some_time"),
        CheckConstraint("gist <> ''", name="says_something"),
    )

    counsel_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    kind: Mapped[StintKind] = mapped_column(choice(StintKind))
    held_on: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int] = mapped_column(Integer)
    gist: Mapped[str] = mapped_column(String(300))
    result: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]

    counsel: Mapped[Officer] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place | None] = relationship(lazy="joined")

    @classmethod
    @birth(by=ruled("stint.record"), say="服务登记：{where}，{kind_words}，{minutes}分钟", keeps=("minutes",))
    def record(
        cls,
        officer: Officer,
        place: Place | None,
        kind: StintKind,
        held_on: date,
        minutes: int,
        gist: str,
        result: str = "",
        question: Question | None = None,
    ) -> Self:
        """Written by counsel after each time."""
        wrong: dict[str, str] = {}
        told = {}
        for name, words, least in (("gist", gist, 1), ("result", result, 0)):
            try:
                told[name] = as_received(words or "", field=name, most=300, least=least, label="内容").strip()
            except RuleUnmet as unmet:
                wrong |= unmet.fields
            if found := personal_data(told.get(name, "")):
                wrong[name] = f"不要写出是谁：{found[0].words}"
        if not 1 <= minutes <= 720:
            wrong["minutes"] = "用了几分钟，填1到720。"
        if not today() - timedelta(days=366) <= held_on <= today():
            wrong["held_on"] = "请填最近一年里的日期，不能是以后的日子。"
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)
        made = cls(
            counsel=officer,
            place=place,
            question_id=question.id if question else None,
            kind=kind,
            held_on=held_on,
            minutes=minutes,
            made_at=now(),
            **told,
        )
        db.session.add(made)
        db.session.flush()
        note(where=place.name if place else "全街道", kind_words=kind.label)
        return made


@dataclass(frozen=True)
class Volume:
    """A village's quarter in one line."""

    place: Place
    times: int
    minutes: int
    wanted: int
    """Minutes that the rules ask for."""

    @property
    def short(self) -> int:
        """Minutes that are lacking."""
        return max(0, self.wanted - self.minutes)


def quarter(day: date) -> tuple[date, date]:
    """The first and the last day of the quarter that a day is in."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    after = date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def volumes(day: date) -> list[Volume]:
    """Every village's quarter, those without any service too."""
    first, last = quarter(day)
    rows: Sequence[Any] = db.session.execute(
        select(Stint.place_id, func.count(), func.sum(Stint.minutes))
        .where(Stint.held_on >= first, Stint.held_on <= last)
        .group_by(Stint.place_id)
    ).all()
    found = {place_id: (times, int(minutes)) for place_id, times, minutes in rows}
    wanted = office_rules().number("counsel.hours_a_quarter").value * 60
    return [Volume(place, *found.get(place.id, (0, 0)), wanted) for place in villages()]


def entries(day: date, place: Place | None = None, counsel: Officer | None = None, limit: int = 500) -> Sequence[Stint]:
    """The entries of a quarter, oldest first, as they stand in the volume."""
    first, last = quarter(day)
    query = (
        select(Stint)
        .where(Stint.held_on >= first, Stint.held_on <= last)
        .order_by(Stint.held_on, Stint.id)
        .limit(limit)
    )
    if place is not None:
        query = query.where(Stint.place_id == place.id)
    if counsel is not None:
        query = query.where(Stint.counsel_id == counsel.id)
    return db.session.scalars(query).unique().all()
