"""Looks over all answers of a consultation before they go out: contradictions, formulas, missing grounds, wrong fits, personal data."""

import enum
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, select

from models.comments.comment import Attachment, Comment, MediaKind, MediaState, Withdrawal
from models.comments.point import Outcome, Point, PointStage
from models.comments.showing import shown_words, to_be_shown
from models.comments.since import Carried, rows_of
from models.comments.transcription import Transcription, TranscriptionStage
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.lifecycle import predicate
from models.kernel.sealed import PersonKey
from models.people.resident import Resident
from models.texts.bigrams import bigrams
from models.texts.reasons import Finding, findings, personal_data
from models.texts.similar import opposed

LISTED = 100
"""Places that a kind lists; beyond them it only counts."""
ALIKE = 0.5
"""Share of common pairs of characters from which two gists about one clause ask the same."""
MOST_GISTS = 1500
"""Different gists about one clause that are compared with each other."""
ANSWERED = (PointStage.DRAFTED, PointStage.SUBMITTED, PointStage.APPROVED)
YES = (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED)


class Kind(enum.StrEnum):
    """What was found."""

    DIFFERS = "differs"
    FORMULA = "formula"
    GROUNDS = "grounds"
    FIT = "fit"
    PERSONAL = "personal"
    UNREAD = "unread"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "differs": "同一个问题，答得不一样",
            "formula": "只有套话，没有理由",
            "grounds": "没有写到条款、事实或者依据",
            "fit": "理由和结果对不上",
            "personal": "要公布的文字里像有个人信息",
            "unread": "代录和转写还没有第二个人核对",
        }[self.value]


_CODES = {
    "empty": Kind.FORMULA,
    "echo": Kind.FORMULA,
    "formula": Kind.FORMULA,
    "short": Kind.GROUNDS,
    "no_grounds": Kind.GROUNDS,
    "contradicts": Kind.FIT,
    "no_change": Kind.FIT,
    "which_part": Kind.FIT,
}


@dataclass(frozen=True)
class Spot:
    """One place to look at."""

    kind: Kind
    grave: bool
    """Should be mended first, which whoever releases decides; what nobody has read holds the release (`every_transcription_read`)."""
    words: str
    piece: str
    """The words in question."""
    point: str
    """Public id of the point to jump to."""
    serial: int
    points: int = 1
    """How many points are answered in just these words."""
    other: str = ""
    """The place that contradicts it, and its serial."""
    other_serial: int = 0


class Found:
    """All spots, the first of each kind kept, the others counted."""

    def __init__(self) -> None:
        self.spots: dict[Kind, list[Spot]] = {kind: [] for kind in Kind}
        self.number: dict[Kind, int] = dict.fromkeys(Kind, 0)

    def add(self, spot: Spot) -> None:
        """Count it, and keep it while there is room."""
        self.number[spot.kind] += 1
        if len(self.spots[spot.kind]) < LISTED:
            self.spots[spot.kind].append(spot)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.number.values())

    @property
    def grave(self) -> int:
        """Those listed that should be mended first."""
        return sum(spot.grave for spots in self.spots.values() for spot in spots)


def look_through(consultation: Consultation) -> Found:
    """Everything found, looked for from the beginning."""
    return Looks().now(consultation)


class _Same:
    """Points whose answers are the same in something: how many, how many of them change a clause, and all in a heap.

    The heap may hold some that have gone meanwhile.
    """

    __slots__ = ("heap", "number", "revised")

    def __init__(self) -> None:
        self.heap: list[int] = []
        self.number = self.revised = 0


class _Answer(NamedTuple):
    """What one answer is compared by."""

    clause: int | None
    gist: str
    outcome: Outcome
    reason: str
    revised: bool
    copy: bytes
    """The same for texts that are the same, spaces and punctuation aside, about the same clause; empty where there are no words."""


class _Place(NamedTuple):
    """Where something was found, before the points are read that it is told with."""

    kind: Kind
    points: tuple[int, ...]
    told: Callable[..., Spot]


_Gist = tuple[int | None, str, Outcome]


