"""Messages a person has agreed to: one yes is one message, with no time limit; a lasting yes exists for public bodies."""

from typing import TYPE_CHECKING, Any

from server.simulator import chat, fields, later, phones, push, trouble
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok
from server.simulator.settings import Account, Template

if TYPE_CHECKING:
    from server.simulator.world import World


def standing(world: "World", role: str, phone: int) -> list[dict[str, Any]]:
    return [
        {"template": row["template"], "left": row["left_over"], "standing": row["standing"]}
        for row in world.book.rows(
            "select * from subscription where role = ? and phone = ? order by template", role, phone
        )
    ]


def agreed(world: "World", role: str, phone: int, template: str, answer: str, *, lasting: bool = False) -> None:
    """One yes more, or a no."""
    with world.book.page() as db:
        db.execute(
            "insert or ignore into subscription(role, phone, template) values (?, ?, ?)", (role, phone, template)
        )
        if answer == "accept":
            db.execute(
                "update subscription set left_over = left_over + 1, standing = ? where role = ? and phone = ? and template = ?",
                ("always" if lasting else "ask", role, phone, template),
            )


def switched_off(world: "World", role: str, phone: int, template: str) -> None:
    """Somebody went to the settings and turned this notice off: nothing of it is left."""
    with world.book.page() as db:
        db.execute(
            "insert or ignore into subscription(role, phone, template) values (?, ?, ?)", (role, phone, template)
        )
        db.execute(
            "update subscription set left_over = 0, standing = 'off' where role = ? and phone = ? and template = ?",
            (role, phone, template),
        )


def spend(world: "World", role: str, phone: int, template: str) -> None:
    row = world.book.row(
        "select * from subscription where role = ? and phone = ? and template = ?", role, phone, template
    )
    if row is None or row["standing"] == "off" or (row["standing"] != "always" and row["left_over"] <= 0):
        raise Fault(43101)
    if row["standing"] != "always":
        world.book.write(
            "update subscription set left_over = left_over - 1 where role = ? and phone = ? and template = ?",
            role,
            phone,
            template,
        )


def prepared(call: Call, role: str) -> tuple[int, Template, dict[str, str]]:
    world = call.world
    phone = phones.by_openid(world, role, call.body.get("touser"))
    if phone is None:
        raise Fault(40003)
    template = world.template(str(call.body.get("template_id", "")))
    if template is None:
        raise Fault(40037)
    call.phone, call.words = phone, f"发订阅消息给{phones.get(world, phone)['name']}：{template.name}"
    page = call.body.get("page")
    if page is not None and (not isinstance(page, str) or len(page) > 1024):
        raise Fault(41030)
    shown = fields.strictly(template, call.body.get("data"))
    spend(world, role, phone, template.id)
    return phone, template, shown


def put_off(
    world: "World", role: str, phone: int, template: Template, shown: dict[str, str], *, url: str, pagepath: str
) -> int:
    number = 1_864_000_000_000_000_000 + world.book.number("subscribe", 323_726)
    later.put_off(
        world,
        "subscribe",
        {
            "role": role,
            "phone": phone,
            "msgid": str(number),
            "template": template.id,
            "name": template.name,
            "lines": [{"label": field.label, "text": shown[field.key]} for field in template.fields],
            "url": url,
            "pagepath": pagepath,
        },
    )
    return number


@call("/cgi-bin/message/subscribe/bizsend", needs="bizsend", says="发订阅通知")
def bizsend(call: Call) -> dict[str, Any]:
    phone, template, shown = prepared(call, "official")
    number = put_off(
        call.world, "official", phone, template, shown, url=call.body.get("page") or "", pagepath=call.pagepath()
    )
    return ok(msgid=number)


@call("/cgi-bin/message/subscribe/send", needs="wxa", says="发小程序订阅消息")
def send(call: Call) -> dict[str, Any]:
    if call.body.get("miniprogram_state", "formal") not in ("developer", "trial", "formal"):
        raise Fault(40035)
    phone, template, shown = prepared(call, "mini")
    number = put_off(call.world, "mini", phone, template, shown, url="", pagepath=call.body.get("page") or "")
    return ok(msgid=number)


@later.deed("subscribe")
def deliver(world: "World", sent: dict[str, Any]) -> None:
    phone, role = sent["phone"], sent["role"]
    ordered = trouble.meet(world, "event:subscribe_msg_sent_event")
    if ordered and ordered.mode == "never":
        return
    bad = bool(ordered and ordered.mode == "status")
    if not bad:
        card = {key: sent[key] for key in ("name", "lines", "url", "pagepath")} | {"from": world.account(role).name}
        chat.put(world, phone, "official" if role == "official" else "service", "template", card)
    result = {
        "TemplateId": sent["template"],
        "MsgID": sent["msgid"],
        "ErrorCode": (ordered.errcode if ordered and ordered.errcode > 0 else 20001) if bad else 0,
        "ErrorStatus": (ordered.status if ordered and ordered.status else "failed: system failed")
        if bad
        else "success",
    }
    tell(
        world,
        world.account(role),
        phone,
        "subscribe_msg_sent_event",
        {"SubscribeMsgSentEvent": {"List": [result]}},
        f"订阅消息{'没有送到' if bad else '送到了'}：{phones.get(world, phone)['name']}",
    )


def answer_prompt(
    world: "World", role: str, phone: int, answers: dict[str, str], *, scene: str = "0", lasting: bool = False
) -> push.Told:
    """The half sheet was answered: counters move and the product hears of it."""
    for template, answer in answers.items():
        agreed(world, role, phone, template, answer, lasting=lasting)
    entries = [
        {"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": scene}
        for template, answer in answers.items()
    ]
    yes = sum(answer == "accept" for answer in answers.values())
    words = f"{phones.get(world, phone)['name']}：{'允许通知一次' if yes else '不要通知'}"
    return tell(
        world,
        world.account(role),
        phone,
        "subscribe_msg_popup_event",
        {"SubscribeMsgPopupEvent": {"List": entries}},
        words,
    )


def answer_settings(world: "World", role: str, phone: int, template: str) -> push.Told:
    switched_off(world, role, phone, template)
    entry = {"TemplateId": template, "SubscribeStatusString": "reject"}
    words = f"{phones.get(world, phone)['name']}在设置里关掉了通知"
    return tell(
        world,
        world.account(role),
        phone,
        "subscribe_msg_change_event",
        {"SubscribeMsgChangeEvent": {"List": [entry]}},
        words,
    )


def tell(world: "World", account: Account, phone: int, event: str, more: dict[str, Any], words: str) -> push.Told:
    return push.push(
        world,
        account,
        {
            "ToUserName": account.original_id,
            "FromUserName": phones.openid(world, account.role, phone),
            "CreateTime": int(world.clock.now()),
            "MsgType": "event",
            "Event": event,
            **more,
        },
        words=words,
        tag=event,
        phone=phone,
    )
