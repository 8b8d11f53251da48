"""Hostile input: what strangers, broken programs and odd keyboards send, each under a name."""

import io
import json
import zipfile
from typing import Any

TEXTS: dict[str, str] = {
    "empty": "",
    "spaces": "  \t\r\n　",
    "NUL": "\x00",
    "NUL inside": "前\x00后",
    "C0": "a\x01\x02\x07\x1b[31mb",
    "DEL and C1": "a\x7f\x80\x9fb",
    "lone high surrogate": "a\ud800",
    "lone low surrogate": "\udfffb",
    "surrogates swapped": "\udc00\ud800",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "private use": "\ue000\U000f0000",
    "byte order mark": "\ufeff意见",
    "right to left": "\u202e\u2066意见\u2069",
    "zero width": "\u200b\u200c\u200d\u2060\u180e",
    "line separators": "a\u2028b\u2029c\x85d\x0bd\x0c",
    "combining": "e" + "\u0301" * 400,
    "emoji family": "👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈🇨🇳" * 9,
    "four-byte Han": "𠮷𪚥\U0002f800鿿" * 8,
    "variation selectors": "葛\U000e0100城\ufe0f",
    "not normal": "ﬁ№Ａ½Å",
    "one too many": "长" * 2001,
    "seventy thousand": "字" * 70_000,
    "a long word": "x" * 200_000,
    "five thousand digits": "9" * 5000,
    "two to the 63": str(2**63),
    "below minus two to the 63": str(-(2**63) - 1),
    "minus one": "-1",
    "zero": "0",
    "plus": "+5",
    "exponent": "1e309",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "fraction": "1.5",
    "hexadecimal": "0x10",
    "grouped": "1_000",
    "Arabic digits": "٣٤",
    "full-width digits": "１２３",
    "superscript digit": "²",
    "circled digit": "③",
    "Chinese number": "十二",
    "half a date": "2026-02",
    "thirtieth of February": "2026-02-30",
    "year zero": "0000-01-01",
    "year 9999": "9999-12-31",
    "year 10000": "10000-01-01",
    "date of a week": "2026-W10-1",
    "boolean": "true",
    "null": "null",
    "SQL": "'; DROP TABLE comment; --",
    "LIKE": "%_\\",
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "template": "{{7*7}}{% raise %}${7*7}%(x)s%s%n",
    "header": "a\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "path": "../../../../etc/passwd",
    "address": "//evil.example/\\@x",
    "formula": "=cmd|'/c calc'!A1",
    "public id": "zzzzzzzzzzzz",
    "thirteen letters": "abcdefghijkmn",
}
RARE = frozenset(
    "DEL and C1|private use|line separators|variation selectors|not normal|plus|fraction|grouped|circled digit|Chinese number"
    "|date of a week|boolean|null|thirteen letters".split("|")
)
"""Left to the long form."""
VALUES: dict[str, Any] = {
    "JSON null": None,
    "JSON true": True,
    "JSON zero": 0,
    "JSON minus one": -1,
    "JSON two to the 63": 2**63,
    "JSON ten to the 300": 10**300,
    "JSON fraction": 1.5,
    "JSON huge fraction": 1e308,
    "JSON list": [],
    "JSON list of text": ["意见"],
    "JSON object": {},
    "JSON operator": {"$gt": ""},
    "JSON thirty deep": json.loads("[" * 30 + "]" * 30),
}
"""For doors that speak JSON: values of every wrong type."""

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def _multipart(parts: list[tuple[str, bytes]], end: bytes = b"--edge--\r\n") -> bytes:
    head = b'Content-Disposition: form-data; name="%s"\r\n\r\n'
    return b"".join(b"--edge\r\n" + head % name.encode() + value + b"\r\n" for name, value in parts) + end