class Looks(Carried[Found]):
    """What is found in the answers of one consultation, and what each answer is compared by.

    Answers in the same words are looked at once, however many points they answer, and not again while they stay as they are.
    """

    def _clear(self) -> None:
        self._answers: dict[int, _Answer] = {}
        self._words: dict[str, str] = {}
        """Every gist and reason once."""
        self._same: dict[Any, _Same] = {}
        """By copy and outcome, by gist about a clause and outcome, by gist alone, and by reason and outcome."""
        self._differ: set[bytes] = set()
        """Copies with different outcomes."""
        self._gists: dict[int | None, set[_Gist]] = defaultdict(set)
        self._alike: dict[int | None, list[tuple[_Gist, _Gist, bool]]] = {}
        """Pairs about a clause, one answered yes and one no; nothing for a clause whose gists have changed since."""
        self._wrong: dict[tuple[Outcome, str], list[Finding]] = {}
        self._named: dict[str, list[Finding]] = {}
        """Gists with somebody's data in them."""
        self._shown: dict[int, list[tuple[Finding, str]]] = {}
        """The same in people's own words, by point."""
        self._spots: tuple[list[Spot], Counter[Kind]] | None = None

    @property
    def held(self) -> int:
        """How many answers are remembered."""
        return len(self._answers)

    def _tell(self, consultation: Consultation) -> Found:
        if self._spots is None:
            self._spots = self._placed()
        found = Found()
        listed, number = self._spots
        for spot in listed:
            found.add(spot)
        found.number.update(number)
        for spot in _unread(consultation):
            found.add(spot)
        return found

    def _placed(self) -> tuple[list[Spot], Counter[Kind]]:
        """The first of each kind with their words, and how many there are."""
        number: Counter[Kind] = Counter()
        listed: list[_Place] = []
        for search in (
            self._copies_that_differ,
            self._gists_that_differ,
            self._reasons,
            self._printed,
            self._own_words,
        ):
            for place in search():
                number[place.kind] += 1
                if number[place.kind] <= LISTED:
                    listed.append(place)
        known = _points({point for place in listed for point in place.points})
        return [place.told(*(known[point] for point in place.points)) for place in listed], number

    def _read(self, consultation: Consultation, touched: Collection[int] | None) -> None:
        self._spots = None
        query: Any = (
            select(
                Point.id,
                Point.stage,
                Point.clause_id,
                Point.number,
                Point.outcome,
                Point.gist,
                Point.reason,
                Point.revision_id,
                Comment.tokens,
            )
            .join(Comment, Comment.id == Point.comment_id)
            .where(Point.consultation_id == consultation.id)
        )
        if touched is None:
            query = query.where(Point.stage.in_(ANSWERED))
        for row in rows_of(query.order_by(Point.id), Comment.id, touched):
            before, now = self._answers.get(row.id), self._compared(row)
            self._shown.pop(row.id, None)
            if before != now:
                if before is not None:
                    self._take_out(row.id, before)
                if now is not None:
                    self._put(row.id, now)
        for points in to_be_shown(consultation, touched):
            words = shown_words(points)
            for point in points:
                text = words.get(point.id, "")
                found = [(one, text[one.span[0] : one.span[1]]) for one in personal_data(text)]
                if found:
                    self._shown[point.id] = found

    def _compared(self, row: Any) -> _Answer | None:
        if row.stage not in ANSWERED or row.outcome is None:
            return None
        copy = f"{row.clause_id}|{row.number}|{row.tokens}".encode()
        return _Answer(
            row.clause_id,
            self._words.setdefault(row.gist, row.gist),
            row.outcome,
            self._words.setdefault(row.reason, row.reason),
            row.revision_id is not None,
            hashlib.blake2b(copy, digest_size=16).digest() if row.tokens else b"",
        )

    def _put(self, point: int, answer: _Answer) -> None:
        reason = (answer.outcome, answer.reason)
        if reason not in self._same and (wrong := findings(answer.reason, outcome=answer.outcome.value)):
            self._wrong[reason] = wrong
        if answer.gist and answer.gist not in self._same and (named := personal_data(answer.gist)):
            self._named[answer.gist] = named
        with self._watched(answer):
            self._answers[point] = answer
            for key in _keys(answer):
                same = self._same.setdefault(key, _Same())
                same.number += 1
                same.revised += answer.revised
                heappush(same.heap, point)

    def _take_out(self, point: int, answer: _Answer) -> None:
        with self._watched(answer):
            del self._answers[point]
            for key in _keys(answer):
                same = self._same[key]
                same.number -= 1
                same.revised -= answer.revised
                if not same.number:
                    del self._same[key]
        if (answer.outcome, answer.reason) not in self._same:
            self._wrong.pop((answer.outcome, answer.reason), None)
        if answer.gist not in self._same:
            self._named.pop(answer.gist, None)

    @contextmanager
    def _watched(self, answer: _Answer) -> Iterator[None]:
        """What an answer changes between the others by coming or going: whether copies differ, and a clause's gists."""
        gist = (answer.clause, answer.gist, answer.outcome)
        first = self._first(gist)
        yield
        if answer.copy:
            several = len(self._outcomes(answer.copy)) > 1
            (self._differ.add if several else self._differ.discard)(answer.copy)
        if (now := self._first(gist)) != first:
            (self._gists[answer.clause].add if now else self._gists[answer.clause].discard)(gist)
            self._alike.pop(answer.clause, None)

    def _outcomes(self, copy: bytes) -> list[Outcome]:
        return [outcome for outcome in Outcome if (copy, outcome) in self._same]

    def _first(self, key: Any) -> int:
        """The first point that has it; 0 when there is none."""
        same = self._same.get(key)
        if same is None:
            return 0
        while (answer := self._answers.get(same.heap[0])) is None or key not in _keys(answer):
            heappop(same.heap)
        return same.heap[0]

    def _copies_that_differ(self) -> Iterator[_Place]:
        """Texts that are the same, spaces and punctuation aside, with different outcomes for the same clause."""

        def told(first: Any, other: Any) -> Spot:
            words = f"两份内容相同，一份答「{first.outcome.label}」，一份答「{other.outcome.label}」"
            return Spot(
                Kind.DIFFERS, True, words, other.gist, other.public_id, other.serial, 1, first.public_id, first.serial
            )

        for numbers in sorted(
            sorted(self._first((copy, outcome)) for outcome in self._outcomes(copy)) for copy in self._differ
        ):
            for other in numbers[1:]:
                yield _Place(Kind.DIFFERS, (numbers[0], other), told)

    def _gists_that_differ(self) -> Iterator[_Place]:
        """Gists about one clause that ask the same, one answered yes and the other no."""
        for clause, gists in self._gists.items():
            if clause not in self._alike:
                rows = sorted(gists, key=self._first)
                yes = [row for row in rows if row[2] in YES][:MOST_GISTS]
                no = [row for row in rows if row[2] == Outcome.NOT_ADOPTED][:MOST_GISTS]
                self._alike[clause] = list(_alike(yes, no))
        pairs = [
            (self._first(one), self._first(other), one, same, self._same[other].number)
            for about in self._alike.values()
            for one, other, same in about
        ]
        for first, second, gist, same, points in sorted(pairs, key=lambda pair: pair[:2]):
            yield _Place(Kind.DIFFERS, (first, second), partial(_differing, gist, same, points))

    def _reasons(self) -> Iterator[_Place]:
        """Each reason once for each outcome, with the first point that has it."""
        for first, key in sorted((self._first(key), key) for key in self._wrong):
            same = self._same[key]
            for one in self._wrong[key]:
                if one.code == "no_change" and same.revised == same.number:
                    continue
                begin, end = one.span
                kind = _CODES.get(one.code, Kind.PERSONAL)
                yield _Place(kind, (first,), partial(_spot, kind, one, one.words, key[1][begin:end][:60], same.number))

    def _printed(self) -> Iterator[_Place]:
        """Personal data in the sentence that the report prints."""
        for first, gist in sorted((self._first(gist), gist) for gist in self._named):
            for one in self._named[gist]:
                begin, end = one.span
                told = partial(
                    _spot, Kind.PERSONAL, one, f"摘要：{one.words}", gist[begin:end], self._same[gist].number
                )
                yield _Place(Kind.PERSONAL, (first,), told)

    def _own_words(self) -> Iterator[_Place]:
        """Personal data in people's own words as they are about to be shown: what is hidden or covered is not looked at."""
        for point in sorted(self._shown):
            for one, piece in self._shown[point]:
                told = partial(_spot, Kind.PERSONAL, one, f"要公开的原话：{one.words}", piece, 1)
                yield _Place(Kind.PERSONAL, (point,), told)


