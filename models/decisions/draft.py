"""A draft, cut into clauses that people can speak about; the pieces joined are the text as it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision
from models.kernel.base import Base, PublicId, db
from models.kernel.clock import now
from models.kernel.lifecycle import birth
from models.kernel.lifecycle import officer as any_officer
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import commitment, note
from models.people.officer import Officer
from models.texts.clauses import Piece, body, cuts, regroup, split
from models.texts.match import matched
from models.texts.received import as_received

LONGEST = 200_000
"""Characters of a draft."""


class Draft(PublicId, Base):
    """One version of the text."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("decision_id", "number"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    number: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    maker_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))

    decision: Mapped[Decision] = relationship()
    clauses: Mapped[list["Clause"]] = relationship(order_by="Clause.position", cascade="all, delete-orphan")

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.decision.chain

    @classmethod
    @birth(by=any_officer, say="写成第{number}稿，{clauses}个条款")
    def write(
        cls,
        officer: Officer,
        decision: Decision,
        source: str,
        starts: Sequence[int] | None = None,
        *,
        lineage: Mapping[int, "Clause"] | None = None,
    ) -> Self:
        """A new version from a pasted or uploaded text.

        `starts` are offsets that an officer corrected by hand; without them the text is cut as documents are numbered.
        `lineage` says which clause of the version before begins at which offset now; without it the clauses are
        matched by their words.
        """
        decision.refuse_when_filed("要改内容，请另立一卷，写明调整的是这一件。")
        source = as_received(source, field="source", most=LONGEST)
        pieces = split(source) if starts is None else regroup(source, starts)
        if "".join(p.text for p in pieces) != source:
            raise RuleUnmet("分好的条款和原文对不上，请重新分条。", {"source": "请重新分条。"})
        previous = newest_draft(decision)
        number = previous.number + 1 if previous else 1
        made = cls(decision=decision, number=number, source=source, made_at=now(), maker_id=officer.id)
        made.clauses = [Clause.of(piece, position) for position, piece in enumerate(pieces)]
        if lineage is not None:
            for clause, at in zip(made.clauses, cuts(pieces), strict=True):
                clause.before = lineage.get(at)
        elif previous is not None:
            for old, new in matched(previous.clauses, pieces):
                made.clauses[new].before = previous.clauses[old]
        db.session.add(made)
        note(number=number, clauses=sum(1 for c in made.clauses if c.speakable), said=commitment(source))
        return made

    @property
    def speakable(self) -> list["Clause"]:
        """The clauses that people can speak about."""
        return [c for c in self.clauses if c.speakable]

    @property
    def count_words(self) -> str:
        """「共11条」 as the notice says it."""
        return f"共{len(self.speakable)}条"


class Clause(PublicId, Base):
    """One piece of a draft, with the characters exactly as they came."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("draft_id", "position"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(24))
    heading: Mapped[str] = mapped_column(String(200))
    level: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    before_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"), index=True)
    """The same clause in the version before; none where it is new."""

    draft: Mapped[Draft] = relationship(back_populates="clauses")
    before: Mapped["Clause | None"] = relationship(remote_side="Clause.id")

    @classmethod
    def of(cls, piece: Piece, position: int) -> Self:
        """A clause from a piece of text."""
        return cls(
            position=position,
            kind=piece.kind,
            label=piece.label[:24],
            heading=piece.heading[:200],
            level=piece.level,
            text=piece.text,
        )

    @property
    def piece(self) -> Piece:
        """The clause as a piece of text again."""
        return Piece(kind=self.kind, label=self.label, heading=self.heading, level=self.level, text=self.text)

    @property
    def body(self) -> str:
        """The words without number and trailing lines, for reading."""
        return body(self.piece)

    @property
    def speakable(self) -> bool:
        """Titles and chapter lines are shown, but nobody comments on them alone."""
        return self.kind not in {"title", "chapter"} and bool(self.text.strip())

    @property
    def name(self) -> str:
        """「第四条」, or the first words of an unnumbered paragraph."""
        return self.label or (self.heading or self.body.strip())[:12]


class ClauseRevision(PublicId, Base):
    """New words for a clause, which comments have moved; the draft that was put before the people stays as it was."""

    __tablename__ = "clause_revision"

    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    clause: Mapped[Clause] = relationship()

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.clause.draft.decision.chain

    @property
    def rules(self) -> object:
        """The case's rules."""
        return self.clause.draft.decision.rules

    @classmethod
    @birth(by=any_officer, say="拟定{clause}的新文字")
    def write(cls, officer: Officer, clause: Clause, text: str) -> Self:
        """New words for a clause; the same words twice are one revision."""
        text = as_received(text, field="revised", most=20_000)
        found = db.session.scalar(
            select(cls).where(cls.clause_id == clause.id, cls.text == text).order_by(cls.id).limit(1)
        )
        note(clause=clause.name, said=commitment(text))
        if found is not None:
            return found
        made = cls(clause=clause, text=text, author_id=officer.id, made_at=now())
        db.session.add(made)
        return made


def clause_at(draft_id: int, position: int) -> Clause | None:
    """The clause that stands at this place of a draft, for addresses such as ?clause=4."""
    return db.session.scalar(select(Clause).where(Clause.draft_id == draft_id, Clause.position == position))


def revised_clauses(revision_ids: Sequence[int]) -> dict[int, Any]:
    """Rows (id, text, label, heading, kind, before) of several revisions at once, by the revision's number."""
    if not revision_ids:
        return {}
    rows = db.session.execute(
        select(
            ClauseRevision.id,
            ClauseRevision.text,
            Clause.label,
            Clause.heading,
            Clause.kind,
            Clause.level,
            Clause.text.label("before"),
        )
        .join(Clause, Clause.id == ClauseRevision.clause_id)
        .where(ClauseRevision.id.in_(revision_ids))
    )
    return {row.id: row for row in rows}


def drafts_of(decision: Decision) -> Sequence[Draft]:
    """The versions of a case's text, oldest first."""
    return db.session.scalars(select(Draft).where(Draft.decision_id == decision.id).order_by(Draft.number)).all()


def newest_draft(decision: Decision) -> Draft | None:
    """The last version of a case's text."""
    return db.session.scalar(
        select(Draft).where(Draft.decision_id == decision.id).order_by(Draft.number.desc()).limit(1)
    )
