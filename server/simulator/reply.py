"""What the phone shows when the product has answered: its words, its cards, or WeChat's apology."""

import re
from typing import TYPE_CHECKING, Any

from server.simulator import chat, envelope, media, push
from server.simulator.settings import Account

if TYPE_CHECKING:
    from server.simulator.world import World

APOLOGY = "该公众号暂时无法提供服务，请稍后再试"
LONGEST_TEXT = 2048  # bytes, as for customer messages
# Somebody who spoke sees one article, somebody who pressed the menu or followed up to eight; the others are cut off.
SPOKEN = {"text", "image", "voice", "video", "shortvideo", "location", "link"}


def show(world: "World", account: Account, phone: int, told: push.Told, openid: str, trigger: str) -> None:
    room = "official" if account.role == "official" else "mini"
    if told.problem:
        chat.put(world, phone, room, "notice", {"text": APOLOGY})
        return
    if told.reply is None:
        return
    problem, kind, body = understood(world, account, told.reply, openid, trigger)
    if problem:
        told.problem = problem
        chat.put(world, phone, room, "notice", {"text": APOLOGY})
    elif kind:
        chat.put(world, phone, room, kind, body)


def understood(
    world: "World", account: Account, reply: dict[str, Any], openid: str, trigger: str
) -> tuple[str, str, dict[str, Any]]:
    """A problem, or the kind and the content of what is shown."""
    if reply.get("ToUserName") != openid:
        return "回话不是给这位居民的", "", {}
    if reply.get("FromUserName") != account.original_id:
        return "回话不是从这个公众号来的", "", {}
    if not re.fullmatch(r"\d{1,12}", str(reply.get("CreateTime", ""))):
        return "回话没有时间", "", {}
    kind = reply.get("MsgType")
    if kind == "text":
        content = reply.get("Content")
        if not isinstance(content, str) or not content:
            return "回话是空的", "", {}
        if len(content.encode("utf-8", "replace")) > LONGEST_TEXT:
            return "回话太长，微信不显示", "", {}
        return "", "text", {"text": content}
    if kind in ("image", "voice"):
        part = reply.get(str(kind).capitalize())
        media_id = part.get("MediaId") if isinstance(part, dict) else None
        if media.find(world, media_id) is None:
            return "没有这个素材", "", {}
        return "", str(kind), {"media_id": media_id}
    if kind == "news":
        part = reply.get("Articles")
        items = [
            item
            for item in envelope.many(part.get("item") if isinstance(part, dict) else None)
            if isinstance(item, dict)
        ]
        if not items:
            return "图文是空的", "", {}
        items = items[: 1 if trigger in SPOKEN else 8]
        return "", "news", {"articles": [article(item) for item in items]}
    if kind == "transfer_customer_service":
        return "", "", {}
    if kind in ("video", "music"):
        part = reply.get(str(kind).capitalize())
        return (
            "",
            "text",
            {
                "text": f"［{'视频' if kind == 'video' else '音乐'}］{part.get('Title', '') if isinstance(part, dict) else ''}"
            },
        )
    return "微信不认识这种回话", "", {}


def article(item: dict[str, Any]) -> dict[str, str]:
    return {
        "title": str(item.get("Title", "")),
        "description": str(item.get("Description", "")),
        "url": str(item.get("Url", "")),
        "picurl": str(item.get("PicUrl", "")),
    }
