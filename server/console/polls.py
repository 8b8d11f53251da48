"""Polls: written by one, read by another, watched while they run, counted in one go, their results signed by a second person."""

import io
from typing import Any

import segno
from flask import Response as File
from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.decision import CaseStage, Decision, cases
from models.kernel.base import db
from models.kernel.lifecycle import buttons, office_rules, why_not
from models.kernel.refusal import Missing, NotAllowed
from models.people.officer import Post
from models.people.place import Place, villages
from models.polls.ballot import (
    PaperBallot,
    PaperStage,
    open_urn,
    paper_by_public_id,
    papers,
    print_slips,
    slips,
)
from models.polls.conclude import conclude
from models.polls.poll import Poll, PollQuestion, PollStage, QuestionKind, Reach, by_public_id, polls
from models.polls.result import in_the_box, result, turnout
from server.console.door import blueprint, desk, may, must
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.poll import NewPoll, NewQuestion, Paper, PollDeed, Slips, answers_in
from server.console.forms.trying import trying
from server.console.nav import POLLS
from server.headers import save_as
from server.house import checks_its_form
from server.papers.poll import as_docx, as_xlsx
from server.papers.sheets import sent

DONE = {
    "submit": "已送审。",
    "review": "审核通过，等公布。",
    "send_back": "退回作者了。",
    "publish": "公布了，从现在起可以答。",
    "stop": "截止了，页面上写着原因。",
    "cancel": "取消了；箱里的答案再也打不开。",
    "open_urn": "开箱计票了。下面是结果，现在只有工作人员看得到。",
    "write_report": "存好了，等另一个人公布。",
    "conclude": "结果公布了；为案卷做的，报告已经进了案卷。",
}
ENTRY = (Post.HANDLER, Post.OFFICE, Post.VILLAGE, Post.GRID)
"""Who types ballots on paper and reads them against the paper."""


@blueprint.get("/desk/polls")
@desk(*POLLS.posts)
def poll_list() -> str:
    """All polls, and how far each has come."""
    rows = [(poll, in_the_box(poll) if poll.opens_on else 0) for poll in polls()]
    return render_template("console/polls.html", rows=rows, Stage=PollStage, may_write=may("poll.draft_new"))


@blueprint.get("/desk/polls/new")
@desk(*POLLS.posts)
def new_poll() -> str:
    """An empty sheet; a case that it is for may come along in the address."""
    must("poll.draft_new")
    form = NewPoll()
    form.case.data = request.args.get("case", "")
    return _form(None, form)


