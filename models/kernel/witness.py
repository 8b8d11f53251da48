"""What was written and linked is noted once more beside the database, in files that its administrator cannot reach."""

import json
import logging
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, inspect, select

from models.kernel.base import db
from models.kernel.clock import local, wall

log = logging.getLogger(__name__)

KEPT = timedelta(days=35)
"""How long notes of single rows are kept; what is older stands under daily heads, which are kept for ever."""
_PENDING = "witnessed"
NEWEST = 500
"""Chains that are looked up when the house opens; `flask trail verify` looks at all of them."""


class Witness:
    """The notes of one machine: a line for each row of the trail, each link, and each daily head.

    A line is written after the commit, so it never accuses anybody of what was rolled back; a machine that dies between the
    two loses the line, not the row.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broken: set[str] = set()
        """Chains that are shorter than this machine has seen them."""

    # noting

    def remember(self, row: Any) -> None:
        """A row that will be noted when its transaction is committed."""
        db.session.info.setdefault(_PENDING, []).append(row)

    def pending(self) -> list[list[Any]]:
        """What the transaction is about to commit, without what a savepoint took back. Asked right before the commit."""
        rows = db.session.info.pop(_PENDING, [])
        return [row.testimony for row in rows if inspect(row).persistent]

    def note(self, lines: list[list[Any]]) -> None:
        """Write lines down. The deeds are committed: a full disk is told to the log and undoes nothing."""
        if not lines:
            return
        name = f"written-{local(wall()):%Y-%m-%d}.{_host()}.jsonl"
        try:
            _append(self.folder / name, lines)
        except OSError:
            log.exception("%d rows of the trail could not be noted", len(lines))
        for line in lines:
            if line[0] == "L":
                self.tips[line[2]] = (line[3], bytes.fromhex(line[4]))

    def keep(self, day: dict[str, Any]) -> None:
        """A daily head, for ever."""
        _append(self.folder / "heads.jsonl", [day])
        self.days[day["number"]] = day["head"]

    def tidy(self) -> None:
        """Notes that are old enough go; heads stay."""
        oldest = f"written-{local(wall() - KEPT):%Y-%m-%d}"
        for path in self.folder.glob("written-*.jsonl"):
            if path.name < oldest:
                path.unlink(missing_ok=True)

    # reading

    def sizes(self) -> dict[Path, int]:
        """The files of notes as long as they are now. Taken before the database is looked at, nothing noted is too new for it."""
        return {path: path.stat().st_size for path in sorted(self.folder.glob("written-*.jsonl"))}

    def notes(self, sizes: dict[Path, int]) -> Iterator[list[Any]]:
        """Every note up to these sizes."""
        for path, size in sizes.items():
            yield from _lines(path, size)

    def heads(self) -> Iterator[dict[str, Any]]:
        """Every daily head that was kept."""
        path = self.folder / "heads.jsonl"
        if path.exists():
            yield from _lines(path, path.stat().st_size)

    @cached_property
    def days(self) -> dict[int, str]:
        """Number to head of every day that was kept."""
        return {day["number"]: day["head"] for day in self.heads()}

    @cached_property
    def tips(self) -> dict[str, tuple[int, bytes]]:
        """The last link of each chain that this machine has seen."""
        found: dict[str, tuple[int, bytes]] = {}
        for day in self.heads():
            for chain, told in day["moved"].items():
                found[chain] = (told["position"], bytes.fromhex(told["head"]))
        for line in self.notes(self.sizes()):
            if line[0] == "L" and line[3] > found.get(line[2], (0, b""))[0]:
                found[line[2]] = (line[3], bytes.fromhex(line[4]))
        return {chain: tip for chain, tip in found.items() if tip[0]}


def forgotten(seen: Witness) -> str | None:
    """A chain whose last link, as this machine noted it, the database does not hold: an older copy was laid over it."""
    if not seen.tips:
        return None
    table = db.metadata.tables["trace_link"]
    last = dict(list(seen.tips.items())[-NEWEST:])
    rows = db.session.execute(
        select(table.c.chain, func.max(table.c.position)).where(table.c.chain.in_(last)).group_by(table.c.chain)
    )
    there: dict[str, int] = {row[0]: row[1] for row in rows}
    return next((chain for chain, (position, _) in last.items() if there.get(chain, 0) < position), None)


def witness() -> Witness:
    """This machine's notes."""
    found = current_app.extensions["witness"]
    assert isinstance(found, Witness)
    return found


def _host() -> str:
    """Machines that share a folder write into files of their own."""
    return "".join(ch for ch in socket.gethostname() if ch.isalnum() or ch == "-")[:40] or "host"


def _append(path: Path, lines: list[Any]) -> None:
    """All at once, so that two processes never write into each other's line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        if os.write(handle, data) < len(data):
            raise OSError("no room for the whole line")
    finally:
        os.close(handle)


def _lines(path: Path, size: int) -> Iterator[Any]:
    """Whole lines up to a size; one that was cut by a power failure is left out and told to the log."""
    read = 0
    with open(path, "rb") as file:
        for line in file:
            read += len(line)
            if read > size:
                return
            try:
                yield json.loads(line)
            except ValueError:
                log.warning("%s: a line that cannot be read", path.name)
