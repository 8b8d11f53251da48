"""What the desks add up of a consultation while comments and answers come in: counted once, then carried on comment by comment."""

from collections import Counter
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from models.comments.comment import Comment, Withdrawal
from models.comments.point import SETTLED, Outcome, Point, PointStage
from models.comments.since import Carried, rows_of
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import local
from models.people.resident import ResidentKind

_Said = tuple[int, tuple[int | None, Channel, ResidentKind, int, date] | None, int]
"""Who wrote a comment; where, how, as whom, for how many and when, or None where it was taken back; and a mark of its words.

What the search keeps of a text is the same where its words are, so nothing has to be unsealed; the mark is this process's own.
"""
_Answered = tuple[PointStage, int | None, int | None, Outcome | None]
"""How far a point is, who wrote the answer that waits, its clause, and what became of it once a second person agreed."""


class ClauseSum(NamedTuple):
    """Points about one clause, or about the whole draft."""

    clause_id: int | None
    label: str | None
    position: int | None
    points: int
    left: int


@dataclass(frozen=True)
class Summed:
    """The numbers of one moment."""

    stages: dict[PointStage, int]
    written: dict[int, int]
    """Points that wait for a second person, by who wrote their answers."""
    outcomes: dict[Outcome, int]
    clauses: dict[int | None, tuple[int, int]]
    """Clause to points, and those without an answer."""
    doors: dict[tuple[int | None, Channel], int]
    """Texts by village and channel."""
    homes: dict[int | None, int]
    """People by village."""
    kinds: dict[ResidentKind, int]
    days: dict[date, int]
    """Texts by the Beijing day on which they came in."""
    people: int
    signers: int
    withdrawn: int
    """Texts that were taken back."""
    templates: int
    """Texts that came in more than once, to the letter."""
    copied: dict[date, int]
    """Texts that were written in the words of another one, by the day on which they came in."""

    @property
    def texts(self) -> int:
        """All that stand."""
        return sum(self.kinds.values())

    @property
    def copies(self) -> int:
        """How many texts came in the words of another one."""
        return sum(self.copied.values())

    @property
    def points(self) -> int:
        """All that are to be answered."""
        return sum(n for stage, n in self.stages.items() if stage != PointStage.WITHDRAWN)

    @property
    def places(self) -> dict[int | None, tuple[int, int]]:
        """People and texts by village."""
        texts: Counter[int | None] = Counter()
        for (place, _), number in self.doors.items():
            texts[place] += number
        return {place: (people, texts[place]) for place, people in self.homes.items()}

    @property
    def channels(self) -> list[tuple[Channel, int]]:
        """Texts by channel, the most first."""
        found: Counter[Channel] = Counter()
        for (_, channel), texts in self.doors.items():
            found[channel] += texts
        return found.most_common()


