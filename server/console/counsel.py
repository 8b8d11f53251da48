"""The village's counsel: whose turn it is, and what was done for each village in how many hours (一村一卷)."""

from datetime import date, timedelta

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import today
from models.kernel.lifecycle import office_rules
from models.kernel.refusal import Missing
from models.people.officer import Post, holders
from models.people.place import Place, villages
from models.people.place import by_public_id as place_of
from models.questions.duty import Duty, by_public_id, on_duty, roster
from models.questions.stint import Stint, StintKind, entries, quarter, volumes
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.question import StintForm, Turn
from server.console.forms.trying import trying
from server.console.nav import LAW
from server.headers import save_as
from server.house import checks_its_form
from server.papers.sheets import sent
from server.papers.volume import volume_book


@blueprint.get("/desk/duty")
@desk(*LAW)
def duty() -> str:
    """Who is on duty today in each village, and the turns to come."""
    return _roster(Turn(data={"from_on": today()}))


@blueprint.post("/desk/duty")
@desk(Post.JUSTICE)
@checks_its_form
def set_duty() -> str | Response | tuple[str, int]:
    """A turn more."""
    form = Turn(request.form)
    refusal = None
    if form.validate():
        counsel = next((o for o in holders("counsel") if o.public_id == form.counsel.data), None)
        with trying(form) as went:
            Duty.roster(g.officer, counsel or g.officer, _place(form.place.data), form.from_on.data, form.until_on.data)
        refusal = went.refusal
        if went.done:
            flash("排好了。", "ok")
            return redirect(url_for("console.duty"), 303)
    return _roster(form, refusal), 422


@blueprint.post("/desk/duty/<public_id>/cut")
@desk(Post.JUSTICE)
def cut_duty(public_id: str) -> Response:
    """A turn less."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一班，可能已经撤掉了。")
    found.cut(g.officer)
    flash("撤掉了。", "ok")
    return redirect(url_for("console.duty"), 303)


def _roster(form: Turn, refusal: str | None = None) -> str:
    form.counsel.choices = offered([("", "请选择"), *((o.public_id, o.name) for o in holders("counsel"))])
    form.place.choices = offered([("", "全街道（哪里没有人值班就由他）"), *((v.public_id, v.name) for v in villages())])
    return render_template(
        "console/duty.html",
        now=[(v, on_duty(v)) for v in villages()],
        otherwise=on_duty(None),
        turns=roster(),
        form=form if g.officer.has(Post.JUSTICE) else None,
        refusal=refusal,
        days=office_rules().number("question.assign_workdays"),
    )


@blueprint.get("/desk/services")
@desk(*LAW)
def services() -> str:
    """The villages' volumes of a quarter; a counsel adds to them."""
    return _volumes(StintForm(data={"held_on": today()}))


@blueprint.post("/desk/services")
@desk(*LAW)
@checks_its_form
def record_service() -> str | Response | tuple[str, int]:
    """An entry more."""
    form = StintForm(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            Stint.record(
                g.officer,
                _place(form.place.data),
                next((k for k in StintKind if k.value == form.kind.data), StintKind.ON_SITE),
                form.held_on.data,
                form.minutes.data or 0,
                form.gist.data or "",
                form.result.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash("记进去了。", "ok")
            return redirect(url_for("console.services"), 303)
    return _volumes(form, refusal), 422


@blueprint.get("/desk/services/xlsx")
@desk(*LAW)
def services_table() -> Response:
    """The quarter's volume as a table, of one village or of all."""
    day, place = _day(), _place(request.args.get("place"))
    first, last = quarter(day)
    named = place.name if place else "全街道"
    title = f"{named}法律顾问服务台账（{first:%Y年%m月}至{last:%m月}）"
    return save_as(sent(lambda file: volume_book(title, entries(day, place), file)), f"{title}.xlsx")


def _volumes(form: StintForm, refusal: str | None = None) -> str:
    day, place = _day(), _place(request.args.get("place"))
    first, last = quarter(day)
    form.place.choices = offered([("", "全街道"), *((v.public_id, v.name) for v in villages())])
    return render_template(
        "console/services.html",
        volumes=volumes(day),
        entries=entries(day, place),
        place=place,
        first=first,
        last=last,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1) if last < today() else None,
        wanted=office_rules().number("counsel.hours_a_quarter"),
        form=form,
        refusal=refusal,
    )


def _day() -> date:
    """A day of the quarter that is asked for; this quarter otherwise."""
    try:
        return min(today(), max(date(2000, 1, 1), date.fromisoformat(request.args.get("day", ""))))
    except ValueError:
        return today()


def _place(public_id: str | None) -> Place | None:
    return place_of(public_id) if public_id else None
