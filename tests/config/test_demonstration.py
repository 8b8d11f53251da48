"""The demonstration's runner: its secrets, its environment, and how its family starts and stops."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.demonstration import ROOT, Family, drawn, environment, prepare, programs, read, taken
from config.settings import Settings


def test_the_product_accepts_what_it_is_told(tmp_path: Path) -> None:
    told = environment(drawn(), 8000, 8001, tmp_path)
    settings = Settings.from_environment(told)
    assert settings.local
    assert settings.demo_secret == told["DEMO_SECRET"]
    assert settings.simulator_url == "http://localhost:8001"
    assert settings.official
    assert settings.mini
    assert settings.official.appid == told["SIM_OFFICIAL_APPID"]
    assert settings.mini.aes_key == told["SIM_MINI_AES_KEY"]
    assert settings.data_dir == tmp_path


def test_the_stand_in_knows_the_same_accounts(tmp_path: Path) -> None:
    told = environment(drawn(), 8000, 8001, tmp_path)
    for account in ("OFFICIAL", "MINI"):
        for part in ("APPID", "SECRET", "TOKEN", "AES_KEY"):
            assert told[f"SIM_{account}_{part}"] == told[f"WECHAT_{account}_{part}"]


def test_secrets_are_drawn_once_and_kept_from_others(tmp_path: Path) -> None:
    first = prepare(tmp_path, 8000, 8001, "service")
    second = prepare(tmp_path, 9000, 9001, "subscription")
    path = tmp_path / "demo.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {n: first[n] for n in drawn()} == {n: second[n] for n in drawn()}
    assert second["PUBLIC_URL"] == "http://localhost:9000"
    assert second["WECHAT_OFFICIAL_KIND"] == "subscription"
    assert read(path) == second
    assert drawn()["SECRET_KEY"] != drawn()["SECRET_KEY"]


def test_a_taken_port_is_noticed() -> None:
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        here.listen()
        assert taken(here.getsockname()[1])
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        port = here.getsockname()[1]
    assert not taken(port)


def test_a_taken_port_stops_the_start_with_advice(tmp_path: Path) -> None:
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        here.listen()
        command = [
            sys.executable,
            "-m",
            "config.demonstration",
            "--port",
            str(here.getsockname()[1]),
            "--var",
            str(tmp_path),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "make run PORT=" in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_four_programs_are_named() -> None:
    assert list(programs(1, 2)) == ["web", "worker", "simulator", "player"]


SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)",
]


@pytest.fixture
def family(tmp_path: Path) -> Family:
    return Family({}, tmp_path)


def test_the_family_is_stopped_together_even_who_will_not(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.demonstration.PATIENCE", 0.5)
    family.start({"web": SLEEPER, "worker": STUBBORN})
    time.sleep(0.5)
    assert family.fallen() is None
    family.stop()
    assert all(process.returncode is not None for process in family.running.values())


def test_a_fallen_program_is_noticed_but_a_player_may_leave(family: Family) -> None:
    family.start({"player": [sys.executable, "-c", ""], "web": SLEEPER})
    family.running["player"].wait(10)
    assert family.fallen() is None
    family.running["web"].kill()
    family.running["web"].wait(10)
    assert family.fallen() == "web"
    family.stop()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_is_left_when_the_runner_is_ended(tmp_path: Path, how: signal.Signals) -> None:
    code = (
        "import sys, time, signal; from pathlib import Path; from config.demonstration import Family\n"
        f"f = Family({{}}, Path({str(tmp_path)!r})); signal.signal(signal.SIGTERM, f.asked_to_stop)\n"
        f"f.start({{'web': {SLEEPER!r}, 'worker': {SLEEPER!r}}})\n"
        "print(*(p.pid for p in f.running.values()), flush=True)\n"
        "f.stopping.wait(); f.stop()\n"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert runner.stdout
    pids = [int(pid) for pid in runner.stdout.readline().split()]
    assert len(pids) == 2
    runner.send_signal(how)
    runner.wait(10)
    runner.stdout.close()
    until = time.monotonic() + 5
    while time.monotonic() < until and any(psutil.pid_exists(pid) for pid in pids):
        time.sleep(0.05)
    assert not any(psutil.pid_exists(pid) for pid in pids)
