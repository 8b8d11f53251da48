"""Measured over the wire: gunicorn, PostgreSQL with every commit synced, sixteen connections; a rate is requests for each second of CPU.

The product and its bare reference (tests/bench/bare.py) run side by side with the same worker class, the same number of workers and threads, the same
access log and the same database. What counts is the CPU that a request costs: that of the web server's processes and that of PostgreSQL's together.
"""

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.demonstration import go_with_me
from config.settings import ROOT
from models.kernel.base import db
from server.house import House
from tests import services
from tests.bench.bare import SINK, as_template
from tests.bench.measuring import ROUNDS, SECONDS, asks, listening
from tests.conftest import Engine, migrate, settings_for, settle
from tests.faults.running import Running, looking, running

CONNECTIONS = 16
Rounds = tuple[list[float], list[float], list[float]]


@dataclass
class Office:
    """A street office on PostgreSQL with its web server, and the bare reference beside it."""

    product: Running
    engine: Engine
    folder: Path
    postmaster: int
    statements: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    bare: subprocess.Popen[bytes] | None = None
    bare_port: int = 0

    @contextmanager
    def inside(self, *, write: bool = True) -> Iterator[House]:
        """The house opened here, to prepare what is measured; committed at the end."""
        with looking(self.product, write=write) as app:
            app.testing = False
            yield app
            db.session.commit()

    def asked(self, app: House, path: str, **more: Any) -> int:
        """Learn which statements a request asks, so that the bare reference can ask the same; how many they are."""
        request = asks(app, path, **more)
        request()
        with listening(db.engine) as heard:
            answer = request()
        self.statements[path] = heard.asked
        if answer.startswith(b"<!doctype html>"):
            self.pages[path] = as_template(answer.decode(), _sources())
        return len(heard.asked)

    def open(self) -> None:
        """Start both web servers, when everything is prepared."""
        told = self.folder / "statements"
        names = {f"s{n}": what for n, what in enumerate(self.statements.values())}
        pages = {f"s{list(self.statements).index(path)}": page for path, page in self.pages.items()}
        told.write_bytes(pickle.dumps({**names, "pages": pages}))
        self.bare_port = services.free_port()
        env = {
            **os.environ,
            **self.product.env,
            "PORT": str(self.bare_port),
            "BARE_URL": self.product.env["DATABASE_URL"],
            "BARE_STATEMENTS": str(told),
            "LOG_DIR": str(self.folder / "bare"),
        }
        with open(self.folder / "bare.out", "ab") as out:
            self.bare = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "tests.bench.bare:make()"],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=go_with_me,
            )
        self.product.start("web")
        self.product.ready()
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.bare_port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "bare.out").read_text())

    def bare_of(self, path: str, *, as_page: bool = False) -> bytes:
        """The request that asks the bare reference for the same: for what was read as JSON, or as the same page."""
        number = list(self.statements).index(path)
        if as_page:
            return request("GET", f"/page/s{number}")
        if isinstance(self.statements[path], int):
            return request("POST", f"/write/s{number}", body=b"{}")
        return request("GET", f"/read/s{number}")

    def compare(self, ours: Iterator[bytes], bare: bytes) -> Rounds:
        """Rounds of bare, ours, bare: the ratio of each round, and requests for each second of CPU of both."""
        assert self.bare is not None
        other = self.bare.pid
        return self._turns(ours, lambda seconds: self._rate(self.bare_port, other, forever(bare), seconds))

    def between(self, ours: bytes, other: bytes) -> Rounds:
        """The same for two requests of ours."""
        web = self.product.processes["web"].pid
        return self._turns(forever(ours), lambda seconds: self._rate(self.product.port, web, forever(other), seconds))

    def _turns(self, mine: Iterator[bytes], reference: Callable[[float], float]) -> Rounds:
        web = self.product.processes["web"].pid
        ratios, here, theirs = [], [], []
        reference(0.5)
        self._rate(self.product.port, web, mine, 0.5)
        for _ in range(ROUNDS):
            before = reference(SECONDS)
            rate = self._rate(self.product.port, web, mine, 2 * SECONDS)
            after = reference(SECONDS)
            ratios.append(rate / ((before + after) / 2))
            here.append(rate)
            theirs.append((before + after) / 2)
        return ratios, here, theirs

    def _rate(self, port: int, server: int, requests: Iterator[bytes], seconds: float) -> float:
        began = self._cpu(server)
        done = load(port, requests, seconds)
        spent = self._cpu(server) - began
        assert done, "nothing was answered"
        return done / spent

    def _cpu(self, server: int) -> float:
        """Seconds that a web server and PostgreSQL have used so far, processes that have ended included."""
        return sum(_spent(psutil.Process(pid)) for pid in (server, self.postmaster))


