"""PostgreSQL with an account for every day that owns no table, as the operators' page advises: it works, and cannot disarm a guard."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from server.app import create_app
from server.house import brief
from tests.cli.scene import Scene, opened, say
from tests.conftest import Engine, close, ignore, settings_for

ROLE = "huiyin_every_day"
GRANTS = (
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
    f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
)


@pytest.fixture
def engine(tmp_path: Path, postgres: str) -> Iterator[Engine]:
    """PostgreSQL only: SQLite knows no accounts."""
    made = Engine("postgresql", tmp_path, postgres)
    yield made
    made.drop_all()


@pytest.fixture
def scene(engine: Engine, tmp_path: Path) -> Iterator[Scene]:
    """The street, opened by an account that may read and write and owns nothing."""
    for made in opened(engine, tmp_path):
        owner = made.app.extensions["settings"].database_url
        admin = create_engine(owner)
        with admin.begin() as connection:
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
            for grant in GRANTS:
                connection.execute(text(grant))
        everyday = create_app(settings_for(owner.replace("//huiyin@", f"//{ROLE}@"), tmp_path / "data"), wake=ignore)
        kept, made.app = made.app, everyday
        yield made
        close(everyday)
        made.app = kept
        with admin.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {ROLE}"))
            connection.execute(text(f"DROP ROLE {ROLE}"))
        admin.dispose()


def test_the_street_lives_and_is_looked_at_but_no_guard_can_be_taken_away(scene: Scene) -> None:
    with scene.app.app_context(), brief():
        say(scene.asked, 9)
    assert scene.sequencer() == 2
    assert scene.verify().exit_code == 0
    address = scene.app.extensions["settings"].database_url.replace("+psycopg", "")
    for deed in (
        "DROP TRIGGER guard_trace_delete ON trace",
        "ALTER TABLE trace DISABLE TRIGGER ALL",
        "SET session_replication_role = 'replica'",
        "TRUNCATE trace CASCADE",
        "DROP TABLE trace_link",
        "CREATE OR REPLACE FUNCTION guard_trace_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    ):
        with psycopg.connect(address) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(deed)
    with scene.app.app_context(), pytest.raises(Exception, match="insert-only") as refused, brief():
        scene.app.extensions["sqlalchemy"].session.execute(text("DELETE FROM trace"))
    assert not isinstance(refused.value, ProgrammingError)
