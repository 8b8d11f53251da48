"""Whatever reads texts takes a time that grows with their length and not with its square: nobody stops the desk by a paste."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from config.logging import redact
from models.texts import bigrams, clauses, diff, keywords, reasons, received
from server.wechat import router
from server.wechat.handlers import choosing, receipts

LONG = 60_000
SEEDS = (
    "x", "9", "字", "一", " ", "\n", "a@", "a.", "1-", "1 ", "13800", "如果已改为", "第一条", "第", "（一）", "一、", "1.", "《", "=", "token=",
    "\"a\": \"", "\\", "您提出的", "感谢您对", "栋1", "京A", "o", "<", "&", "%E", "张",
)  # fmt: skip

READERS: dict[str, Callable[[str], Any]] = {
    "findings": lambda text: reasons.findings(text, outcome="adopted", comment=text[:-1]),
    "personal data": reasons.personal_data,
    "normal": bigrams.normal,
    "bigrams": bigrams.bigrams,
    "received": lambda text: received.as_received(text, field="text", most=LONG * 10, least=0),
    "clauses": clauses.split,
    "the log": redact,
    "keywords": lambda text: keywords.which_word(text, router.KEYWORDS),
    "a number to take back": receipts.number_to_take_back,
    "a number": receipts.number_in,
    "a choice": choosing.number_in,
}


@pytest.mark.parametrize("name", READERS)
def test_a_long_text_is_read_in_no_time(name: str) -> None:
    slow = []
    for seed in SEEDS:
        text = (seed * (LONG // len(seed) + 1))[:LONG]
        half = text[: LONG // 4]
        took = [_time(READERS[name], half), _time(READERS[name], text)]
        # Four times as long may take six times as long; a square would be sixteen. Short times are noise.
        if (took[1] > 0.5 and took[1] > 8 * took[0]) or took[1] > 8:
            slow.append(f"{seed!r}: {took[0]:.2f} s, then {took[1]:.2f} s")
    assert not slow, slow


def _time(read: Callable[[str], Any], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began


def test_the_changes_between_two_long_texts_are_found_in_time() -> None:
    """The desk compares a clause with its new words while somebody types; both may be long."""
    before = "第一条　为了规范停车，制定本办法。" * 600
    after = before[::-1]
    assert _time(lambda text: diff.changes(text, after), before) < 8
