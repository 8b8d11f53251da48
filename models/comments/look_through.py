"""Looks over all answers of a consultation before they go out: contradictions, formulas, missing grounds, wrong fits, personal data."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select

from models.comments.comment import Attachment, Comment, MediaKind, MediaState, Withdrawal
from models.comments.point import Outcome, Point, PointStage
from models.comments.showing import shown_words, to_be_shown
from models.comments.transcription import Transcription, TranscriptionStage
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.lifecycle import predicate
from models.kernel.sealed import PersonKey
from models.people.resident import Resident
from models.texts.bigrams import bigrams
from models.texts.reasons import findings, personal_data

LISTED = 100
"""Places that a kind lists; beyond them it only counts."""
ALIKE = 0.5
"""Share of common pairs of characters from which two gists about one clause ask the same."""
MOST_GISTS = 1500
"""Different gists about one clause that are compared with each other."""
PAGE = 500
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
    """Must be mended; otherwise it is for a person to judge."""
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

    def __init__(self, spots: Iterable[Spot] = ()) -> None:
        self.spots: dict[Kind, list[Spot]] = {kind: [] for kind in Kind}
        self.number: dict[Kind, int] = dict.fromkeys(Kind, 0)
        for spot in spots:
            self.add(spot)

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
        """Those listed that must be mended."""
        return sum(spot.grave for spots in self.spots.values() for spot in spots)


def look_through(consultation: Consultation) -> Found:
    """Everything found. Answers in the same words are looked at once, however many points they answer."""
    found = Found()
    for search in (_copies_that_differ, _gists_that_differ, _reasons, _gists, _shown, _unread):
        for spot in search(consultation):
            found.add(spot)
    return found


def _answers(consultation: Consultation, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Point)
        .join(Comment, Comment.id == Point.comment_id)
        .where(Point.consultation_id == consultation.id, Point.stage.in_(ANSWERED), Point.outcome.is_not(None))
    )


def _copies_that_differ(consultation: Consultation) -> Iterator[Spot]:
    """Texts that are the same, spaces and punctuation aside, with different outcomes for the same clause."""
    same = (
        _answers(
            consultation, Point.clause_id, Point.number, Comment.tokens, Point.outcome, func.min(Point.id).label("id")
        )
        .where(Comment.tokens != "")
        .group_by(Point.clause_id, Point.number, Comment.tokens, Point.outcome)
        .subquery()
    )
    several = (
        select(same.c.clause_id, same.c.number, same.c.tokens)
        .group_by(same.c.clause_id, same.c.number, same.c.tokens)
        .having(func.count() > 1)
        .subquery()
    )
    rows = db.session.execute(
        select(same.c.id, same.c.tokens, same.c.clause_id, same.c.number).join(
            several,
            (same.c.tokens == several.c.tokens)
            & (same.c.number == several.c.number)
            & same.c.clause_id.is_not_distinct_from(several.c.clause_id),
        )
    ).all()
    together: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        together[(row.tokens, row.clause_id, row.number)].append(row.id)
    known = _points([number for numbers in together.values() for number in numbers])
    for numbers in together.values():
        first, *rest = (known[number] for number in sorted(numbers))
        for other in rest:
            words = f"两份内容相同，一份答「{first.outcome.label}」，一份答「{other.outcome.label}」"
            yield Spot(
                Kind.DIFFERS, True, words, other.gist, other.public_id, other.serial, 1, first.public_id, first.serial
            )


def _points(numbers: Sequence[int]) -> dict[int, Any]:
    found = {}
    for start in range(0, len(numbers), PAGE):
        for row in db.session.execute(
            select(Point.id, Point.public_id, Point.outcome, Point.gist, Comment.serial)
            .join(Comment, Comment.id == Point.comment_id)
            .where(Point.id.in_(numbers[start : start + PAGE]))
        ):
            found[row.id] = row
    return found


def _gists_that_differ(consultation: Consultation) -> Iterator[Spot]:
    """Gists about one clause that ask the same, one answered yes and the other no."""
    rows = db.session.execute(
        _answers(
            consultation,
            Point.clause_id,
            Clause.label,
            Point.gist,
            Point.outcome,
            func.min(Point.id).label("id"),
            func.count().label("points"),
        )
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(Point.gist != "", Point.outcome != Outcome.OTHER)
        .group_by(Point.clause_id, Clause.label, Point.gist, Point.outcome)
        .order_by(func.min(Point.id))
    ).all()
    by_clause: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows:
        by_clause[row.clause_id].append(row)
    pairs: list[tuple[Any, Any, bool]] = []
    for about in by_clause.values():
        yes = [row for row in about if row.outcome in YES][:MOST_GISTS]
        no = [row for row in about if row.outcome == Outcome.NOT_ADOPTED][:MOST_GISTS]
        pairs += _alike(yes, no)
    known = _points([number for one, other, _ in pairs for number in (one.id, other.id)])
    for one, other, same in pairs:
        first, second = known[one.id], known[other.id]
        how = "摘要相同" if same else f"问的像是同一件事（「{one.gist[:24]}」）"
        about_words = one.label or ("整个草案" if one.clause_id is None else "同一段")
        words = (
            f"{about_words}，{how}，第 {first.serial:04d} 号答「{one.outcome.label}」，这里答「{other.outcome.label}」"
        )
        yield Spot(
            Kind.DIFFERS,
            same,
            words,
            other.gist,
            second.public_id,
            second.serial,
            other.points,
            first.public_id,
            first.serial,
        )


def _alike(yes: Sequence[Any], no: Sequence[Any]) -> Iterator[tuple[Any, Any, bool]]:
    """Pairs whose gists share most of their pairs of characters; found through an index, not by comparing all with all."""
    index: dict[str, list[int]] = defaultdict(list)
    pairs_of = [set(bigrams(row.gist)) for row in yes]
    for at, marks in enumerate(pairs_of):
        for mark in marks:
            index[mark].append(at)
    for row in no:
        marks = set(bigrams(row.gist))
        shared: dict[int, int] = defaultdict(int)
        for mark in marks:
            for at in index.get(mark, ()):
                shared[at] += 1
        best = max(shared.items(), key=lambda item: item[1] / len(marks | pairs_of[item[0]]), default=None)
        if best is not None and best[1] / len(marks | pairs_of[best[0]]) >= ALIKE:
            yield yes[best[0]], row, pairs_of[best[0]] == marks


def _reasons(consultation: Consultation) -> Iterator[Spot]:
    """Each reason once for each outcome, with the first point that has it."""
    rows = db.session.execute(
        _answers(
            consultation,
            Point.outcome,
            Point.reason,
            func.min(Point.id).label("id"),
            func.count().label("points"),
            func.count(Point.revision_id).label("revised"),
        )
        .group_by(Point.outcome, Point.reason)
        .order_by(func.min(Point.id))
    ).all()
    spots: list[tuple[Any, Any]] = []
    for row in rows:
        for one in findings(row.reason or "", outcome=row.outcome.value):
            kind = _CODES.get(one.code, Kind.PERSONAL)
            if one.code == "no_change" and row.revised == row.points:
                continue
            spots.append((row, (kind, one)))
    known = _points([row.id for row, _ in spots])
    for row, (kind, one) in spots:
        begin, end = one.span
        point = known[row.id]
        piece = (row.reason or "")[begin:end][:60]
        yield Spot(kind, one.severity == "stop", one.words, piece, point.public_id, point.serial, row.points)


def _gists(consultation: Consultation) -> Iterator[Spot]:
    """Personal data in the sentence that the report prints."""
    rows = db.session.execute(
        _answers(consultation, Point.gist, func.min(Point.id).label("id"), func.count().label("points"))
        .where(Point.gist != "")
        .group_by(Point.gist)
        .order_by(func.min(Point.id))
    ).all()
    named = [(row, one) for row in rows for one in personal_data(row.gist)]
    known = _points([row.id for row, _ in named])
    for row, one in named:
        point = known[row.id]
        piece = row.gist[one.span[0] : one.span[1]]
        words = f"摘要：{one.words}"
        yield Spot(Kind.PERSONAL, one.severity == "stop", words, piece, point.public_id, point.serial, row.points)


def _shown(consultation: Consultation) -> Iterator[Spot]:
    """Personal data in people's own words as they are about to be shown: what is hidden or covered is not looked at."""
    for points in to_be_shown(consultation):
        words = shown_words(points)
        for point in points:
            text = words.get(point.id, "")
            for one in personal_data(text):
                piece = text[one.span[0] : one.span[1]]
                said = f"要公开的原话：{one.words}"
                yield Spot(Kind.PERSONAL, one.severity == "stop", said, piece, point.public_id, point.comment.serial)


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
