"""What the owner of a phone can do: follow, speak, press the menu, send a picture, scan, agree, leave."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.simulator import (
    chat,
    drawn,
    envelope,
    hosts,
    kefu,
    media,
    menu,
    oauth,
    phones,
    push,
    qr,
    reply,
    subscribe,
    wire,
)
from server.simulator.settings import Account

if TYPE_CHECKING:
    from server.simulator.world import World


class Cannot(Exception):
    """Something a phone does not let its owner do, in words."""


@dataclass
class Done:
    """What came of a deed: how the product took it and what the phone shows now."""

    told: push.Told | None = None
    url: str = ""
    note: str = ""
    media_id: str = ""


def name(world: "World", n: int) -> str:
    return str(phones.get(world, n)["name"])


def event(world: "World", account: Account, n: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "ToUserName": account.original_id,
        "FromUserName": phones.openid(world, account.role, n),
        "CreateTime": int(world.clock.now()),
        "MsgType": "event",
        "Event": kind,
        **more,
    }


def spoken(world: "World", account: Account, n: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "ToUserName": account.original_id,
        "FromUserName": phones.openid(world, account.role, n),
        "CreateTime": int(world.clock.now()),
        "MsgType": kind,
        **more,
        "MsgId": push.message_id(world),
    }


def tell(
    world: "World", account: Account, n: int, fields: dict[str, Any], *, words: str, tag: str, answered: bool = True
) -> Done:
    told = push.push(world, account, fields, words=words, tag=tag, phone=n)
    if answered:
        reply.show(world, account, n, told, str(fields["FromUserName"]), str(fields["MsgType"]))
    return Done(told)


def need_following(world: "World", n: int) -> None:
    if not phones.follows(world, n):
        raise Cannot("还没有关注这个公众号，先关注才能说话。")


def follow(world: "World", n: int) -> Done:
    row = phones.get(world, n)
    if row["followed_at"] is not None:
        return Done(note="已经关注了")
    scene, ticket = row["pending_scene"], row["pending_ticket"]
    world.book.write(
        "update phone set followed_at = ?, unfollowed_at = null, scene = ?, pending_scene = null, pending_ticket = null where n = ?",
        world.clock.now(),
        scene,
        n,
    )
    kefu.opened(world, "official", n, "follow")
    if scene:
        kefu.opened(world, "official", n, "scan")
    more = {"EventKey": f"qrscene_{scene}", "Ticket": ticket} if scene else {"EventKey": ""}
    return tell(
        world,
        world.official,
        n,
        event(world, world.official, n, "subscribe", **more),
        words=f"{name(world, n)}关注了",
        tag="subscribe",
    )


def unfollow(world: "World", n: int) -> Done:
    need_following(world, n)
    with world.book.page() as db:
        db.execute(
            "update phone set followed_at = null, unfollowed_at = ?, scene = null where n = ?", (world.clock.now(), n)
        )
        db.execute("delete from talk_window where role = 'official' and phone = ?", (n,))
        db.execute("delete from tagged where phone = ?", (n,))
    fields = event(world, world.official, n, "unsubscribe", EventKey="")
    return tell(
        world, world.official, n, fields, words=f"{name(world, n)}取消了关注", tag="unsubscribe", answered=False
    )


def say(world: "World", n: int, text: str, *, choice: str = "") -> Done:
    """A text in the chat; `choice` is set when an entry of a message menu was pressed."""
    need_following(world, n)
    if not text.strip():
        raise Cannot("空白的话微信不让发。")
    chat.put(world, n, "official", "text", {"text": text}, mine=True)
    kefu.opened(world, "official", n, "message")
    fields = spoken(world, world.official, n, "text", Content=text)
    if choice:
        fields["bizmsgmenuid"] = choice
    return tell(world, world.official, n, fields, words=f"{name(world, n)}说：{wire.brief(text)}", tag="text")


def raw_text(world: "World", n: int, text: str) -> Done:
    """A text that no phone would send (empty, control characters): for trying the product's manners."""
    need_following(world, n)
    chat.put(world, n, "official", "text", {"text": text}, mine=True)
    kefu.opened(world, "official", n, "message")
    fields = spoken(world, world.official, n, "text", Content=text)
    return tell(world, world.official, n, fields, words=f"{name(world, n)}说：{wire.brief(text)}", tag="text")


