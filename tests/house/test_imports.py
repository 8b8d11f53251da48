"""Who may know whom: the contracts in pyproject.toml hold, and each of them can be broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.checks import ROOT

CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter where that folder's packages are the ones it sees."""
    options = [word for name in contracts for word in ("--contract", name)]
    program = "import sys; from importlinter.cli import lint_imports_command; sys.argv[0] = 'lint-imports'; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", *options]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture
def model_house(tmp_path: Path) -> Path:
    """A house with every room that the contracts name, and nothing in them."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    rooms: set[str] = set()
    for contract in CONTRACTS:
        for key in ("layers", "modules", "source_modules", "forbidden_modules"):
            rooms |= {
                name
                for name in contract.get(key, [])
                if name.split(".")[0] in ("config", "models", "miniapp_api", "server")
            }
    for room in rooms:
        folder = tmp_path
        for part in room.split("."):
            folder /= part
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").touch()
    return tmp_path


def test_an_empty_house_breaks_nothing(model_house: Path) -> None:
    done = lint(model_house)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("contract", "room", "line"),
    [
        ("storeys", "models", "import server"),
        ("storeys", "config", "import models"),
        ("storeys", "models", "import miniapp_api"),
        ("doors", "server/site", "import server.console"),
        ("doors", "server/wechat", "import server.jobs"),
        ("voice", "server/console", "import server.voice"),
        ("wechatpy", "server/site", "import wechatpy"),
        ("domain", "models", "import requests"),
        ("domain", "models", "from marshmallow import Schema"),
        ("stranger", "server/simulator", "import models"),
        ("stranger", "server/simulator", "import server.wire"),
        ("not-ours", "server/wire", "import server.simulator"),
    ],
)
def test_each_contract_can_be_broken(model_house: Path, contract: str, room: str, line: str) -> None:
    (model_house / room / "__init__.py").write_text(line + "\n")
    done = lint(model_house, contract)
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-2000:]
    assert "BROKEN" in done.stdout
