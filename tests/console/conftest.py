"""Every test of the desk begins in a street where something is going on."""

from pathlib import Path

import pytest

from config.settings import Settings
from models.kernel.base import db
from server.app import create_app
from server.house import House
from tests.conftest import Engine, People, close, ignore, settings_for, settle
from tests.console.world import World, build

MADE = "world.json"
"""Where the template's data folder says what was made."""


def _go_on(settings: Settings) -> None:
    """A case at every stage, in the invented street."""
    settle(settings)
    app = create_app(settings, wake=ignore)
    with app.app_context():
        made = build(People())
        db.session.commit()
    close(app)
    made.keep(Path(settings.data_dir) / MADE)


@pytest.fixture
def settings(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> Settings:
    """The invented street; with a case at every stage where a test asks for the world, built once a run and copied."""
    data = tmp_path / "data"
    if "world" in request.fixturenames:
        return settings_for(engine.fresh("world", _go_on, data), data)
    return settings_for(engine.fresh("street", settle), data)


@pytest.fixture
def world(app: House) -> World:
    """A case at every stage, committed; no transaction of the test's own is left open."""
    return World.kept(Path(app.extensions["settings"].data_dir) / MADE)
