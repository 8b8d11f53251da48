"""Alive is not ready: the watchman is told the truth about database, migrations, files and worker."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.orm import scoped_session

from models.kernel.clock import wall
from models.kernel.work import Heartbeat
from server.app import create_app
from server.house import House
from tests.conftest import close, ignore, lacking, migrate, settings_for
from tests.services import Absent, Postgres


def test_alive_says_ok_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.both_engines
def test_ready_with_a_living_worker(client: FlaskClient, session: scoped_session) -> None:
    Heartbeat.beat("worker")
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "checks": {"database": "ok", "migrations": "ok", "worker": "ok", "files": "ok"},
    }


def test_a_late_worker_is_told_and_residents_are_still_served(client: FlaskClient, session: scoped_session) -> None:
    assert client.get("/readyz").json["checks"]["worker"] == "never"
    Heartbeat.beat("worker")
    session.execute(update(Heartbeat).values(beat_at=wall() - timedelta(minutes=5)))
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["checks"]["worker"] == "late"


@pytest.mark.both_engines
def test_an_older_database_is_not_ready(client: FlaskClient, session: scoped_session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["migrations"] == "behind"


def test_a_folder_that_takes_no_files_is_not_ready(app: House, client: FlaskClient) -> None:
    shutil.rmtree(app.extensions["settings"].data_dir)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["files"] == "unwritable"


def test_without_its_database_it_lives_says_so_at_once_and_recovers(tmp_path: Path) -> None:
    try:
        server = Postgres(durable=True)  # what it acknowledged has to be there after it was killed
    except Absent as why:
        lacking(str(why))
        raise
    with server:
        settings = settings_for(server.url, tmp_path)
        migrate(settings)
        app = create_app(settings, wake=ignore)
        client = app.test_client()
        assert client.get("/readyz").status_code == 200
        server.kill()
        (server.data / "postmaster.pid").unlink()
        asked = time.monotonic()
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"]["database"] == "down"
        page = client.get("/consultations")
        assert page.status_code == 503
        assert page.headers["Retry-After"]
        assert time.monotonic() - asked < 10
        server.start()
        until = time.monotonic() + 10
        while client.get("/readyz").status_code != 200 and time.monotonic() < until:
            time.sleep(0.1)
        answer = client.get("/readyz")
        assert answer.status_code == 200, answer.json
        close(app)
