"""Bringing an article out: asked for now, done a moment later, told by an event; nobody's phone rings for it."""

import json
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from server.simulator import draft, later, push, trouble, wire
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

DONE, RUNNING, NOT_ORIGINAL, FAILED, REFUSED = 0, 1, 2, 3, 4
ADMIN = "oPublisher0000000000000admin"  # the account's own operator, in whose name the event comes


def address(world: "World", article_id: str, index: int) -> str:
    return f"{world.setup.public}/s/{article_id[:22]}{index}"


def find(world: "World", article_id: Any) -> sqlite3.Row:
    row = world.book.row("select * from article where article_id = ?", str(article_id))
    if row is None:
        raise Fault(53600)
    return row


def by_short(world: "World", short: str) -> tuple[dict[str, Any], bool] | None:
    """The article behind an address, and whether it was taken down."""
    row = world.book.row("select * from article where substr(article_id, 1, 22) = ?", short[:22])
    if row is None or not short[22:].isdigit():
        return None
    index, found = int(short[22:]), json.loads(row["articles"])
    if not 1 <= index <= len(found):
        return None
    return {**found[index - 1], "at": row["at"]}, index in json.loads(row["deleted"])


def bring_out(world: "World", media_id: str, *, by_hand: bool = False) -> str:
    """The draft leaves the draft box and becomes an article with an address."""
    row = draft.find(world, media_id)
    article_id = secrets.token_urlsafe(32)
    with world.book.page() as db:
        db.execute(
            "insert into article(article_id, articles, at, by_hand) values (?, ?, ?, ?)",
            (article_id, row["articles"], world.clock.now(), int(by_hand)),
        )
        db.execute("delete from draft where media_id = ?", (row["media_id"],))
    return article_id


def shown(world: "World", row: sqlite3.Row, *, hide: bool = False) -> list[dict[str, Any]]:
    gone = json.loads(row["deleted"])
    return [
        {
            **article,
            "content": "" if hide else article["content"],
            "url": address(world, row["article_id"], index),
            "is_deleted": index in gone,
        }
        for index, article in enumerate(json.loads(row["articles"]), 1)
    ]


@call("/cgi-bin/freepublish/submit", needs="publish", says="发布文章")
def submit(call: Call) -> dict[str, Any]:
    world = call.world
    row = draft.find(world, call.text("media_id", missing=41006))
    running = world.book.row("select 1 from publication where media_id = ? and status = ?", row["media_id"], RUNNING)
    if running is not None:
        raise Fault(53503)
    publish_id = str(100_000_000 + world.book.number("publish", 0))
    world.book.write(
        "insert into publication(publish_id, media_id, status, at) values (?, ?, ?, ?)",
        publish_id,
        row["media_id"],
        RUNNING,
        world.clock.now(),
    )
    call.words = f"发布文章：{wire.brief(draft.articles(row)[0]['title'], 12)}"
    later.put_off(world, "publish", {"publish_id": publish_id})
    return ok(publish_id=publish_id, msg_data_id=2_247_000_000 + int(publish_id) % 1_000_000)


@later.deed("publish")
def finish(world: "World", job: dict[str, Any]) -> None:
    row = world.book.row("select * from publication where publish_id = ?", job["publish_id"])
    if row is None:
        return
    ordered = trouble.meet(world, "event:PUBLISHJOBFINISH")
    status = int(ordered.status) if ordered and ordered.status.isdigit() else DONE
    info: dict[str, Any] = {"publish_id": int(row["publish_id"]), "publish_status": status}
    article_id, fails, title = None, [], ""
    with world.book.page():
        if status == DONE:
            try:
                title = draft.articles(draft.find(world, row["media_id"]))[0]["title"]
                article_id = bring_out(world, row["media_id"])
            except Fault:
                status = FAILED
                info["publish_status"] = FAILED
        if status != DONE:
            fails = [1]
            info["fail_idx"] = fails
        world.book.write(
            "update publication set status = ?, article_id = ?, fails = ? where publish_id = ?",
            status,
            article_id,
            json.dumps(fails),
            row["publish_id"],
        )
    if article_id is not None:
        items = json.loads(find(world, article_id)["articles"])
        info |= {
            "article_id": article_id,
            "article_detail": {
                "count": len(items),
                "item": [
                    {"idx": index, "article_url": address(world, article_id, index)}
                    for index in range(1, len(items) + 1)
                ],
            },
        }
    if ordered and ordered.mode == "never":
        return
    push.push(
        world,
        world.official,
        {
            "ToUserName": world.official.original_id,
            "FromUserName": ADMIN,
            "CreateTime": int(world.clock.now()),
            "MsgType": "event",
            "Event": "PUBLISHJOBFINISH",
            "PublishEventInfo": info,
        },
        words=f"文章发布好了：{wire.brief(title, 12)}" if status == DONE else "文章没有发布成",
        tag="PUBLISHJOBFINISH",
    )


@call("/cgi-bin/freepublish/get", needs="publish", says="问文章发布好了没有")
def get(call: Call) -> dict[str, Any]:
    row = call.world.book.row("select * from publication where publish_id = ?", str(call.body.get("publish_id", "")))
    if row is None:
        raise Fault(53600)
    answer: dict[str, Any] = {
        "publish_id": row["publish_id"],
        "publish_status": row["status"],
        "fail_idx": json.loads(row["fails"]),
    }
    if row["article_id"]:
        items = json.loads(find(call.world, row["article_id"])["articles"])
        answer |= {
            "article_id": row["article_id"],
            "article_detail": {
                "count": len(items),
                "item": [
                    {"idx": index, "article_url": address(call.world, row["article_id"], index)}
                    for index in range(1, len(items) + 1)
                ],
            },
        }
    return answer


@call("/cgi-bin/freepublish/getarticle", needs="publish", says="看已发布的文章")
def getarticle(call: Call) -> dict[str, Any]:
    return {"news_item": shown(call.world, find(call.world, call.text("article_id")))}


@call("/cgi-bin/freepublish/delete", needs="publish", says="删已发布的文章")
def delete(call: Call) -> dict[str, Any]:
    row = find(call.world, call.text("article_id"))
    index = call.body.get("index", 0)
    every = range(1, len(json.loads(row["articles"])) + 1)
    if not isinstance(index, int) or (index and index not in every):
        raise Fault(40035)
    gone = sorted({*json.loads(row["deleted"]), *([index] if index else every)})
    call.world.book.write("update article set deleted = ? where article_id = ?", json.dumps(gone), row["article_id"])
    return ok()


@call("/cgi-bin/freepublish/batchget", needs="publish", says="列已发布的文章")
def batchget(call: Call) -> dict[str, Any]:
    offset, most = draft.paging(call)
    rows = call.world.book.rows("select * from article order by at desc, article_id limit ? offset ?", most, offset)
    hide = call.body.get("no_content") == 1
    item = [
        {
            "article_id": row["article_id"],
            "content": {"news_item": shown(call.world, row, hide=hide)},
            "update_time": int(row["at"]),
        }
        for row in rows
    ]
    return {"total_count": call.world.book.one("select count(*) from article"), "item_count": len(item), "item": item}
