"""Places where the law can be found near home, and the requests for mediation that were handed to their rooms."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import today
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, NotAllowed
from models.outreach.legal_place import FIELDS, LegalPlace, LegalPlaceKind, by_public_id, places_of
from models.people.officer import Post
from models.people.place import Place, villages
from models.people.place import by_public_id as place_of
from models.questions.mediation import Mediation, MediationStage, for_the_desk, may_handle
from models.questions.mediation import by_public_id as mediation_of
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.near_home import LegalPlace as PlaceForm
from server.console.forms.near_home import MediationDeed
from server.console.forms.trying import trying
from server.house import checks_its_form, writes

DONE = {
    "take": "开始调解了。",
    "refuse": "记下了，正在告诉他还有哪些路。",
    "agree": "记下了，正在告诉他司法确认的期限。",
    "fail": "记下了，正在告诉他还有哪些路。",
    "confirm": "记下了，不再提醒。",
}


@blueprint.get("/desk/legal-places")
@desk(Post.JUSTICE)
def legal_places() -> str:
    """All places, and an empty sheet for one more."""
    return _list(PlaceForm())


@blueprint.post("/desk/legal-places")
@desk(Post.JUSTICE)
@checks_its_form
def add_legal_place() -> str | Response | tuple[str, int]:
    """One more."""
    form = PlaceForm(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            LegalPlace.add(g.officer, _kind(form), _place(form.place.data), **_fields(form))
        refusal = went.refusal
        if went.done:
            flash("登记好了，居民的「身边的法律服务」里看得到。", "ok")
            return redirect(url_for("console.legal_places"), 303)
    return _list(form, refusal), 422


@blueprint.get("/desk/legal-places/<public_id>")
@desk(Post.JUSTICE)
def legal_place(public_id: str) -> str:
    """One place to be changed."""
    found = _found(public_id)
    form = PlaceForm(obj=found, data={"kind": found.kind.value})
    form.kind.data, form.place.data = found.kind.value, found.place.public_id if found.place else ""
    return _one(found, form)


@blueprint.post("/desk/legal-places/<public_id>")
@desk(Post.JUSTICE)
@checks_its_form
def change_legal_place(public_id: str) -> str | Response | tuple[str, int]:
    """It moved, or nobody is sent there any more."""
    found, form = _found(public_id), PlaceForm(request.form)
    refusal = None
    if request.form.get("deed") == "close":
        found.close(g.officer)
        flash("停用了。", "ok")
        return redirect(url_for("console.legal_places"), 303)
    if form.validate():
        with trying(form) as went:
            found.change(g.officer, _kind(form), _place(form.place.data), **_fields(form))
        refusal = went.refusal
        if went.done:
            flash("改好了。", "ok")
            return redirect(url_for("console.legal_places"), 303)
    return _one(found, form, refusal), 422


def _found(public_id: str) -> LegalPlace:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这个地方。")
    return found


def _kind(form: PlaceForm) -> LegalPlaceKind:
    return next((k for k in LegalPlaceKind if k.value == form.kind.data), LegalPlaceKind.STATION)


def _place(public_id: str | None) -> Place | None:
    return place_of(public_id) if public_id else None


def _fields(form: PlaceForm) -> dict[str, Any]:
    return {name: form[name].data for name in FIELDS}


def _choices(form: PlaceForm) -> PlaceForm:
    form.place.choices = offered([("", "全街道"), *((v.public_id, v.name) for v in villages())])
    return form


def _list(form: PlaceForm, refusal: str | None = None) -> str:
    return render_template("console/legal_places.html", rows=places_of(None), form=_choices(form), refusal=refusal)


def _one(found: LegalPlace, form: PlaceForm, refusal: str | None = None) -> str:
    return render_template("console/legal_place.html", found=found, form=_choices(form), refusal=refusal)


@blueprint.get("/desk/mediations")
@desk(Post.JUSTICE, Post.VILLAGE)
def mediations() -> str:
    """Requests of my village's room, or of all; no word of what they are about stands here."""
    return render_template("console/mediations.html", rows=for_the_desk(g.officer), Stage=MediationStage)


@blueprint.get("/desk/mediations/<public_id>")
@desk(Post.JUSTICE, Post.VILLAGE)
@writes
def mediation(public_id: str) -> str:
    """Opened, and the trail says by whom."""
    return _mediation(_handled(public_id), MediationDeed(data={"agreed_on": today()}))


@blueprint.post("/desk/mediations/<public_id>")
@desk(Post.JUSTICE, Post.VILLAGE)
@checks_its_form
def mediation_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Both want it, one does not, they agreed, they did not, the court confirmed."""
    found, form, deed = _handled(public_id), MediationDeed(request.form), request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed in ("agree", "confirm"):
                getattr(found, deed)(g.officer, form.agreed_on.data or today())
            else:
                getattr(found, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.mediations"), 303)
    return _mediation(found, form, refusal), 422


def _handled(public_id: str) -> Mediation:
    found = mediation_of(public_id)
    if found is None or may_handle(found, g.officer):
        raise Missing("没有找到这件调解。")
    return found


def _mediation(found: Mediation, form: MediationDeed, refusal: str | None = None) -> str:
    return render_template(
        "console/mediation.html",
        m=found,
        text=found.read(g.officer),
        phone=found.resident.phone,
        form=form,
        refusal=refusal,
        buttons=[
            b for b in buttons(found, g.officer) if b.verb in DONE and not (b.verb == "confirm" and found.confirmed_on)
        ],
    )
