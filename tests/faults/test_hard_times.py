"""A reader that stays, a disk that is full, a clock that jumps, work that is poison, a WeChat that hangs: others go on."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from config.settings import Settings
from models.comments.comment import Comment
from models.kernel import work as work_module
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.evidence import check
from models.kernel.trail import chains, sequence
from models.kernel.work import ATTEMPTS, Work, WorkState
from server.app import create_app
from server.house import House, brief
from server.jobs.queue import Queue, Turn
from tests.conftest import Engine, close, ignore, lacking, settings_for, settle
from tests.faults.test_servers_away import say
from tests.faults.test_sqlite import speakers

# --- F6: a reader that stays, and a backup, while people write --------------------------------------------------------


@pytest.mark.both_engines
def test_a_long_reader_and_a_backup_keep_nobody_from_writing(app: House, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        asked, tokens = speakers(20)
    browser = app.test_client()
    reading, done = threading.Event(), threading.Event()

    def reader() -> None:
        with app.app_context(), brief(write=False):
            db.session.scalars(select(Comment)).unique().all()
            reading.set()
            done.wait(60)

    def backup() -> None:
        with app.app_context():
            found.append(app.test_cli_runner().invoke(args=["backup", "--out", str(tmp_path / "b.tar")]))

    found: list[Any] = []
    crew = [threading.Thread(target=reader), threading.Thread(target=backup)]
    crew[0].start()
    assert reading.wait(20)
    crew[1].start()
    times = []
    for n in range(60):
        status, seconds, _ = say(browser, asked, tokens[n % 20], f"long-{n:04d}")
        assert status == 201
        times.append(seconds)
    done.set()
    for one in crew:
        one.join(60)
    assert found[0].exit_code == 0, found[0].output
    with app.app_context():
        drilled = app.test_cli_runner().invoke(args=["restore", "drill", str(tmp_path / "b.tar")])
    assert drilled.exit_code == 0, drilled.output
    slow = sorted(times)[int(len(times) * 0.99)]
    print(f"\nwriting beside a reader and a backup: p99 {slow * 1000:.0f} ms")
    assert slow < 5, "nobody waited out a lock"


# --- F7: a full disk --------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Eight megabytes of room."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.getuid() != 0:
        lacking("only root can mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if done.returncode:
        lacking(f"no disk can be mounted here: {done.stderr.decode()[:100]}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_refuses_writing_honestly_and_reading_goes_on(engine: Engine, small_disk: Path) -> None:
    made = Path(engine.fresh("street", settle).removeprefix("sqlite:///"))
    shutil.copyfile(made, small_disk / "huiyin.db")
    settings = settings_for(f"sqlite:///{small_disk / 'huiyin.db'}", small_disk / "data")
    app = create_app(settings, wake=ignore)
    browser = app.test_client()
    with app.app_context():
        asked, tokens = speakers(20)
    assert say(browser, asked, tokens[0], "before-0001")[0] == 201
    filler = small_disk / "filler"
    with open(filler, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    statuses = set()
    for n in range(60):
        status, _, after = say(browser, asked, tokens[n % 20], f"full-{n:05d}", words=150)
        statuses.add(status)
        if status == 503:
            assert after
            break
    assert statuses <= {201, 503}, "room or an honest refusal, never a crash"
    assert 503 in statuses
    assert browser.get("/consultations").status_code == 200, "reading goes on"
    assert browser.get("/readyz").status_code == 503
    with app.app_context():
        acknowledged = db.session.scalar(text("SELECT count(*) FROM comment"))
        db.session.rollback()
    filler.unlink()
    assert say(browser, asked, tokens[1], "after-00001")[0] == 201, "and writing, when there is room again"
    with app.app_context(), brief():
        while sequence():
            pass
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.session.scalar(text("SELECT count(*) FROM comment")) == acknowledged + 1
        assert all(check(chain).whole for chain in chains())
    close(app)


# --- F17: a clock that jumps ------------------------------------------------------------------------------------------


@pytest.mark.both_engines
@pytest.mark.parametrize("hours", [1, -1])
def test_a_worker_whose_clock_is_wrong_takes_no_work_from_another(
    app: House, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """One worker's clock jumps while another holds a piece of work. What the slower one still wants to write is refused."""
    effects: list[str] = []
    taken, go = threading.Event(), threading.Event()

    def slowly(turn: Turn) -> None:
        taken.set()
        go.wait(20)
        with turn.transaction(last=True):
            effects.append(turn.owner)

    def quickly(turn: Turn) -> None:
        with turn.transaction(last=True):
            effects.append(turn.owner)

    with app.app_context(), brief():
        Work.want("piece", {})
    right, wrong = Queue(app, {"piece": slowly}, "right"), Queue(app, {"piece": quickly}, "wrong")
    (number,) = right.due()
    holder = threading.Thread(target=right.do, args=(number,))
    holder.start()
    assert taken.wait(20)
    monkeypatch.setattr(work_module, "wall", lambda: wall() + timedelta(hours=hours))
    wrong.do(number)
    monkeypatch.undo()
    go.set()
    holder.join(30)
    assert len(effects) == 1, "the effect is there once, whoever had it"
    assert effects == (["wrong"] if hours > 0 else ["right"])
    with app.app_context():
        assert db.session.get_one(Work, number).state is WorkState.DONE


# --- F18: poison ------------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_poison_is_given_up_and_others_do_not_wait_for_it(app: House, caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def poison(turn: Turn) -> None:
        raise MemoryError if turn.payload["n"] % 2 else ValueError("poison")

    queue = Queue(app, {"poison": poison, "good": lambda turn: done.append(turn.number)}, "w")
    with app.app_context(), brief():
        for n in range(20):
            Work.want("poison", {"n": n})
            Work.want("good", {"n": n})
    queue.drain()
    assert len(done) == 20, "all that is good is done at the first go"
    for _ in range(ATTEMPTS + 1):
        with app.app_context(), brief():
            for row in db.session.scalars(select(Work).where(Work.kind == "poison", Work.state == WorkState.READY)):
                row.run_at = wall() - timedelta(seconds=1)
        queue.drain()
    with app.app_context():
        states = {row.state for row in db.session.scalars(select(Work).where(Work.kind == "poison"))}
        assert states == {WorkState.DEAD}
        assert len(Work.troubles()) == 20, "listed for a person"
    assert "ALARM" in caplog.text


# --- F13: a WeChat that hangs -----------------------------------------------------------------------------------------


def test_nobody_at_the_door_waits_for_a_wechat_that_hangs(app: House) -> None:
    """The worker's thread hangs in a call; a page is served meanwhile as before, since no request calls WeChat to tell anybody."""
    hanging, go = threading.Event(), threading.Event()

    def hang(turn: Turn) -> None:
        with turn.transaction():
            pass
        hanging.set()
        go.wait(20)

    with app.app_context(), brief():
        Work.want("hang", {})
    queue = Queue(app, {"hang": hang}, "w")
    worker = threading.Thread(target=queue.drain)
    worker.start()
    assert hanging.wait(20)
    with app.app_context():
        asked, tokens = speakers(5)
    browser = app.test_client()
    began = time.monotonic()
    for n in range(10):
        assert say(browser, asked, tokens[n % 5], f"hang-{n:04d}")[0] == 201
    assert time.monotonic() - began < 10
    go.set()
    worker.join(20)
