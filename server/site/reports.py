"""Adoption reports: the honest counts, and every point with its outcome and its reason."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, render_template, request, url_for

from models.comments.change import read_now
from models.comments.point import Outcome
from models.comments.release import improved, releases
from models.comments.report import TABLES, AdoptionReport, later_of, wordings_of
from models.comments.report_line import further, line_of_many, lines, named, serials
from models.decisions.draft import revised_clauses
from models.decisions.publish import open_publication
from models.kernel.clock import local
from models.kernel.refusal import Missing
from server.headers import save_as
from server.papers.adoption import DOCX, as_docx, as_xlsx
from server.papers.sheets import sent
from server.site.consultations import found
from server.site.door import PER_PAGE, blueprint, paged
from server.site.door import after as page_after
from server.site.home import in_short
from server.site.shown import about, after, change, reason_head
from server.words import date_plain, outcome_class

ON_PAPER = 1000
"""Points on one page when it is to be printed."""
FOLDED = 20
"""Other wordings that are read beneath a line; all of them stand on pages of their own."""
ORDER = (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED, Outcome.OTHER)


@blueprint.get("/reports")
def reports() -> str:
    """All reports, newest first."""
    rows, page = paged(releases(limit=PER_PAGE + 1, after=page_after()))
    return render_template(
        "site/reports.html",
        page=page,
        rows=[
            {
                "public_id": row.consultation_id,
                "title": row.title,
                "sentence": f"{date_plain(row.released_at)}发布，{in_short(row.totals)}",
            }
            for row in rows
        ],
    )


@blueprint.get("/reports/<public_id>")
def report(public_id: str) -> str:
    """The report of one consultation."""
    made = AdoptionReport.of(found(public_id))
    asked, total, outcomes = made.consultation, made.totals, made.outcomes
    filters, clause_id = _filters(made, public_id)
    many = ON_PAPER if request.args.get("all") == "1" else PER_PAGE
    rows, page = paged(lines(asked, clause_id=clause_id, after=page_after(), limit=many + 1), many)
    return render_template(
        "site/report.html",
        c=asked,
        number=made.release.number,
        released_on=made.released_on,
        days=made.days,
        total=made.points,
        changed=improved(total),
        rest=rest(outcomes, asked.before_words),
        before=asked.before_words,
        decided=asked.decision.public_id if open_publication(asked.decision.public_id) else "",
        bar=bar(outcomes),
        bar_words="，".join(f"{o.said(asked.before_words)}{n}条" for o, n in outcomes.items())
        + f"，合计{made.points}条",
        legend=[{"outcome": outcome, "n": n} for outcome, n in outcomes.items()],
        n_people=total["people"],
        n_texts=total["texts"],
        counted="；".join(made.counted) + "。" if made.counted else "",
        put_right=[{"on": local(r.released_at).date(), "number": r.number, "remark": r.remark} for r in made.put_right],
        filters=filters,
        points=points(rows),
        folded=_folded(rows) if many == PER_PAGE else {},
        page=page,
        channels=table((label, n) for _, label, n in total["channels"]),
        villages=table((name, texts) for name, _, texts in sorted(total["places"], key=lambda row: row[0] == "没有填")),
        outcomes=list(outcomes),
        tables=[(words, made.table(key)) for key, words in TABLES if made.table(key)],
    )


@blueprint.get("/reports/<public_id>/lines/<lead>")
def report_wordings(public_id: str, lead: str) -> str:
    """Every wording of one line of the report, a page at a time."""
    made = AdoptionReport.of(found(public_id))
    row = line_of_many(made.consultation, lead)
    shown, page = paged(wordings_of(row.id, after=page_after(), limit=PER_PAGE + 1))
    (line,) = points([row])
    return render_template(
        "site/report_wordings.html",
        c=made.consultation,
        before=made.consultation.before_words,
        line=line,
        rows=shown,
        page=page,
    )


@blueprint.get("/reports/<public_id>/<kind>")
def report_file(public_id: str, kind: str) -> Response:
    """The same report to be taken along: as a spreadsheet with every line, or as a document in official layout."""
    if kind not in ("xlsx", "docx"):
        raise Missing("报告只有 Word 和 Excel 两种。")
    made = AdoptionReport.of(found(public_id))
    answer = Response(as_docx(made), mimetype=DOCX) if kind == "docx" else sent(lambda file: as_xlsx(made, file))
    return save_as(answer, f"{made.title.replace('《', '').replace('》', '')}.{kind}")


def rest(outcomes: dict[Outcome, int], before: str = "") -> str:
    """What became of those that changed nothing."""
    said = []
    if outcomes[Outcome.NOT_ADOPTED]:
        said.append(f"{outcomes[Outcome.NOT_ADOPTED]}条{Outcome.NOT_ADOPTED.said(before)}，每条都写了理由")
    if outcomes[Outcome.OTHER]:
        said.append(f"{outcomes[Outcome.OTHER]}条没有要求修改或不属于这件事，已经说明或转办")
    return "；".join(said) + "。" if said else "没有未采纳的。"


def bar(outcomes: dict[Outcome, int]) -> list[dict[str, Any]]:
    """The counts as parts of one bar, in hundredths of its width."""
    whole, at, parts = sum(outcomes.values()), 0.0, []
    for outcome, n in outcomes.items():
        if n:
            width = round(n * 100 / whole, 3)
            parts.append({"css": outcome_class(outcome), "x": round(at, 3), "width": width, "n": n})
            at += width
    return parts


def table(rows: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Names and numbers, with the share of the longest for a bar."""
    given = list(rows)
    most = max((n for _, n in given), default=0)
    return [{"name": name, "n": n, "share": round(n * 100 / most) if most else 0} for name, n in given]


