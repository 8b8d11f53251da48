"""Signing in and out, and changing one's password."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.installation import Installation
from models.kernel.refusal import NotAllowed, TooOften
from models.people.officer import Officer, officers
from models.people.session import CONSOLE, Session
from server.console.door import EVERY_POST, blueprint, desk, inside
from server.console.forms.people import ChangePassword, SignIn
from server.console.forms.trying import trying

COOKIE = "huiyin_o"


@blueprint.get("/desk/sign-in")
def sign_in() -> str | Response:
    """The way in; whoever is in already goes to their desk."""
    if g.officer is not None:
        return redirect(url_for("console.home"), 303)
    return _page(SignIn())


@blueprint.post("/desk/sign-in")
def enter() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Name and password. A wrong pair says the same whichever half was wrong."""
    form = SignIn(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        officer = Officer.sign_in(form.login.data or "", form.password.data)
    except TooOften as locked:
        return _page(form, locked.message), 429, {"Retry-After": str(locked.retry_after)}
    if officer is None:
        return _page(form, "登录名或密码不对，请再试一次。连错十次会锁十五分钟。"), 422
    return _opened(officer)


@blueprint.post("/desk/sign-in/as")
def enter_as() -> Response:
    """A demonstration lets anybody be anybody, each officer on a host name of their own."""
    if not Installation.is_demonstration():
        raise NotAllowed("只有演示环境可以一键登录。")
    officer = Officer.by_login(_login_of_host())
    if officer is None or not officer.active:
        raise NotAllowed("这个网址没有对应的工作人员。")
    return _opened(officer)


@blueprint.post("/desk/sign-out")
@desk(*EVERY_POST)
def sign_out() -> Response:
    """The session ends here and now, not when its cookie does."""
    g.session_row.revoke()
    answer = redirect(url_for("console.sign_in"), 303)
    answer.delete_cookie(COOKIE, path="/desk")
    return answer


@blueprint.get("/desk/password")
@desk(*EVERY_POST)
def password() -> str:
    """A password of one's own."""
    return render_template("console/password.html", form=ChangePassword(), refusal=None)


@blueprint.post("/desk/password")
@desk(*EVERY_POST)
def change_password() -> Response | tuple[str, int]:
    """The old one first, the new one twice. Every other session of this officer ends."""
    form = ChangePassword(request.form)
    refusal = None
    if form.validate() and form.new.data != form.again.data:
        form.again.errors = ["两遍填的不一样，请再填一遍。"]
    if not form.errors and not form.again.errors:
        with trying(form) as went:
            g.officer.change_password(g.officer, form.old.data, form.new.data)
        refusal = went.refusal
        if went.done:
            Session.revoke_all(g.officer)
            flash("密码改好了，别处的登录都已退出。", "ok")
            return _opened(g.officer)
    return render_template("console/password.html", form=form, refusal=refusal), 422


def _opened(officer: Officer) -> Response:
    token = Session.open_for(officer, CONSOLE, request.headers.get("User-Agent", ""))
    answer = redirect(inside(request.form.get("to")), 303)
    answer.set_cookie(
        COOKIE, token, path="/desk", httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return answer


def _login_of_host() -> str:
    """周敏's host in a demonstration is zhoumin.localhost."""
    host = request.host.split(":")[0]
    return host.removesuffix(".localhost") if host.endswith(".localhost") else ""


def _page(form: SignIn, refusal: str | None = None) -> str:
    demonstration = Installation.is_demonstration()
    me = Officer.by_login(_login_of_host()) if demonstration else None
    port = request.host.partition(":")[2]
    return render_template(
        "console/sign_in.html",
        form=form,
        refusal=refusal,
        to=inside(request.values.get("to")),
        me=me if me and me.active else None,
        people=officers() if demonstration else [],
        port=f":{port}" if port else "",
    )