def picture(world: "World", n: int, data: bytes | None = None, *, which: str = "road") -> Done:
    need_following(world, n)
    drawing = drawn.PICTURES.get(which, drawn.PICTURES["road"])[1]
    data = data if data is not None else drawing()
    mime = media.sniff(data)
    if mime is None or not mime.startswith("image/") or len(data) > media.LARGEST["image"]:
        raise Cannot("这个文件不是图片，或者太大。")
    media_id = media.keep(world, "image", data, mime)
    chat.put(world, n, "official", "image", {"media_id": media_id}, mine=True)
    kefu.opened(world, "official", n, "message")
    fields = spoken(
        world, world.official, n, "image", PicUrl=f"{world.setup.public}/mmbiz/{media_id}/0", MediaId=media_id
    )
    done = tell(world, world.official, n, fields, words=f"{name(world, n)}发来一张图片", tag="image")
    done.media_id = media_id
    return done


def voice(world: "World", n: int, seconds: int = 3, data: bytes | None = None) -> Done:
    need_following(world, n)
    data = data if data is not None else drawn.recording(seconds)
    mime = media.sniff(data)
    if mime is None or not mime.startswith("audio/") or len(data) > media.LARGEST["voice"]:
        raise Cannot("这个文件不是语音，或者太大。")
    media_id = media.keep(world, "voice", data, mime)
    chat.put(world, n, "official", "voice", {"media_id": media_id, "seconds": seconds}, mine=True)
    kefu.opened(world, "official", n, "message")
    fields = spoken(
        world, world.official, n, "voice", MediaId=media_id, Format="amr", MediaId16K=media_id, Recognition=""
    )
    done = tell(world, world.official, n, fields, words=f"{name(world, n)}发来一段语音", tag="voice")
    done.media_id = media_id
    return done


def location(world: "World", n: int, latitude: float, longitude: float, label: str) -> Done:
    need_following(world, n)
    chat.put(world, n, "official", "text", {"text": f"［位置］{label}"}, mine=True)
    kefu.opened(world, "official", n, "message")
    fields = spoken(
        world, world.official, n, "location", Location_X=latitude, Location_Y=longitude, Scale=15, Label=label
    )
    return tell(world, world.official, n, fields, words=f"{name(world, n)}发来位置：{label}", tag="location")


def find_button(world: "World", *, key: str = "", title: str = "", path: list[int] | None = None) -> dict[str, Any]:
    buttons = menu.current(world)
    flat = [one for top in buttons for one in ([top] if not top.get("sub_button") else top["sub_button"])]
    if path:
        try:
            found = buttons[path[0]]
            return found["sub_button"][path[1]] if len(path) > 1 else found
        except (IndexError, KeyError) as error:
            raise Cannot("菜单里没有这一项。") from error
    for one in flat:
        if (key and one.get("key") == key) or (title and one["name"] == title):
            return one
    raise Cannot("菜单里没有这一项。")


def press(world: "World", n: int, *, key: str = "", title: str = "", path: list[int] | None = None) -> Done:
    """A button of the account's menu."""
    need_following(world, n)
    button = find_button(world, key=key, title=title, path=path)
    if button.get("sub_button"):
        return Done(note="这一项下面还有几项")
    account, who = world.official, name(world, n)
    if button["type"] == "click":
        kefu.opened(world, "official", n, "menu")
        fields = event(world, account, n, "CLICK", EventKey=button["key"])
        return tell(world, account, n, fields, words=f"{who}点菜单：{button['name']}", tag="CLICK")
    if button["type"] == "view":
        fields = event(world, account, n, "VIEW", EventKey=button["url"], MenuId=208396938)
        done = tell(world, account, n, fields, words=f"{who}点菜单：{button['name']}", tag="VIEW", answered=False)
        done.url = hosts.for_phone(world, n, button["url"])
        return done
    if button["type"] == "miniprogram":
        fields = event(world, account, n, "view_miniprogram", EventKey=button["pagepath"], MenuId=208396938)
        done = tell(world, account, n, fields, words=f"{who}从菜单打开小程序", tag="view_miniprogram", answered=False)
        done.url = f"mini:{button['pagepath']}"
        return done
    raise Cannot("这种菜单模拟器不会按。")


