"""One piece of work from its claim to its end, each step in a short transaction under its lease."""

import logging
import random
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from config.logging import request_id
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.work import ATTEMPTS, Work
from server.house import brief

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
URGENT_FIRST = 100
"""Pieces of more urgent work that are done before one that was taken from the queue."""


class Lost(Exception):
    """The lease ran out and another worker has the work now; whatever this one still wanted to write is void."""


class Later(Exception):
    """Not a failure: a quota, a window, or the worker is being stopped. The try is not counted."""

    def __init__(self, at: datetime, why: str = "") -> None:
        super().__init__(why)
        self.at = at
        self.why = why


class Again(Exception):
    """It failed in a way that may get better."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.after = after


class Held(Exception):
    """A person has to decide."""


@dataclass
class Turn:
    """One worker's turn at one piece of work."""

    number: int
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    owner: str
    stopping: Event = field(default_factory=Event, repr=False)
    finished: bool = False

    @contextmanager
    def transaction(self, *, last: bool = False) -> Iterator[None]:
        """A short transaction under the lease. `last` also finishes the work, so that both hold or neither.

        The first statement renews the lease: whoever lost it writes nothing, and SQLite takes its write lock before
        anything is read. No outside call belongs in here.
        """
        with brief():
            if not Work.renew(self.number, self.owner, self.attempt, LEASE):
                raise Lost
            yield
            if last and not Work.finish(self.number, self.owner, self.attempt):
                raise Lost
        self.finished = self.finished or last

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that only reads."""
        with brief(write=False):
            yield

    def breathe(self) -> None:
        """Between two outside calls: stop here if the worker is being stopped."""
        if self.stopping.is_set():
            raise Later(wall(), "stopping")


Job = Callable[[Turn], None]


class Queue:
    """Claims work, does it, and writes down how it ended."""

    def __init__(self, app: Flask, jobs: Mapping[str, Job], owner: str) -> None:
        self.app = app
        self.jobs = jobs
        self.owner = owner
        self.stopping = Event()

    def do(self, number: int) -> bool:
        """Do one piece of work if it is free; whether it was. What is more urgent and due is done before it.

        The queue carries numbers in the order in which they were wanted, so urgency is asked of the database.
        """
        before = 0
        while before < URGENT_FIRST and (urgent := self._more_urgent(number)) is not None:
            before += self._do(urgent)
            if self.stopping.is_set():
                return False
        return self._do(number)

    def _more_urgent(self, number: int) -> int | None:
        with self.app.app_context(), brief(write=False):
            return Work.more_urgent(number)

    def _do(self, number: int) -> bool:
        with self.app.app_context():
            turn = self._claim(number)
            if turn is None:
                return False
            began = time.monotonic()
            request_id.set(f"work-{turn.number}-{turn.attempt}")
            try:
                self._run(turn)
            except Lost:
                log.warning("work %d (%s): the lease was lost", turn.number, turn.kind)
            log.info("work %d (%s) took %.0f ms", turn.number, turn.kind, (time.monotonic() - began) * 1000)
            return True

    def do_and_forget(self, number: int) -> None:
        """For the carrier: how it ended stands in the database. A database that is away is the sweep's business."""
        try:
            self.do(number)
        except Exception:
            log.exception("work %d could not be taken up; the sweep will", number)

    def due(self, limit: int = 200) -> list[int]:
        """Numbers of work that may start now."""
        with self.app.app_context(), brief(write=False):
            return list(Work.due(limit))

    def drain(self, limit: int = 10_000) -> int:
        """Do everything that is due, here and now, one after the other; for the command line and the tests."""
        done = 0
        while done < limit and (numbers := self.due(50)):
            done += sum(self.do(number) for number in numbers)
        return done

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the clockwork's own, outside any piece of work: heartbeat, sequencer, calendar."""
        with self.app.app_context(), brief():
            yield

    def _claim(self, number: int) -> Turn | None:
        with brief():
            work = Work.claim(number, self.owner, LEASE)
            if work is None:
                return None
            return Turn(work.id, work.kind, dict(work.payload), work.attempts, self.owner, self.stopping)

    def _run(self, turn: Turn) -> None:
        """The job itself; every way it can end is written down under the fence."""
        job = self.jobs.get(turn.kind)
        number, owner, attempt = turn.number, turn.owner, turn.attempt
        try:
            if job is None:
                raise Held(f"没有办理「{turn.kind}」的程序")
            if attempt > ATTEMPTS:
                raise Again("办理时反复中断")
            try:
                job(turn)
            finally:
                db.session.remove()  # a job that forgot to close what it read must not lock itself out
            if not turn.finished:
                with turn.transaction(last=True):
                    pass
            return
        except Lost:
            raise
        except Later as later:
            log.info("work %d (%s) later: %s", number, turn.kind, later.why)
            with brief():
                Work.put_back(number, owner, attempt, later.at)
            return
        except Held as held:
            log.error("ALARM work %d (%s) is held for a person: %s", number, turn.kind, held)
            with brief():
                Work.hold(number, owner, attempt, str(held))
            return
        except Again as again:
            why, after = again.why, again.after
        except DBAPIError as error:
            # PostgreSQL's own message quotes the values that collided, so only where it happened is logged.
            frames = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
            where = "".join(traceback.format_list(frames))
            log.error("work %d (%s): the database refused: %s\n%s", number, turn.kind, type(error.orig).__name__, where)
            why, after = type(error).__name__, None
        except Exception as error:
            log.exception("work %d (%s) failed", number, turn.kind)
            why, after = type(error).__name__, None
        if attempt >= ATTEMPTS:
            log.critical("ALARM work %d (%s) is given up after %d tries: %s", number, turn.kind, attempt, why)
        with brief():
            Work.again(number, owner, attempt, wall() + (back_off(attempt) if after is None else after), why)


def back_off(attempt: int) -> timedelta:
    """One second, two, four … an hour at most, each with a little chance so that a crowd does not come back at once."""
    seconds = min(2.0 ** (attempt - 1), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds * (1 + random.random() / 2))  # noqa: S311 - spreading, not secrecy
