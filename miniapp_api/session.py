"""Signing in from the mini program: WeChat's code for a token of ours."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, g, request

from miniapp_api.answers import nothing, said
from miniapp_api.door import Door, signed_in
from miniapp_api.errors import SignIn
from miniapp_api.schemas import people as schemas
from models.kernel.refusal import Missing
from models.people.resident import Identity
from models.people.session import Session

door = Door("session", __name__, "/session", "登录：用 wx.login 的登录码换一个令牌。")

Whose = Callable[[str], tuple[str, str | None] | None]
"""Asks WeChat who is behind a code: (openid, unionid), or None for a code that is spent."""


def speaks_first(view: Callable[..., Response]) -> Callable[..., Response]:
    """WeChat is asked before the database is touched, so the house must not begin a transaction for this view."""
    marked: Any = view
    marked.speaks_first = True
    return view


@door.route("", methods=["POST"])
@speaks_first
@door.arguments(schemas.NewSession)
@door.response(201, schemas.Session)
def sign_in(given: dict[str, Any]) -> Response:
    """A new session for whoever WeChat says this is. 401 `sign_in` when the code is spent: call wx.login again."""
    whose: Whose = current_app.extensions["mini_code"]
    mini = current_app.extensions["settings"].mini
    if mini is None:
        raise Missing("这里没有小程序。")
    found = whose(given["code"])
    if found is None:
        raise SignIn("登录码已经失效，请重新打开小程序再试。")
    openid, unionid = found
    identity = Identity.seen(mini.appid, openid, unionid)
    token = Session.open_for(identity.resident.current, "mini", request.user_agent.string)
    row = Session.find(token, "mini")
    if row is None:
        raise SignIn("没有登录成功，请再试一次。")
    return said({"token": token, "expires_at": row.expires_at}, 201)


@door.route("", methods=["DELETE"])
@signed_in
@door.response(204)
def sign_out() -> Response:
    """This token ends here and now."""
    g.session_row.revoke()
    return nothing()
