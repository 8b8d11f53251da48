"""Every row of the office's database, read in one moment, spelt the same on both engines, and put whole into an empty one."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON as JSON_TYPE
from sqlalchemy import Connection, Engine, Table, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.pool import NullPool

from models.migrations import upgrade
from models.records import metadata

PIECE = 1000
"""Rows read and written at a time: memory does not grow with the office."""


class NotEmpty(Exception):
    """There is an office in this database already; nothing is ever laid over it."""


class Different(Exception):
    """Two databases that should be the same are not; the message names table and row."""


MADE_AGAIN = frozenset({"search_entry", "search_gram"})
"""What the worker makes anew from the rest: it is neither kept nor moved."""


def tables() -> list[Table]:
    """Every table, in an order that does not change."""
    return [metadata.tables[name] for name in sorted(metadata.tables) if name not in MADE_AGAIN]


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile; nobody waits for it."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the read mark is set by the first read
            yield connection
            connection.rollback()
        return
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            # A large office takes longer than a page may.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection


def rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """All rows of a table by their numbers, spelt out."""
    json_columns = [isinstance(c.type, JSON_TYPE) for c in table.columns]
    after = -1
    while True:
        found = connection.execute(select(table).where(table.c.id > after).order_by(table.c.id).limit(PIECE)).all()
        for row in found:
            yield [_spelt(value, json_) for value, json_ in zip(row, json_columns, strict=True)]
        if len(found) < PIECE:
            return
        after = found[-1].id


def revision(connection: Connection) -> str:
    """The last migration that this database has been through."""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return ",".join(sorted(found))


def _spelt(value: Any, is_json: bool) -> Any:
    if is_json:
        return {"j": value}
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat(timespec="microseconds")}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value.value if hasattr(value, "value") else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, said),) = value.items()
    match kind:
        case "j":
            return said
        case "b":
            return base64.b64decode(said)
        case "t":
            return datetime.fromisoformat(said)
        case _:
            return date.fromisoformat(said)


def line(row: list[Any]) -> bytes:
    """One row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


class Digest:
    """How many rows, and a hash over all of them in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = hashlib.sha256()

    def add(self, raw: bytes) -> None:
        """One more."""
        self.count += 1
        self._sum.update(raw)

    @property
    def told(self) -> list[Any]:
        """For the manifest."""
        return [self.count, self._sum.hexdigest()]


def digest(connection: Connection, table: Table) -> list[Any]:
    """Count and hash of a table as it stands."""
    made = Digest()
    for row in rows(connection, table):
        made.add(line(row))
    return made.told


def empty(engine: Engine) -> bool:
    """Whether nothing of an office is there."""
    with engine.connect() as connection:
        if "installation" not in inspect(connection).get_table_names():
            return True
        return not connection.scalar(select(func.count()).select_from(metadata.tables["installation"]))


@contextmanager
def filling(engine: Engine) -> Iterator[Connection]:
    """A transaction that fills an empty database; references are checked when it is full, and nothing stays when one is wrong."""
    if not empty(engine):
        raise NotEmpty
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if wrong:
                raise Different(f"{wrong[0][0]} 的第 {wrong[0][1]} 行指向一条没有的 {wrong[0][2]}")
            connection.exec_driver_sql("COMMIT")
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        held = connection.execute(
            text(
                "SELECT conrelid::regclass::text AS owner, conname, pg_get_constraintdef(oid) AS said FROM pg_constraint "
                "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
            )
        ).all()
        for each in held:
            connection.exec_driver_sql(f'ALTER TABLE {each.owner} DROP CONSTRAINT "{each.conname}"')
        yield connection
        for each in held:
            connection.exec_driver_sql(f'ALTER TABLE {each.owner} ADD CONSTRAINT "{each.conname}" {each.said}')
        for table in tables():
            _number_on(connection, table)


def _number_on(connection: Connection, table: Table) -> None:
    """PostgreSQL gives the next row the number after the last one."""
    last = connection.scalar(select(func.max(table.c.id)))
    connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last or 1, last is not None)))


def put(connection: Connection, table: Table, spelt: Iterable[list[Any]]) -> int:
    """Write rows, a piece at a time; the rows that a migration made for an empty office give way."""
    names = [c.name for c in table.columns]
    piece: list[dict[str, Any]] = []
    written = 0
    for row in spelt:
        piece.append(dict(zip(names, map(_read, row), strict=True)))
        if len(piece) == PIECE:
            connection.execute(insert(table), piece)
            written, piece = written + len(piece), []
    if piece:
        connection.execute(insert(table), piece)
    return written + len(piece)


def quiet_engine(url: str) -> Engine:
    """An engine for a database that nobody uses yet; SQLite is held as the house holds it, without its turnstile."""
    made = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if made.dialect.name == "sqlite":

        @event.listens_for(made, "connect")
        def held(connection: Any, record: Any) -> None:
            connection.isolation_level = None
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {pragma}")

    return made
