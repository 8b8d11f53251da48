"""WeChat's XML, written and read: what a push looks like and what an answer to it must look like."""

import xml.parsers.expat
from collections.abc import Mapping, Sequence
from typing import Any

Value = str | int | float | Mapping[str, Any] | Sequence[Any]


def write(fields: Mapping[str, Value]) -> str:
    return "<xml>" + "".join(element(name, value) for name, value in fields.items()) + "</xml>"


def element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>" + "".join(element(key, item) for key, item in value.items()) + f"</{name}>"
    if isinstance(value, (list, tuple)):
        return "".join(element(name, item) for item in value)
    if isinstance(value, (int, float)):
        return f"<{name}>{value}</{name}>"
    # ]]> may not stand inside CDATA: it is cut in two, as every careful writer does.
    return f"<{name}><![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + f"]]></{name}>"


class NotXml(Exception):
    """A text that is no XML, or XML with declarations that nobody needs."""


def read(text: str | bytes) -> dict[str, Any]:
    """The root's children as a dictionary; text is kept as written, an element that comes twice becomes a list."""
    parser = xml.parsers.expat.ParserCreate()
    stack: list[tuple[str, dict[str, Any], list[str]]] = []
    root: dict[str, Any] = {}

    def start(name: str, _: dict[str, str]) -> None:
        stack.append((name, {}, []))

    def data(piece: str) -> None:
        if stack:
            stack[-1][2].append(piece)

    def end(_: str) -> None:
        name, children, pieces = stack.pop()
        value: Any = children if children else "".join(pieces)
        if not stack:
            root.update(children)
            return
        into = stack[-1][1]
        if name not in into:
            into[name] = value
        elif isinstance(into[name], list):
            into[name].append(value)
        else:
            into[name] = [into[name], value]

    def refuse(*_: Any) -> None:
        raise NotXml("有 DOCTYPE 或实体声明")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode("utf-8", "replace") if isinstance(text, str) else text, True)
    except xml.parsers.expat.ExpatError as error:
        raise NotXml(str(error)) from error
    return root


def many(value: Any) -> list[Any]:
    """A list whether there was none, one or several."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
