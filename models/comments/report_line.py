"""A line of the adoption report: points that would be printed in the same words, or were put together and got one answer, stand once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    UniqueConstraint,
    case,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.comments.comment import Comment
from models.comments.point import Point, PointGroup, PointStage
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, ClauseRevision
from models.kernel.base import Base, db, some_rows
from models.kernel.refusal import Missing, RuleUnmet

NAMED = 6
"""Serials that a line of many points names before it says how many more there are."""
ASKED_TOGETHER = 500
"""Lines whose serials are asked for in one statement: SQLite puts no more of them together."""


class ReportLine(Base):
    """One line, led by a point in its most frequent wording. Insert-only: written by the release."""

    __tablename__ = "report_line"
    __table_args__ = (
        Index("ix_report_line_order", "consultation_id", "id"),
        Index("ix_report_line_clause", "consultation_id", "clause_id", "id"),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("point.id"), unique=True)
    points: Mapped[int] = mapped_column(Integer)
    wordings: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """In how many ways its points are worded as they are shown."""
    people: Mapped[int | None] = mapped_column(Integer)
    """Whose points they are; nobody counted them for lines that went out before this was kept."""


class ReportWording(Base):
    """One of the wordings of a line that has several, the line's own among them. Insert-only."""

    __tablename__ = "report_wording"
    __table_args__ = (UniqueConstraint("line_id", "number"),)

    line_id: Mapped[int] = mapped_column(ForeignKey("report_line.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 is what heads the line."""
    lead_id: Mapped[int] = mapped_column(ForeignKey("point.id"), unique=True)
    points: Mapped[int] = mapped_column(Integer)


class ReportEntry(Base):
    """On which line a point stands, and in which wording where the line has several. Insert-only."""

    __tablename__ = "report_entry"
    __table_args__ = (some_rows("ix_report_entry_wording", "wording_id IS NOT NULL", "wording_id", "id"),)

    line_id: Mapped[int] = mapped_column(ForeignKey("report_line.id"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), unique=True)
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("report_wording.id"))


SAME = (
    Point.clause_id,
    Point.gist,
    Point.outcome,
    Point.sub_reason,
    Point.reason,
    ClauseRevision.text,
    Point.shown_text,
    Point.shown_name,
)
"""What is printed of a point: where all of it is the same, the points are one wording."""


def write_lines(consultation: Consultation) -> None:
    """After the points are released: two statements, and one more for those in groups, however many there are.

    Points in one wording are one line; so are points of one group about one clause with one outcome and one reason, however
    they are worded. Such a line is led by what most of them come down to in the officer's words alone, else by what most say.
    """
    said = (
        select(
            Point.id,
            Point.clause_id,
            Point.outcome,
            Point.sub_reason,
            Point.reason,
            ClauseRevision.text.label("revised"),
            case((Point.shown_text.is_(None), 0), else_=1).label("quoted"),
            Comment.resident_id,
            func.min(Point.id).over(partition_by=SAME).label("wording"),
            func.count().over(partition_by=SAME).label("times"),
            func.min(Point.group_id).over(partition_by=SAME).label("group_id"),
        )
        .join(Comment, Comment.id == Point.comment_id)
        .outerjoin(ClauseRevision, ClauseRevision.id == Point.revision_id)
        .where(Point.consultation_id == consultation.id, Point.stage == PointStage.RELEASED)
        .cte("said")
    )
    alone = case((said.c.group_id.is_(None), said.c.wording))
    together = (
        said.c.group_id, alone, said.c.clause_id, said.c.outcome, said.c.sub_reason, said.c.reason, said.c.revised,
    )  # fmt: skip
    first = (said.c.quoted, said.c.times.desc(), said.c.wording)
    lead: ColumnElement[int] = func.first_value(said.c.wording).over(partition_by=together, order_by=first)
    number: ColumnElement[int] = func.dense_rank().over(partition_by=together, order_by=first)
    if not _grouped(consultation):  # where nothing was put together nobody has to look for it: half the time
        lead, number = said.c.wording, literal(1)
    led = select(
        said.c.id,
        said.c.clause_id,
        said.c.resident_id,
        said.c.wording,
        said.c.times,
        lead.label("lead_id"),
        number.label("number"),
    ).cte("led")
    db.session.execute(
        insert(ReportLine).from_select(
            ["consultation_id", "clause_id", "lead_id", "points", "wordings", "people"],
            select(
                literal(consultation.id),
                led.c.clause_id,
                led.c.lead_id,
                func.count(),
                func.max(led.c.number),
                func.count(led.c.resident_id.distinct()),
            )
            .group_by(led.c.clause_id, led.c.lead_id)
            .order_by(func.min(led.c.id)),
        )
    )
    if reworded(consultation):
        db.session.execute(
            insert(ReportWording).from_select(
                ["line_id", "number", "lead_id", "points"],
                select(ReportLine.id, led.c.number, led.c.wording, led.c.times)
                .join(ReportLine, ReportLine.lead_id == led.c.lead_id)
                .where(led.c.id == led.c.wording, ReportLine.wordings > 1)
                .order_by(ReportLine.id, led.c.number),
            )
        )
    db.session.execute(
        insert(ReportEntry).from_select(
            ["line_id", "point_id", "wording_id"],
            select(func.coalesce(ReportWording.line_id, ReportLine.id), said.c.id, ReportWording.id)
            .outerjoin(ReportWording, ReportWording.lead_id == said.c.wording)
            .outerjoin(ReportLine, ReportLine.lead_id == said.c.wording)
            .order_by(said.c.id),
        )
    )


def _grouped(consultation: Consultation) -> bool:
    several = select(PointGroup.id).where(PointGroup.consultation_id == consultation.id, PointGroup.n_points > 1)
    return bool(db.session.scalar(select(several.exists())))


TOLD = (
    Point.public_id,
    Point.gist,
    Point.outcome,
    Point.sub_reason,
    Point.reason,
    Point.shown_text,
    Point.shown_name,
    Point.revision_id,
    Point.clause_id,
    Clause.label.label("clause_label"),
    Clause.heading.label("clause_heading"),
    Clause.kind.label("clause_kind"),
    Clause.text.label("clause_text"),
    Comment.serial,
    Comment.channel,
)
"""What is told of a point, in a line of the report or by itself."""
PRINTED = (
    ReportLine.id,
    ReportLine.points,
    ReportLine.people,
    ReportLine.wordings,
    Point.id.label("point_id"),
    *TOLD,
    Comment.kind.label("writer_kind"),
)
"""What the report prints of a line."""


def _printed(consultation: Consultation) -> "Select[*tuple[Any, ...]]":
    return (
        select(*PRINTED)
        .join(Point, Point.id == ReportLine.lead_id)
        .join(Comment, Comment.id == Point.comment_id)
        .outerjoin(Clause, Clause.id == ReportLine.clause_id)
        .where(ReportLine.consultation_id == consultation.id)
    )


def lines(
    consultation: Consultation, *, clause_id: int | None = None, after: int | None = None, limit: int = 20
) -> Sequence[Any]:
    """Core rows of the report's lines, in the order in which they first came in, keyset by id; `clause_id` 0 is the whole draft."""
    query = _printed(consultation).order_by(ReportLine.id).limit(limit)
    if clause_id is not None:
        query = query.where(ReportLine.clause_id == clause_id if clause_id else ReportLine.clause_id.is_(None))
    if after is not None:
        query = query.where(ReportLine.id > after)
    return db.session.execute(query).all()


def line_of_many(consultation: Consultation, lead: str) -> Any:
    """The row of a line in several wordings, by the public id of the point that leads it."""
    found = None
    if lead.isalnum():
        which = _printed(consultation).where(Point.public_id == lead, ReportLine.wordings > 1)
        found = db.session.execute(which).one_or_none()
    if found is None:
        raise Missing("这份报告里没有这一项。")
    return found


def count(consultation: Consultation) -> int:
    """How many lines the report has."""
    return (
        db.session.scalar(
            select(func.count()).select_from(ReportLine).where(ReportLine.consultation_id == consultation.id)
        )
        or 0
    )


def reworded(consultation: Consultation) -> bool:
    """Whether any line of the report has several wordings."""
    several = select(ReportLine.id).where(ReportLine.consultation_id == consultation.id, ReportLine.wordings > 1)
    return bool(db.session.scalar(select(several.exists())))


def line_led_by(mark: str | None) -> int | None:
    """The number of the line whose first point has this public id; the mark of a page."""
    if mark is None:
        return None
    found = db.session.scalar(
        select(ReportLine.id).join(Point, Point.id == ReportLine.lead_id).where(Point.public_id == mark)
    )
    if found is None:
        raise RuleUnmet("这一页的位置已经不在了，请从第一页开始。", {"after": "位置不对。"})
    return int(found)


WORDED = (
    ReportWording.id,
    ReportWording.line_id,
    ReportWording.number,
    ReportWording.points,
    Point.gist,
    Point.shown_text,
    Point.shown_name,
    Comment.serial,
    Comment.channel,
    Comment.kind.label("writer_kind"),
)
"""What is told of a wording."""


def wordings(line_id: int, *, after: int | None = None, limit: int = 20) -> Sequence[Any]:
    """Core rows of a line's wordings, its own first, then the most frequent, keyset by id."""
    query = _worded().where(ReportWording.line_id == line_id).limit(limit)
    if after is not None:
        last = select(ReportWording.number).where(ReportWording.id == after).scalar_subquery()
        query = query.where(ReportWording.number > last)
    return db.session.execute(query).all()


def further(line_ids: Sequence[int], most: int) -> dict[int, list[Any]]:
    """Line to its other wordings, so many at most; one query for all of them."""
    found: dict[int, list[Any]] = defaultdict(list)
    if line_ids:
        numbered = ReportWording.number.between(2, most + 1)
        for row in db.session.execute(_worded().where(ReportWording.line_id.in_(line_ids), numbered)):
            found[row.line_id].append(row)
    return found


def _worded() -> "Select[*tuple[Any, ...]]":
    return (
        select(*WORDED)
        .join(Point, Point.id == ReportWording.lead_id)
        .join(Comment, Comment.id == Point.comment_id)
        .order_by(ReportWording.line_id, ReportWording.number)
    )


def serials(rows: Sequence[Any], of: InstrumentedAttribute[Any] = ReportEntry.line_id) -> dict[int, str]:
    """Line, or wording, to the serials behind it as they are printed: 「0003、0007等12条」; one query for a page."""
    found: dict[int, list[int]] = {row.id: [row.serial] for row in rows}
    many = [row for row in rows if row.points > 1]
    for at in range(0, len(many), ASKED_TOGETHER):
        parts = []
        for row in many[at : at + ASKED_TOGETHER]:
            first = (
                select(of, Comment.serial)
                .join(Point, Point.id == ReportEntry.point_id)
                .join(Comment, Comment.id == Point.comment_id)
                .where(of == row.id)
                .order_by(ReportEntry.id)
                .limit(NAMED)
                .subquery()
            )
            parts.append(select(first.c[of.key], first.c.serial))
        for number, serial in db.session.execute(union_all(*parts)):
            if serial not in found[number]:
                found[number].append(serial)
    points = {row.id: row.points for row in rows}
    return {line: named(sorted(numbers), points[line]) for line, numbers in found.items()}


def named(numbers: Sequence[int], points: int) -> str:
    """Some serials of so many points, as they are printed."""
    words = "、".join(f"{n:04d}" for n in numbers[:NAMED]) + "号"
    return words if points <= len(numbers) else f"{words}等{points}条"
