"""Access tokens: two hours by the wall clock; the old kind drives out its predecessor, the stable kind stays the same."""

import secrets
from typing import TYPE_CHECKING, Any

from server.simulator import quota
from server.simulator.calls import Call, call
from server.simulator.fault import Fault
from server.simulator.settings import Account

if TYPE_CHECKING:
    from server.simulator.world import World

LIFE = 7200
OVERLAP = 300
FORCED_A_DAY = 20
FORCED_APART = 30


def owner(world: "World", token: str | None) -> Account:
    """Whose token this is, if it still opens anything."""
    if not token:
        raise Fault(41001)
    row = world.book.row("select * from token where token = ?", token)
    if row is None:
        raise Fault(40001)
    if row["expires"] <= world.clock.wall():
        # A token that was driven out is wrong; one that died of age is expired.
        raise Fault(42001 if row["issued"] + LIFE <= world.clock.wall() else 40001)
    return world.account(row["role"])


def identify(world: "World", appid: Any, secret: Any) -> Account:
    if not appid:
        raise Fault(41002)
    if not secret:
        raise Fault(41004)
    account = world.by_appid(str(appid))
    if account is None:
        raise Fault(40013)
    if not secrets.compare_digest(str(secret).encode(), account.secret.encode()):
        raise Fault(40125)
    return account


def issue(world: "World", role: str, family: str, *, overlap: float) -> dict[str, Any]:
    """A new token; the last one of its family lives on only for the overlap."""
    wall = world.clock.wall()
    fresh = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}"
    with world.book.page() as db:
        db.execute("delete from token where expires < ?", (wall - 86_400,))
        db.execute(
            "update token set latest = 0, expires = min(expires, ?) where role = ? and family = ? and latest = 1",
            (wall + overlap, role, family),
        )
        db.execute(
            "insert into token(token, role, family, issued, expires) values (?, ?, ?, ?, ?)",
            (fresh, role, family, wall, wall + LIFE),
        )
    return {"access_token": fresh, "expires_in": LIFE}


@call("/cgi-bin/token", method="GET", token=False, says="取接口凭证")
def token(call: Call) -> dict[str, Any]:
    if call.args.get("grant_type") != "client_credential":
        raise Fault(40002)
    account = identify(call.world, call.args.get("appid"), call.args.get("secret"))
    quota.charge(call.world, account.role, "/cgi-bin/token")
    return issue(call.world, account.role, "plain", overlap=OVERLAP)


@call("/cgi-bin/stable_token", token=False, says="取接口凭证")
def stable_token(call: Call) -> dict[str, Any]:
    world = call.world
    if call.body.get("grant_type") != "client_credential":
        raise Fault(40002)
    account = identify(world, call.body.get("appid"), call.body.get("secret"))
    quota.charge(world, account.role, "/cgi-bin/stable_token")
    wall = world.clock.wall()
    current = world.book.row(
        "select * from token where role = ? and family = 'stable' and latest = 1 and expires > ?", account.role, wall
    )
    if call.body.get("force_refresh") is True:
        last = world.book.fact(f"forced:{account.role}", 0)
        if wall - last < FORCED_APART:
            raise Fault(45011)
        if quota.spend(world, account.role, "forced") > FORCED_A_DAY:
            raise Fault(45009)
        world.book.note(f"forced:{account.role}", wall)
        return issue(world, account.role, "stable", overlap=0)
    if current is not None and current["expires"] - wall > OVERLAP:
        return {"access_token": current["token"], "expires_in": int(current["expires"] - wall)}
    return issue(world, account.role, "stable", overlap=OVERLAP)


@call("/cgi-bin/ticket/getticket", method="GET", needs="ticket", says="取网页签名的票")
def ticket(call: Call) -> dict[str, Any]:
    kind = call.args.get("type", "jsapi")
    wall = call.world.clock.wall()
    known = call.world.book.fact(f"ticket:{kind}")
    if known is None or known["expires"] <= wall + 60:
        known = {"ticket": secrets.token_urlsafe(64), "expires": wall + LIFE}
        call.world.book.note(f"ticket:{kind}", known)
    return {"errcode": 0, "errmsg": "ok", "ticket": known["ticket"], "expires_in": int(known["expires"] - wall)}


@call("/cgi-bin/openapi/quota/get", says="看还剩多少次")
def quota_get(call: Call) -> dict[str, Any]:
    path = call.text("cgi_path")
    if not path.startswith("/"):
        raise Fault(76021)
    return quota.standing(call.world, call.role, path)


@call("/cgi-bin/clear_quota", says="清零调用次数")
def clear_quota(call: Call) -> dict[str, Any]:
    if call.body.get("appid") != call.caller.appid:
        raise Fault(40013)
    return quota.clear(call.world, call.role)


@call("/cgi-bin/getcallbackip", method="GET", says="问微信从哪些地址推送")
def callback_ip(_: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


@call("/cgi-bin/get_api_domain_ip", method="GET", says="问微信接口的地址")
def api_ip(_: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}
