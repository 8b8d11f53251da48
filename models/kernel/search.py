"""Finding a public text by some of its words: an index of pairs of characters of our own, the same on both engines."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, BigInt, PublicId, db
from models.kernel.refusal import RuleUnmet
from models.texts.asked import asked_for
from models.texts.bigrams import normal

LONGEST_QUERY = 60
KEPT = 60_000
"""Characters of a text that are looked at; the longest draft of the real ones has half of that."""
MOST = 100
"""Hits that are put in order; whoever does not find it among them has to say more."""
COMMON = 1000
"""A pair that stands in so many texts says little; it is counted no further, and never followed by itself."""
_LOOKED_AT = 200
IN_TITLE = 1 << 42
"""Marks a pair that stands in the title."""
_PIECE = 500

search_gram = Table(
    "search_gram",
    Base.metadata,
    Column("gram", BigInteger, nullable=False),
    Column("entry_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("gram", "entry_id"),
    sqlite_with_rowid=False,
)
"""A pair of characters, as a number, and a text in which it stands; in the title a second time, with a mark.

Without a reference to the entry: the reference would ask for a second index as large as the first.
"""


class Entry(PublicId, Base):
    """One text that can be found. It can be made again at any time from the record it is about."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), Index("ix_search_entry_kind", "kind", "id"))

    kind: Mapped[str] = mapped_column(String(24))
    subject_id: Mapped[int] = mapped_column(BigInt)
    page: Mapped[str] = mapped_column(String(12))
    """The public id in the address of the page."""
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    shadow: Mapped[str] = mapped_column(Text)
    """Title and body as matching sees them."""
    shown_on: Mapped[date] = mapped_column(Date)

    @classmethod
    def put(cls, kind: str, subject_id: int, *, page: str, title: str, body: str, shown_on: date) -> Self:
        """The text as it reads now can be found; what it said before cannot any more."""
        found = cls.of(kind, subject_id)
        before = found._grams if found else set[int]()
        if found is None:
            found = cls(kind=kind, subject_id=subject_id)
            db.session.add(found)
        found.page, found.title, found.body, found.shown_on = page, title[:300], body[:KEPT], shown_on
        found.shadow = normal(f"{found.title}\n{found.body}")
        db.session.flush()
        after = found._grams
        found._forget(before - after)
        fresh = [{"gram": gram, "entry_id": found.id} for gram in sorted(after - before)]
        if fresh:
            db.session.execute(insert(search_gram), fresh)
        return found

    @classmethod
    def drop(cls, kind: str, subject_id: int) -> None:
        """It cannot be found any more."""
        found = cls.of(kind, subject_id)
        if found is not None:
            found._forget(found._grams)
            db.session.delete(found)
            db.session.flush()

    @classmethod
    def of(cls, kind: str, subject_id: int) -> Self | None:
        """The entry of a record."""
        return db.session.scalar(select(cls).where(cls.kind == kind, cls.subject_id == subject_id))

    @classmethod
    def by_public_id(cls, public_id: str) -> Self | None:
        """The entry of this name: the mark of a page."""
        return db.session.scalar(select(cls).where(cls.public_id == public_id))

    @property
    def _grams(self) -> set[int]:
        return pairs(self.shadow) | {gram | IN_TITLE for gram in pairs(normal(self.title))}

    def _forget(self, gone: Collection[int]) -> None:
        grams = sorted(gone)
        for n in range(0, len(grams), _PIECE):
            here = (search_gram.c.gram.in_(grams[n : n + _PIECE])) & (search_gram.c.entry_id == self.id)
            db.session.execute(delete(search_gram).where(here))


@dataclass(frozen=True)
class Found:
    """What was found, the best first, and what it was looked for by."""

    ids: list[int]
    terms: list[str]


