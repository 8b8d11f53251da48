"""Each changed clause of a new version names the points that moved it; what no comment moved has its reason."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from models.comments.point import SETTLED, Outcome, Point
from models.decisions.consultation import Consultation
from models.decisions.decision import CaseStage, Decision
from models.decisions.deliberation import Deliberation, Result, passing
from models.decisions.draft import Clause, Draft, drafts_of
from models.decisions.legal_review import LegalReview
from models.kernel.base import Base, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, predicate, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.clauses import Piece, body
from models.texts.diff import Change, changed, changes
from models.texts.match import Links, matched, woven
from models.texts.received import as_received

TAKEN_UP = (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED)


class ClauseChange(Base):
    """Why one clause differs from the version before. Insert-only: a later row about the same clause counts before an earlier."""

    __tablename__ = "clause_change"
    __table_args__ = (
        Index("ix_clause_change_draft", "draft_id", "id"),
        CheckConstraint("points > 0 OR reason <> ''", name="moved_by_points_or_for_a_reason"),
    )

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    """The later of the two versions."""
    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    """The clause as the later version has it; one that is taken out as the earlier version had it."""
    removed: Mapped[bool] = mapped_column(default=False)
    points: Mapped[int] = mapped_column(Integer)
    """How many points moved it."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why, where no comment moved it, or not a comment alone."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    links: Mapped[list["ChangePoint"]] = relationship(order_by="ChangePoint.point_id", back_populates="change")
    officer: Mapped[Officer] = relationship()


