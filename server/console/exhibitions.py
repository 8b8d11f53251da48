"""Exhibitions at the places of practice: written by one, let out by another, on other days, taken down with a reason."""

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.base import db
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.outreach import exhibition as shows
from models.outreach.exhibition import THEMES, Exhibition, ExhibitionStage
from models.outreach.legal_place import LegalPlace
from server.console.case_expert import uploaded
from server.console.door import blueprint, desk, may, must
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.reaching import Exhibition as Sheet
from server.console.forms.reaching import ExhibitionDeed
from server.console.forms.trying import trying
from server.console.nav import REACHING
from server.house import checks_its_form

DONE = {
    "publish": "公布了，居民在「身边的法律服务」里看得到。",
    "send_back": "退回作者了。",
    "move": "日期改好了。",
    "withdraw": "撤下了，页面上写着原因。",
}


@blueprint.get("/desk/exhibitions")
@desk(*REACHING.posts)
def exhibitions() -> str:
    """What is written, what waits, what is on and what is over."""
    return render_template("console/exhibitions.html", rows=shows.exhibitions(), may_write=may("exhibition.draft_new"))


@blueprint.get("/desk/exhibitions/new")
@desk(*REACHING.posts)
def new_exhibition() -> str:
    """An empty sheet."""
    must("exhibition.draft_new")
    form = Sheet()
    if stations := shows.stations():
        form.at.data = stations[0].public_id
    return _page(None, form)


@blueprint.post("/desk/exhibitions/new")
@desk(*REACHING.posts)
@checks_its_form
def write_exhibition() -> str | Response | tuple[str, int]:
    """The first version."""
    form, refusal = Sheet(request.form), None
    if form.validate():
        with trying(form) as went:
            made = Exhibition.draft_new(g.officer, _station(form), **_fields(form))
            db.session.flush()
            _rest(made, form)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.exhibition", public_id=made.public_id), 303)
    return _page(None, form, refusal=refusal), 422


@blueprint.get("/desk/exhibitions/<public_id>")
@desk(*REACHING.posts)
def exhibition(public_id: str) -> str:
    """The sheet while it is a draft of mine to write; otherwise as it is."""
    found = _found(public_id)
    return _page(found, _sheet_of(found))


@blueprint.post("/desk/exhibitions/<public_id>")
@desk(*REACHING.posts)
@checks_its_form
def change_exhibition(public_id: str) -> str | Response | tuple[str, int]:
    """Keep, or keep and submit."""
    found = _found(public_id)
    same_page(found.version)
    form, refusal = Sheet(request.form), None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, **_fields(form))
            found.at = _station(form)
            _rest(found, form)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.exhibition", public_id=public_id), 303)
    return _page(found, form, refusal=refusal), 422


@blueprint.post("/desk/exhibitions/<public_id>/deed")
@desk(*REACHING.posts)
@checks_its_form
def exhibition_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Let out, send back, on other days, take down."""
    found = _found(public_id)
    same_page(found.version)
    form, deed, refusal = ExhibitionDeed(request.form), request.form.get("deed", ""), None
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    if form.validate():
        with trying(form) as went:
            if deed in ("send_back", "withdraw"):
                getattr(found, deed)(g.officer, form.reason.data or "")
            elif deed == "move":
                found.move(g.officer, form.starts_on.data, form.ends_on.data)
            else:
                found.publish(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.exhibition", public_id=public_id), 303)
    return _page(found, None, deed=form, refusal=refusal), 422


@blueprint.get("/desk/exhibitions/<public_id>/picture")
@desk(*REACHING.posts)
def exhibition_picture(public_id: str) -> FlaskResponse:
    """The picture before it is public."""
    found = _found(public_id)
    return FlaskResponse(found.picture_data, mimetype=found.picture_mime)


def _found(public_id: str) -> Exhibition:
    found = shows.by_public_id(public_id, shown=False)
    if found is None:
        raise Missing("没有找到这个展览。")
    return found


def _station(form: Sheet) -> LegalPlace:
    found = next((one for one in shows.stations() if one.public_id == form.at.data), None)
    if found is None:
        raise RuleUnmet("请选在哪里展出。", {"at": "请选一个实践站；没有的，先在服务地点里登记。"})
    return found


def _fields(form: Sheet) -> dict[str, Any]:
    return {name: form[name].data for name in ("title", "theme", "shown", "starts_on", "ends_on")}


def _rest(made: Exhibition, form: Sheet) -> None:
    if picture := uploaded("picture"):
        made.add_picture(g.officer, picture, form.caption.data or "")
    if request.form.get("deed") == "submit":
        made.submit(g.officer)


def _sheet_of(found: Exhibition) -> Sheet | None:
    if found.stage != ExhibitionStage.DRAFTED or why_not(found, "revise", g.officer) is not None:
        return None
    form = Sheet(obj=found)
    form.at.data, form.picture.data = found.at.public_id, None
    return form


def _page(
    found: Exhibition | None,
    sheet: Sheet | None,
    *,
    deed: ExhibitionDeed | None = None,
    refusal: str | None = None,
) -> str:
    if sheet is not None:
        sheet.at.choices = offered([("", "请选择"), *((one.public_id, one.name) for one in shows.stations())])
    if deed is None and found is not None:
        deed = ExhibitionDeed(data={"starts_on": found.starts_on, "ends_on": found.ends_on})
    return render_template(
        "console/exhibition.html",
        e=found,
        sheet=sheet,
        form=deed,
        refusal=refusal,
        themes=THEMES,
        buttons=[one for one in buttons(found, g.officer) if one.verb in DONE] if found else [],
    )
