"""Decisions that were published: the words, on what they rest, what became of the people's opinions, and who decided."""

from typing import Any

from flask import render_template, url_for

from models.decisions import cleanup as cleaning
from models.decisions.cleanup import CleanupStage, OlderCleanupItem
from models.decisions.consultation import Audience, Stage, consultations_of
from models.decisions.decision import Decision, Kind
from models.decisions.evaluation import EvaluationStage, evaluations_of, followers_of
from models.decisions.execution import Force, changes_of, executions_of, force_of
from models.decisions.normative import Normative
from models.decisions.older import older_documents
from models.decisions.publish import Publication, open_publication, published
from models.decisions.validity import Term, term_of
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from models.texts.titles import finished
from server.site.door import PER_PAGE, after, blueprint, paged
from server.words import date_plain


@blueprint.get("/decisions")
def decisions() -> str:
    """All of them, newest first."""
    rows, page = paged(published(after=after(), limit=PER_PAGE + 1))
    return render_template(
        "site/decisions.html",
        page=page,
        rows=[
            {
                "href": url_for("site.decision", public_id=row.public_id),
                "title": finished(row.title),
                "sentence": f"{date_plain(row.published_on)}公布，{row.number}",
            }
            for row in rows
        ],
        older=bool(older_documents()),
        cleanups=cleaning.cleanups(CleanupStage.CONCLUDED)[:5],
    )


@blueprint.get("/decisions/<public_id>")
def decision(public_id: str) -> str:
    """One decision. Who decided is the meeting, never a person's view."""
    made = open_publication(public_id)
    if made is None:
        raise Missing("没有找到这个决定，它可能还没有公布。")
    case: Decision = made.decision
    return render_template(
        "site/decision.html",
        d=made,
        title=made.name,
        kind=case.kind.label if case.kind else "",
        decided_by=made.resolution.decided_by,
        decided_on=made.resolution.decided_on,
        clauses=[(c, text, c.public_id in made.withheld) for c, text in made.texts],
        reports=[c for c in consultations_of(case, Audience.PUBLIC) if c.stage == Stage.CONCLUDED],
        term=_term(case),
        unit=case.unit.name if case.unit else "",
        case=case.public_id,
        stopped=next((c for c in reversed(changes_of(case)) if force_of(case) != Force.IN_FORCE), None),
        carried_out_by=[part.unit.name for part in executions_of(case)],
        evaluations=[e for e in evaluations_of(case) if e.stage == EvaluationStage.CONCLUDED],
        followed_by=[f for f in followers_of(case) if f.published_on is not None],
        decider=Installation.here().office_full_name,
    )


def _term(case: Decision) -> Term | None:
    """How long a normative document holds."""
    document = Normative.of(case) if case.kind == Kind.NORMATIVE else None
    return term_of(document) if document is not None else None


@blueprint.get("/cleanups/<public_id>")
def cleanup(public_id: str) -> str:
    """What a clean-up came to, document by document."""
    found = cleaning.by_public_id(public_id)
    if found is None or found.stage != CleanupStage.CONCLUDED:
        raise Missing("没有找到这次清理的结果。")
    return render_template("site/cleanup.html", c=found, rows=[_row(item) for item in found.everything])


def _row(item: Any) -> dict[str, Any]:
    if isinstance(item, OlderCleanupItem):
        return {"item": item, "href": url_for("site.older_decisions")}
    made = Publication.of(item.normative.decision)
    return {
        "item": item,
        "href": url_for("site.decision", public_id=item.normative.decision.public_id) if made and made.open else "",
    }
