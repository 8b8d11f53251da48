"""The people with their phones: who they are, whether they follow, and the names WeChat gives them."""

import base64
import hashlib
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.simulator.world import World

# Invented people for whoever opens a phone that nobody has named.
NAMES = ("林阿姨", "郭大爷", "唐师傅", "小陆", "方老师", "苗苗妈妈", "秦会计", "阿木")
MOST = 60


class NoPhone(Exception):
    """There is no such phone."""


def openid_of(world: "World", role: str, n: int, life: int) -> str:
    digest = hashlib.sha256(f"{world.account(role).appid}|{n}|{life}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest)[:27].decode().replace("-", "a").replace("_", "b")


def get(world: "World", n: int) -> sqlite3.Row:
    row = world.book.row("select * from phone where n = ?", n)
    if row is None:
        raise NoPhone(n)
    return row


def ensure(world: "World", n: int) -> sqlite3.Row:
    """The phone, made with an invented owner if it is new."""
    with world.book.page():
        if world.book.one("select 1 from phone where n = ?", n) is None:
            make(world, n)
        return get(world, n)


def make(
    world: "World",
    n: int,
    name: str | None = None,
    village: str | None = None,
    *,
    reset: bool = False,
    snapshot: bool | None = None,
) -> sqlite3.Row:
    """A new phone, or a new name for one that is there; with `reset` its owner is somebody new to both accounts."""
    if not 1 <= n <= MOST:
        raise NoPhone(n)
    with world.book.page() as db:
        known = world.book.row("select * from phone where n = ?", n)
        life = known["life"] if known else 0
        if known and reset:
            life += 1
            db.execute("delete from phone where n = ?", (n,))
            for table in ("message", "talk_window", "subscription", "tagged", "openid"):
                db.execute(f"delete from {table} where phone = ?", (n,))  # noqa: S608 (names from this line)
            known = None
        if known is None:
            db.execute(
                "insert into phone(n, name, village, life, number) values (?, ?, ?, ?, ?)",
                (n, name or NAMES[(n - 1) % len(NAMES)], village or "", life, f"139{n:04d}{(n * 7919) % 10000:04d}"),
            )
            for role in ("official", "mini"):
                db.execute(
                    "insert into openid(openid, role, phone) values (?, ?, ?)",
                    (openid_of(world, role, n, life), role, n),
                )
        elif name is not None or village is not None:
            db.execute(
                "update phone set name = coalesce(?, name), village = coalesce(?, village) where n = ?",
                (name, village, n),
            )
        if snapshot is not None:
            db.execute("update phone set snapshot = ? where n = ?", (int(snapshot), n))
        return get(world, n)


def openid(world: "World", role: str, n: int) -> str:
    return str(world.book.one("select openid from openid where role = ? and phone = ?", role, n))


def unionid(world: "World", n: int) -> str:
    digest = hashlib.sha256(f"union|{world.official.appid}|{n}|{get(world, n)['life']}".encode()).digest()
    return "u" + base64.urlsafe_b64encode(digest)[:27].decode().replace("-", "a").replace("_", "b")


def by_wx_name(world: "World", name: Any) -> int | None:
    """Whose WeChat name it is: each phone's is its host's name, phone-3."""
    number = str(name).removeprefix("phone-")
    known = str(name) == f"phone-{number}" and number.isascii() and number.isdigit() and len(number) < 4
    found = world.book.one("select n from phone where n = ?", int(number)) if known else None
    return int(found) if found is not None else None


def by_openid(world: "World", role: str, value: Any) -> int | None:
    found = world.book.one("select phone from openid where role = ? and openid = ?", role, str(value))
    return int(found) if found is not None else None


def follows(world: "World", n: int) -> bool:
    return get(world, n)["followed_at"] is not None


def followers(world: "World", tag: int | None = None) -> list[int]:
    if tag is None:
        rows = world.book.rows("select n from phone where followed_at is not null order by followed_at, n")
    else:
        rows = world.book.rows(
            "select n from phone join tagged on phone = n where followed_at is not null and tag = ? order by n", tag
        )
    return [row["n"] for row in rows]


def everybody(world: "World") -> list[sqlite3.Row]:
    return world.book.rows("select * from phone order by n")


def face(name: str) -> str:
    """The one character on somebody's picture."""
    trimmed = name.removeprefix("老").removeprefix("小")
    return (trimmed or name)[:1] or "我"


def told_of(world: "World", n: int) -> str:
    """Half a sentence on what this phone can still be told."""
    row = get(world, n)
    if row["followed_at"] is None:
        return "还没关注" if row["unfollowed_at"] is None else "取消关注了"
    left = world.book.one("select sum(left_over) from subscription where phone = ?", n)
    return f"已关注，订阅还剩 {left} 次" if left else "已关注"


def named(world: "World", numbers: Iterable[int]) -> str:
    names = [str(get(world, n)["name"]) for n in numbers]
    return "、".join(names[:3]) + (f"等{len(names)}人" if len(names) > 3 else "")
