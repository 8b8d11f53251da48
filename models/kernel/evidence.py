"""Whether the trail still is what was written: every row, every link, every day's head, and all that was seen before."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import func, inspect, select, tuple_
from sqlalchemy.exc import DataError

from models.kernel import heads, triggers
from models.kernel.base import db
from models.kernel.clock import local, wall
from models.kernel.heads import DailyHead, day_head
from models.kernel.trail import (
    COVERED,
    Trace,
    TraceLink,
    canonical,
    chains,
    head_after,
    keyed,
    link_mac,
    row_fields,
    same,
)
from models.kernel.witness import Witness, witness

PAGE = 500
MOST = 50
"""Findings kept of one chain; the rest is counted, so that a chain rewritten from end to end needs no memory."""
TABLES = ("trace", "trace_link", "daily_head")
ZEROS = bytes(32)

UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, MemoryError, RecursionError, LookupError, DataError)
"""What reading a row raises into which somebody wrote what no row of ours can hold."""

LINK = (
    TraceLink.id.label("link_id"),
    TraceLink.trace_id,
    TraceLink.chain.label("link_chain"),
    TraceLink.position,
    TraceLink.head.label("link_head"),
    TraceLink.mac.label("link_mac"),
)
TRACE = (Trace.id.label("row_id"), *(getattr(Trace, name) for name in COVERED), Trace.mac)


@dataclass(frozen=True)
class Spot:
    """Where something is: the chain, the place in it, the row, and the deed as far as it is known."""

    chain: str = ""
    position: int | None = None
    row: int | None = None
    at: str = ""
    who: str = ""
    fact: str = ""

    def __str__(self) -> str:
        parts = [f"链 {self.chain}"] if self.chain else []
        parts += [f"第{self.position}个位置"] if self.position else []
        parts += [f"第{self.row}行"] if self.row else []
        deed = " ".join(part for part in (self.at, self.who, self.fact) if part)
        return "，".join(parts) + (f"（{deed}）" if deed else "")


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    what: str
    spot: Spot = Spot()

    def __str__(self) -> str:
        where = str(self.spot)
        return f"{where}：{self.what}" if where else self.what


def deed_of(row: Any) -> Spot:
    """Where a row stands, and the deed as it is told now."""
    at = row.wall_at
    return Spot(
        chain=row.chain,
        position=getattr(row, "position", None),
        row=row.row_id,
        at=f"{local(at):%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else str(at),
        who=" ".join(str(part) for part in (row.actor_name, row.actor_unit, row.actor_post) if part),
        fact=f"{row.subject_kind}.{row.verb}",
    )


# --- one chain --------------------------------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What a look at one chain found."""

    chain: str
    rows: int = 0
    linked: int = 0
    wrong: list[Finding] = field(default_factory=list)
    more: int = 0
    """Findings beyond those that are kept."""
    head: bytes = ZEROS
    position: int = 0
    last: Any = None
    """The last linked row."""
    waits: list[tuple[str, int, str]] = field(default_factory=list)
    """Rows not yet linked, the first of them: name, number, MAC."""

    @property
    def whole(self) -> bool:
        """Nothing wrong was found."""
        return not self.wrong

    @property
    def waiting(self) -> int:
        """Rows checked by their MAC alone, not yet in the chain."""
        return self.rows - self.linked

    def add(self, what: str, spot: Spot) -> None:
        """One more finding."""
        if len(self.wrong) < MOST:
            self.wrong.append(Finding(what, spot))
        else:
            self.more += 1


WAITS = 2000
"""Rows without a link that are remembered of one chain; with a worker at work there is hardly ever one."""


def check(chain: str) -> Verdict:
    """Check every link of a chain in order, the row behind each, and the rows that wait; in pages, so that memory stays flat."""
    verdict = Verdict(chain)
    for row in _links(chain):
        _check_link(verdict, row)
    for row in _waiting(chain):
        verdict.rows += 1
        if isinstance(row, Unread):
            verdict.add("这一行读不出来，被改成了写不进来的东西", Spot(chain, None, row.row))
            continue
        spelt = _spelt(row)
        if not (spelt and same(row.mac, keyed("trace", spelt))):
            verdict.add("内容与写入时不符", deed_of(row))
        elif len(verdict.waits) < WAITS:
            verdict.waits.append((row.ref, row.row_id, row.mac.hex()))
    return verdict


