"""All that a phone's page shows, in one answer, and only when something is new."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from server.simulator import chat, drawn, hosts, kefu, kinds, menu, phones, qr, subscribe, wire

if TYPE_CHECKING:
    from server.simulator.world import World

SHOWN = 200
LOGGED = 40


def person(world: "World", n: int) -> dict[str, Any]:
    row = phones.get(world, n)
    return {
        "n": n,
        "name": row["name"],
        "village": row["village"],
        "face": phones.face(row["name"]),
        "follows": row["followed_at"] is not None,
        "pending_scene": row["pending_scene"],
        "told": phones.told_of(world, n),
        "page": hosts.own_at(world, n) + "/",
        "openid": phones.openid(world, "official", n),
        "mini_openid": phones.openid(world, "mini", n),
        "unionid": phones.unionid(world, n),
        "number": row["number"],
        "windows": {role: kefu.windows(world, role, n) for role in ("official", "mini")},
        "subscriptions": {role: subscribe.standing(world, role, n) for role in ("official", "mini")},
    }


def look(world: "World", n: int, seen: str) -> dict[str, Any] | None:
    with world.book.page():
        here = person(world, n)
        here.pop("windows")
        shown = {
            "person": here,
            "people": [
                {key: one[key] for key in ("n", "name", "village", "face", "told", "page")}
                for one in (person(world, row["n"]) for row in phones.everybody(world))
            ],
            "messages": chat.messages(world, n)[-SHOWN:],
            "menu": menu.current(world),
            "qr": qr.all_of_them(world),
            "offset": world.clock.offset,
            "kind": world.official.kind,
            "kind_label": kinds.LABEL[world.official.kind],
            "accounts": {
                role: {"name": world.account(role).name, "face": world.account(role).face}
                for role in ("official", "mini")
            },
            "templates": [{"id": one.id, "name": one.name} for one in world.setup.templates],
            "pictures": [{"key": key, "name": name} for key, (name, _) in drawn.PICTURES.items()],
            "wire": wire.entries(world, limit=LOGGED),
            "wire_total": wire.total(world),
        }
    version = hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]
    return None if version == seen else {**shown, "version": version}