def _filters(made: AdoptionReport, public_id: str) -> tuple[list[dict[str, Any]], int | None]:
    """Links that show one clause only, and the clause that the address asks for."""
    wanted = request.args.get("clause", "")
    wanted = wanted if re.fullmatch(r"[0-9]{1,5}|all", wanted) else ""
    links = [
        {
            "href": url_for("site.report", public_id=public_id, _anchor="points"),
            "word": "全部",
            "n": 0,
            "current": not wanted,
        }
    ]
    clause_id = None
    for row in made.clauses():
        at = "all" if row.clause_id is None else str(row.position)
        if at == wanted:
            clause_id = row.clause_id or 0
        links.append(
            {
                "href": url_for("site.report", public_id=public_id, clause=at, _anchor="points"),
                "word": (row.label or f"第{row.position}段") if row.clause_id else "不针对条文",
                "n": row.points,
                "current": at == wanted,
            }
        )
    if wanted and clause_id is None:
        raise Missing("这份报告里没有这一条。")
    return links, clause_id


def points(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines of one page; new words of clauses come with a few queries for all of them."""
    revised = revised_clauses([row.revision_id for row in rows if row.revision_id])
    now = read_now([row.point_id for row in rows])
    later, numbers = later_of([row.id for row in rows]), serials(rows)
    shown = []
    for row in rows:
        new = revised.get(row.revision_id)
        shown.append(
            {
                "outcome": row.outcome,
                "about": about(row.clause_label, row.clause_heading),
                "serial": numbers[row.id],
                "id": row.id,
                "lead": row.public_id,
                "n": row.points,
                "people": row.people,
                "wordings": row.wordings,
                "gist": row.gist,
                "words": row.shown_text or "",
                "who": row.shown_name or "居民",
                "reason": row.reason,
                "reason_head": reason_head(row.outcome, row.sub_reason),
                "later": [after(one) for one in later.get(row.id, [])],
                "change": change(
                    row.clause_label, row.clause_kind, row.clause_text, new.text if new else "", now.get(row.point_id)
                )
                if row.clause_text and (new or row.point_id in now)
                else None,
            }
        )
    return shown


def _folded(rows: Sequence[Any]) -> dict[int, list[dict[str, Any]]]:
    """Line to the first of its other wordings."""
    return {
        line: [
            {
                "serials": named([one.serial], one.points),
                "gist": one.gist,
                "words": one.shown_text or "",
                "who": one.shown_name or "",
            }
            for one in others
        ]
        for line, others in further([row.id for row in rows if row.wordings > 1], FOLDED).items()
    }