def _check_link(verdict: Verdict, row: Any) -> None:
    chain, expected = verdict.chain, verdict.position + 1
    if isinstance(row, Unread):
        verdict.linked, verdict.rows = verdict.linked + 1, verdict.rows + 1
        verdict.add("这一行读不出来，被改成了写不进来的东西", Spot(chain, row.position, row.row))
        verdict.position, verdict.head = row.position or expected, b""
        return
    verdict.linked += 1
    position, stored = row.position, row.link_head
    gap = position != expected
    if gap and isinstance(position, int) and position > expected:
        missing = f"第{expected}个位置" if position == expected + 1 else f"第{expected}到第{position - 1}个位置"
        after = f"前一条是第{verdict.last.trace_id}行" if verdict.last is not None else "前面没有了"
        verdict.add(f"{missing}的行被删去（{after}，后一条是第{row.trace_id}行）", Spot(chain, expected))
    elif gap:
        verdict.add("位置重复或者颠倒", _spot(chain, row))
    holds = _mac_holds(chain, position, stored, row.link_mac)
    if row.row_id is None:
        verdict.add("位置还在，留痕那一行被删去", _spot(chain, row))
    else:
        verdict.rows += 1
        spelt = _spelt(row)
        if not (spelt and same(row.mac, keyed("trace", spelt))):
            verdict.add("内容与写入时不符", _spot(chain, row))
        elif row.chain != chain:
            verdict.add(f"这一行属于链 {row.chain}，被接到了这条链上", _spot(chain, row))
        elif not holds:
            verdict.add("入链的位置与写入时不符", _spot(chain, row))
        elif not gap and verdict.head and not same(stored, head_after(verdict.head, spelt, row.mac)):
            verdict.add("与前面的行接不上，次序被换过或者前面被改过", _spot(chain, row))
    # From here on the chain is followed from what stands there, so that one wrong row does not make all later ones wrong.
    verdict.head = stored if holds else b""
    verdict.position = position if isinstance(position, int) else expected
    verdict.last = row


def _spot(chain: str, row: Any) -> Spot:
    """Where a link stands in the chain that is looked at, with the deed behind it."""
    deed = deed_of(row) if row.row_id is not None else Spot()
    return Spot(chain, row.position, row.trace_id, deed.at, deed.who, deed.fact)


def _spelt(row: Any) -> bytes:
    """The row as its MAC covers it; empty where it cannot even be spelt."""
    try:
        return canonical(row_fields(row))
    except UNREADABLE:
        return b""


def _mac_holds(chain: str, position: Any, head: Any, mac: Any) -> bool:
    return isinstance(head, bytes) and same(mac, link_mac(chain, position, head))


@dataclass(frozen=True)
class Unread:
    """A row that is there and cannot be read."""

    row: int
    position: int | None = None


def _links(chain: str) -> Iterator[Any]:
    """Links in order, each with its row (or without), a page at once."""
    key = tuple_(TraceLink.position, TraceLink.id)
    here = TraceLink.chain == chain
    full = select(*LINK, *TRACE).outerjoin(Trace, Trace.id == TraceLink.trace_id).where(here)
    bare = select(TraceLink.position, TraceLink.id.label("link_id"), TraceLink.trace_id).where(here)
    yield from _paged(full, bare, key, lambda row: (row.position, row.link_id), TraceLink.position, TraceLink.id)


def _waiting(chain: str) -> Iterator[Any]:
    """Rows without a link, oldest first."""
    here = (Trace.chain == chain, ~select(TraceLink.id).where(TraceLink.trace_id == Trace.id).exists())
    full, bare = select(*TRACE).where(*here), select(Trace.id.label("row_id"), Trace.id.label("trace_id")).where(*here)
    yield from _paged(full, bare, tuple_(Trace.id), lambda row: (row.row_id,), Trace.id)


def _paged(full: Any, bare: Any, key: Any, at: Callable[[Any], tuple[Any, ...]], *order: Any) -> Iterator[Any]:
    """Rows by keyset; where a page cannot be read, it is read row by row, so that the one at fault is named."""
    full, bare = full.order_by(*order).limit(PAGE), bare.order_by(*order).limit(PAGE)
    after: tuple[Any, ...] | None = None
    while True:
        further = [key > after] if after is not None else []
        try:
            rows: Sequence[Any] = db.session.execute(full.where(*further)).all()
            yield from rows
        except UNREADABLE:
            rows = db.session.execute(bare.where(*further)).all()
            for row in rows:
                yield _single(full.where(key == at(row)), row)
        if not rows:
            return
        after = at(rows[-1])


