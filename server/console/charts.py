"""Curves and bars of a consultation as plain figures that a template can draw; every chart has its table."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.kernel.clock import today
from server.words import day_short

LEFT, RIGHT, TOP, BOTTOM = 34.0, 652.0, 20.0, 162.0


@dataclass(frozen=True)
class Bar:
    """One day."""

    x: float
    y: float
    h: float
    says: str
    copies: tuple[float, float] | None = None
    """Where copies stand above own words, and how high."""


@dataclass(frozen=True)
class Mark:
    """Words at a place."""

    x: float
    y: float
    says: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Span:
    """The days that are still to come."""

    x: float
    w: float
    says: str


@dataclass
class Curve:
    """Comments by day over the whole window."""

    words: str
    w: float
    total: int
    copies: int
    days: list[tuple[str, int, int]]
    """Words for a day or some days, texts, and how many of them are copies."""
    weeks: list[tuple[str, int, int]]
    lines: list[Mark] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    ticks: list[Mark] = field(default_factory=list)
    left: Span | None = None
    peak: Mark | None = None


def round_up(number: float, steps: int = 3) -> int:
    """A round number not below this one that can be cut into equal steps."""
    if number <= steps:
        return steps
    rough = number / steps
    power = 10 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (1, 2, 2.5, 4, 5, 10) if nice * power >= rough)
    return int(math.ceil(step) * steps)


def curve(opens: dt.date, closes: dt.date, counted: dict[dt.date, int], copied: dict[dt.date, int]) -> Curve:
    """From the day of publishing to the last day, copies to the letter above own words; days to come stay an empty field."""
    span = (closes - opens).days + 1
    every = [opens + dt.timedelta(n) for n in range(span)]
    past = [day for day in every if day <= today()]
    slot = (RIGHT - LEFT) / span
    numbers = [(day, counted.get(day, 0), copied.get(day, 0)) for day in past]
    most = max((n for _, n, _ in numbers), default=0)
    top = round_up(most)
    high = BOTTOM - TOP
    total, copies = sum(n for _, n, _ in numbers), sum(c for _, _, c in numbers)
    made = Curve(
        words=f"{day_short(opens)}到{day_short(past[-1] if past else opens)}，共 {total} 份"
        + (f"，其中抄本 {copies} 份" if copies else ""),
        w=round(max(slot - min(4, slot * 0.25), 1.5), 1),
        total=total,
        copies=copies,
        days=[(day_short(day), n, c) for day, n, c in numbers],
        weeks=_weeks(numbers),
    )
    made.lines = [Mark(0, round(BOTTOM - high * n / 3, 1), f"{top * n // 3:,}") for n in range(4)]
    for index, (day, n, c) in enumerate(numbers):
        if n:
            h = round(max(high * n / top, 1.5), 1)
            above = round(h * c / n, 1)
            made.bars.append(
                Bar(
                    round(LEFT + index * slot + 2, 1),
                    round(BOTTOM - h + above, 1),
                    round(h - above, 1),
                    _day(day, n, c),
                    (round(BOTTOM - h, 1), above) if c else None,
                )
            )
    made.ticks = [Mark(LEFT, 0, day_short(opens), "start"), Mark(RIGHT, 0, day_short(closes), "end")]
    if most:
        index = next(i for i, (_, n, _) in enumerate(numbers) if n == most)
        middle = LEFT + (index + 0.5) * slot
        if (
            LEFT + 156 < middle < RIGHT - 156
        ):  # on a phone the words are half as wide again, and stand beside those of the ends
            made.ticks.insert(1, Mark(round(middle, 1), 0, day_short(numbers[index][0])))
        # Above its bar, where no other bar can stand; near an edge it begins or ends there.
        anchor = "start" if middle < LEFT + 70 else "end" if middle > RIGHT - 70 else "middle"
        x = {"start": middle - slot / 2, "end": middle + slot / 2, "middle": middle}[anchor]
        y = BOTTOM - high * most / top - 7
        made.peak = Mark(round(x, 1), round(y, 1), _day(*numbers[index]), anchor)
    left = span - len(past)
    if left:
        x = LEFT + len(past) * slot
        says = f"还剩 {left} 天" if left * slot > 60 else ""
        made.left = Span(round(x, 1), round(RIGHT - x, 1), says)
    return made


def _day(day: dt.date, texts: int, copies: int) -> str:
    return f"{day_short(day)} {texts} 份" + (f"，其中抄本 {copies}" if copies else "")


def _weeks(numbers: Sequence[tuple[dt.date, int, int]]) -> list[tuple[str, int, int]]:
    rows = []
    for start in range(0, len(numbers), 7):
        week = numbers[start : start + 7]
        first, last = week[0][0], week[-1][0]
        until = f"{last.month}月{last.day}日" if last.year == first.year else day_short(last)
        words = day_short(first) if first == last else f"{day_short(first)}—{until}"
        rows.append((words, sum(n for _, n, _ in week), sum(c for _, _, c in week)))
    return rows


@dataclass(frozen=True)
class Village:
    """One village: how many live there, how many spoke."""

    name: str
    residents: int
    people: int
    texts: int
    rate: float | None
    quiet: bool


@dataclass(frozen=True)
class Coverage:
    """All villages, from the loudest to the quietest."""

    rows: list[Village]
    residents: int
    people: int
    texts: int
    rate: float | None
    top: int


QUIET = 10
"""Fewer people in a thousand than this, and a village counts as quiet."""


def coverage(villages: Sequence[tuple[int, str, int]], said: dict[int | None, tuple[int, int]], heads: int) -> Coverage:
    """`villages`: number, name, and how many live there; `said`: village to (people, texts), None is who did not say where they live.

    Somebody who named two villages counts in both, and once among all the `heads`.
    """
    rows = []
    for number, name, residents in villages:
        people, texts = said.get(number, (0, 0))
        rate = 1000 * people / residents if residents else None
        rows.append(Village(name, residents, people, texts, rate, rate is not None and rate < QUIET))
    rows.sort(key=lambda v: -(v.rate if v.rate is not None else -1))
    known = sum(v.people for v in rows)
    home = sum(v.residents for v in rows)
    others = [counted for place, counted in said.items() if place not in {number for number, _, _ in villages}]
    people, texts = sum(p for p, _ in others), sum(t for _, t in others)
    if people or texts:
        rows.append(Village("没有填", 0, people, texts, None, False))
    most = max((v.rate or 0 for v in rows), default=0)
    return Coverage(
        rows, home, heads, sum(v.texts for v in rows), 1000 * known / home if home else None, round_up(most, 2)
    )
