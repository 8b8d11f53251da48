"""What people can find by searching, kind by kind: this is the one place to add another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from models.comments.point import Point
from models.comments.release import Release
from models.comments.report_line import ReportLine
from models.decisions.consultation import Audience, Consultation, Stage
from models.decisions.decision import Decision
from models.decisions.publish import Publication
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.search import KEPT, Entry, entries, look
from models.outreach.article import Article, ArticleStage
from models.outreach.exhibition import Exhibition, ExhibitionStage
from models.outreach.lecture import SHOWN as LECTURES_SHOWN
from models.outreach.lecture import Lecture
from models.polls.poll import SHOWN, Poll, PollStage
from models.questions.known import CommonQuestion, CommonStage


@dataclass(frozen=True)
class Told:
    """What can be found of a record."""

    page: str
    title: str
    body: str
    shown_on: date


@dataclass(frozen=True)
class Kind:
    """One kind of text that can be found."""

    name: str
    label: str
    record: type[Any]
    """Whose deeds change it; each such deed `wants` the work `index`."""
    public: Callable[[], ColumnElement[bool]]
    """Which of the records everybody may read: a condition for SQL."""
    told: Callable[[Any], Told]


def _day(moment: Any) -> date:
    return local(moment).date()


def _consultation(asked: Consultation) -> Told:
    parts = [getattr(asked, name) for name in ("summary", "whom", "content", "purpose", "basis", "impact")]
    parts.append(asked.draft.source if asked.draft else "")
    return Told(asked.public_id, asked.title, _one(parts), _day(asked.published_at))


def _report(asked: Consultation) -> Told:
    """What the office says in it: the points in short and the reasons; nobody's own words."""
    release = Release.of(asked)
    assert release is not None
    rows = db.session.execute(
        select(Point.gist, Point.reason)
        .join(ReportLine, ReportLine.lead_id == Point.id)
        .where(ReportLine.consultation_id == asked.id)
        .order_by(ReportLine.id)
    )
    said = dict.fromkeys(words for row in rows for words in row if words)
    return Told(asked.public_id, f"{asked.title}意见采纳情况", _one([release.number, *said]), _day(release.released_at))


def _article(article: Article) -> Told:
    topic = article.topic.name if article.topic else ""
    body = _one([article.digest, article.body.replace("## ", ""), article.basis, topic])
    return Told(article.public_id, article.title, body, _day(article.published_at))


def _decision(decision: Decision) -> Told:
    made = Publication.of(decision)
    assert made is not None
    body = _one([made.number, *(text for _, text in made.texts), made.basis, made.explanation])
    return Told(decision.public_id, made.name, body, made.published_on)


def _common(item: CommonQuestion) -> Told:
    return Told(item.public_id, item.question, _one([item.answer, item.basis]), _day(item.published_at))


def _poll(poll: Poll) -> Told:
    assert poll.opens_on is not None
    asked = [question.text for question in poll.questions]
    report = poll.report if poll.stage == PollStage.CONCLUDED else ""
    return Told(poll.public_id, poll.title, _one([poll.purpose, poll.whom, report, *asked]), poll.opens_on)


def _exhibition(shown: Exhibition) -> Told:
    place = [shown.at.name, shown.at.where, shown.at.address]
    return Told(shown.public_id, shown.title, _one([shown.theme, shown.shown, *place]), _day(shown.published_at))


def _lecture(lecture: Lecture) -> Told:
    topic = lecture.topic.name if lecture.topic else ""
    body = _one([lecture.about, lecture.speaker, lecture.where, lecture.venue, topic])
    return Told(lecture.public_id, lecture.title, body, _day(lecture.starts_at))


def _one(parts: Sequence[str]) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())[:KEPT]


def _asked_in_public() -> ColumnElement[bool]:
    return Consultation.published_at.is_not(None) & (Consultation.audience == Audience.PUBLIC)


KINDS = (
    Kind("consultation", "征求意见", Consultation, _asked_in_public, _consultation),
    Kind(
        "report",
        "采纳情况",
        Consultation,
        lambda: _asked_in_public() & (Consultation.stage == Stage.CONCLUDED),
        _report,
    ),
    Kind(
        "decision",
        "决定公布",
        Decision,
        lambda: exists().where(Publication.decision_id == Decision.id, Publication.open),
        _decision,
    ),
    Kind("poll", "民意调查", Poll, lambda: Poll.stage.in_(SHOWN), _poll),
    Kind("exhibition", "法治展览", Exhibition, lambda: Exhibition.stage == ExhibitionStage.PUBLISHED, _exhibition),
    Kind("lecture", "文明讲堂", Lecture, lambda: Lecture.stage.in_(LECTURES_SHOWN), _lecture),
    Kind("common", "常见问答", CommonQuestion, lambda: CommonQuestion.stage == CommonStage.PUBLISHED, _common),
    Kind("article", "普法文章", Article, lambda: Article.stage == ArticleStage.PUBLISHED, _article),
)
"""The order in which the page offers them."""
LABELS = {kind.name: kind.label for kind in KINDS}


def index(record: str, subject: int) -> None:
    """After a deed on a record: what can be found of it is what can be read of it now."""
    for kind in KINDS:
        if kind.record.__name__ == record:
            _index(kind, subject)


def _index(kind: Kind, subject: int) -> None:
    shown = db.session.scalar(select(kind.record).where(kind.record.id == subject, kind.public()))
    if shown is None:
        Entry.drop(kind.name, subject)
        return
    told = kind.told(shown)
    Entry.put(kind.name, subject, page=told.page, title=told.title, body=told.body, shown_on=told.shown_on)


def lacking(limit: int = 50) -> Iterator[tuple[str, int]]:
    """Records that everybody may read and nobody can find yet, oldest first: from before there was a search, or moved here."""
    for kind in KINDS:
        there = select(Entry.id).where(Entry.kind == kind.name, Entry.subject_id == kind.record.id).exists()
        query = select(kind.record.id).where(kind.public(), ~there).order_by(kind.record.id).limit(limit)
        for number in db.session.scalars(query):
            yield kind.record.__name__, number


@dataclass(frozen=True)
class Hits:
    """One page of what was found."""

    rows: list[Entry]
    terms: list[str]
    total: int
    """How many were found, MOST at most."""
    following: str | None
    """The mark of the page that follows."""


def find(query: str, *, kind: str = "", after: str | None = None, limit: int = 20) -> Hits:
    """A page of hits; `after` is the public id of the last one seen."""
    found = look(query, (kind,) if kind else ())
    start = 0
    if after is not None:
        seen = Entry.by_public_id(after)
        start = found.ids.index(seen.id) + 1 if seen is not None and seen.id in found.ids else len(found.ids)
    rows = entries(found.ids[start : start + limit])
    more = start + limit < len(found.ids)
    return Hits(rows, found.terms, len(found.ids), rows[-1].public_id if more and rows else None)
