"""What may stand in the fields of a message template: twenty characters for a thing, a real date for a date."""

import re
import unicodedata
from typing import Any

from server.simulator.fault import Fault
from server.simulator.settings import Template

SHOWN = 20  # a template message's line is cut here
CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2})"

PATTERNS = {
    "thing": r"[\s\S]{1,20}",
    "number": r"-?\d{1,32}(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "time": rf"({DAY}\s?)?{CLOCK}(\s?~\s?({DAY}\s?)?{CLOCK})?|{DAY}(\s?~\s?{DAY})?",
    "date": rf"{DAY}(\s?{CLOCK})?(\s?~\s?{DAY}(\s?{CLOCK})?)?",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d+)?元?",
    "phone_number": r"[\d+\-() ]{1,17}",
    "car_number": r"\S{1,8}",
    "name": r"[一-鿿·]{1,10}|[A-Za-z .]{1,20}",
    "phrase": r"[一-鿿]{1,5}",
    "const": r"[\s\S]{1,20}",
}


def values(template: Template, data: Any) -> dict[str, str]:
    """Every field of the template with its text; unknown or missing ones are an error of the caller's."""
    if not isinstance(data, dict):
        raise Fault(47003, "argument invalid! data is empty")
    for key in data:
        if key not in template.keys and key not in ("first", "remark"):
            raise Fault(47003, f"argument invalid! data.{key} invalid")
    found = {}
    for key in template.keys:
        entry = data.get(key)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, (str, int, float)) or str(value).strip() == "":
            raise Fault(47003, f"argument invalid! data.{key}.value is empty")
        found[key] = str(value)
    return found


def strictly(template: Template, data: Any) -> dict[str, str]:
    """For subscription messages: what does not fit the field's type is refused."""
    found = values(template, data)
    for field in template.fields:
        pattern = PATTERNS.get(field.type)
        if pattern and not re.fullmatch(pattern, found[field.key]):
            raise Fault(47003, f"argument invalid! data.{field.key}.value invalid")
    return found


def leniently(template: Template, data: Any) -> dict[str, str]:
    """For template messages: a long line is cut with dots, an emoji is not shown."""
    return {key: cut(plain(value)) for key, value in values(template, data).items()}


def plain(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "So" and ord(letter) < 0x1F000)


def cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
