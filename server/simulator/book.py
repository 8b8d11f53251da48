"""The simulator's own book: one SQLite file, written a page at a time, that survives a restart."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("schema.sql")


class Book:
    """All of WeChat's memory. One writer at a time; never held open while the product is called."""

    def __init__(self, folder: Path | None) -> None:
        where = ":memory:"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            where = str(folder / "wechat.sqlite")
        self._db = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._lock = threading.RLock()
        self._depth = 0
        self._db.executescript(SCHEMA.read_text(encoding="utf-8"))

    @contextmanager
    def page(self) -> Iterator[sqlite3.Connection]:
        """Everything written inside holds together; a page inside a page belongs to the outer one."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("begin immediate")
            self._depth += 1
            try:
                yield self._db
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._db.execute("rollback")
                raise
            self._depth -= 1
            if outermost:
                self._db.execute("commit")

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def row(self, sql: str, *args: Any) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._db.execute(sql, args).fetchone()
            return found

    def one(self, sql: str, *args: Any) -> Any:
        found = self.row(sql, *args)
        return found[0] if found is not None else None

    def write(self, sql: str, *args: Any) -> sqlite3.Cursor:
        with self.page() as db:
            return db.execute(sql, args)

    def fact(self, key: str, default: Any = None) -> Any:
        found = self.one("select value from fact where key = ?", key)
        return json.loads(found) if found is not None else default

    def note(self, key: str, value: Any) -> None:
        self.write("insert or replace into fact(key, value) values (?, ?)", key, json.dumps(value))

    def number(self, key: str, start: int) -> int:
        """The next number of a series, never given twice."""
        with self.page():
            following = int(self.fact(f"series:{key}", start)) + 1
            self.note(f"series:{key}", following)
            return following

    def wipe(self) -> None:
        with self.page() as db:
            names = [
                row[0]
                for row in db.execute(
                    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
                )
            ]
            for name in names:
                db.execute(f"delete from {name}")  # noqa: S608 (names come from our own schema)

    def close(self) -> None:
        with self._lock:
            self._db.close()