def _sources() -> str:
    """All templates of the product, one behind the other."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "server").rglob("*.html")))


def _spent(process: psutil.Process) -> float:
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            used = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
        if one is process:
            total += used.children_user + used.children_system
    return total


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """PostgreSQL of its own that syncs every commit, the street in it, and nothing left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with services.Postgres(durable=True) as server:
        engine = Engine("postgresql", folder, server.url)
        address = engine.empty()
        settings = settings_for(address, folder / "data")
        migrate(settings)
        settle(settings)
        with psycopg.connect(address.replace("+psycopg", "")) as connection:
            for statement in SINK:
                connection.execute(statement)
        assert server.process
        with running(folder / "run", address, web=2) as product:
            made = Office(product, engine, folder, server.process.pid)
            try:
                yield made
            finally:
                if made.bare is not None:
                    os.killpg(made.bare.pid, signal.SIGKILL)
                    made.bare.wait()


def request(method: str, path: str, *, body: bytes = b"", **headers: str) -> bytes:
    """One request as it goes over the line, on a connection that is kept."""
    told = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body:
        told |= {"Content-Type": told.get("Content-Type", "application/json"), "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def forever(one: bytes) -> Iterator[bytes]:
    """The same request again and again."""
    while True:
        yield one


def load(port: int, requests: Iterator[bytes], seconds: float) -> int:
    """Send requests on sixteen connections for so long; how many were answered. Anything but 200, 201 and 304 is an error."""
    until, done, lock = time.monotonic() + seconds, [0] * CONNECTIONS, threading.Lock()
    wrong: list[bytes] = []

    def speak(who: int) -> None:
        line = _Line(port)
        while time.monotonic() < until and not wrong:
            with lock:
                one = next(requests, None)
            if one is None:
                break
            status, answer = line.ask(one)
            if status not in (b"200", b"201", b"304"):
                wrong.append(status + b" " + answer[:300])
            done[who] += 1
        line.close()

    crew = [threading.Thread(target=speak, args=(who,)) for who in range(CONNECTIONS)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert not wrong, wrong
    return sum(done)


class _Line:
    """One connection that is kept, and opened anew when the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.line: socket.socket | None = None

    def ask(self, sent: bytes) -> tuple[bytes, bytes]:
        for _ in range(2):
            if self.line is None:
                self.line = socket.create_connection(("127.0.0.1", self.port), 30)
                self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.line.sendall(sent)
                return self._answer(self.line)
            except ConnectionError:
                self.close()
        raise AssertionError("the server hangs up")

    def _answer(self, line: socket.socket) -> tuple[bytes, bytes]:
        data = line.recv(65536)
        while b"\r\n\r\n" not in data:
            more = line.recv(65536)
            if not more:
                raise ConnectionResetError
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        where = lower.find(b"content-length:")
        length = int(lower[where + 15 :].split(b"\r\n", 1)[0]) if where >= 0 else 0
        while len(body) < length:
            more = line.recv(65536)
            if not more:
                raise ConnectionResetError
            body += more
        if b"connection: close" in lower:
            self.close()
        return head[9:12], body

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None
