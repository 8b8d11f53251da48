"""Points that say the same, found by themselves and only suggested: nothing is put together before a clerk has looked."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    Select,
    UniqueConstraint,
    delete,
    exists,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.comments.arrange import gather, put, rest_of, words_of
from models.comments.comment import Comment, original
from models.comments.point import Point, PointGroup, PointStage
from models.decisions.consultation import Consultation, Stage
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.sealed import PersonKey
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.bigrams import normal
from models.texts.diff import Change, changes, in_words
from models.texts.similar import Alike, Kind, alike

PAGE = 500
SHOWN = 300
"""Members of a set that are looked at together."""


CLOSED_DAYS = 7
"""So long after its closing a round is compared by itself, once; a worker may have been away meanwhile."""
ORDER = (Kind.COPY, Kind.EDITED, Kind.TOPIC)


class AlikeSet(PublicId, Base):
    """Points that are like one leader, waiting for a clerk."""

    __tablename__ = "alike_set"
    __table_args__ = (
        Index("ix_alike_set_list", "consultation_id", "settled_at", "size", "id"),
        UniqueConstraint("leader_id"),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    leader_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    size: Mapped[int] = mapped_column(Integer)
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When a clerk had decided about all of it."""

    consultation: Mapped[Consultation] = relationship()
    leader: Mapped[Point] = relationship()


