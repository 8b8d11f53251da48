"""Signing in: through WeChat where the account may, else by the personal link or by receipt and PIN."""

import hmac
import re
from urllib.parse import quote, unquote

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models.kernel.ids import new_token
from models.people.resident import Resident
from models.people.session import RESIDENT_DAYS, Session
from server.house import RESIDENT_COOKIE, meet, speaks_first, writes
from server.site.door import blueprint, go, inside, official, secure

STATE = "huiyin_s"
"""Remembers, for ten minutes, which sign-in was begun in this browser and where it leads."""
CODE = re.compile(r"[A-Za-z0-9_\-]{1,128}")


def sign_in_as(who: Resident, answer: Answer) -> None:
    """A session for this person on this browser; the one before it ends."""
    if g.session_row is not None:
        g.session_row.revoke()
    token = Session.open_for(who, "site", request.user_agent.string)
    answer.set_cookie(
        RESIDENT_COOKIE, token, max_age=RESIDENT_DAYS * 86400, path="/", httponly=True, samesite="Lax", secure=secure()
    )


@blueprint.get("/sign-in")
def sign_in() -> str:
    """How to sign in here."""
    g.personal = True
    back = inside(request.args.get("next"), "/mine")
    return _page(back)


def _page(back: str, trouble: str = "", *, snapshot: bool = False) -> str:
    wanted = {
        "/mine": "看「我的意见」要先登录",
        "/questions": "问法律问题要先登录",
        "/polls/": "登录以后答，一人一次",
        "/lectures/": "报名、签到要先登录",
    }
    heading = (
        next((words for path, words in wanted.items() if back.startswith(path)), "登录")
        if "next" in request.args
        else ""
    )
    return render_template(
        "site/sign_in.html",
        oauth=official() is not None,
        next=back,
        heading=heading,
        why="问题和回复只给您本人看，所以要知道是谁在问。" if back.startswith("/questions") else "",
        trouble=trouble,
        snapshot=snapshot,
        without=without(back),
    )


def without(back: str) -> str:
    """Where somebody goes on who would rather say something without signing in."""
    path, _, query = back.partition("?")
    if path.startswith("/polls/"):
        return f"{path}?slip=1"
    if not (path.startswith("/consultations/") and path.endswith("/comment")):
        return ""
    return f"{path}?{query}&anonymous=1" if query else f"{path}?anonymous=1"


@blueprint.get("/oauth/start")
def oauth_start() -> Answer:
    """To WeChat, which comes straight back."""
    g.personal = True
    back = inside(request.args.get("next"), "/mine")
    account = official()
    if account is None:
        return go("site.sign_in", next=back)
    state = new_token()
    answer = redirect(account.authorize_url(url_for("site.oauth_callback", _external=True), state), 303)
    answer.set_cookie(
        STATE,
        f"{state}.{quote(back, safe='/')}",
        max_age=600,
        path="/oauth",
        httponly=True,
        samesite="Lax",
        secure=secure(),
    )
    return answer


@blueprint.get("/oauth/callback")
@writes
@speaks_first
def oauth_callback() -> str | Answer | tuple[str, int]:
    """Back from WeChat with a code: WeChat is asked first, then the person is let in and goes on."""
    g.personal = True
    state, _, path = request.cookies.get(STATE, "").partition(".")
    back = inside(unquote(path), "/mine")
    code, account = request.args.get("code", ""), official()
    begun_here = bool(state) and hmac.compare_digest(state.encode(), request.args.get("state", "").encode())
    visitor = account.identity_by_code(code) if account and begun_here and CODE.fullmatch(code) else None
    meet()
    if visitor is None or account is None:
        return _page(back, "这次登录没有成功，请再点一次。您的意见都在，没有丢。"), 400
    if visitor.snapshot:
        return _page(back, snapshot=True)
    answer = redirect(back, 303)
    sign_in_as(Resident.by_identity(account.appid, visitor.openid, visitor.unionid), answer)
    answer.delete_cookie(STATE, path="/oauth", httponly=True, samesite="Lax")
    return answer


@blueprint.get("/sign-out")
def sign_out() -> str | Answer:
    """Really?"""
    g.personal = True
    if g.resident is None:
        return go("site.home")
    return render_template("site/sign_out.html")


@blueprint.post("/sign-out")
def sign_out_send() -> Answer:
    """Signed out, here and now."""
    g.personal = True
    if g.session_row is None:
        return go("site.home")
    g.session_row.revoke()
    answer = go("site.home")
    answer.delete_cookie(RESIDENT_COOKIE, path="/", httponly=True, samesite="Lax")
    return answer
