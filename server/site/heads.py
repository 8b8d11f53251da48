"""Every day's head of the trail, made public, so that whoever wrote it down can say later whether the trail was changed."""

import json

from flask import Response, render_template, request, url_for

from models.kernel import heads
from server.site.door import PER_PAGE, Page, blueprint

IN_ONE_FILE = 400
"""Days in one machine-readable file: more than a year."""


@blueprint.get("/heads")
def heads_page() -> str:
    """The days, newest first."""
    rows = heads.newest(PER_PAGE + 1, before=_before())
    shown = rows[:PER_PAGE]
    earlier = {row.number: older for row, older in zip(rows, [*rows[1:], None], strict=False)}
    more = len(rows) > PER_PAGE
    return render_template(
        "site/heads.html",
        days=[
            {
                "number": row.number,
                "day": row.day,
                "taken_at": row.taken_at,
                "rows": row.rows,
                "chains": row.chains,
                "more": None if earlier[row.number] is None else row.rows - earlier[row.number].rows,  # type: ignore[union-attr]
                "head": spaced(row.head.hex()),
                "true": row.true,
            }
            for row in shown
        ],
        page=Page(shown[-1].number, url_for("site.heads_page", before=shown[-1].number)) if more else Page(None),
    )


@blueprint.get("/heads.json")
def heads_file() -> Response:
    """The same for machines, with what is needed to compute each head anew; `earlier` leads to the file before."""
    rows = heads.newest(IN_ONE_FILE + 1, before=_before())
    days = [heads.public(row) for row in reversed(rows[:IN_ONE_FILE])]
    made = heads.document(days)
    if len(rows) > IN_ONE_FILE:
        made["earlier"] = url_for("site.heads_file", before=days[0]["number"], _external=True)
    return Response(json.dumps(made, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")


def _before() -> int | None:
    """Where the page before ended; nonsense begins at the beginning."""
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None


def spaced(digits: str) -> list[str]:
    """Sixty-four digits in groups of eight, as they can be read aloud and compared."""
    return [digits[n : n + 8] for n in range(0, len(digits), 8)]
