"""What a poll found: every figure with its base, by village and group, and no cell so small that it tells who said what."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.decisions.consultation import Channel
from models.kernel.base import db
from models.people.place import Place
from models.polls.ballot import Answers, Ballot, Envelope, PaperBallot, PaperStage, Voter, ballots
from models.polls.poll import RANGES, Poll, PollQuestion, QuestionKind

NOWHERE = "没有填"
PAPER = "纸质选票"


@dataclass(frozen=True)
class Row:
    """One answer and how many gave it."""

    label: str
    number: int
    base: int
    """How many answered this question: what the share is a share of."""

    @property
    def share(self) -> float:
        """In hundredths."""
        return 100 * self.number / self.base if self.base else 0.0

    @property
    def share_words(self) -> str:
        """With one decimal, as it is printed."""
        return f"{self.share:.1f}%"


@dataclass(frozen=True)
class Part:
    """The same question among some of those who answered."""

    name: str
    base: int
    rows: list[Row]
    mean: float | None
    merged: tuple[str, ...] = ()
    """The small ones that were put together, since alone they would tell who said what."""

    @property
    def mean_words(self) -> str:
        """The mean with one decimal; empty where there is none."""
        return f"{self.mean:.1f}" if self.mean is not None else ""


@dataclass(frozen=True)
class Split:
    """A question by village or by group."""

    by: str
    parts: list[Part]


@dataclass(frozen=True)
class Finding:
    """What became of one question."""

    question: PollQuestion
    whole: Part
    splits: list[Split]
    words: list[str]
    """What was written, for staff; in no order that says anything."""

    @property
    def has_figures(self) -> bool:
        """Whether there is something to count."""
        return self.question.kind != QuestionKind.TEXT


@dataclass(frozen=True)
class Turnout:
    """How many took part, before anything of what they answered is known."""

    people: int
    channels: list[tuple[str, int]]
    villages: list[tuple[str, int, int]]
    """Name, how many took part, how many live there (0: unknown)."""
    waiting: int
    """Ballots on paper that nobody has read against the paper yet."""
    void: int


@dataclass
class Result:
    """Everything that a poll found."""

    poll: Poll
    turnout: Turnout
    base: int
    """Ballots in the box."""
    findings: list[Finding] = field(default_factory=list)
    smallest: int = 0
    """The least base that is told by village or group; 0 where the poll is not confidential."""

    @property
    def returned_words(self) -> str:
        """How many were asked and how many answered."""
        if not self.poll.sample:
            return f"{self.base:,}人参加"
        return f"发出{self.poll.sample:,}份，收回有效的{self.base:,}份，占{100 * self.base / self.poll.sample:.1f}%"


def turnout(poll: Poll) -> Turnout:
    """Who took part so far, by channel and village."""
    channels = db.session.execute(
        select(Voter.channel, func.count()).where(Voter.poll_id == poll.id).group_by(Voter.channel)
    ).all()
    here = dict(
        db.session.execute(
            select(Voter.place_id, func.count()).where(Voter.poll_id == poll.id).group_by(Voter.place_id)
        ).all()
    )
    places = db.session.scalars(select(Place).where(Place.id.in_([n for n in here if n])).order_by(Place.id)).all()
    villages = [(place.name, here[place.id], place.residents) for place in places]
    if here.get(None):
        villages.append((NOWHERE, here[None], 0))
    papers = dict(
        db.session.execute(
            select(PaperBallot.stage, func.count()).where(PaperBallot.poll_id == poll.id).group_by(PaperBallot.stage)
        ).all()
    )
    return Turnout(
        people=sum(number for _, number in channels),
        channels=sorted(
            ((PAPER if c == Channel.PAPER else Channel(c).label, n) for c, n in channels), key=lambda row: -row[1]
        ),
        villages=villages,
        waiting=papers.get(PaperStage.ENTERED, 0),
        void=papers.get(PaperStage.VOID, 0),
    )


def in_the_box(poll: Poll) -> int:
    """Envelopes, or ballots once it was opened: always as many as people took part."""
    record = Ballot if poll.counted_at else Envelope
    return db.session.scalar(select(func.count()).select_from(record).where(record.poll_id == poll.id)) or 0


def result(poll: Poll) -> Result:
    """Counted from the ballots, whenever it is asked for."""
    cast = ballots(poll)
    smallest = poll.rules.number("poll.smallest_cell").value if poll.confidential else 1
    made = Result(poll, turnout(poll), len(cast), smallest=smallest if poll.confidential else 0)
    groups = [q for q in poll.questions if q.groups]
    for question in poll.questions:
        splits = []
        if question.kind != QuestionKind.TEXT:
            places = [(place.name if place else NOWHERE, told) for place, told in cast]
            splits.append(Split("村（社区）", _parts(question, places, smallest)))
            for group in groups:
                if group is not question:
                    named = [(_said(group, told), told) for _, told in cast]
                    splits.append(Split(group.text, _parts(question, named, smallest)))
        key = str(question.position)
        words = [told[key] for _, told in cast if key in told] if question.kind == QuestionKind.TEXT else []
        made.findings.append(
            Finding(
                question,
                _part(question, "全部", [told for _, told in cast]),
                [split for split in splits if len(split.parts) > 1],
                words,
            )
        )
    return made


def _said(group: PollQuestion, told: Answers) -> str:
    number = told.get(str(group.position))
    return group.options[number] if number is not None else NOWHERE


def _answers(question: PollQuestion, told: Iterable[Answers]) -> list[list[int]]:
    key = str(question.position)
    found = [one[key] for one in told if key in one]
    return [one if isinstance(one, list) else [one] for one in found]


def _part(question: PollQuestion, name: str, told: Sequence[Answers], merged: tuple[str, ...] = ()) -> Part:
    """A share is a share of those who answered this question, and the base says how many they are."""
    if question.kind == QuestionKind.TEXT:
        return Part(name, sum(str(question.position) in one for one in told), [], None, merged)
    answers = _answers(question, told)
    counted = Counter(number for one in answers for number in one)
    rows = [Row(question.words_of(number), counted[number], len(answers)) for number in question.numbers]
    numbers = [one[0] for one in answers]
    mean = sum(numbers) / len(numbers) if question.kind in RANGES and numbers else None
    return Part(name, len(answers), rows, mean, merged)


def _parts(question: PollQuestion, named: Sequence[tuple[str, Answers]], smallest: int) -> list[Part]:
    """One part for each name; those with fewer answers than `smallest` are put together, with the next larger one if need be.

    One small part left out by itself could be found by taking the others from the whole, so what is put together has to be
    large enough as well.
    """
    by_name: dict[str, list[Answers]] = {}
    key = str(question.position)
    for name, told in named:
        if key in told:
            by_name.setdefault(name, []).append(told)
    ordered = sorted(by_name.items(), key=lambda one: (len(one[1]), one[0]))
    small: list[tuple[str, list[Answers]]] = []
    while ordered and (len(ordered[0][1]) < smallest or (small and sum(len(t) for _, t in small) < smallest)):
        small.append(ordered.pop(0))
    parts = [_part(question, name, told) for name, told in sorted(ordered, key=lambda one: (-len(one[1]), one[0]))]
    if small:
        names = tuple(name for name, _ in small)
        parts.append(_part(question, "合并", [one for _, told in small for one in told], names))
    return parts