def _keys(answer: _Answer) -> list[Any]:
    """Under what an answer is the same as others."""
    keys: list[Any] = [(answer.outcome, answer.reason)]
    if answer.copy:
        keys.append((answer.copy, answer.outcome))
    if answer.gist:
        keys.append(answer.gist)
        if answer.outcome != Outcome.OTHER:
            keys.append((answer.clause, answer.gist, answer.outcome))
    return keys


def _spot(kind: Kind, one: Finding, words: str, piece: str, points: int, point: Any) -> Spot:
    return Spot(kind, one.severity == "stop", words, piece, point.public_id, point.serial, points)


def _differing(gist: _Gist, same: bool, points: int, first: Any, second: Any) -> Spot:
    how = "摘要相同" if same else f"问的像是同一件事（「{gist[1][:24]}」）"
    about = first.label or ("整个草案" if gist[0] is None else "同一段")
    words = f"{about}，{how}，第 {first.serial:04d} 号答「{first.outcome.label}」，这里答「{second.outcome.label}」"
    return Spot(
        Kind.DIFFERS,
        same,
        words,
        second.gist,
        second.public_id,
        second.serial,
        points,
        first.public_id,
        first.serial,
    )


def _points(numbers: Collection[int]) -> dict[int, Any]:
    """What a spot tells of its points."""
    rows = db.session.execute(
        select(Point.id, Point.public_id, Point.outcome, Point.gist, Clause.label, Comment.serial)
        .join(Comment, Comment.id == Point.comment_id)
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(Point.id.in_(numbers))
    )
    return {row.id: row for row in rows}


