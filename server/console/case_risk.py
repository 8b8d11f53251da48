"""The risk assessment of a case: points with measures and plans, the second person's word, round after round."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.matter import Procedure
from models.decisions.procedure import need_of
from models.decisions.risk import POINT, Level, Risk, RiskStage, by_public_id, risk_of, rounds_of
from models.decisions.road import standing_of
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import Missing
from models.people.officer import Post
from server.console.case_expert import uploaded
from server.console.cases import find
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import holdable
from server.console.forms.risk import Assessment, Verdict
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.house import checks_its_form

COLUMNS = (*POINT, "probability", "consequence")
SPARE = 2
"""Empty rows on the form, since the page adds none by itself."""


@blueprint.get("/desk/cases/<public_id>/risk")
@desk(*CASES.posts)
def case_risk(public_id: str) -> str:
    """Every round, and what comes next."""
    found = find(public_id)
    last = risk_of(found)
    return render_template(
        "console/case_risk.html",
        case=found,
        rounds=rounds_of(found),
        last=last,
        need=need_of(found, Procedure.RISK),
        standing=standing_of(found, "risk"),
        may_begin=found.going_on
        and not g.officer.lacks(found.rules.post_for("risk.begin"))
        and (last is None or last.stage == RiskStage.APPROVED),
    )


@blueprint.post("/desk/cases/<public_id>/risk")
@desk(Post.HANDLER, Post.UNIT_HEAD)
def begin_risk(public_id: str) -> Response:
    """The first round, or the next."""
    made = Risk.begin(g.officer, find(public_id))
    return redirect(url_for("console.risk", public_id=made.public_id), 303)


@blueprint.get("/desk/risks/<public_id>")
@desk(*CASES.posts)
def risk(public_id: str) -> str:
    """One round: the form while it is written, the report afterwards."""
    found = _find(public_id)
    if why_not(found, "revise", g.officer) is None:
        return _form(found, _given(found), [_row(point) for point in found.points])
    return _report(found)


@blueprint.post("/desk/risks/<public_id>")
@desk(Post.HANDLER, Post.UNIT_HEAD)
@checks_its_form
def revise_risk(public_id: str) -> str | Response | tuple[str, int]:
    """Keep what is written; submit it when asked to."""
    found = _find(public_id)
    same_page(found.version)
    form, rows, send = Assessment(request.form), _rows(), request.form.get("deed") == "submit"
    refusal = None
    if form.validate():
        with trying(form) as went:
            _revise(found, form, rows)
        refusal = went.refusal
        if went.done and send:
            with trying(form) as went:
                found.submit(g.officer)
            refusal = f"已经保存，还不能送审核：{went.refusal}" if went.refusal else None
        if refusal is None:
            flash("送审核了，等第二个人审定。" if send else "保存好了。", "ok")
            return redirect(url_for("console.risk", public_id=public_id), 303)
    return _form(found, form, rows, refusal), 422


def _revise(found: Risk, form: Any, rows: Sequence[dict[str, str]]) -> None:
    level = form.level.data
    found.revise(
        g.officer,
        rows,
        level=Level(level) if level else None,
        controllable={"yes": True, "no": False}.get(form.controllable.data or ""),
        **{name: form[name].data or "" for name in ("scope", "asked", "adjusted", "elsewhere", "conclusion")},
    )
    data = uploaded()
    if data:
        found.attach(g.officer, form.title.data or "", data)


@blueprint.post("/desk/risks/<public_id>/<any(approve, send_back):deed>")
@desk(Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def risk_verdict(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """The second person approves, or sends it back with a reason."""
    found = _find(public_id)
    same_page(found.version)
    form = Verdict(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "approve":
                found.approve(g.officer)
            else:
                found.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"审定了：{found.verdict}。" if deed == "approve" else "退回了，写的人会看到原因。", "ok")
            return redirect(url_for("console.risk", public_id=public_id), 303)
    return _report(found, form, refusal), 422


def _find(public_id: str) -> Risk:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一轮评估。")
    return found


def _given(found: Risk) -> Assessment:
    controllable = None if found.controllable is None else "yes" if found.controllable else "no"
    texts = {name: getattr(found, name) for name in ("scope", "asked", "adjusted", "elsewhere", "conclusion")}
    return Assessment(data=texts | {"level": found.level, "controllable": controllable})


def _row(point: Any) -> dict[str, str]:
    return {name: getattr(point, name) or "" for name in COLUMNS}


def _rows() -> list[dict[str, str]]:
    """The points as sent: one value of each column for each row; what no database can hold is left out."""
    columns = {name: [v if holdable(v) else "" for v in request.form.getlist(name)] for name in COLUMNS}
    longest = max((len(values) for values in columns.values()), default=0)
    return [
        {name: values[n] if n < len(values) else "" for name, values in columns.items()}
        for n in range(min(longest, 100))
    ]


def _form(found: Risk, form: Assessment, rows: list[dict[str, str]], refusal: str | None = None) -> str:
    kept = [row for row in rows if any(row.values())]
    return render_template(
        "console/risk_form.html",
        r=found,
        case=found.decision,
        form=form,
        refusal=refusal,
        rows=kept + [dict.fromkeys(COLUMNS, "")] * SPARE,
        levels=list(Level),
        checks=_checks(found, "risk.submit"),
    )


def _report(found: Risk, form: Verdict | None = None, refusal: str | None = None) -> str:
    why = why_not(found, "approve", g.officer)
    mine = not g.officer.lacks(found.rules.post_for("risk.approve")) and found.stage == RiskStage.SUBMITTED
    return render_template(
        "console/risk.html",
        r=found,
        case=found.decision,
        form=form or Verdict(),
        refusal=refusal,
        mine=mine,
        why=why if mine else None,
    )


def _checks(found: Risk, gate: str) -> list[Check]:
    lacking = {refusal.code: refusal for refusal in unmet(found, gate, g.officer)}
    return [Check.of(lacking.get(need.predicate), need) for need in found.rules.gate(gate, found.case_kind)]
