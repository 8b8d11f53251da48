"""Numbers for a watchman who draws curves: what came in, how long it took, what waits, what stands still. No person, no matter."""

import mmap
import os
import re
import secrets
import struct
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import accumulate
from pathlib import Path

from flask import Blueprint, Response, current_app, g, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from config.logging import request_id
from config.settings import Settings
from models.kernel.base import db
from models.kernel.clock import now, wall
from models.kernel.trail import Trace, TraceLink
from models.kernel.work import Heartbeat, Work, WorkState
from models.messages.allowance import standing
from models.messages.halt import Halt
from models.messages.message import Message
from server.house import House

DOORS = ("site", "console", "api", "wechat", "other")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_COUNTS = len(DOORS) * len(CLASSES)
_TIMES = len(BUCKETS) + 2  # each bucket, those beyond the last, and the sum of seconds
_CELLS = _COUNTS + len(DOORS) * _TIMES
FOLDER = "metrics"
KEPT = 86_400.0
"""Seconds for which the numbers of a process that ended are still counted."""
NAMED = re.compile(r"[0-9a-f]{16,64}")

blueprint = Blueprint("metrics", __name__)


class Tally:
    """The counters of one process, in a small file that all processes of this machine can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._map: mmap.mmap | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def count(self, door: str, status: int, seconds: float) -> None:
        """One answer more. A folder that takes no file costs nothing but the numbers."""
        where = DOORS.index(door)
        kind = min(max(status // 100, 2), 5) - 2
        with self._lock, suppress(OSError, ValueError):
            cells = self._cells()
            self._add(cells, where * len(CLASSES) + kind, 1)
            first = _COUNTS + where * _TIMES
            self._add(cells, first + bisect_left(BUCKETS, seconds), 1)
            self._add(cells, first + len(BUCKETS) + 1, seconds)

    def _add(self, cells: mmap.mmap, place: int, number: float) -> None:
        (before,) = struct.unpack_from("d", cells, place * 8)
        struct.pack_into("d", cells, place * 8, before + number)

    def _cells(self) -> mmap.mmap:
        """This process's own; after a fork a child begins its own."""
        if self._map is None or self._pid != os.getpid():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._pid = os.getpid()
            path = self.folder / f"{self._pid}-{secrets.token_hex(4)}"
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
            try:
                os.ftruncate(handle, _CELLS * 8)
                self._map = mmap.mmap(handle, _CELLS * 8)
            finally:
                os.close(handle)
        return self._map

    def read(self) -> list[float]:
        """The sums over all processes of this machine."""
        total = [0.0] * _CELLS
        for path in self.folder.glob("*-*"):
            with suppress(OSError, struct.error):
                if time.time() - path.stat().st_mtime > KEPT and not Path(f"/proc/{path.name.split('-')[0]}").exists():
                    path.unlink()
                    continue
                for n, value in enumerate(struct.unpack(f"{_CELLS}d", path.read_bytes())):
                    total[n] += value
        return total


def door_of(path: str) -> str:
    """At which door somebody stood."""
    for door, start in (("console", "/desk"), ("api", "/api/"), ("wechat", "/wechat/")):
        if path.startswith(start):
            return door
    return "other" if path.startswith(("/static", "/healthz", "/readyz", "/metrics", "/demo")) else "site"


