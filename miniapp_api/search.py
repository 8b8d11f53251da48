"""Searching everything that everybody may read."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, public
from miniapp_api.door import Door
from miniapp_api.schemas import search as schemas
from models.kernel.refusal import RuleUnmet
from models.kernel.search import Entry
from models.search.kinds import LABELS, find
from models.texts.asked import Piece, excerpt, marked

door = Door("search", __name__, "/search", "搜索：公告、采纳情况、决定、普法文章。")


@door.route("")
@door.arguments(schemas.SearchQuery, location="query")
@door.response(200, schemas.SearchPage)
def search(asked: dict[str, Any]) -> Response:
    """What has these words, the best first, at most a hundred."""
    after = asked["after"]
    if after is not None and Entry.by_public_id(after) is None:
        raise RuleUnmet("这一页的位置已经不在了，请从第一页开始。", {"after": "位置不对。"})
    found = find(asked["q"], kind=asked["kind"] or "", after=after, limit=asked["limit"])
    return public({**page((_line(row, found.terms) for row in found.rows), found.following), "total": found.total})


def _line(row: Entry, terms: list[str]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "kind_label": LABELS[row.kind],
        "id": row.page,
        "title": _pieces(marked(row.title, terms)),
        "excerpt": _pieces(excerpt(row.body, terms)),
        "shown_on": row.shown_on,
    }


def _pieces(pieces: list[Piece]) -> list[dict[str, Any]]:
    return [{"text": piece.text, "hit": piece.hit} for piece in pieces]