def look(query: str, kinds: Collection[str] = ()) -> Found:
    """Numbers of entries in their order: all the words, then most of them; of equal ones the newer first.

    Nothing but whole numbers is counted with, so that both engines give the same hits in the same order.
    """
    terms = asked_for(query)
    if not terms or sum(map(len, terms)) > LONGEST_QUERY:
        words = "请写至少两个字。" if not terms else f"一次最多搜{LONGEST_QUERY}个字，请只留最要紧的几个词。"
        raise RuleUnmet(words, {"q": words})
    grams = sorted({gram for term in terms for gram in pairs(term)})
    times = _how_often([*grams, *(gram | IN_TITLE for gram in grams)])
    total = db.session.scalar(select(func.max(Entry.id))) or 0
    worth = {gram: (4 * total // max(1, times[gram])).bit_length() for gram in grams}
    likely = _likely(grams, times, worth, kinds)
    return Found(_in_order(likely, grams, times, worth, terms), terms)


def entries(ids: Sequence[int]) -> list[Entry]:
    """The entries of these numbers, in their order."""
    found = {one.id: one for one in db.session.scalars(select(Entry).where(Entry.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def pairs(shadow: str) -> set[int]:
    """Every two neighbouring characters, as one number."""
    return {ord(one) << 21 | ord(other) for one, other in pairwise(shadow)}


def _how_often(grams: Sequence[int]) -> dict[int, int]:
    """In how many texts each stands, counted up to COMMON."""
    counts = []
    for gram in grams:
        some = select(literal(1).label("one")).where(search_gram.c.gram == gram).limit(COMMON).subquery()
        counts.append(select(literal(gram, BigInteger).label("gram"), func.count().label("n")).select_from(some))
    return {row.gram: row.n for row in db.session.execute(union_all(*counts))}


def _of_kinds(query: Select[Any], kinds: Collection[str]) -> Select[Any]:
    if not kinds:
        return query
    return query.join(Entry, Entry.id == search_gram.c.entry_id).where(Entry.kind.in_(kinds))


def _likely(grams: list[int], times: dict[int, int], worth: dict[int, int], kinds: Collection[str]) -> set[int]:
    """Some hundred texts that are worth a closer look."""
    number = search_gram.c.entry_id
    marked = [*grams, *(gram | IN_TITLE for gram in grams)]
    likely: set[int] = set()
    rare = [gram for gram in marked if 0 < times[gram] < COMMON]
    if rare:
        by_worth: dict[int, list[int]] = defaultdict(list)
        for gram in rare:
            by_worth[worth[gram & ~IN_TITLE]].append(gram)
        parts = [
            _of_kinds(select(number, literal(points).label("points")), kinds).where(search_gram.c.gram.in_(alike))
            for points, alike in sorted(by_worth.items())
        ]
        every = union_all(*parts).subquery()
        best = (
            select(every.c.entry_id)
            .group_by(every.c.entry_id)
            .order_by(func.sum(every.c.points).desc(), every.c.entry_id.desc())
            .limit(_LOOKED_AT)
        )
        likely.update(db.session.scalars(best))
    for mark in (IN_TITLE, 0):
        common = [gram | mark for gram in grams if times[gram | mark] >= COMMON]
        if common and len(likely) < 2 * _LOOKED_AT:
            first, *others = (search_gram.alias() for _ in common)
            query = select(first.c.entry_id).where(first.c.gram == common[0])
            for other, gram in zip(others, common[1:], strict=True):
                query = query.join(other, (other.c.entry_id == first.c.entry_id) & (other.c.gram == gram))
            if kinds:
                query = query.join(Entry, (Entry.id == first.c.entry_id) & Entry.kind.in_(kinds))
            likely.update(db.session.scalars(query.order_by(first.c.entry_id.desc()).limit(_LOOKED_AT)))
    return likely


def _in_order(
    likely: Iterable[int], grams: list[int], known: dict[int, int], worth: dict[int, int], terms: list[str]
) -> list[int]:
    """By what of the query each has, in the title twice over, and whether whole words of it stand there."""
    has: dict[int, int] = defaultdict(int)
    titled: dict[int, int] = defaultdict(int)
    marked = [*grams, *(gram | IN_TITLE for gram in grams)]
    for row in db.session.execute(
        select(search_gram.c.gram, search_gram.c.entry_id).where(
            search_gram.c.entry_id.in_(sorted(likely)), search_gram.c.gram.in_(marked)
        )
    ):
        (titled if row.gram & IN_TITLE else has)[row.entry_id] += worth[row.gram & ~IN_TITLE]
    whole = max(1, sum(worth[gram] for gram in grams if known[gram]))
    near = [number for number, points in has.items() if 2 * points >= whole]
    near = near or [number for number, points in has.items() if 4 * points >= whole]
    scores = {}
    for number, head, shadow in db.session.execute(
        select(Entry.id, Entry.title, Entry.shadow).where(Entry.id.in_(near))
    ):
        title, points = normal(head), 10 * (has[number] + titled[number])
        for term in terms:
            share = whole * 10 * len(term) // sum(map(len, terms))
            times = shadow.count(term)
            points += share * (term in title) + share * min(6, times + 5 * (times > 0)) // 6
        scores[number] = points
    return sorted(scores, key=lambda number: (-scores[number], -number))[:MOST]