class Likeness(Base):
    """One point is like a leader; a clerk may say that it is not."""

    __tablename__ = "likeness"
    __table_args__ = (
        UniqueConstraint("set_id", "point_id"),
        CheckConstraint("score BETWEEN 1 AND 100", name="in_hundredths"),
        CheckConstraint("decided_at IS NOT NULL OR together IS NULL", name="decided_at_a_moment"),
    )

    set_id: Mapped[int] = mapped_column(ForeignKey("alike_set.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), index=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    score: Mapped[int] = mapped_column(Integer)
    together: Mapped[bool | None]
    """What a clerk said; None: nobody has looked yet."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]


def texts_of(consultation_id: int, numbers: "array[int]", clauses: "array[int]") -> Iterator[str]:
    """The words of every standing point, oldest first, page by page; its number and clause go into the arrays beside it."""
    after = 0
    while True:
        rows = db.session.execute(
            select(
                Point.id, Point.comment_id, Point.clause_id, Point.begins, Point.ends, Comment.public_id,
                Comment.sealed_text, PersonKey.wrapped, PersonKey.wrapped_by, PersonKey.public_id.label("key_name"),
            )
            .join(Comment, Comment.id == Point.comment_id)
            .join(Resident, Resident.id == Comment.resident_id)
            .join(PersonKey, PersonKey.id == Resident.key_id)
            .where(Point.consultation_id == consultation_id, Point.stage != PointStage.WITHDRAWN, Point.id > after)
            .order_by(Point.id)
            .limit(PAGE)
        ).all()  # fmt: skip
        if not rows:
            return
        taken: dict[int, list[tuple[int, int]]] = {}
        cut = select(Point.comment_id, Point.begins, Point.ends).where(
            Point.comment_id.in_([row.comment_id for row in rows]),
            Point.begins.is_not(None),
            Point.stage != PointStage.WITHDRAWN,
        )
        for comment_id, begins, ends in db.session.execute(cut):
            taken.setdefault(comment_id, []).append((begins or 0, ends or 0))
        for row in rows:
            numbers.append(row.id)
            clauses.append(row.clause_id or 0)
            if row.wrapped is None:
                yield ""  # forgotten at their own wish: nobody compares what nobody can read
                continue
            text = original(row.public_id, row.sealed_text, row.wrapped, row.wrapped_by, row.key_name)
            yield (
                text[row.begins : row.ends] if row.begins is not None else rest_of(text, taken.get(row.comment_id, ()))
            )
        after = rows[-1].id


class Sight(NamedTuple):
    """What was found: the points in order, and which of them are like which."""

    points: "array[int]"
    found: list[Alike]


def look(consultation_id: int) -> Sight:
    """Read and compare; writes nothing, so that nobody waits meanwhile."""
    numbers, clauses = array("q"), array("q")
    return Sight(numbers, alike(texts_of(consultation_id, numbers, clauses), clauses))


def flattened(found: Sequence[Alike]) -> Iterator[Alike]:
    """Everything beside the leader of its leader: a copy of an edited copy is looked at with the template, as little alike as it is."""
    above = {one.text: one for one in found}
    for one in found:
        text, leader, kind, score = one
        while (next_one := above.get(leader)) is not None:
            leader, score = next_one.leader, min(score, next_one.score)
            kind = max(kind, next_one.kind, key=ORDER.index)
        yield Alike(text, leader, kind, score)


def _clerk_or_clockwork(subject: Consultation, actor: Any) -> Refusal | None:
    """Guard: who may arrange points, or the system at their asking."""
    kind = getattr(actor, "actor_kind", "")
    if kind == "system":
        return None
    if kind != "officer":
        return NotAllowed("请先用工作人员账号登录。")
    refusal: Refusal | None = actor.lacks(subject.rules.post_for("point.arrange"))
    return refusal


@act(Stage.PUBLISHED, by=_clerk_or_clockwork, label="", say="找相似的意见：{sets}组，{points}条待确认", of=Consultation)
def suggest(consultation: Consultation, actor: Any, sight: Sight) -> int:
    """Write the suggestions down anew; what a clerk has decided is not asked again, and what is together is not suggested."""
    old = select(AlikeSet.id).where(AlikeSet.consultation_id == consultation.id)
    db.session.execute(
        delete(Likeness)
        .where(Likeness.set_id.in_(old), Likeness.together.is_(None))
        .execution_options(synchronize_session=False)
    )
    decided: set[tuple[int, int]] = set()
    for leader, point in db.session.execute(
        select(AlikeSet.leader_id, Likeness.point_id)
        .join(Likeness, Likeness.set_id == AlikeSet.id)
        .where(AlikeSet.consultation_id == consultation.id, Likeness.together.is_(False))
    ):
        decided.add((leader, point))
    where = dict(
        db.session.execute(
            select(Point.id, Point.group_id).where(
                Point.consultation_id == consultation.id, Point.group_id.is_not(None)
            )
        ).all()
    )
    members: dict[int, list[tuple[int, Kind, int]]] = {}
    for text, first, kind, score in flattened(sight.found):
        point, leader = sight.points[text], sight.points[first]
        together = where.get(point) is not None and where.get(point) == where.get(leader)
        if not together and (leader, point) not in decided:
            members.setdefault(leader, []).append((point, kind, score))
    known = dict(
        db.session.execute(
            select(AlikeSet.leader_id, AlikeSet.id).where(AlikeSet.consultation_id == consultation.id)
        ).all()
    )
    at, total = now(), 0
    db.session.execute(
        update(AlikeSet)
        .where(AlikeSet.consultation_id == consultation.id)
        .values(settled_at=at)
        .execution_options(synchronize_session=False)
    )
    for leader, found in members.items():
        if leader in known:
            number = known[leader]
            db.session.execute(
                update(AlikeSet)
                .where(AlikeSet.id == number)
                .values(size=len(found), found_at=at, settled_at=None)
                .execution_options(synchronize_session=False)
            )
        else:
            row = AlikeSet(consultation_id=consultation.id, leader_id=leader, size=len(found), found_at=at)
            db.session.add(row)
            db.session.flush()
            number = row.id
            db.session.expunge(row)
        for start in range(0, len(found), PAGE):
            some = found[start : start + PAGE]
            if leader in known:  # put together once and taken apart since: asked once more
                db.session.execute(
                    delete(Likeness)
                    .where(Likeness.set_id == number, Likeness.point_id.in_([point for point, _, _ in some]))
                    .execution_options(synchronize_session=False)
                )
            db.session.execute(
                insert(Likeness),
                [{"set_id": number, "point_id": point, "kind": kind, "score": score} for point, kind, score in some],
            )
        total += len(found)
    note(sets=len(members), points=total)
    return total


class Variant(NamedTuple):
    """One way of saying it in a set: who said it so, how it differs from the leader, whether it asks the opposite."""

    points: list[int]
    number: int
    """How many say it so; of copies more than are named."""
    kind: Kind
    score: int
    marked: list[Change]
    text: str
    name: str = ""
    """The address of the first point that says it so; of copies to the letter none is needed."""


class Opened(NamedTuple):
    """A set opened for looking."""

    leader: str
    variants: list[Variant]
    left: int
    """Members beyond those that are shown."""


def _undecided(found: AlikeSet, *, copies: bool) -> "Select[*tuple[Any, ...]]":
    """Members that nobody has decided about, most alike first: copies to the letter, or the others."""
    return (
        select(Likeness.id, Likeness.point_id, Likeness.kind, Likeness.score)
        .where(
            Likeness.set_id == found.id,
            Likeness.together.is_(None),
            (Likeness.kind == Kind.COPY) if copies else (Likeness.kind != Kind.COPY),
        )
        .order_by(Likeness.score.desc(), Likeness.id)
    )


def opened(found: AlikeSet) -> Opened:
    """The leader's words and every other way of saying it, with what differs, most alike first.

    Copies to the letter are one way, however many they are; of the others so many as somebody can read.
    """
    standing = (Point, (Point.id == Likeness.point_id) & (Point.stage != PointStage.WITHDRAWN))
    copied = _undecided(found, copies=True).join(*standing)
    number = db.session.scalar(select(func.count()).select_from(copied.order_by(None).subquery())) or 0
    copies = db.session.execute(copied.limit(SHOWN)).all()
    others = db.session.execute(_undecided(found, copies=False).join(*standing).limit(SHOWN)).all()
    points = list(db.session.scalars(select(Point).where(Point.id.in_([row.point_id for row in others]))).unique())
    words, names = words_of([found.leader, *points]), {point.id: point.public_id for point in points}
    leader = words[found.leader_id]
    ways: dict[str, Variant] = {}
    if copies:
        whole: list[Change] = [("same", leader)]
        ids = [row.point_id for row in copies]
        ways[normal(leader)] = Variant(ids, number, Kind.COPY, copies[0].score, whole, leader)
    for row in others:
        text = words[row.point_id]
        known = ways.get(normal(text))
        if known is None:
            marked = in_words(changes(leader, text))
            ways[normal(text)] = Variant([row.point_id], 1, row.kind, row.score, marked, text, names[row.point_id])
        else:
            known.points.append(row.point_id)
            ways[normal(text)] = known._replace(number=known.number + 1)
    return Opened(leader, list(ways.values()), max(0, found.size - number - len(others)))


@act(
    Stage.PUBLISHED,
    by=ruled("point.arrange"),
    label="",
    say="看过一组相似的意见：归在一起{points}条，不算{apart}条",
    of=Consultation,
)
def decide_alike(
    consultation: Consultation, officer: Officer, found: AlikeSet, together: Sequence[int], name: str = ""
) -> PointGroup | None:
    """What the clerk ticked goes into the leader's group (a new one where it has none); what was shown and not ticked is apart.

    Who ticks one copy to the letter ticks all of them.
    """
    if found.consultation_id != consultation.id:
        raise RuleUnmet("这一组不是这次征求意见的。")
    copies = db.session.execute(_undecided(found, copies=True)).all()
    shown = [*copies, *db.session.execute(_undecided(found, copies=False).limit(SHOWN)).all()]
    if not shown:
        raise OutOfTurn("这一组已经看过了。")
    chosen = set(together) & {row.point_id for row in shown}
    alike_to_the_letter = {row.point_id for row in copies}
    if chosen & alike_to_the_letter:
        chosen |= alike_to_the_letter
    at, group = now(), found.leader.group
    for value, rows in (
        (True, [r.id for r in shown if r.point_id in chosen]),
        (False, [r.id for r in shown if r.point_id not in chosen]),
    ):
        for start in range(0, len(rows), PAGE):
            db.session.execute(
                update(Likeness)
                .where(Likeness.id.in_(rows[start : start + PAGE]))
                .values(together=value, decided_by_id=officer.id, decided_at=at)
                .execution_options(synchronize_session=False)
            )
    if chosen:
        if group is None:
            group = gather(consultation, officer, name, sorted({found.leader_id, *chosen}))
        else:
            put(group, officer, sorted(chosen))
    left = db.session.scalar(
        select(func.count()).select_from(Likeness).where(Likeness.set_id == found.id, Likeness.together.is_(None))
    )
    found.size = left or 0
    if not left:
        found.settled_at = at
    note(points=len(chosen), apart=len(shown) - len(chosen), leader=found.leader.public_id)
    return group if chosen else None


def edited_copies(consultation: Consultation) -> "Select[int]":
    """Comments that are an edited copy of another one, as a clerk said and nobody undid; those that hold nothing else."""
    leader, other = aliased(Point), aliased(Point)
    return (
        select(Point.comment_id)
        .join(Likeness, Likeness.point_id == Point.id)
        .join(AlikeSet, AlikeSet.id == Likeness.set_id)
        .join(leader, leader.id == AlikeSet.leader_id)
        .where(
            AlikeSet.consultation_id == consultation.id,
            Likeness.kind == Kind.EDITED,
            Likeness.together.is_(True),
            Point.group_id == leader.group_id,
            Point.stage != PointStage.WITHDRAWN,
            ~exists().where(
                other.comment_id == Point.comment_id, other.id != Point.id, other.stage != PointStage.WITHDRAWN
            ),
        )
    )


def closed_lately() -> list[tuple[int, str]]:
    """The numbers of rounds that closed within days, each with a name for this closing: whoever answers begins with what is alike."""
    rows = db.session.execute(
        select(Consultation.id, Consultation.closes_on).where(
            Consultation.stage == Stage.PUBLISHED,
            Consultation.n_points > 1,
            Consultation.closes_on < today(),
            Consultation.closes_on >= today() - timedelta(days=CLOSED_DAYS),
        )
    )
    return [(row.id, f"alike-{row.id}-{row.closes_on}") for row in rows]


def sets_of(consultation: Consultation, limit: int = 30) -> Sequence[AlikeSet]:
    """Sets that nobody has decided about, the largest first."""
    return db.session.scalars(
        select(AlikeSet)
        .where(AlikeSet.consultation_id == consultation.id, AlikeSet.settled_at.is_(None))
        .order_by(AlikeSet.size.desc(), AlikeSet.id)
        .limit(limit)
    ).all()


def waiting_set(point: Point) -> AlikeSet | None:
    """The suggestion in which this point leads or stands, and about which nobody has decided."""
    leads = select(AlikeSet.id).where(AlikeSet.leader_id == point.id)
    stands = select(Likeness.set_id).where(Likeness.point_id == point.id, Likeness.together.is_(None))
    return db.session.scalar(
        select(AlikeSet)
        .where(AlikeSet.id.in_(union(leads, stands)), AlikeSet.settled_at.is_(None))
        .order_by(AlikeSet.size.desc(), AlikeSet.id)
        .limit(1)
    )


def set_of(public_id: str) -> AlikeSet | None:
    """One set by its address."""
    return db.session.scalar(select(AlikeSet).where(AlikeSet.public_id == public_id))
