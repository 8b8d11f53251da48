"""The shape of the database, step by step, the same on both engines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for a connection that is already open."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Bring the database up to date; again changes nothing."""
    command.upgrade(config(connection), "head")


def behind(connection: Connection) -> bool:
    """Whether the database lacks a step."""
    found = MigrationContext.configure(connection).get_current_heads()
    return set(found) != set(ScriptDirectory(str(HERE)).get_heads())


def add_column(
    table: str,
    name: str,
    kind: TypeEngine[Any],
    *,
    default: str | None = None,
    references: str = "",
    checks: Mapping[str, str] | None = None,
) -> None:
    """A new column where it stands, on both engines; `default` is SQL for the rows there are, without one the column may be empty.

    SQLite could not add a constraint later without making the table anew, and with foreign keys on that cannot be done
    while other tables point at it; so the column brings its checks along (they may name other columns).
    """
    dialect = op.get_bind().dialect
    sql = f"ALTER TABLE {table} ADD COLUMN {name} {dialect.type_compiler_instance.process(kind.dialect_impl(dialect))}"
    if default is not None:
        sql += f" DEFAULT {default} NOT NULL"
    for check, condition in (checks or {}).items():
        sql += f" CONSTRAINT ck_{table}_{check} CHECK ({condition})"
    if references:
        sql += f" CONSTRAINT fk_{table}_{name}_{references} REFERENCES {references} (id)"
    op.execute(sql)


def one_of(name: str, words: str) -> str:
    """The condition that a column holds one of these words."""
    return f"{name} IN ({', '.join(repr(word) for word in words.split())})"


def change_check(table: str, check: str, before: str, after: str) -> None:
    """Another condition under the same name, on both engines; `before` is what the condition says now, letter for letter.

    SQLite cannot change a constraint where it stands. Its manual (ALTER TABLE, section 7) allows for a CHECK what is done
    here: the stored text of the table is put right, and the schema's number moves so that every connection reads it anew.
    """
    connection = op.get_bind()
    name = f"ck_{table}_{check}"
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({after})")
        return
    written = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    stood, stands = f"CONSTRAINT {name} CHECK ({before})", f"CONSTRAINT {name} CHECK ({after})"
    if written.count(stood) != 1:
        raise RuntimeError(f"{name} does not read as was thought: {written}")
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (written.replace(stood, stands), table)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
