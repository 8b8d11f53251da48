"""What a resident wants to hear of without having said anything: a village's or a group's matters, a topic's articles."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, insert_into
from models.kernel.clock import now
from models.kernel.lifecycle import act
from models.kernel.refusal import OutOfTurn
from models.kernel.trail import keyed, note, same
from models.outreach.article import Topic
from models.people.place import Place
from models.people.resident import Resident, oneself
from models.people.resident import by_public_id as resident_of

UNDO_DAYS = 30
"""How long what was left can be brought back in one tap."""

Thing = Place | Topic
"""What can be followed."""


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


class Declined(Base):
    """What somebody does not want to hear of: nobody asks again. What was followed before can be brought back."""

    __tablename__ = "declined"
    __table_args__ = (
        UniqueConstraint("place_id", "resident_id"),
        UniqueConstraint("topic_id", "resident_id"),
        CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name="one_thing"),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    was_followed: Mapped[bool]
    """It was followed until then; otherwise the person only said no when asked."""
    made_at: Mapped[datetime]


@act(by=oneself, label="", say="选了想听到的：{places}个村居和组，{topics}个主题", of=Resident)
def follow(resident: Resident, who: object, places: Collection[Place], topics: Collection[Topic]) -> None:
    """Exactly these from now on; nothing chosen is nothing heard."""
    before_places, before_topics = followed(resident)
    wanted = _numbers([*places, *topics])
    _put_away(resident, (before_places - wanted[0], before_topics - wanted[1]), was_followed=True)
    db.session.execute(
        delete(Follow).where(Follow.resident_id.in_(resident.all_ids)).execution_options(synchronize_session=False)
    )
    _begin(resident, wanted)
    note(places=len(places), topics=len(topics))


@act(by=oneself, label="", say="想听到：{places}个村居和组，{topics}个主题", of=Resident)
def follow_too(resident: Resident, who: object, things: Collection[Thing]) -> None:
    """These as well; following twice is following once."""
    wanted = _numbers(things)
    _begin(resident, wanted)
    note(places=len(wanted[0]), topics=len(wanted[1]))


@act(by=oneself, label="", say="退订了{places}个村居和组，{topics}个主题", of=Resident)
def leave(resident: Resident, who: object, things: Collection[Thing] | None = None) -> int:
    """Nothing more of these, or of anything; again changes nothing. Returns how many were followed until now."""
    places, topics = followed(resident)
    if things is not None:
        named = _numbers(things)
        places, topics = places & named[0], topics & named[1]
    _put_away(resident, (places, topics), was_followed=True)
    db.session.execute(
        delete(Follow)
        .where(Follow.resident_id.in_(resident.all_ids), or_(Follow.place_id.in_(places), Follow.topic_id.in_(topics)))
        .execution_options(synchronize_session=False)
    )
    note(places=len(places), topics=len(topics))
    return len(places) + len(topics)


@act(by=oneself, label="", say="恢复了订阅：{places}个村居和组，{topics}个主题", of=Resident)
def restore(resident: Resident, who: object) -> int:
    """What was left last, in one go, is followed again. Returns how many."""
    places, topics = left_last(resident)
    if not places and not topics:
        raise OutOfTurn(f"没有可以恢复的订阅。退订以后{UNDO_DAYS}天内可以恢复；也可以重新选。")
    _begin(resident, (places, topics))
    note(places=len(places), topics=len(topics))
    return len(places) + len(topics)


@act(by=oneself, label="", say="说了不用告诉", of=Resident)
def decline(resident: Resident, who: object, thing: Thing) -> None:
    """Asked once, answered no: nobody asks about it again."""
    _put_away(resident, _numbers([thing]), was_followed=False)


def followed(resident: Resident) -> tuple[set[int], set[int]]:
    """Our numbers of the places and of the topics that this person follows."""
    rows: Sequence[Any] = db.session.execute(
        select(Follow.place_id, Follow.topic_id).where(Follow.resident_id.in_(resident.all_ids))
    ).all()
    return {r.place_id for r in rows if r.place_id}, {r.topic_id for r in rows if r.topic_id}


def left_last(resident: Resident) -> tuple[set[int], set[int]]:
    """The places and topics that one tap brings back."""
    mine = (Declined.resident_id.in_(resident.all_ids), Declined.was_followed)
    newest = select(func.max(Declined.made_at)).where(*mine).scalar_subquery()
    rows: Sequence[Any] = db.session.execute(
        select(Declined.place_id, Declined.topic_id).where(
            *mine, Declined.made_at == newest, Declined.made_at >= now() - timedelta(days=UNDO_DAYS)
        )
    ).all()
    return {r.place_id for r in rows if r.place_id}, {r.topic_id for r in rows if r.topic_id}


def may_ask(resident: Resident, thing: Thing) -> bool:
    """Whether the person may be asked about this: it is not followed, nobody has said no, and a message could reach them."""
    if resident.anonymous:
        return False
    places, topics = _numbers([thing])
    ids = resident.all_ids
    for record in (Follow, Declined):
        known = select(record.id).where(
            record.resident_id.in_(ids), or_(record.place_id.in_(places), record.topic_id.in_(topics))
        )
        if db.session.scalar(known.limit(1)) is not None:
            return False
    return True


def named(resident: Resident) -> list[Thing]:
    """What this person follows, places first, in the order in which they are listed everywhere."""
    return things_of(followed(resident))


def name_of(thing: Thing) -> str:
    """What it is called where nothing around it says more."""
    return thing.full_name if isinstance(thing, Place) else thing.name


def things_of(numbers: tuple[Collection[int], Collection[int]]) -> list[Thing]:
    """Places and topics by our numbers."""
    places = db.session.scalars(select(Place).where(Place.id.in_(numbers[0])).order_by(Place.id)).all()
    topics = db.session.scalars(select(Topic).where(Topic.id.in_(numbers[1])).order_by(Topic.id)).all()
    return [*places, *topics]


def thing_of(public_id: str) -> Thing | None:
    """A place or a topic by its address; public ids are never given twice."""
    place = db.session.scalar(select(Place).where(Place.public_id == public_id))
    return place or db.session.scalar(select(Topic).where(Topic.public_id == public_id))


def stop_token(resident: Resident) -> str:
    """What a message carries so that its reader can stop it without signing in; good for as long as the message is kept."""
    return f"{resident.public_id}-{_seal(resident.public_id)}"


def whose(token: str) -> Resident | None:
    """Who may be unsubscribed by this token."""
    public_id, _, seal = token.partition("-")
    found = resident_of(public_id) if same(seal.encode(), _seal(public_id).encode()) else None
    return found.current if found is not None and found.current.erased_at is None else None


def _seal(public_id: str) -> str:
    return keyed("stop", public_id.encode()).hex()[:32]


def _numbers(things: Iterable[Thing]) -> tuple[set[int], set[int]]:
    kept = list(things)
    return {t.id for t in kept if isinstance(t, Place)}, {t.id for t in kept if isinstance(t, Topic)}


def _begin(resident: Resident, numbers: tuple[set[int], set[int]]) -> None:
    _unsay(resident, numbers)
    rows = _rows(resident, numbers)
    if rows:
        db.session.execute(insert_into(Follow).on_conflict_do_nothing(), rows)


def _put_away(resident: Resident, numbers: tuple[set[int], set[int]], *, was_followed: bool) -> None:
    rows = [row | {"was_followed": was_followed} for row in _rows(resident, numbers)]
    if not rows:
        return
    _unsay(resident, numbers)
    db.session.execute(insert_into(Declined).on_conflict_do_nothing(), rows)


def _unsay(resident: Resident, numbers: tuple[set[int], set[int]]) -> None:
    places, topics = numbers
    db.session.execute(
        delete(Declined)
        .where(
            Declined.resident_id.in_(resident.all_ids),
            or_(Declined.place_id.in_(places), Declined.topic_id.in_(topics)),
        )
        .execution_options(synchronize_session=False)
    )


def _rows(resident: Resident, numbers: tuple[set[int], set[int]]) -> list[dict[str, Any]]:
    at = now()
    return [
        *({"resident_id": resident.id, "place_id": one, "topic_id": None, "made_at": at} for one in sorted(numbers[0])),
        *({"resident_id": resident.id, "place_id": None, "topic_id": one, "made_at": at} for one in sorted(numbers[1])),
    ]
