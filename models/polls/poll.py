"""An opinion poll 民意调查: written by one, read by another, open for some days, counted in one go, its results signed by a second person."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.sealed import PersonKey
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received, reason_given, texts_received

MOST_QUESTIONS = 30
MOST_OPTIONS = 12
LONGEST_ANSWER = 500


class PollStage(enum.StrEnum):
    """How far a poll has come. Whether people may answer is computed from dates, not stored."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    COUNTED = "counted"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "草稿",
            "submitted": "待审核",
            "reviewed": "待公布",
            "published": "已公布",
            "counted": "已计票",
            "concluded": "结果已公布",
            "cancelled": "已取消",
        }[self.value]


class Reach(enum.StrEnum):
    """Who was asked: on it depends what the figures can say."""

    WILLING = "willing"
    EVERYBODY = "everybody"
    SAMPLE = "sample"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {"willing": "自愿参加", "everybody": "逐户逐人发放", "sample": "抽样调查"}[self.value]

    @property
    def says(self) -> str:
        """What the figures can say, printed above every result."""
        return {
            "willing": "这次调查自愿参加，没有抽样。数字说的是参加的人怎么想，不能推算到所有居民。",
            "everybody": "这次调查逐户逐人发放。没有交回的人怎么想，数字里看不出来。",
            "sample": "这次调查抽样进行。数字说的是抽到并且交回的人怎么想。",
        }[self.value]


class QuestionKind(enum.StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    RATING = "rating"
    TEXT = "text"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "single": "单选",
            "multiple": "多选",
            "scale": "量表（1到5）",
            "rating": "打分（0到10）",
            "text": "写几句话",
        }[self.value]


RANGES = {QuestionKind.SCALE: (1, 5), QuestionKind.RATING: (0, 10)}
"""The whole numbers that answer these."""

FIELDS: dict[str, tuple[str, int]] = {
    "title": ("题目", 60),
    "purpose": ("为什么调查", 1000),
    "whom": ("问谁", 120),
    "method": ("怎样抽样、怎样发放", 500),
}


