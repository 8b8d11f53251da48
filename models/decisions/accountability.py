"""Who answers for a case: who did what, who agreed, and what each said, all as it was then, read from the trail."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from models.comments.amendment import Amendment
from models.comments.comment import Comment
from models.comments.point import AnswerVersion, Point, answer_words
from models.decisions.consultation import Consultation
from models.decisions.decision import Decision
from models.decisions.deliberation import Seat, minutes_words
from models.decisions.draft import Clause, ClauseRevision
from models.decisions.engagement import ExpertAnswer, ExpertOpinion
from models.decisions.legal_review import CounselOpinion, LegalReview
from models.kernel.base import db
from models.kernel.evidence import PAGE, TRACE, UNREADABLE, Finding, Spot, deed_of
from models.kernel.lifecycle import act, declared, post
from models.kernel.trail import Trace, TraceLink, commitment
from models.people.officer import Officer

FEW = 8
"""Up to so many deeds of a kind are told one by one; more are counted, person by person, and told one by one elsewhere."""

STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("立案", ("Decision",)),
    ("草案", ("Draft", "ClauseRevision")),
    ("征求意见", ("Consultation",)),
    ("收到的意见", ("Comment", "Attachment", "Transcription", "Hiding")),
    ("答复和审核", ("Point", "PointGroup", "Amendment", "SecondLook", "Promise")),
    ("其他参与方式", ("Participation", "Hearing", "HearingApplicant", "Poll", "Invitation")),
    ("专家论证", ("Engagement",)),
    ("风险评估", ("Risk",)),
    ("合法性审查", ("LegalReview",)),
    ("集体讨论和决定", ("Deliberation",)),
    ("签批、印发和备案", ("Normative",)),
    ("保密审查和公布", ("SecrecyCheck",)),
    ("执行和评估", ("Execution", "Evaluation", "Remark", "ExpiryReview")),
    ("材料", ("Material",)),
    ("案卷和归档", ("CaseFile", "Packing")),
    ("告知", ("Message", "Telling")),
)
"""The parts of a case in their order, by the records that the deeds were done to; what is not named here comes last."""
REST = "其他"
LOOKED = "查阅"
APART: dict[str, str] = {
    "Consultation._receive": "收到的意见",
    "Consultation.release": "答复和审核",
    "Consultation.call_list": LOOKED,
    "Decision.look_into": LOOKED,
    "Decision.explain": "草案",
    "Decision.write_next": "草案",
    "Decision.send_to_review": "合法性审查",
    "Decision.archive": "案卷和归档",
    "Decision.archive_ended": "案卷和归档",
    "Decision.deliberate": "集体讨论和决定",
    "Decision.decide": "集体讨论和决定",
    "Decision.report_to_party": "集体讨论和决定",
    "Decision.publish": "保密审查和公布",
    "Decision.entrust": "执行和评估",
    "Decision.change_force": "执行和评估",
    "Decision.plan_evaluation": "执行和评估",
    "Decision.adjust": "执行和评估",
}
"""Deeds that belong to another part than their record."""
AGREEING = frozenset(
    "check review sign approve agree confirm publish release decide conclude send_back extend correct cancel".split()
)
"""Deeds of who looks at another's work and lets it pass, or not."""
SAYING_NOTHING_AGAINST = frozenset({"Invitation.agree"})
"""An outside group that was asked and has no comment; nobody's work passes by it."""


@act(by=post("chief", "inspector", "audit_admin"), label="", say="查看了责任清单", of=Decision)
def look_into(decision: Decision, officer: Officer) -> "Account":
    """Who did what in this case; each look leaves its trace."""
    return Account.of(decision)


# --- what was said ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """What somebody said in a deed, where it stands now."""

    text: str
    about: str = ""
    as_then: bool | None = None
    """Whether these are the words of that moment; None where the trail holds nothing to compare with."""


Kept = tuple[str, str, str]
"""The words to show, what they are about, and all that the deed committed to."""
_KEPT: dict[str, Callable[[Sequence[Any]], dict[int, Kept]]] = {}


