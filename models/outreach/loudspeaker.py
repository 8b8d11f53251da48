"""The village loudspeakers 大喇叭: an article as a script to be read out, when it is due where, and whether it was played.

A mass send in WeChat is a Broadcast; what comes out of the loudspeakers is an Airing.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import BEIJING, local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import NotAllowed, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage
from models.people.officer import Officer
from models.people.place import Place, PlaceKind, villages
from models.texts import radio
from models.texts.reasons import personal_data
from models.texts.received import as_received, reason_given

MOST_DAYS, MOST_TIMES, MOST_AIRINGS = 31, 4, 400
"""What is planned at once: days, times a day, airings in all."""
EARLY = timedelta(minutes=30)
"""So long before its time an airing may be logged already."""


class ScriptStage(enum.StrEnum):
    """How far a script has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"drafted": "草稿", "submitted": "待审核", "agreed": "可以播", "withdrawn": "已撤稿"}[self.value]


LONGEST = 6000
"""Characters of a script."""


class Script(PublicId, Base):
    """One article as it is read out; made by the machine, put right by one person, agreed to by another (先审后发)."""

    __tablename__ = "script"
    __table_args__ = (
        CheckConstraint(
            "stage <> 'agreed' OR (agreer_id IS NOT NULL AND agreer_id <> author_id)", name="agreed_by_a_second_person"
        ),
        CheckConstraint("stage <> 'withdrawn' OR withdrawn_reason <> ''", name="withdrawn_with_a_reason"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    edition: Mapped[int] = mapped_column(Integer)
    """The article's edition that it was made from; a later one makes the script out of date."""
    stage: Mapped[ScriptStage] = mapped_column(choice(ScriptStage), default=ScriptStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(64))
    """The article's title at that time."""
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    agreer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    article: Mapped[Article] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    agreer: Mapped[Officer | None] = relationship(foreign_keys=[agreer_id])

    __mapper_args__ = {"version_id_col": version}

    wrote = ("draft_new", "revise")
    """The deeds that write a word of it."""

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def minutes(self) -> float:
        """How long it takes to read out."""
        return radio.minutes(self.text)

    @property
    def hints(self) -> list[str]:
        """What the reader at the microphone would stumble over."""
        return radio.hints(self.text, self.rules.number("script.characters").value)

    @property
    def out_of_date(self) -> str:
        """Why it is not to be played any more although somebody agreed to it once; empty when all is well."""
        return self.article.changed_since(self.edition)

    @property
    def is_in_force(self) -> bool:
        """Whether it may be played."""
        return self.stage == ScriptStage.AGREED and not self.out_of_date

    @classmethod
    @birth(by=ruled("script.draft_new"), say="写广播稿：{title}")
    def draft_new(cls, officer: Officer, article: Article) -> Self:
        """Out of a published article; one in hand or in force at a time."""
        if article.stage != ArticleStage.PUBLISHED:
            raise RuleUnmet("文章还没有发布，不能写广播稿。", {"article": "请选一篇已经发布的文章。"})
        if standing(article) is not None:
            raise RuleUnmet("这篇文章已经有广播稿了。", {"article": "已经有广播稿，打开那一份修改；要重写，先撤稿。"})
        made = cls(
            article=article,
            edition=article.edition,
            title=article.title,
            text=radio.script(article.title, article.body, article.basis, Installation.here().office_name),
            author=officer,
            made_at=now(),
        )
        db.session.add(made)
        note(title=made.title, article=article.public_id)
        return made

    @act(ScriptStage.DRAFTED, by=ruled("script.draft_new"), label="修改", say="修改广播稿")
    def revise(self, officer: Officer, text: str) -> None:
        """In words that the ear understands."""
        self.text = as_received(text or "", field="text", most=LONGEST, label="广播稿").strip()

    @step(ScriptStage.DRAFTED, to=ScriptStage.SUBMITTED, by=ruled("script.draft_new"), label="送审", say="广播稿送审")
    def submit(self, officer: Officer) -> None:
        """Another person reads it before a village hears it."""
        found = next((one for one in personal_data(self.text) if one.severity == "stop"), None)
        if found is not None:
            raise RuleUnmet("广播稿里不能有个人信息。", {"text": found.words})
        self.returned_reason = ""

    @step(
        ScriptStage.SUBMITTED,
        to=ScriptStage.AGREED,
        by=ruled("script.agree"),
        needs="script.agree",
        label="审核通过",
        say="审核通过广播稿：{title}",
    )
    def agree(self, officer: Officer) -> None:
        """From now on it may be played; what is still planned of an older script of the same article is played from this one."""
        self.agreer, self.agreed_at = officer, now()
        moved = _take_over(self)
        note(title=self.title, moved=moved)

    @step(
        ScriptStage.SUBMITTED,
        to=ScriptStage.DRAFTED,
        by=ruled("script.agree"),
        label="退回修改",
        say="退回广播稿：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        note(reason=self.returned_reason)

    @step(
        ScriptStage.DRAFTED,
        ScriptStage.SUBMITTED,
        ScriptStage.AGREED,
        to=ScriptStage.WITHDRAWN,
        by=ruled("script.withdraw"),
        label="撤稿",
        say="撤下广播稿：{reason}",
        primary=False,
    )
    def withdraw(self, officer: Officer, reason: str) -> None:
        """Not played any more; what was played stays in the log."""
        self.withdrawn_reason = reason_given(reason, "请写明为什么撤稿。")
        note(reason=self.withdrawn_reason)

    @act(
        ScriptStage.AGREED,
        by=ruled("script.schedule"),
        needs="script.schedule",
        label="",
        say="排播出：{villages}个村，{from_on}到{until_on}，每天{times}，共{made}次",
        keeps=("from_on", "until_on"),
    )
    def schedule(
        self, officer: Officer, places: Sequence[Place], from_on: date, until_on: date, times: Sequence[time]
    ) -> int:
        """Due in these villages on these days at these times; what is planned already is not planned twice. How many are new."""
        wrong: dict[str, str] = {}
        if not places or any(one.kind not in (PlaceKind.VILLAGE, PlaceKind.COMMUNITY) for one in places):
            wrong["places"] = "请选至少一个村（社区）。"
        if from_on < today():
            wrong["from_on"] = "不能排在今天以前。"
        if not from_on <= until_on <= from_on + timedelta(days=MOST_DAYS - 1):
            wrong["until_on"] = f"最后一天不能早于第一天，一次最多排{MOST_DAYS}天。"
        if not 1 <= len(set(times)) <= MOST_TIMES:
            wrong["times"] = f"请写1到{MOST_TIMES}个时间，例如 7:30、18:00。"
        if wrong:
            raise RuleUnmet("还排不了，有几处要改。", wrong)
        days = [from_on + timedelta(days=n) for n in range((until_on - from_on).days + 1)]
        wanted = [
            (place.id, datetime.combine(day, at, BEIJING))
            for place in places
            for day in days
            for at in sorted(set(times))
            if datetime.combine(day, at, BEIJING) > now()
        ]
        if not wanted or len(wanted) > MOST_AIRINGS:
            raise RuleUnmet(
                f"一次最多排{MOST_AIRINGS}次，现在是{len(wanted)}次。" if wanted else "选的时间都已经过去了。",
                {"until_on": "请少选几天，或者换个时间。"},
            )
        rows = db.session.execute(select(Airing.place_id, Airing.due_at).where(Airing.script_id == self.id))
        there = {(place, moment) for place, moment in rows}
        fresh = [one for one in wanted if one not in there]
        db.session.add_all(Airing(script=self, place_id=place, due_at=moment, made_at=now()) for place, moment in fresh)
        note(villages=len(places), times="、".join(f"{at:%H:%M}" for at in sorted(set(times))), made=len(fresh))
        return len(fresh)


def _of_the_village(subject: "Airing", actor: Any) -> Refusal | None:
    """Guard: who looks after this village, or the office for it."""
    refusal: Refusal | None = ruled("airing.log")(subject, actor)
    if refusal is not None:
        return refusal
    if actor.has("village", "grid") and subject.place_id in {place.id for place in heard_by(actor)}:
        return None
    if actor.has(*(post for post in office_rules().post_for("airing.log") if post not in ("village", "grid"))):
        return None
    return NotAllowed("这个村的大喇叭由这个村的人登记。")


class Airing(PublicId, Base):
    """One time that a script is due over the loudspeakers of one village."""

    __tablename__ = "airing"
    __table_args__ = (
        UniqueConstraint("script_id", "place_id", "due_at"),
        Index("ix_airing_due", "due_at", "place_id"),
    )

    script_id: Mapped[int] = mapped_column(ForeignKey("script.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    due_at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    script: Mapped[Script] = relationship(lazy="joined", innerjoin=True)
    place: Mapped[Place] = relationship(lazy="joined", innerjoin=True)
    log: Mapped[list["AiringLog"]] = relationship(order_by="AiringLog.id", lazy="selectin")

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def logged(self) -> "AiringLog | None":
        """What the log says last of it."""
        return self.log[-1] if self.log else None

    @property
    def is_due(self) -> bool:
        """Its time has come, and nobody has said what became of it."""
        return self.logged is None and self.called_off_at is None and self.script.is_in_force and self.due_at <= now()

    @property
    def state(self) -> str:
        """In a word."""
        if self.logged is not None:
            return "播了" if self.logged.played else "没播"
        if self.called_off_at is not None:
            return "取消了"
        if not self.script.is_in_force:
            return "不用播了"
        return "没有登记" if self.due_at <= now() else "等着播"

    @act(by=_of_the_village, label="", say="{where}播了广播稿")
    def play(self, officer: Officer, at: time | None = None) -> None:
        """It was played, at this hour of its day; without one, at the hour it was due."""
        _loggable(self)
        when = datetime.combine(local(self.due_at).date(), at, BEIJING) if at else self.due_at
        if when > now() + EARLY:
            raise RuleUnmet("还没到这个时间，不能先登记。", {"at": "请填已经过去的时间。"})
        note(where=self.place.name, due=self.due_at)
        _write(self, officer, played_at=when)

    @act(by=_of_the_village, label="", say="{where}没有播")
    def miss(self, officer: Officer, reason: str) -> None:
        """It was not played, and why."""
        _loggable(self)
        words = reason_given(reason, "请写为什么没播。", most=60)
        if found := personal_data(words):
            raise RuleUnmet("不要写出是谁。", {"reason": found[0].words})
        note(where=self.place.name, due=self.due_at)
        _write(self, officer, reason=words)

    @act(by=ruled("script.schedule"), label="", say="取消{where}的一次播出")
    def call_off(self, officer: Officer) -> None:
        """Not wanted any more; what was logged is not taken back."""
        if self.logged is not None:
            raise RuleUnmet("已经登记过，不能取消。")
        self.called_off_at = self.called_off_at or now()
        note(where=self.place.name, due=self.due_at)


def _loggable(airing: Airing) -> None:
    if airing.due_at > now() + EARLY:
        raise RuleUnmet("还没到播的时间，到了再登记。")
    if airing.called_off_at is not None:
        raise RuleUnmet("这一次已经取消了，不用播。")


def _write(airing: Airing, officer: Officer, *, played_at: datetime | None = None, reason: str = "") -> None:
    last = airing.logged
    if last is not None and (last.played_at, last.reason) == (played_at, reason):
        return  # tapped twice
    airing.log.append(AiringLog(officer=officer, played_at=played_at, reason=reason, made_at=now()))


class AiringLog(Base):
    """What became of an airing. Insert-only: who tapped wrongly taps again, and the last word counts."""

    __tablename__ = "airing_log"
    __table_args__ = (CheckConstraint("(played_at IS NULL) = (reason <> '')", name="played_or_why_not"),)

    airing_id: Mapped[int] = mapped_column(ForeignKey("airing.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    played_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(60), default="")
    made_at: Mapped[datetime]

    officer: Mapped[Officer] = relationship(lazy="joined", innerjoin=True)

    @property
    def played(self) -> bool:
        """Whether people heard it."""
        return self.played_at is not None


def _take_over(script: Script) -> int:
    """Airings to come of older scripts of the same article; how many."""
    older = select(Script.id).where(Script.article_id == script.article_id, Script.id < script.id)
    waiting = db.session.scalars(
        select(Airing)
        .where(
            Airing.script_id.in_(older),
            Airing.due_at > now(),
            Airing.called_off_at.is_(None),
            ~select(AiringLog.id).where(AiringLog.airing_id == Airing.id).exists(),
        )
        .order_by(Airing.id)
    ).all()
    seen: set[tuple[int, datetime]] = set()
    for one in waiting:
        if (one.place_id, one.due_at) not in seen:
            seen.add((one.place_id, one.due_at))
            one.script = script
    return len(seen)


@predicate
def script_is_current(subject: Script, actor: object) -> str | None:
    """The article stands as it was when the script was made from it."""
    return subject.out_of_date or None


# ── questions ────────────────────────────────────────────────────────────────


def by_public_id(public_id: str) -> Script | None:
    """One script by its address."""
    return db.session.scalar(select(Script).where(Script.public_id == public_id))


def airing_by_public_id(public_id: str) -> Airing | None:
    """One airing by its address."""
    return db.session.scalar(select(Airing).where(Airing.public_id == public_id))


def standing(article: Article) -> Script | None:
    """The script of an article that is in hand or in force; one that is out of date stands in nobody's way."""
    query = (
        select(Script)
        .where(
            Script.article_id == article.id,
            Script.stage != ScriptStage.WITHDRAWN,
            Script.edition == article.edition,
        )
        .order_by(Script.id.desc())
    )
    return db.session.scalars(query).unique().first()


def scripts(*stages: ScriptStage, limit: int = 100) -> Sequence[Script]:
    """Scripts for the desk, newest first."""
    query = select(Script).order_by(Script.id.desc()).limit(limit)
    if stages:
        query = query.where(Script.stage.in_(stages))
    return db.session.scalars(query).unique().all()


def unwritten(limit: int = 50) -> list[Article]:
    """Published articles that have no script of their present edition, newest first."""
    there = select(Script.id).where(
        Script.article_id == Article.id, Script.stage != ScriptStage.WITHDRAWN, Script.edition == Article.edition
    )
    query = (
        select(Article)
        .where(Article.stage == ArticleStage.PUBLISHED, ~there.exists())
        .order_by(Article.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query).unique())


def heard_by(officer: Officer) -> list[Place]:
    """The villages whose loudspeakers an officer hears: those looked after, and those that one's groups and grids lie in."""
    mine = {place.id for place in officer.places} | {place.parent_id for place in officer.places}
    return [one for one in villages() if one.id in mine]


def _in_force() -> Any:
    return (
        select(Airing)
        .join(Script, Script.id == Airing.script_id)
        .join(Article, Article.id == Script.article_id)
        .where(
            Airing.called_off_at.is_(None),
            Script.stage == ScriptStage.AGREED,
            Article.stage == ArticleStage.PUBLISHED,
            Article.edition == Script.edition,
        )
    )


def _unlogged() -> Any:
    return ~select(AiringLog.id).where(AiringLog.airing_id == Airing.id).exists()


def unlogged(places: Iterable[Place] | None = None, limit: int = 200) -> Sequence[Airing]:
    """What was to be played and nobody has said anything of, the oldest first; in these villages, or in all."""
    query = _in_force().where(Airing.due_at <= now(), _unlogged()).order_by(Airing.due_at, Airing.id).limit(limit)
    if places is not None:
        query = query.where(Airing.place_id.in_([place.id for place in places]))
    return db.session.scalars(query).unique().all()


def to_come(places: Iterable[Place] | None = None, limit: int = 20) -> Sequence[Airing]:
    """What is to be played next."""
    query = _in_force().where(Airing.due_at > now()).order_by(Airing.due_at, Airing.id).limit(limit)
    if places is not None:
        query = query.where(Airing.place_id.in_([place.id for place in places]))
    return db.session.scalars(query).unique().all()


def just_logged(places: Iterable[Place], limit: int = 10) -> Sequence[Airing]:
    """What was logged last in these villages, so that a wrong tap can be put right."""
    last = select(func.max(AiringLog.id)).where(AiringLog.airing_id == Airing.id).scalar_subquery()
    query = (
        select(Airing)
        .where(
            Airing.place_id.in_([place.id for place in places]),
            select(AiringLog.id).where(AiringLog.airing_id == Airing.id).exists(),
        )
        .order_by(last.desc())
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()


def airings(script: Script, limit: int = 500) -> Sequence[Airing]:
    """All of a script, in the order of time."""
    query = select(Airing).where(Airing.script_id == script.id).order_by(Airing.due_at, Airing.place_id).limit(limit)
    return db.session.scalars(query).unique().all()


@dataclass(frozen=True)
class Hour:
    """What one script is due for at one time, village by village."""

    due_at: datetime
    script: Script
    airings: list[Airing]


def by_hour(rows: Iterable[Airing]) -> list[Hour]:
    """Rows in the order of time, those of one script and time together."""
    found: dict[tuple[datetime, int], Hour] = {}
    for one in rows:
        found.setdefault((one.due_at, one.script_id), Hour(one.due_at, one.script, [])).airings.append(one)
    return list(found.values())


def airings_of(first: date, last: date, limit: int = 20_000) -> Sequence[Airing]:
    """All of these days that were logged or are still to be, in the order of time."""
    begin, end = days(first, last)
    query = (
        select(Airing)
        .where(Airing.due_at >= begin, Airing.due_at < end, Airing.called_off_at.is_(None))
        .order_by(Airing.due_at, Airing.place_id)
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()


def days(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which these Beijing days begin and have ended."""
    begin = datetime.combine(first, time(), BEIJING)
    return begin, datetime.combine(last + timedelta(days=1), time(), BEIJING)


@dataclass(frozen=True)
class Month:
    """A village's loudspeakers in one month."""

    place: Place
    played: int
    missed: int
    unlogged: int


def by_village(first: date, last: date) -> list[Month]:
    """Every village, those that heard nothing too."""
    found = {one.id: [0, 0, 0] for one in villages()}
    for airing in airings_of(first, last):
        numbers = found.get(airing.place_id)
        if numbers is None:
            continue
        if airing.logged is not None:
            numbers[0 if airing.logged.played else 1] += 1
        elif airing.is_due:
            numbers[2] += 1
    return [Month(one, *found[one.id]) for one in villages()]


TIMES = re.compile(r"([01]?[0-9]|2[0-3])[:：点]([0-5][0-9])?")


def times_in(words: str) -> list[time]:
    """The hours that somebody typed: 7:30、18:00, 7点; what is none is left out."""
    return sorted({time(int(hour), int(minute or 0)) for hour, minute in TIMES.findall(words)})