def _single(query: Any, keys: Any) -> Any:
    try:
        return db.session.execute(query.limit(1)).one()
    except UNREADABLE:
        position = getattr(keys, "position", None)
        return Unread(keys.trace_id, position if isinstance(position, int) else None)


# --- what else has to hold --------------------------------------------------------------------------------------------


UNIQUE = ((Trace, ("ref",)), (TraceLink, ("trace_id",)), (TraceLink, ("chain", "position")), (DailyHead, ("number",)))
"""What may be there once only: a copy of a row is as true as the row, so it is the database that has to refuse it."""


def guards() -> Iterator[Finding]:
    """The triggers and the constraints that refuse changes stand as they were written."""
    connection = db.session.connection()
    for name in sorted(triggers.altered(connection, TABLES)):
        yield Finding(f"数据库里的保护触发器 {name} 被去掉或者改过")
    seen = inspect(connection)
    for record, names in UNIQUE:
        table = record.__tablename__
        if any(tuple(one["column_names"]) == names for one in seen.get_unique_constraints(table)):
            continue
        yield Finding(f"数据库里 {table} 的唯一约束（{'、'.join(names)}）被去掉了")
        columns = [getattr(record, name) for name in names]
        twice = select(func.max(record.id).label("row")).group_by(*columns).having(func.count() > 1).limit(MOST)
        for row in db.session.scalars(twice):
            yield Finding(f"{table} 里这一行是照抄另一行的", Spot(row=row))


def check_heads() -> Iterator[Finding]:
    """Daily heads follow each other, each is what was taken, and what they say of the chains still holds."""
    before, expected = ZEROS, 1
    told: set[str] = set()
    for row in _days():
        if isinstance(row, Unread):
            yield Finding(f"第{row.row}号日链首读不出来")
            before, expected = b"", row.row + 1
            continue
        name = f"第{row.number}号日链首（{row.day}）"
        if row.number != expected:
            missing = f"第{expected}号" if row.number == expected + 1 else f"第{expected}到第{row.number - 1}号"
            yield Finding(f"{missing}日链首被删去")
        elif before and row.before != before:
            yield Finding(f"{name}接不上前一号")
        if not _day_true(row):
            yield Finding(f"{name}与写下时不符")
        else:
            yield from _hold(row.heads, f"{name}", told)
        before, expected = row.head, row.number + 1


def _day_true(row: DailyHead) -> bool:
    try:
        return row.true
    except UNREADABLE:
        return False


def _days() -> Iterator[Any]:
    """Days by number; one that cannot be read is said so."""
    after = 0
    while True:
        numbers = db.session.scalars(
            select(DailyHead.number).where(DailyHead.number > after).order_by(DailyHead.number).limit(50)
        ).all()
        if not numbers:
            return
        for number in numbers:
            try:
                row = db.session.scalars(select(DailyHead).where(DailyHead.number == number).limit(1)).one()
            except UNREADABLE:
                yield Unread(number)
                continue
            yield row
            db.session.expunge(row)
        after = numbers[-1]


def _hold(moved: Mapping[str, Any], by: str, told: set[str]) -> Iterator[Finding]:
    """Each chain still goes through the place where it was seen; a chain is named once."""
    known = {(chain, spot["position"]): spot for chain, spot in moved.items() if spot["position"] and chain not in told}
    kept = _heads_at(list(known))
    for (chain, position), spot in known.items():
        found = kept.get((chain, position))
        if found is not None and found == bytes.fromhex(spot["head"]):
            continue
        told.add(chain)
        where = Spot(
            chain,
            position,
            spot.get("trace") or spot.get("row"),
            spot.get("at", ""),
            spot.get("who", ""),
            spot.get("fact", ""),
        )
        if found is not None:
            yield Finding(f"这个位置与{by}记下的不一样，它或者它前面的行被换过", where)
            continue
        left = db.session.scalar(select(func.max(TraceLink.position)).where(TraceLink.chain == chain)) or 0
        if left == 0:
            yield Finding(f"{by}里有这条链，到第{position}个位置；现在整条链都没有了", where)
        elif left < position:
            cut = f"第{position}个位置" if position == left + 1 else f"第{left + 1}到第{position}个位置"
            yield Finding(f"{by}里这条链到第{position}个位置，现在只到第{left}个：{cut}的行被删去", where)
        else:
            yield Finding(f"{by}里有这个位置，现在没有了", where)


