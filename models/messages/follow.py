"""What a resident wants to hear of without having said anything: a village's matters, a topic's articles."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, insert_into
from models.kernel.clock import now
from models.kernel.lifecycle import act
from models.kernel.trail import note
from models.outreach.article import Topic
from models.people.place import Place
from models.people.resident import Resident, oneself


class Follow(Base):
    """One resident follows one place or one topic."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("place_id", "resident_id"),
        UniqueConstraint("topic_id", "resident_id"),
        CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name="one_thing"),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    made_at: Mapped[datetime]


@act(by=oneself, label="", say="选了想听到的：{places}个村居，{topics}个主题", of=Resident)
def follow(resident: Resident, who: object, places: Collection[Place], topics: Collection[Topic]) -> None:
    """Exactly these from now on; nothing chosen is nothing heard."""
    db.session.execute(
        delete(Follow).where(Follow.resident_id.in_(resident.all_ids)).execution_options(synchronize_session=False)
    )
    at = now()
    rows: list[dict[str, Any]] = [
        *({"resident_id": resident.id, "place_id": each.id, "topic_id": None, "made_at": at} for each in places),
        *({"resident_id": resident.id, "place_id": None, "topic_id": each.id, "made_at": at} for each in topics),
    ]
    if rows:
        db.session.execute(insert_into(Follow).on_conflict_do_nothing(), rows)
    note(places=len(places), topics=len(topics))


def followed(resident: Resident) -> tuple[set[int], set[int]]:
    """Our numbers of the places and of the topics that this person follows."""
    rows: Sequence[Any] = db.session.execute(
        select(Follow.place_id, Follow.topic_id).where(Follow.resident_id.in_(resident.all_ids))
    ).all()
    return {r.place_id for r in rows if r.place_id}, {r.topic_id for r in rows if r.topic_id}
