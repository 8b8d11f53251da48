"""Faults that were ordered for a test: an error code, a silence, a broken line, rubbish, or a result that is bad news."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.simulator.world import World

MODES = {
    "error": "回一个错误码",
    "hang": "不作声",
    "drop": "没办事就断线",
    "drop_after": "办完事才断线",
    "garbage": "回一串乱码",
    "http500": "回 500",
    "lost": "产品的回话在路上丢了",
    "status": "事后告诉一个坏结果",
    "never": "事后的结果不来了",
}


@dataclass(frozen=True)
class Trouble:
    path: str
    mode: str
    errcode: int
    errmsg: str
    status: str
    seconds: float


def order(
    world: "World",
    path: str,
    mode: str,
    *,
    errcode: int = -1,
    errmsg: str = "",
    status: str = "",
    seconds: float = 0,
    times: int = 1,
) -> None:
    if mode not in MODES:
        raise ValueError(f"没有 {mode} 这种故障，只有 {'、'.join(MODES)}")
    world.book.write(
        "insert into trouble(path, mode, errcode, errmsg, status, seconds, left_over) values (?, ?, ?, ?, ?, ?, ?)",
        path,
        mode,
        errcode,
        errmsg,
        status,
        seconds,
        times,
    )


def meet(world: "World", *paths: str) -> Trouble | None:
    """The oldest ordered fault for this path, used up by one; "*" meets every path."""
    with world.book.page() as db:
        marks = ", ".join("?" * len(paths))
        row = db.execute(
            f"select * from trouble where left_over > 0 and path in ({marks}) order by id limit 1",  # noqa: S608 (marks only)
            paths,
        ).fetchone()
        if row is None:
            return None
        db.execute("update trouble set left_over = left_over - 1 where id = ?", (row["id"],))
        db.execute("delete from trouble where left_over <= 0")
        return Trouble(row["path"], row["mode"], row["errcode"], row["errmsg"], row["status"], row["seconds"])


def waiting(world: "World") -> list[dict[str, object]]:
    return [dict(row) for row in world.book.rows("select * from trouble where left_over > 0 order by id")]


def forget(world: "World") -> None:
    world.book.write("delete from trouble")