class ChangePoint(Base):
    """A point moved a clause. Insert-only."""

    __tablename__ = "change_point"
    __table_args__ = (UniqueConstraint("change_id", "point_id"),)

    change_id: Mapped[int] = mapped_column(ForeignKey("clause_change.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), index=True)

    change: Mapped[ClauseChange] = relationship(back_populates="links")
    point: Mapped[Point] = relationship()


def keep_change(
    draft: Draft,
    before: Clause | None,
    after: Clause | None,
    points: Sequence[Point],
    reason: str,
    officer: Officer,
) -> ClauseChange:
    """A row with its links, for the deeds that write versions and explain them."""
    named = after or before
    assert named is not None
    made = ClauseChange(
        draft_id=draft.id,
        clause_id=named.id,
        removed=after is None,
        points=len(points),
        reason=reason,
        officer=officer,
        made_at=now(),
    )
    made.links = [ChangePoint(point=point) for point in points]
    db.session.add(made)
    return made


class Fate(enum.StrEnum):
    """What became of a clause between two versions."""

    SAME = "same"
    RENUMBERED = "renumbered"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "same": "没有改",
            "renumbered": "只改了条号",
            "changed": "改了",
            "added": "新加",
            "removed": "删去",
        }[self.value]


@dataclass(frozen=True)
class Row:
    """One clause as it stands in two versions, what differs word by word, and why."""

    before: Clause | None
    after: Clause | None
    fate: Fate
    causes: Sequence[ClauseChange] = ()

    @property
    def differs(self) -> bool:
        """Whether its words changed, not its number alone."""
        return self.fate in (Fate.CHANGED, Fate.ADDED, Fate.REMOVED)

    @property
    def marked(self) -> list[Change]:
        """The words that went and came, number and all."""
        return changes(self.before.text if self.before else "", self.after.text if self.after else "")

    @property
    def points(self) -> list[Point]:
        """The points that moved it."""
        return list({link.point_id: link.point for cause in self.causes for link in cause.links}.values())

    @property
    def reasons(self) -> list[str]:
        """Why, where no comment moved it."""
        return [cause.reason for cause in self.causes if cause.reason]


def compared(before: Draft, after: Draft) -> list[Row]:
    """Every clause of two versions of one case's text, in the order to read, each with its causes."""
    between = [draft for draft in drafts_of(after.decision) if before.number < draft.number <= after.number]
    causes = _causes(between)
    rows = []
    for old, new in woven(len(before.clauses), len(after.clauses), _links(before, after)):
        one = before.clauses[old] if old is not None else None
        other = after.clauses[new] if new is not None else None
        fate = _fate(one, other)
        why = _why(one, other, between, causes) if fate in (Fate.CHANGED, Fate.ADDED, Fate.REMOVED) else ()
        rows.append(Row(one, other, fate, why))
    return rows


def unexplained(draft: Draft) -> list[Row]:
    """The changes of a version against the one before it that name neither a point nor a reason."""
    earlier = [one for one in drafts_of(draft.decision) if one.number == draft.number - 1]
    return [row for row in compared(earlier[0], draft) if row.differs and not row.causes] if earlier else []


def unexplained_since_shown(decision: Decision) -> list[tuple[Draft, list[Row]]]:
    """Every version after the first that somebody outside the handler's unit saw, with the changes that nobody explained.

    What was written anew before anybody was asked needs no reason; nobody could have missed it.
    """
    drafts = drafts_of(decision)
    seen = _first_seen(decision)
    if seen is None:
        return []
    found = [(draft, unexplained(draft)) for draft in drafts if draft.number > seen]
    return [(draft, rows) for draft, rows in found if rows]


def _first_seen(decision: Decision) -> int | None:
    """The number of the first version that was asked about, reviewed, or laid on the table."""
    shown = union_all(
        select(Consultation.draft_id).where(
            Consultation.decision_id == decision.id, Consultation.published_at.is_not(None)
        ),
        select(LegalReview.draft_id).where(LegalReview.decision_id == decision.id),
        select(Deliberation.draft_id).where(Deliberation.decision_id == decision.id),
    ).subquery()
    return db.session.scalar(select(func.min(Draft.number)).where(Draft.id.in_(select(shown.c.draft_id))))


@predicate
def changes_explained(subject: Any, actor: object) -> str | None:
    """Each clause that was changed since it was shown names the points that moved it, or why else; asked of the case or its review."""
    lack = [
        f"第{draft.number}稿的{'、'.join(_named(row) for row in rows)}"
        for draft, rows in unexplained_since_shown(subject.decision)
    ]
    return f"还没有写明为什么改：{'；'.join(lack)}。" if lack else None


@predicate
def decided_words_explained(subject: Decision, actor: object) -> str | None:
    """What was written after the meeting at its wish says why; the text that it passed as it lay on the table was asked before."""
    meeting = passing(subject)
    return None if meeting is not None and meeting.result == Result.PASSED else changes_explained(subject, actor)


def _named(row: Row) -> str:
    one = row.after or row.before
    assert one is not None
    name = "标题" if one.kind == "title" else one.name
    return f"{name}（{row.fate.label}）" if row.fate != Fate.CHANGED else name


def _fate(before: Clause | None, after: Clause | None) -> Fate:
    if before is None:
        return Fate.ADDED
    if after is None:
        return Fate.REMOVED
    if changed(before.body, after.body):
        return Fate.CHANGED
    return Fate.RENUMBERED if changed(before.text, after.text) else Fate.SAME


def _links(before: Draft, after: Draft) -> Links:
    """By what each version kept of the one before; versions from before that was kept are matched by their words."""
    places = {clause.id: n for n, clause in enumerate(before.clauses)}
    links = []
    for n, clause in enumerate(after.clauses):
        found: Clause | None = clause
        while found is not None and found.id not in places:
            found = found.before
        if found is not None:
            links.append((places[found.id], n))
    return links or matched(before.clauses, after.clauses)


def _causes(drafts: Iterable[Draft]) -> Sequence[ClauseChange]:
    return (
        db.session.scalars(
            select(ClauseChange)
            .where(ClauseChange.draft_id.in_([draft.id for draft in drafts]))
            .options(joinedload(ClauseChange.links).joinedload(ChangePoint.point))
            .order_by(ClauseChange.id)
        )
        .unique()
        .all()
    )


def _why(
    before: Clause | None, after: Clause | None, between: Sequence[Draft], causes: Sequence[ClauseChange]
) -> Sequence[ClauseChange]:
    """The newest cause of each version on the clause's way from the one to the other."""
    way: set[int] = set()
    found = after
    while found is not None and found is not before:
        way.add(found.id)
        found = found.before
    gone = before.id if before is not None and after is None else None
    for draft in between if gone else ():
        gone = next((clause.id for clause in draft.clauses if clause.before_id == gone), gone)
    newest: dict[int, ClauseChange] = {}
    for cause in causes:
        if cause.clause_id == gone if cause.removed else cause.clause_id in way:
            newest[cause.draft_id] = cause
    return [newest[number] for number in sorted(newest)]


def taken_up(decision: Decision, *, linked: bool = False) -> Sequence[Point]:
    """Points of a case that a second person approved as adopted; without those that a version names already."""
    query = (
        select(Point)
        .join(Consultation, Consultation.id == Point.consultation_id)
        .where(
            Consultation.decision_id == decision.id,
            Point.stage.in_(SETTLED),
            Point.outcome.in_(TAKEN_UP),
        )
        .order_by(Point.id)
    )
    if not linked:
        query = query.where(Point.id.not_in(select(ChangePoint.point_id)))
    return db.session.scalars(query).unique().all()


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.explain"),
    label="",
    say="写明第{number}稿{clause}为什么改：{points}条意见{reason_words}",
    of=Decision,
)
def explain(
    decision: Decision,
    officer: Officer,
    draft: Draft,
    before: Clause | None,
    after: Clause | None,
    *,
    points: Sequence[Point] = (),
    reason: str = "",
) -> ClauseChange:
    """Why a clause of this version differs from the one before: the points that moved it, or the reason, or both."""
    reason = as_received(reason, field="reason", most=500, least=0).strip()
    rows = {(row.before, row.after): row for row in changes_of(draft)} if draft.decision_id == decision.id else {}
    row = rows.get((before, after))
    if row is None or not row.differs:
        raise RuleUnmet("这一条和上一稿没有不同，不用写理由。")
    known = {point.id for point in taken_up(decision, linked=True)}
    if any(point.id not in known for point in points):
        raise RuleUnmet("选的意见还没有审定为采纳，不能说是它改动了条文。", {"points": "请选已经审定采纳的意见。"})
    if not points and not reason:
        words = "请选是哪几条意见改动了它；不是因为意见改的，请写其他修改理由。"
        raise RuleUnmet(words, {"reason": words})
    made = keep_change(draft, before, after, points, reason, officer)
    named = after or before
    assert named is not None
    note(
        number=draft.number,
        clause=named.name,
        points=len(points),
        reason_words=f"，{reason}" if reason else "",
        linked=[point.public_id for point in points],
    )
    return made


