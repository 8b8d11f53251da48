"""One answer for many points: each gets an answer, a version and a trace of its own, or a sentence that says why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, joinedload, lazyload, load_only, mapped_column, relationship, selectinload

from models.comments.comment import Comment
from models.comments.point import (
    AnswerVersion,
    Outcome,
    Point,
    PointGroup,
    PointStage,
    SubReason,
    versions_together,
)
from models.comments.text_check import doubted
from models.decisions.draft import Clause, ClauseRevision
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, birth, office_rules, ruled
from models.kernel.refusal import Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import gathered, note
from models.people.officer import Officer
from models.texts.received import as_received

TOGETHER = 200
"""Points that are loaded, answered and written down together, so that memory does not grow with the group."""

ANSWERS = 12
"""Different answers of a group that are listed."""


class Told(NamedTuple):
    """What became of one of the chosen points."""

    point: str
    serial: str
    refusal: str
    """Why not; empty: it is done."""


@dataclass(frozen=True)
class Result:
    """What became of all of them: together they are what was chosen, none left unsaid."""

    done: list[Told]
    refused: list[Told]

    @property
    def words(self) -> str:
        """One sentence."""
        said = f"{len(self.done):,} 条办好了"
        return f"{said}，{len(self.refused):,} 条没有办" if self.refused else f"{said}，一条不少"


def each(points: Sequence[int], deed: Callable[[Point], Any]) -> Result:
    """Do it to every point in turn; one that refuses does not stop the others. The rows are locked first, so none is stale."""
    done: list[Told] = []
    refused: list[Told] = []
    for start in range(0, len(points), TOGETHER):
        numbers = points[start : start + TOGETHER]
        rows = {row.id: row for row in _locked(numbers)}
        with gathered(), versions_together():
            for number in numbers:
                point = rows.get(number)
                if point is None:
                    refused.append(Told("", str(number), "没有找到这条要点。"))
                    continue
                serial = point.serial_words
                try:
                    deed(point)
                except Refusal as refusal:
                    refused.append(Told(point.public_id, serial, refusal.message))
                else:
                    done.append(Told(point.public_id, serial, ""))
        db.session.flush()
        for row in rows.values():
            for version in row.versions:
                db.session.expunge(version)
            db.session.expunge(row)
    return Result(done, refused)


def _locked(numbers: Sequence[int]) -> Sequence[Point]:
    query = (
        select(Point)
        .where(Point.id.in_(numbers))
        .order_by(Point.id)
        .options(
            joinedload(Point.comment).options(
                load_only(Comment.public_id, Comment.serial), lazyload(Comment.resident), lazyload(Comment.consultation)
            ),
            selectinload(Point.versions).load_only(AnswerVersion.number),
            selectinload(Point.clause),
            selectinload(Point.consultation),
        )
        .with_for_update(of=Point)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).unique().all()


def answer_each(
    points: Sequence[int],
    officer: Officer,
    outcome: Outcome | str,
    reason: str,
    *,
    sub_reason: SubReason | str | None = None,
    gist: str = "",
    revised: tuple[Clause, str] | None = None,
    submit: bool = True,
    template: "AnswerTemplate | None" = None,
) -> Result:
    """The same answer for each, submitted to a second person unless it is only to be kept.

    New words for a clause go with those that are about it; the others keep new words of their own as long as they are adopted.
    """
    adopted = outcome in (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED)
    if revised is not None and not adopted:
        raise RuleUnmet("只有采纳或部分采纳才改条文。", {"revised": "只有采纳或部分采纳才改条文。"})
    written = None
    if revised is not None:
        written = ClauseRevision.write(officer, *revised)
        db.session.flush()

    def deed(point: Point) -> None:
        if point.stage == PointStage.SUBMITTED:
            raise RuleUnmet(f"已经送审，{point.author.name if point.author else ''}写的。要改，请审核人先退回。")
        kept = point.revision if adopted else None
        words = written if written is not None and written.clause_id == point.clause_id else kept
        point.answer(officer, outcome, reason, sub_reason=sub_reason, gist=gist, revised=words)
        if submit:
            point.submit(officer)
        if template is not None:
            template.note_use(point, len(point.versions) + 1)

    return each(points, deed)


def approve_each(points: Sequence[int], officer: Officer, *, may_show: bool = False) -> Result:
    """A second person agrees to each; what they wrote themselves is refused, as everywhere.

    Where words are to come out with it, those that WeChat's check or the office's list speaks against are left to be read one by one.
    """
    against = doubted(points) if may_show else {}

    def deed(point: Point) -> None:
        if why := against.get(point.comment_id):
            raise RuleUnmet(f"{why}，放不放出来要单独看，请点进去审。")
        point.approve(officer, may_show)

    return each(points, deed)


def send_back_each(points: Sequence[int], officer: Officer, reason: str) -> Result:
    """Back to their authors with one reason."""
    return each(points, lambda point: point.send_back(officer, reason))


def submitted_in(group: PointGroup, limit: int = 1000) -> list[int]:
    """The numbers of a group's answers that wait for a second person."""
    query = (
        select(Point.id)
        .where(Point.group_id == group.id, Point.stage == PointStage.SUBMITTED)
        .order_by(Point.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def answered_alike(point: Point, limit: int = 1000) -> list[int]:
    """The numbers of those of its group that have the very same answer and have come as far, this one among them; without a group, this one."""
    if point.group_id is None:
        return [point.id]
    query = (
        select(Point.id)
        .where(
            Point.group_id == point.group_id,
            Point.stage == point.stage,
            Point.outcome == point.outcome,
            Point.reason == point.reason,
        )
        .order_by(Point.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def answers_in(group: PointGroup, officer: Officer, limit: int = 1000) -> Sequence[Any]:
    """Rows (outcome, reason, text, points, Clause) of the different answers among those of a group that one press approves, the most given first."""
    mine = (
        select(Point.outcome, Point.reason, Point.revision_id)
        .where(Point.group_id == group.id, Point.stage == PointStage.SUBMITTED, Point.author_id != officer.id)
        .order_by(Point.id)
        .limit(limit)
        .subquery()
    )
    told = (mine.c.outcome, mine.c.reason, mine.c.revision_id)
    counted = select(*told, func.count().label("points")).group_by(*told).subquery()
    return db.session.execute(
        select(counted.c.outcome, counted.c.reason, ClauseRevision.text, counted.c.points, Clause)
        .outerjoin(ClauseRevision, ClauseRevision.id == counted.c.revision_id)
        .outerjoin(Clause, Clause.id == ClauseRevision.clause_id)
        .order_by(counted.c.points.desc(), counted.c.reason)
        .limit(ANSWERS)
    ).all()


def waiting_in(group: PointGroup, officer: Officer) -> int:
    """How many answers of a group wait that this officer did not write."""
    query = select(func.count()).where(
        Point.group_id == group.id, Point.stage == PointStage.SUBMITTED, Point.author_id != officer.id
    )
    return db.session.scalar(query) or 0


def waiting_groups(officer: Officer, limit: int = 12) -> Sequence[Any]:
    """Groups in which answers wait that this officer did not write, the largest first."""
    waits = (
        select(Point.id)
        .where(Point.group_id == PointGroup.id, Point.stage == PointStage.SUBMITTED, Point.author_id != officer.id)
        .exists()
    )
    query = select(PointGroup).where(PointGroup.n_points > 1, waits).order_by(PointGroup.n_points.desc()).limit(limit)
    return db.session.scalars(query).all()


# --- templates ----------------------------------------------------------------------------------------------------------


class AnswerTemplate(PublicId, Base):
    """Words for an answer that come again. What it said when it was used stays with each answer; a new wording is a new row."""

    __tablename__ = "answer_template"
    __table_args__ = (Index("ix_answer_template_list", "retired_at", "id"),)

    name: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    sub_reason: Mapped[SubReason | None] = mapped_column(choice(SubReason))
    reason: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    made_by: Mapped[Officer] = relationship()

    @classmethod
    @birth(by=ruled("point.answer"), say="写了答复模板「{name}」")
    def write(
        cls, officer: Officer, name: str, outcome: Outcome | str, reason: str, sub_reason: SubReason | str | None = None
    ) -> Self:
        """A new one."""
        name = as_received(name, field="name", most=60, label="模板名").strip()
        reason = as_received(reason, field="reason", most=2000, label="理由").strip()
        finer = SubReason(sub_reason) if sub_reason else None
        if finer is not None and Outcome(outcome) not in finer.outcomes:
            words = f"「{finer.label}」和「{Outcome(outcome).label}」不相符，请换一个。"
            raise RuleUnmet(words, {"sub_reason": words})
        made = cls(name=name, outcome=Outcome(outcome), sub_reason=finer, reason=reason, made_by=officer, made_at=now())
        db.session.add(made)
        note(name=name)
        return made

    @property
    def rules(self) -> RuleSet:
        """The office's: a template belongs to no case."""
        return office_rules()

    @act(by=ruled("point.answer"), label="停用", say="停用答复模板「{name}」")
    def retire(self, officer: Officer) -> None:
        """Offered no more; where it was used stays known."""
        self.retired_at = now()
        note(name=self.name)

    def note_use(self, point: Point, version: int) -> None:
        """Where it was used: with which version of which answer."""
        db.session.add(TemplateUse(template_id=self.id, point_id=point.id, version=version, used_at=now()))


class TemplateUse(Base):
    """A template went into an answer. Insert-only."""

    __tablename__ = "template_use"
    __table_args__ = (Index("ix_template_use_where", "template_id", "id"), Index("ix_template_use_point", "point_id"))

    template_id: Mapped[int] = mapped_column(ForeignKey("answer_template.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    version: Mapped[int]
    """Of the point's answer."""
    used_at: Mapped[datetime]


def templates() -> Sequence[Any]:
    """Rows (AnswerTemplate, how often it was used) of those that are offered, the most used first."""
    return db.session.execute(_TEMPLATES).all()


_USES = select(func.count()).where(TemplateUse.template_id == AnswerTemplate.id).scalar_subquery()
_TEMPLATES = (
    select(AnswerTemplate, _USES.label("uses"))
    .where(AnswerTemplate.retired_at.is_(None))
    .order_by(_USES.desc(), AnswerTemplate.id)
)


def template_of(public_id: str) -> AnswerTemplate | None:
    """One template by its address."""
    return db.session.scalar(select(AnswerTemplate).where(AnswerTemplate.public_id == public_id))


def uses_of(template: AnswerTemplate, limit: int = 100) -> Sequence[Point]:
    """The points in whose answers it was used, the last first."""
    return (
        db.session.scalars(
            select(Point)
            .join(TemplateUse, TemplateUse.point_id == Point.id)
            .where(TemplateUse.template_id == template.id)
            .order_by(TemplateUse.id.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )
