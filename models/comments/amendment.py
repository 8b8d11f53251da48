"""After a release an answer is never changed: what was wrong is corrected beside it, what was short is added to, both by two persons."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, bindparam, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.comments.point import Outcome, Point, PointStage
from models.comments.release import Release
from models.decisions.consultation import Consultation
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import birth, predicate, ruled, step
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import commitment, note
from models.people.officer import Officer
from models.people.unit import Unit
from models.texts.received import as_received


class AmendmentKind(enum.StrEnum):
    """Whether something was wrong, or is only added to."""

    CORRECTION = "correction"
    SUPPLEMENT = "supplement"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"correction": "更正", "supplement": "补充"}[self.value]


class AmendmentStage(enum.StrEnum):
    """How far it has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RELEASED = "released"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"proposed": "等审核", "approved": "等发布", "released": "已发布", "returned": "已退回"}[self.value]


class Amendment(PublicId, Base):
    """What is said about a released answer afterwards. The answer itself stays as it was released."""

    __tablename__ = "amendment"
    __table_args__ = (
        Index("ix_amendment_point", "point_id", "id"),
        CheckConstraint("length(text) > 0", name="says_something"),
        CheckConstraint(
            "kind <> 'correction' OR (outcome IS NOT NULL AND remark <> '')", name="corrected_with_outcome_and_note"
        ),
        CheckConstraint(
            "stage NOT IN ('approved', 'released') OR (approver_id IS NOT NULL AND approver_id <> author_id)",
            name="approved_by_a_second_person",
        ),
        CheckConstraint(
            "stage <> 'released' OR (released_at IS NOT NULL AND (kind <> 'correction' OR release_id IS NOT NULL))",
            name="released_at_a_moment",
        ),
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    kind: Mapped[AmendmentKind] = mapped_column(choice(AmendmentKind))
    stage: Mapped[AmendmentStage] = mapped_column(choice(AmendmentStage), default=AmendmentStage.PROPOSED)
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    """The right one; none for a supplement, which changes no outcome."""
    text: Mapped[str] = mapped_column(Text)
    """The right reason, or what is added."""
    remark: Mapped[str] = mapped_column(String(300), default="")
    """What was wrong: the note that everybody sees."""
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"), unique=True)
    made_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    point: Mapped[Point] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
    made_release: Mapped[Release | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def words(self) -> str:
        """All that it says, as the trail commits to it."""
        return "\0".join((self.kind.value, self.outcome.value if self.outcome else "", self.text, self.remark))

    @property
    def consultation(self) -> Consultation:
        """Where the answer belongs."""
        return self.point.consultation

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.point.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.point.rules

    @classmethod
    @birth(by=ruled("amendment.correct"), say="提出更正第{serial}号意见的答复：{outcome_words}")
    def correct(cls, officer: Officer, point: Point, outcome: Outcome | str, text: str, remark: str) -> Self:
        """The outcome or the reason was wrong: what is right, and in the note what was wrong."""
        cls._may_follow(point)
        text = as_received(text, field="text", most=2000, least=0).strip()
        remark = as_received(remark, field="remark", most=300, least=0).strip()
        wrong: dict[str, str] = {}
        if outcome not in set(Outcome):
            wrong["outcome"] = "请选更正后的结果。"
        if not text:
            wrong["text"] = "请写明更正后的理由，居民会看到。"
        if not remark:
            wrong["remark"] = "请写明更正了什么、为什么，会和答复一起公布。"
        if wrong:
            raise RuleUnmet("更正还不能提出。", wrong)
        made = cls._make(point, officer, AmendmentKind.CORRECTION, text, Outcome(outcome), remark)
        note(outcome=made.outcome.value if made.outcome else "", outcome_words=Outcome(outcome).label)
        return made

    @classmethod
    @birth(by=ruled("amendment.supplement"), say="提出补充第{serial}号意见的答复")
    def supplement(cls, officer: Officer, point: Point, text: str) -> Self:
        """A second officer adds to an answer; its outcome stands."""
        cls._may_follow(point)
        if officer.id == point.author_id:
            raise NotAllowed("补充由写答复以外的人来写；自己的答复写错了，请提更正。")
        text = as_received(text, field="text", most=2000, least=0).strip()
        if not text:
            raise RuleUnmet("补充还不能提出。", {"text": "请写上要补充的话，居民会看到。"})
        return cls._make(point, officer, AmendmentKind.SUPPLEMENT, text, None, "")

    @classmethod
    def _may_follow(cls, point: Point) -> None:
        if point.stage != PointStage.RELEASED:
            raise OutOfTurn("答复发布以后才有更正和补充；没发布的，直接改答复。")
        under_way = select(cls.id).where(
            cls.point_id == point.id, cls.stage.in_((AmendmentStage.PROPOSED, AmendmentStage.APPROVED))
        )
        if db.session.scalar(under_way) is not None:
            raise OutOfTurn("这条答复已经有一个更正或补充在办，请等它办完。")

    @classmethod
    def _make(
        cls, point: Point, officer: Officer, kind: AmendmentKind, text: str, outcome: Outcome | None, remark: str
    ) -> Self:
        made = cls(
            point=point, kind=kind, text=text, outcome=outcome, remark=remark, author_id=officer.id, made_at=now()
        )
        db.session.add(made)
        db.session.flush()
        note(point=point.public_id, serial=point.comment.serial_words, said=commitment(made.words))
        return made

    @step(
        AmendmentStage.PROPOSED,
        to=AmendmentStage.APPROVED,
        by=ruled("amendment.approve"),
        needs="amendment.approve",
        label="同意",
        say="同意{kind_words}第{serial}号意见的答复",
    )
    def approve(self, officer: Officer) -> None:
        """A second person has seen it."""
        self.approver, self.approved_at = officer, now()
        self._note()

    @step(
        AmendmentStage.PROPOSED,
        AmendmentStage.APPROVED,
        to=AmendmentStage.RETURNED,
        by=ruled("amendment.send_back"),
        label="退回",
        say="退回{kind_words}第{serial}号意见的答复：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Not like this; who wrote it may propose it anew."""
        self.returned_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.returned_reason:
            raise RuleUnmet("请写明退回的原因。", {"reason": "请写明退回的原因。"})
        self._note()
        note(reason=self.returned_reason)

    @step(
        AmendmentStage.APPROVED,
        to=AmendmentStage.RELEASED,
        by=ruled("amendment.release"),
        label="发布",
        say="发布对第{serial}号意见答复的{kind_words}{number}",
        tells=True,
    )
    def release(self, officer: Officer) -> None:
        """Out, and the person whose point it is hears of it once. A correction is a release of its own, with a number."""
        self.released_at = now()
        self._note()
        number = ""
        if self.kind == AmendmentKind.CORRECTION:
            assert self.outcome is not None
            before = correction_of(self.point) or self.point.outcome
            assert before is not None
            self.made_release = Release.corrected(
                self.consultation, officer, self.point, before, self.outcome, self.remark
            )
            number = self.made_release.number
        self.consultation.edition += 1
        note(number=number)

    def _note(self) -> None:
        note(
            point=self.point.public_id,
            serial=self.point.comment.serial_words,
            kind=self.kind.value,
            kind_words=self.kind.label,
        )


@predicate
def amender_does_not_approve(subject: Amendment, actor: Any) -> str | None:
    """Two persons: who wrote the correction or supplement does not approve it."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


def correction_of(point: Point) -> Outcome | None:
    """The outcome after the last released correction; None when there is none."""
    return db.session.scalar(
        select(Amendment.outcome)
        .where(
            Amendment.point_id == point.id,
            Amendment.kind == AmendmentKind.CORRECTION,
            Amendment.stage == AmendmentStage.RELEASED,
        )
        .order_by(Amendment.released_at.desc(), Amendment.id.desc())
        .limit(1)
    )


def by_public_id(public_id: str) -> Amendment | None:
    """One by its address."""
    return db.session.scalar(select(Amendment).where(Amendment.public_id == public_id))


def of_point(point: Point) -> Sequence[Amendment]:
    """All that followed an answer, oldest first, for the desk."""
    return db.session.scalars(select(Amendment).where(Amendment.point_id == point.id).order_by(Amendment.id)).all()


def under_way(limit: int = 100) -> Sequence[Amendment]:
    """What waits for approval or for its release, oldest first."""
    return db.session.scalars(
        select(Amendment)
        .where(Amendment.stage.in_((AmendmentStage.PROPOSED, AmendmentStage.APPROVED)))
        .order_by(Amendment.id)
        .limit(limit)
    ).all()


_APPROVER = aliased(Officer)
_AMENDED = (
    select(
        Amendment.point_id,
        Amendment.kind,
        Amendment.outcome,
        Amendment.text,
        Amendment.remark,
        Amendment.released_at,
        Release.number,
        Officer.name.label("author"),
        Unit.name.label("unit"),
        _APPROVER.name.label("approver"),
    )
    .join(Officer, Officer.id == Amendment.author_id)
    .outerjoin(Unit, Unit.id == Officer.unit_id)
    .outerjoin(_APPROVER, _APPROVER.id == Amendment.approver_id)
    .outerjoin(Release, Release.id == Amendment.release_id)
    .where(Amendment.point_id.in_(bindparam("points", expanding=True)), Amendment.stage == AmendmentStage.RELEASED)
    .order_by(Amendment.released_at, Amendment.id)
)
"""Built once: building it anew costs more than asking it."""


def amended(point_ids: Iterable[int]) -> dict[int, list[Any]]:
    """Core rows of what was released after the answers of several points, oldest first: for pages and the API."""
    found = defaultdict(list)
    asked = list(point_ids)
    rows = db.session.execute(_AMENDED, {"points": asked}) if asked else ()
    for row in rows:
        found[row.point_id].append(row)
    return found
