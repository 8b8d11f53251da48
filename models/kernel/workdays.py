"""Which days are working days, and on which date a period that the law counts comes to its end."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from chinese_calendar import constants as announced_days

TABLE = Path(__file__).resolve().parents[2] / "config" / "rules" / "holidays.toml"

ONE_DAY = timedelta(days=1)

# 《全国年节及纪念日放假办法》第二条: the days whose date never moves. The others follow the moon and stand in the table.
FIXED_DAYS_OFF = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class BadTable(ValueError):
    """The table of holidays cannot be read; the message names the line that is wrong."""


@dataclass(frozen=True, slots=True)
class Year:
    announced: bool
    off: frozenset[date]
    on: frozenset[date]


def is_workday(day: date) -> bool:
    """Whether offices work on this day, make-up days and announced holidays included."""
    own = _table(TABLE).get(day.year)
    if own is not None:
        if day in own.on:
            return True
        if day in own.off:
            return False
    if day.year in _library_years():
        if day in announced_days.workdays:
            return True
        if day in announced_days.holidays:
            return False
    elif (own is None or not own.announced) and (day.month, day.day) in FIXED_DAYS_OFF:
        return False
    return day.weekday() < 5


def provisional(year: int) -> bool:
    """Whether nobody has announced this year's holidays yet, so that every count through it may still move."""
    if year in _library_years():
        return False
    own = _table(TABLE).get(year)
    return own is None or not own.announced


def announced_until() -> int:
    """The last year whose holidays are announced."""
    return max(year for year in {*_library_years(), *_table(TABLE)} if not provisional(year))


def provisional_between(start: date, end: date) -> bool:
    """Whether any year touched from `start` to `end` is provisional: the mark to print beside a date."""
    first, last = sorted((start, end))
    return any(provisional(year) for year in range(first.year, last.year + 1))


def add_workdays(day: date, n: int) -> date:
    """The n-th working day after `day`, which itself is not counted; with a negative n, before it. With 0, the day itself."""
    step = ONE_DAY if n >= 0 else -ONE_DAY
    left = abs(n)
    while left:
        day += step
        if is_workday(day):
            left -= 1
    return day


def workdays_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` comes first."""
    if end < start:
        return -workdays_between(end, start)
    return sum(1 for day in _days(start + ONE_DAY, end) if is_workday(day))


def window_end(published_on: date, days: int, *, past_days_off: bool = False) -> date:
    """The last day of a window of calendar days: it ends at 24:00 Beijing time of the date returned.

    The day of publication is not counted (民法典第二百零一条). With `past_days_off` an end on a day off moves to the next
    working day (民法典第二百零三条); a window open to the telephone and the letter box may want it, a rule set says.
    """
    if days < 1:
        raise ValueError("a window has at least one day")
    last = published_on + timedelta(days=days)
    while past_days_off and not is_workday(last):
        last += ONE_DAY
    return last


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


@lru_cache(maxsize=1)
def _library_years() -> frozenset[int]:
    return frozenset(day.year for day in announced_days.holidays)


@lru_cache(maxsize=8)
def _table(path: Path) -> Mapping[int, Year]:
    with path.open("rb") as file:
        raw = tomllib.load(file)
    years: dict[int, Year] = {}
    for name, row in raw.get("year", {}).items():
        if not name.isdecimal():
            raise BadTable(f"{path.name}: “{name}”不是年份")
        year = int(name)
        off, on = frozenset(_dates(row, "off", year, path)), frozenset(_dates(row, "on", year, path))
        if both := off & on:
            raise BadTable(f"{path.name}: {min(both)} 既写在放假里又写在上班里")
        if not isinstance(row.get("announced"), bool):
            raise BadTable(f"{path.name}: {year} 年没有写明 announced = true 或 false")
        years[year] = Year(announced=row["announced"], off=off, on=on)
    return years


def _dates(row: Mapping[str, object], key: str, year: int, path: Path) -> Iterator[date]:
    written = row.get(key, [])
    if not isinstance(written, list):
        raise BadTable(f"{path.name}: {year} 年的 {key} 要写成列表")
    for item in written:
        first, _, last = str(item).partition("..")
        try:
            days = list(_days(date.fromisoformat(first), date.fromisoformat(last or first)))
        except ValueError:
            raise BadTable(f"{path.name}: “{item}”不是日期") from None
        if not days or any(day.year != year for day in days):
            raise BadTable(f"{path.name}: “{item}”不在 {year} 年里")
        yield from days
