"""Reads what WeChat wrote, letter for letter, and refuses everything that is not plain XML or JSON of a sane size."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeAlias
from xml.parsers import expat

MOST_BYTES = 64 * 1024
DEEPEST = 12  # WeChat's own deepest event has five levels
MOST_NODES = 4000
DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
# Characters that XML forbids though phones do type them. NUL is not among them: it is refused.
FORBIDDEN = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Tree: TypeAlias = dict[str, Any]


class Unreadable(Exception):
    """What arrived is not a message; the reason is for the log."""


class _Reader:
    """Builds nested dictionaries from expat's events, keeping every space; a repeated tag becomes a list."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse
        self.stack: list[tuple[str, Tree, list[str]]] = []
        self.root: tuple[str, Any] | None = None
        self.nodes = 0

    def refuse(self, *_: Any) -> None:
        raise Unreadable("a document type is never part of a message")

    def start(self, tag: str, _attributes: Tree) -> None:
        self.nodes += 1
        if len(self.stack) >= DEEPEST or self.nodes > MOST_NODES:
            raise Unreadable("too deep or too many elements")
        self.stack.append((tag, {}, []))

    def text(self, data: str) -> None:
        self.stack[-1][2].append(data)

    def end(self, tag: str) -> None:
        _, children, pieces = self.stack.pop()
        value: Any = children if children else "".join(pieces)
        if not self.stack:
            self.root = (tag, value)
            return
        siblings = self.stack[-1][1]
        if tag not in siblings:
            siblings[tag] = value
        elif isinstance(siblings[tag], list):
            siblings[tag].append(value)
        else:
            siblings[tag] = [siblings[tag], value]


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    return text.removeprefix("\ufeff")


def read_xml(data: bytes) -> Tree:
    """The fields of `<xml>…</xml>`, or Unreadable."""
    text = _decoded(data)
    if "\x00" in text:
        raise Unreadable("NUL")
    if DOCTYPE.search(text):
        raise Unreadable("a document type is never part of a message")
    # A control character typed on a phone must not cost a resident the whole message: it is shown as one that cannot be read.
    text = FORBIDDEN.sub("\ufffd", text)
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise Unreadable(f"XML: {expat.errors.messages.get(error.code, 'error')}") from error
    if reader.root is None or reader.root[0] != "xml":
        raise Unreadable("not <xml>")
    fields = reader.root[1]
    return fields if isinstance(fields, dict) else {}


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        raise Unreadable("too deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, depth + 1)


def _texts(value: Any) -> Any:
    """JSON numbers as the text WeChat's XML would have carried, so that one router serves both."""
    if isinstance(value, dict):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else str(value)


def read_json(data: bytes) -> Tree:
    """The fields of a JSON push (a mini program may choose it), or Unreadable."""
    text = _decoded(data)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("JSON") from error
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    for inner in _strings(value):
        if UNSTORABLE.search(inner):
            raise Unreadable("NUL or a lone surrogate")
    return {key: _texts(inner) for key, inner in value.items()}


def read(data: bytes) -> tuple[Tree, str]:
    """The fields and which of the two forms they came in ('xml' or 'json')."""
    if data.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] == b"{":
        return read_json(data), "json"
    return read_xml(data), "xml"
