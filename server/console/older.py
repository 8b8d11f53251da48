"""Normative documents from before this system: registered, evaluated before their time is over, never lost from sight."""

from datetime import date
from functools import partial

from flask import Response as Reply
from flask import flash, g, redirect, render_template, url_for
from flask import request as asked
from werkzeug.wrappers import Response

from models import files
from models.decisions import older
from models.decisions.expiry import notices_of
from models.decisions.older import OlderDocument, OlderStage
from models.decisions.validity import Verdict
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing
from models.people.officer import Post
from server.console.case_expert import uploaded
from server.console.door import blueprint, desk
from server.console.expiring import answered, evaluated
from server.console.forms.meeting import Why
from server.console.forms.normative import Evaluation, Older
from server.console.forms.trying import trying
from server.console.nav import NORMATIVES
from server.headers import save_as
from server.house import checks_its_form


@blueprint.get("/desk/older/new")
@desk(Post.OFFICE)
def new_older() -> str:
    """The form."""
    return render_template("console/older_new.html", form=Older(), refusal=None)


@blueprint.post("/desk/older")
@desk(Post.OFFICE)
@checks_its_form
def register_older() -> str | Response | tuple[str, int]:
    """A document that was issued before is registered with its text."""
    form = Older(asked.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = OlderDocument.register(
                g.officer,
                number=form.number.data or "",
                title=form.title.data or "",
                published_on=form.published_on.data,
                effective_on=form.effective_on.data,
                valid_until=form.valid_until.data,
                receipt_number=form.receipt_number.data or "",
                data=uploaded(),
            )
        refusal = went.refusal
        if went.done:
            flash("登记好了。到期以前会提醒，清理的时候也会列进去。", "ok")
            return redirect(url_for("console.older_document", public_id=made.public_id), 303)
    return render_template("console/older_new.html", form=form, refusal=refusal), 422


@blueprint.get("/desk/older/<public_id>")
@desk(*NORMATIVES.posts)
def older_document(public_id: str) -> str:
    """One of them: its term, its evaluation, the reminders that went out."""
    return _page(_find(public_id), Evaluation(), Why())


@blueprint.post("/desk/older/<public_id>")
@desk(Post.HANDLER, Post.OFFICE)
@checks_its_form
def evaluate_older(public_id: str) -> str | Response | tuple[str, int]:
    """An evaluation before its time is over."""
    found = _find(public_id)

    def propose(verdict: Verdict | None, reason: str, until: date | None) -> None:
        found.propose(g.officer, verdict, reason, until)

    return evaluated(propose, _at(found), partial(_page, found))


@blueprint.post("/desk/older/<public_id>/<any(agree, send_back):verb>")
@desk(Post.LEADER, Post.CHIEF)
@checks_its_form
def answer_older(public_id: str, verb: str) -> str | Response | tuple[str, int]:
    """Agreed, or sent back."""
    found = _find(public_id)
    return answered(found, verb, _at(found), partial(_page, found))


@blueprint.get("/desk/older/<public_id>/file")
@desk(*NORMATIVES.posts)
def older_file(public_id: str) -> Reply:
    """The official text, to be taken away."""
    found = _find(public_id)
    return save_as(Reply(files.read(found.file), mimetype=found.mime), found.download_name)


def _find(public_id: str) -> OlderDocument:
    found = older.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份文件。")
    return found


def _at(found: OlderDocument) -> str:
    return url_for("console.older_document", public_id=found.public_id)


def _page(found: OlderDocument, form: Evaluation, why: Why, refusal: str | None = None) -> str:
    term = found.term()
    acts = {button.verb: button for button in buttons(found, g.officer)}
    return render_template(
        "console/older.html",
        d=found,
        term=term,
        notices=notices_of(found),
        form=form,
        why=why,
        refusal=refusal,
        may="propose" in acts and term.force.holds,
        acts=acts if found.stage == OlderStage.PROPOSED else {},
        waits=found.stage == OlderStage.PROPOSED,
    )
