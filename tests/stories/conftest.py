"""A street that runs: web, worker, and a stand-in for WeChat, on a fresh demonstration database."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.demonstration import ROOT
from server.simulator.story.stage import Stage
from tests.conftest import Engine, settle
from tests.faults.running import Running, running


@dataclass
class Town:
    """The running programs, and a stranger who only knows their two addresses."""

    product: Running

    @property
    def addresses(self) -> tuple[str, str]:
        """What a stranger is told."""
        return f"http://127.0.0.1:{self.product.port}", f"http://127.0.0.1:{self.product.simulator_port}"

    def play(self, *arguments: str, until: str = "", patience: float = 200) -> tuple[int, str]:
        """The player as `make run` starts it, but gone when it is over, or told to go at a line that begins so."""
        with subprocess.Popen(
            [sys.executable, "-m", "server.simulator.player", *self.addresses, "--once", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as player:
            late = threading.Timer(patience, player.kill)
            late.start()
            assert player.stdout
            lines = []
            for line in player.stdout:
                lines.append(line)
                if until and line.startswith(until):
                    player.terminate()
            late.cancel()
        return player.returncode, "".join(lines)


def opened(folder: Path, database_url: str, kind: str = "service") -> Iterator[Town]:
    """All programs, ready, with an account of this kind."""
    told = {"WECHAT_OFFICIAL_KIND": kind, "SIM_OFFICIAL_KIND": kind}
    with running(folder, database_url, web=1, **told) as product:
        product.start("web", "worker", "simulator")
        product.ready()
        product.until(lambda: product.wechat("GET", "/state")["ok"], 60, "the simulator is silent", "simulator")
        menu = [sys.executable, "-m", "flask", "--app", "server.app", "menu", "push", "--yes"]
        # An account that has no menu says so; its people type the words instead.
        subprocess.run(menu, cwd=ROOT, env={**os.environ, **product.env}, capture_output=True, timeout=60, check=False)
        yield Town(product)
        errors = [line for line in product.logs().splitlines() if '"level": "error"' in line]
        assert not errors, "\n".join(errors[:5])


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Iterator[Town]:
    """A street where nothing has happened yet."""
    yield from opened(tmp_path / "town", engine.fresh("street", settle))


@pytest.fixture
def stage(town: Town) -> Iterator[Stage]:
    """A stranger's browsers and phones."""
    made = Stage(*town.addresses)
    yield made
    made.close()


INTERRUPTED_AT = ("[31/", "[89/", "[112/")
"""The lines at which somebody presses Ctrl-C: among comments, on the way to the legal review, before the decision."""


@dataclass
class Played:
    """A street where the player has been, and what it wrote down."""

    town: Town
    runs: list[tuple[int, str]]
    diary: list[dict[str, Any]]

    def lines(self, key: str) -> list[dict[str, Any]]:
        """The lines of the player's log about one kind of thing."""
        return [line for line in self.diary if key in line]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demonstration, interrupted and taken up again, played once for all tests of it."""
    folder = tmp_path_factory.mktemp("played")
    engine = Engine("sqlite", folder)
    for town in opened(folder / "town", engine.fresh("street", settle)):
        log = folder / "diary.jsonl"
        runs = [town.play("--log", str(log), until=line) for line in (*INTERRUPTED_AT, "")]
        diary = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        yield Played(town, runs, diary)
