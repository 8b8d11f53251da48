"""The adoption report of one consultation: what page, spreadsheet and document are all made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Self

from sqlalchemy import select

from models.comments.amendment import Amendment, AmendmentStage, amended
from models.comments.point import Outcome, clause_counts
from models.comments.release import Release, unbalanced
from models.comments.report_line import ReportEntry, lines, serials, wordings
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, revised_clauses
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.refusal import Missing

PAGE = 500
"""Lines that are read at a time."""
TABLES = (("by_channel", "按渠道"), ("by_kind", "按提出人"), ("by_clause", "按条款"))


class Unbalanced(Exception):
    """The parts of a released report are not its whole: somebody changed what may not be changed."""


@dataclass(frozen=True)
class Row:
    """One row of a table of totals: its name, points by outcome, and their sum."""

    name: str
    outcomes: dict[Outcome, int]

    @property
    def total(self) -> int:
        """All points of the row."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class Line:
    """One line as it is printed: points with the same words or, put together, with the same answer; merged and counted."""

    id: int
    lead: str
    """Public id of the first of its points."""
    points: int
    people: int | None
    wordings: int
    serials: str
    about: str
    gist: str
    words: str
    """The writer's own words, where they and the approver allow it."""
    who: str
    kind: str
    channel: str
    outcome: Outcome
    sub_reason: str
    reason: str
    revised: str
    """The clause's new words."""
    later: list[Any] = field(default_factory=list)
    """Corrections and supplements, oldest first."""

    @property
    def of_many(self) -> str:
        """How many wordings stand behind it besides its own, in a document that does not print them."""
        return f"，另有{self.wordings - 1}种写法" if self.wordings > 1 else ""

    @property
    def answer(self) -> str:
        """The reason, and beneath it what was added after the release."""
        parts = [self.reason]
        for one in self.later:
            day = local(one.released_at).date()
            said = f"{one.kind.label}（{day.year}年{day.month}月{day.day}日）：{one.text}"
            parts.append(f"{said}（{one.outcome.label}；{one.remark}）" if one.outcome else said)
        return "\n".join(parts)


@dataclass(frozen=True)
class Wording:
    """One of the wordings of a line, as it is printed."""

    line: int
    id: int
    points: int
    serials: str
    gist: str
    words: str
    who: str
    kind: str
    channel: str


class Counted(NamedTuple):
    """A clause and how many points are about it."""

    clause_id: int | None
    label: str
    position: int | None
    points: int


