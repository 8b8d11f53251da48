"""Searching everything that everybody may read, with what was looked for marked in it."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from models.kernel.refusal import RuleUnmet
from models.kernel.search import LONGEST_QUERY, Entry
from models.search.kinds import KINDS, LABELS, Hits, find
from models.texts.asked import Piece, excerpt, marked
from server.site.door import NAME, PER_PAGE, blueprint

PAGES = {
    "consultation": "site.consultation",
    "report": "site.report",
    "decision": "site.decision",
    "poll": "site.poll",
    "exhibition": "site.exhibition",
    "lecture": "site.lecture",
    "common": "site.common_question",
    "article": "site.article",
}
"""The page of each kind, which takes the public id."""


@dataclass(frozen=True)
class Hit:
    """One text that was found, as a line of the list."""

    href: str
    label: str
    shown_on: Any
    title: list[Piece]
    words: list[Piece]


def hit(row: Entry, terms: list[str]) -> Hit:
    """What the list says of it."""
    href = url_for(PAGES[row.kind], public_id=row.page)
    return Hit(href, LABELS[row.kind], row.shown_on, marked(row.title, terms), excerpt(row.body, terms))


@blueprint.get("/search")
def search() -> str | tuple[str, int]:
    """A box for the words, and what was found."""
    query = " ".join(request.args.get("q", "").split())
    kind = request.args.get("kind", "")
    kind = kind if kind in LABELS else ""
    after = request.args.get("after", "")
    found, trouble = None, ""
    if query:
        try:
            found = find(query, kind=kind, after=after if NAME.fullmatch(after) else None, limit=PER_PAGE)
        except RuleUnmet as unmet:
            trouble = unmet.message
    page = render_template(
        "site/search.html",
        query=query[: 2 * LONGEST_QUERY],
        kind=kind,
        kinds=KINDS,
        trouble=trouble,
        found=found,
        rows=[hit(row, found.terms) for row in found.rows] if found else [],
        following=_following(query, kind, found),
    )
    return (page, 422) if trouble else page


def _following(query: str, kind: str, found: Hits | None) -> str:
    if found is None or found.following is None:
        return ""
    return url_for("site.search", q=query, kind=kind or None, after=found.following)
