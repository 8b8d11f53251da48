"""The curve: own words below, copies above them, together the day; the days and weeks of the table add up to it."""

from datetime import date, timedelta

import pytest

from server import words
from server.console import charts
from server.console.charts import BOTTOM, TOP, curve

OPENS = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def ninth_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (charts, words):
        monkeypatch.setattr(module, "today", lambda: OPENS + timedelta(8))


def test_copies_stand_above_own_words_and_both_are_the_day() -> None:
    days = {OPENS: 10, OPENS + timedelta(1): 40, OPENS + timedelta(7): 6}
    made = curve(OPENS, OPENS + timedelta(29), days, {OPENS + timedelta(1): 30, OPENS + timedelta(7): 6})
    assert (made.total, made.copies) == (56, 36)
    first, second, third = made.bars
    assert first.copies is None
    assert second.copies
    top, above = second.copies
    assert above == pytest.approx(3 * second.h, abs=0.2), "thirty of forty"
    assert top + above == pytest.approx(second.y, abs=0.11)
    assert second.y + second.h == pytest.approx(BOTTOM, abs=0.11)
    assert TOP <= top < BOTTOM
    assert third.h == 0, "nothing but copies that day"
    assert second.says == "11月3日 40 份，其中抄本 30"
    assert made.peak
    assert made.peak.says == second.says
    assert made.words.endswith("共 56 份，其中抄本 36 份")
    assert [(n, c) for _, n, c in made.weeks] == [(50, 30), (6, 6)]
    assert sum(n for _, n, _ in made.days) == 56
    assert len(made.days) == 9
    assert made.left
    assert made.left.says == "还剩 21 天"


def test_without_copies_nothing_is_said_of_them() -> None:
    made = curve(OPENS, OPENS + timedelta(29), {OPENS: 3}, {})
    assert (made.copies, made.bars[0].copies, made.bars[0].says) == (0, None, "11月2日 3 份")
    assert made.words.endswith("共 3 份")
