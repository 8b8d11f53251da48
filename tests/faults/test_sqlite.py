"""SQLite under power cuts, crowds and wrong permissions: synced, never locked out, and refused in words."""

import os
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text

from config.demonstration import ROOT
from models.comments.comment import Comment
from models.kernel.base import db
from models.people.resident import Resident
from models.people.session import Session
from server.house import House
from tests.conftest import MINI, Engine, People, lacking, settle
from tests.faults.running import Running, looking, running
from tests.making import a_consultation

PEOPLE = 32


def speakers(how_many: int) -> tuple[str, list[str]]:
    """An open consultation and the tokens of people who may speak; committed."""
    asked = a_consultation(People()).public_id
    tokens = [
        Session.open_for(Resident.by_identity(MINI.appid, f"oMini{n:023d}"), "mini", "a test") for n in range(how_many)
    ]
    db.session.commit()
    return asked, tokens


# --- F4: what was acknowledged was synced -----------------------------------------------------------------------------

HELD = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1}
"""synchronous 2 is FULL: a commit returns after the disk has it. secure_delete: a dropped key leaves no trace in the file."""


def test_every_new_connection_is_held_as_it_must_be(app: House) -> None:
    with app.app_context():
        for _ in range(3):
            db.engine.dispose()
            several = [db.engine.raw_connection() for _ in range(3)]
            for connection in several:
                cursor = connection.cursor()
                found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in HELD}
                assert found == HELD
                connection.close()


def test_a_connection_that_nobody_held_is_noticed(settings: Any) -> None:
    """The same question, asked of a plain connection, has another answer: the test above can fail."""
    plain = create_engine(settings.database_url)
    with plain.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in HELD}
    plain.dispose()
    assert found["foreign_keys"] != HELD["foreign_keys"]


@pytest.fixture
def product(engine: Engine, tmp_path: Path) -> Iterator[Running]:
    """The web server alone, with one child."""
    with running(tmp_path / "run", engine.fresh("street", settle), web=1) as made:
        yield made


def test_every_acknowledged_comment_was_synced_first(product: Running, tmp_path: Path) -> None:
    """What the kernel was asked, seen by strace: no answer leaves before the write-ahead log is on the disk."""
    strace = shutil.which("strace")
    if strace is None:
        lacking("strace is not on this machine, so nobody saw that commits are synced")
    with looking(product):
        asked, tokens = speakers(1)
    product.start("web")
    product.ready()
    (child,) = product.children()
    seen = tmp_path / "calls"
    watching = subprocess.Popen(
        [strace, "-f", "-e", "trace=fsync,fdatasync", "-o", str(seen), "-p", str(child.pid)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert watching.stderr
    if b"attached" not in (first := watching.stderr.readline()):
        watching.kill()
        watching.communicate()
        lacking(f"strace may not look at processes here: {first.decode()[:200]}")
    synced = []
    for n in range(12):
        before = _syncs(seen)
        answer = product.call(
            "POST",
            "/api/v1/comments",
            told={"consultation": asked, "text": f"第{n}句话"},
            Authorization=f"Bearer {tokens[0]}",
            Idempotency_Key=f"strace-{n:04d}",
        )
        assert answer.status == 201
        synced.append(_syncs(seen) - before)
    read = product.call("GET", "/consultations")
    assert read.status == 200
    idle = _syncs(seen)
    watching.terminate()
    watching.communicate(timeout=20)
    print(f"\nsyncs before each of {len(synced)} answers: {synced}")
    assert min(synced) >= 1, synced
    assert idle == sum(synced), "a page that only reads waits for no disk"


def _syncs(seen: Path) -> int:
    if not seen.exists():
        return 0
    return len(re.findall(r"f(?:data)?sync\(\d+\)\s+= 0|f(?:data)?sync resumed.*= 0", seen.read_text()))


# --- F5: many writers -------------------------------------------------------------------------------------------------


def test_sixteen_writers_are_all_served(app: House) -> None:
    """Sixteen at once, fifty things each: everything acknowledged is there, and nobody is told of a lock."""
    app.testing = False
    with app.app_context():
        asked, tokens = speakers(PEOPLE)
    statuses: Counter[int] = Counter()
    times: list[float] = []
    told: list[str] = []
    lock = threading.Lock()

    def speak(thread: int) -> None:
        browser = app.test_client()
        for n in range(50):
            began = time.monotonic()
            answer = browser.post(
                "/api/v1/comments",
                json={"consultation": asked, "text": f"{thread}-{n}"},
                headers={
                    "Authorization": f"Bearer {tokens[thread * 2 + n % 2]}",
                    "Idempotency-Key": f"writer-{thread:02d}-{n:02d}",
                },
            )
            with lock:
                statuses[answer.status_code] += 1
                times.append(time.monotonic() - began)
                if answer.status_code not in (200, 201):
                    told.append(
                        f"{answer.status_code} {answer.headers.get('Retry-After')} {answer.get_data(True)[:80]}"
                    )

    threads = [threading.Thread(target=speak, args=(n,)) for n in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(f"\n16 writers × 50: {dict(statuses)}, slowest {max(times):.2f} s")
    assert set(statuses) <= {201, 503}, told[:5]
    assert all(line.startswith("503 5 ") for line in told), told[:5]
    assert statuses[201] >= 790, "hardly anybody may be asked to try again"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Comment)) == statuses[201]


# --- F8: a place that cannot be written -------------------------------------------------------------------------------


@pytest.fixture
def nobody() -> list[str]:
    """How to run a program without root's right to write everywhere."""
    if os.getuid() != 0:
        return []
    found = shutil.which("setpriv")
    if found is None:
        lacking("setpriv is not on this machine, and root may write everywhere")
    return [found, "--bounding-set=-dac_override,-dac_read_search"]


def start(product: Running, nobody: list[str], what: str) -> tuple[int, str]:
    """Try to start a program; how it ended and what it said."""
    environment = {**os.environ, **product.env, "LOG_DIR": "", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*nobody, *product.commands[what]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=90,
        check=False,
    )
    return done.returncode, done.stdout.decode()


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Running:
    """Settings of an office, not started."""
    return Running(tmp_path / "run", engine.fresh("street", settle))


@pytest.mark.parametrize("what", ["web", "worker"])
def test_a_database_that_cannot_be_written_is_named_and_nothing_starts(
    place: Running, nobody: list[str], what: str
) -> None:
    path = Path(place.env["DATABASE_URL"].removeprefix("sqlite:///"))
    path.chmod(0o444)
    code, said = start(place, nobody, what)
    assert code != 0
    assert str(path) in said and "不能启动" in said, said[-1500:]
    assert "create_app" not in said, "words, not a trace of ours"


@pytest.mark.parametrize("what", ["web", "worker"])
def test_a_data_folder_that_cannot_be_written_is_named_and_nothing_starts(
    place: Running, nobody: list[str], what: str
) -> None:
    (place.folder / "data").chmod(0o555)
    code, said = start(place, nobody, what)
    assert code != 0
    assert str(place.folder / "data") in said and "不能启动" in said, said[-1500:]
    assert "create_app" not in said, "words, not a trace of ours"


def test_a_web_server_without_its_secrets_says_which_and_does_not_try_again(place: Running, nobody: list[str]) -> None:
    """gunicorn starts a child that died again and again, unless it is told that this cannot help."""
    place.env |= {"SECRET_KEY": "short", "TRAIL_KEY": ""}
    code, said = start(place, [], "web")
    assert code != 0
    assert "SECRET_KEY" in said and "TRAIL_KEY" in said and "create_app" not in said
