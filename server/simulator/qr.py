"""QR codes with a scene: whoever scans one and does not follow is asked to; the product hears which scene it was."""

import io
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

import segno
from flask import Response

from server.simulator.calls import Call, call
from server.simulator.fault import Fault

if TYPE_CHECKING:
    from server.simulator.world import World

LONGEST = 2_592_000
SHORTEST = 60
KEPT_FOR_GOOD = 100_000


@call("/cgi-bin/qrcode/create", needs="qrcode", says="做一个二维码")
def create(call: Call) -> dict[str, Any]:
    action = call.body.get("action_name")
    info = call.body.get("action_info")
    given = info.get("scene") if isinstance(info, dict) else None
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE") or not isinstance(
        given, dict
    ):
        raise Fault(40035)
    lasting = "LIMIT" in action
    scene = text_scene(given) if "STR" in action else number_scene(given, lasting)
    now = call.world.clock.now()
    expires = None
    answer: dict[str, Any] = {}
    if lasting:
        if call.world.book.one("select count(*) from qr where expires is null") >= KEPT_FOR_GOOD:
            raise Fault(45029)
    else:
        seconds = call.body.get("expire_seconds", SHORTEST)
        if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST:
            raise Fault(40035)
        expires = now + max(SHORTEST, seconds)
        answer["expire_seconds"] = max(SHORTEST, seconds)
    ticket = "gQ" + secrets.token_urlsafe(60)
    call.world.book.write(
        "insert into qr(ticket, scene, made, expires) values (?, ?, ?, ?)", ticket, scene, now, expires
    )
    call.words = f"做一个二维码：{scene}"
    return {"ticket": ticket, **answer, "url": f"http://weixin.qq.com/q/{ticket[2:24]}"}


def text_scene(given: dict[str, Any]) -> str:
    value = given.get("scene_str")
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        raise Fault(40129)
    return value


def number_scene(given: dict[str, Any], lasting: bool) -> str:
    value = given.get("scene_id")
    if not isinstance(value, int) or not 1 <= value <= (KEPT_FOR_GOOD if lasting else 2**32 - 1):
        raise Fault(40129)
    return str(value)


def find(world: "World", ticket: str) -> sqlite3.Row | None:
    row = world.book.row("select * from qr where ticket = ?", ticket)
    if row is None or (row["expires"] is not None and row["expires"] <= world.clock.now()):
        return None
    return row


def all_of_them(world: "World") -> list[dict[str, Any]]:
    return [
        dict(row)
        for row in world.book.rows(
            "select * from qr where expires is null or expires > ? order by made", world.clock.now()
        )
    ]


def show(world: "World", ticket: str) -> Response:
    row = find(world, ticket)
    if row is None:
        return Response("二维码不存在或已过期", status=404, mimetype="text/plain")
    out = io.BytesIO()
    segno.make(f"http://weixin.qq.com/q/{ticket[2:24]}", error="m").save(out, kind="png", scale=8, border=4)
    return Response(out.getvalue(), mimetype="image/png")
