"""The street's places and the office's units: the tree that everything else hangs on."""

from collections.abc import Sequence

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.kernel.base import db
from models.kernel.refusal import Missing, RuleUnmet
from models.people.place import Place, PlaceKind
from models.people.unit import Unit, units
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.people import NewPlace, NewUnit
from server.console.forms.trying import trying
from server.console.nav import OFFICERS


def all_places() -> Sequence[Place]:
    """Every place, in the order in which they were founded."""
    return db.session.scalars(select(Place).order_by(Place.id)).all()


def place_words(place: Place) -> str:
    """东湖村；一组（东湖村）."""
    parent = place.parent
    if parent is None or parent.kind == PlaceKind.STREET:
        return place.name
    return f"{place.name}（{parent.name}）"


@blueprint.get("/desk/places")
@desk(*OFFICERS.posts)
def places() -> str:
    """The tree, and sheets for one more."""
    return _page()


@blueprint.post("/desk/places")
@desk(*OFFICERS.posts)
def found_place() -> str | Response | tuple[str, int]:
    """A new village, community, group or grid."""
    form = NewPlace(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if form.kind.data not in set(PlaceKind):
                raise RuleUnmet("请选类别。", {"kind": "请选类别。"})
            parent = _place(form.parent.data) if form.parent.data else None
            Place.found(g.officer, form.name.data, PlaceKind(form.kind.data), parent, form.residents.data or 0)
        refusal = went.refusal
        if went.done:
            flash(f"设立了{form.name.data}。", "ok")
            return redirect(url_for("console.places"), 303)
    return _page(place_form=form, refusal=refusal), 422


@blueprint.post("/desk/places/<public_id>")
@desk(*OFFICERS.posts)
def rename_place(public_id: str) -> Response:
    """Put a name or a head count right."""
    place = _place(public_id)
    form = NewPlace(request.form, data={"kind": place.kind})
    if not form.name.validate(form) or not form.residents.validate(form):
        raise RuleUnmet("名称要填，人数要是整数。")
    place.rename(g.officer, form.name.data, form.residents.data or 0)
    flash(f"{place.name}改好了。", "ok")
    return redirect(url_for("console.places"), 303)


@blueprint.post("/desk/units")
@desk(*OFFICERS.posts)
def found_unit() -> str | Response | tuple[str, int]:
    """A new unit."""
    form = NewUnit(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if any(u.name == form.name.data for u in units()):
                raise RuleUnmet("已经有这个单位了。", {"name": "换一个名称。"})
            Unit.found(g.officer, form.name.data, form.phone.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"设立了{form.name.data}。", "ok")
            return redirect(url_for("console.places"), 303)
    return _page(unit_form=form, refusal=refusal), 422


@blueprint.post("/desk/units/<public_id>")
@desk(*OFFICERS.posts)
def rename_unit(public_id: str) -> Response:
    """Put a name or a telephone right."""
    unit = db.session.scalar(select(Unit).where(Unit.public_id == public_id))
    if unit is None:
        raise Missing("没有找到这个单位。")
    form = NewUnit(request.form)
    if not form.validate():
        raise RuleUnmet("名称要填，电话只能有数字和 + - （ ）。")
    if any(u.name == form.name.data and u.id != unit.id for u in units()):
        raise RuleUnmet("已经有同名的单位了。")
    unit.rename(g.officer, form.name.data, form.phone.data or "")
    flash(f"{unit.name}改好了。", "ok")
    return redirect(url_for("console.places"), 303)


def _place(public_id: str) -> Place:
    found = db.session.scalar(select(Place).where(Place.public_id == public_id))
    if found is None:
        raise Missing("没有找到这个地方。")
    return found


def _page(place_form: NewPlace | None = None, unit_form: NewUnit | None = None, refusal: str | None = None) -> str:
    rows = all_places()
    place_form_ = place_form or NewPlace()
    place_form_.parent.choices = offered([("", "没有上级"), *((p.public_id, place_words(p)) for p in rows)])
    return render_template(
        "console/places.html",
        rows=rows,
        units=units(),
        place_form=place_form_,
        unit_form=unit_form or NewUnit(),
        place_refusal=refusal if place_form else None,
        unit_refusal=refusal if unit_form else None,
        place_words=place_words,
    )