def _keeps(
    fact: str,
) -> Callable[[Callable[[Sequence[Any]], dict[int, Kept]]], Callable[[Sequence[Any]], dict[int, Kept]]]:
    def register(find: Callable[[Sequence[Any]], dict[int, Kept]]) -> Callable[[Sequence[Any]], dict[int, Kept]]:
        _KEPT[fact] = find
        return find

    return register


@_keeps("Point.answer")
def _answers(rows: Sequence[Any]) -> dict[int, Kept]:
    found = db.session.execute(
        select(AnswerVersion, Comment.serial)
        .join(Point, Point.id == AnswerVersion.point_id)
        .join(Comment, Comment.id == Point.comment_id)
        .where(AnswerVersion.point_id.in_({row.subject_id for row in rows}))
    )
    kept = {
        (version.point_id, version.number): (
            version.reason,
            f"第{serial:04d}号意见",
            answer_words(version.outcome, version.sub_reason, version.reason, version.gist),
        )
        for version, serial in found
    }
    places = {row.row_id: (row.subject_id, row.detail.get("number")) for row in rows}
    return {number: kept[place] for number, place in places.items() if place in kept}


@_keeps("Amendment.correct")
@_keeps("Amendment.supplement")
def _amendments(rows: Sequence[Any]) -> dict[int, Kept]:
    found = db.session.scalars(select(Amendment).where(Amendment.id.in_({row.subject_id for row in rows}))).unique()
    kept = {one.id: (one.text, f"第{one.point.comment.serial_words}号意见", one.words) for one in found}
    return {row.row_id: kept[row.subject_id] for row in rows if row.subject_id in kept}


@_keeps("ClauseRevision.write")
def _revisions(rows: Sequence[Any]) -> dict[int, Kept]:
    wanted = {row.subject_id for row in rows}
    found = db.session.execute(select(ClauseRevision.id, ClauseRevision.text).where(ClauseRevision.id.in_(wanted)))
    kept = {number: (said, "", said) for number, said in found}
    return {row.row_id: kept[row.subject_id] for row in rows if row.subject_id in kept}


@_keeps("LegalReview.advise")
def _counsel(rows: Sequence[Any]) -> dict[int, Kept]:
    query = select(CounselOpinion.review_id, CounselOpinion.text)
    return _written_once(rows, query.where(CounselOpinion.review_id.in_({row.subject_id for row in rows})))


@_keeps("LegalReview.conclude")
def _reviews(rows: Sequence[Any]) -> dict[int, Kept]:
    found = db.session.scalars(select(LegalReview).where(LegalReview.id.in_({row.subject_id for row in rows})))
    kept = {review.id: (review.opinion, "", review.words) for review in found}
    return {row.row_id: kept[row.subject_id] for row in rows if row.subject_id in kept}


@_keeps("Engagement.hear")
def _experts(rows: Sequence[Any]) -> dict[int, Kept]:
    query = select(ExpertOpinion.engagement_id, ExpertOpinion.text)
    return _written_once(rows, query.where(ExpertOpinion.engagement_id.in_({row.subject_id for row in rows})))


@_keeps("Engagement.reply")
def _replies(rows: Sequence[Any]) -> dict[int, Kept]:
    query = select(ExpertOpinion.engagement_id, ExpertAnswer.reason).join(ExpertAnswer.opinion)
    return _written_once(rows, query.where(ExpertOpinion.engagement_id.in_({row.subject_id for row in rows})))


def _written_once(rows: Sequence[Any], query: Any) -> dict[int, Kept]:
    """Of several texts that belong to one record, the one that the deed committed to; none where none is it any more."""
    kept: dict[tuple[int, str], str] = {}
    for number, words in db.session.execute(query):
        kept[number, commitment(words)] = words
    found = {row.row_id: kept.get((row.subject_id, row.detail.get("said", ""))) for row in rows}
    return {number: (words, "", words) for number, words in found.items() if words is not None}


