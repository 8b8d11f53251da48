"""The case desk: the whole road of a decision at a glance, what stands before the next step, and its papers."""

from typing import Any

from flask import Response as Reply
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import files
from models.decisions import material as papers
from models.decisions.consultation import consultations_of
from models.decisions.decision import CaseStage, Decision, Idea, Kind, LegalBasis, by_public_id, cases
from models.decisions.draft import drafts_of
from models.decisions.in_force import counted as remarks_on
from models.decisions.material import Material, Publicity
from models.decisions.matter import OPTIONAL, Category, Livelihood, Procedure
from models.decisions.procedure import excuse, need_of, require
from models.decisions.publish import open_publication
from models.decisions.road import STATIONS
from models.decisions.volume import volumes
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Post, officers
from models.people.unit import units
from server.console import case_road
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.case import Assign, Classify, Decide, End, Hand, NewCase, Reclassify
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.headers import save_as
from server.house import checks_its_form

PAGE = 50
GROUPS: tuple[tuple[str, str, tuple[CaseStage, ...]], ...] = (
    ("going", "正在办", (CaseStage.OPENED, CaseStage.STARTED)),
    ("decided", "已决定", (CaseStage.DECIDED, CaseStage.PUBLISHED)),
    ("archived", "已归档", (CaseStage.ARCHIVED,)),
    ("ended", "不再办理", (CaseStage.ENDED,)),
)


@blueprint.get("/desk/cases")
@desk(*CASES.posts)
def all_cases() -> str:
    """Every case, newest first, by how far it has come."""
    asked, kind = request.args.get("stage", "going"), request.args.get("kind", "")
    stages = next((found for key, _, found in GROUPS if key == asked), ())
    chosen = Kind(kind) if kind in set(Kind) else None
    before = request.args.get("before", type=int)
    found = cases(*stages, kind=chosen, before=before, limit=PAGE)
    listed = []
    for case in found:
        stops = case_road.rows(case, {})
        owed = case_road.in_hand(stops)
        listed.append((case, owed[0] if owed else None))
    more = f"&kind={chosen.value}" if chosen else ""
    return render_template(
        "console/cases.html",
        listed=listed,
        chips=[(words, f"/desk/cases?stage={key}{more}", key == asked) for key, words, _ in GROUPS],
        kinds=[("全部种类", f"/desk/cases?stage={asked}", chosen is None)]
        + [(k.label, f"/desk/cases?stage={asked}&kind={k.value}", chosen == k) for k in Kind],
        may_open=g.officer.has(Post.HANDLER, Post.UNIT_HEAD),
        next_page=f"/desk/cases?stage={asked}{more}&before={found[-1].id}" if len(found) == PAGE else None,
    )


@blueprint.get("/desk/cases/new")
@desk(Post.HANDLER, Post.UNIT_HEAD)
def new_case() -> str:
    """A title to begin with."""
    return render_template("console/case_new.html", form=NewCase(), refusal=None)


