"""The law in the database: migrations leave the tables the code means and every trigger the law needs, on both engines."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Connection, Enum, create_engine, text
from sqlalchemy.exc import DBAPIError

from config.settings import ROOT
from models.kernel.triggers import INSERT_ONLY, TRIGGERS, installed
from models.records import metadata
from tests.conftest import Engine, migrate, settings_for

pytestmark = pytest.mark.both_engines


@pytest.fixture
def migrated(engine: Engine) -> Iterator[Connection]:
    """A connection to a database that every migration has been through."""
    made = create_engine(engine.fresh("migrated", migrate))
    with made.connect() as connection:
        yield connection
        connection.rollback()
    made.dispose()


def declared(connection: Connection) -> set[str]:
    """Triggers that this engine has to have."""
    return {trigger.name for trigger in TRIGGERS if trigger.ddl(connection.dialect.name)}


def missing(connection: Connection) -> set[str]:
    """Triggers that are declared and not there."""
    return declared(connection) - set(installed(connection))


def test_every_declared_trigger_is_there_after_migrating(migrated: Connection) -> None:
    assert not missing(migrated)
    assert set(installed(migrated)) == declared(migrated)


def test_a_lost_trigger_is_noticed(migrated: Connection) -> None:
    lost = TRIGGERS[0]
    on = f" ON {lost.table}" if migrated.dialect.name == "postgresql" else ""
    migrated.execute(text(f"DROP TRIGGER {lost.name}{on}"))
    assert missing(migrated) == {lost.name}


def drift(connection: Connection) -> list[object]:
    """What the migrations forgot, or did too much."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def test_every_record_is_known_to_the_migrations() -> None:
    code = "import sys, models.records; print(*sorted(n for n in sys.modules if n.startswith('models.')))"
    known = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rooms = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "models").rglob("*.py")
        if re.search(r"^    __tablename__ = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert rooms - set(known.split()) == set(), "put it into models/records.py, or autogenerating drops its table"


def test_migrations_make_what_the_records_mean(migrated: Connection) -> None:
    assert not drift(migrated)


def test_a_forgotten_column_is_noticed(migrated: Connection) -> None:
    migrated.execute(text("ALTER TABLE unit DROP COLUMN phone"))
    assert any("phone" in str(found) for found in drift(migrated))


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_insert_only_means_it(migrated: Connection, table: str) -> None:
    """Row triggers need a row; one is made from nothing but what the columns ask for."""
    insert_any(migrated, table)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with pytest.raises(DBAPIError, match="insert-only"), migrated.begin_nested():
            migrated.execute(text(statement))


def insert_any(connection: Connection, table: str) -> None:
    """One row that means nothing; references point nowhere while the transaction lasts."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    record = metadata.tables[table]
    connection.execute(record.insert().values({c.name: any_value(c) for c in record.columns if not c.nullable}))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        connection.execute(text("SET LOCAL session_replication_role = 'origin'"))


def any_value(column: Column[Any]) -> Any:
    """Something the column takes."""
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    if isinstance(column.type, JSON):
        return {}
    made = {int: 1, str: "x", bytes: b"x", bool: False, date: date(2026, 11, 23)}
    return made.get(column.type.python_type, datetime(2026, 11, 23, tzinfo=UTC))


def test_there_is_one_line_of_migrations(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "models" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    address = engine.fresh("migrated", migrate)
    made = create_engine(address)
    with made.connect() as connection:
        before = sorted(installed(connection))
    migrate(settings_for(address, engine.folder))
    with made.connect() as connection:
        assert sorted(installed(connection)) == before
    made.dispose()