def _zip(name: str, size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, b"<w:p/>" * (size // 6))
    return made.getvalue()


_MULTI = "multipart/form-data; boundary=edge"
BODIES: dict[str, tuple[bytes, str]] = {
    "no body": (b"", _JSON),
    "no body and no type": (b"", ""),
    "half a JSON": (b'{"text": "x', _JSON),
    "a list": (b"[]", _JSON),
    "null": (b"null", _JSON),
    "a number": (b"1", _JSON),
    "a word": (b'"x"', _JSON),
    "JSON NaN": (b'{"text": NaN}', _JSON),
    "JSON Infinity": (b'{"text": -Infinity}', _JSON),
    "JSON 5,000 digits": (b'{"text": ' + b"9" * 5000 + b"}", _JSON),
    "JSON exponent": (b'{"text": 1e999999999}', _JSON),
    "JSON 50,000 deep": (b'{"text": ' + b"[" * 25_000 + b"]" * 25_000 + b"}", _JSON),
    "JSON objects deep": (b'{"a":' * 8000 + b"1" + b"}" * 8000, _JSON),
    "JSON too large": (b'{"text": "' + b"x" * 300_000 + b'"}', _JSON),
    "JSON not UTF-8": (b'{"text": "\xff\xfe"}', _JSON),
    "JSON raw surrogate": (b'{"text": "\xed\xa0\x80"}', _JSON),
    "JSON surrogate as a name": (b'{"\\ud800": "x"}', _JSON),
    "JSON NUL in a name": (b'{"te\\u0000xt": "x"}', _JSON),
    "JSON the same name twice": (b'{"text": "x", "text": "y"}', _JSON),
    "JSON two values": (b'{"text": "x"} {}', _JSON),
    "JSON as UTF-16": ('{"text": "x"}'.encode("utf-16"), _JSON),
    "JSON as plain text": (b'{"text": "x"}', "text/plain"),
    "XML": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', "text/xml"),
    "form not UTF-8": (b"text=%ff%fe&deed=%ff&title=%C0%80", _FORM),
    "form broken escapes": (b"text=%&deed=%u1234&=&&&a=%zz", _FORM),
    "form the same name twice": (b"text=x&text=y&deed=save&deed=submit&title=a&title=b", _FORM),
    "form five thousand fields": (b"&".join(b"f%d=x" % n for n in range(5000)), _FORM),
    "form array names": (b"text[]=x&text[a]=y&deed[$gt]=", _FORM),
    "multipart without a boundary": (b"--x\r\n\r\n\r\n--x--", "multipart/form-data"),
    "multipart without an end": (_multipart([("text", b"x")], b""), _MULTI),
    "multipart a thousand parts": (_multipart([(f"f{n}", b"x") for n in range(1000)]), _MULTI),
    "multipart a huge field": (_multipart([("text", b"x" * 1_500_000)]), _MULTI),
    "multipart a huge header": (b"--edge\r\nX: " + b"y" * 70_000 + b"\r\n\r\nx\r\n--edge--\r\n", _MULTI),
    "multipart a file with a path": (
        b'--edge\r\nContent-Disposition: form-data; name="word"; filename="../../x\x00.docx"\r\n\r\nx\r\n--edge--\r\n',
        _MULTI,
    ),
    "multipart a zip that is no document": (
        b'--edge\r\nContent-Disposition: form-data; name="word"; filename="a.docx"\r\n\r\n'
        + _zip("a.txt", 60)
        + b'\r\n--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--edge--\r\n',
        _MULTI,
    ),
    "multipart a zip bomb": (
        b'--edge\r\nContent-Disposition: form-data; name="word"; filename="a.docx"\r\n\r\n'
        + _zip("word/document.xml", 90_000_000)
        + b'\r\n--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--edge--\r\n',
        _MULTI,
    ),
}
NAMES = (
    "x",
    "%00",
    "%ED%A0%80",
    "%FF",
    "..%2f..",
    "0" * 300,
    "zzzzzzzzzzzz",
    "٣٤",
    "%F0%9F%80%80",
    "'",
    "-1",
    str(2**63),
)
"""What stands in an address where a record's name belongs."""
