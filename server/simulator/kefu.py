"""Customer messages: only to somebody who has just spoken, and only so many."""

from typing import TYPE_CHECKING, Any

from server.simulator import chat, media, phones
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

# What the person did: how many messages it allows, and for how many seconds.
WINDOWS: dict[tuple[str, str], tuple[int, int]] = {
    ("official", "message"): (5, 48 * 3600),
    ("official", "menu"): (3, 60),
    ("official", "follow"): (3, 60),
    ("official", "scan"): (3, 60),
    ("mini", "message"): (5, 48 * 3600),
    ("mini", "enter"): (2, 60),
}
LONGEST_TEXT = 2048  # bytes


def opened(world: "World", role: str, phone: int, trigger: str) -> None:
    """The person did something: a new window, with its messages unused."""
    if (role, trigger) in WINDOWS:
        world.book.write(
            "insert or replace into talk_window(role, phone, trigger, opened, used) values (?, ?, ?, ?, 0)",
            role,
            phone,
            trigger,
            world.clock.now(),
        )


def windows(world: "World", role: str, phone: int) -> list[dict[str, Any]]:
    """The windows still open; they do not add up, the best one counts."""
    now, found = world.clock.now(), []
    for row in world.book.rows("select * from talk_window where role = ? and phone = ?", role, phone):
        most, seconds = WINDOWS[(role, row["trigger"])]
        if now < row["opened"] + seconds:
            found.append(
                {"trigger": row["trigger"], "left": max(0, most - row["used"]), "until": row["opened"] + seconds}
            )
    return sorted(found, key=lambda window: window["left"], reverse=True)


def spend(world: "World", role: str, phone: int) -> None:
    if role == "official" and not phones.follows(world, phone):
        raise Fault(45015)
    open_now = windows(world, role, phone)
    if not open_now:
        raise Fault(45015)
    if open_now[0]["left"] <= 0:
        raise Fault(45047)
    # One message counts in every window that is open, or they would add up.
    for window in open_now:
        world.book.write(
            "update talk_window set used = used + 1 where role = ? and phone = ? and trigger = ?",
            role,
            phone,
            window["trigger"],
        )


@call("/cgi-bin/message/custom/send", needs="kefu", says="发客服消息", literal=True)
def send(call: Call) -> dict[str, Any]:
    phone = phones.by_openid(call.world, call.role, call.body.get("touser"))
    if phone is None:
        raise Fault(40003)
    kind = call.body.get("msgtype")
    shown = content(call, str(kind))
    call.phone = phone
    call.words = f"发客服消息给{phones.get(call.world, phone)['name']}"
    spend(call.world, call.role, phone)
    chat.put(call.world, phone, "official" if call.role == "official" else "mini", shown.pop("kind"), shown)
    return ok()


def content(call: Call, kind: str) -> dict[str, Any]:
    body = call.body.get(kind)
    if not isinstance(body, dict):
        raise Fault(40035 if kind else 40008, "invalid message type" if not kind else None)
    if kind == "text":
        text = body.get("content")
        if not isinstance(text, str) or not text:
            raise Fault(44004)
        if len(text.encode("utf-8", "replace")) > LONGEST_TEXT:
            raise Fault(45002)
        return {"kind": "text", "text": text}
    if kind in ("image", "voice"):
        media.demand(call.world, body.get("media_id"), kind)
        return {"kind": kind, "media_id": body["media_id"]}
    if kind == "news":
        articles = body.get("articles")
        if not isinstance(articles, list) or not articles:
            raise Fault(44003)
        if len(articles) != 1:
            raise Fault(45008)
        return {"kind": "news", "articles": [news_item(one) for one in articles]}
    if kind == "link":
        return {"kind": "news", "articles": [news_item({**body, "picurl": body.get("thumb_url")})]}
    if kind in ("mpnews", "mpnewsarticle"):
        return {"kind": "article", "media_id": body.get("media_id"), "article_id": body.get("article_id")}
    if kind == "msgmenu":
        entries = body.get("list")
        if not isinstance(entries, list) or not all(
            isinstance(one, dict) and one.get("id") and one.get("content") for one in entries
        ):
            raise Fault(40035)
        return {
            "kind": "choices",
            "head": str(body.get("head_content", "")),
            "list": [{"id": str(one["id"]), "content": str(one["content"])} for one in entries],
            "tail": str(body.get("tail_content", "")),
        }
    if kind == "miniprogrampage":
        if body.get("appid") != call.world.mini.appid or not body.get("pagepath"):
            raise Fault(40013)
        media.demand(call.world, body.get("thumb_media_id"), "image")
        return {
            "kind": "mini",
            "title": str(body.get("title", "")),
            "pagepath": body["pagepath"],
            "media_id": body["thumb_media_id"],
        }
    raise Fault(40035)


def news_item(one: Any) -> dict[str, str]:
    if not isinstance(one, dict) or not one.get("title") or not one.get("url"):
        raise Fault(44003)
    return {
        "title": str(one["title"]),
        "description": str(one.get("description") or ""),
        "url": str(one["url"]),
        "picurl": str(one.get("picurl") or ""),
    }


@call("/cgi-bin/message/custom/typing", needs="kefu", says="显示正在输入")
def typing(call: Call) -> dict[str, Any]:
    if phones.by_openid(call.world, call.role, call.body.get("touser")) is None:
        raise Fault(40003)
    return ok()