@_keeps("Deliberation.record")
def _minutes(rows: Sequence[Any]) -> dict[int, Kept]:
    """Who sat there and what each said, in the order of speaking; a record written anew leaves the earlier one standing."""
    wanted = {row.subject_id for row in rows}
    seats: dict[tuple[int, int], list[Seat]] = {}
    query = select(Seat).where(Seat.deliberation_id.in_(wanted)).order_by(Seat.position)
    for seat in db.session.scalars(query):
        seats.setdefault((seat.deliberation_id, seat.edition), []).append(seat)
    found = {row.row_id: seats.get((row.subject_id, row.detail.get("edition", 0)), []) for row in rows}
    return {
        number: ("\n".join(_spoke(one) for one in kept), "", minutes_words(kept))
        for number, kept in found.items()
        if kept
    }


def _spoke(seat: Seat) -> str:
    if not seat.present:
        return f"{seat.name}：没有到会"
    view = "。".join(part for part in (seat.stance.label if seat.stance else "", seat.words) if part)
    return f"{seat.name}（{seat.duty or seat.role.label}）：{view or '没有发言'}"


@_keeps("Draft.write")
def _drafts(rows: Sequence[Any]) -> dict[int, Kept]:
    """A draft as its clauses have it now, since they are what people read; they join to the text that came."""
    kept: dict[int, list[str]] = {}
    wanted = {row.subject_id for row in rows}
    for number, part in db.session.execute(
        select(Clause.draft_id, Clause.text)
        .where(Clause.draft_id.in_(wanted))
        .order_by(Clause.draft_id, Clause.position)
    ):
        kept.setdefault(number, []).append(part)
    return {row.row_id: ("", "", "".join(kept[row.subject_id])) for row in rows if row.subject_id in kept}


def said(rows: Sequence[Any]) -> dict[int, Words]:
    """The words behind these deeds, one question for each kind of deed."""
    found: dict[int, Words] = {}
    for fact, find in _KEPT.items():
        mine = [row for row in rows if f"{row.subject_kind}.{row.verb}" == fact]
        kept = find(mine) if mine else {}
        for row in mine:
            promised = row.detail.get("said")
            if row.row_id in kept:
                text, about, whole = kept[row.row_id]
                found[row.row_id] = Words(text, about, commitment(whole) == promised if promised else None)
            elif promised:
                found[row.row_id] = Words("", "", False)
    return found


# --- who did what -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody as they were at a moment: name, unit and posts as the trail has them."""

    ref: str
    kind: str
    name: str
    unit: str
    post: str


@dataclass
class Doing:
    """One kind of deed by one person as they were then: how often, from when to when."""

    person: Person
    fact: str
    label: str
    times: int
    first: datetime
    last: datetime
    told: list["Deed"] = field(default_factory=list)
    """The deeds one by one, where they are few."""

    @property
    def agreeing(self) -> bool:
        """Whether it lets another's work pass, or not."""
        return self.fact.partition(".")[2] in AGREEING and self.fact not in SAYING_NOTHING_AGAINST

    @property
    def part(self) -> str:
        """The part of the case that it belongs to."""
        return _part(self.fact)


@dataclass(frozen=True)
class Deed:
    """One deed, with what was said."""

    row: Any
    words: Words | None

    @property
    def person(self) -> Person:
        """Who did it, as they were then."""
        return _person(self.row)


@dataclass
class Part:
    """One part of the case."""

    name: str
    doings: list[Doing] = field(default_factory=list)

    @property
    def did(self) -> list[str]:
        """Names of those who had it in hand."""
        return _names(d.person for d in self.doings if d.person.kind == "officer" and not d.agreeing)

    @property
    def agreed(self) -> list[str]:
        """Names of those who looked at it and let it pass, or not."""
        return _names(d.person for d in self.doings if d.person.kind == "officer" and d.agreeing)


@dataclass(frozen=True)
class Pair:
    """Who wrote answers, and who agreed to them."""

    author: Person
    approver: Person
    times: int


