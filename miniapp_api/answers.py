"""What goes out: JSON written by orjson, lists as {items, next}."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import orjson
from flask import Response, request

from models.kernel.clock import today
from models.kernel.trail import last_deeds, month


class HasChain(Protocol):
    """Something whose deeds stand in a chain of the trail."""

    version: Any

    @property
    def chain(self) -> str:
        """The name of the chain."""


def said(body: Any, status: int = 200) -> Response:
    """A JSON answer that no shared cache may keep."""
    answer = Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def public(body: Any, seconds: int = 30) -> Response:
    """A JSON answer that is the same for everybody, with a mark by which an unchanged one is not sent twice."""
    told = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return _marked(hashlib.sha256(told).hexdigest()[:32], lambda: told, seconds)


def unless_known(matter: HasChain, tell: Callable[[], Any], seconds: int = 30) -> Response:
    """A public answer about one case, whose mark is what was done last in it: who has that mark already is told so, and nothing is read.

    The day is in the mark because windows close by it; the month's chain, because people are forgotten and merged there.
    """
    told = (matter.chain, matter.version, today(), last_deeds(matter.chain, month()), request.full_path)
    tag = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
    return _marked(tag, lambda: orjson.dumps(tell(), option=orjson.OPT_UTC_Z), seconds)


def _marked(tag: str, body: Callable[[], bytes], seconds: int) -> Response:
    """The body under its mark, or the word that nothing changed."""
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
    else:
        answer = Response(body(), mimetype="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.set_etag(tag)
    return answer


def page(items: Iterable[Any], after: str | None) -> dict[str, Any]:
    """One page of a list."""
    return {"items": list(items), "next": after}


def nothing() -> Response:
    """Done, and nothing to say."""
    answer = Response(status=204)
    answer.headers["Cache-Control"] = "no-store"
    return answer
