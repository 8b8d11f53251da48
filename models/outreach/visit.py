"""Household visits 入户, the publicity van 宣传车, stalls: logged on a phone by who was there, put right by another entry, never changed."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, ruled
from models.kernel.refusal import Missing, NotAllowed, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.sealed import keyring
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage, Topic
from models.people.officer import Officer
from models.people.place import Place, PlaceKind, villages
from models.texts.reasons import personal_data
from models.texts.received import as_received

BACK = 31
"""So many days later a visit may still be entered."""
MOST = {"households": 500, "people": 5000, "leaflets": 10_000, "asked": 500}
NAMES = {"households": "多少户", "people": "多少人", "leaflets": "发了多少份", "asked": "问了几个问题"}
SEES_ALL = ("justice", "office", "publicist", "leader", "unit_head", "inspector")
"""Who sees everybody's entries."""
WIDEST = 1600
"""Pixels of a photograph that is kept."""


class VisitKind(enum.StrEnum):
    """How the law came to the door."""

    HOUSEHOLD = "household"
    VAN = "van"
    STALL = "stall"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"household": "入户", "van": "宣传车", "stall": "摆摊、赶场"}[self.value]


def _wrote(subject: "Visit", actor: Any) -> Refusal | None:
    """Guard: who entered it, or the justice office."""
    refusal: Refusal | None = ruled("visit.record")(subject, actor)
    if refusal is not None:
        return refusal
    mine = subject.officer_id == actor.id or actor.has("justice")
    return None if mine else NotAllowed("谁记的谁更正；别人的，请司法所更正。")


class Visit(PublicId, Base):
    """One entry; nobody who was visited is named in it. Insert-only: a correction is an entry that takes another one's place."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_place", "place_id", "visited_on"),
        Index("ix_visit_officer", "officer_id", "visited_on"),
        CheckConstraint("households >= 0 AND people >= 0 AND leaflets >= 0 AND asked >= 0", name="counted"),
        CheckConstraint("void OR people > 0 OR leaflets > 0", name="somebody_was_reached"),
        CheckConstraint("corrects_id IS NULL OR remark <> ''", name="corrected_with_a_reason"),
        CheckConstraint("NOT void OR corrects_id IS NOT NULL", name="void_is_a_correction"),
        CheckConstraint("kind <> 'household' OR void OR households > 0", name="a_visit_has_a_household"),
    )

    kind: Mapped[VisitKind] = mapped_column(choice(VisitKind))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    """A village, a community, or a group or grid of one."""
    visited_on: Mapped[date] = mapped_column(Date)
    households: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    leaflets: Mapped[int] = mapped_column(Integer)
    asked: Mapped[int] = mapped_column(Integer)
    """How many questions about the law were asked; what they were stands under its own seal where questions are entered."""
    gist: Mapped[str] = mapped_column(String(300), default="")
    photo: Mapped[str] = mapped_column(String(64), default="")
    """Sealed with the store's own key: people may be on it."""
    photo_mime: Mapped[str] = mapped_column(String(40), default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("visit.id"), unique=True)
    remark: Mapped[str] = mapped_column(String(200), default="")
    """Why it was corrected."""
    void: Mapped[bool] = mapped_column(Boolean, default=False)
    """The entry that it takes the place of was none."""
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    """Sent twice over a bad line it is one."""
    made_at: Mapped[datetime]

    place: Mapped[Place] = relationship(lazy="joined", innerjoin=True)
    officer: Mapped[Officer] = relationship(lazy="joined", innerjoin=True)
    corrects: Mapped["Visit | None"] = relationship(remote_side="Visit.id", foreign_keys=[corrects_id])
    told: Mapped[list["VisitTold"]] = relationship(order_by="VisitTold.id", lazy="selectin")

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def village(self) -> Place:
        """The village that its place is, or lies in."""
        place = self.place
        inside = place.kind in (PlaceKind.GROUP, PlaceKind.GRID) and place.parent is not None
        return place.parent if inside and place.parent is not None else place

    @property
    def where(self) -> str:
        """In words: 东湖村, or 东湖村三组."""
        return self.place.name if self.village.id == self.place.id else f"{self.village.name}{self.place.name}"

    @property
    def corrected_by(self) -> "Visit | None":
        """The entry that took its place."""
        return db.session.scalar(select(Visit).where(Visit.corrects_id == self.id))

    @property
    def topics(self) -> list[str]:
        """What was spoken about."""
        return [one.topic.name for one in self.told if one.topic is not None]

    @property
    def articles(self) -> list[str]:
        """The articles that were handed out or read."""
        return [one.article.title for one in self.told if one.article is not None]

    @classmethod
    @birth(by=ruled("visit.record"), say="登记{kind_words}：{where}，{households}户{people}人，{leaflets}份")
    def record(
        cls,
        officer: Officer,
        kind: VisitKind,
        place: Place | None,
        visited_on: date,
        key: str | None = None,
        **told: Any,
    ) -> "Visit":
        """Entered by who was there."""
        made = _entered(officer, kind, place, visited_on, told)
        made.key = key
        db.session.flush()
        made._say()
        return made

    @act(by=_wrote, label="更正", say="更正登记：{where}，{households}户{people}人，{leaflets}份")
    def correct(
        self, officer: Officer, remark: str, kind: VisitKind, place: Place | None, visited_on: date, **told: Any
    ) -> "Visit":
        """Another entry in its place; this one stays as it was and is counted no more."""
        words = self._why(remark)
        made = _entered(officer, kind, place, visited_on, told, earliest=self.visited_on)
        if not made.photo:
            made.photo, made.photo_mime = self.photo, self.photo_mime
        made.corrects, made.remark = self, words
        db.session.flush()
        made._say()
        return made

    @act(by=_wrote, label="作废", say="作废登记：{where}")
    def cancel(self, officer: Officer, remark: str) -> "Visit":
        """It was no visit: an entry without numbers takes its place."""
        words = self._why(remark)
        made = Visit(
            kind=self.kind,
            place=self.place,
            visited_on=self.visited_on,
            households=0,
            people=0,
            leaflets=0,
            asked=0,
            officer=officer,
            corrects=self,
            remark=words,
            void=True,
            made_at=now(),
        )
        db.session.add(made)
        db.session.flush()
        note(where=self.where)
        return made

    def _why(self, remark: str) -> str:
        if self.corrected_by is not None:
            raise RuleUnmet("这一条已经更正过了，请更正后来的那一条。")
        words = as_received(remark or "", field="remark", most=200, least=0).strip()
        if not words:
            raise RuleUnmet("请写为什么更正。", {"remark": "请写为什么更正，例如：人数写错了。"})
        if found := personal_data(words):
            raise RuleUnmet("不要写出是谁。", {"remark": f"不要写出是谁：{found[0].words}"})
        return words

    def _say(self) -> None:
        note(
            kind_words=self.kind.label, where=self.where, households=self.households, people=self.people,
            leaflets=self.leaflets,
        )  # fmt: skip

    @act(by=ruled("visit.see"), label="", say="看了入户的照片")
    def read(self, officer: Officer) -> bytes:
        """The photograph; each look leaves its trace."""
        if not self.photo or not may_see(self, officer):
            raise Missing("没有这张照片。")
        return files.read(self.photo, photo_key())


