"""The trail: who did what and when, written by the deed itself, never changed, and the fact people are told from."""

import hashlib
import hmac
import json
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

from flask import current_app
from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, BigInt, db
from models.kernel.clock import local, now, today, wall
from models.kernel.ids import new_token
from models.kernel.installation import Installation
from models.kernel.witness import Witness, witness

log = logging.getLogger(__name__)


class Actor(Protocol):
    """Whoever can do a deed: an officer, a resident, or the system itself."""

    actor_kind: str
    actor_ref: str
    actor_name: str
    actor_post: str
    actor_unit: str


class System:
    """The clockwork, when nobody in particular acts."""

    actor_kind = "system"
    actor_ref = ""
    actor_name = "系统"
    actor_post = ""
    actor_unit = ""


SYSTEM = System()


class Trace(Base):
    """One deed. Insert-only: a trigger refuses every change."""

    __tablename__ = "trace"
    __table_args__ = (
        Index("ix_trace_subject", "subject_kind", "subject_id", "id"),
        Index("ix_trace_chain", "chain", "id"),
    )

    ref: Mapped[str] = mapped_column(String(64), unique=True)
    """Made before the row is inserted, so that the MAC can cover it."""
    chain: Mapped[str] = mapped_column(String(24))
    """The case's public id, or the month (2026-11) of what belongs to no case."""
    at: Mapped[datetime]
    wall_at: Mapped[datetime]
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInt)
    verb: Mapped[str] = mapped_column(String(40))
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_ref: Mapped[str] = mapped_column(String(12))
    actor_name: Mapped[str] = mapped_column(String(40))
    actor_post: Mapped[str] = mapped_column(String(40))
    actor_unit: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Ids, numbers, dates and salted commitments; no personal text."""
    demonstration: Mapped[bool]
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def fact(self) -> str:
        """What happened, as a word of the trail: Consultation.publish."""
        return f"{self.subject_kind}.{self.verb}"

    @property
    def testimony(self) -> list[Any]:
        """What a witness notes of it."""
        who = " ".join(part for part in (self.actor_name, self.actor_unit, self.actor_post) if part)
        at = self.wall_at.isoformat(timespec="seconds")
        return ["T", self.id, self.chain, self.ref, self.mac.hex(), at, self.fact, who]


class TraceLink(Base):
    """The place of a deed in its chain; inserted by the sequencer, never changed."""

    __tablename__ = "trace_link"
    __table_args__ = (UniqueConstraint("chain", "position"), UniqueConstraint("trace_id"))

    trace_id: Mapped[int] = mapped_column(ForeignKey("trace.id"))
    chain: Mapped[str] = mapped_column(String(24))
    position: Mapped[int] = mapped_column(Integer)
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 over the head before and this row."""
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))

    @property
    def testimony(self) -> list[Any]:
        """What a witness notes of it."""
        return ["L", self.trace_id, self.chain, self.position, self.head.hex()]


COVERED = (
    "ref",
    "chain",
    "at",
    "wall_at",
    "subject_kind",
    "subject_id",
    "verb",
    "actor_kind",
    "actor_ref",
    "actor_name",
    "actor_post",
    "actor_unit",
    "detail",
    "demonstration",
)


def row_fields(row: Any) -> dict[str, Any]:
    """The columns that the MAC covers, from a Trace or a core row."""
    return {name: getattr(row, name) for name in COVERED}


def canonical(fields: Mapping[str, Any]) -> bytes:
    """One spelling for the same content: sorted keys, no spaces, UTF-8, UTC instants with microseconds."""

    def plain(value: Any) -> Any:
        return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)

    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain).encode()


def trail_key() -> bytes:
    """The key of the MACs; it lives outside the database."""
    key = current_app.extensions["trail_key"]
    assert isinstance(key, bytes)
    return key


def keyed(purpose: str, content: bytes) -> bytes:
    """The MAC of something under the trail key; what it is for keeps one kind from standing in for another."""
    return hmac.new(trail_key(), purpose.encode() + b"\0" + content, hashlib.sha256).digest()


def same(kept: object, made: bytes) -> bool:
    """Whether a kept MAC or hash is the one just made; whatever else may stand in its place is not."""
    return isinstance(kept, bytes) and hmac.compare_digest(kept, made)