@blueprint.post("/desk/polls/new")
@desk(*POLLS.posts)
@checks_its_form
def draft_poll() -> str | Response | tuple[str, int]:
    """The first version, still without questions."""
    form = NewPoll(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Poll.draft_new(g.officer, **_fields(form))
            db.session.flush()
        refusal = went.refusal
        if went.done:
            flash("存好了，接着写题目。", "ok")
            return redirect(url_for("console.poll", public_id=made.public_id), 303)
    return _form(None, form, refusal), 422


@blueprint.get("/desk/polls/<public_id>")
@desk(*POLLS.posts)
def poll(public_id: str) -> str:
    """The poll: its questions while it is written, who took part while it runs, its results once it is counted."""
    return _page(_find(public_id), PollDeed())


@blueprint.get("/desk/polls/<public_id>/edit")
@desk(*POLLS.posts)
def edit_poll(public_id: str) -> str:
    """What it is about, once more."""
    found = _find(public_id)
    refusal = why_not(found, "revise", g.officer)
    if refusal:
        raise refusal
    form = NewPoll(obj=found)
    form.case.data = found.decision.public_id if found.decision else ""
    form.reach.data = found.reach.value
    return _form(found, form)


@blueprint.post("/desk/polls/<public_id>/edit")
@desk(*POLLS.posts)
@checks_its_form
def revise_poll(public_id: str) -> str | Response | tuple[str, int]:
    """Keep it."""
    found = _find(public_id)
    same_page(found.version)
    form = NewPoll(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, **_fields(form))
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            return redirect(url_for("console.poll", public_id=public_id), 303)
    return _form(found, form, refusal), 422


@blueprint.get("/desk/polls/<public_id>/questions/<int:position>")
@desk(*POLLS.posts)
def poll_question(public_id: str, position: int) -> str:
    """One question; 0 is a new one."""
    found = _find(public_id)
    refusal = why_not(found, "revise", g.officer)
    if refusal:
        raise refusal
    known = _question(found, position)
    form = NewQuestion(obj=known) if known else NewQuestion()
    if known:
        form.kind.data, form.options.data = known.kind.value, "\n".join(known.options)
    return _question_form(found, position, form)


@blueprint.post("/desk/polls/<public_id>/questions/<int:position>")
@desk(*POLLS.posts)
@checks_its_form
def write_question(public_id: str, position: int) -> str | Response | tuple[str, int]:
    """Keep it, keep it and write the next, or take it out."""
    found = _find(public_id)
    form = NewQuestion(request.form)
    deed = request.form.get("deed", "keep")
    refusal = None
    if deed == "drop":
        found.drop_question(g.officer, position)
        flash("删去了。", "ok")
        return redirect(url_for("console.poll", public_id=public_id), 303)
    if form.validate():
        with trying(form) as went:
            kind = QuestionKind(form.kind.data) if form.kind.data in set(QuestionKind) else QuestionKind.TEXT
            found.put_question(
                g.officer,
                kind,
                form.text.data or "",
                options=(form.options.data or "").split("\n"),
                needed=form.needed.data,
                groups=form.groups.data,
                low=form.low.data or "",
                high=form.high.data or "",
                at=position or None,
            )
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            if deed == "next":
                return redirect(url_for("console.poll_question", public_id=public_id, position=0), 303)
            return redirect(url_for("console.poll", public_id=public_id), 303)
    return _question_form(found, position, form, refusal), 422


@blueprint.post("/desk/polls/<public_id>/deed")
@desk(*POLLS.posts)
@checks_its_form
def poll_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Submit, review, publish, stop, count, conclude; the lifecycle says who may."""
    found = _find(public_id)
    same_page(found.version)
    form = PollDeed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            _do(found, deed, form)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.poll", public_id=public_id), 303)
    return _page(found, form, refusal), 422


def _do(found: Poll, deed: str, form: PollDeed) -> None:
    if deed in ("send_back", "stop", "cancel"):
        getattr(found, deed)(g.officer, form.reason.data or "")
    elif deed == "open_urn":
        open_urn(found, g.officer)
    elif deed == "write_report":
        found.write_report(g.officer, form.report.data or "")
    elif deed == "conclude":
        refusal = why_not(found, "conclude", g.officer)
        if refusal:
            raise refusal
        conclude(found, g.officer, as_docx(result(found)) if found.decision is not None else b"")
    else:
        getattr(found, deed)(g.officer)


@blueprint.get("/desk/polls/<public_id>/xlsx")
@desk(*POLLS.posts)
def poll_results(public_id: str) -> File:
    """Every figure with its base, and what was written."""
    found = _find(public_id)
    if found.counted_at is None:
        raise Missing("还没有开箱计票。")
    made = result(found)
    answer: File = sent(lambda file: as_xlsx(made, file, words=True))
    return save_as(answer, f"民意调查结果：{found.title}.xlsx")


# --- slips and ballots on paper ---------------------------------------------------------------------------------------


@blueprint.get("/desk/polls/<public_id>/slips")
@desk(*POLLS.posts, *ENTRY)
def poll_slips(public_id: str) -> str:
    """New slips for a village, and those there are."""
    return _slips(_find(public_id), Slips())


@blueprint.post("/desk/polls/<public_id>/slips")
@desk(*POLLS.posts, *ENTRY)
@checks_its_form
def new_slips(public_id: str) -> str | Response | tuple[str, int]:
    """So many more, to be printed at once."""
    found = _find(public_id)
    form = Slips(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = print_slips(found, g.officer, _place(form.place.data), form.count.data or 0)
        refusal = went.refusal
        if went.done:
            first, last = made[0].serial, made[-1].serial
            return redirect(url_for("console.print_poll", public_id=public_id, first=first, last=last), 303)
    return _slips(found, form, refusal), 422


@blueprint.get("/desk/polls/<public_id>/print")
@desk(*POLLS.posts, *ENTRY)
def print_poll(public_id: str) -> str:
    """Slips with the questions, one a sheet, to be cut and handed out."""
    found = _find(public_id)
    first, last = (request.args.get(name, "") for name in ("first", "last"))
    whole = [int(n) if n.isascii() and n.isdigit() and len(n) < 7 else 0 for n in (first, last)]
    made = slips(found, whole[0], min(whole[1], whole[0] + 500))
    if not made:
        raise Missing("没有这些号的选票。")
    return render_template("console/poll_print.html", poll=found, slips=made, address=_address(found))


@blueprint.get("/desk/polls/<public_id>/code.svg")
@desk(*POLLS.posts, *ENTRY)
def poll_code(public_id: str) -> File:
    """The square that leads a phone to the poll."""
    drawn = io.BytesIO()
    segno.make(_address(_find(public_id)), error="m").save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return File(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.get("/desk/polls/<public_id>/papers")
@desk(*POLLS.posts, *ENTRY)
def poll_papers(public_id: str) -> str:
    """Ballots on paper: a form for one more, and those that wait for their second reader."""
    return _papers(_find(public_id), Paper())


@blueprint.post("/desk/polls/<public_id>/papers")
@desk(*ENTRY)
@checks_its_form
def enter_paper(public_id: str) -> str | Response | tuple[str, int]:
    """Typed as it stands on the paper."""
    found = _find(public_id)
    form = Paper(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = PaperBallot.enter(g.officer, found, form.slip.data or "", answers_in(found, request.form))
        refusal = went.refusal
        if went.done:
            flash(f"{made.slip.serial}号录好了，等另一个人核对。", "ok")
            return redirect(url_for("console.poll_papers", public_id=public_id), 303)
    return _papers(found, form, refusal), 422


@blueprint.get("/desk/paper-ballots/<public_id>")
@desk(*POLLS.posts, *ENTRY)
def paper_ballot(public_id: str) -> str:
    """One ballot, to be held against the paper."""
    return _paper(_find_paper(public_id), Paper())


@blueprint.post("/desk/paper-ballots/<public_id>")
@desk(*ENTRY)
@checks_its_form
def paper_deed(public_id: str) -> str | Response | tuple[str, int]:
    """The same as on the paper, put right, or void."""
    found = _find_paper(public_id)
    same_page(found.version)
    form = Paper(request.form)
    deed = request.form.get("deed", "")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "confirm":
                found.confirm(g.officer)
            elif deed == "void":
                found.void(g.officer, form.reason.data or "")
            else:
                found.put_right(g.officer, answers_in(found.poll, request.form))
        refusal = went.refusal
        if went.done:
            said = {"confirm": "核对过了，投进箱里。", "void": "作废了。"}.get(deed, "改好了，等另一个人核对。")
            flash(said, "ok")
            return redirect(url_for("console.poll_papers", public_id=found.poll.public_id), 303)
    return _paper(found, form, refusal), 422


# --- pages ------------------------------------------------------------------------------------------------------------


def _find(public_id: str) -> Poll:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次民意调查。")
    return found


def _find_paper(public_id: str) -> PaperBallot:
    found = paper_by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这张选票。")
    return found


def _question(found: Poll, position: int) -> PollQuestion | None:
    if position == 0:
        return None
    known = next((q for q in found.questions if q.position == position), None)
    if known is None:
        raise Missing("没有这一题，可能已经删掉了。")
    return known


def _place(public_id: str | None) -> Place | None:
    return next((place for place in villages() if place.public_id == public_id), None)


def _address(found: Poll) -> str:
    return f"{current_app.extensions['settings'].public_url.rstrip('/')}/polls/{found.public_id}"


def _cases() -> list[Decision]:
    return list(cases(CaseStage.OPENED, CaseStage.STARTED, limit=200))


def _fields(form: NewPoll) -> dict[str, Any]:
    case = next((one for one in _cases() if one.public_id == form.case.data), None)
    return {
        "title": form.title.data,
        "purpose": form.purpose.data,
        "whom": form.whom.data,
        "method": form.method.data,
        "decision": case,
        "reach": Reach(form.reach.data) if form.reach.data in set(Reach) else Reach.WILLING,
        "sample": form.sample.data or 0,
        "window_days": form.window_days.data or 0,
        "confidential": form.confidential.data,
        "by_slip": form.by_slip.data,
    }


def _form(found: Poll | None, form: NewPoll, refusal: str | None = None) -> str:
    form.case.choices = offered([("", "不为哪件事"), *((c.public_id, c.title[:40]) for c in _cases())])
    return render_template(
        "console/poll_form.html",
        poll=found,
        form=form,
        refusal=refusal,
        least=office_rules().number("poll.window_days"),
    )


def _question_form(found: Poll, position: int, form: NewQuestion, refusal: str | None = None) -> str:
    return render_template("console/poll_question.html", poll=found, position=position, form=form, refusal=refusal)


def _page(found: Poll, form: PollDeed, refusal: str | None = None) -> str:
    if request.method == "GET":
        form.report.data = found.report
    counted = found.counted_at is not None
    return render_template(
        "console/poll.html",
        poll=found,
        form=form,
        refusal=refusal,
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE],
        turnout=turnout(found) if found.opens_on else None,
        found=result(found) if counted else None,
        may_write=why_not(found, "revise", g.officer) is None,
        may_print=found.stage in (PollStage.REVIEWED, PollStage.PUBLISHED) and may("poll.print_slips"),
        may_enter=found.stage == PollStage.PUBLISHED and g.officer.has(*ENTRY),
        Stage=PollStage,
    )


def _slips(found: Poll, form: Slips, refusal: str | None = None) -> str:
    form.place.choices = offered([("", "全街道"), *((p.public_id, p.name) for p in villages())])
    rolls: list[list[Any]] = []
    for slip in slips(found):
        name = slip.place.name if slip.place else "全街道"
        if rolls and rolls[-1][0] == name and rolls[-1][2] == slip.serial - 1 and slip.serial - rolls[-1][1] < 500:
            rolls[-1][2] = slip.serial
        else:
            rolls.append([name, slip.serial, slip.serial])
    return render_template(
        "console/poll_slips.html", poll=found, form=form, refusal=refusal, rolls=rolls, may=may("poll.print_slips")
    )


def _papers(found: Poll, form: Paper, refusal: str | None = None) -> str:
    every = papers(found)
    return render_template(
        "console/poll_papers.html",
        poll=found,
        form=form,
        refusal=refusal,
        told=answers_in(found, request.form),
        waiting=[p for p in every if p.stage == PaperStage.ENTERED],
        done=[p for p in every if p.stage != PaperStage.ENTERED],
        may=found.stage == PollStage.PUBLISHED and g.officer.has(*ENTRY),
        Kind=QuestionKind,
    )


def _paper(found: PaperBallot, form: Paper, refusal: str | None = None) -> str:
    """While the box is closed its answers can be read here; once it is read against the paper nowhere any more."""
    told = {f"q{position}": value for position, value in found.answers.items()}
    return render_template(
        "console/paper_ballot.html",
        paper=found,
        poll=found.poll,
        form=form,
        refusal=refusal,
        told=answers_in(found.poll, request.form) if request.method == "POST" else told,
        may=found.stage == PaperStage.ENTERED and g.officer.has(*ENTRY),
        mine=found.writer_id == g.officer.id,
        Kind=QuestionKind,
    )
