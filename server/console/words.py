"""What every page of the desk says in the same way: the frame, the navigation, numbers and weekdays."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import g, request, url_for
from wtforms import Field

from models.kernel.clock import local, today
from models.kernel.installation import Installation
from server.console import nav
from server.console.door import blueprint, opens
from server.console.tally import counts

WEEKDAYS = "一二三四五六日"


@blueprint.app_template_filter()
def thousands(number: int | None) -> str:
    """1,286."""
    return f"{number or 0:,}"


def counted_to(number: int, most: int) -> str:
    """The number, or that there are more, where nobody counted on: 1,000 多."""
    return thousands(number) if number <= most else f"{thousands(most)} 多"


@blueprint.app_template_filter()
def weekday(day: dt.date) -> str:
    """2026年11月23日 星期一."""
    return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


@blueprint.app_template_filter()
def weekday_short(day: dt.date) -> str:
    """11月23日 星期一，今天."""
    words = f"{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"
    if day.year != today().year:
        words = f"{day.year}年{words}"
    return f"{words}，今天" if day == today() else words


@blueprint.app_template_filter()
def hour(moment: dt.datetime) -> str:
    """09:05 in Beijing."""
    return f"{local(moment):%H:%M}"


def shares(numbers: Sequence[int]) -> list[str]:
    """Each number's part of their sum in tenths of a percent, rounded so that together they are 100%."""
    whole = sum(numbers)
    if not whole:
        return ["—"] * len(numbers)
    tenths = [1000 * number // whole for number in numbers]
    by_rest = sorted(range(len(numbers)), key=lambda n: -(1000 * numbers[n] % whole))
    for place in by_rest[: 1000 - sum(tenths)]:
        tenths[place] += 1
    return [f"{part // 10}.{part % 10}%" for part in tenths]


@blueprint.app_template_filter()
def share(number: int, total: int) -> str:
    """31.1%."""
    return f"{100 * number / total:.1f}%" if total else "—"


BROWSERS = {
    "MicroMessenger": "微信",
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "HarmonyOS": "鸿蒙",
    "Android": "安卓手机",
    "Windows": "Windows 电脑",
    "Mac OS X": "苹果电脑",
    "Linux": "Linux 电脑",
}


@blueprint.app_template_filter()
def device(told: str) -> str:
    """What a browser says of itself, in the words of whoever sits before it: Chrome，Windows 电脑."""
    said = [next((words for mark, words in kinds.items() if mark in told), "") for kinds in (BROWSERS, SYSTEMS)]
    return "，".join(filter(None, said)) or told[:40] or "没有说明"


def static(name: str) -> str:
    """The address of one of the desk's own files; it changes when the file does, so that browsers may keep it."""
    return url_for("console.static", filename=name, v=_sum(name))


@lru_cache(maxsize=32)
def _sum(name: str) -> str:
    folder = Path(blueprint.static_folder or "")
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]


def office() -> str:
    """The office's name, as people call it."""
    return Installation.here().office_name


def field_marks(field: Field, hint: str) -> dict[str, Any]:
    """What a field's element carries so that a screen reader hears its error and hint."""
    marks: dict[str, Any] = {}
    says = [f"{field.id}-e"] * bool(field.errors) + [f"{field.id}-h"] * bool(hint)
    if says:
        marks["aria-describedby"] = " ".join(says)
    if field.errors:
        marks["aria-invalid"] = "true"
    return marks


def entries() -> list[nav.Entry]:
    """The desks of this officer with what waits on each."""
    numbers, late = counts(g.officer)
    return nav.entries(g.officer, numbers, late)


@blueprint.app_context_processor
def frame() -> dict[str, Any]:
    """What the frame of every page of the desk needs, an address that does not exist included."""
    if not request.path.startswith("/desk"):
        return {}
    return {
        "nav": entries,
        "office": office,
        "house_name": lambda: "回音",
        "demonstration": Installation.is_demonstration,
        "static": static,
        "opens": opens,
        "field_marks": field_marks,
        "console_token": lambda: g.session_row.csrf if g.get("session_row") is not None else "",
    }
