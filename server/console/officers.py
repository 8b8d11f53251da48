"""People who work here, their posts and who stands in for them: the system administrator's desk."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.officer import Delegation, Officer, Post
from models.people.officer import officers as everybody
from models.people.place import Place
from models.people.session import Session
from models.people.unit import Unit, units
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.people import Appoint, Delegate, NewOfficer, NewPassword
from server.console.forms.trying import trying
from server.console.nav import OFFICERS
from server.console.places import all_places, place_words

POSTS = {p.value for p in Post}


@blueprint.get("/desk/officers")
@desk(*OFFICERS.posts)
def officers() -> str:
    """Everybody, whether they still work here or not."""
    return render_template("console/officers.html", rows=everybody(active=None), today_is=today())


@blueprint.get("/desk/officers/new")
@desk(*OFFICERS.posts)
def new_officer() -> str:
    """An empty sheet."""
    return _new(NewOfficer())


@blueprint.post("/desk/officers/new")
@desk(*OFFICERS.posts)
def join() -> str | Response | tuple[str, int]:
    """Somebody new, with a first post and a first password."""
    form = NewOfficer(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            unit = db.session.scalar(select(Unit).where(Unit.public_id == form.unit.data)) if form.unit.data else None
            made = Officer.join(g.officer, form.login.data, form.name.data, unit, form.password.data)
            made.appoint(g.officer, _post(form.post.data), _place(form.place.data))
        refusal = went.refusal
        if went.done:
            flash(f"{made.name}的账号建好了。把首次密码当面告诉他，他登录后必须改掉。", "ok")
            return redirect(url_for("console.officer", public_id=made.public_id), 303)
        _blame_password(form)
    return _new(form, refusal), 422


@blueprint.get("/desk/officers/<public_id>")
@desk(*OFFICERS.posts)
def officer(public_id: str) -> str:
    """One person."""
    return _page(_officer(public_id))


@blueprint.post("/desk/officers/<public_id>/<any(appoint, relieve, password, leave, come_back, delegate):deed>")
@desk(*OFFICERS.posts)
def officer_deed(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """A post more or less, a new first password, leaving, coming back, standing in."""
    who = _officer(public_id)
    kind = {"appoint": Appoint, "password": NewPassword, "delegate": Delegate}.get(deed)
    form: Any = kind(request.form) if kind else Appoint()
    refusal = None
    if kind is None or form.validate():
        with trying(form) as went:
            said = _do(who, deed, form)
        refusal = went.refusal
        if went.done:
            flash(said, "ok")
            return redirect(url_for("console.officer", public_id=public_id), 303)
        _blame_password(form)
    return _page(who, deed, form, refusal), 422


def _do(who: Officer, deed: str, form: Any) -> str:
    if deed == "appoint":
        who.appoint(g.officer, _post(form.post.data), _place(form.place.data))
        return f"任命{who.name}为{Post(form.post.data).label}。"
    if deed == "relieve":
        name = _post(request.form.get("post"))
        if who.id == g.officer.id and name == Post.SYSTEM_ADMIN:
            raise RuleUnmet("不能免去自己的系统管理员，请由另一位来办。")
        who.relieve(g.officer, name)
        return f"免去了{who.name}的{Post(name).label}。"
    if deed == "password":
        who.reset_password(g.officer, form.password.data)
        Session.revoke_all(who)
        return f"{who.name}的密码重置了，所有登录都已退出。"
    if deed == "leave":
        if who.id == g.officer.id:
            raise RuleUnmet("不能停用自己。")
        who.leave(g.officer)
        Session.revoke_all(who)
        return f"{who.name}的账号停用了，他做过的事都还在他名下。"
    if deed == "come_back":
        who.come_back(g.officer)
        return f"{who.name}的账号又能用了。"
    to = next((o for o in everybody() if o.public_id == form.to.data), None)
    if to is None:
        raise RuleUnmet("请选一位在岗的工作人员。", {"to": "请选一位在岗的工作人员。"})
    who.delegate(g.officer, to, form.from_on.data, form.until_on.data)
    return f"这段时间由{to.name}代{who.name}。"


def _blame_password(form: Any) -> None:
    """The record calls it the new password; on these sheets it is the first one."""
    if "password" in form and not form.password.errors and "密码" in str(form.errors or ""):
        form.password.errors = ["换一个别人猜不到的。"]


def _post(name: str | None) -> str:
    if name not in POSTS:
        raise NotAllowed("没有这个岗位。")
    return name


def _place(public_id: str | None) -> Place | None:
    return db.session.scalar(select(Place).where(Place.public_id == public_id)) if public_id else None


def _officer(public_id: str) -> Officer:
    found = db.session.scalar(select(Officer).where(Officer.public_id == public_id))
    if found is None:
        raise Missing("没有找到这位工作人员。")
    return found


def _places() -> list[tuple[str, str]]:
    return [("", "不限"), *((p.public_id, place_words(p)) for p in all_places())]


def _new(form: NewOfficer, refusal: str | None = None) -> str:
    form.unit.choices = offered([("", "没有单位"), *((u.public_id, u.name) for u in units())])
    form.place.choices = offered(_places())
    return render_template("console/officer_new.html", form=form, refusal=refusal)


def _page(who: Officer, deed: str = "", form: Any = None, refusal: str | None = None) -> str:
    sheets: dict[str, Any] = {"appoint": Appoint(), "password": NewPassword(), "delegate": Delegate()}
    if deed in sheets:
        sheets[deed] = form
    sheets["appoint"].place.choices = offered(_places())
    sheets["delegate"].to.choices = offered(
        [
            ("", "请选择"),
            *((o.public_id, f"{o.name}（{o.post_label}）") for o in everybody() if o.id != who.id),
        ]
    )
    return render_template(
        "console/officer.html",
        who=who,
        sheets=sheets,
        wrong=deed,
        refusal=refusal,
        sessions=Session.living(who),
        delegations=[d for d in _delegations(who) if d.until_on >= today()],
    )


def _delegations(who: Officer) -> Any:
    return db.session.scalars(select(Delegation).where(Delegation.from_id == who.id).order_by(Delegation.from_on)).all()