def _heads_at(places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    found: dict[tuple[str, int], Any] = {}
    for n in range(0, len(places), 200):
        rows = db.session.execute(
            select(TraceLink.chain, TraceLink.position, TraceLink.head).where(
                tuple_(TraceLink.chain, TraceLink.position).in_(places[n : n + 200])
            )
        )
        found |= {(row.chain, row.position): row.head for row in rows}
    return found


def check_saved(days: Iterable[Mapping[str, Any]], by: str) -> Iterator[Finding]:
    """Heads that were saved elsewhere are the heads that stand here, and the chains go through what they name."""
    told: set[str] = set()
    for day in days:
        name = f"第{day['number']}号日链首（{day['day']}）"
        kept = db.session.scalar(select(DailyHead.head).where(DailyHead.number == day["number"]))
        if kept is None:
            yield Finding(f"{by}里有{name}，数据库里没有了")
        elif not isinstance(kept, bytes) or kept.hex() != day["head"]:
            yield Finding(f"{name}与{by}里的不一样，被换过")
        yield from _hold(day.get("moved", {}), f"{by}的{name}", told)


def sound(day: Mapping[str, Any]) -> bool:
    """Whether a saved day agrees with itself: its leaves make its head, and its chains its leaves."""
    try:
        leaves = [
            heads.leaf(chain, one["position"], bytes.fromhex(one["head"]))
            for chain, one in day.get("moved", {}).items()
        ]
        return bool(
            day_head(day).hex() == day["head"] and ("moved" not in day or sorted(leaves) == list(day["leaves"]))
        )
    except UNREADABLE:
        return False


def check_noted(seen: Witness, sizes: dict[Path, int]) -> Iterator[Finding]:
    """Every row and every link that a machine noted after writing it is there, and is the same."""
    told: set[str] = set()
    batch: list[list[Any]] = []
    for line in seen.notes(sizes):
        batch.append(line)
        if len(batch) == PAGE:
            yield from _noted(batch, told)
            batch = []
    yield from _noted(batch, told)


def _noted(batch: Sequence[Sequence[Any]], told: set[str]) -> Iterator[Finding]:
    rows = [line for line in batch if line[0] == "T"]
    kept = _rows_named([line[3] for line in rows])
    for _, number, chain, ref, mac, at, fact, who in rows:
        spot = Spot(chain, None, number, f"{local(datetime.fromisoformat(at)):%Y-%m-%d %H:%M:%S}", who, fact)
        if ref not in kept:
            yield Finding("这一行写入过，现在不在了", spot)
        elif kept[ref] != (number, bytes.fromhex(mac)):
            yield Finding("这一行与当时写入的不一样，连校验码或编号也换过", spot)
    yield from _hold_links([line for line in batch if line[0] == "L"], told)


def _rows_named(refs: Sequence[str]) -> dict[str, tuple[int, Any]]:
    """Number and MAC of rows by their names."""
    if not refs:
        return {}
    found = db.session.execute(select(Trace.ref, Trace.id, Trace.mac).where(Trace.ref.in_(refs)))
    return {ref: (number, mac) for ref, number, mac in found}


def _hold_links(links: Sequence[Sequence[Any]], told: set[str]) -> Iterator[Finding]:
    kept = _heads_at([(chain, position) for _, _, chain, position, _ in links])
    for _, number, chain, position, head in links:
        found = kept.get((chain, position))
        if chain in told or (found is not None and found == bytes.fromhex(head)):
            continue
        told.add(chain)
        what = "这个位置入链过，现在不在了" if found is None else "这个位置与当时入链的不一样"
        yield Finding(what, Spot(chain, position, number))


# --- the command's own memory -----------------------------------------------------------------------------------------


class Forged(Exception):
    """A memory that this installation did not write, or that somebody changed; the message says so in Chinese."""


@dataclass
class Memory:
    """What was seen at the last look that found nothing wrong: kept in a file of the command's own, not in the database."""

    looked_at: datetime
    moved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each chain's last place: position, head, and the deed that stands there."""
    waits: dict[str, list[Any]] = field(default_factory=dict)
    """Rows that had no place yet: name to chain, number, MAC."""
    day: dict[str, Any] = field(default_factory=dict)
    """The newest daily head."""
    rows: int = 0

    @property
    def when(self) -> str:
        """The moment as people write it."""
        return f"{local(self.looked_at):%Y-%m-%d %H:%M}"

    def learn(self, verdict: Verdict) -> None:
        """What a look at one chain saw."""
        self.rows += verdict.rows
        if verdict.position and verdict.last is not None:
            last = _spot(verdict.chain, verdict.last)
            self.moved[verdict.chain] = {
                "position": verdict.position,
                "head": verdict.head.hex(),
                "row": last.row,
                "at": last.at,
                "who": last.who,
                "fact": last.fact,
            }
        self.waits |= {ref: [verdict.chain, number, mac] for ref, number, mac in verdict.waits}

    def learn_day(self) -> None:
        """The newest daily head there is."""
        last = heads.newest(1)
        if last:
            self.day = {"number": last[0].number, "day": last[0].day.isoformat(), "head": last[0].head.hex()}

    def compare(self) -> Iterator[Finding]:
        """What was there then is there now."""
        by = f"上次核对（{self.when}）"
        yield from _hold(self.moved, by, set())
        refs = list(self.waits)
        for n in range(0, len(refs), PAGE):
            kept = _rows_named(refs[n : n + PAGE])
            for ref in refs[n : n + PAGE]:
                chain, number, mac = self.waits[ref]
                if kept.get(ref) != (number, bytes.fromhex(mac)):
                    yield Finding(f"{by}时有这一行，还没有入链；现在不在了，或者换过", Spot(chain, None, number))
        if self.day:
            yield from check_saved([self.day], by)

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        told = {
            "form": MEMORY,
            "looked_at": self.looked_at.isoformat(timespec="seconds"),
            "moved": self.moved,
            "waits": self.waits,
            "day": self.day,
            "rows": self.rows,
        }
        told["mac"] = keyed("memory", canonical(told)).hex()
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """The memory in a file; None where there is no file, Forged where it is not what was saved."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as why:
            raise Forged(f"记忆文件 {path} 读不出来（{type(why).__name__}）。") from None
        mac = told.pop("mac", "") if isinstance(told, dict) else ""
        if not isinstance(mac, str) or told.get("form") != MEMORY or keyed("memory", canonical(told)).hex() != mac:
            raise Forged(f"记忆文件 {path} 不是这套系统写下的，或者被改过。")
        return cls(datetime.fromisoformat(told["looked_at"]), told["moved"], told["waits"], told["day"], told["rows"])


MEMORY = "huiyin-trail-memory-1"


# --- the whole trail --------------------------------------------------------------------------------------------------


@dataclass
class Look:
    """One look at everything: says what it finds as it goes, counts what it saw, and learns what to remember."""

    memory: Memory | None
    """What the last look saw."""
    sizes: dict[Path, int]
    """The notes as long as they were before the database was opened."""
    learned: Memory = field(default_factory=lambda: Memory(wall()))
    chains: int = 0
    linked: int = 0
    days: int = 0

    @property
    def waiting(self) -> int:
        """Rows without a place yet."""
        return self.learned.rows - self.linked

    def everything(self) -> Iterator[Finding]:
        """Guards, chains, days, what the machine noted, what the last look saw."""
        yield from guards()
        for chain in chains():
            yield from self.one(chain)
        yield from check_heads()
        self.days = db.session.scalar(select(func.count()).select_from(DailyHead)) or 0
        self.learned.learn_day()
        seen = witness()
        yield from check_saved(seen.heads(), "本机存的日链首")
        yield from check_noted(seen, self.sizes)
        if self.memory is not None:
            yield from self.memory.compare()

    def one(self, chain: str) -> Iterator[Finding]:
        """One chain."""
        verdict = check(chain)
        self.chains, self.linked = self.chains + 1, self.linked + verdict.linked
        self.learned.learn(verdict)
        yield from verdict.wrong
        if verdict.more:
            yield Finding(f"这条链还有{verdict.more}处对不上，没有一一列出", Spot(chain))


def memory_path() -> Path:
    """Where the command remembers what it saw, unless it is told another place."""
    return witness().folder / "memory.json"


def remembered(chain: str) -> list[Finding]:
    """What the last look saw of one chain and is no longer so; for pages that show this chain."""
    memory = Memory.load(memory_path())
    if memory is None or chain not in memory.moved:
        return []
    return list(_hold({chain: memory.moved[chain]}, f"上次核对（{memory.when}）", set()))