class Sums(Carried[Summed]):
    """The numbers of one consultation, and what each comment and each point counts in them.

    A comment is looked at again as often as one likes: what it counted goes, what it counts now comes.
    """

    def _clear(self) -> None:
        self._comments: dict[int, _Said] = {}
        self._points: dict[int, _Answered] = {}
        self._same: dict[Any, Any] = {}
        """One of each, so that a hundred thousand comments do not hold the same words a hundred thousand times."""
        self._stages: Counter[PointStage] = Counter()
        self._written: Counter[int] = Counter()
        self._outcomes: Counter[Outcome] = Counter()
        self._clauses: Counter[tuple[int | None, bool]] = Counter()
        self._doors: Counter[tuple[int | None, Channel]] = Counter()
        self._kinds: Counter[ResidentKind] = Counter()
        self._days: Counter[date] = Counter()
        self._homes: Counter[int | None] = Counter()
        self._people: Counter[int] = Counter()
        self._people_of: Counter[tuple[int | None, int]] = Counter()
        self._words: dict[int, date | dict[date, int]] = {}
        """The day of words that came once; how often on which days, of those that came again."""
        self._copied: Counter[date] = Counter()
        self._signers = self._withdrawn = self._templates = 0
        self._told: Summed | None = None

    @property
    def held(self) -> int:
        """How many comments are remembered."""
        return len(self._comments)

    def _tell(self, consultation: Consultation) -> Summed:
        if self._told is None:
            self._told = self._summed()
        return self._told

    def _read(self, consultation: Consultation, touched: Collection[int] | None) -> None:
        self._told = None
        said: Any = (
            select(
                Comment.id,
                Comment.resident_id,
                Comment.place_id,
                Comment.channel,
                Comment.kind,
                Comment.signers,
                Comment.received_at,
                Comment.tokens,
                Withdrawal.id.label("withdrawn"),
            )
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(Comment.consultation_id == consultation.id)
        )
        for row in rows_of(said, Comment.id, touched):
            face = None
            if row.withdrawn is None:
                face = (row.place_id, row.channel, row.kind, row.signers, local(row.received_at).date())
                face = self._same.setdefault(face, face)
            before, now = self._comments.get(row.id), (row.resident_id, face, hash(row.tokens) if row.tokens else 0)
            if before != now:
                if before is not None:
                    self._comment(before, -1)
                self._comment(now, 1)
                self._comments[row.id] = now
        answered: Any = select(Point.id, Point.stage, Point.author_id, Point.clause_id, Point.outcome).where(
            Point.consultation_id == consultation.id
        )
        for row in rows_of(answered, Point.comment_id, touched):
            point: _Answered = (
                row.stage,
                row.author_id if row.stage == PointStage.SUBMITTED else None,
                row.clause_id,
                row.outcome if row.stage in SETTLED else None,
            )
            was = self._points.get(row.id)
            if was != point:
                if was is not None:
                    self._point(was, -1)
                self._point(point, 1)
                self._points[row.id] = self._same.setdefault(point, point)

    def _comment(self, said: _Said, more: int) -> None:
        who, face, words = said
        if face is None:
            self._withdrawn += more
            return
        place, channel, kind, signers, day = face
        self._signers += more * (signers - 1)
        _add(self._doors, (place, channel), more)
        _add(self._kinds, kind, more)
        _add(self._days, day, more)
        _add(self._people, who, more)
        if words:
            self._worded(words, day, more)
        known = self._people_of[place, who]
        _add(self._people_of, (place, who), more)
        if (known > 0) != (known + more > 0):
            _add(self._homes, place, more)

    def _worded(self, words: int, day: date, more: int) -> None:
        """Words are a template as soon as they come again: then every text in them is a copy, the first one too."""
        was = self._words.get(words)
        days = was if isinstance(was, dict) else {} if was is None else {was: 1}
        self._templates -= self._copy(days, -1)
        days[day] = days.get(day, 0) + more
        if not days[day]:
            del days[day]
        self._templates += self._copy(days, 1)
        if sum(days.values()) > 1:
            self._words[words] = days
        elif days:
            self._words[words] = next(iter(days))
        else:
            del self._words[words]

    def _copy(self, days: dict[date, int], more: int) -> bool:
        if sum(days.values()) < 2:
            return False
        for day, texts in days.items():
            _add(self._copied, day, more * texts)
        return True

    def _point(self, answered: _Answered, more: int) -> None:
        stage, author, clause, outcome = answered
        _add(self._stages, stage, more)
        if author is not None:
            _add(self._written, author, more)
        if outcome is not None:
            _add(self._outcomes, outcome, more)
        if stage != PointStage.WITHDRAWN:
            _add(self._clauses, (clause, stage == PointStage.OPEN), more)

    def _summed(self) -> Summed:
        clauses = {clause for clause, _ in self._clauses}
        return Summed(
            stages={stage: self._stages[stage] for stage in PointStage},
            written=dict(self._written),
            outcomes={outcome: self._outcomes[outcome] for outcome in Outcome},
            clauses={
                clause: (self._clauses[clause, True] + self._clauses[clause, False], self._clauses[clause, True])
                for clause in clauses
            },
            doors=dict(self._doors),
            homes=dict(self._homes),
            kinds=dict(self._kinds),
            days=dict(self._days),
            people=len(self._people),
            signers=self._signers,
            withdrawn=self._withdrawn,
            templates=self._templates,
            copied=dict(self._copied),
        )


def _add(counter: Counter[Any], key: Hashable, more: int) -> None:
    """Nothing is kept of what is no more."""
    number = counter[key] + more
    if number:
        counter[key] = number
    else:
        del counter[key]


def clause_sums(clauses: dict[int | None, tuple[int, int]]) -> list[ClauseSum]:
    """In the order of the draft, the whole draft last."""
    known = {
        row.id: row
        for row in db.session.execute(
            select(Clause.id, Clause.label, Clause.position).where(Clause.id.in_([n for n in clauses if n is not None]))
        )
    }
    rows = []
    for number, (points, left) in clauses.items():
        clause = known.get(number)
        rows.append(
            ClauseSum(number, clause.label if clause else None, clause.position if clause else None, points, left)
        )
    return sorted(rows, key=lambda row: (row.position is None, row.position or 0))
