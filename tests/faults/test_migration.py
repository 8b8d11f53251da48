"""Setting up is killed half-way, at many places: it leaves nothing half-made, and the next try ends well."""

import os
import random
import signal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, func, inspect, select

from config.settings import Settings
from models.kernel.base import db
from models.kernel.installation import Installation
from models.kernel.triggers import TRIGGERS, installed
from models.migrations import behind
from models.people.officer import Officer
from models.records import metadata
from server.app import create_app
from server.cli.setting_up import PEOPLE
from tests.conftest import Engine, close, ignore, settings_for

pytestmark = pytest.mark.both_engines


def set_up(settings: Settings, die_after: int | None = None) -> int:
    """`flask setup --demonstration`; how many statements it took. Dies by kill -9 after so many of them."""
    app = create_app(settings, wake=ignore)
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if die_after is not None and counted > die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        done = app.test_cli_runner().invoke(args=["setup", "--demonstration"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    close(app)
    return counted


def killed(settings: Settings, after: int) -> bool:
    """The same in a child of its own; whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            set_up(settings, after)
        finally:
            os._exit(0)  # never back into the tests
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def whole(settings: Settings) -> None:
    """Everything is there, once."""
    app = create_app(settings, wake=ignore)
    with app.app_context(), db.engine.connect() as connection:
        assert not behind(connection)
        assert installed(connection) == {each.name for each in TRIGGERS if each.ddl(connection.dialect.name)}
        assert not compare_metadata(MigrationContext.configure(connection), metadata)
        connection.rollback()
        assert db.session.scalar(select(func.count()).select_from(Installation)) == 1
        assert db.session.scalar(select(func.count()).select_from(Officer)) == len(PEOPLE)
    close(app)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize(
    "often",
    [pytest.param(1, id="once"), pytest.param(4, id="often", marks=[pytest.mark.long, pytest.mark.timeout(1200)])],
)
def test_setting_up_survives_kill_9_anywhere(engine: Engine, tmp_path: Path, often: int) -> None:
    """Killed within the migration and killed while the street is filled, at other statements each time; long: at both ends too."""
    statements = set_up(settings_for(engine.empty(), tmp_path / "whole"))
    chance = random.Random()
    places = [2, statements - 1] if often > 1 else []
    places += [chance.randrange(statements // 10, statements // 2) for _ in range(often)]
    places += [chance.randrange(statements - 25, statements - 1) for _ in range(often)]
    print(f"\n{engine.kind}: {statements} statements; killed at {places}")
    half = 0
    for place in places:
        settings = settings_for(engine.empty(), tmp_path / f"at-{place}")
        assert killed(settings, place), f"it ended before statement {place}"
        app = create_app(settings, wake=ignore)
        with app.app_context(), db.engine.connect() as connection:
            tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
            assert tables in (set(), set(metadata.tables)), f"half of the tables after statement {place}"
            half += not tables
        close(app)
        set_up(settings)
        whole(settings)
    assert 0 < half < len(places), "the places miss one of the two parts"
