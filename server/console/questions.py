"""Legal questions: assigned by the justice office, answered by counsel, private, and every reading leaves its trace."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import local
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing
from models.people.officer import Officer, holders
from models.questions.question import AID_HINT, Question, answered_by_desk, by_public_id, may_read, waiting
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.outreach import Assign, Reply
from server.console.forms.trying import trying
from server.console.nav import QUESTIONS
from server.house import checks_its_form, writes


@blueprint.get("/desk/questions")
@desk(*QUESTIONS.posts)
def questions() -> str:
    """What waits, most urgent first. No word of any question stands here."""
    return render_template(
        "console/questions.html",
        rows=waiting(g.officer),
        done=answered_by_desk(g.officer),
        may_assign=g.officer.has("justice"),
    )


@blueprint.get("/desk/questions/<public_id>")
@desk(*QUESTIONS.posts)
@writes
def question(public_id: str) -> str:
    """Opened, and the trail says by whom."""
    return _page(_question(public_id))


@blueprint.post("/desk/questions/<public_id>/assign")
@desk(*QUESTIONS.posts)
def assign(public_id: str) -> str | Response | tuple[str, int]:
    """Give it to a counsel."""
    found = _question(public_id)
    form = Assign(request.form)
    refusal = None
    if form.validate():
        counsel = next((o for o in holders("counsel") if o.public_id == form.counsel.data), None)
        with trying(form) as went:
            found.assign(g.officer, counsel or g.officer)
        refusal = went.refusal
        if went.done:
            flash(f"派给{found.counsel.name if found.counsel else ''}了。", "ok")
            return redirect(url_for("console.questions"), 303)
    return _page(found, assign_form=form, refusal=refusal), 422


@blueprint.post("/desk/questions/<public_id>/answer")
@desk(*QUESTIONS.posts)
@checks_its_form
def answer(public_id: str) -> str | Response | tuple[str, int]:
    """The counsel's answer; the asker is told."""
    found = _question(public_id)
    form = Reply(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.answer_it(g.officer, form.text.data)
        refusal = went.refusal
        if went.done:
            flash("答复了，正在告诉他。", "ok")
            return redirect(url_for("console.questions"), 303)
    return _page(found, reply=form, refusal=refusal), 422


def _question(public_id: str) -> Question:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这条咨询。")
    refusal = may_read(found, g.officer)
    if refusal:
        raise refusal
    return found


def _page(
    found: Question, *, assign_form: Assign | None = None, reply: Reply | None = None, refusal: str | None = None
) -> str:
    may_assign = why_not(found, "assign", g.officer) is None
    assign_form = assign_form or Assign()
    assign_form.counsel.choices = offered(
        [("", "请选择"), *((o.public_id, _with_places(o)) for o in holders("counsel"))]
    )
    if not assign_form.counsel.data:
        near = next((o for o in holders("counsel") if found.place in o.places), None)
        assign_form.counsel.data = found.counsel.public_id if found.counsel else near.public_id if near else ""
    return render_template(
        "console/question.html",
        question=found,
        text=found.read(g.officer),
        assign_form=assign_form if may_assign else None,
        reply=(reply or Reply()) if why_not(found, "answer_it", g.officer) is None else None,
        refusal=refusal,
        answered_late=max(0, (local(found.answered_at).date() - found.due_on).days) if found.answered_at else 0,
        hint=AID_HINT,
    )


def _with_places(officer: Officer) -> str:
    where = "、".join(p.name for p in officer.places)
    return f"{officer.name}（{where}）" if where else officer.name
