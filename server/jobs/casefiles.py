"""Case files are packed by the worker, a piece at a time, straight into the sealed store; the page shows how far it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from models import files
from models.decisions.casefile import gather
from models.decisions.volume import CaseFile, Packing, Progress, Purpose, fresh, held_already, store_key, volumes
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.trail import SYSTEM, Trace, TraceLink
from server.jobs.queue import Later, Turn
from server.papers.casefile import Packed, one_moment, pack

EVERY = 1.5
"""Seconds between two words of progress; each renews the lease."""
PATIENCE = timedelta(seconds=60)
"""How long the packing waits for the sequencer to put the last deeds into their places."""


def pack_case_file(turn: Turn) -> None:
    """What was asked for, packed, stored and written down."""
    number = int(turn.payload["subject"])
    with turn.reading():
        asked = db.session.get_one(Packing, number)
        if asked.progress is Progress.DONE:
            return
        if wall() - asked.heard_at < PATIENCE and _unlinked(asked.chain):
            raise Later(wall() + timedelta(seconds=1), "the sequencer has not linked the last deeds yet")
    with turn.transaction():
        asked = db.session.get_one(Packing, number)
        asked.progress, asked.heard_at, asked.done = Progress.PACKING, wall(), 0
        known = _sealed_already(asked)
        if known is not None:
            asked.made, asked.progress = known, Progress.DONE
            return
    telling = _Telling(turn, number)
    with _put() as out:
        with turn.reading():
            one_moment()
            asked = db.session.get_one(Packing, number)
            sealed = volumes(asked.decision) if asked.purpose is not Purpose.COPY else []
            made = pack(
                asked.decision,
                out,
                volume=None if asked.purpose is Purpose.COPY else len(sealed) + 1,
                number=asked.number,
                previous=sealed[-1] if sealed else None,
                tell=telling,
            )
        name = out.keep()
    with turn.transaction(last=True):
        asked = db.session.get_one(Packing, number)
        asked.made = record(asked.decision, made, out.sha256, out.written, file=name, asked=asked)
        asked.progress, asked.done, asked.total, asked.heard_at = Progress.DONE, asked.total, asked.total, wall()


def _sealed_already(asked: Packing) -> CaseFile | None:
    """The volume that holds all of it already: somebody asked twice, or a worker died just after its last word."""
    sealed = volumes(asked.decision)
    if asked.purpose is Purpose.VOLUME and sealed:
        return sealed[0]
    if asked.purpose is Purpose.SUPPLEMENT and not fresh(gather(asked.decision).items, held_already(asked.decision)):
        return sealed[-1]
    return None


def record(
    decision: object, made: Packed, sha256: str, size: int, *, file: str = "", asked: Packing | None = None
) -> CaseFile:
    """The record of a packed file, made by the clockwork in the name of who asked."""
    sealed = volumes(asked.decision) if asked is not None and made.volume else []
    return CaseFile.seal(
        SYSTEM,
        decision,
        volume=made.volume,
        number=made.number,
        previous=sealed[-1] if sealed else None,
        sha256=sha256,
        file=file,
        size=size,
        position=made.position,
        head=made.head,
        held=made.held,
        lacking=made.lacking,
        officer=asked.officer if asked is not None else None,
    )


@contextmanager
def _put() -> Iterator[files.Put]:
    """A file in the making, of which nothing stays when something goes wrong."""
    out = files.Put(store_key())
    try:
        yield out
    finally:
        out.drop()


def _unlinked(chain: str) -> bool:
    """Whether deeds of this case wait for their place in the chain."""
    waiting = (
        select(Trace.id)
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(Trace.chain == chain, TraceLink.id.is_(None))
        .limit(1)
    )
    return db.session.scalar(waiting) is not None


class _Telling:
    """Writes down how far the packing is, not more often than people look; stops when the worker is being stopped."""

    def __init__(self, turn: Turn, number: int) -> None:
        self.turn, self.number = turn, number
        self.next = 0.0

    def __call__(self, done: int, total: int, phase: str) -> None:
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + EVERY
        self.turn.breathe()
        with self.turn.transaction():
            row = db.session.get_one(Packing, self.number)
            row.done, row.total, row.phase, row.heard_at = done, total, phase[:120], wall()