def _entered(
    officer: Officer,
    kind: VisitKind,
    place: Place | None,
    visited_on: date,
    told: dict[str, Any],
    earliest: date | None = None,
) -> Visit:
    wrong: dict[str, str] = {}
    numbers = {name: int(told.get(name) or 0) for name in MOST}
    for name, most in MOST.items():
        if not 0 <= numbers[name] <= most:
            wrong[name] = f"{NAMES[name]}，填0到{most}。"
    if kind == VisitKind.HOUSEHOLD and not numbers["households"]:
        wrong["households"] = "入户，请填走了几户。"
    if not numbers["people"] and not numbers["leaflets"]:
        wrong["people"] = "见到几个人、发了几份，至少填一样。"
    since = min(today() - timedelta(days=BACK), earliest or today())
    if not since <= visited_on <= today():
        wrong["visited_on"] = f"请填最近{BACK}天里的日期，不能是以后的日子。"
    if place is None or place.kind == PlaceKind.STREET:
        wrong["place"] = "请选在哪里。"
    elif not may_go(officer, place):
        wrong["place"] = "请选您负责的村、组。"
    gist = ""
    try:
        gist = as_received(told.get("gist") or "", field="gist", most=300, least=0, label="备注").strip()
    except RuleUnmet as unmet:
        wrong |= unmet.fields
    if found := personal_data(gist):
        wrong["gist"] = f"不要写出是谁：{found[0].words}"
    if wrong:
        raise RuleUnmet("有几处要改一改，您填的都在。", wrong)
    made = Visit(kind=kind, place=place, visited_on=visited_on, gist=gist, officer=officer, made_at=now(), **numbers)
    if photo := told.get("photo"):
        made.photo, made.photo_mime = _kept(photo)
    made.told = [VisitTold(topic=one) for one in told.get("topics") or ()]
    made.told += [VisitTold(article=one) for one in told.get("articles") or () if one.stage == ArticleStage.PUBLISHED]
    db.session.add(made)
    return made