def changes_of(draft: Draft) -> list[Row]:
    """A version against the one before it; nothing for the first."""
    earlier = [one for one in drafts_of(draft.decision) if one.number == draft.number - 1]
    return compared(earlier[0], draft) if earlier else []


@dataclass(frozen=True)
class Now:
    """How a clause reads in the newest version, for whoever moved it."""

    number: int
    """The version's number."""
    label: str
    kind: str
    text: str
    removed: bool = False

    @property
    def words(self) -> str:
        """The words without the number."""
        return body(Piece(self.kind, self.label, "", 1, self.text))


_MOVED = (
    select(ChangePoint.point_id, ClauseChange.clause_id, ClauseChange.removed, Draft.number)
    .join(ClauseChange, ClauseChange.id == ChangePoint.change_id)
    .join(Draft, Draft.id == ClauseChange.draft_id)
    .where(ChangePoint.point_id.in_(bindparam("points", expanding=True)))
    .order_by(ChangePoint.id)
)


def read_now(point_ids: Sequence[int]) -> dict[int, Now]:
    """For points that moved a clause: the clause as the newest version has it; by the point's number."""
    if not point_ids:
        return {}
    rows = db.session.execute(_MOVED, {"points": list(point_ids)}).all()
    if not rows:
        return {}
    standing: dict[int, Any] = {row.point_id: row for row in rows}
    clauses = _forward({row.clause_id for row in standing.values() if not row.removed})
    found = {}
    for point_id, row in standing.items():
        number, clause = clauses.get(row.clause_id, (row.number, None)) if not row.removed else (row.number, None)
        if clause is not None:
            found[point_id] = Now(number, clause.label, clause.kind, clause.text)
        else:
            found[point_id] = Now(number, "", "", "", removed=True)
    return found


def _forward(ids: set[int]) -> dict[int, tuple[int, Any]]:
    """Each clause as the newest version of its case has it: (number of the version, the clause or None where it went)."""
    columns = (Clause.id, Clause.before_id, Clause.label, Clause.kind, Clause.text, Draft.number, Draft.decision_id)
    start = select(*columns).join(Draft, Draft.id == Clause.draft_id)
    at = {row.id: row for row in db.session.execute(start.where(Clause.id.in_(ids)))}
    origin = {number: number for number in at}
    wave = set(at)
    while wave:
        later = db.session.execute(start.where(Clause.before_id.in_(wave))).all()
        for row in later:
            origin[row.id] = origin[row.before_id]
            at[origin[row.id]] = row
        wave = {row.id for row in later}
    newest = _newest_numbers({row.decision_id for row in at.values()})
    return {
        number: (newest[row.decision_id], row if row.number == newest[row.decision_id] else None)
        for number, row in at.items()
    }


def _newest_numbers(decisions: set[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Draft.decision_id, Draft.number).where(Draft.decision_id.in_(decisions)).order_by(Draft.number)
    )
    return {int(row.decision_id): int(row.number) for row in rows}
