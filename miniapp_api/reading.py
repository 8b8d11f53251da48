"""Reads what a client sends and turns away everything that is not a small, plain JSON object before it goes further."""

import json
import re
from typing import Any, NoReturn

from flask import Request
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

MOST_BYTES = 64 * 1024
DEEPEST = 16
_SURROGATE = re.compile("[\ud800-\udfff]")


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _sound(value: Any, depth: int = 0) -> bool:
    """Not deeper than any of our schemas could be, and without half characters that no database can keep."""
    if depth > DEEPEST:
        return False
    if isinstance(value, str):
        return not _SURROGATE.search(value)
    if isinstance(value, dict):
        return all(_sound(key) and _sound(inner, depth + 1) for key, inner in value.items())
    if isinstance(value, list):
        return all(_sound(inner, depth + 1) for inner in value)
    return True


class Reader(FlaskParser):  # type: ignore[misc, unused-ignore]
    """webargs' parser with a guard in front of its JSON."""

    def _raw_load_json(self, req: Request) -> Any:
        """The body as JSON: at most 64 KiB, UTF-8, an honest depth, no half characters."""
        req.max_content_length = MOST_BYTES
        data = req.get_data(cache=True)
        if not data:
            return core.missing
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType("请用 application/json 提交。")
        try:
            value = json.loads(data.decode("utf-8"), parse_constant=_constant)
        except (ValueError, RecursionError) as error:
            raise BadRequest("提交的内容不是有效的 JSON。") from error
        if not _sound(value):
            raise BadRequest("提交的内容里有读不了的字符，或者层数太多。")
        return value