class VisitTold(Base):
    """What was spoken about at a visit: a topic, or an article. Insert-only."""

    __tablename__ = "visit_told"
    __table_args__ = (
        UniqueConstraint("visit_id", "topic_id"),
        UniqueConstraint("visit_id", "article_id"),
        CheckConstraint("topic_id IS NULL OR article_id IS NULL", name="one_of_both"),
    )

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"), index=True)

    topic: Mapped[Topic | None] = relationship(lazy="joined")
    article: Mapped[Article | None] = relationship(lazy="joined")


def photo_key() -> bytes:
    """What photographs of visits are sealed with."""
    return keyring().derived("visit")


def _kept(data: bytes) -> tuple[str, str]:
    files.admitted(data, only=files.IMAGES, field="photo")
    drawn, mime = files.redrawn(data, longest=WIDEST)
    return files.keep(drawn, key=photo_key()), mime


def grounds(officer: Officer) -> list[Place]:
    """Where an officer may have been: the villages looked after with their groups and grids; all of them for the office's people."""
    everywhere = officer.has(*SEES_ALL, "counsel")
    mine = {place.id for place in officer.places} | {place.parent_id for place in officer.places}
    found: list[Place] = []
    parts = db.session.scalars(
        select(Place).where(Place.kind.in_((PlaceKind.GROUP, PlaceKind.GRID))).order_by(Place.id)
    ).all()
    for village in villages():
        if everywhere or village.id in mine:
            found += [village, *(part for part in parts if part.parent_id == village.id)]
    return found


def may_go(officer: Officer, place: Place) -> bool:
    """Whether an officer may enter something about this place."""
    return any(one.id == place.id for one in grounds(officer))


def may_see(visit: Visit, officer: Officer) -> bool:
    """One's own; the office sees all, a village's officer those of the village."""
    if visit.officer_id == officer.id or officer.has(*SEES_ALL):
        return True
    return officer.has("village") and visit.village.id in {place.id for place in officer.places}


def by_public_id(public_id: str) -> Visit | None:
    """One entry by its address; the door checks who may see it."""
    return db.session.scalar(select(Visit).where(Visit.public_id == public_id))


def by_key(key: str) -> Visit | None:
    """The entry that this very submission made already."""
    return db.session.scalar(select(Visit).where(Visit.key == key))


def entries(officer: Officer, first: date, last: date, *, corrected: bool = True, limit: int = 5000) -> list[Visit]:
    """What this officer may see of these days, newest first; with or without what was corrected since."""
    query = (
        select(Visit)
        .where(Visit.visited_on >= first, Visit.visited_on <= last)
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(limit)
    )
    if not officer.has(*SEES_ALL, "village"):
        query = query.where(Visit.officer_id == officer.id)
    rows = [one for one in db.session.scalars(query).unique() if may_see(one, officer)]
    return rows if corrected else standing(rows)


def replaced(rows: Iterable[Visit]) -> set[int]:
    """Which of these entries another one took the place of, whenever that was."""
    numbers = [one.id for one in rows]
    found = db.session.scalars(select(Visit.corrects_id).where(Visit.corrects_id.in_(numbers)))
    return {number for number in found if number is not None}


def standing(rows: Sequence[Visit]) -> list[Visit]:
    """Those that count: not corrected, not void."""
    gone = replaced(rows)
    return [one for one in rows if one.id not in gone and not one.void]


@dataclass
class Reached:
    """How one village was reached in some days."""

    place: Place
    times: int = 0
    households: int = 0
    people: int = 0
    leaflets: int = 0
    asked: int = 0
    vans: int = 0


def by_village(rows: Sequence[Visit]) -> list[Reached]:
    """Every village, those where nobody was too; only entries that count."""
    found = {one.id: Reached(one) for one in villages()}
    for visit in standing(rows):
        line = found.get(visit.village.id)
        if line is None:
            continue
        line.times += 1
        line.vans += visit.kind == VisitKind.VAN
        for name in MOST:
            setattr(line, name, getattr(line, name) + getattr(visit, name))
    return list(found.values())
