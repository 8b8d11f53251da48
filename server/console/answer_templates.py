"""Answer templates: words that come again, and where each was used."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.bulk import AnswerTemplate, template_of, templates, uses_of
from models.comments.point import Outcome, SubReason
from models.kernel.refusal import Missing, RuleUnmet
from server.console.door import blueprint, desk, may
from server.console.forms.answer import NewTemplate
from server.console.forms.trying import trying
from server.console.nav import ANSWERING
from server.house import checks_its_form


@blueprint.get("/desk/answer-templates")
@desk(*ANSWERING.posts)
def answer_templates() -> str:
    """Those that are offered, the most used first."""
    return _page(NewTemplate())


@blueprint.post("/desk/answer-templates")
@desk(*ANSWERING.posts)
@checks_its_form
def write_template() -> str | Response | tuple[str, int]:
    """A new one."""
    form, refusal = NewTemplate(request.form), None
    if form.validate():
        with trying(form) as went:
            if form.outcome.data not in set(Outcome):
                raise RuleUnmet("请选结果。", {"outcome": "请从四种里选一种。"})
            if form.sub_reason.data and form.sub_reason.data not in set(SubReason):
                raise RuleUnmet("请从列出的里面选一类。", {"sub_reason": "请从列出的里面选一类。"})
            AnswerTemplate.write(
                g.officer, form.name.data, form.outcome.data, form.reason.data, form.sub_reason.data or None
            )
        refusal = went.refusal
        if went.done:
            flash(f"「{form.name.data}」可以用了。", "ok")
            return redirect(url_for("console.answer_templates"), 303)
    return _page(form, refusal), 422


@blueprint.get("/desk/answer-templates/<template_id>")
@desk(*ANSWERING.posts)
def answer_template(template_id: str) -> str:
    """What it says, and every answer that it went into."""
    found = _found(template_id)
    return render_template("console/answer_template.html", found=found, uses=uses_of(found), may=may("point.answer"))


@blueprint.post("/desk/answer-templates/<template_id>/retire")
@desk(*ANSWERING.posts)
def retire_template(template_id: str) -> Response:
    """Offered no more."""
    found = _found(template_id)
    found.retire(g.officer)
    flash(f"「{found.name}」停用了，用过的地方都还查得到。", "ok")
    return redirect(url_for("console.answer_templates"), 303)


def _found(template_id: str) -> AnswerTemplate:
    found = template_of(template_id)
    if found is None:
        raise Missing("没有找到这个模板。")
    return found


def _page(form: NewTemplate, refusal: str | None = None) -> str:
    return render_template(
        "console/answer_templates.html", rows=templates(), form=form, refusal=refusal, may=may("point.answer")
    )