def stand_by(app: House) -> None:
    """Give each request its name in the log, and count its answer."""
    settings: Settings = app.extensions["settings"]
    tally = app.extensions["tally"] = Tally(settings.data_dir / FOLDER)

    @app.before_request
    def begin() -> None:
        named = request.headers.get("X-Request-ID", "")
        # Only our own proxy's name is believed to be one; what a stranger sends could be anything.
        g.began = time.perf_counter()
        request_id.set(named if settings.proxy_hops and NAMED.fullmatch(named) else secrets.token_hex(8))

    @app.after_request
    def end(response: Response) -> Response:
        began = g.get("began")
        if began is not None:
            tally.count(door_of(request.path), response.status_code, time.perf_counter() - began)
        response.headers["X-Request-ID"] = request_id.get()
        return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """In Prometheus's text format, for the watchman on this machine: nobody who comes through a proxy gets an answer."""
    if request.headers.get("X-Forwarded-For"):
        raise NotFound
    lines = list(_requests(current_app.extensions["tally"].read()))
    try:
        lines += _database()
        up = 1
    except SQLAlchemyError:
        db.session.rollback()
        up = 0
    lines += _gauge("huiyin_database_up", "Whether the database answers.", [("", up)])
    answer = Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _requests(cells: list[float]) -> Iterator[str]:
    yield "# HELP huiyin_requests_total Answers, by door and class of status."
    yield "# TYPE huiyin_requests_total counter"
    for d, door in enumerate(DOORS):
        for c, kind in enumerate(CLASSES):
            yield f'huiyin_requests_total{{door="{door}",status="{kind}"}} {cells[d * len(CLASSES) + c]:.0f}'
    yield "# HELP huiyin_request_seconds How long answers took."
    yield "# TYPE huiyin_request_seconds histogram"
    for d, door in enumerate(DOORS):
        first = _COUNTS + d * _TIMES
        within = list(accumulate(cells[first : first + len(BUCKETS) + 1]))
        for most, count in zip((*BUCKETS, "+Inf"), within, strict=True):
            yield f'huiyin_request_seconds_bucket{{door="{door}",le="{most}"}} {count:.0f}'
        yield f'huiyin_request_seconds_sum{{door="{door}"}} {cells[first + len(BUCKETS) + 1]:.6f}'
        yield f'huiyin_request_seconds_count{{door="{door}"}} {within[-1]:.0f}'


def _database() -> list[str]:
    """What waits and what stands still; the same numbers from whichever machine they are asked."""
    at = wall()
    settings: Settings = current_app.extensions["settings"]
    counts = Work.counts()
    oldest = db.session.scalar(select(func.min(Work.run_at)).where(Work.state == WorkState.READY, Work.run_at <= at))
    beat = Heartbeat.age("worker")
    told = db.session.execute(
        select(Message.state, func.count()).where(Message.made_at > now() - timedelta(days=1)).group_by(Message.state)
    ).all()
    still = db.session.execute(
        select(Halt.kind, func.count()).where(Halt.until.is_(None) | (Halt.until > now())).group_by(Halt.kind)
    ).all()
    unlinked = db.session.scalar(
        select(func.count()).select_from(Trace).outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(TraceLink.id.is_(None))
    )  # fmt: skip
    spent = [
        (f'role="{role}",api="{api}"', used, most)
        for role, account in (("official", settings.official), ("mini", settings.mini))
        if account is not None
        for api, (used, most) in sorted(standing(account.appid).items())
    ]
    return [
        *_gauge("huiyin_work", "Pieces of work by state.", [(f'state="{s.value}"', counts.get(s.value, 0)) for s in WorkState]),
        *_gauge(
            "huiyin_work_late_seconds",
            "For how long the oldest due piece of work has waited.",
            [("", max(0.0, (at - oldest).total_seconds()) if oldest else 0)],
        ),
        *_gauge("huiyin_worker_beat_seconds", "Since the worker last said that it lives.", [("", beat.total_seconds() if beat else -1)]),
        *_gauge("huiyin_messages_day", "Messages made in the last day, by state.", [(f'state="{s.value}"', n) for s, n in told]),
        *_gauge("huiyin_halts", "What WeChat does not let us do now.", [(f'kind="{k.value}"', n) for k, n in still]),
        *_gauge("huiyin_trail_unlinked", "Deeds that wait for their place in a chain.", [("", unlinked or 0)]),
        *_gauge("huiyin_wechat_calls_today", "Calls made today.", [(label, used) for label, used, _ in spent]),
        *_gauge("huiyin_wechat_calls_limit", "Calls allowed today.", [(label, most) for label, _, most in spent]),
    ]  # fmt: skip


def _gauge(name: str, words: str, told: list[tuple[str, float]]) -> list[str]:
    return [
        f"# HELP {name} {words}",
        f"# TYPE {name} gauge",
        *(f"{name}{{{label}}} {value:g}" if label else f"{name} {value:g}" for label, value in told),
    ]
