"""The log of all that went over the wire, told in words, with the raw text beside it and no secret in it."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.simulator.world import World

KEPT = 3000
LONGEST = 6000

SECRETS = (
    re.compile(
        r"((?:access_token|refresh_token|secret|msg_signature|signature|session_key|ticket|token|js_code|code)=)([^&\s\"]{6})[^&\s\"]*"
    ),
    re.compile(
        r"(\"(?:access_token|refresh_token|secret|session_key|ticket|token|phoneNumber|purePhoneNumber)\"\s*:\s*\")([^\"]{6})[^\"]*"
    ),
    re.compile(r"((?:Authorization: Bearer|X-Demo-Secret:|Cookie:|Set-Cookie:)\s+)(\S{6})\S*"),
)


def shorten(text: str) -> str:
    """Tokens and secrets keep their first six letters, so that one still sees which is which."""
    for pattern in SECRETS:
        text = pattern.sub(r"\1\2…", text)
    return text if len(text) <= LONGEST else text[:LONGEST] + f"\n……（共 {len(text)} 字，后面省略）"


def log(
    world: "World",
    way: str,
    words: str,
    *,
    tag: str = "",
    outcome: str = "",
    good: bool = True,
    ms: float = 0,
    phone: int | None = None,
    note: str = "",
    asked: str = "",
    answered: str = "",
) -> int:
    """`way` is seen from the product: "in" it hears, "out" it speaks, "own" the simulator's own doings."""
    with world.book.page() as db:
        done = db.execute(
            "insert into wire(at, wall, way, phone, words, tag, outcome, good, ms, note, asked, answered) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                world.clock.now(),
                world.clock.wall(),
                way,
                phone,
                words,
                tag,
                outcome,
                int(good),
                round(ms),
                note,
                shorten(asked),
                shorten(answered),
            ),
        )
        number = int(done.lastrowid or 0)
        if number % 200 == 0:
            db.execute("delete from wire where id <= ?", (number - KEPT,))
        return number


def entries(world: "World", *, after: int = 0, before: int = 1 << 60, limit: int = 40) -> list[dict[str, Any]]:
    """The newest first."""
    rows = world.book.rows("select * from wire where id > ? and id < ? order by id desc limit ?", after, before, limit)
    return [
        {
            **{key: row[key] for key in ("id", "at", "wall", "way", "phone", "words", "tag", "outcome", "ms", "note")},
            "good": bool(row["good"]),
            "asked": row["asked"],
            "answered": row["answered"],
        }
        for row in rows
    ]


def total(world: "World") -> int:
    return int(world.book.one("select count(*) from wire") or 0)


def brief(text: str, most: int = 14) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most] + "……"
