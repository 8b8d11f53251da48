"""Common questions: written by who answered, looked at by a second person, public and found before anybody asks."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed
from models.outreach.article import topics
from models.people.officer import Post
from models.questions.known import CommonQuestion, CommonStage, by_public_id, for_the_desk
from models.questions.question import Question, may_read
from models.questions.question import by_public_id as question_of
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.question import Common, CommonDeed
from server.console.forms.trying import trying
from server.console.nav import LAW
from server.house import checks_its_form

WHO = (*LAW, Post.LEADER)
DONE = {"approve": "公开了，居民提问前就能查到。", "send_back": "退回了。", "withdraw": "撤下了。"}


@blueprint.get("/desk/common-questions")
@desk(*WHO)
def common_questions() -> str:
    """Drafts, what waits for a second person, and what is public."""
    return render_template(
        "console/common_questions.html", rows=for_the_desk(), Stage=CommonStage, may_write=g.officer.has(*LAW)
    )


@blueprint.get("/desk/common-questions/new")
@desk(*LAW)
def new_common_question() -> str:
    """An empty sheet, beside the question that it comes from."""
    return _sheet(None, Common(), _source())


@blueprint.post("/desk/common-questions/new")
@desk(*LAW)
@checks_its_form
def write_common_question() -> str | Response | tuple[str, int]:
    """The first words; they may go to a second person at once."""
    form, source = Common(request.form), _source()
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = CommonQuestion.draft_new(g.officer, source, **_fields(form, source))
            if request.form.get("deed") == "submit":
                made.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.common_question", public_id=made.public_id), 303)
    return _sheet(None, form, source, refusal), 422


@blueprint.get("/desk/common-questions/<public_id>")
@desk(*WHO)
def common_question(public_id: str) -> str:
    """The sheet while it is a draft; afterwards as everybody reads it, with what a second person has to look at."""
    found = _found(public_id)
    if found.stage == CommonStage.DRAFTED and why_not(found, "revise", g.officer) is None:
        form = Common(obj=found)
        form.topic.data = found.topic.public_id if found.topic else ""
        return _sheet(found, form, _readable(found.source))
    return _page(found, CommonDeed())


@blueprint.post("/desk/common-questions/<public_id>")
@desk(*LAW)
@checks_its_form
def revise_common_question(public_id: str) -> str | Response | tuple[str, int]:
    """Keep, or keep and send to a second person."""
    found = _found(public_id)
    same_page(found.version)
    form = Common(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, **_fields(form, None))
            if request.form.get("deed") == "submit":
                found.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.common_question", public_id=public_id), 303)
    return _sheet(found, form, _readable(found.source), refusal), 422


@blueprint.post("/desk/common-questions/<public_id>/deed")
@desk(*WHO)
@checks_its_form
def common_question_deed(public_id: str) -> str | Response | tuple[str, int]:
    """A second person agrees, sends it back, or takes it down."""
    found = _found(public_id)
    same_page(found.version)
    form = CommonDeed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "approve":
                found.approve(g.officer)
            else:
                getattr(found, deed)(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.common_questions"), 303)
    return _page(found, form, refusal), 422


def _found(public_id: str) -> CommonQuestion:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这条问答。")
    return found


def _source() -> Question | None:
    """The private question that the address names, for who may read it."""
    named = request.args.get("from", "")
    return _readable(question_of(named)) if named else None


def _readable(source: Question | None) -> Question | None:
    return source if source is not None and may_read(source, g.officer) is None else None


def _fields(form: Common, source: Question | None) -> dict[str, Any]:
    topic = next((t for t in topics() if t.public_id == form.topic.data), source.topic if source else None)
    return {
        "question": form.question.data,
        "answer": form.answer.data,
        "basis": form.basis.data,
        "basis_on": form.basis_on.data,
        "topic": topic,
    }


def _sheet(found: CommonQuestion | None, form: Common, source: Question | None, refusal: str | None = None) -> str:
    form.topic.choices = offered([("", "没有对应的"), *((t.public_id, t.name) for t in topics())])
    return render_template("console/common_question_form.html", item=found, form=form, source=source, refusal=refusal)


def _page(found: CommonQuestion, form: CommonDeed, refusal: str | None = None) -> str:
    return render_template(
        "console/common_question.html",
        item=found,
        form=form,
        refusal=refusal,
        buttons={b.verb: b for b in buttons(found, g.officer)},
    )
