"""What belongs into a case file: every record says what it contributes and what is missing, and whether the public may read it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from models.decisions.decision import CaseStage, Decision
from models.decisions.material import Publicity, versions
from models.decisions.road import STATIONS, Going, standing_of
from models.kernel.clock import local
from models.kernel.lifecycle import predicate

PROCESS = "过程性信息（政府信息公开条例第十六条）"
"""Why discussions and earlier texts are not published of the office's own accord."""
PRIVACY = "个人隐私和个人信息（政府信息公开条例第十五条、个人信息保护法第二十五条）"
"""Why the words and names of people are not published."""
INTERNAL = "内部事务信息（政府信息公开条例第十六条）"


# --- what an item holds -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A file of the store, as it was handed in."""

    file: str
    extension: str
    key: bytes | None = field(default=None, repr=False)

    @property
    def mark(self) -> str:
        """What tells one version from another."""
        return self.file


@dataclass(frozen=True)
class Verbatim:
    """A text, character for character."""

    text: str

    @property
    def mark(self) -> str:
        """What tells one version from another."""
        return _digest(self.text)


@dataclass(frozen=True)
class Sheet:
    """A record to be printed: names and words, line by line; a line without a name is a heading."""

    lines: Sequence[tuple[str, str]]
    number: str = ""
    signed: str = ""
    """Who signs it and when, at its end."""

    @property
    def mark(self) -> str:
        """What tells one version from another."""
        return _digest(repr((tuple(self.lines), self.number, self.signed)))


@dataclass(frozen=True)
class Rows:
    """Records one after the other, as many as there are, for machines and for people; never all in memory."""

    make: Callable[[], Iterator[Mapping[str, Any]]]
    words: Callable[[Mapping[str, Any]], str] | None
    """One record as people read it; None where there is nothing to read."""
    total: int
    mark: str


@dataclass(frozen=True)
class Bundle:
    """Many small files that are one item: their names and what they hold."""

    make: Callable[[], Iterator[tuple[str, Kept]]]
    total: int
    mark: str


Body = Kept | Verbatim | Sheet | Rows | Bundle


@dataclass(frozen=True)
class Item:
    """One line of the contents."""

    title: str
    on: date | None
    body: Body
    publicity: Publicity
    reason: str = ""
    """Why it is not open."""
    who: str = ""
    """Who made it, as it is printed: a name, a unit, 居民."""
    number: str = ""
    """Its document number."""
    key: str = ""
    """What it is, so that a later volume knows whether it holds it already; station and title unless told."""
    station: str = ""


@dataclass(frozen=True)
class Lacking:
    """Something that should be in the file and is not: named, never passed over."""

    title: str
    why: str
    station: str = ""

    def __str__(self) -> str:
        return f"{self.title}（{self.why.rstrip('。')}）" if self.why else self.title


Contributor = Callable[[Decision], Iterable[Item | Lacking]]
_CONTENTS: dict[str, list[Contributor]] = {}


def contents(station: str) -> Callable[[Contributor], Contributor]:
    """Whoever keeps a record says what of it belongs into the case file: a function beside the record, registered by this."""

    def decorate(tell: Contributor) -> Contributor:
        assert any(s.key == station for s in STATIONS), station
        _CONTENTS.setdefault(station, []).append(tell)
        return tell

    return decorate


@dataclass(frozen=True)
class Gathered:
    """The contents of a file, in the order of the road, and what is missing."""

    items: Sequence[Item]
    lacking: Sequence[Lacking]

    @property
    def rows(self) -> int:
        """How many records and files lie behind the items; what progress is counted in."""
        return sum(_weight(item.body) for item in self.items)


def _weight(body: Body) -> int:
    if isinstance(body, Rows):
        return body.total * (2 if body.words else 1)
    return body.total if isinstance(body, Bundle) else 1


def gather(decision: Decision) -> Gathered:
    """Everything that belongs into the file of a case now: records, papers, and what is missing."""
    items: list[Item] = []
    lacking: list[Lacking] = list(_open_stations(decision))
    papers = _papers(decision)
    for one in STATIONS:
        for tell in _CONTENTS.get(one.key, ()):
            for found in tell(decision):
                if isinstance(found, Lacking):
                    lacking.append(replace(found, station=one.key))
                else:
                    items.append(_placed(found, one.key))
        items += [_placed(item, one.key) for item in papers.get(one.key, ())]
    return Gathered(items, lacking)


def _placed(item: Item, station: str) -> Item:
    return replace(item, station=station, key=f"{station}:{item.key or item.title}")


def _papers(decision: Decision) -> dict[str, list[Item]]:
    """Every version of every paper; one that was only reclassified stands there once, as it is classified now."""
    rows = versions(decision)
    after = {row.replaces_id: row for row in rows if row.replaces_id is not None}
    found: dict[str, list[Item]] = {}
    for row in rows:
        later = after.get(row.id)
        if later is not None and later.edition == row.edition:
            continue
        found.setdefault(row.station, []).append(
            Item(
                row.title + (f"（第{row.edition}版）" if row.edition > 1 or later is not None else ""),
                local(row.made_at).date(),
                Kept(row.file, row.extension),
                row.publicity,
                row.publicity_reason,
                who=f"{row.officer.name}交入",
                key=f"material:{row.public_id}",
            )
        )
    return found


AFTERWARDS = frozenset({"archive", "execution", "evaluation"})
"""Stations that come after the file is closed: theirs is for the supplements."""


def _open_stations(decision: Decision) -> Iterator[Lacking]:
    """Stations that the kind of case asks for and that are not done; a case that goes no further owes nothing."""
    if decision.stage == CaseStage.ENDED:
        return
    for one in STATIONS:
        if one.key in AFTERWARDS or (decision.kind is not None and decision.kind not in one.kinds):
            continue
        standing = standing_of(decision, one.key)
        if standing is not None and standing.going not in (Going.DONE, Going.EXCUSED):
            yield Lacking(one.name, standing.says, one.key)


def lacking_of(decision: Decision) -> Sequence[Lacking]:
    """What is missing, without what only the packing can find (a file that cannot be read)."""
    return gather(decision).lacking


@predicate
def case_file_complete(subject: Decision, actor: object) -> str | None:
    """Nothing is missing from the file (条例第三十三条: 及时完整归档)."""
    lacking = lacking_of(subject)
    return f"还缺：{'；'.join(map(str, lacking))}。" if lacking else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
