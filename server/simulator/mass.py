"""Sending to everybody or to a tag: few times, slowly, and the true result only comes by event."""

import json
from typing import TYPE_CHECKING, Any

from server.simulator import chat, draft, kinds, later, media, phones, publish, push, quota, trouble, wire
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

A_MONTH_EACH = 4  # a verified service account, to each person
A_DAY = 1  # a subscription account, in all
AGAIN_AFTER = 60


def content(call: Call) -> dict[str, Any]:
    kind = call.body.get("msgtype")
    body = call.body.get(str(kind))
    if not isinstance(body, dict):
        raise Fault(40008, "invalid message type")
    if kind == "mpnews":
        row = draft.find(call.world, body.get("media_id"))
        return {"kind": "mpnews", "media_id": row["media_id"], "title": draft.articles(row)[0]["title"]}
    if kind == "text":
        if not body.get("content"):
            raise Fault(44004)
        return {"kind": "text", "text": str(body["content"]), "title": str(body["content"])}
    if kind in ("image", "images"):
        media_id = body.get("media_id") or (body.get("media_ids") or [None])[0]
        media.demand(call.world, media_id, "image")
        return {"kind": "image", "media_id": media_id, "title": "一张图片"}
    raise Fault(40008, "invalid message type")


def refuse_repeats(call: Call) -> str | None:
    key = call.body.get("clientmsgid")
    if key is None:
        return None
    if not isinstance(key, str) or not 1 <= len(key.encode()) <= 64:
        raise Fault(40035)
    before = call.world.book.row("select * from mass where clientmsgid = ?", key)
    if before is not None:
        if call.world.clock.now() - before["at"] < AGAIN_AFTER:
            raise Fault(45066)
        raise Fault(45065, msg_id=before["id"], msgid=before["id"])
    return key


def submit(call: Call, people: list[int]) -> dict[str, Any]:
    world = call.world
    key = refuse_repeats(call)
    body = content(call)
    if not kinds.sends_monthly(call.caller.kind):
        today = world.book.one(
            "select count(*) from mass where kind = 'day' and status != 'fail' and at >= ?", midnight(world)
        )
        if today >= A_DAY:
            raise Fault(45028)
    number = 1_000_000_000 + world.book.number("mass", 0)
    world.book.write(
        "insert into mass(id, clientmsgid, kind, body, phones, at, status) values (?, ?, ?, ?, ?, ?, 'sending')",
        number,
        key,
        "month" if kinds.sends_monthly(call.caller.kind) else "day",
        json.dumps(body, ensure_ascii=False),
        json.dumps(people),
        world.clock.now(),
    )
    call.words = f"群发给{len(people)}人：{wire.brief(body['title'], 12)}"
    later.put_off(world, "mass", {"id": number})
    return {
        "errcode": 0,
        "errmsg": "send job submission success",
        "msg_id": number,
        "msg_data_id": 2_206_000_000 + number % 10**6,
    }


def midnight(world: "World") -> float:
    return world.clock.local().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


@call("/cgi-bin/message/mass/sendall", needs="mass", says="群发", literal=True)
def sendall(call: Call) -> dict[str, Any]:
    chosen = call.body.get("filter")
    if not isinstance(chosen, dict):
        raise Fault(40035)
    if chosen.get("is_to_all") is True:
        return submit(call, phones.followers(call.world))
    tag = chosen.get("tag_id")
    if not isinstance(tag, int) or call.world.book.one("select 1 from tag where id = ?", tag) is None:
        raise Fault(45159)
    return submit(call, phones.followers(call.world, tag))


@call("/cgi-bin/message/mass/send", needs="mass", says="群发给几个人", literal=True)
def send(call: Call) -> dict[str, Any]:
    given = call.body.get("touser")
    if not isinstance(given, list) or not 2 <= len(given) <= 10_000:
        raise Fault(40130)
    found = [phones.by_openid(call.world, "official", one) for one in given]
    if None in found:
        raise Fault(40003)
    return submit(call, [phone for phone in found if phone is not None])


@call("/cgi-bin/message/mass/preview", needs="mass", says="群发前给人看样子", literal=True)
def preview(call: Call) -> dict[str, Any]:
    named = call.body.get("towxname")
    if named is not None:  # a WeChat name goes before an openid
        phone = phones.by_wx_name(call.world, named)
        if phone is None:
            raise Fault(40132)
    else:
        phone = phones.by_openid(call.world, "official", call.body.get("touser"))
        if phone is None:
            raise Fault(40003)
    if not phones.follows(call.world, phone):
        raise Fault(43004)
    body = content(call)
    put(call.world, phone, body, None, preview=True)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": 34_182}


