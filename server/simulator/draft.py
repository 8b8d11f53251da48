"""Articles that are not out yet: what WeChat's draft box takes, and what it refuses or quietly leaves out."""

import json
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from server.simulator import media, richtext, wire
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

TITLE, AUTHOR, DIGEST, FIRST = 32, 16, 128, 54
MOST_ARTICLES = 8
CONTENT_CHARACTERS, CONTENT_BYTES, SOURCE_BYTES = 20_000, 1 << 20, 1024


def check(call: Call, given: Any) -> dict[str, Any]:
    """One article as it will stand in the draft box."""
    if not isinstance(given, dict):
        raise Fault(44003)
    title = text(given, "title")
    if not title or len(title) > TITLE:
        raise Fault(45003)
    if len(text(given, "author")) > AUTHOR:
        raise Fault(45110)
    if len(text(given, "digest")) > DIGEST:
        raise Fault(45004)
    content = text(given, "content")
    if not content:
        raise Fault(45166)
    if len(content) >= CONTENT_CHARACTERS or len(content.encode("utf-8", "replace")) >= CONTENT_BYTES:
        raise Fault(45002)
    if len(text(given, "content_source_url").encode()) > SOURCE_BYTES:
        raise Fault(45005)
    kind = given.get("article_type", "news")
    if kind not in ("news", "newspic"):
        raise Fault(40035)
    thumb = given.get("thumb_media_id")
    if kind == "news":
        cover = media.find(call.world, thumb)
        if cover is None or not cover["permanent"] or not cover["mime"].startswith("image/"):
            raise Fault(40007)
    washed, lost = richtext.wash(content, f"{call.world.setup.public}/mmbiz/")
    if lost:
        call.note = call.note or f"正文里有 {lost} 张图片不是用 uploadimg 上传的，微信去掉了。"
    return {
        "article_type": kind,
        "title": title,
        "author": text(given, "author"),
        "digest": text(given, "digest") or richtext.words(washed)[:FIRST],
        "content": washed,
        "content_source_url": text(given, "content_source_url"),
        "thumb_media_id": thumb or "",
        "show_cover_pic": int(bool(given.get("show_cover_pic", 0))),
        "need_open_comment": int(bool(given.get("need_open_comment", 0))),
        "only_fans_can_comment": int(bool(given.get("only_fans_can_comment", 0))),
    }


def text(given: dict[str, Any], key: str) -> str:
    value = given.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Fault(40035)
    return value


def find(world: "World", media_id: Any) -> sqlite3.Row:
    row = world.book.row("select * from draft where media_id = ?", str(media_id))
    if row is None:
        raise Fault(40007)
    return row


def articles(row: sqlite3.Row) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(row["articles"])
    return found


def shown(world: "World", row: sqlite3.Row) -> list[dict[str, Any]]:
    """With the address of the preview, which lives only in the draft box."""
    return [
        {**article, "url": f"{world.setup.public}/s?preview={row['media_id']}&idx={index}"}
        for index, article in enumerate(articles(row), 1)
    ]


@call("/cgi-bin/draft/add", needs="draft", says="存一篇文章草稿", literal=True)
def add(call: Call) -> dict[str, Any]:
    given = call.body.get("articles")
    if not isinstance(given, list) or not given:
        raise Fault(44003)
    if len(given) > MOST_ARTICLES:
        raise Fault(45008)
    kept = [check(call, one) for one in given]
    media_id = secrets.token_urlsafe(48)
    call.world.book.write(
        "insert into draft(media_id, articles, updated) values (?, ?, ?)",
        media_id,
        json.dumps(kept, ensure_ascii=False),
        call.world.clock.now(),
    )
    call.words = f"存文章草稿：{wire.brief(kept[0]['title'], 12)}"
    return {"media_id": media_id, "item": []}


@call("/cgi-bin/draft/update", needs="draft", says="改文章草稿", literal=True)
def update(call: Call) -> dict[str, Any]:
    row = find(call.world, call.text("media_id", missing=41006))
    kept = articles(row)
    index = call.body.get("index", 0)
    if not isinstance(index, int) or not 0 <= index < len(kept):
        raise Fault(40035)
    given = call.body.get("articles")
    kept[index] = check(call, given[0] if isinstance(given, list) and given else given)
    call.world.book.write(
        "update draft set articles = ?, updated = ? where media_id = ?",
        json.dumps(kept, ensure_ascii=False),
        call.world.clock.now(),
        row["media_id"],
    )
    return ok()


@call("/cgi-bin/draft/get", needs="draft", says="看文章草稿")
def get(call: Call) -> dict[str, Any]:
    row = find(call.world, call.text("media_id", missing=41006))
    return {"news_item": shown(call.world, row), "create_time": int(row["updated"]), "update_time": int(row["updated"])}


@call("/cgi-bin/draft/delete", needs="draft", says="删文章草稿")
def delete(call: Call) -> dict[str, Any]:
    call.world.book.write(
        "delete from draft where media_id = ?", find(call.world, call.text("media_id", missing=41006))["media_id"]
    )
    return ok()


@call("/cgi-bin/draft/count", needs="draft", method="GET", says="数文章草稿")
def count(call: Call) -> dict[str, Any]:
    return {"total_count": call.world.book.one("select count(*) from draft")}


@call("/cgi-bin/draft/batchget", needs="draft", says="列文章草稿")
def batchget(call: Call) -> dict[str, Any]:
    offset, most = paging(call)
    rows = call.world.book.rows("select * from draft order by updated desc, media_id limit ? offset ?", most, offset)
    hide = call.body.get("no_content") == 1
    item = []
    for row in rows:
        news = shown(call.world, row)
        if hide:
            news = [{**one, "content": ""} for one in news]
        item.append({"media_id": row["media_id"], "content": {"news_item": news}, "update_time": int(row["updated"])})
    return {"total_count": call.world.book.one("select count(*) from draft"), "item_count": len(item), "item": item}


def paging(call: Call) -> tuple[int, int]:
    offset, most = call.body.get("offset", 0), call.body.get("count", 20)
    if not isinstance(offset, int) or not isinstance(most, int) or offset < 0 or not 1 <= most <= 20:
        raise Fault(40035)
    return offset, most
