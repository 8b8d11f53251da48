"""Opinion polls: a few questions, answered once; the results with their bases when they are out."""

from typing import Any

from flask import Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.kernel.refusal import Missing
from models.kernel.trail import SYSTEM
from models.polls.ballot import Voter, has_answered
from models.polls.poll import Poll, PollStage, QuestionKind, by_public_id, open_polls, poll_list
from models.polls.result import result
from server.headers import save_as
from server.house import checks_its_form
from server.papers.poll import as_xlsx, limits
from server.papers.sheets import sent
from server.site.comments import signed_in
from server.site.door import PER_PAGE, after, blueprint, go, in_wechat, official, paged, to_sign_in
from server.site.forms import PollForm, Try, complaint, trying
from server.words import date_plain


@blueprint.get("/polls")
def polls() -> str:
    """What can be answered now, then everything else, newest first."""
    rows, page = paged(poll_list(after=after(), limit=PER_PAGE + 1))
    opened = open_polls() if after() is None else []
    rest = [one for one in rows if not one.is_open]
    return render_template(
        "site/polls.html", opened=opened, rows=[(one, sentence(one)) for one in rest], page=page, first=after() is None
    )


def sentence(poll: Poll) -> str:
    """Where it stands, in one line."""
    if poll.stage == PollStage.CONCLUDED:
        return f"{date_plain(poll.concluded_at)}公布结果"
    return poll.state_words


@blueprint.get("/polls/<public_id>")
def poll(public_id: str) -> str | Answer:
    """The questions while it is open, then that one has to wait, then the results."""
    found = _found(public_id)
    if found.stage == PollStage.CONCLUDED:
        return _results(found)
    if not found.is_open:
        return render_template("site/poll_wait.html", poll=found, done=False)
    g.personal = True
    who = signed_in()
    if who is not None and has_answered(found, who):
        return render_template("site/poll_wait.html", poll=found, done=True)
    if who is None and not found.by_slip and "slip" not in request.args and in_wechat() and official():
        return to_sign_in()
    form = PollForm()
    form.place.data = who.place.public_id if who is not None and who.place else ""
    return _form(found, form, Try(), {})[0]


@blueprint.post("/polls/<public_id>")
@checks_its_form
def answer_poll(public_id: str) -> tuple[str, int] | Answer:
    """The answers go into the box."""
    found = _found(public_id)
    g.personal = True
    form = PollForm(request.form)
    told = told_in(found)
    if not form.validate():
        return _form(found, form, complaint(form), told)
    with trying(form) as went:
        Voter.cast(
            signed_in() or SYSTEM, found, told, channel=Channel.H5, slip=form.slip.data or "", place=form.place.place
        )
    if not went.done:
        return _form(found, form, went, told)
    return go("site.poll_done", public_id=public_id)


@blueprint.get("/polls/<public_id>/done")
def poll_done(public_id: str) -> str:
    """Thank you."""
    return render_template("site/poll_done.html", poll=_found(public_id))


@blueprint.get("/polls/<public_id>/xlsx")
def poll_file(public_id: str) -> Response:
    """Every figure with its base; nobody's own words."""
    found = _found(public_id)
    if found.stage != PollStage.CONCLUDED:
        raise Missing("结果还没有公布。")
    made = result(found)
    return save_as(sent(lambda file: as_xlsx(made, file)), f"民意调查结果：{found.title}.xlsx")


def told_in(found: Poll) -> dict[str, Any]:
    """What the page sent for each question."""
    return {
        q.name: request.form.getlist(q.name) if q.kind == QuestionKind.MULTIPLE else request.form.get(q.name, "")
        for q in found.questions
    }


def _found(public_id: str) -> Poll:
    found = by_public_id(public_id)
    if found is None or found.opens_on is None:
        raise Missing("没有找到这次调查。")
    return found


def _form(found: Poll, form: PollForm, went: Try, told: dict[str, Any]) -> tuple[str, int]:
    page = render_template(
        "site/poll.html",
        poll=found,
        form=form,
        trouble=went.trouble,
        wrongs=went.fields,
        told=told,
        signed_in=signed_in() is not None,
        oauth=official() is not None,
        back=url_for("site.poll", public_id=found.public_id),
        Kind=QuestionKind,
    )
    return page, went.status


def _results(found: Poll) -> str:
    made = result(found)
    return render_template("site/poll_results.html", poll=found, found=made, limits=limits(made))
