"""A point is what is answered: each has an outcome, a reason and an author before anybody is told."""

import enum
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Consultation
from models.decisions.draft import Clause, ClauseRevision
from models.kernel.base import Base, PublicId, choice, db, some_rows
from models.kernel.clock import local, now, wall
from models.kernel.lifecycle import act, predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import commitment, note
from models.people.officer import Officer
from models.texts.received import as_received

if TYPE_CHECKING:
    from models.comments.comment import Comment


class Outcome(enum.StrEnum):
    """What became of a point."""

    ADOPTED = "adopted"
    PARTLY_ADOPTED = "partly_adopted"
    NOT_ADOPTED = "not_adopted"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"adopted": "采纳", "partly_adopted": "部分采纳", "not_adopted": "未采纳", "other": "其他"}[self.value]

    def said(self, before: str = "") -> str:
        """The word as it is said before anything is decided: 拟采纳, 拟不采纳; with nothing before it, the word itself."""
        if not before or self == Outcome.OTHER:
            return self.label
        return f"{before}{'不采纳' if self == Outcome.NOT_ADOPTED else self.label}"


class SubReason(enum.StrEnum):
    """Why, in the office's own finer words; each belongs to one outcome."""

    IN_TEXT = "in_text"
    REWORDED = "reworded"
    AGAINST_LAW = "against_law"
    COVERED = "covered"
    NOT_NOW = "not_now"
    CONFLICTS = "conflicts"
    OUTWEIGHED = "outweighed"
    OUT_OF_SCOPE = "out_of_scope"
    REFERRED = "referred"
    EXPLAINED = "explained"
    NO_CHANGE_ASKED = "no_change_asked"
    FURTHER_STUDY = "further_study"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return _SUB_REASONS[self.value][0]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that this reason fits."""
        return _SUB_REASONS[self.value][1]


_A, _P, _N, _O = Outcome.ADOPTED, Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED, Outcome.OTHER
_SUB_REASONS: dict[str, tuple[str, tuple[Outcome, ...]]] = {
    "reworded": ("已据此修改条文", (_A, _P)),
    "in_text": ("草案已有规定", (_A, _P, _O)),
    "against_law": ("不符合上位法或超出权限", (_P, _N)),
    "covered": ("已有规定覆盖", (_P, _N)),
    "not_now": ("现阶段条件或资金不具备", (_P, _N)),
    "conflicts": ("与规划或功能定位冲突", (_P, _N)),
    "outweighed": ("与多数意见或专业论证相悖", (_P, _N)),
    "further_study": ("需要进一步研究", (_P, _N)),
    "out_of_scope": ("不属于本事项", (_O,)),
    "referred": ("已转有关单位办理", (_O,)),
    "explained": ("已作解释说明", (_O,)),
    "no_change_asked": ("没有提出修改要求", (_O,)),
}


class PointStage(enum.StrEnum):
    """How far the answer has come."""

    OPEN = "open"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    """Not answered by itself: its writer took the comment back, or it was joined to the point that answers for it."""

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "open": "没答",
            "drafted": "存着",
            "submitted": "等审核",
            "approved": "已审定",
            "released": "已发布",
            "withdrawn": "已撤回",
        }[self.value]


TO_ANSWER = (PointStage.OPEN, PointStage.DRAFTED)
"""Somebody has to write, or to submit."""
SETTLED = (PointStage.APPROVED, PointStage.RELEASED)
"""Two persons have agreed."""


class Point(PublicId, Base):
    """One thing that a comment asks for or says. Every comment is born with one that covers all of it."""

    __tablename__ = "point"
    __table_args__ = (
        Index("ix_point_worklist", "consultation_id", "stage", "id"),
        Index("ix_point_clause", "consultation_id", "stage", "clause_id", "id"),
        Index("ix_point_place", "consultation_id", "stage", "place_id", "id"),
        Index("ix_point_channel", "consultation_id", "stage", "channel", "id"),
        Index("ix_point_handler", "consultation_id", "stage", "handler_id", "id"),
        Index("ix_point_group", "group_id", "stage", "id"),
        Index("ix_point_waiting", "stage", "answered_at", "id"),
        some_rows("ix_point_claimed", "claimed_by_id IS NOT NULL", "consultation_id", "claimed_by_id", "stage", "id"),
        some_rows("ix_point_due", "due_on IS NOT NULL", "consultation_id", "due_on", "stage", "id"),
        some_rows("ix_point_outcome", "outcome IS NOT NULL", "consultation_id", "outcome", "stage", "id"),
        some_rows("ix_point_returned", "returned_reason <> ''", "consultation_id", "stage", "id"),
        Index("ix_point_beside", "consultation_id", "clause_id", "answered_at", "id"),
        # PostgreSQL does not read an index in order behind a column that IS NULL.
        some_rows("ix_point_beside_whole", "clause_id IS NULL", "consultation_id", "answered_at", "id"),
        CheckConstraint("ends > begins AND begins >= 0", name="marks_some_words"),
        CheckConstraint("(claimed_by_id IS NULL) = (claimed_until IS NULL)", name="claimed_until_a_moment"),
        CheckConstraint(
            "stage IN ('open', 'withdrawn') OR (outcome IS NOT NULL AND reason IS NOT NULL AND length(reason) > 0 "
            "AND author_id IS NOT NULL)",
            name="answered_with_outcome_reason_and_author",
        ),
        CheckConstraint(
            "stage NOT IN ('approved', 'released') OR (approver_id IS NOT NULL AND approver_id <> author_id)",
            name="approved_by_a_second_person",
        ),
        CheckConstraint("stage <> 'released' OR released_at IS NOT NULL", name="released_at_a_moment"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    number: Mapped[int] = mapped_column(Integer, default=1)
    """The first, second … point of its comment."""
    stage: Mapped[PointStage] = mapped_column(choice(PointStage), default=PointStage.OPEN)
    gist: Mapped[str] = mapped_column(String(200), default="")
    """In the officer's words; the report prints it."""
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    sub_reason: Mapped[SubReason | None] = mapped_column(choice(SubReason))
    reason: Mapped[str | None] = mapped_column(Text)
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("clause_revision.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    may_show: Mapped[bool] = mapped_column(default=False)
    """The approver read the person's words and found no personal data in them."""
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    shown_text: Mapped[str | None] = mapped_column(Text)
    """The person's own words, from the release on, where they and the approver allow it."""
    shown_name: Mapped[str | None] = mapped_column(String(40))
    answered_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    begins: Mapped[int | None] = mapped_column(Integer)
    """Where its words begin in the comment; None: it is the comment's first point and has all words that no other point has."""
    ends: Mapped[int | None] = mapped_column(Integer)
    joined_into_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"))
    """The point of the same comment that answers for it, as long as they are joined."""
    group_id: Mapped[int | None] = mapped_column(ForeignKey("point_group.id"))
    channel: Mapped[str] = mapped_column(String(24), default="")
    """The comment's, which never changes, so that a worklist is read from one index."""
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who was charged with answering it; nobody in particular: the consultation's handler."""
    due_on: Mapped[date | None] = mapped_column(Date)
    """When its answer is to be submitted."""
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    claimed_until: Mapped[datetime | None]
    """On the wall's clock; after it the claim is void."""
    version: Mapped[int] = mapped_column(Integer)

    comment: Mapped["Comment"] = relationship(lazy="joined", innerjoin=True)
    consultation: Mapped[Consultation] = relationship()
    clause: Mapped[Clause | None] = relationship()
    revision: Mapped[ClauseRevision | None] = relationship()
    author: Mapped[Officer | None] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
    handler: Mapped[Officer | None] = relationship(foreign_keys=[handler_id])
    claimed_by: Mapped[Officer | None] = relationship(foreign_keys=[claimed_by_id])
    joined_into: Mapped["Point | None"] = relationship(remote_side="Point.id")
    group: Mapped["PointGroup | None"] = relationship()
    versions: Mapped[list["AnswerVersion"]] = relationship(order_by="AnswerVersion.number")

    __mapper_args__ = {"version_id_col": version}

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.consultation.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.consultation.rules

    @property
    def target(self) -> str:
        """What it is about: 「第四条」 or the whole draft."""
        return self.clause.name if self.clause else "整个草案"

    @property
    def serial_words(self) -> str:
        """The comment's public number, with the point's own behind it where there are several: 0873-2."""
        return serial_words(self.comment.serial, self.number)

    @act(
        PointStage.OPEN,
        PointStage.DRAFTED,
        PointStage.SUBMITTED,
        by=ruled("point.answer"),
        label="写答复",
        say="起草答复：{outcome_words}（第{number}版）",
    )
    def answer(
        self,
        officer: Officer,
        outcome: Outcome | str,
        reason: str,
        *,
        sub_reason: SubReason | str | None = None,
        gist: str | None = None,
        revised: str | ClauseRevision | None = None,
    ) -> None:
        """Write or rewrite the answer; every version is kept whole. A submitted one comes back to the author's desk."""
        other = held_by_other(self, officer)
        if other is not None:
            assert self.claimed_until is not None
            raise OutOfTurn(f"{other.name}正在答这一条，认领到{local(self.claimed_until):%H:%M}。", code="claimed")
        outcome = Outcome(outcome)
        reason = as_received(reason, field="reason", most=2000).strip()
        wrong: dict[str, str] = {}
        if not reason:
            wrong["reason"] = "请写明理由，居民会看到。"
        finer = SubReason(sub_reason) if sub_reason else None
        if finer is not None and outcome not in finer.outcomes:
            wrong["sub_reason"] = f"「{finer.label}」和「{outcome.label}」不相符，请换一个。"
        if gist is not None:
            gist = as_received(gist, field="gist", most=200, least=0).strip()
        new_words = revised.text if isinstance(revised, ClauseRevision) else revised or ""
        if new_words.strip():
            if self.clause is None:
                wrong["revised"] = "这条意见不针对某一条，不能在这里改条文。"
            elif outcome not in (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED):
                wrong["revised"] = "只有采纳或部分采纳才改条文。"
        if wrong:
            raise RuleUnmet("答复还不能存。", wrong)
        self.outcome, self.reason, self.sub_reason = outcome, reason, finer
        self.gist = self.gist if gist is None else gist
        if isinstance(revised, ClauseRevision):
            self.revision = revised
        elif new_words.strip() and self.clause is not None:
            self.revision = ClauseRevision.write(officer, self.clause, new_words)
        elif self.revision_id is not None or self.revision is not None:
            self.revision = None
        at = now()
        self.author_id, self.answered_at = officer.id, at
        self.author, self.claimed_by_id, self.claimed_until = officer, None, None
        if self.approver_id is not None:
            self.approver = self.approved_at = None
        self.stage = PointStage.DRAFTED
        number = len(self.versions) + 1
        kept = {
            "number": number,
            "outcome": outcome,
            "sub_reason": finer,
            "reason": reason,
            "gist": self.gist,
            "author_id": officer.id,
            "made_at": at,
        }
        together = _versions.get()
        if together is not None and (self.revision is None or self.revision.id is not None):
            together.append({**kept, "point_id": self.id, "revision_id": self.revision.id if self.revision else None})
        else:
            self.versions.append(AnswerVersion(**kept, revision=self.revision))
        said = commitment(answer_words(outcome, finer, reason, self.gist))
        note(outcome=outcome.value, outcome_words=outcome.label, number=number, said=said)

    @step(
        PointStage.DRAFTED,
        to=PointStage.SUBMITTED,
        by=ruled("point.submit"),
        needs="point.submit",
        label="送审核",
        say="把答复送审核",
    )
    def submit(self, officer: Officer) -> None:
        """A second person looks at it."""
        self.returned_reason = ""

    @step(
        PointStage.SUBMITTED,
        to=PointStage.APPROVED,
        by=ruled("point.approve"),
        needs="point.approve",
        label="同意这条答复",
        say="同意答复：{outcome_words}",
    )
    def approve(self, officer: Officer, may_show: bool = False) -> None:
        """Approved by somebody who did not write it; `may_show`: no personal data in the person's words."""
        assert self.outcome is not None
        self.approver, self.approved_at, self.may_show = officer, now(), may_show
        note(outcome=self.outcome.value, outcome_words=self.outcome.label, may_show=may_show)

    @step(
        PointStage.SUBMITTED,
        PointStage.APPROVED,
        to=PointStage.DRAFTED,
        by=ruled("point.send_back"),
        label="退回",
        say="退回答复：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = as_received(reason, field="reason", most=300).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        self.approver = self.approved_at = None
        note(reason=self.returned_reason)

    @step(
        PointStage.OPEN,
        PointStage.DRAFTED,
        to=PointStage.WITHDRAWN,
        by=ruled("point.arrange"),
        label="并回",
        say="把第{number}点并回第一点",
        primary=False,
    )
    def join(self, officer: Officer) -> None:
        """Its words go back to the comment's first point, whose answer answers for them."""
        first = db.session.scalars(select(Point).where(Point.comment_id == self.comment_id, Point.number == 1)).one()
        if self.number == 1:
            raise RuleUnmet("第一点不能并掉：别的点并回来，都归它答。")
        if first.stage not in TO_ANSWER:
            raise OutOfTurn(f"第一点的答复{first.stage.label}，退回以后才能并。")
        self.joined_into = first
        self.claimed_by_id = self.claimed_until = None
        self._count(-1)
        note(number=self.number, into=first.public_id)

    @step(
        PointStage.WITHDRAWN,
        to=PointStage.OPEN,
        by=ruled("point.arrange"),
        label="再分出来",
        say="把第{number}点再分出来",
        primary=False,
    )
    def part(self, officer: Officer) -> None:
        """Taken apart again: it is answered by itself; what had been drafted is kept among its versions."""
        first = self.joined_into
        if first is None:
            raise OutOfTurn("这条意见已经由本人撤回，不用分了。")
        if first.stage == PointStage.WITHDRAWN:
            raise OutOfTurn("这份意见已经由本人撤回，不用分了。")
        if first.stage not in TO_ANSWER:
            raise OutOfTurn(f"第一点的答复{first.stage.label}，退回以后才能分。")
        for other in spans(self.comment_id):
            assert self.begins is not None
            assert self.ends is not None
            if other.begins < self.ends and self.begins < other.ends:
                raise RuleUnmet(f"这几个字现在归第{other.number}点，先把它并回去。")
        self.joined_into = None
        self._count(1)
        note(number=self.number)

    def _count(self, more: int) -> None:
        db.session.execute(
            update(Consultation)
            .where(Consultation.id == self.consultation_id)
            .values(n_points=Consultation.n_points + more)
            .execution_options(synchronize_session=False)
        )
        if self.group_id is not None:
            db.session.execute(
                update(PointGroup)
                .where(PointGroup.id == self.group_id)
                .values(n_points=PointGroup.n_points + more)
                .execution_options(synchronize_session=False)
            )

    @property
    def before(self) -> str:
        """The clause as it was put before the people."""
        return self.clause.body if self.clause else ""

    @property
    def after(self) -> str:
        """The clause's new words; empty when the answer changes none."""
        return self.revision.text if self.revision else ""


def serial_words(serial: int, number: int = 1) -> str:
    """A comment's public number as it is printed, with the point's own behind it where there are several: 0873, 0873-2."""
    return f"{serial:04d}" + (f"-{number}" if number > 1 else "")


def held_by_other(point: Point, officer: Officer) -> Officer | None:
    """Who has claimed it and is not this officer; nobody when the claim ran out."""
    if point.claimed_by_id is None or point.claimed_by_id == officer.id or point.claimed_until is None:
        return None
    return point.claimed_by if point.claimed_until > wall() else None


class PointGroup(PublicId, Base):
    """Points that ask for the same: each keeps an answer of its own, and they can be answered in one go."""

    __tablename__ = "point_group"
    __table_args__ = (Index("ix_point_group_list", "consultation_id", "n_points", "id"),)

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    name: Mapped[str] = mapped_column(String(100))
    n_points: Mapped[int] = mapped_column(Integer, default=0)
    """How many there are; moves with them, outside the ORM."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    consultation: Mapped[Consultation] = relationship()
    made_by: Mapped[Officer] = relationship()

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.consultation.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.consultation.rules

    @act(by=ruled("point.arrange"), label="改组名", say="把组名改为「{name}」")
    def rename(self, officer: Officer, name: str) -> None:
        """Another name; what it was called stands in the trail."""
        before = self.name
        self.name = group_name(name)
        note(name=self.name, before=before)


def group_name(name: str) -> str:
    """A name as it is kept."""
    kept = " ".join(as_received(name, field="name", most=100, label="组名").split())
    if not kept:
        raise RuleUnmet("请写组名，一句话说明这些人要什么。", {"name": "请写组名。"})
    return kept


def spans(comment_id: int) -> Sequence[Any]:
    """Rows (number, begins, ends) of the words that points of a comment have to themselves, in order."""
    return db.session.execute(
        select(Point.id, Point.number, Point.begins, Point.ends)
        .where(Point.comment_id == comment_id, Point.begins.is_not(None), Point.stage != PointStage.WITHDRAWN)
        .order_by(Point.begins)
    ).all()


_versions: ContextVar[list[dict[str, Any]] | None] = ContextVar("versions", default=None)


@contextmanager
def versions_together() -> Iterator[None]:
    """The versions of many answers are written down at the end with one statement; nobody reads them before."""
    rows: list[dict[str, Any]] = []
    token = _versions.set(rows)
    try:
        yield
    finally:
        _versions.reset(token)
    if rows:
        db.session.execute(insert(AnswerVersion), rows)


class AnswerVersion(Base):
    """One version of an answer, kept whole. Insert-only."""

    __tablename__ = "answer_version"
    __table_args__ = (UniqueConstraint("point_id", "number"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    number: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    sub_reason: Mapped[SubReason | None] = mapped_column(choice(SubReason))
    reason: Mapped[str] = mapped_column(Text)
    gist: Mapped[str] = mapped_column(String(200))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("clause_revision.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    revision: Mapped[ClauseRevision | None] = relationship()
    author: Mapped[Officer] = relationship()


def answer_words(outcome: Outcome, sub_reason: SubReason | None, reason: str, gist: str) -> str:
    """All that an answer says, as the trail commits to it."""
    return "\0".join((outcome.value, sub_reason.value if sub_reason else "", reason, gist))


@predicate
def outcome_and_reason_given(subject: Point, actor: object) -> str | None:
    """What became of it, and why."""
    return None if subject.outcome is not None and subject.reason else ""


@predicate
def gist_given(subject: Point, actor: object) -> str | None:
    """One sentence for the report."""
    return None if subject.gist else ""


@predicate
def approver_is_not_author(subject: Point, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


def counts(consultation: Consultation) -> dict[str, int]:
    """Points by stage, for the progress bar; every stage has a number."""
    rows = db.session.execute(
        select(Point.stage, func.count()).where(Point.consultation_id == consultation.id).group_by(Point.stage)
    ).all()
    found = {stage.value: 0 for stage in PointStage}
    found.update({stage.value: count for stage, count in rows})
    return found


def _how_many(consultation: Consultation, *stages: PointStage) -> int:
    """Only those that stand in the way are counted, not all that do not."""
    query = select(func.count()).select_from(Point).where(Point.consultation_id == consultation.id)
    return db.session.scalar(query.where(Point.stage.in_(stages))) or 0


@predicate
def every_point_answered(subject: Consultation, actor: object) -> str | None:
    """No point is without outcome and reason."""
    left = _how_many(subject, PointStage.OPEN)
    return f"还有{left}条没有答复。" if left else None


@predicate
def every_point_approved(subject: Consultation, actor: object) -> str | None:
    """A second person has seen every answer."""
    left = _how_many(subject, PointStage.DRAFTED, PointStage.SUBMITTED)
    return f"还有{left}条没有审定。" if left else None


def by_public_id(public_id: str) -> Point | None:
    """One point by its address."""
    return db.session.scalar(select(Point).where(Point.public_id == public_id))


def to_approve(
    officer: Officer, consultation: Consultation | None = None, group: PointGroup | None = None, *, limit: int = 100
) -> Sequence[Point]:
    """Answers that wait for a second person, and that this officer did not write, longest waiting first."""
    query = (
        select(Point)
        .where(Point.stage == PointStage.SUBMITTED, Point.author_id != officer.id)
        .order_by(Point.answered_at, Point.id)
        .limit(limit)
    )
    if consultation is not None:
        # In the order in which they wait, and not by the consultation's index: that one would sort a hundred thousand for a hundred.
        query = query.where(Point.consultation_id + 0 == consultation.id)
    if group is not None:
        query = query.where(Point.group_id == group.id)
    return db.session.scalars(query).unique().all()


def returned_to(officer: Officer) -> Sequence[Point]:
    """Answers that came back to their author."""
    return (
        db.session.scalars(
            select(Point)
            .where(Point.stage == PointStage.DRAFTED, Point.author_id == officer.id, Point.returned_reason != "")
            .order_by(Point.id)
            .limit(100)
        )
        .unique()
        .all()
    )


def outcome_counts(consultation: Consultation) -> dict[str, int]:
    """Settled points by outcome, every outcome with a number: what one person drafted is no outcome yet."""
    rows = db.session.execute(
        select(Point.outcome, func.count())
        .where(
            Point.consultation_id == consultation.id,
            Point.stage.in_(SETTLED),
            Point.outcome.is_not(None),
        )
        .group_by(Point.outcome)
    ).all()
    found = {outcome.value: 0 for outcome in Outcome}
    found.update({outcome.value: count for outcome, count in rows if outcome is not None})
    return found


def clause_counts(consultation: Consultation) -> Sequence[Any]:
    """Rows (clause_id, label, position, points, left) in the order of the draft, the whole draft last."""
    left = func.sum(case((Point.stage == PointStage.OPEN, 1), else_=0))
    return db.session.execute(
        select(Point.clause_id, Clause.label, Clause.position, func.count().label("points"), left.label("left"))
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(Point.consultation_id == consultation.id, Point.stage != PointStage.WITHDRAWN)
        .group_by(Point.clause_id, Clause.label, Clause.position)
        .order_by(Clause.position.is_(None), Clause.position)
    ).all()