def true(row: Any) -> bool:
    """Whether a Trace, a core row or a row out of a case file still is what was written."""
    return same(row.mac, keyed("trace", canonical(row_fields(row))))


def commitment(words: str) -> str:
    """What the trail keeps of words that stand elsewhere: nobody reads them from it, and nobody changes them unnoticed.

    It is keyed, so that a guess at the words cannot be tried out by somebody who has the database alone.
    """
    return keyed("said", words.encode()).hex()[:32]


_notes: ContextVar[dict[str, Any] | None] = ContextVar("notes", default=None)


@contextmanager
def notes() -> Iterator[dict[str, Any]]:
    """Collect what the body of a deed adds to its trace; deeds inside deeds collect their own."""
    collected: dict[str, Any] = {}
    token = _notes.set(collected)
    try:
        yield collected
    finally:
        _notes.reset(token)


def note(**detail: Any) -> None:
    """Add ids or numbers to the trace of the deed that is being done."""
    collected = _notes.get()
    assert collected is not None, "note() outside a deed"
    collected.update(detail)


_gathered: ContextVar[list["Trace"] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Many deeds on records that are there already, written down together at the end: one round trip, each its own row."""
    assert _gathered.get() is None, "deeds are gathered already"
    rows: list[Trace] = []
    token = _gathered.set(rows)
    try:
        with db.session.no_autoflush:
            yield
        db.session.flush()
        db.session.add_all(rows)
        db.session.flush()
        for row in rows:
            witness().remember(row)
    finally:
        _gathered.reset(token)


def gathering() -> bool:
    """Whether deeds are written down together just now."""
    return _gathered.get() is not None


def month() -> str:
    """The chain of deeds that belong to no case."""
    return f"{today():%Y-%m}"


def write(subject: Any, verb: str, actor: Actor, detail: Mapping[str, Any]) -> Trace:
    """Write down a deed. Called by the lifecycle decorators and by nothing else."""
    together = _gathered.get()
    if together is None:
        db.session.flush()
    kept = json.loads(canonical(detail))
    trace = Trace(
        ref=new_token(),
        chain=getattr(subject, "chain", None) or month(),
        at=now(),
        wall_at=wall(),
        subject_kind=type(subject).__name__,
        subject_id=subject.id,
        verb=verb,
        actor_kind=actor.actor_kind,
        actor_ref=actor.actor_ref,
        actor_name=actor.actor_name,
        actor_post=actor.actor_post,
        actor_unit=actor.actor_unit,
        detail=kept,
        demonstration=Installation.is_demonstration(),
    )
    trace.mac = keyed("trace", canonical(row_fields(trace)))
    if together is not None:
        together.append(trace)
        return trace
    db.session.add(trace)
    db.session.flush()
    witness().remember(trace)
    return trace


def unlinked(limit: int = 500, *, but: Collection[str] = ()) -> list[Trace]:
    """Deeds that wait for their place in a chain, oldest first; `but` leaves some chains out."""
    query = (
        select(Trace)
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(TraceLink.id.is_(None))
        .order_by(Trace.id)
        .limit(limit)
    )
    return list(db.session.scalars(query.where(Trace.chain.not_in(but)) if but else query))


def link_head(before: bytes, row: Any) -> bytes:
    """The chain's head after this row."""
    return head_after(before, canonical(row_fields(row)), row.mac)


def head_after(before: bytes, spelt: bytes, mac: bytes) -> bytes:
    """The same of a row that is spelt out already."""
    return hashlib.sha256(b"link\0" + before + spelt + mac).digest()


def link_mac(chain: str, position: int, head: bytes) -> bytes:
    """What a database administrator cannot recompute."""
    return keyed("link", f"{chain}\0{position}\0".encode() + head)


def sequence(limit: int = 500) -> int:
    """Give waiting deeds their places; returns how many. One sequencer at a time (UNIQUE refuses a second).

    A chain that has become shorter than this machine has seen it gets no new links: who cut its links away wants the rest
    to be linked anew without the missing row, and only the sequencer could do that with valid MACs.
    """
    seen = witness()
    tips: dict[str, tuple[int, bytes]] = {}
    links = []
    for trace in unlinked(limit, but=seen.broken):
        if trace.chain in seen.broken:
            continue
        if trace.chain not in tips:
            tips[trace.chain] = tip(trace.chain)
            if not _still_there(trace.chain, seen):
                seen.broken.add(trace.chain)
                log.critical(
                    "chain %s is shorter than it was: no deed is linked to it; run `flask trail verify`", trace.chain
                )
                continue
        position, head = tips[trace.chain]
        position, head = position + 1, link_head(head, trace)
        tips[trace.chain] = (position, head)
        links.append(
            TraceLink(
                trace_id=trace.id,
                chain=trace.chain,
                position=position,
                head=head,
                mac=link_mac(trace.chain, position, head),
            )
        )
    db.session.add_all(links)
    db.session.flush()
    for link in links:
        seen.remember(link)
    return len(links)


def _still_there(chain: str, seen: Witness) -> bool:
    """Whether the last link that this machine saw of a chain still stands in the database."""
    known = seen.tips.get(chain)
    if known is None:
        return True
    position, head = known
    kept = db.session.scalar(select(TraceLink.head).where(TraceLink.chain == chain, TraceLink.position == position))
    return same(kept, head)


def tip(chain: str) -> tuple[int, bytes]:
    """Position and head of a chain's last link; (0, zeros) for an empty one."""
    last = db.session.execute(
        select(TraceLink.position, TraceLink.head)
        .where(TraceLink.chain == chain)
        .order_by(TraceLink.position.desc())
        .limit(1)
    ).first()
    return (last.position, last.head) if last else (0, bytes(32))


def story(
    *,
    chain: str | None = None,
    subject: Any = None,
    verbs: tuple[str, ...] = (),
    before: int | None = None,
    limit: int = 50,
) -> list[Row[tuple[Trace, int | None]]]:
    """Deeds, newest first, each with its position in the chain (None while it waits)."""
    query = (
        select(Trace, TraceLink.position)
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .order_by(Trace.id.desc())
        .limit(limit)
    )
    if chain is not None:
        query = query.where(Trace.chain == chain)
    if subject is not None:
        query = query.where(Trace.subject_kind == type(subject).__name__, Trace.subject_id == subject.id)
    if verbs:
        query = query.where(Trace.verb.in_(verbs))
    if before is not None:
        query = query.where(Trace.id < before)
    return list(db.session.execute(query))


def hands(subject: Any, verbs: tuple[str, ...]) -> set[str]:
    """Who did any of these deeds to a record: a rule of two persons asks the trail, which forgets nobody."""
    return set(
        db.session.scalars(
            select(Trace.actor_ref)
            .where(Trace.subject_kind == type(subject).__name__, Trace.subject_id == subject.id, Trace.verb.in_(verbs))
            .distinct()
        )
    )


def chains() -> list[str]:
    """All chains there are, those included of which only links are left."""
    return sorted(db.session.scalars(select(Trace.chain).union(select(TraceLink.chain))))


def day_of(trace: Trace) -> date:
    """The Beijing day of a deed."""
    return local(trace.at).date()


_LATE = 64
"""Deeds that are looked at: one that commits late beside a later one is among them."""


def last_deeds(*chains: str) -> tuple[Any, ...]:
    """What was done last in these chains, in two numbers each: they change with every deed, and with nothing else.

    Whoever remembers what they read under these numbers may tell it again for as long as the numbers stay.
    """
    found = db.session.execute(_last(len(chains)), {f"chain_{n}": chain for n, chain in enumerate(chains)}).one()
    return tuple(found)


@cache
def _last(chains: int) -> Select[Any]:
    """The statement of last_deeds(), built once."""
    columns: list[Any] = []
    for n in range(chains):
        last = (
            select(Trace.id)
            .where(Trace.chain == bindparam(f"chain_{n}", type_=Trace.chain.type))
            .order_by(Trace.id.desc())
            .limit(_LATE)
            .subquery()
        )
        columns += [select(func.max(last.c.id)).scalar_subquery(), select(func.sum(last.c.id)).scalar_subquery()]
    return select(*columns)
