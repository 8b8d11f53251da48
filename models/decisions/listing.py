"""Which matter of the year's catalogue a case is, or why it stands in none."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.catalogue import CatalogueItem
from models.decisions.decision import CaseStage, Decision
from models.decisions.road import Going, Standing, lacking, station
from models.kernel.base import Base, db
from models.kernel.clock import local, now
from models.kernel.lifecycle import act, predicate, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


class Listing(Base):
    """One answer to "where does it stand in the catalogue?"; the newest counts, the earlier ones stay."""

    __tablename__ = "listing"
    __table_args__ = (
        Index("ix_listing_decision", "decision_id", "id"),
        CheckConstraint("item_id IS NOT NULL OR reason <> ''", name="listed_or_explained"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_item.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    item: Mapped[CatalogueItem | None] = relationship(lazy="joined")
    officer: Mapped[Officer] = relationship(lazy="joined")

    @property
    def words(self) -> str:
        """「2026年度目录第3项」, or why not."""
        if self.item is None:
            return f"没有列入目录：{self.reason}"
        return f"{self.item.catalogue.year}年度目录第{self.item.position}项"


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.list_on"),
    label="",
    say="对应目录第{position}项",
    of=Decision,
)
def list_on(decision: Decision, officer: Officer, item: CatalogueItem | None) -> Listing:
    """This case is that matter of a published catalogue (条例第三条)."""
    if item is None or item.edition is None:
        raise RuleUnmet("请从公布了的目录里选一项。", {"item": "请从公布了的目录里选一项。"})
    made = Listing(decision_id=decision.id, item=item, officer=officer, made_at=now())
    db.session.add(made)
    note(position=item.position, year=item.catalogue.year)
    return made


@act(
    CaseStage.OPENED,
    CaseStage.STARTED,
    by=ruled("decision.leave_unlisted"),
    label="",
    say="不在目录里：{reason}",
    of=Decision,
)
def leave_unlisted(decision: Decision, officer: Officer, reason: str) -> Listing:
    """This case stands in no catalogue, and why, under the officer's own name."""
    words = as_received(reason, field="reason", most=300, least=0).strip()
    if not words:
        raise RuleUnmet("请写明为什么没有列入目录。", {"reason": "请写明为什么没有列入目录。"})
    made = Listing(decision_id=decision.id, reason=words, officer=officer, made_at=now())
    db.session.add(made)
    note(reason=words)
    return made


def listing_of(decision: Decision) -> Listing | None:
    """The answer that counts now; None while nobody has said."""
    return db.session.scalar(
        select(Listing).where(Listing.decision_id == decision.id).order_by(Listing.id.desc()).limit(1)
    )


@station("catalogue")
def _listed(decision: Decision) -> Standing:
    """In the catalogue, or with a reason in none."""
    found = listing_of(decision)
    if found is None:
        return Standing(Going.WAIT, decision.handler.name, says="还没有对上年度目录里的哪一项。")
    going = Going.EXCUSED if found.item is None else Going.DONE
    return Standing(going, found.officer.name, local(found.made_at).date(), says=found.words)


@predicate
def listed_or_explained(subject: Any, actor: object) -> str | None:
    """A major decision stands in the year's catalogue, or somebody has said why not; asked of the case or of its review."""
    return lacking(subject.decision, "catalogue")