@dataclass
class Account:
    """All of a case."""

    decision: Decision
    parts: list[Part]
    pairs: list[Pair]

    @classmethod
    def of(cls, decision: Decision) -> "Account":
        """Read from the trail."""
        doings = _doings(decision.chain)
        _tell_the_few(decision.chain, doings)
        names = [name for name, _ in STAGES] + [REST, LOOKED]
        parts = {name: Part(name) for name in names}
        for doing in doings:
            parts[doing.part].doings.append(doing)
        return cls(decision, [part for part in parts.values() if part.doings], _pairs(decision.chain))

    @property
    def alone(self) -> list[Pair]:
        """Answers that one person both wrote and agreed to; the rules and the database allow none."""
        return [pair for pair in self.pairs if pair.author.ref == pair.approver.ref]

    @property
    def people(self) -> list[tuple[Person, list[Doing]]]:
        """By person, in the order in which they came into the case; a new post or unit begins a new line."""
        found: dict[Person, list[Doing]] = {}
        for doing in sorted((d for part in self.parts for d in part.doings), key=lambda d: d.first):
            if doing.person.kind == "officer":
                found.setdefault(doing.person, []).append(doing)
        order = list(dict.fromkeys(person.ref for person in found))
        return sorted(found.items(), key=lambda pair: order.index(pair[0].ref))


def _part(fact: str) -> str:
    kind = fact.partition(".")[0]
    return APART.get(fact) or next((name for name, kinds in STAGES if kind in kinds), REST)


def _names(people: Iterable[Person]) -> list[str]:
    return list(dict.fromkeys(person.name for person in people))


def _person(row: Any) -> Person:
    return Person(row.actor_ref, row.actor_kind, row.actor_name, row.actor_unit, row.actor_post)


WHO = (Trace.actor_ref, Trace.actor_kind, Trace.actor_name, Trace.actor_unit, Trace.actor_post)


def _doings(chain: str) -> list[Doing]:
    """Every kind of deed by everybody; residents are counted together, since nobody looks into what a resident did."""
    first = func.min(Trace.at).label("first")
    columns = (Trace.subject_kind, Trace.verb, first, func.max(Trace.at).label("last"), func.count().label("times"))
    officers = db.session.execute(
        select(*WHO, *columns)
        .where(Trace.chain == chain, Trace.actor_kind != "resident")
        .group_by(*WHO, Trace.subject_kind, Trace.verb)
        .order_by(first)
    ).all()
    residents = db.session.execute(
        select(*columns)
        .where(Trace.chain == chain, Trace.actor_kind == "resident")
        .group_by(Trace.subject_kind, Trace.verb)
        .order_by(first)
    ).all()
    somebody = Person("", "resident", "居民", "", "")
    told = [_doing(_person(row), row) for row in officers] + [_doing(somebody, row) for row in residents]
    return sorted(told, key=lambda doing: doing.first)


def _doing(person: Person, row: Any) -> Doing:
    verb = declared().get(row.subject_kind, {}).get(row.verb)
    label = (verb.label if verb else "") or _short(verb.say if verb else row.verb)
    return Doing(person, f"{row.subject_kind}.{row.verb}", label, row.times, row.first, row.last)


_DIFFERS = re.compile(r"\{\w+\}")


def _short(say: str) -> str:
    """The trail's sentence with a gap for what differs from deed to deed: 收到第…号意见."""
    return re.split("[：，（]", _DIFFERS.sub("…", say))[0] or say


def _tell_the_few(chain: str, doings: list[Doing]) -> None:
    """Read the deeds of a kind one by one where all people together did it a few times."""
    times: dict[str, int] = {}
    for doing in doings:
        times[doing.fact] = times.get(doing.fact, 0) + doing.times
    few = [tuple(fact.split(".")) for fact, number in times.items() if number <= FEW]
    if not few:
        return
    rows = db.session.execute(
        select(*TRACE, TraceLink.position)
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(Trace.chain == chain, Trace.actor_kind != "resident", tuple_(Trace.subject_kind, Trace.verb).in_(few))
        .order_by(Trace.id)
    ).all()
    words = said(rows)
    places = {(doing.person, doing.fact): doing for doing in doings}
    for row in rows:
        places[_person(row), f"{row.subject_kind}.{row.verb}"].told.append(Deed(row, words.get(row.row_id)))


