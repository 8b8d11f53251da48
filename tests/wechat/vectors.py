"""The published examples of WeChat's wire, read where they lie beside the project; tests skip loudly where they do not."""

import json
from functools import cache
from typing import Any

import pytest

from tests.conftest import SHARED

FOLDER = SHARED / "wechat" / "vectors"
beside = pytest.mark.usefixtures("samples")


@cache
def manifest() -> list[dict[str, Any]]:
    """Every example with its kind, file and expected parse; empty where the folder is missing."""
    path = FOLDER / "manifest.json"
    return json.loads(path.read_text("utf-8"))["vectors"] if path.exists() else []


def of_kind(*kinds: str) -> list[Any]:
    """The examples of these kinds as test parameters, named by their id."""
    return [pytest.param(row, id=row["id"]) for row in manifest() if row["kind"] in kinds]


def raw(row: dict[str, Any]) -> bytes:
    """The example itself."""
    return (FOLDER / row["file"]).read_bytes()


def loaded(name: str) -> dict[str, Any]:
    """A crypto or signature example."""
    return json.loads((FOLDER / name).read_text("utf-8"))
