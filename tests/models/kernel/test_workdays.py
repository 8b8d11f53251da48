"""Working days are what the State Council announced, and a year that nobody announced is marked, never a crash."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel import workdays
from models.kernel.workdays import (
    add_workdays,
    announced_until,
    is_workday,
    provisional,
    provisional_between,
    window_end,
    workdays_between,
)
from server.words import tentative


def run(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=n) for n in range((end - start).days + 1)}


def days(*written: str) -> set[date]:
    return {date.fromisoformat(text) for text in written}


# Copied from the notices themselves (国办发明电〔2022〕16号、〔2023〕7号、〔2024〕12号; 2025-11-04 for 2026), not from the library.
ANNOUNCED = {
    2023: (
        run("2023-01-01", "2023-01-02")  # 2022-12-31 belongs to the year before
        | run("2023-01-21", "2023-01-27")
        | days("2023-04-05")
        | run("2023-04-29", "2023-05-03")
        | run("2023-06-22", "2023-06-24")
        | run("2023-09-29", "2023-10-06")
        | run("2023-12-30", "2023-12-31"),
        days("2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25", "2023-10-07", "2023-10-08"),
    ),
    2024: (
        days("2024-01-01")
        | run("2024-02-10", "2024-02-17")
        | run("2024-04-04", "2024-04-06")
        | run("2024-05-01", "2024-05-05")
        | days("2024-06-10")
        | run("2024-09-15", "2024-09-17")
        | run("2024-10-01", "2024-10-07"),
        days(
            "2024-02-04",
            "2024-02-18",
            "2024-04-07",
            "2024-04-28",
            "2024-05-11",
            "2024-09-14",
            "2024-09-29",
            "2024-10-12",
        ),
    ),
    2025: (
        days("2025-01-01")
        | run("2025-01-28", "2025-02-04")
        | run("2025-04-04", "2025-04-06")
        | run("2025-05-01", "2025-05-05")
        | run("2025-05-31", "2025-06-02")
        | run("2025-10-01", "2025-10-08"),
        days("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    ),
    2026: (
        run("2026-01-01", "2026-01-03")
        | run("2026-02-15", "2026-02-23")
        | run("2026-04-04", "2026-04-06")
        | run("2026-05-01", "2026-05-05")
        | run("2026-06-19", "2026-06-21")
        | run("2026-09-25", "2026-09-27")
        | run("2026-10-01", "2026-10-07"),
        days("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    ),
}


@pytest.mark.parametrize("year", sorted(ANNOUNCED))
def test_every_day_of_an_announced_year_is_what_the_notice_says(year: int) -> None:
    off, made_up = ANNOUNCED[year]
    for day in sorted(run(f"{year}-01-01", f"{year}-12-31")):
        expected = day in made_up or (day.weekday() < 5 and day not in off)
        assert is_workday(day) is expected, day
    assert not provisional(year)


def test_the_day_itself_is_not_counted() -> None:
    assert add_workdays(date(2026, 11, 23), 1) == date(2026, 11, 24)
    assert add_workdays(date(2026, 11, 20), 1) == date(2026, 11, 23)  # Friday, then Monday
    assert add_workdays(date(2026, 11, 23), 0) == date(2026, 11, 23)


def test_a_make_up_saturday_counts_and_a_holiday_monday_does_not() -> None:
    assert add_workdays(date(2025, 9, 26), 1) == date(2025, 9, 28)  # a Sunday on which offices work
    assert add_workdays(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert add_workdays(date(2025, 9, 30), 3) == date(2025, 10, 11)  # a Saturday on which offices work


def test_seven_working_days_of_legal_review_step_over_the_spring_festival() -> None:
    # Sent on Friday 13 February 2026: 14 (made up), then 24, 25, 26, 27, 28 (made up), 2 March.
    assert add_workdays(date(2026, 2, 13), 7) == date(2026, 3, 2)


def test_counting_back_finds_the_last_day_for_papers() -> None:
    assert add_workdays(date(2025, 10, 9), -1) == date(2025, 9, 30)


def test_thirty_days_end_on_the_thirtieth_day_after_publication() -> None:
    assert window_end(date(2026, 10, 23), 30) == date(2026, 11, 22)
    assert window_end(date(2024, 2, 1), 30) == date(2024, 3, 2)
    with pytest.raises(ValueError):
        window_end(date(2026, 1, 1), 0)


def test_a_window_may_be_made_to_end_on_a_working_day() -> None:
    assert window_end(date(2025, 9, 1), 30) == date(2025, 10, 1)
    assert window_end(date(2025, 9, 1), 30, past_days_off=True) == date(2025, 10, 9)
    assert window_end(date(2025, 9, 9), 30, past_days_off=True) == date(2025, 10, 9)


@given(st.dates(date(2004, 1, 1), date(2060, 12, 31)), st.integers(0, 120))
def test_counting_forward_and_counting_between_agree(day: date, n: int) -> None:
    end = add_workdays(day, n)
    assert workdays_between(day, end) == n
    assert workdays_between(end, day) == -n
    assert n == 0 or is_workday(end)


@given(st.dates())
def test_no_date_whatever_makes_it_stumble(day: date) -> None:
    assert is_workday(day) in (True, False)
    assert provisional(day.year) in (True, False)


def test_a_year_that_nobody_announced_is_provisional_and_still_counts() -> None:
    assert provisional(2027)
    assert provisional(2040)
    assert not is_workday(date(2040, 10, 3))
    assert not is_workday(date(2040, 5, 2))
    assert not is_workday(date(2027, 2, 8))  # the third day of the year, statutory whatever the notice says
    assert is_workday(date(2040, 10, 4))
    assert not is_workday(date(2040, 10, 6))
    assert provisional_between(date(2026, 12, 1), date(2027, 1, 15))
    assert not provisional_between(date(2026, 12, 1), date(2026, 12, 31))


def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "holidays.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(workdays, "TABLE", path)


def test_the_table_announces_a_year_that_the_library_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table(
        tmp_path,
        monkeypatch,
        '[year.2040]\nannounced = true\noff = ["2040-10-01..2040-10-07"]\non = ["2040-09-29"]\n',
    )
    assert not provisional(2040)
    assert is_workday(date(2040, 9, 29))
    assert not is_workday(date(2040, 10, 4))
    assert is_workday(date(2040, 5, 2))  # announced: what the notice does not list is an ordinary day


def test_the_table_overrides_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path, monkeypatch, '[year.2025]\nannounced = true\noff = ["2025-02-05"]\non = ["2025-02-04"]\n')
    assert not is_workday(date(2025, 2, 5))
    assert is_workday(date(2025, 2, 4))
    assert not is_workday(date(2025, 2, 3))


@pytest.mark.parametrize(
    "text",
    [
        '[year.2027]\nannounced = true\noff = ["2026-10-01"]\non = []\n',
        '[year.2027]\nannounced = true\noff = ["10月1日"]\n',
        '[year.2027]\nannounced = true\noff = ["2027-10-07..2027-10-01"]\n',
        '[year.2027]\nannounced = true\noff = ["2027-10-01"]\non = ["2027-10-01"]\n',
        '[year.2027]\nannounced = true\noff = "2027-10-01"\n',
        "[year.2027]\noff = []\n",
        "[year.soon]\nannounced = true\n",
    ],
)
def test_a_slip_in_the_table_is_named_not_swallowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    table(tmp_path, monkeypatch, text)
    with pytest.raises(workdays.BadTable):
        is_workday(date(2027, 10, 1))


def test_the_pages_mark_a_day_that_was_counted_through_a_year_nobody_announced(clock: object, session: object) -> None:
    assert tentative(None) == ""
    assert tentative(date(announced_until(), 12, 31)) == ""
    assert "暂定" in tentative(date(announced_until() + 1, 1, 4))
