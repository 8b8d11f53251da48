"""Answers that were written in a table away from the desk come back row by row: all of them, or none and a reason for each."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from models.comments.bulk import TOGETHER, answer_each
from models.comments.point import TO_ANSWER, Outcome, Point, PointStage, SubReason, held_by_other
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.people.officer import Officer

MOST = 2000
"""Rows of one table."""
OUTCOMES = {outcome.label: outcome for outcome in Outcome} | {"不采纳": Outcome.NOT_ADOPTED}
SUB_REASONS = {reason.label: reason for reason in SubReason}


class Decided(NamedTuple):
    """One row as it came back."""

    row: int
    """Its number in the table."""
    point: str
    version: str
    outcome: str
    sub_reason: str
    reason: str
    gist: str


class Wrong(NamedTuple):
    """Why a row cannot be taken."""

    row: int
    column: str
    words: str


def wrongs(consultation: Consultation, officer: Officer, decided: Sequence[Decided]) -> list[Wrong]:
    """Every row that stands in the way, with its reason; rows without an outcome and a reason were left for later."""
    found: list[Wrong] = []
    seen: dict[str, int] = {}
    for start in range(0, len(decided), TOGETHER):
        rows = decided[start : start + TOGETHER]
        points = {
            point.public_id: point
            for point in db.session.scalars(
                select(Point).where(
                    Point.consultation_id == consultation.id, Point.public_id.in_([row.point for row in rows])
                )
            ).unique()
        }
        for row in rows:
            if row.point in seen:
                found.append(Wrong(row.row, "编号", f"和第{seen[row.point]}行是同一条要点，只能留一行。"))
            seen.setdefault(row.point, row.row)
            found += _wrong(row, points.get(row.point), officer)
    return found


def _wrong(row: Decided, point: Point | None, officer: Officer) -> list[Wrong]:
    if point is None:
        return [Wrong(row.row, "编号", "这次征求意见里没有这条要点，编号可能被改动了。")]
    if str(point.version) != row.version:
        if point.stage == PointStage.WITHDRAWN:
            why = "已经撤回或者并入别的要点，不用单独答了。"
        elif point.author is not None and point.answered_at is not None:
            why = f"导出以后{point.author.name}答过了，现在是「{point.stage.label}」，这一行没有用。"
        else:
            why = "导出以后这条有了变动，请重新导出这一行。"
        return [Wrong(row.row, "版本", why)]
    found = []
    outcome = OUTCOMES.get(row.outcome)
    if point.stage not in TO_ANSWER:
        found.append(Wrong(row.row, "版本", f"现在是「{point.stage.label}」，要改请审核人先退回。"))
    other = held_by_other(point, officer)
    if other is not None:
        found.append(Wrong(row.row, "版本", f"{other.name}正在答这一条。"))
    if outcome is None:
        found.append(Wrong(row.row, "结果", f"「{row.outcome[:20]}」不是结果，请填：采纳、部分采纳、未采纳、其他。"))
    if not row.reason.strip():
        found.append(Wrong(row.row, "理由", "请写明理由，居民会看到。"))
    elif len(row.reason) > 2000:
        found.append(Wrong(row.row, "理由", f"最多2000字，现在{len(row.reason)}字。"))
    if not row.gist.strip():
        found.append(Wrong(row.row, "一句话摘要", "请写一句话摘要，采纳情况表里要印。"))
    elif len(row.gist) > 200:
        found.append(Wrong(row.row, "一句话摘要", f"最多200字，现在{len(row.gist)}字。"))
    finer = SUB_REASONS.get(row.sub_reason)
    if row.sub_reason and finer is None:
        found.append(Wrong(row.row, "属于哪一类", f"没有「{row.sub_reason[:20]}」这一类，可以空着。"))
    elif finer is not None and outcome is not None and outcome not in finer.outcomes:
        found.append(Wrong(row.row, "属于哪一类", f"「{finer.label}」和「{outcome.label}」不相符。"))
    return found


def take_in(
    consultation: Consultation, officer: Officer, decided: Sequence[Decided], *, submit: bool = True
) -> tuple[int, list[Wrong]]:
    """All rows in one transaction, each point's answer by its own verb; with one wrong row, nothing."""
    found = wrongs(consultation, officer, decided)
    if found:
        return 0, found
    numbers: dict[str, int] = {}
    for start in range(0, len(decided), TOGETHER):
        page = [row.point for row in decided[start : start + TOGETHER]]
        found_here = db.session.execute(select(Point.public_id, Point.id).where(Point.public_id.in_(page))).all()
        numbers |= {row.public_id: row.id for row in found_here}
    same: dict[tuple[str, str, str, str], list[int]] = {}
    for row in decided:
        same.setdefault((row.outcome, row.sub_reason, row.reason, row.gist), []).append(numbers[row.point])
    where = {row.point: row.row for row in decided}
    done = 0
    late: list[Wrong] = []
    for (outcome, finer, reason, gist), points in same.items():
        result = answer_each(
            points,
            officer,
            OUTCOMES[outcome],
            reason,
            sub_reason=SUB_REASONS.get(finer),
            gist=gist,
            submit=submit,
        )
        done += len(result.done)
        late += [Wrong(where.get(told.point, 0), "版本", told.refusal) for told in result.refused]
    return done, sorted(late)
