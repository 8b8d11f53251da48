"""What the office decided and published: the words, since when they hold, whether they still do, and what the people's opinions became."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import Response

from miniapp_api.answers import page, public
from miniapp_api.door import Door
from miniapp_api.paging import after_id, cut
from miniapp_api.schemas import decisions as schemas
from miniapp_api.schemas.base import PageQuery, page_of
from models.comments.release import Release
from models.decisions import execution
from models.decisions.consultation import Audience, consultations_of
from models.decisions.decision import CaseStage, Kind
from models.decisions.evaluation import EvaluationStage, evaluations_of, followers_of
from models.decisions.publish import Publication, open_publication
from models.decisions.publish import published as published_decisions
from models.decisions.validity import Force, documents
from models.kernel.clock import today
from models.kernel.refusal import Missing
from models.texts.titles import finished

door = Door("decisions", __name__, "/decisions", "决定公布：作出的决定、全文、依据、施行和有效的日期。")


@door.route("")
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.DecisionLine))
def decisions(asked: dict[str, Any]) -> Response:
    """Published decisions, newest first; the mark of a page is the publication of its last line."""
    rows = published_decisions(after=after_id(Publication, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"], "publication")
    cases = [row.decision_id for row in shown]
    changed = execution.forces_of(cases)
    terms = {one.decision_id: (term.force, term.until) for one, _, term in documents(cases)}
    return public(page([_line(row, changed, terms) for row in shown], following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Decision)
def decision(public_id: str) -> Response:
    """One decision, by the case's id, with its words clause by clause. Who decided is the meeting, never a person's view."""
    made = open_publication(public_id)
    if made is None:
        raise Missing("没有找到这个决定，它可能还没有公布。")
    case = made.decision
    changes = execution.changes_of(case)
    stopped = changes[-1] if changes and changes[-1].force != execution.Force.IN_FORCE else None
    terms = {one.decision_id: (term.force, term.until) for one, _, term in documents([case.id])}
    return public(
        {
            **_line(_row(made), {case.id: changes[-1].force} if changes else {}, terms),
            "decided_by": made.resolution.decided_by,
            "unit": case.unit.name if case.unit else "",
            "carried_out_by": [part.unit.name for part in execution.executions_of(case)],
            "stopped_reason": stopped.reason if stopped else "",
            "basis": made.basis,
            "explanation": made.explanation,
            "clauses": [
                {
                    "id": c.public_id,
                    "kind": c.kind,
                    "label": c.label,
                    "heading": "" if c.public_id in made.withheld else c.heading,
                    "level": c.level,
                    "text": "" if c.public_id in made.withheld else text,
                    "withheld": c.public_id in made.withheld,
                }
                for c, text in made.texts
            ],
            "consultations": [
                {
                    "id": asked.public_id,
                    "title": asked.title,
                    "number": asked.number,
                    "report": asked.public_id if Release.of(asked) is not None else None,
                }
                for asked in consultations_of(case, Audience.PUBLIC)
                if asked.published_at is not None
            ],
            "evaluations": [
                {
                    "concluded_on": one.concluded_on,
                    "assessor": one.assessor,
                    "heard": one.heard,
                    "result": one.result.value if one.result else None,
                    "result_label": one.result.label if one.result else "",
                    "findings": one.findings,
                }
                for one in evaluations_of(case)
                if one.stage == EvaluationStage.CONCLUDED
            ],
            "adjusted_by": [
                {"id": one.public_id, "title": one.title}
                for one in followers_of(case)
                if open_publication(one.public_id) is not None
            ],
        }
    )


class _Row(NamedTuple):
    """A publication as a row of the list."""

    public_id: str
    decision_id: int
    title: str
    kind: Kind | None
    stage: CaseStage
    number: str
    decided_on: date | None
    published_on: date
    effective_on: date
    valid_until: date | None


def _row(made: Publication) -> _Row:
    case = made.decision
    return _Row(
        case.public_id,
        case.id,
        made.name,
        case.kind,
        case.stage,
        made.number,
        case.decided_on,
        made.published_on,
        made.effective_on,
        made.valid_until,
    )


def _line(row: Any, changed: Mapping[int, execution.Force], terms: Mapping[int, tuple[Force, date]]) -> dict[str, Any]:
    force, until = terms.get(row.decision_id, (None, row.valid_until))
    return {
        "id": row.public_id,
        "title": finished(row.title),
        "number": row.number,
        "kind": row.kind.value,
        "kind_label": row.kind.label,
        "stage": row.stage.value,
        "stage_label": row.stage.label,
        **_force(row, changed.get(row.decision_id), force),
        "decided_on": row.decided_on,
        "published_on": row.published_on,
        "effective_on": row.effective_on,
        "valid_until": until,
    }


def _force(row: Any, changed: execution.Force | None, term: Force | None) -> dict[str, str]:
    """Suspended or ended by name comes first, then the term of a normative document, then the day it begins to hold."""
    if changed is not None and changed != execution.Force.IN_FORCE:
        return {"force": changed.value, "force_label": changed.label}
    if term is not None:
        return {"force": term.value, "force_label": term.label}
    if row.effective_on > today():
        return {"force": Force.COMING.value, "force_label": Force.COMING.label}
    return {"force": execution.Force.IN_FORCE.value, "force_label": execution.Force.IN_FORCE.label}