class Poll(PublicId, Base):
    """One poll."""

    __tablename__ = "poll"
    __table_args__ = (
        Index("ix_poll_stage", "stage", "closes_on"),
        CheckConstraint(
            "stage IN ('drafted', 'submitted', 'cancelled') OR (reviewer_id IS NOT NULL AND reviewer_id <> author_id)",
            name="reviewed_by_a_second_person",
        ),
        CheckConstraint(
            "stage NOT IN ('published', 'counted', 'concluded') OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)",
            name="published_with_its_days",
        ),
        CheckConstraint("stage NOT IN ('counted', 'concluded') OR counted_at IS NOT NULL", name="counted_at_a_moment"),
        CheckConstraint(
            "stage <> 'concluded' OR (report <> '' AND concluded_at IS NOT NULL AND reporter_id IS NOT NULL "
            "AND concluder_id IS NOT NULL AND concluder_id <> reporter_id)",
            name="concluded_by_two_persons",
        ),
        CheckConstraint("stage <> 'cancelled' OR cancelled_reason <> ''", name="cancelled_with_a_reason"),
    )

    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    """The case that it was taken for."""
    stage: Mapped[PollStage] = mapped_column(choice(PollStage), default=PollStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(60), default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    whom: Mapped[str] = mapped_column(String(120), default="")
    reach: Mapped[Reach] = mapped_column(choice(Reach), default=Reach.WILLING)
    method: Mapped[str] = mapped_column(String(500), default="")
    sample: Mapped[int] = mapped_column(Integer, default=0)
    """How many are asked; 0 where nobody in particular is."""
    confidential: Mapped[bool] = mapped_column(default=True)
    """Answers are kept apart from who gave them, so that nobody can join the two once the box is opened."""
    by_slip: Mapped[bool] = mapped_column(default=False)
    """Only who holds a slip may answer; otherwise whoever signs in may as well."""
    window_days: Mapped[int] = mapped_column(Integer, default=14)
    opens_on: Mapped[date | None] = mapped_column(Date)
    closes_on: Mapped[date | None] = mapped_column(Date)
    stopped_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why it was ended before its day; then `closes_on` is the day before."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    urn_id: Mapped[int | None] = mapped_column(ForeignKey("person_key.id"))
    """The key under which answers lie in the box; dropped when it is opened."""
    words_id: Mapped[int | None] = mapped_column(ForeignKey("person_key.id"))
    """The key under which written answers are kept after that."""
    counted_at: Mapped[datetime | None]
    report: Mapped[str] = mapped_column(Text, default="")
    """What the office says to the results."""
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluder_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluded_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision | None] = relationship()
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    reviewer: Mapped[Officer | None] = relationship(foreign_keys=[reviewer_id])
    reporter: Mapped[Officer | None] = relationship(foreign_keys=[reporter_id])
    concluder: Mapped[Officer | None] = relationship(foreign_keys=[concluder_id])
    urn: Mapped[PersonKey | None] = relationship(foreign_keys=[urn_id])
    words_key: Mapped[PersonKey | None] = relationship(foreign_keys=[words_id])
    questions: Mapped[list["PollQuestion"]] = relationship(
        back_populates="poll", order_by="PollQuestion.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The rules of the case it belongs to, or the office's."""
        return self.decision.rules if self.decision is not None else office_rules()

    @property
    def chain(self) -> str | None:
        """The case's chain; none of its own."""
        return self.decision.chain if self.decision is not None else None

    @property
    def is_open(self) -> bool:
        """Whether people may answer now."""
        return (
            self.stage == PollStage.PUBLISHED
            and self.opens_on is not None
            and self.closes_on is not None
            and self.opens_on <= today() <= self.closes_on
        )

    @property
    def is_over(self) -> bool:
        """Published, and past its last day."""
        return self.stage == PollStage.PUBLISHED and self.closes_on is not None and today() > self.closes_on

    @property
    def state_words(self) -> str:
        """Where it stands, for everybody."""
        if self.stage == PollStage.PUBLISHED:
            return "正在调查" if self.is_open else "已截止，等计票"
        return "已截止，等公布结果" if self.stage == PollStage.COUNTED else self.stage.label

    # writing it

    @classmethod
    @birth(by=ruled("poll.draft_new"), say="起草民意调查：{title}")
    def draft_new(cls, officer: Officer, **fields: Any) -> Self:
        """A new poll; what is missing may be missing for now."""
        made = cls(author=officer, made_at=now())
        made._write(fields)
        db.session.add(made)
        note(title=made.title)
        return made

    @act(PollStage.DRAFTED, by=ruled("poll.revise"), label="修改", say="修改民意调查")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change it while it is a draft."""
        self._write(fields)

    def _write(self, fields: dict[str, Any]) -> None:
        good, wrong = texts_received(fields, FIELDS)
        others = {name: value for name, value in fields.items() if name not in FIELDS}
        assert others.keys() <= {"reach", "sample", "confidential", "by_slip", "window_days", "decision"}, others
        for name, value in (good | others).items():
            setattr(self, name, value)
        least = office_rules().number("poll.window_days").value
        if "window_days" in fields and not least <= (self.window_days or 0) <= 180:
            wrong["window_days"] = f"请写{least}到180天。"
        if "sample" in fields and not 0 <= (self.sample or 0) <= 1_000_000:
            wrong["sample"] = "请写发出的份数。"
        if wrong:
            raise RuleUnmet("有几处要改一改，您填的都在。", wrong)

    @act(PollStage.DRAFTED, by=ruled("poll.revise"), label="", say="写第{position}题：{kind}")
    def put_question(
        self,
        officer: Officer,
        kind: QuestionKind,
        text: str,
        *,
        options: Sequence[str] = (),
        needed: bool = True,
        groups: bool = False,
        low: str = "",
        high: str = "",
        at: int | None = None,
    ) -> "PollQuestion":
        """A question at the end, or in the place of the one that stands `at` this position."""
        wrong: dict[str, str] = {}
        text = " ".join(as_received(text or "", field="text", most=200, least=0, label="问题").split())
        kept = list(dict.fromkeys(" ".join(one.split()) for one in options if one.strip()))
        low, high = (" ".join(as_received(w or "", field="low", most=12, least=0).split()) for w in (low, high))
        chosen = kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
        if not text:
            wrong["text"] = "请写问题。"
        if chosen and not 2 <= len(kept) <= MOST_OPTIONS:
            wrong["options"] = f"请写2到{MOST_OPTIONS}个不同的选项，一行一个。"
        if any(len(one) > 60 for one in kept):
            wrong["options"] = "每个选项最多60字。"
        if groups and kind != QuestionKind.SINGLE:
            wrong["groups"] = "只有单选题能用来分组。"
        known = next((q for q in self.questions if q.position == at), None) if at is not None else None
        if at is not None and known is None:
            wrong["at"] = "这一题已经删掉了，请刷新页面。"
        if known is None and len(self.questions) >= MOST_QUESTIONS:
            wrong["text"] = f"最多{MOST_QUESTIONS}题；题太多，人就不想答了。"
        if wrong:
            raise RuleUnmet("这一题还没写好，您填的都在。", wrong)
        if known is None:
            known = PollQuestion(position=len(self.questions) + 1)
            self.questions.append(known)
        known.kind, known.text, known.needed, known.groups = kind, text, needed, groups
        known.options = kept if chosen else []
        known.low, known.high = (low, high) if kind in RANGES else ("", "")
        note(position=known.position, kind=kind.label)
        return known

    @act(PollStage.DRAFTED, by=ruled("poll.revise"), label="", say="删去第{position}题", keeps=("position",))
    def drop_question(self, officer: Officer, position: int) -> None:
        """One question less; those behind it move up."""
        gone = next((q for q in self.questions if q.position == position), None)
        if gone is None:
            raise RuleUnmet("这一题已经删掉了，请刷新页面。")
        self.questions.remove(gone)
        db.session.flush()
        for number, question in enumerate(self.questions, 1):
            question.position = number
            db.session.flush()

    # two persons before anybody is asked

    @step(PollStage.DRAFTED, to=PollStage.SUBMITTED, by=ruled("poll.submit"), label="送审", say="送审民意调查")
    def submit(self, officer: Officer) -> None:
        """Another person reads it first: a question that leads gives no answer worth having."""
        wrong = {name: f"请填写{FIELDS[name][0]}。" for name in ("title", "purpose", "whom") if not getattr(self, name)}
        if self.reach != Reach.WILLING:
            if not self.method:
                wrong["method"] = "请写怎样抽样、怎样发放。"
            if not self.sample:
                wrong["sample"] = "请写发出多少份。"
        if not self.questions:
            wrong["questions"] = "请至少写一道题。"
        if wrong:
            raise RuleUnmet("还不能送审。", wrong)
        self.returned_reason = ""

    @step(
        PollStage.SUBMITTED,
        to=PollStage.REVIEWED,
        by=ruled("poll.review"),
        needs="poll.review",
        label="审核通过",
        say="审核通过民意调查",
    )
    def review(self, officer: Officer) -> None:
        """Read by somebody who did not write it."""
        self.reviewer = officer

    @step(
        PollStage.SUBMITTED,
        PollStage.REVIEWED,
        to=PollStage.DRAFTED,
        by=ruled("poll.review"),
        label="退回修改",
        say="退回民意调查：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        self.reviewer = None
        note(reason=self.returned_reason)

    @step(
        PollStage.REVIEWED,
        to=PollStage.PUBLISHED,
        by=ruled("poll.publish"),
        label="公布，开始调查",
        say="公布民意调查：{title}，到{closes_on}截止",
        wants=("index",),
    )
    def publish(self, officer: Officer) -> None:
        """Open from this very day; the box gets its key."""
        self.opens_on = today()
        self.closes_on = today() + timedelta(days=self.window_days)
        self.urn, self.words_key = PersonKey.make(), PersonKey.make()
        note(title=self.title, closes_on=self.closes_on)

    @act(PollStage.PUBLISHED, by=ruled("poll.stop"), label="提前截止", say="提前截止民意调查：{reason}")
    def stop(self, officer: Officer, reason: str) -> None:
        """Nobody answers any more from now on; everybody reads why."""
        words = reason_given(reason, "请写明为什么提前截止，会显示在页面上。")
        if not self.is_open:
            raise RuleUnmet("已经截止了。")
        self.closes_on, self.stopped_reason = today() - timedelta(days=1), words
        note(reason=words)

    @step(
        PollStage.DRAFTED,
        PollStage.SUBMITTED,
        PollStage.REVIEWED,
        PollStage.PUBLISHED,
        to=PollStage.CANCELLED,
        by=ruled("poll.cancel"),
        label="取消",
        say="取消民意调查：{reason}",
        wants=("index",),
        primary=False,
    )
    def cancel(self, officer: Officer, reason: str) -> None:
        """Given up; what lies in the box can never be read."""
        self.cancelled_reason = reason_given(reason, "请写明取消的原因。")
        if self.urn is not None:
            self.urn.drop()
        note(reason=self.cancelled_reason)

    # the results

    @act(PollStage.COUNTED, by=ruled("poll.write_report"), label="写结果说明", say="写民意调查的结果说明")
    def write_report(self, officer: Officer, report: str) -> None:
        """What the office says to the figures, under its author's name."""
        words = as_received(report or "", field="report", most=5000, least=0, label="结果说明").strip()
        if not words:
            raise RuleUnmet("请写结果说明。", {"report": "请写结果说明：多少人参加，主要怎么想，街道接下来怎么做。"})
        self.report, self.reporter = words, officer


class PollQuestion(Base):
    """One question."""

    __tablename__ = "poll_question"
    __table_args__ = (UniqueConstraint("poll_id", "position"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind))
    text: Mapped[str] = mapped_column(String(200))
    options: Mapped[list[str]] = mapped_column(JSON)
    needed: Mapped[bool] = mapped_column(default=True)
    groups: Mapped[bool] = mapped_column(default=False)
    """Its answer says who somebody is: the results are told by it as well."""
    low: Mapped[str] = mapped_column(String(12), default="")
    high: Mapped[str] = mapped_column(String(12), default="")
    """What the ends of a scale mean."""

    poll: Mapped[Poll] = relationship(back_populates="questions")

    @property
    def name(self) -> str:
        """How its field is called in every form."""
        return f"q{self.position}"

    @property
    def numbers(self) -> range:
        """The whole numbers that answer it."""
        first, last = RANGES.get(self.kind, (0, len(self.options) - 1))
        return range(first, last + 1)

    def words_of(self, number: int) -> str:
        """What an answer means."""
        if self.kind not in RANGES:
            return self.options[number]
        ends = {self.numbers[0]: self.low, self.numbers[-1]: self.high}
        return f"{number}（{ends[number]}）" if ends.get(number) else str(number)


@predicate
def poll_is_over(subject: Poll, actor: object) -> str | None:
    """The last day has passed."""
    day = subject.closes_on
    return None if day is not None and today() > day else f"截止日是{day:%Y年%-m月%-d日}。" if day else ""


@predicate
def poll_report_written(subject: Poll, actor: object) -> str | None:
    """The figures do not go out alone."""
    return None if subject.report else ""


@predicate
def concluder_is_not_reporter(subject: Poll, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if subject.reporter_id is not None and getattr(actor, "id", None) == subject.reporter_id else None


def last_day(poll: Poll) -> date:
    """The last day on which somebody could answer: a poll may be stopped on its first."""
    assert poll.opens_on is not None
    assert poll.closes_on is not None
    return max(poll.opens_on, poll.closes_on)


def by_public_id(public_id: str) -> Poll | None:
    """One poll by its address, in any stage."""
    return db.session.scalar(select(Poll).where(Poll.public_id == public_id))


SHOWN = (PollStage.PUBLISHED, PollStage.COUNTED, PollStage.CONCLUDED)


def open_polls(limit: int = 20) -> Sequence[Poll]:
    """What can be answered now, the one that ends first at the top."""
    query = select(Poll).where(Poll.stage == PollStage.PUBLISHED, Poll.opens_on <= today(), Poll.closes_on >= today())
    return db.session.scalars(query.order_by(Poll.closes_on, Poll.id).limit(limit)).all()


def poll_list(*, after: int | None = None, limit: int = 20) -> Sequence[Poll]:
    """Everything that everybody may see, newest first, keyset by id; a cancelled one only if it had been open."""
    shown = Poll.stage.in_(SHOWN) | ((Poll.stage == PollStage.CANCELLED) & Poll.opens_on.is_not(None))
    query = select(Poll).where(shown).order_by(Poll.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Poll.id < after)
    return db.session.scalars(query).all()


UNFINISHED = (
    PollStage.DRAFTED,
    PollStage.SUBMITTED,
    PollStage.REVIEWED,
    PollStage.PUBLISHED,
    PollStage.COUNTED,
)


def in_hand(*stages: PollStage) -> Sequence[Poll]:
    """Polls that wait for somebody here, oldest first."""
    return db.session.scalars(select(Poll).where(Poll.stage.in_(stages)).order_by(Poll.id)).all()


def polls(limit: int = 200) -> Sequence[Poll]:
    """For the desk, newest first."""
    return db.session.scalars(select(Poll).order_by(Poll.id.desc()).limit(limit)).unique().all()