def scan(world: "World", n: int, *, ticket: str = "", scene: str = "", then_follow: bool = False) -> Done:
    """Scanning one of the account's codes; whoever does not follow yet is shown the account first."""
    row = (
        qr.find(world, ticket)
        if ticket
        else next((one for one in qr.all_of_them(world) if one["scene"] == scene), None)
    )
    if row is None:
        raise Cannot("二维码不存在或已过期。")
    if not phones.follows(world, n):
        world.book.write(
            "update phone set pending_scene = ?, pending_ticket = ? where n = ?", row["scene"], row["ticket"], n
        )
        return follow(world, n) if then_follow else Done(note="要先关注")
    kefu.opened(world, "official", n, "scan")
    fields = event(world, world.official, n, "SCAN", EventKey=row["scene"], Ticket=row["ticket"])
    return tell(world, world.official, n, fields, words=f"{name(world, n)}扫了二维码：{row['scene']}", tag="SCAN")


def open_link(world: "World", n: int, url: str) -> Done:
    """A link or a card: the phone opens it at its own host."""
    where = hosts.for_phone(world, n, url)
    wire.log(world, "own", f"{name(world, n)}点开链接", tag="view", outcome="打开网页", phone=n, asked=where)
    return Done(url=where)


def agree(
    world: "World", n: int, role: str, answers: dict[str, str], *, scene: str = "0", lasting: bool = False
) -> Done:
    for template, answer in answers.items():
        if world.template(template) is None:
            raise Cannot(f"没有这个消息模板：{template}")
        if answer not in ("accept", "reject"):
            raise Cannot("只能允许（accept）或拒绝（reject）。")
    if lasting and world.official.kind != "government":
        raise Cannot("只有政务账号的通知可以长期订阅。")
    return Done(subscribe.answer_prompt(world, role, n, answers, scene=scene, lasting=lasting))


def switch_off(world: "World", n: int, role: str, template: str) -> Done:
    if world.template(template) is None:
        raise Cannot(f"没有这个消息模板：{template}")
    return Done(subscribe.answer_settings(world, role, n, template))


def enter_mini(world: "World", n: int) -> Done:
    """Opening the mini program: WeChat remembers the visit for two hours."""
    world.book.write("update phone set visited_at = ? where n = ?", world.clock.now(), n)
    return Done()


def login_code(world: "World", n: int) -> str:
    """wx.login: a code that the product's server may exchange once."""
    enter_mini(world, n)
    return oauth.new_code(world, "mini", n)


def number_code(world: "World", n: int) -> str:
    """The person lets the mini program have the phone number."""
    return oauth.new_code(world, "phone", n)


def revoke(world: "World", n: int, info: str = "1") -> Done:
    """The person takes back what the mini program was allowed; the product must delete what it knows."""
    fields = event(
        world,
        world.mini,
        n,
        "user_authorization_revoke",
        OpenID=phones.openid(world, "mini", n),
        AppID=world.mini.appid,
        RevokeInfo=info,
    )
    world.book.write("delete from subscription where role = 'mini' and phone = ?", n)
    return tell(
        world,
        world.mini,
        n,
        fields,
        words=f"{name(world, n)}收回了对小程序的授权",
        tag="user_authorization_revoke",
        answered=False,
    )


def arbitrary(world: "World", n: int, role: str, fields: dict[str, Any]) -> Done:
    """Any message at all, for trying what the product does with news it does not know."""
    account = world.account(role)
    base: dict[str, Any] = {
        "ToUserName": account.original_id,
        "FromUserName": phones.openid(world, role, n),
        "CreateTime": int(world.clock.now()),
    }
    whole = base | fields
    envelope.write(whole)
    tag = str(fields.get("Event") or fields.get("MsgType") or "")
    return tell(world, account, n, whole, words=f"{name(world, n)}的手机发来别的消息", tag=tag)
