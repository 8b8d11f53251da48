"""How long the demonstration takes to answer and to play, and what all of its processes weigh."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from config.settings import ROOT
from tests.services import free_port

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@contextmanager
def demonstration(var: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`make run` without its setting up."""
    port = free_port()
    command = [sys.executable, "-m", "config.demonstration", "--port", str(port), "--simulator-port", str(free_port())]
    with open(var.with_suffix(".out"), "a") as out:
        process = subprocess.Popen([*command, "--var", str(var)], cwd=ROOT, stdout=out, stderr=out, text=True)
        try:
            yield process, port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def first_answer(port: int, started: float) -> float:
    """Seconds until /healthz answers."""
    while time.monotonic() - started < 120:
        try:
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1).ok:
                return time.monotonic() - started
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail("no answer within two minutes")


def weight(process: subprocess.Popen[str]) -> tuple[float, float]:
    """MiB of the whole family: memory shared between processes counted once for each (RSS), and once in all (PSS)."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    maps = [member.memory_full_info() for member in family]
    return sum(m.rss for m in maps) / 2**20, sum(m.pss for m in maps) / 2**20


def wait_for(words: str, path: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while words not in path.read_text():
        assert time.monotonic() < until, path.read_text()[-1000:]
        time.sleep(0.5)


def test_the_demonstration_starts_plays_and_starts_again(tmp_path: Path) -> None:
    var = tmp_path / "var"
    started = time.monotonic()
    with demonstration(var) as (process, port):
        first = first_answer(port, started)
        wait_for("演完了", var.with_suffix(".out"), 300)
        played = time.monotonic() - started
        rss, pss = weight(process)
    started = time.monotonic()
    with demonstration(var) as (process, port):
        second = first_answer(port, started)
    print(f"\nfirst start {first:.1f} s, played after {played:.1f} s, second start {second:.1f} s")
    print(f"all processes after playing: {rss:.0f} MiB resident, {pss:.0f} MiB counting shared pages once")
    assert first < 60
    assert second < 30
    assert pss < 700
