"""Words from the chat that could be about several drafts: staff may say which, or that they are none."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.unplaced import Unplaced, by_public_id, set_aside, waiting
from models.decisions.consultation import Stage, consultations
from models.kernel.refusal import Missing, RuleUnmet
from server.console.door import blueprint, desk
from server.console.forms.answer import Place
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.console.nav import UNPLACED


@blueprint.get("/desk/unplaced")
@desk(*UNPLACED.posts)
def unplaced() -> str:
    """What waits, oldest first, each with the consultations that it may belong to."""
    return _page()


@blueprint.post("/desk/unplaced/<public_id>")
@desk(*UNPLACED.posts)
def place(public_id: str) -> str | Response | tuple[str, int]:
    """Make it a comment on this consultation, or set it aside."""
    row = by_public_id(public_id)
    if row is None:
        raise Missing("没有找到这段话。")
    form = Place(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if request.form.get("deed") == "aside":
                row.set_aside(g.officer, form.reason.data or "")
                words = "标明了：不是对征求意见说的。原话留着。"
            elif request.form.get("deed") == "back":
                row.bring_back(g.officer)
                words = "放回来了。"
            else:
                matter = next(
                    (m for m in consultations(Stage.PUBLISHED) if m.public_id == form.consultation.data), None
                )
                if matter is None:
                    raise RuleUnmet("请选一件事。", {"consultation": "请选它说的是哪件事。"})
                given = row.place(g.officer, matter)
                words = f"归进《{matter.title}》，成为第 {given.comment.serial_words} 号意见，回执号不变。"
        refusal = went.refusal
        if went.done:
            flash(words, "ok")
            return redirect(url_for("console.unplaced"), 303)
    return _page(row, form, refusal), 422


def _words(row: Unplaced) -> str:
    """What was said, or why it is gone."""
    try:
        return row.text
    except Missing:
        return "（已应本人要求删除）"


def _page(wrong: Unplaced | None = None, form: Place | None = None, refusal: str | None = None) -> str:
    open_now = [m for m in consultations(Stage.PUBLISHED) if m.is_open()]
    rows = []
    for row in waiting():
        mine = form if form is not None and wrong is not None and row.id == wrong.id else Place()
        fitting = [m for m in consultations(Stage.PUBLISHED) if m in open_now or m.is_open(row.received_at)]
        mine.consultation.choices = offered([("", "请选择"), *((m.public_id, m.title) for m in fitting)])
        rows.append((row, _words(row), mine, refusal if mine is form else None))
    return render_template("console/unplaced.html", rows=rows, aside=[(row, _words(row)) for row in set_aside()])
