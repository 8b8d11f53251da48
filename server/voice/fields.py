"""The fields of WeChat's templates: what each type may hold, and how a value is made to fit."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

_NAME = re.compile(r"(thing|character_string|phrase|name|letter|number|date|time|phone_number|const)[1-9]\d?")
_WRAPPED = re.compile(r"《([^《》]{2,})》")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Misfit(TypeError):
    """A template that cannot work; found when it is defined, long before anybody is written to."""


def length(text: str) -> int:
    """Characters as WeChat's JavaScript counts them: a rare character outside the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis when something was cut; no rare character is halved."""
    if length(text) <= most:
        return text
    kept = ""
    for letter in text:
        if length(kept + letter) > most - 1:
            break
        kept += letter
    return kept.rstrip("，、；：（《“ ") + "…"


def plain(text: str) -> str:
    """One line without control characters and emoji: WeChat refuses the first and does not show the second."""
    text = _CONTROL.sub(" ", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("So", "Cs", "Co", "Cn"))
    return " ".join(text.split())


def short_matter(title: str, most: int) -> str:
    """A title in few words: of 「关于征求《停车管理办法（草案）》意见的公告」 what stands between 《》, then cut."""
    title = plain(title)
    if length(title) <= most:
        return title
    inner = _WRAPPED.search(title)
    if inner:
        title = inner.group(1)
        if length(title) > most:
            title = re.sub(r"（[^（）]*）$", "", title) or title
    return cut(title, most)


def _thing(value: str) -> str:
    return short_matter(value, 20) or "—"


def _letters(value: str) -> str:
    return re.sub(r"[^A-Za-z]", "", value)[:32] or "-"


def _characters(value: str) -> str:
    return re.sub(r"[^\x21-\x7e]", "", value)[:32] or "-"


def _digits(value: str) -> str:
    return re.sub(r"[^0-9.]", "", value)[:32] or "0"


def _phrase(value: str) -> str:
    return re.sub(r"[^\u4e00-\u9fff]", "", value)[:5] or "无"


def _name(value: str) -> str:
    return cut(re.sub(r"[^\u4e00-\u9fffA-Za-z·]", "", value), 10) or "您"


def _phone(value: str) -> str:
    return re.sub(r"[^0-9+\-]", "", value)[:17] or "-"


def day_words(day: date) -> str:
    """2026年11月22日, the way WeChat's date fields want it."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Kind:
    """One type of field: its limit, how a value is made to fit, and what a fitting value looks like."""

    most: int
    fit: Callable[[str], str]
    looks: re.Pattern[str]


_DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日(?: \d{2}:\d{2})?")
KINDS: dict[str, Kind] = {
    "thing": Kind(20, _thing, re.compile(r"[^\x00-\x1f]{1,20}")),
    "const": Kind(20, _thing, re.compile(r"[^\x00-\x1f]{1,20}")),
    "character_string": Kind(32, _characters, re.compile(r"[\x21-\x7e]{1,32}")),
    "letter": Kind(32, _letters, re.compile(r"[A-Za-z-]{1,32}")),
    "number": Kind(32, _digits, re.compile(r"[0-9.]{1,32}")),
    "phrase": Kind(5, _phrase, re.compile(r"[\u4e00-\u9fff]{1,5}")),
    "name": Kind(10, _name, re.compile(r"[\u4e00-\u9fffA-Za-z·…]{1,10}")),
    "phone_number": Kind(17, _phone, re.compile(r"[0-9+\-]{1,17}")),
    "date": Kind(17, plain, _DAY),
    "time": Kind(17, plain, _DAY),
}


def kind_of(name: str) -> str:
    """The type of a field by its name: thing1 is a thing."""
    found = _NAME.fullmatch(name)
    if not found:
        raise Misfit(f"{name} 不是微信模板的字段名")
    return found.group(1)


def fitted(name: str, value: str) -> str:
    """The value as the field takes it: WeChat refuses a whole message (47003) for one value that does not fit."""
    kind = KINDS[kind_of(name)]
    made = kind.fit(value)
    if not kind.looks.fullmatch(made) or length(made) > kind.most:
        raise Misfit(f"{name} 放不下这个值")
    return made
