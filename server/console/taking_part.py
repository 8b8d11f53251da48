"""How people took part beside the open consultation: the seven ways as equals, each event with its papers and what was said."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, consultations_of
from models.decisions.decision import Decision
from models.decisions.material import Material, Publicity, about, materials
from models.decisions.matter import Mode
from models.decisions.participation import (
    Participation,
    by_public_id,
    enter,
    events,
    said_at,
    ways,
)
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Post
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.taking_part import KEPT_BACK, Event, EventDeed
from server.console.forms.trying import trying
from server.console.intake import KEY
from server.console.nav import CASES
from server.house import checks_its_form

RECORDERS = (Post.HANDLER, Post.UNIT_HEAD, Post.VILLAGE, Post.OFFICE)


@blueprint.get("/desk/cases/<public_id>/participation")
@desk(*CASES.posts, Post.VILLAGE)
def case_participation(public_id: str) -> str:
    """The seven ways, the events, and a form for one more."""
    return _page(find(public_id), Event())


@blueprint.post("/desk/cases/<public_id>/participation")
@desk(*RECORDERS)
@checks_its_form
def record_event(public_id: str) -> str | Response | tuple[str, int]:
    """An event is written down, with its minutes if they are at hand."""
    case = find(public_id)
    form = Event(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            assert form.held_on.data is not None
            made = Participation.record(
                g.officer,
                case,
                Mode(form.mode.data) if form.mode.data in set(Mode) else Mode.OPEN,
                held_on=form.held_on.data,
                place=form.place.data or "",
                organised_by=form.organised_by.data or "",
                people=form.people.data or 0,
                kinds=form.kinds.data or "",
                gist=form.gist.data or "",
                sample=form.sample.data or 0,
                method=form.method.data or "",
                result=form.result.data or "",
            )
            _hand_in(case, made, f"{made.mode.label}记录")
        refusal = went.refusal
        if went.done:
            flash("登记了。大家说的话，接着录进意见表，和别的意见一样答复。", "ok")
            return redirect(url_for("console.event", public_id=made.public_id), 303)
    return _page(case, form, refusal), 422


def _hand_in(case: Decision, event: Participation, title: str) -> bool:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return False
    with upload.stream as sent:
        data = sent.read()
    Material.add(
        g.officer,
        case,
        "participation",
        title,
        data,
        publicity=Publicity.ON_REQUEST,
        publicity_reason=KEPT_BACK,
        subject=about(event),
    )
    return True


def _page(case: Decision, form: Event, refusal: str | None = None) -> str:
    return render_template(
        "console/case_participation.html",
        case=case,
        form=form,
        refusal=refusal,
        ways=ways(case),
        events=events(case),
        may=not g.officer.lacks(case.rules.post_for("participation.record")),
    )


@blueprint.get("/desk/participation/<public_id>")
@desk(*CASES.posts, Post.VILLAGE)
def event(public_id: str) -> str:
    """One event: what it was, its papers, what was said there."""
    return _event(_find(public_id), EventDeed())


@blueprint.post("/desk/participation/<public_id>")
@desk(*RECORDERS)
@checks_its_form
def event_deed(public_id: str) -> str | Response | tuple[str, int]:
    """A paper, what somebody said, or the record is voided."""
    found = _find(public_id)
    form = EventDeed(request.form)
    refusal, deed = None, request.form.get("deed", "")
    if form.validate():
        with trying(form) as went:
            done = _do(found, form, deed)
        refusal = went.refusal
        if went.done:
            flash(done, "ok")
            return redirect(url_for("console.event", public_id=public_id), 303)
    return _event(found, form, refusal), 422


def _do(found: Participation, form: EventDeed, deed: str) -> str:
    if deed == "void":
        found.void(g.officer, form.reason.data or "")
        return "作废了，记录留着。"
    if deed == "paper":
        if not _hand_in(found.decision, found, form.title.data or f"{found.mode.label}材料"):
            raise RuleUnmet("请选文件。", {"file": "请选文件：PDF、Word（.docx）或者图片。"})
        return "材料交进来了。"
    asked = next((c for c in _open(found.decision) if c.public_id == form.consultation.data), None)
    if asked is None:
        raise RuleUnmet("请选录进哪一次征求意见。", {"consultation": "请选一次正在进行的征求意见。"})
    clauses = asked.draft.speakable if asked.draft else []
    key = form.key.data if KEY.fullmatch(form.key.data or "") else None
    given = enter(
        found,
        g.officer,
        asked,
        form.text.data or "",
        clause=next((c for c in clauses if c.public_id == form.clause.data), None),
        name=form.name.data or "",
        organisation=form.organisation.data or "",
        key=f"desk:{g.officer.id}:{key}" if key else None,
    )
    return f"录进来了，{given.comment.serial_words}号，编号 {given.receipt}。"


def _open(case: Decision) -> list[Consultation]:
    return [asked for asked in consultations_of(case) if asked.is_open()]


def _find(public_id: str) -> Participation:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次活动。请从案卷进去。")
    return found


def _event(found: Participation, form: EventDeed, refusal: str | None = None) -> str:
    rounds = _open(found.decision)
    clauses = [c for asked in rounds if asked.draft for c in asked.draft.speakable]
    form.consultation.choices = offered([(c.public_id, f"{c.audience.label}：{c.title}") for c in rounds])
    form.clause.choices = offered([("", "整份草案"), *((c.public_id, f"{c.name}　{c.body[:24]}") for c in clauses)])
    return render_template(
        "console/event.html",
        event=found,
        case=found.decision,
        form=form,
        refusal=refusal,
        papers=materials(found.decision, "participation", subject=about(found)),
        said=said_at(found),
        rounds=rounds,
        may=g.officer.has(*RECORDERS) and found.stage == "kept",
        may_void=why_not(found, "void", g.officer) is None,
    )
