"""PostgreSQL or Redis is stopped under a house in use: refused quickly and honestly, and right again without a hand."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from models.comments.comment import Comment
from models.kernel.base import db
from models.kernel.work import Work
from server import rested
from server.app import create_app
from server.house import House, brief
from server.jobs.carrier import Carrier
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue, Turn
from server.jobs.routine import Routine
from tests import services
from tests.conftest import Engine, close, ignore, lacking, migrate, settings_for, settle
from tests.faults.test_sqlite import speakers

# --- F9: PostgreSQL ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[services.Postgres]:
    """A PostgreSQL that keeps its word about disks, for this test alone."""
    try:
        server = services.Postgres(durable=True).start()
    except services.Absent as why:
        lacking(str(why))
    yield server
    server.remove()


@pytest.fixture
def on_postgres(own_postgres: services.Postgres, tmp_path: Path) -> Iterator[House]:
    """The invented street on it."""
    settings = settings_for(own_postgres.url, tmp_path / "data")
    migrate(settings)
    settle(settings)
    app = create_app(settings, wake=ignore)
    yield app
    close(app)


def crash(server: services.Postgres) -> None:
    """Immediate: no checkpoint, no goodbye, as after a power cut of the database machine."""
    assert server.process
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(20)


def say(browser: FlaskClient, asked: str, token: str, key: str, *, words: int = 1) -> tuple[int, float, str]:
    """Submit a comment; status, seconds, Retry-After."""
    began = time.monotonic()
    answer = browser.post(
        "/api/v1/comments",
        json={"consultation": asked, "text": f"这是{key}" * words},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )
    return answer.status_code, time.monotonic() - began, answer.headers.get("Retry-After", "")


def test_postgresql_goes_away_and_comes_back(on_postgres: House, own_postgres: services.Postgres) -> None:
    app, browser = on_postgres, on_postgres.test_client()
    with app.app_context():
        asked, (token,) = speakers(1)
    for n in range(3):
        assert say(browser, asked, token, f"before-{n:03d}")[0] == 201
    assert browser.get("/readyz").status_code == 200
    crash(own_postgres)
    status, seconds, after = say(browser, asked, token, "during-001")
    assert status == 503 and after == "5" and seconds < 2
    began = time.monotonic()
    pages = {
        path: browser.get(path).status_code for path in ("/", "/consultations", "/mine", "/desk/sign-in", "/readyz")
    }
    assert set(pages.values()) <= {503, 200, 303}, pages
    assert pages["/consultations"] == pages["/readyz"] == 503
    assert (time.monotonic() - began) / len(pages) < 2
    assert browser.get("/readyz").json["checks"]["database"] == "down"
    assert browser.get("/healthz").status_code == 200, "the process lives; restarting it would not help"
    own_postgres.start()
    began = time.monotonic()
    while (answer := say(browser, asked, token, "after-0001"))[0] != 201:
        assert answer[0] == 503 and time.monotonic() - began < 10, answer
    assert browser.get("/readyz").status_code == 200
    with app.app_context():
        kept = db.session.scalars(select(Comment.key)).all()
        assert sorted(key.rsplit(":", 1)[1] for key in kept if key) == [
            "after-0001",
            *(f"before-{n:03d}" for n in range(3)),
        ]


@pytest.mark.parametrize(("rest", "first"), [(0.0, 201), (3600.0, 503)])
def test_after_a_restart_a_connection_that_rested_is_asked_first(
    on_postgres: House, own_postgres: services.Postgres, monkeypatch: pytest.MonkeyPatch, rest: float, first: int
) -> None:
    """Nobody came while PostgreSQL restarted. Who is asked notices and the request goes through; who is not costs one 503, no more."""
    monkeypatch.setattr(rested, "REST", rest)
    app, browser = on_postgres, on_postgres.test_client()
    with app.app_context():
        asked, (token,) = speakers(1)
        several = [db.engine.connect() for _ in range(4)]
        for one in several:
            one.close()
    crash(own_postgres)
    own_postgres.start()
    assert say(browser, asked, token, "after-0001")[0] == first
    for n in range(2, 6):
        assert say(browser, asked, token, f"after-{n:04d}")[0] == 201, "the whole pool is new"


# --- F11, F12: Redis --------------------------------------------------------------------------------------------------


@pytest.fixture
def own_redis() -> Iterator[services.Redis]:
    """A Redis for this test alone."""
    try:
        server = services.Redis().start()
    except services.Absent as why:
        lacking(str(why))
    yield server
    server.remove()


@pytest.fixture
def carried(engine: Engine, own_redis: services.Redis, tmp_path: Path) -> Iterator[House]:
    """A house whose numbers are carried by Redis."""
    app = create_app(settings_for(engine.fresh("street", settle), tmp_path / "data", redis_url=own_redis.url))
    yield app
    close(app)


def states(app: House) -> dict[str, int]:
    with app.app_context(), brief(write=False):
        rows = db.session.execute(select(Work.state, func.count()).where(Work.kind == "errand").group_by(Work.state))
        return {state.value: count for state, count in rows}


def want(app: House, how_many: int, first: int = 0) -> float:
    """Ask for errands as a request does, with its wake-up; how long that took."""
    began = time.monotonic()
    with app.app_context(), brief():
        for n in range(first, first + how_many):
            Work.want("errand", {}, key=f"errand:{n}")
    return time.monotonic() - began


def routine_of(app: House) -> Routine:
    """The worker's own duties, with errands that only count as done."""
    carrier = Carrier(app.extensions["settings"])
    queue = Queue(app, {**JOBS, "errand": done}, "worker-1")
    carrier.bind(queue.do_and_forget)
    return Routine(app, queue, carrier)


def done(turn: Turn) -> None:
    """Nothing more to it."""


def test_redis_goes_away_and_the_sweep_does_the_work(carried: House, own_redis: services.Redis) -> None:
    routine = routine_of(carried)
    want(carried, 5)
    assert routine.carrier.waiting() == 5, "they were carried by Redis"
    own_redis.kill()
    assert want(carried, 5, first=5) < 4, "no request waits long for a queue that is away"
    until = time.monotonic() + 20
    while states(carried).get("done", 0) < 10:
        routine.sweep()
        assert time.monotonic() < until, states(carried)
    assert states(carried) == {"done": 10}


def test_redis_loses_everything_and_the_sweep_carries_it_again(carried: House, own_redis: services.Redis) -> None:
    routine = routine_of(carried)
    want(carried, 8)
    routine.carrier.huey.storage.conn.flushall()
    assert routine.carrier.waiting() == 0
    routine.sweep()
    assert routine.carrier.waiting() == 8
    while (task := routine.carrier.huey.dequeue()) is not None:
        routine.carrier.huey.execute(task)
    assert states(carried) == {"done": 8}
