"""How the goals are measured: work of this product against the bare work under it, in turns, on one process's clock of CPU time."""

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from config.settings import ROOT

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "1.0"))
TABLE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
Call = Callable[[], Any]


@dataclass
class Found:
    """One row of the table."""

    name: str
    goal: str
    ratio: float
    low: float
    high: float
    rates: str
    limit: str
    met: bool


def row(name: str, goal: str, least: float, told: tuple[list[float], list[float], list[float]], limit: str) -> Found:
    """Judge a row by the median of its rounds."""
    ratios, mine, theirs = told
    middle = statistics.median(ratios)
    rates = f"{statistics.median(mine):,.0f} / {statistics.median(theirs):,.0f} a CPU second"
    found = Found(name, goal, middle, min(ratios), max(ratios), rates, limit, middle >= least)
    keep(found)
    return found


def keep(found: Found) -> None:
    """Put the row into docs/performance.md in place of the last one of its name."""
    print(f"\n{found.name}: {found.ratio:.2f} ({found.low:.2f}..{found.high:.2f}), goal {found.goal}; {found.rates}")
    text = TABLE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    inner, tail = rest.split(END)
    rows = {line.split("|")[1].strip(): line for line in inner.strip().splitlines()[2:]}
    rows[f"*{found.name}*"] = (
        f"| *{found.name}* | {found.goal} | {found.ratio:.2f} ({found.low:.2f}..{found.high:.2f}) | "
        f"{'met' if found.met else '**not met**'} | {found.rates} | {found.limit} |"
    )
    order = [
        "list",
        "detail",
        "pages",
        "unchanged",
        "post",
        "fan-out",
        "push",
        "push, two workers",
        "webhook",
        "isolation",
        "worklist",
        "worklist, without the page",
    ]
    lines = [rows[key] for name in order if (key := f"*{name}*") in rows]
    table = "| row | goal | measured (lowest..highest round) | | ours / bare | what limits it |\n|---|---|---|---|---|---|\n"
    TABLE.write_text(f"{head}{BEGIN}\n{table}" + "\n".join(lines) + f"\n{END}{tail}", encoding="utf-8")


@dataclass
class Heard:
    """Statements that an engine was asked."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    commits: int = 0

    @property
    def asked(self) -> list[tuple[str, Any]]:
        """Without those that only hold the transaction."""
        return [
            (s, p) for s, p in self.statements if not s.upper().startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))
        ]

    @property
    def writes(self) -> int:
        """How many rows are written."""
        return sum(
            len(p) if isinstance(p, list) else 1
            for s, p in self.asked
            if s.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        )


@contextmanager
def listening(engine: Engine) -> Iterator[Heard]:
    """What is asked of this engine meanwhile."""
    heard = Heard()

    def statement(conn: Any, cursor: Any, said: str, given: Any, context: Any, many: bool) -> None:
        heard.statements.append((said, given))

    def commit(conn: Any) -> None:
        heard.commits += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def asks(app: Any, path: str, **more: Any) -> Call:
    """One request through the WSGI door, built anew each time as a server builds it, with nothing of a test client around."""
    base = app.test_request_context(path, **more).request.environ
    body = base["wsgi.input"].read()

    def call() -> Any:
        fresh = _Body(body)
        environ = {k: v for k, v in base.items() if not k.startswith("werkzeug.") and k != "flask._preserve_context"}
        environ["wsgi.input"] = fresh
        status: list[str] = []
        answer = app.wsgi_app(environ, lambda told, headers, *_: status.append(told))
        data = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert status[0][:3] in ("200", "201", "304"), (status, data[:300])
        return data

    return call


class _Body:
    """A body that can be read once."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1) -> bytes:
        size = len(self.data) if size < 0 else size
        found, self.data = self.data[:size], self.data[size:]
        return found

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)