@call("/cgi-bin/message/mass/get", needs="mass", says="问群发好了没有")
def get(call: Call) -> dict[str, Any]:
    row = call.world.book.row("select * from mass where id = ?", as_number(call.body.get("msg_id")))
    if row is None:
        raise Fault(40059)
    status = {"sending": "SENDING", "sent": "SEND_SUCCESS", "fail": "SEND_FAIL", "deleted": "DELETE"}[row["status"]]
    return {"msg_id": row["id"], "msg_status": status}


@call("/cgi-bin/message/mass/delete", needs="mass", says="撤回群发")
def delete(call: Call) -> dict[str, Any]:
    done = call.world.book.write("update mass set status = 'deleted' where id = ?", as_number(call.body.get("msg_id")))
    if not done.rowcount:
        raise Fault(40059)
    return ok()


@call("/cgi-bin/message/mass/speed/get", needs="mass", says="看群发速度")
def speed(_: Call) -> dict[str, Any]:
    return {"speed": 3, "realspeed": 15}


def as_number(value: Any) -> int:
    return int(value) if str(value).isdigit() else 0


@later.deed("mass")
def deliver(world: "World", job: dict[str, Any]) -> None:
    """The articles reach the phones; who already had four this month gets none, and the product is told the counts."""
    row = world.book.row("select * from mass where id = ?", job["id"])
    if row is None or row["status"] != "sending":
        return
    ordered = trouble.meet(world, "event:MASSSENDJOBFINISH")
    bad = bool(ordered and ordered.status)
    body, people = json.loads(row["body"]), json.loads(row["phones"])
    reached, urls = [], []
    if not bad:
        article_id = None
        if body["kind"] == "mpnews":
            try:
                article_id = publish.bring_out(world, body["media_id"])
            except Fault:
                bad = True
            else:
                items = json.loads(publish.find(world, article_id)["articles"])
                urls = [publish.address(world, article_id, index) for index in range(1, len(items) + 1)]
        for phone in [] if bad else people:
            if not phones.follows(world, phone):
                continue
            if (
                row["kind"] == "month"
                and quota.spend(world, f"mass:{phone}", "month", world.clock.month()) > A_MONTH_EACH
            ):
                continue
            put(world, phone, body, article_id)
            reached.append(phone)
    status = (ordered.status if ordered and ordered.status else "send fail") if bad else "send success"
    total = len(people)
    result = {
        "TotalCount": total,
        "FilterCount": 0 if bad else total,
        "SentCount": len(reached),
        "ErrorCount": 0 if bad else total - len(reached),
    }
    world.book.write(
        "update mass set status = ?, result = ? where id = ?", "fail" if bad else "sent", json.dumps(result), row["id"]
    )
    if ordered and ordered.mode == "never":
        return
    push.push(
        world,
        world.official,
        {
            "ToUserName": world.official.original_id,
            "FromUserName": publish.ADMIN,
            "CreateTime": int(world.clock.now()),
            "MsgType": "event",
            "Event": "MASSSENDJOBFINISH",
            "MsgID": row["id"],
            "Status": status,
            **result,
            "CopyrightCheckResult": {"Count": 0, "ResultList": "", "CheckState": 0},
            "ArticleUrlResult": {
                "Count": len(urls),
                "ResultList": {"item": [{"ArticleIdx": index, "ArticleUrl": url} for index, url in enumerate(urls, 1)]}
                if urls
                else "",
            },
        },
        words=f"群发好了：{result['SentCount']}人收到" if not bad else f"群发没有成：{status}",
        tag="MASSSENDJOBFINISH",
    )


def put(world: "World", phone: int, body: dict[str, Any], article_id: str | None, *, preview: bool = False) -> None:
    if body["kind"] == "text":
        chat.put(world, phone, "official", "text", {"text": body["text"]})
    elif body["kind"] == "image":
        chat.put(world, phone, "official", "image", {"media_id": body["media_id"]})
    else:
        if article_id is not None:
            items = json.loads(publish.find(world, article_id)["articles"])
            urls = [publish.address(world, article_id, index) for index in range(1, len(items) + 1)]
        else:
            shown = draft.shown(world, draft.find(world, body["media_id"]))
            items, urls = shown, [one["url"] for one in shown]
        chat.put(
            world,
            phone,
            "official",
            "news",
            {
                "mass": True,
                "preview": preview,
                "articles": [
                    {
                        "title": item["title"],
                        "description": item["digest"],
                        "url": url,
                        "picurl": f"{world.setup.public}/mmbiz/{item['thumb_media_id']}/0",
                    }
                    for item, url in zip(items, urls, strict=True)
                ],
            },
        )