@dataclass(frozen=True)
class AdoptionReport:
    """A released report, with the totals that stand now."""

    consultation: Consultation
    release: Release
    put_right: Sequence[Release]
    totals: dict[str, Any]

    @classmethod
    def of(cls, consultation: Consultation) -> Self:
        """Missing before the release. Adopted, partly, not and other are all points, in every table, or nothing is shown."""
        release = Release.of(consultation)
        if release is None or consultation.opens_on is None or consultation.closes_on is None:
            raise Missing("这次征求意见还没有发布采纳情况。")
        put_right = Release.corrections(consultation)
        totals = put_right[-1].totals if put_right else release.totals
        wrong = unbalanced(totals)
        if wrong:
            raise Unbalanced(f"{release.number}: {wrong}")
        return cls(consultation, release, put_right, totals)

    @property
    def title(self) -> str:
        """As it stands over the paper."""
        return f"《{self.consultation.title}》公开征求意见采纳情况"

    @property
    def released_on(self) -> date:
        """The day on which it went out."""
        return local(self.release.released_at).date()

    @property
    def days(self) -> int:
        """Days of the window, its first one not counted, as the rule counts them."""
        assert self.consultation.opens_on is not None
        assert self.consultation.closes_on is not None
        return (self.consultation.closes_on - self.consultation.opens_on).days

    @property
    def points(self) -> int:
        """All points."""
        return int(self.totals["points"])

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """Points by outcome, in the order in which they are printed."""
        return {outcome: int(self.totals["outcomes"].get(outcome.value, 0)) for outcome in Outcome}

    def said(self, outcome: Outcome) -> str:
        """The word for an outcome, 拟 before it as long as nothing is decided."""
        return outcome.said(self.consultation.before_words)

    @property
    def counted(self) -> list[str]:
        """What has to stand beside the counts so that they are honest."""
        total, said = self.totals, []
        joint = sum(n for kind, _, n in total["kinds"] if kind == "joint")
        if joint:
            said.append(f"其中联名信{joint}份，除写信人外有{total['signers']}人签名，不计入人数")
        copied = total.get("copies", {"templates": 0, "texts": 0})
        if copied["texts"]:
            said.append(f"内容相同的有{copied['texts']}份，出自{copied['templates']}个范本，每份都计数、都答复")
        if edited := copied.get("edited"):
            said.append(f"在别人的底稿上改了几处的有{edited}份，每份都计数、都答复")
        together = total.get("groups", {"groups": 0, "points": 0})
        if together["groups"]:
            said.append(f"诉求相同的{together['points']}条归并成{together['groups']}组，每条都计数")
        if total["withdrawn"]:
            said.append(f"另有{total['withdrawn']}份由本人撤回，不计在内")
        return said

    def table(self, key: str) -> list[Row]:
        """Totals by channel, kind or clause; of a report older than these tables there are none."""
        return [
            Row(row[1], {outcome: int(row[-1].get(outcome.value, 0)) for outcome in Outcome})
            for row in self.totals.get(key, ())
        ]

    def clauses(self) -> list[Any]:
        """Which clauses there are lines about: rows (clause_id, label, position, points), the whole draft last."""
        if "by_clause" not in self.totals:
            return list(clause_counts(self.consultation))
        counted = {int(row[0]): sum(row[-1].values()) for row in self.totals["by_clause"]}
        named = db.session.execute(
            select(Clause.id, Clause.label, Clause.position).where(Clause.id.in_(counted)).order_by(Clause.position)
        )
        found = [Counted(row.id, row.label, row.position, counted[row.id]) for row in named]
        return found + ([Counted(None, "", None, counted[0])] if 0 in counted else [])

    def lines(self, *, clause_id: int | None = None, after: int | None = None, limit: int = 20) -> list[Line]:
        """Some lines, with a handful of queries for all of them."""
        rows = lines(self.consultation, clause_id=clause_id, after=after, limit=limit)
        named, later = serials(rows), later_of([row.id for row in rows])
        revised = revised_clauses([row.revision_id for row in rows if row.revision_id])
        return [
            Line(
                id=row.id,
                lead=row.public_id,
                points=row.points,
                people=row.people,
                wordings=row.wordings,
                serials=named[row.id],
                about=f"{row.clause_label or ''}{row.clause_heading or ''}" or "整个草案",
                gist=row.gist,
                words=row.shown_text or "",
                who=row.shown_name or "",
                kind=row.writer_kind.label,
                channel=row.channel.label,
                outcome=row.outcome,
                sub_reason=row.sub_reason.label if row.sub_reason else "",
                reason=row.reason,
                revised=revised[row.revision_id].text if row.revision_id else "",
                later=later.get(row.id, []),
            )
            for row in rows
        ]

    def all_lines(self) -> Iterator[Line]:
        """Every line, a page at a time."""
        return _all(lambda after: self.lines(after=after, limit=PAGE))


def wordings_of(line_id: int, *, after: int | None = None, limit: int = 20) -> list[Wording]:
    """Some wordings of a line, its own first, then the most frequent."""
    rows = wordings(line_id, after=after, limit=limit)
    named = serials(rows, ReportEntry.wording_id)
    return [
        Wording(
            line=line_id,
            id=row.id,
            points=row.points,
            serials=named[row.id],
            gist=row.gist,
            words=row.shown_text or "",
            who=row.shown_name or "",
            kind=row.writer_kind.label,
            channel=row.channel.label,
        )
        for row in rows
    ]


def all_wordings(line_id: int) -> Iterator[Wording]:
    """Every wording of a line, a page at a time."""
    return _all(lambda after: wordings_of(line_id, after=after, limit=PAGE))


def _all(page: Callable[[int | None], list[Any]]) -> Iterator[Any]:
    after: int | None = None
    while True:
        found = page(after)
        yield from found
        if len(found) < PAGE:
            return
        after = found[-1].id


def later_of(line_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Line to what was released after the answers of its points, oldest first."""
    if not line_ids:
        return {}
    # The sum keeps the database from reading every entry of the lines: amendments are few, entries may be a hundred thousand.
    rows = db.session.execute(
        select(ReportEntry.point_id, ReportEntry.line_id)
        .join(Amendment, Amendment.point_id == ReportEntry.point_id)
        .where((ReportEntry.line_id + 0).in_(line_ids), Amendment.stage == AmendmentStage.RELEASED)
    )
    line_of = {row.point_id: row.line_id for row in rows}
    if not line_of:
        return {}
    found: dict[int, list[Any]] = {}
    for point_id, added in amended(line_of).items():
        found.setdefault(line_of[point_id], []).extend(added)
    return found
