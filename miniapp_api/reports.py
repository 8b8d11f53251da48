"""Adoption reports: what became of what people said, and why."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, public, unless_known
from miniapp_api.comments import after
from miniapp_api.consultations import door as consultation_door
from miniapp_api.consultations import published
from miniapp_api.door import Door
from miniapp_api.paging import after_id, cut
from miniapp_api.schemas import consultations as consultation_schemas
from miniapp_api.schemas import reading as schemas
from miniapp_api.schemas.base import PageQuery, page_of
from models.comments.amendment import amended
from models.comments.change import read_now
from models.comments.point import Outcome, Point
from models.comments.release import Release, releases, reported
from models.comments.report import TABLES, AdoptionReport, Row
from models.comments.report_line import count, line_led_by
from models.decisions.consultation import Consultation, State
from models.decisions.draft import revised_clauses
from models.kernel.refusal import RuleUnmet
from models.texts.clauses import Piece, body

door = Door("reports", __name__, "/reports", "意见采纳情况。")


def _totals(totals: dict[str, Any]) -> dict[str, Any]:
    return {name: totals[name] for name in ("people", "texts", "points", "outcomes")}


def _part(row: Row) -> dict[str, Any]:
    return {"name": row.name, "outcomes": {outcome.value: n for outcome, n in row.outcomes.items()}}


def _before(row: Any) -> str:
    """The words of a clause as they were put before the people."""
    return body(Piece(kind=row.kind, label=row.label, heading=row.heading, level=row.level, text=row.before))


@door.route("")
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.ReportLine))
def reports(asked: dict[str, Any]) -> Response:
    """Adoption reports, newest first."""
    rows = releases(asked["limit"] + 1, after_id(Release, asked["after"]))
    shown, following = cut(rows, asked["limit"])
    items = [
        {
            "id": row.consultation_id,
            "title": row.title,
            "number": row.number,
            "released_at": row.released_at,
            **_totals(row.totals),
        }
        for row in shown
    ]
    return public(page(items, following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Report)
def report(public_id: str) -> Response:
    """The report of one consultation, by the consultation's id."""
    asked = published(public_id)
    return unless_known(asked, lambda: _report(asked))


def _report(asked: Consultation) -> dict[str, Any]:
    made = AdoptionReport.of(asked)
    totals = made.totals
    return {
        "id": asked.public_id,
        "title": asked.title,
        "number": made.release.number,
        "released_at": made.release.released_at,
        "opens_on": asked.opens_on,
        "closes_on": asked.closes_on,
        **_totals(totals),
        "corrections": [
            {"number": one.number, "released_at": one.released_at, "note": one.remark} for one in made.put_right
        ],
        "withdrawn": totals["withdrawn"],
        "signers": totals["signers"],
        "channels": [{"name": label, "count": count} for _, label, count in totals["channels"]],
        "kinds": [{"name": label, "count": count} for _, label, count in totals["kinds"]],
        "lines": count(asked),
        "copies": {"templates": 0, "texts": 0, "edited": 0} | totals.get("copies", {}),
        "groups": totals.get("groups", {"groups": 0, "points": 0}),
        **{key: [_part(row) for row in made.table(key)] for key, _ in TABLES},
    }


@door.route("/<string(length=12):public_id>/lines")
@door.arguments(schemas.MergedQuery, location="query")
@door.response(200, page_of(schemas.MergedLine))
def merged(asked: dict[str, Any], public_id: str) -> Response:
    """The lines of a report, duplicates merged and counted, in the order in which they first came in."""
    consultation = published(public_id)
    return unless_known(consultation, lambda: _merged(consultation, asked))


def _merged(consultation: Consultation, asked: dict[str, Any]) -> dict[str, Any]:
    made = AdoptionReport.of(consultation)
    rows = made.lines(
        clause_id=_clause_id(made.consultation, asked["clause"]),
        after=line_led_by(asked["after"]),
        limit=asked["limit"] + 1,
    )
    shown, following = cut(rows, asked["limit"], mark="lead")
    items = [
        {
            "id": one.lead,
            "points": one.points,
            "people": one.people,
            "wordings": one.wordings,
            "serials": one.serials,
            "clause": one.about,
            "gist": one.gist,
            "outcome": one.outcome.value,
            "outcome_label": made.said(one.outcome),
            "reason": one.reason,
            "text": one.words,
            "name": one.who,
            "after": one.revised,
            "later": [after(each) for each in one.later],
        }
        for one in shown
    ]
    return page(items, following)


def _clause_id(asked: Consultation, name: str | None) -> int | None:
    if name is None:
        return None
    found = next((c.id for c in (asked.draft.clauses if asked.draft else ()) if c.public_id == name), None)
    if found is None:
        raise RuleUnmet("这一条不在这份草案里，请重新选择。", {"clause": "请重新选择。"})
    return found


@consultation_door.route("/<string(length=12):public_id>/comments")
@consultation_door.arguments(PageQuery, location="query")
@consultation_door.response(200, page_of(consultation_schemas.ReleasedPoint))
def released(asked: dict[str, Any], public_id: str) -> Response:
    """The answered points of a released consultation. While the window is open, and until the release, there are none."""
    consultation = published(public_id)
    return unless_known(consultation, lambda: _answered(consultation, asked))


def _answered(consultation: Consultation, asked: dict[str, Any]) -> dict[str, Any]:
    if consultation.state() != State.RELEASED:
        return page([], None)
    rows = reported(consultation, after=after_id(Point, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    changed = revised_clauses([row.revision_id for row in shown if row.revision_id])
    now = read_now([row.id for row in shown])
    later = amended([row.id for row in shown])
    items = [
        {
            "id": row.public_id,
            "serial": f"{row.serial:04d}",
            "clause": row.clause_label or "整个草案",
            "gist": row.gist,
            "outcome": Outcome(row.outcome).value,
            "outcome_label": Outcome(row.outcome).said(consultation.before_words),
            "reason": row.reason,
            "text": row.shown_text,
            "name": row.shown_name,
            "before": _before(changed[row.revision_id]) if row.revision_id else None,
            "after": now[row.id].words
            if row.id in now
            else (changed[row.revision_id].text if row.revision_id else None),
            "later": [after(one) for one in later.get(row.id, ())],
        }
        for row in shown
    ]
    return page(items, following)