def _pairs(chain: str) -> list[Pair]:
    """Whose answers were agreed to by whom: each approval with the last answer before it."""
    wrote, agreed = aliased(Trace), aliased(Trace)
    before = (
        select(func.max(Trace.id))
        .where(
            Trace.subject_kind == "Point",
            Trace.subject_id == agreed.subject_id,
            Trace.verb == "answer",
            Trace.id < agreed.id,
        )
        .correlate(agreed)
        .scalar_subquery()
    )
    names = ("actor_ref", "actor_kind", "actor_name", "actor_unit", "actor_post")
    first, second = [getattr(wrote, n) for n in names], [getattr(agreed, n) for n in names]
    rows = db.session.execute(
        select(*first, *second, func.count())
        .select_from(agreed)
        .join(wrote, wrote.id == before)
        .where(agreed.chain == chain, agreed.subject_kind == "Point", agreed.verb == "approve")
        .group_by(*first, *second)
        .order_by(func.count().desc())
    ).all()
    return [Pair(Person(*row[:5]), Person(*row[5:10]), row[10]) for row in rows]


def deeds_of(decision: Decision, ref: str, *, after: int = 0, limit: int = 60) -> list[Deed]:
    """Everything one person did in a case, oldest first, keyset by row, with what was said."""
    rows = db.session.execute(
        select(*TRACE, TraceLink.position)
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(Trace.chain == decision.chain, Trace.actor_kind == "officer", Trace.actor_ref == ref, Trace.id > after)
        .order_by(Trace.id)
        .limit(limit)
    ).all()
    words = said(rows)
    return [Deed(row, words.get(row.row_id)) for row in rows]


# --- what the records say against the trail ---------------------------------------------------------------------------


def differences() -> Iterator[Finding]:
    """Where the records of cases do not agree with their trail."""
    try:
        yield from _cases_without_trail()
        yield from _comments_without_trace()
        for fact in _KEPT:
            yield from _words_changed(fact)
    except UNREADABLE:
        yield Finding("有读不出来的行，案卷内容与留痕没有核对完")


def _cases_without_trail() -> Iterator[Finding]:
    untold = select(Decision.public_id, Decision.title).where(
        ~select(Trace.id).where(Trace.chain == Decision.public_id).exists()
    )
    for chain, title in db.session.execute(untold).all():
        yield Finding(f"案卷《{title}》一行留痕也没有", Spot(chain))


def _comments_without_trace() -> Iterator[Finding]:
    """Each public serial was given in a deed, in the same transaction: as many serials as deeds."""
    traces = (
        select(Trace.subject_id, func.count().label("times"))
        .where(Trace.subject_kind == "Consultation", Trace.verb == "_receive")
        .group_by(Trace.subject_id)
        .subquery()
    )
    times = func.coalesce(traces.c.times, 0)
    rows = db.session.execute(
        select(Consultation.title, Decision.public_id, Consultation.serials, times)
        .join(Decision, Decision.id == Consultation.decision_id)
        .outerjoin(traces, traces.c.subject_id == Consultation.id)
        .where(Consultation.serials != times)
    ).all()
    for title, chain, serials, told in rows:
        yield Finding(f"《{title}》的意见编到了第{serials}号，留痕里收到意见的只有{told}行", Spot(chain))


def _words_changed(fact: str) -> Iterator[Finding]:
    """Words that stand elsewhere are the words that the deed committed to."""
    kind, verb = fact.split(".")
    key = tuple_(Trace.subject_id, Trace.id)
    query = (
        select(*TRACE)
        .where(Trace.subject_kind == kind, Trace.verb == verb)
        .order_by(Trace.subject_id, Trace.id)
        .limit(PAGE)
    )
    after: tuple[int, int] | None = None
    while True:
        rows = db.session.execute(query.where(key > after) if after else query).all()
        if not rows:
            return
        for number, words in said(rows).items():
            if words.as_then is False:
                spot = deed_of(next(row for row in rows if row.row_id == number))
                yield Finding("当时所写的文字（草案、条文或者答复）后来被改过，或者不在了", spot)
        after = (rows[-1].subject_id, rows[-1].row_id)
