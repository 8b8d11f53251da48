"""The simulator as a real process: broken lines, silence, a kill and a restart."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[[], subprocess.Popen[bytes]]


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class Remote:
    def __init__(self, port: int) -> None:
        self.home = f"http://127.0.0.1:{port}"

    def ask(self, path: str, body: Any = None, timeout: float = 5) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.home + path, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)

    def wait(self) -> None:
        for _ in range(150):
            try:
                urllib.request.urlopen(self.home + "/healthz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the simulator did not start")

    def wait_until_gone(self) -> None:
        """The worker leaves a moment after its parent was killed."""
        for _ in range(150):
            try:
                urllib.request.urlopen(self.home + "/healthz", timeout=1).close()
            except OSError:
                return
            time.sleep(0.1)
        raise AssertionError("the old worker stayed")


@pytest.fixture
def place(tmp_path: Path) -> tuple[Remote, Start]:
    port = free_port()
    environ = {
        **os.environ,
        "SIMULATOR_PORT": str(port),
        "SIM_DATA": str(tmp_path),
        "SIM_PRODUCT": "http://127.0.0.1:9",
        "SIM_DELAY": "30",
    }

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "server.simulator"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
        )

    return Remote(port), start


@pytest.fixture
def running(place: tuple[Remote, Start]) -> Iterator[Remote]:
    remote, start = place
    process = start()
    try:
        remote.wait()
        yield remote
    finally:
        process.terminate()
        assert process.wait(timeout=15) == 0


def test_a_broken_line_and_a_silence_are_real(running: Remote) -> None:
    path = "/cgi-bin/token?grant_type=client_credential"
    running.ask("/sim/errors", {"path": "/cgi-bin/token", "mode": "drop"})
    with pytest.raises((HTTPException, ConnectionError, urllib.error.URLError)):
        running.ask(path)
    running.ask("/sim/errors", {"path": "/cgi-bin/token", "mode": "hang", "seconds": 3})
    began = time.monotonic()
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        running.ask(path, timeout=1)
    assert time.monotonic() - began < 2.5
    assert running.ask(path)["errcode"] == 41002


def test_a_killed_simulator_remembers_everything_it_acknowledged(place: tuple[Remote, Start]) -> None:
    remote, start = place
    process = start()
    try:
        remote.wait()
        remote.ask("/sim/phones", {"n": 7, "name": "老郭"})
        remote.ask("/sim/clock", {"days": 3, "alone": True})
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        remote.wait_until_gone()
        process = start()
        remote.wait()
        state = remote.ask("/sim/state")
        assert state["offset"] == 3 * 86_400
        assert [one["name"] for one in state["phones"]] == ["老郭"]
    finally:
        process.terminate()
        process.wait(timeout=15)
