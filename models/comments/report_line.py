"""A line of the adoption report: points that would be printed in the same words stand once, with how many they are."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, func, insert, literal, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, ClauseRevision
from models.kernel.base import Base, db
from models.kernel.refusal import RuleUnmet

NAMED = 6
"""Serials that a line of many points names before it says how many more there are."""


class ReportLine(Base):
    """One line, led by the first of its points. Insert-only: written by the release."""

    __tablename__ = "report_line"
    __table_args__ = (
        Index("ix_report_line_order", "consultation_id", "id"),
        Index("ix_report_line_clause", "consultation_id", "clause_id", "id"),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("point.id"), unique=True)
    points: Mapped[int] = mapped_column(Integer)


class ReportEntry(Base):
    """On which line a point stands. Insert-only."""

    __tablename__ = "report_entry"

    line_id: Mapped[int] = mapped_column(ForeignKey("report_line.id"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), unique=True)


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
"""What is printed of a point: where all of it is the same, the points are one line."""


def write_lines(consultation: Consultation) -> None:
    """After the points are released: two statements, however many there are."""
    led = (
        select(Point.id, Point.clause_id, func.min(Point.id).over(partition_by=SAME).label("lead_id"))
        .outerjoin(ClauseRevision, ClauseRevision.id == Point.revision_id)
        .where(Point.consultation_id == consultation.id, Point.stage == PointStage.RELEASED)
        .cte("led")
    )
    db.session.execute(
        insert(ReportLine).from_select(
            ["consultation_id", "clause_id", "lead_id", "points"],
            select(literal(consultation.id), led.c.clause_id, led.c.lead_id, func.count())
            .group_by(led.c.clause_id, led.c.lead_id)
            .order_by(led.c.lead_id),
        )
    )
    db.session.execute(
        insert(ReportEntry).from_select(
            ["line_id", "point_id"],
            select(ReportLine.id, led.c.id).join(ReportLine, ReportLine.lead_id == led.c.lead_id).order_by(led.c.id),
        )
    )


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
    Point.id.label("point_id"),
    *TOLD,
    Comment.kind.label("writer_kind"),
)
"""What the report prints of a line."""


def lines(
    consultation: Consultation, *, clause_id: int | None = None, after: int | None = None, limit: int = 20
) -> Sequence[Any]:
    """Core rows of the report's lines, in the order in which they first came in, keyset by id; `clause_id` 0 is the whole draft."""
    query = (
        select(*PRINTED)
        .join(Point, Point.id == ReportLine.lead_id)
        .join(Comment, Comment.id == Point.comment_id)
        .outerjoin(Clause, Clause.id == ReportLine.clause_id)
        .where(ReportLine.consultation_id == consultation.id)
        .order_by(ReportLine.id)
        .limit(limit)
    )
    if clause_id is not None:
        query = query.where(ReportLine.clause_id == clause_id if clause_id else ReportLine.clause_id.is_(None))
    if after is not None:
        query = query.where(ReportLine.id > after)
    return db.session.execute(query).all()


def count(consultation: Consultation) -> int:
    """How many lines the report has."""
    return (
        db.session.scalar(
            select(func.count()).select_from(ReportLine).where(ReportLine.consultation_id == consultation.id)
        )
        or 0
    )


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


def serials(rows: Sequence[Any]) -> dict[int, str]:
    """Line to the serials behind it as they are printed: 「0003、0007等12份」; one query for a page."""
    many = [row for row in rows if row.points > 1]
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row.serial)
    if many:
        parts = []
        for row in many:
            first = (
                select(ReportEntry.line_id, Comment.serial)
                .join(Point, Point.id == ReportEntry.point_id)
                .join(Comment, Comment.id == Point.comment_id)
                .where(ReportEntry.line_id == row.id)
                .order_by(ReportEntry.id)
                .limit(NAMED)
                .subquery()
            )
            parts.append(select(first.c.line_id, first.c.serial))
        for line_id, serial in db.session.execute(union_all(*parts)):
            if serial not in found[line_id]:
                found[line_id].append(serial)
    points = {row.id: row.points for row in rows}
    return {line: _named(sorted(numbers), points[line]) for line, numbers in found.items()}


def _named(numbers: Sequence[int], points: int) -> str:
    words = "、".join(f"{n:04d}" for n in numbers[:NAMED]) + "号"
    return words if points <= len(numbers) else f"{words}等{points}条"
