"""Many calls of one kind at once over connections that stay open; the rest of the house goes through the line, one call at a time."""

import asyncio
import json
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from server.wire.errors import Unknown, Unreached, WireError
from server.wire.line import CONNECT_SECONDS, JSON_CAP, READ_SECONDS, answer_of, api_name

CONNECTIONS = 200
IDLE_SECONDS = 20.0
"""How long an unused connection is kept; WeChat closes them after about a minute."""

Outcome = dict[str, Any] | WireError | Unknown | None
"""An answer; known not to be done; nobody knows; None: never begun."""


class _Cut(Exception):
    """The line ended before the answer was whole."""


@dataclass
class _Wire:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float


class Many:
    """One thread with an event loop of its own; several workers' threads may use it together."""

    def __init__(self, base: str, connections: int = CONNECTIONS) -> None:
        parts = urlsplit(base)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self.prefix = parts.path.rstrip("/")
        self._name = parts.netloc
        self._connections = connections
        self._idle: deque[_Wire] = deque()
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free: asyncio.Semaphore | None = None
        self._tls = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH) if self.secure else None

    def post(
        self,
        path: str,
        token: str,
        bodies: Sequence[bytes],
        *,
        ends: Callable[[Outcome], bool],
        stopping: Callable[[], bool],
        seconds: float,
    ) -> list[Outcome]:
        """POST each body; what came of each, in their order. `ends` says of an outcome that no new call may begin."""
        if not bodies:
            return []
        loop = self._running()
        work = self._all(path, token, bodies, ends, stopping, seconds)
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def close(self) -> None:
        """Let the connections go."""
        with self._guard:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(self._end, loop)

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._idle:
            self._idle.pop().writer.close()
        loop.call_later(0.05, loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._free = asyncio.Semaphore(self._connections)
                threading.Thread(target=self._run, args=(self._loop,), name="many", daemon=True).start()
            return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        loop.close()

    async def _all(
        self,
        path: str,
        token: str,
        bodies: Sequence[bytes],
        ends: Callable[[Outcome], bool],
        stopping: Callable[[], bool],
        seconds: float,
    ) -> list[Outcome]:
        found: list[Outcome] = [None] * len(bodies)
        waiting = iter(range(len(bodies)))
        until = time.monotonic() + seconds
        over = False
        head = (
            f"POST {self.prefix}{path}?access_token={token} HTTP/1.1\r\nHost: {self._name}\r\n"
            "Content-Type: application/json; charset=utf-8\r\nAccept-Encoding: identity\r\nContent-Length: "
        ).encode("ascii")
        api = api_name(path)
        assert self._free is not None
        free = self._free

        async def lane() -> None:
            nonlocal over
            wire: _Wire | None = None
            async with free:
                try:
                    for n in waiting:
                        if over or stopping() or time.monotonic() > until:
                            over = True
                            return
                        outcome, wire = await self._one(api, wire, head, bodies[n])
                        found[n] = outcome
                        over = over or ends(outcome)
                finally:
                    if wire is not None:
                        self._idle.append(wire)

        await asyncio.gather(*(lane() for _ in range(min(len(bodies), self._connections))))
        return found

    async def _one(self, api: str, wire: _Wire | None, head: bytes, body: bytes) -> tuple[Outcome, _Wire | None]:
        """One call. A connection that could not be made is known not to have carried anything."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                wire = await self._wire(wire)
        except (OSError, TimeoutError) as error:
            return Unreached(api, type(error).__name__), None
        try:
            async with asyncio.timeout(READ_SECONDS):
                wire.writer.write(b"%s%d\r\n\r\n%s" % (head, len(body), body))
                status, raw, stays = await _answer(wire.reader)
        except (
            OSError,
            TimeoutError,
            _Cut,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ) as error:
            wire.writer.close()
            return Unknown(api, type(error).__name__), None
        wire.used = time.monotonic()
        if not stays:
            wire.writer.close()
        outcome: Outcome
        try:
            outcome = answer_of(api, status, raw)
        except (WireError, Unknown) as error:
            outcome = error
        return outcome, wire if stays else None

    async def _wire(self, wire: _Wire | None) -> _Wire:
        """A connection that is open: the lane's own, an idle one, or a new one."""
        while wire is not None or self._idle:
            held, wire = wire if wire is not None else self._idle.pop(), None
            fresh = time.monotonic() - held.used < IDLE_SECONDS
            if fresh and not held.reader.at_eof() and not held.writer.is_closing():
                return held
            held.writer.close()
        reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self._tls, limit=256 * 1024)
        return _Wire(reader, writer, time.monotonic())


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays open."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.split("\r\n")
        version, code = line.split(" ", 2)[:2]
        status = int(code)
        if status != 100:
            break
    told = {name.strip().lower(): value.strip().lower() for name, _, value in (f.partition(":") for f in fields if f)}
    stays = version == "HTTP/1.1" and told.get("connection") != "close"
    if "chunked" in told.get("transfer-encoding", ""):
        return status, await _chunks(reader), stays
    if "content-length" in told:
        length = int(told["content-length"])
        if not 0 <= length <= JSON_CAP:
            raise _Cut
        return status, await reader.readexactly(length), stays
    return status, await reader.read(JSON_CAP), False


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    held = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if size < 0 or len(held) + size > JSON_CAP:
            raise _Cut
        if not size:
            while (await reader.readuntil(b"\r\n")) != b"\r\n":
                pass
            return bytes(held)
        held += await reader.readexactly(size)
        await reader.readexactly(2)


def body_of(told: dict[str, object]) -> bytes:
    """WeChat shows \\uXXXX escapes to people as they are, so Chinese goes out as itself."""
    return json.dumps(told, ensure_ascii=False).encode()
