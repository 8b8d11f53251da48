"""What goes out: JSON written by orjson, lists as {items, next}."""

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response, request


def said(body: Any, status: int = 200) -> Response:
    """A JSON answer that no shared cache may keep."""
    answer = Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def public(body: Any, seconds: int = 30) -> Response:
    """A JSON answer that is the same for everybody, with a mark by which an unchanged one is not sent twice."""
    answer = Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), mimetype="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def page(items: Iterable[Any], after: str | None) -> dict[str, Any]:
    """One page of a list."""
    return {"items": list(items), "next": after}


def nothing() -> Response:
    """Done, and nothing to say."""
    answer = Response(status=204)
    answer.headers["Cache-Control"] = "no-store"
    return answer
