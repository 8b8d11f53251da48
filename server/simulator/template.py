"""Template messages to followers of a verified service account; whether they arrived is told a moment later."""

from typing import TYPE_CHECKING, Any

from server.simulator import chat, fields, later, phones, push, trouble
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World


@call("/cgi-bin/message/template/send", needs="template", says="发模板消息")
def send(call: Call) -> dict[str, Any]:
    world = call.world
    phone = phones.by_openid(world, "official", call.body.get("touser"))
    if phone is None:
        raise Fault(40003)
    template = world.template(str(call.body.get("template_id", "")))
    if template is None:
        raise Fault(40037)
    name = phones.get(world, phone)["name"]
    call.phone, call.words = phone, f"发模板消息给{name}：{template.name}"
    shown = fields.leniently(template, call.body.get("data"))
    if not phones.follows(world, phone):
        raise Fault(43004)
    if phones.get(world, phone)["blocked"]:
        raise Fault(43019)
    key = call.body.get("client_msg_id")
    if key is not None and (not isinstance(key, str) or not 1 <= len(key) <= 32):
        raise Fault(40035)
    if key:
        # The same client_msg_id within ten minutes is one message; the first answer is given again.
        before = world.book.fact(f"template:{key}")
        if before and world.clock.now() - before["at"] < 600:
            call.note = "client_msg_id 相同，微信没有再发。"
            return ok(msgid=before["msgid"])
    number = 3_000_000_000_000_000_000 + world.book.number("template", 200_163_000)
    if key:
        world.book.note(f"template:{key}", {"msgid": number, "at": world.clock.now()})
    later.put_off(
        world,
        "template",
        {
            "phone": phone,
            "msgid": number,
            "name": template.name,
            "lines": [{"label": field.label, "text": shown[field.key]} for field in template.fields],
            "url": call.body.get("url") or "",
            "pagepath": call.pagepath(),
        },
    )
    return ok(msgid=number)


@later.deed("template")
def deliver(world: "World", sent: dict[str, Any]) -> None:
    """The card appears on the phone and the result goes back to the product, or the bad news that was ordered."""
    phone, status = sent["phone"], "success"
    ordered = trouble.meet(world, "event:TEMPLATESENDJOBFINISH")
    if ordered and ordered.mode == "never":
        return
    if ordered and ordered.status:
        status = ordered.status
    elif not phones.follows(world, phone):
        status = "failed: user block"
    if status == "success":
        card = {key: sent[key] for key in ("name", "lines", "url", "pagepath")}
        chat.put(world, phone, "official", "template", card)
    push.push(
        world,
        world.official,
        {
            "ToUserName": world.official.original_id,
            "FromUserName": phones.openid(world, "official", phone),
            "CreateTime": int(world.clock.now()),
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": sent["msgid"],
            "Status": status,
        },
        words=f"模板消息{'送到了' if status == 'success' else '没有送到'}：{phones.get(world, phone)['name']}",
        tag="TEMPLATESENDJOBFINISH",
        phone=phone,
    )


@call("/cgi-bin/template/get_all_private_template", needs="template", method="GET", says="看有哪些消息模板")
def all_templates(call: Call) -> dict[str, Any]:
    return {
        "template_list": [
            {
                "template_id": template.id,
                "title": template.name,
                "primary_industry": "",
                "deputy_industry": "",
                "content": "".join(f"{field.label}:{{{{{field.key}.DATA}}}}\n" for field in template.fields),
                "example": "",
            }
            for template in call.world.setup.templates
        ]
    }
