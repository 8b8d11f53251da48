"""The next version of a text is written from the one before and from what was adopted, clause by clause."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from models.comments.change import keep_change, taken_up
from models.comments.point import Point
from models.decisions.decision import CaseStage, Decision
from models.decisions.draft import Clause, ClauseRevision, Draft, drafts_of, newest_draft
from models.kernel.base import db
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.clauses import ARTICLE, Piece, body, cuts, split
from models.texts.diff import changed
from models.texts.numerals import CHARACTERS, chinese, number
from models.texts.received import as_received

LONGEST_CLAUSE = 20_000


@dataclass(frozen=True)
class Wording:
    """One new wording of a clause, and the points that ask for it."""

    revision: ClauseRevision
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Place:
    """A clause of the newest version that adopted points want changed."""

    clause: Clause
    wordings: tuple[Wording, ...]
    moved: bool
    """It reads otherwise by now than when the points were answered."""

    @property
    def conflict(self) -> bool:
        """Somebody has to decide how it reads."""
        return self.moved or len(self.wordings) > 1

    @property
    def points(self) -> list[Point]:
        """Every point that moves it."""
        return [point for wording in self.wordings for point in wording.points]


@dataclass(frozen=True)
class Plan:
    """What the next version would take up."""

    draft: Draft | None
    places: Mapping[int, Place] = field(default_factory=dict)
    """By the number of the clause."""
    lost: Sequence[Wording] = ()
    """Wordings of clauses that are no longer there."""


def plan(decision: Decision) -> Plan:
    """The adopted points whose new wording no version has taken up, gathered by the clause that they change now."""
    draft = newest_draft(decision)
    if draft is None:
        return Plan(None)
    here = _successors(decision, draft)
    wanted: dict[int, dict[int, list[Point]]] = {}
    lost: dict[int, list[Point]] = {}
    revisions: dict[int, ClauseRevision] = {}
    for point in taken_up(decision):
        if point.revision is None:
            continue
        revisions[point.revision.id] = point.revision
        clause = here.get(point.revision.clause_id)
        if clause is None:
            lost.setdefault(point.revision.id, []).append(point)
        else:
            wanted.setdefault(clause.id, {}).setdefault(point.revision.id, []).append(point)
    places = {}
    for clause in draft.clauses:
        if clause.id in wanted:
            wordings = tuple(Wording(revisions[n], tuple(points)) for n, points in wanted[clause.id].items())
            moved = any(changed(w.revision.clause.body, clause.body) for w in wordings)
            places[clause.id] = Place(clause, wordings, moved)
    return Plan(draft, places, [Wording(revisions[n], tuple(points)) for n, points in lost.items()])


def _successors(decision: Decision, draft: Draft) -> dict[int, Clause]:
    """Which clause of the newest version an earlier clause has become."""
    here = {clause.id: clause for clause in draft.clauses}
    for earlier in reversed(drafts_of(decision)):
        for clause in earlier.clauses:
            if clause.before_id is not None and clause.id in here:
                here[clause.before_id] = here[clause.id]
    return here


@dataclass
class _Written:
    """A clause on its way into the next version."""

    clause: Clause
    text: str
    points: list[Point] = field(default_factory=list)
    reason: str = ""
    parts: list[str] = field(default_factory=list)
    """What it becomes: itself, and further clauses that were written beneath it; nothing when it goes."""

    @property
    def altered(self) -> bool:
        """Whether its words differ."""
        return self.text != self.clause.text


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.write_next"),
    label="写下一稿",
    say="按采纳的意见写成第{number}稿：{changed}处改动，{points}条意见，{others}处其他修改",
    of=Decision,
)
def write_next(
    decision: Decision,
    officer: Officer,
    base: int,
    words: Mapping[str, str],
    reasons: Mapping[str, str],
    *,
    renumber: bool = True,
) -> Draft:
    """Assemble it. `base` is the number of the version that the officer looked at.

    `words` are the clauses as the officer decided them, by their public id, without number; empty: the clause goes.
    A clause with one adopted wording need not be among them, one with several has to be. `reasons` are for clauses
    that no adopted point moves. `renumber`: articles that follow one that came or went take the next number.
    """
    wanted = plan(decision)
    if wanted.draft is None:
        raise RuleUnmet("这件事还没有草案，请先起草。")
    if wanted.draft.number != base:
        raise RuleUnmet(f"已经有第{wanted.draft.number}稿了，请刷新页面，在新的一稿上接着改。")
    written = _decided(wanted, words, reasons)
    for one in written:
        one.parts = _parts(one) if one.altered else [one.text]
    if renumber and len([part for one in written for part in one.parts]) != len(written):
        _renumber(written, [clause.piece for clause in wanted.draft.clauses])
    source, lineage, starts, made = "", {}, [], []
    for one in written:
        for n, part in enumerate(one.parts):
            starts.append(len(source))
            made.append(one)
            if n == 0:
                lineage[len(source)] = one.clause
            source += part
    if not source.strip():
        raise RuleUnmet("所有条文都删掉了，不能成为一稿。")
    draft = Draft.write(officer, decision, source, starts, lineage=lineage)
    db.session.flush()
    _keep_causes(officer, draft, written, dict(zip(starts, made, strict=True)))
    altered = [one for one in written if one.altered]
    note(
        number=draft.number,
        changed=len(altered),
        points=sum(len(one.points) for one in altered),
        others=sum(1 for one in altered if not one.points),
    )
    return draft


def _decided(wanted: Plan, words: Mapping[str, str], reasons: Mapping[str, str]) -> list[_Written]:
    assert wanted.draft is not None
    written, wrong = [], {}
    for clause in wanted.draft.clauses:
        place = wanted.places.get(clause.id)
        said = words.get(clause.public_id)
        if said is not None:
            said = as_received(said, field=f"words-{clause.public_id}", most=LONGEST_CLAUSE, least=0)
        reason = as_received(
            reasons.get(clause.public_id, ""), field=f"reason-{clause.public_id}", most=500, least=0
        ).strip()
        if said is None and place is not None:
            if place.conflict:
                wrong[f"words-{clause.public_id}"] = f"{clause.name}有几种改法，请定一种，或者写成一段。"
                continue
            said = place.wordings[0].revision.text
        one = _Written(clause, clause.text if said is None else rewritten(clause, said))
        if place is not None:
            one.points, one.reason = place.points, reason
            if not one.altered and not place.moved:
                wrong[f"words-{clause.public_id}"] = (
                    f"{clause.name}有采纳了的意见，要写进去；不打算写进去的，请先改答复。"
                )
        elif one.altered:
            one.reason = reason
            if not reason:
                wrong[f"reason-{clause.public_id}"] = f"{clause.name}不是因为意见改的，请写其他修改理由。"
        written.append(one)
    if wrong:
        raise RuleUnmet("下一稿还不能存。", wrong)
    if not any(one.altered for one in written):
        raise RuleUnmet("和上一稿没有不同，不用另存一稿。")
    return written


def rewritten(clause: Clause, words: str) -> str:
    """A clause with other words under its own number and with its own line ends; empty words take it out."""
    if words.strip() == clause.body.strip():
        return clause.text
    if not words.strip():
        return ""
    bare = body(Piece(clause.kind, clause.label, clause.heading, clause.level, words))
    here = clause.text.find(clause.body) if clause.body else len(clause.text.rstrip())
    return clause.text[:here] + bare + clause.text[here + len(clause.body) :]


def _parts(one: _Written) -> list[str]:
    """The clauses that a rewritten one holds: further articles written beneath it are clauses of their own."""
    if len(split(one.clause.text)) > 1:  # an officer had put these together by hand
        return [one.text] if one.text else []
    return [piece.text for piece in split(one.text)]


def _renumber(written: Sequence[_Written], before: Sequence[Piece]) -> None:
    """Articles take the next number again, where they stood in sequence before one came or went."""
    if not _in_sequence(before):
        return
    pieces = [(one, n, piece) for one in written for n, part in enumerate(one.parts) for piece in split(part)[:1]]
    due: int | None = None
    for one, n, piece in pieces:
        order = _order(piece)
        if order is None:
            continue
        due = order if due is None or (order == 1 and n == 0 and one.clause.label == piece.label) else due
        if order != due:
            one.parts[n] = _numbered(piece.text, due)
        due += 1


_ORDER = re.compile(rf"第[ \t\u3000]*([{CHARACTERS}0-9０-９]+)[ \t\u3000]*条")


def _order(piece: Piece) -> int | None:
    """Which article it is; none for 第X条之一 and for what is no article."""
    found = _ORDER.fullmatch(piece.label) if piece.kind == ARTICLE else None
    return number(found[1]) if found else None


def _numbered(text: str, order: int) -> str:
    """The same words with another number, in the same figures."""
    found = _ORDER.search(text)
    assert found is not None
    written = str(order) if found[1].isdecimal() else chinese(order)
    return text[: found.start(1)] + written + text[found.end(1) :]


def _in_sequence(pieces: Sequence[Piece]) -> bool:
    orders = [order for piece in pieces if (order := _order(piece)) is not None]
    return all(later in (earlier + 1, 1) for earlier, later in pairwise(orders))


def _keep_causes(officer: Officer, draft: Draft, written: Sequence[_Written], begins: Mapping[int, _Written]) -> None:
    """For each clause that differs, what moved it."""
    made: dict[int, list[Clause]] = {one.clause.id: [] for one in written}
    for start, clause in zip(cuts([clause.piece for clause in draft.clauses]), draft.clauses, strict=True):
        if start in begins:
            made[begins[start].clause.id].append(clause)
    for one in written:
        here = made[one.clause.id]
        if one.altered or one.points:
            keep_change(draft, one.clause, here[0] if here else None, one.points, one.reason, officer)
        for further in here[1:] if one.altered else ():
            keep_change(draft, None, further, one.points, one.reason, officer)