@blueprint.post("/desk/cases/new")
@desk(Post.HANDLER, Post.UNIT_HEAD)
@checks_its_form
def open_case() -> str | Response | tuple[str, int]:
    """A new case, then what kind it is."""
    form = NewCase(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            case = Decision.open(g.officer, form.title.data)
        refusal = went.refusal
        if went.done:
            flash("立卷了。接着定事项种类。", "ok")
            return redirect(url_for("console.classify_case", public_id=case.public_id), 303)
    return render_template("console/case_new.html", form=form, refusal=refusal), 422


@blueprint.get("/desk/cases/<public_id>")
@desk(*CASES.posts)
def case(public_id: str) -> str:
    """One case: the road, the next gate, who has what in hand, every station."""
    found = find(public_id)
    counted = papers.counted(found)
    stops = case_road.rows(found, counted)
    owed = case_road.in_hand(stops, found)
    return render_template(
        "console/case.html",
        case=found,
        mine=next((one for one in owed if one.who == g.officer.name and one.link), None),
        sealed=volumes(found),
        said=remarks_on(found) if found.stage in (CaseStage.PUBLISHED, CaseStage.ARCHIVED) else None,
        public=open_publication(found.public_id),
        facts=case_road.facts(found),
        line=case_road.line(stops),
        deed=case_road.next_deed(found, stops),
        owed=owed,
        stops=stops,
        papers=sum(counted.values()),
        rounds=consultations_of(found),
        drafts=drafts_of(found),
        acts=_acts(found),
        needs=[p for p in OPTIONAL if p != Procedure.CONSULTATION]
        if found.kind == Kind.MAJOR and found.going_on
        else [],
    )


def _acts(found: Decision) -> list[tuple[str, str]]:
    """What else may be done with the case itself."""
    here = f"/desk/cases/{found.public_id}"
    pages = (("classify", "定事项种类"), ("assign", "定承办单位"), ("end", "不再办理"))
    acts = [(words, f"{here}/{verb}") for verb, words in pages if why_not(found, verb, g.officer) is None]
    return [*acts, ("上会材料", f"{here}/meeting-pack")] if found.stage == CaseStage.STARTED else acts


def find(public_id: str) -> Decision:
    """A case by its address; Missing otherwise."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这个案卷。它可能被改了网址，请从案卷列表进去。")
    return found


def back_to(found: Decision) -> Response:
    """To the case's page."""
    return redirect(url_for("console.case", public_id=found.public_id), 303)


@blueprint.get("/desk/cases/<public_id>/classify")
@desk(Post.HANDLER, Post.UNIT_HEAD)
def classify_case(public_id: str) -> str:
    """The wizard's page: kind, article 3, why, on what it rests."""
    found = find(public_id)
    refusal = why_not(found, "classify", g.officer)
    if refusal:
        raise refusal
    form = Classify(
        data={
            "kind": found.kind,
            "category": found.category or "",
            "reason": found.classified_words,
            "basis": found.basis,
            "basis_words": found.basis_words,
            "idea": found.idea,
            "livelihood": found.livelihood or "",
            "market": found.market,
            "secret": found.secret,
        }
    )
    return _classify(found, form)


@blueprint.post("/desk/cases/<public_id>/classify")
@desk(Post.HANDLER, Post.UNIT_HEAD)
@checks_its_form
def do_classify(public_id: str) -> str | Response | tuple[str, int]:
    """Classify it."""
    found = find(public_id)
    same_page(found.version)
    form = Classify(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.classify(
                g.officer,
                Kind(form.kind.data),
                form.reason.data,
                basis=LegalBasis(form.basis.data),
                basis_words=form.basis_words.data or "",
                category=Category(form.category.data) if form.category.data else None,
                livelihood=Livelihood(form.livelihood.data) if form.livelihood.data else None,
                idea=Idea(form.idea.data),
                market=form.market.data,
                secret=form.secret.data,
            )
        refusal = went.refusal
        if went.done:
            flash("事项种类定了。", "ok")
            return back_to(found)
    return _classify(found, form, refusal), 422


def _classify(found: Decision, form: Classify, refusal: str | None = None) -> str:
    kinds = [(k, found.rules.kinds[k.value]) for k in Kind]
    return render_template("console/case_classify.html", case=found, form=form, refusal=refusal, kinds=kinds)


@blueprint.get("/desk/cases/<public_id>/assign")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
def assign_case(public_id: str) -> str:
    """Who leads, who handles."""
    found = find(public_id)
    refusal = why_not(found, "assign", g.officer)
    if refusal:
        raise refusal
    form = Assign(
        data={
            "unit": found.unit.public_id if found.unit else "",
            "handler": found.handler.public_id,
            "partners": found.partners,
            "planned_on": found.planned_on,
        }
    )
    return _assign(found, form)


@blueprint.post("/desk/cases/<public_id>/assign")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def do_assign(public_id: str) -> str | Response | tuple[str, int]:
    """Assign it."""
    found = find(public_id)
    same_page(found.version)
    form = Assign(request.form)
    refusal = None
    if form.validate():
        unit = next((u for u in units() if u.public_id == form.unit.data), None)
        handler = next((o for o in officers() if o.public_id == form.handler.data), None)
        with trying(form) as went:
            if handler is None:
                raise RuleUnmet("请选一位承办人。", {"handler": "请选一位承办人。"})
            found.assign(g.officer, unit, handler, form.partners.data or "", form.planned_on.data)
        refusal = went.refusal
        if went.done:
            flash("承办单位和承办人定了。", "ok")
            return back_to(found)
    return _assign(found, form, refusal), 422


def _assign(found: Decision, form: Assign, refusal: str | None = None) -> str:
    form.unit.choices = offered([("", "请选择"), *((u.public_id, u.name) for u in units())])
    able = [o for o in officers() if o.active and o.has(Post.HANDLER)]
    form.handler.choices = offered([("", "请选择"), *((o.public_id, f"{o.name}（{o.actor_unit}）") for o in able)])
    return render_template("console/case_form.html", case=found, form=form, refusal=refusal, what="assign")


@blueprint.post("/desk/cases/<public_id>/start")
@desk(Post.HANDLER, Post.UNIT_HEAD)
def start_case(public_id: str) -> Response:
    """Number it: from here on the procedure runs."""
    found = find(public_id)
    found.start(g.officer)
    flash(f"立案了，编号 {found.number}。", "ok")
    return back_to(found)


@blueprint.get("/desk/cases/<public_id>/end")
@desk(Post.UNIT_HEAD, Post.LEADER)
def end_case(public_id: str) -> str:
    """Why it goes no further."""
    found = find(public_id)
    refusal = why_not(found, "end", g.officer)
    if refusal:
        raise refusal
    return render_template("console/case_form.html", case=found, form=End(), refusal=None, what="end")


@blueprint.post("/desk/cases/<public_id>/end")
@desk(Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def do_end(public_id: str) -> str | Response | tuple[str, int]:
    """End it."""
    found = find(public_id)
    same_page(found.version)
    form = End(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.end(g.officer, form.reason.data)
        refusal = went.refusal
        if went.done:
            flash("这件事不再办理了，材料和留痕都在。", "ok")
            return back_to(found)
    return render_template("console/case_form.html", case=found, form=form, refusal=refusal, what="end"), 422


# needed or not

NOT_YOURS = "您可以定「需要」；不需要的，请上面说的岗位来定，您写的理由还在，可以请他照着写。"


@blueprint.get("/desk/cases/<public_id>/needs/<any(consultation, hearing, poll, expert, risk):procedure>")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
def case_need(public_id: str, procedure: str) -> str:
    """Whether the case needs it; the answers so far."""
    found, wanted = find(public_id), Procedure(procedure)
    need = need_of(found, wanted)
    form = Decide(
        data={
            "needed": ("yes" if need.needed else "no") if need else None,
            "reason": need.reason if need else "",
            "owner": need.owner.public_id if need and need.owner else "",
            "due_on": need.due_on if need else None,
        }
    )
    return _decide(found, wanted, form)


@blueprint.post("/desk/cases/<public_id>/needs/<any(consultation, hearing, poll, expert, risk):procedure>")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def decide_need(public_id: str, procedure: str) -> str | Response | tuple[str, int]:
    """Say so, under one's own name."""
    found, wanted = find(public_id), Procedure(procedure)
    form = Decide(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if form.needed.data == "yes":
                owner = next((o for o in officers() if o.public_id == form.owner.data), None)
                require(found, g.officer, wanted, owner=owner, due_on=form.due_on.data, reason=form.reason.data or "")
            else:
                if not_mine := g.officer.lacks(found.rules.post_for("decision.excuse")):
                    raise RuleUnmet(not_mine.message, {"needed": NOT_YOURS})
                excuse(found, g.officer, wanted, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"定了：{'需要' if form.needed.data == 'yes' else '不需要'}{wanted.label}。", "ok")
            return back_to(found)
    return _decide(found, wanted, form, refusal), 422


def _decide(found: Decision, procedure: Procedure, form: Decide, refusal: str | None = None) -> str:
    people = [o for o in officers() if o.active]
    form.owner.choices = offered([("", "先不定"), *((o.public_id, f"{o.name}（{o.actor_unit}）") for o in people)])
    article = next(one.article for one in STATIONS if one.key == procedure.value)
    return render_template(
        "console/case_need.html", case=found, procedure=procedure, form=form, refusal=refusal, article=article
    )


# papers


@blueprint.get("/desk/cases/<public_id>/materials")
@desk(*CASES.posts)
def materials(public_id: str) -> str:
    """The papers by station, and a form for one more."""
    found = find(public_id)
    form = Hand(data={"station": request.args.get("at", ""), "publicity": Publicity.ON_REQUEST.value})
    return _materials(found, form)


@blueprint.post("/desk/cases/<public_id>/materials")
@desk(*CASES.posts)
@checks_its_form
def hand_in(public_id: str) -> str | Response | tuple[str, int]:
    """A paper is handed in."""
    found = find(public_id)
    form = Hand(request.form)
    upload = request.files.get("file")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if upload is None or not upload.filename:
                raise RuleUnmet("请选文件。", {"file": "请选文件：PDF、Word（.docx）或者图片。"})
            replaces = papers.by_public_id(form.replaces.data) if form.replaces.data else None
            with upload.stream as sent:
                data = sent.read()
            Material.add(
                g.officer,
                found,
                form.station.data,
                form.title.data,
                data,
                publicity=Publicity(form.publicity.data),
                publicity_reason=form.publicity_reason.data or "",
                replaces=replaces,
            )
        refusal = went.refusal
        if went.done:
            flash("材料交进来了。", "ok")
            return redirect(url_for("console.materials", public_id=public_id), 303)
    return _materials(found, form, refusal), 422


def _materials(found: Decision, form: Hand, refusal: str | None = None) -> str:
    names = {one.key: one.name for one in STATIONS}
    rows = papers.materials(found)
    form.station.choices = offered([("", "请选择"), *names.items()])
    form.replaces.choices = offered([("", "不是，是新的一份"), *((m.public_id, m.title) for m in rows)])
    by_station: dict[str, list[Material]] = {}
    for row in rows:
        by_station.setdefault(names.get(row.station, row.station), []).append(row)
    return render_template(
        "console/materials.html",
        case=found,
        form=form,
        refusal=refusal,
        by_station=by_station,
        may_add=not g.officer.lacks(found.rules.post_for("material.add")),
        total=len(rows),
    )


@blueprint.get("/desk/materials/<public_id>")
@desk(*CASES.posts)
def material(public_id: str) -> str:
    """One paper: its versions, its hash, whether the public may read it."""
    one = _paper(public_id)
    earlier = [m for m in papers.versions(one.decision) if _same(m, one)]
    form = Reclassify(data={"publicity": one.publicity})
    may = not g.officer.lacks(one.decision.rules.post_for("material.add"))
    return render_template(
        "console/material.html", paper=one, earlier=earlier, form=form, refusal=None, may=may, names=_names()
    )


@blueprint.post("/desk/materials/<public_id>")
@desk(*CASES.posts)
@checks_its_form
def reclassify_material(public_id: str) -> str | Response | tuple[str, int]:
    """Whether the public may read it, changed."""
    one = _paper(public_id)
    form = Reclassify(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Material.reclassify(g.officer, one, Publicity(form.publicity.data), form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"改为{made.publicity.label}了。", "ok")
            return redirect(url_for("console.material", public_id=made.public_id), 303)
    earlier = [m for m in papers.versions(one.decision) if _same(m, one)]
    return render_template(
        "console/material.html", paper=one, earlier=earlier, form=form, refusal=refusal, may=True, names=_names()
    ), 422


@blueprint.get("/desk/materials/<public_id>/file")
@desk(*CASES.posts)
def material_file(public_id: str) -> Reply:
    """The file itself, always to be saved, never shown in the page."""
    one = _paper(public_id)
    answer = Reply(files.read(one.file), mimetype=one.mime)
    return save_as(answer, one.download_name)


def _paper(public_id: str) -> Material:
    found = papers.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份材料。")
    return found


def _same(one: Material, other: Material) -> bool:
    """Whether two rows are versions of one paper."""
    return (one.station, one.subject, one.title) == (other.station, other.subject, other.title)


def _names() -> dict[str, Any]:
    return {one.key: one.name for one in STATIONS}
