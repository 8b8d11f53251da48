"""Signing in on a web page: the phone asked for is known by the host of the page; the base scope asks nobody."""

import secrets
import urllib.parse
from typing import TYPE_CHECKING, Any

from flask import Response, redirect, render_template, request

from server.simulator import hosts, kinds, phones, wire
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from server.simulator.world import World

CODE_LIFE = 300
TOKEN_LIFE = 7200
REFRESH_LIFE = 30 * 86_400


def new_code(world: "World", use: str, phone: int, scope: str = "") -> str:
    code = secrets.token_hex(16)
    world.book.write(
        "insert into code(code, use, phone, scope, made) values (?, ?, ?, ?, ?)",
        code,
        use,
        phone,
        scope,
        world.clock.wall(),
    )
    return code


def spend_code(world: "World", use: str, code: Any) -> tuple[int, str]:
    """Whose code it was; a code lives five minutes and opens once."""
    if not code:
        raise Fault(41008)
    row = world.book.row("select * from code where code = ? and use = ?", str(code), use)
    if row is None or row["made"] + CODE_LIFE <= world.clock.wall():
        raise Fault(40029)
    if row["spent"]:
        raise Fault(40163)
    world.book.write("update code set spent = 1 where code = ?", row["code"])
    return row["phone"], row["scope"]


def authorize(world: "World") -> "AnyResponse":
    """The page a product sends the browser to; from the base scope it comes straight back with a code."""
    asked = request.args
    target = asked.get("redirect_uri", "")
    phone = hosts.phone_of_url(world, target)
    scope = asked.get("scope", "")
    problem = refusal(world, asked, target, scope)
    if problem is None and phone is None:
        problem = ("", "请在微信客户端打开链接")
    if problem is not None or phone is None:
        code, words = problem or ("", "")
        wire.log(
            world,
            "in",
            f"网页登录没有通过：{words}",
            tag="authorize",
            outcome=code or "没有手机",
            good=False,
            asked=f"GET {request.full_path}",
        )
        return Response(render_template("refused.html", code=code, words=words), status=200)
    phones.ensure(world, phone)
    name = phones.get(world, phone)["name"]
    if scope == "snsapi_userinfo" and request.method != "POST":
        return Response(
            render_template("consent.html", name=name, account=world.official, query=request.query_string.decode())
        )
    if request.method == "POST" and request.form.get("answer") != "allow":
        return Response(render_template("refused.html", code="", words="您没有同意登录，可以关掉这一页。"))
    back = urllib.parse.urlsplit(target)
    query = urllib.parse.parse_qsl(back.query, keep_blank_values=True)
    query += [("code", new_code(world, "oauth", phone, scope)), ("state", asked.get("state", ""))]
    where = urllib.parse.urlunsplit(back._replace(query=urllib.parse.urlencode(query)))
    wire.log(
        world,
        "in",
        f"{name}在网页里登录",
        tag="authorize",
        outcome="302",
        phone=phone,
        asked=f"GET {request.full_path}",
        answered=f"302 {where}",
    )
    return redirect(where, 302)


def refusal(world: "World", asked: Any, target: str, scope: str) -> tuple[str, str] | None:
    if asked.get("appid") != world.official.appid:
        return "10003", "appid 不对"
    if asked.get("response_type") != "code" or scope not in ("snsapi_base", "snsapi_userinfo"):
        return "10005", "scope 参数错误或没有 scope 权限"
    if not kinds.may(world.official.kind, "oauth"):
        return "10005", "这种公众号没有网页登录的权限"
    if not hosts.is_product(world, target):
        return "10003", "redirect_uri 域名与后台配置不一致"
    state = asked.get("state", "")
    if len(state) > 128 or not all(letter.isascii() and letter.isalnum() for letter in state):
        return "10012", "state 只能是字母和数字，不超过 128 个"
    return None


def tokens(world: "World", phone: int, scope: str, family: str = "") -> dict[str, Any]:
    wall = world.clock.wall()
    access, refresh = secrets.token_urlsafe(80), family or secrets.token_urlsafe(80)
    with world.book.page() as db:
        db.execute("insert into oauth_token values (?, ?, ?, 'access', ?)", (access, phone, scope, wall + TOKEN_LIFE))
        db.execute(
            "insert or replace into oauth_token values (?, ?, ?, 'refresh', ?)",
            (refresh, phone, scope, wall + REFRESH_LIFE),
        )
    answer = {
        "access_token": access,
        "expires_in": TOKEN_LIFE,
        "refresh_token": refresh,
        "openid": phones.openid(world, "official", phone),
        "scope": scope,
    }
    if phones.get(world, phone)["snapshot"]:
        answer["is_snapshotuser"] = 1
    if scope == "snsapi_userinfo" and world.setup.open_platform:
        answer["unionid"] = phones.unionid(world, phone)
    return answer


def identify(call: Call) -> None:
    if call.args.get("appid") != call.world.official.appid:
        raise Fault(40013)
    if not kinds.may(call.world.official.kind, "oauth"):
        raise Fault(48001)


@call("/sns/oauth2/access_token", method="GET", token=False, plain=True, says="用登录码换是谁")
def access_token(call: Call) -> dict[str, Any]:
    identify(call)
    if not secrets.compare_digest(call.args.get("secret", "").encode(), call.world.official.secret.encode()):
        raise Fault(40125)
    if call.args.get("grant_type") != "authorization_code":
        raise Fault(40002)
    phone, scope = spend_code(call.world, "oauth", call.args.get("code"))
    call.phone, call.words = phone, f"用登录码换是谁：{phones.get(call.world, phone)['name']}"
    return tokens(call.world, phone, scope)


@call("/sns/oauth2/refresh_token", method="GET", token=False, plain=True, says="续网页登录")
def refresh_token(call: Call) -> dict[str, Any]:
    identify(call)
    row = call.world.book.row(
        "select * from oauth_token where token = ? and family = 'refresh'", call.args.get("refresh_token", "")
    )
    if row is None:
        raise Fault(40030)
    if row["expires"] <= call.world.clock.wall():
        raise Fault(42002)
    return tokens(call.world, row["phone"], row["scope"], row["token"])


def holder(call: Call) -> Any:
    row = call.world.book.row(
        "select * from oauth_token where token = ? and family = 'access'", call.args.get("access_token", "")
    )
    if row is None:
        raise Fault(40001)
    if row["expires"] <= call.world.clock.wall():
        raise Fault(42001)
    if call.args.get("openid") != phones.openid(call.world, "official", row["phone"]):
        raise Fault(40003)
    return row


@call("/sns/auth", method="GET", token=False, plain=True, says="问网页登录还有效吗")
def auth(call: Call) -> dict[str, Any]:
    holder(call)
    return ok()


@call("/sns/userinfo", method="GET", token=False, plain=True, says="看登录的人的资料")
def userinfo(call: Call) -> dict[str, Any]:
    row = holder(call)
    if row["scope"] != "snsapi_userinfo":
        raise Fault(48001)
    answer = {
        "openid": phones.openid(call.world, "official", row["phone"]),
        "nickname": phones.get(call.world, row["phone"])["name"],
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "privilege": [],
    }
    if call.world.setup.open_platform:
        answer["unionid"] = phones.unionid(call.world, row["phone"])
    return answer
