"""Chinese numerals, read and written: 第二十三条 is 23, and 23 is 二十三."""

import unicodedata

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "Ｏ": 0,
    "两": 2,
    "兩": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}

CHARACTERS = "〇○零一二两三四五六七八九十百千"
"""What a numeral in a clause's label is made of, beside Arabic figures."""


def number(text: str) -> int | None:
    """The number that a Chinese, Arabic or full-width numeral stands for; None when it is not one."""
    text = text.strip()
    if not text:
        return None
    if all(char.isdecimal() and char.isprintable() for char in text):
        return int("".join(str(unicodedata.decimal(char)) for char in text)) if len(text) < 10 else None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text)) if len(text) < 10 else None
    return _spoken(text)


def _spoken(text: str) -> int | None:
    total = section = 0
    digit: int | None = None
    last_unit = 10_000
    last_big = 10**12
    for char in text:
        if char in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[char]
        elif char in _UNITS:
            unit = _UNITS[char]
            if unit >= last_unit or (digit is None and unit != 10) or digit == 0:
                return None
            section += (digit or 1) * unit
            digit, last_unit = None, unit
        elif char in _BIG:
            big = _BIG[char]
            section += digit or 0
            if section == 0 or big >= last_big:
                return None
            total += section * big
            section, digit, last_unit, last_big = 0, None, 10_000, big
        else:
            return None
    return total + section + (digit or 0)


def chinese(value: int, zero: str = "零") -> str:
    """A whole number under one hundred million in Chinese: 10 is 十, 23 is 二十三, 105 is 一百零五."""
    if value < 0 or value >= 100_000_000:
        raise ValueError("this numeral is not written out")
    if value == 0:
        return zero
    high, low = divmod(value, 10_000)
    written = ""
    if high:
        written = _section(high, zero) + "万"
        if low and low < 1000:
            written += zero
    if low:
        written += _section(low, zero)
    return written.removeprefix("一") if written.startswith("一十") else written


def _section(value: int, zero: str) -> str:
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            written += (zero if gap and written else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return written


def digit_by_digit(value: int, zero: str = "〇") -> str:
    """A number written figure by figure: 2026 is 二〇二六."""
    return "".join(zero if figure == "0" else "零一二三四五六七八九"[int(figure)] for figure in str(value))
