"""Daily heads: one hash a day over what was added to all chains, chained to the day before, and made public."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Integer, LargeBinary, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db
from models.kernel.clock import wall
from models.kernel.installation import Installation
from models.kernel.trail import TraceLink, canonical, keyed, same
from models.kernel.witness import witness

log = logging.getLogger(__name__)

FORM = "huiyin-trail-heads-1"
"""How a file of heads names itself."""
HOW = (
    'leaf = SHA-256("leaf" NUL chain NUL position NUL head of the chain, 32 bytes); head = SHA-256("day" NUL the other fields of '
    "the day as JSON: keys sorted, no spaces, UTF-8); before = the head of the number before, zeros for number 1."
)


class DailyHead(Base):
    """One day's head. Each covers the chains that moved since the one before, and the one before itself."""

    __tablename__ = "daily_head"

    number: Mapped[int] = mapped_column(Integer, unique=True)
    """1, 2, 3 …: a head that is missing is missed."""
    day: Mapped[date] = mapped_column(Date, unique=True)
    taken_at: Mapped[datetime]
    """By the wall's clock: a head taken a second time says so."""
    before: Mapped[bytes] = mapped_column(LargeBinary(32))
    chains: Mapped[int] = mapped_column(Integer)
    """All chains that have links."""
    rows: Mapped[int] = mapped_column(Integer)
    """All links of all chains."""
    heads: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The chains that moved: each with its position and head, and its last row's number to find it by."""
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def true(self) -> bool:
        """Whether the day still is what was taken; its leaves and its head are computed anew."""
        made = day_head(public(self))
        return same(self.head, made) and same(self.mac, keyed("day", made))


def leaf(chain: str, position: int, head: bytes) -> str:
    """What is published of a chain: it tells nothing to who does not hold the chain's head."""
    return hashlib.sha256(b"leaf\0" + f"{chain}\0{position}\0".encode() + head).hexdigest()


def public(row: Any) -> dict[str, Any]:
    """A day as everybody may see it: counts and hashes, no chain's name."""
    leaves = sorted(leaf(chain, told["position"], bytes.fromhex(told["head"])) for chain, told in row.heads.items())
    return {
        "number": row.number,
        "day": row.day.isoformat(),
        "taken_at": row.taken_at.isoformat(timespec="seconds"),
        "before": row.before.hex(),
        "chains": row.chains,
        "rows": row.rows,
        "leaves": leaves,
        "head": row.head.hex(),
    }


def private(row: Any) -> dict[str, Any]:
    """A day as the office keeps it, with the chains by name."""
    return public(row) | {"moved": row.heads}


def day_head(day: Mapping[str, Any]) -> bytes:
    """The head of a day in its public form."""
    covered = ("number", "day", "taken_at", "before", "chains", "rows", "leaves")
    return hashlib.sha256(b"day\0" + canonical({name: day[name] for name in covered})).digest()


def document(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A file of heads, for machines and for keeping."""
    office = Installation.here()
    return {
        "form": FORM,
        "office": office.office_full_name,
        "demonstration": office.demonstration,
        "how": HOW,
        "days": list(days),
    }


def newest(limit: int = 30, *, before: int | None = None) -> list[DailyHead]:
    """Days, newest first, keyset by number."""
    query = select(DailyHead).order_by(DailyHead.number.desc()).limit(limit)
    return list(db.session.scalars(query if before is None else query.where(DailyHead.number < before)))


def every(after: int = 0) -> Iterator[DailyHead]:
    """All days, oldest first, a few at a time."""
    while True:
        page = db.session.scalars(
            select(DailyHead).where(DailyHead.number > after).order_by(DailyHead.number).limit(50)
        ).all()
        if not page:
            return
        for row in page:
            after = row.number
            yield row
            db.session.expunge(row)


def covered() -> dict[str, tuple[int, str]]:
    """Each chain's position and head as the days so far have them."""
    found: dict[str, tuple[int, str]] = {}
    for row in every():
        for chain, told in row.heads.items():
            found[chain] = (told["position"], told["head"])
    return found


def tips() -> Select[str, int, bytes, int]:
    """The last link of every chain."""
    last = select(TraceLink.chain, func.max(TraceLink.position).label("position")).group_by(TraceLink.chain).subquery()
    return (
        select(TraceLink.chain, TraceLink.position, TraceLink.head, TraceLink.trace_id)
        .join(last, (last.c.chain == TraceLink.chain) & (last.c.position == TraceLink.position))
        .order_by(TraceLink.chain)
    )


def take_daily_head(day: date) -> DailyHead | None:
    """Put what was added to the chains under one hash; None when the day has its head already, or when a head is missing.

    A chain that became shorter is put down as short as it is: whoever compares two days sees it.
    """
    last = newest(1)
    number, before = (last[0].number + 1, last[0].head) if last else (1, bytes(32))
    if last and last[0].day >= day:
        return None
    if number in witness().days:
        log.critical("daily head %d was taken before and is gone: no other is taken; run `flask trail verify`", number)
        return None
    known = covered()
    moved: dict[str, Any] = {}
    chains = rows = 0
    for row in db.session.execute(tips()):
        chains, rows = chains + 1, rows + row.position
        before_now = known.pop(row.chain, None)
        if before_now != (row.position, row.head.hex()):
            moved[row.chain] = {"position": row.position, "head": row.head.hex(), "trace": row.trace_id}
        if before_now is not None and row.position < before_now[0]:
            log.critical("chain %s has %d places and had %d", row.chain, row.position, before_now[0])
    for chain, (position, _) in known.items():
        if position:
            log.critical("chain %s had %d places and has none", chain, position)
            moved[chain] = {"position": 0, "head": bytes(32).hex(), "trace": 0}
    made = DailyHead(
        number=number,
        day=day,
        taken_at=wall().replace(microsecond=0),
        before=before,
        chains=chains,
        rows=rows,
        heads=moved,
    )
    made.head = b""
    made.head = day_head(public(made))
    made.mac = keyed("day", made.head)
    db.session.add(made)
    db.session.flush()
    return made


def keep() -> int:
    """Write the days that are not yet kept beside the database; returns how many. Only what is true and follows is kept."""
    seen = witness()
    last = max(seen.days, default=0)
    done = 0
    for row in every(after=last):
        follows = seen.days.get(row.number - 1, bytes(32).hex()) == row.before.hex() if row.number > 1 else True
        if row.number != last + 1 or not follows or not row.true:
            log.critical("daily head %d is not kept: it does not follow what was kept before", row.number)
            break
        seen.keep(private(row))
        last, done = row.number, done + 1
    return done
