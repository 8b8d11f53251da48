"""Publishing: two persons look at what may be read, then the decision goes out in time, under its number."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, consultations_of
from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.normative import Normative
from models.decisions.publish import Publication, mended_title, publish, publish_by, published_texts, title_of
from models.decisions.resolution import Resolution
from models.decisions.secrecy import CheckStage, Openness, SecrecyCheck, latest
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing
from models.people.officer import Post
from models.texts.titles import unfinished
from server.console import case_road
from server.console.cases import back_to, find
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.meeting import Publish, Secrecy, Why
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.house import checks_its_form

CHECKS = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.OFFICE)
"""Who has a hand in the secrecy check."""


@blueprint.get("/desk/cases/<public_id>/secrecy")
@desk(*CASES.posts)
def case_secrecy(public_id: str) -> str:
    """The check: the decided words, what may be read, by whom it was checked."""
    return _secrecy(find(public_id), Secrecy(), Why())


@blueprint.post("/desk/cases/<public_id>/secrecy")
@desk(*CHECKS)
@checks_its_form
def check_secrecy(public_id: str) -> str | Response | tuple[str, int]:
    """The first person says."""
    found, form = find(public_id), Secrecy(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            openness = Openness(form.openness.data) if form.openness.data in set(Openness) else None
            SecrecyCheck.check(g.officer, found, openness, form.reason.data or "", form.withheld.data or ())
        refusal = went.refusal
        if went.done:
            flash("审查结果记下了，请另一个人复核。", "ok")
            return redirect(url_for("console.case_secrecy", public_id=public_id), 303)
    return _secrecy(found, form, Why(), refusal), 422


@blueprint.post("/desk/cases/<public_id>/secrecy/<any(confirm, send_back):verb>")
@desk(*CHECKS)
@checks_its_form
def second_secrecy(public_id: str, verb: str) -> str | Response | tuple[str, int]:
    """The second person agrees, or sends it back."""
    found, form = find(public_id), Why(request.form)
    check = latest(found)
    if check is None:
        raise Missing("还没有做保密审查。")
    if verb == "confirm":
        check.confirm(g.officer)
        flash("复核同意了。", "ok")
        return back_to(found)
    refusal = None
    if form.validate():
        with trying(form) as went:
            check.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("退回重查了。", "ok")
            return redirect(url_for("console.case_secrecy", public_id=public_id), 303)
    return _secrecy(found, Secrecy(), form, refusal), 422


def _secrecy(found: Decision, form: Secrecy, why: Why, refusal: str | None = None) -> str:
    decided, check = Resolution.of(found), latest(found)
    clauses = decided.draft.clauses if decided else []
    form.withheld.choices = offered((c.public_id, c.name) for c in clauses if c.speakable)
    return render_template(
        "console/secrecy.html",
        case=found,
        form=form,
        why=why,
        refusal=refusal,
        decided=decided,
        check=check,
        clauses=clauses,
        may=found.stage == CaseStage.DECIDED
        and (check is None or check.stage == CheckStage.RETURNED)
        and not g.officer.lacks(found.rules.post_for("secrecy.check")),
        acts={button.verb: button for button in buttons(check, g.officer)} if check else {},
        CheckStage=CheckStage,
    )


def as_asked(last: Consultation, decided_draft: int | None) -> dict[str, str]:
    """What the notice said, to begin with; what it told of the draft's content only where that very draft was decided."""
    same = decided_draft == last.draft_id
    return {"basis": last.basis, "explanation": f"{last.purpose}\n{last.content}" if same else last.purpose}


@blueprint.get("/desk/cases/<public_id>/publish")
@desk(*CASES.posts)
def case_publish(public_id: str) -> str:
    """What goes out; once it is out, what went."""
    found = find(public_id)
    rounds = consultations_of(found)
    decided = Resolution.of(found)
    before = as_asked(rounds[-1], decided.draft_id if decided else None) if rounds else {}
    return _publish(found, Publish(data=before | {"title": mended_title(decided.draft) if decided else ""}))


@blueprint.post("/desk/cases/<public_id>/publish")
@desk(Post.OFFICE)
@checks_its_form
def do_publish(public_id: str) -> str | Response | tuple[str, int]:
    """Out it goes."""
    found, form = find(public_id), Publish(request.form)
    same_page(found.version)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = publish(
                found,
                g.officer,
                basis=form.basis.data or "",
                explanation=form.explanation.data or "",
                effective_on=form.effective_on.data,
                number=form.number.data or "",
                title=form.title.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash(f"以 {made.number} {'公布了' if made.open else '印发了，不公开'}。", "ok")
            return back_to(found)
    return _publish(found, form, refusal), 422


def _publish(found: Decision, form: Publish, refusal: str | None = None) -> str:
    decided = Resolution.of(found)
    return render_template(
        "console/publish.html",
        case=found,
        form=form,
        refusal=refusal,
        deed=case_road.named(found, "publish"),
        decided=decided,
        texts=published_texts(decided.draft) if decided else [],
        mark=unfinished(title_of(decided.draft)) if decided else "",
        made=Publication.of(found),
        check=latest(found),
        due_on=publish_by(found),
        document=Normative.of(found) if found.kind == Kind.NORMATIVE else None,
        Openness=Openness,
    )