def _alike(yes: Sequence[_Gist], no: Sequence[_Gist]) -> Iterator[tuple[_Gist, _Gist, bool]]:
    """Pairs whose gists share most of their pairs of characters; found through an index, not by comparing all with all."""
    index: dict[str, list[int]] = defaultdict(list)
    pairs_of = [set(bigrams(gist)) for _, gist, _ in yes]
    for at, marks in enumerate(pairs_of):
        for mark in marks:
            index[mark].append(at)
    for row in no:
        marks = set(bigrams(row[1]))
        shared: dict[int, int] = defaultdict(int)
        for mark in marks:
            for at in index.get(mark, ()):
                shared[at] += 1
        best = max(shared.items(), key=lambda item: item[1] / len(marks | pairs_of[item[0]]), default=None)
        if best is not None and best[1] / len(marks | pairs_of[best[0]]) >= ALIKE:
            yield yes[best[0]], row, pairs_of[best[0]] == marks


def ask_the_same(one: str, other: str) -> bool:
    """Whether two gists share most of their pairs of characters, and neither turns the other round."""
    mine, theirs = set(bigrams(one)), set(bigrams(other))
    return bool(mine | theirs) and len(mine & theirs) / len(mine | theirs) >= ALIKE and not opposed(one, other)


def _standing(query: Select[Any], consultation: Consultation) -> Select[Any]:
    """Of comments of this consultation that were neither taken back nor forgotten."""
    return (
        query.join(Resident, Resident.id == Comment.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .where(
            Comment.consultation_id == consultation.id,
            PersonKey.wrapped.is_not(None),
            ~exists().where(Withdrawal.comment_id == Comment.id),
        )
    )


def _waiting(consultation: Consultation, *columns: Any) -> Select[Any]:
    """Transcriptions that nobody but their author has read."""
    written = (
        select(*columns)
        .select_from(Transcription)
        .outerjoin(Attachment, Attachment.id == Transcription.attachment_id)
        .join(Comment, Comment.id == func.coalesce(Transcription.comment_id, Attachment.comment_id))
        .where(Transcription.stage == TranscriptionStage.WAITING)
    )
    return _standing(written, consultation)


@predicate
def every_transcription_read(subject: Consultation, actor: object) -> str | None:
    """Whoever did not write themselves is answered on the words that two persons read."""
    left = db.session.scalar(_waiting(subject, func.count())) or 0
    return f"还有{left}份没有核对。" if left else None


def _unread(consultation: Consultation) -> Iterator[Spot]:
    """What staff wrote down and nobody else has read, and voice messages that nobody has written down."""
    first = (
        select(func.min(Point.public_id))
        .where(Point.comment_id == Comment.id, Point.number == 1)
        .scalar_subquery()
        .correlate(Comment)
    )
    waits = _waiting(consultation, Comment.serial, Transcription.source, first.label("point"))
    for row in db.session.execute(waits.order_by(Comment.serial, Transcription.id)):
        yield Spot(Kind.UNREAD, True, f"{row.source.label}，请另一个人对着原件核对", "", row.point, row.serial)
    heard = (
        select(Comment.serial, first.label("point"))
        .select_from(Attachment)
        .join(Comment, Comment.id == Attachment.comment_id)
        .where(
            Attachment.kind == MediaKind.VOICE,
            Attachment.state == MediaState.KEPT,
            Attachment.sealed_transcript.is_(None),
        )
    )
    for row in db.session.execute(_standing(heard, consultation).order_by(Comment.serial, Attachment.id)):
        yield Spot(Kind.UNREAD, False, "语音，还没有人听写下来", "", row.point, row.serial)
