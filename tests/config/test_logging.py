"""The log tells what happened and nobody's secret."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.logging import Line, configure, logging_config, redact, request_id

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz1"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Where the logger "a.test" speaks."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line())
    logger = logging.getLogger("a.test")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield out
    logger.removeHandler(handler)
    logger.propagate = True


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    "secret",
    [
        f"user {OPENID} wrote",
        f"openid={OPENID}",
        "GET /cgi-bin/x?access_token=77_abcDEF&lang=zh",
        '{"session_key": "tiihtNczf5v6AKRyjwEUhQ=="}',
        "{'secret': 'hunter2', 'grant_type': 'client_credential'}",
        "Authorization: Bearer abc.def",
        "X-Demo-Secret: 0123",
        "Cookie: huiyin_r=abc; huiyin_o=def",
        "/go/kJ3_9fX0aB7cD2eF5gH8iJ1kL4mN6oP",
        "手机 13812345678 的居民",
        "+86 138 1234 5678",
        "身份证 11010519491231002X",
        "postgresql+psycopg://huiyin:hunter2@127.0.0.1/huiyin",
        '"phone": "0931-1234567"',
        "js_code=081abc",
    ],
)
def test_it_hides(secret: str) -> None:
    for bare in (OPENID, "77_abcDEF", "tiihtNczf5v6AKRyjwEUhQ", "hunter2", "abc.def", "0123\n", "huiyin_r=abc", "kJ3_9fX0aB7c",
                 "13812345678", "138 1234 5678", "11010519491231002X", "0931-1234567", "081abc"):  # fmt: skip
        assert bare not in redact(secret)
    assert "…" in redact(secret)


@pytest.mark.parametrize(
    "harmless",
    [
        "Consultation.publish 〔2026〕5号",
        "receipt 72631845",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2026-11-23T06:33:46.808+00:00",
        "/desk/consultations/abcd2345efgh",
        "wx0123456789abcdef",
        "errcode 40001, try again in 300 s",
    ],
)
def test_it_leaves_the_rest(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_one_event_is_one_line_whatever_is_in_it(said: io.StringIO) -> None:
    hostile = 'x\r\n{"level": "info"}\u2028\u2029\x00\x1b[31m\u202e\ud800'
    logging.getLogger("a.test").info("heard %s", hostile, extra={"path": hostile, "more": {"deep": [hostile]}})
    assert said.getvalue().count("\n") == 1
    assert len(said.getvalue().splitlines()) == 1
    assert "\x1b" not in said.getvalue()
    assert "\u202e" not in said.getvalue()
    assert lines(said)[0]["path"].startswith("x\r\n")


def test_secrets_hide_in_extras_by_name_and_by_looks(said: io.StringIO) -> None:
    logging.getLogger("a.test").info(
        "x", extra={"openid": "short", "who": OPENID, "tel": 13812345678, "body": {"token": 7, "n": 5}}
    )
    line = lines(said)[0]
    assert line["openid"] == line["who"] == line["tel"] == line["body"]["token"] == "…"
    assert line["body"]["n"] == 5


def test_a_trace_is_told_without_secrets(said: io.StringIO) -> None:
    try:
        raise ValueError(f"access_token=abc123 for {OPENID}")
    except ValueError:
        logging.getLogger("a.test").exception("failed")
    line = lines(said)[0]
    assert "ValueError" in line["trace"]
    assert "abc123" not in said.getvalue()
    assert OPENID not in said.getvalue()


def test_lines_of_one_request_carry_its_id(said: io.StringIO) -> None:
    request_id.set("")  # whatever this process was asked before
    token = request_id.set("r-1")
    logging.getLogger("a.test").info("inside")
    request_id.reset(token)
    logging.getLogger("a.test").info("outside")
    first, second = lines(said)
    assert first["request"] == "r-1"
    assert "request" not in second


def test_it_writes_a_file_a_program(tmp_path: Path) -> None:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        configure("worker", tmp_path / "log")
        logging.getLogger("somewhere").warning("told")
        for handler in root.handlers:
            handler.close()
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert json.loads((tmp_path / "log" / "worker.log").read_text())["said"] == "told"
    assert logging_config("web")["handlers"]["out"]["class"] == "logging.StreamHandler"
