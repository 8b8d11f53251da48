"""How often a new account may call each interface a day, and how often it already has."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

DAILY: Mapping[str, int] = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1000,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/media/get": 200_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/draft/add": 1000,
    "/cgi-bin/draft/update": 1000,
    "/cgi-bin/draft/delete": 1000,
    "/cgi-bin/draft/count": 1000,
    "/cgi-bin/draft/batchget": 1000,
    "/cgi-bin/draft/get": 500,
    "/cgi-bin/freepublish/submit": 100,
    "/cgi-bin/freepublish/get": 100,
    "/cgi-bin/freepublish/delete": 10,
    "/cgi-bin/freepublish/getarticle": 100,
    "/cgi-bin/freepublish/batchget": 100,
    "/wxa/msg_sec_check": 2_000_000,
    "/cgi-bin/message/subscribe/send": 10_000_000,
}
CLEARS_A_MONTH = 10


def spend(world: "World", role: str, path: str, period: str | None = None) -> int:
    """Counts one more and says how many it makes."""
    period = period or world.clock.day()
    with world.book.page() as db:
        db.execute(
            "insert into spent(role, path, period, n) values (?, ?, ?, 1) "
            "on conflict(role, path, period) do update set n = n + 1",
            (role, path, period),
        )
        return used(world, role, path, period)


def used(world: "World", role: str, path: str, period: str | None = None) -> int:
    found = world.book.one(
        "select n from spent where role = ? and path = ? and period = ?", role, path, period or world.clock.day()
    )
    return int(found or 0)


def limit(world: "World", path: str) -> int | None:
    narrowed = world.book.fact("quotas", {})
    return int(narrowed[path]) if path in narrowed else DAILY.get(path)


def charge(world: "World", role: str, path: str) -> None:
    """One call more; over the day's limit it is refused until midnight in Beijing."""
    most = limit(world, path)
    if most is not None and used(world, role, path) >= most:
        raise Fault(45009)
    spend(world, role, path)


def standing(world: "World", role: str, path: str) -> dict[str, Any]:
    most = limit(world, path)
    if most is None:
        raise Fault(76021)
    gone = used(world, role, path)
    return ok(quota={"daily_limit": most, "used": gone, "remain": max(0, most - gone)})


def clear(world: "World", role: str) -> dict[str, Any]:
    if used(world, role, "clear_quota", world.clock.month()) >= CLEARS_A_MONTH:
        raise Fault(48006, "forbid to clear quota because of reaching the limit")
    spend(world, role, "clear_quota", world.clock.month())
    world.book.write("delete from spent where role = ? and period = ? and path like '/%'", role, world.clock.day())
    return ok()
