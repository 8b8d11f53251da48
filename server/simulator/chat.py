"""The conversations on a phone: with the official account, with the mini program, and WeChat's service notices."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.simulator.world import World

ROOMS = ("official", "service", "mini")


def put(world: "World", phone: int, room: str, kind: str, body: dict[str, Any], *, mine: bool = False) -> int:
    done = world.book.write(
        "insert into message(phone, room, mine, kind, body, at, seen) values (?, ?, ?, ?, ?, ?, ?)",
        phone,
        room,
        int(mine),
        kind,
        json.dumps(body, ensure_ascii=False),
        world.clock.now(),
        int(mine),
    )
    return int(done.lastrowid or 0)


def messages(world: "World", phone: int, room: str | None = None, after: int = 0) -> list[dict[str, Any]]:
    rows = world.book.rows(
        "select * from message where phone = ? and id > ? and (? is null or room = ?) order by id",
        phone,
        after,
        room,
        room,
    )
    return [
        {
            "id": row["id"],
            "room": row["room"],
            "mine": bool(row["mine"]),
            "kind": row["kind"],
            "at": row["at"],
            "seen": bool(row["seen"]),
            **json.loads(row["body"]),
        }
        for row in rows
    ]


def message(world: "World", phone: int, id_: int) -> dict[str, Any] | None:
    return next((one for one in messages(world, phone, after=id_ - 1) if one["id"] == id_), None)


def look(world: "World", phone: int, room: str) -> None:
    """Whoever opens a conversation has seen what is in it."""
    world.book.write("update message set seen = 1 where phone = ? and room = ? and seen = 0", phone, room)
