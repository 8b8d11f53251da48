"""Who is signed in and where: the security administrator may end any session at once."""

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.kernel.base import db
from models.kernel.refusal import Missing
from models.people.session import Session
from server.console.door import blueprint, desk
from server.console.nav import SESSIONS


@blueprint.get("/desk/sessions")
@desk(*SESSIONS.posts)
def sessions() -> str:
    """Every living session of an officer, newest first."""
    return render_template("console/sessions.html", rows=Session.living())


@blueprint.post("/desk/sessions/<public_id>")
@desk(*SESSIONS.posts)
def revoke(public_id: str) -> Response:
    """Out, here and now."""
    found = db.session.scalar(select(Session).where(Session.public_id == public_id))
    if found is None or found.officer is None:
        raise Missing("没有找到这次登录，它可能已经退出了。")
    found.revoke()
    flash(f"让{found.officer.name}的这次登录退出了。", "ok")
    return redirect(url_for("console.sessions"), 303)
