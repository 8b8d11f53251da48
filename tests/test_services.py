"""The tests' own servers start, answer, and are gone afterwards."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import services
from tests.conftest import Engine, lacking


def test_postgresql_answers(postgres: str) -> None:
    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_redis_answers(redis_url: str) -> None:
    assert redis_url.startswith("redis://127.0.0.1:")


@pytest.mark.both_engines
def test_every_test_has_an_empty_database_of_its_own(engine: Engine) -> None:
    assert engine.empty() != engine.empty()


def test_a_server_goes_with_its_run_even_if_that_is_killed(tmp_path: Path) -> None:
    try:
        services.find("redis-server", "/usr/bin/redis-server")
    except services.Absent as why:
        lacking(str(why))
    code = (
        "import time; from tests import services; folder = services.begin_run()\n"
        "print(folder, services.shared('redis').rsplit(':', 1)[1].split('/')[0], flush=True); time.sleep(600)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    assert run.stdout
    folder, port = run.stdout.readline().split()
    assert any(f":{port}" in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))
    run.kill()
    run.wait()
    run.stdout.close()
    until = time.monotonic() + 10
    while time.monotonic() < until and os.path.exists(folder):
        time.sleep(0.05)
    assert not os.path.exists(folder)
    assert not any(f":{port}" in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))


def test_a_missing_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(services.Absent):
        services.find("no-such-program", "/usr/lib/nowhere/*/no-such-program")


def test_a_skip_is_loud_and_in_ci_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="LOUD"):
        lacking("no chromium")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no chromium"):
        lacking("no chromium")
