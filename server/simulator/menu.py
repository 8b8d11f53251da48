"""The account's menu: one to three buttons with up to five below each; WeChat refuses what does not fit."""

import json
from typing import TYPE_CHECKING, Any

from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

if TYPE_CHECKING:
    from server.simulator.world import World

CLICKS = {
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}
MEDIA = {"media_id", "view_limited", "article_id", "article_view_limited"}


def width(text: str) -> int:
    """As WeChat counts names: a Chinese character is two."""
    return sum(1 if ord(letter) < 128 else 2 for letter in text)


def check(buttons: Any) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise Fault(40016)
    return [check_button(button, top=True) for button in buttons]


def check_button(button: Any, *, top: bool) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise Fault(40016)
    name = button.get("name")
    # Names may be sent up to 16 (60 below) bytes wide; the phone shows 4 (8) Chinese characters and then dots.
    if not isinstance(name, str) or not name.strip() or width(name) > (16 if top else 60):
        raise Fault(40018 if top else 40025)
    below = button.get("sub_button") or []
    if below:
        if not top or not isinstance(below, list) or len(below) > 5:
            raise Fault(40023)
        return {"name": name, "sub_button": [check_button(one, top=False) for one in below]}
    kind = button.get("type")
    kept: dict[str, Any] = {"type": kind, "name": name}
    if kind in CLICKS:
        key = button.get("key")
        if not isinstance(key, str) or not key or len(key.encode()) > 128:
            raise Fault(40019)
        kept["key"] = key
    elif kind in ("view", "miniprogram"):
        url = button.get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url.encode()) > 1024:
            raise Fault(40020 if top else 40027)
        kept["url"] = url
        if kind == "miniprogram":
            if not button.get("appid") or not button.get("pagepath"):
                raise Fault(40035)
            kept |= {"appid": button["appid"], "pagepath": button["pagepath"]}
    elif kind in MEDIA:
        if not button.get("media_id") and not button.get("article_id"):
            raise Fault(40007)
        kept |= {key: button[key] for key in ("media_id", "article_id") if key in button}
    else:
        raise Fault(40017)
    return kept | {"sub_button": []}


def current(world: "World", role: str = "official") -> list[dict[str, Any]]:
    found = world.book.one("select body from menu where role = ?", role)
    return json.loads(found) if found else []


def put(world: "World", buttons: list[dict[str, Any]], role: str = "official") -> None:
    world.book.write(
        "insert or replace into menu(role, body, at) values (?, ?, ?)",
        role,
        json.dumps(buttons, ensure_ascii=False),
        world.clock.now(),
    )


@call("/cgi-bin/menu/create", needs="menu", says="换上新的菜单", literal=True)
def create(call: Call) -> dict[str, Any]:
    buttons = check(call.body.get("button"))
    put(call.world, buttons)
    call.words = "换上新的菜单：" + "、".join(button["name"] for button in buttons)
    return ok()


@call("/cgi-bin/menu/get", needs="menu", method="GET", says="看现在的菜单")
def get(call: Call) -> dict[str, Any]:
    buttons = current(call.world)
    if not buttons:
        raise Fault(46003)
    return {"menu": {"button": buttons, "menuid": 208396938}}


@call("/cgi-bin/get_current_selfmenu_info", needs="menu", method="GET", says="看现在的菜单")
def selfmenu(call: Call) -> dict[str, Any]:
    buttons = current(call.world)
    return {"is_menu_open": int(bool(buttons)), "selfmenu_info": {"button": [as_shown(button) for button in buttons]}}


def as_shown(button: dict[str, Any]) -> dict[str, Any]:
    """This interface wraps the buttons below in a list of their own."""
    if button.get("sub_button"):
        return {"name": button["name"], "sub_button": {"list": button["sub_button"]}}
    return {key: value for key, value in button.items() if key != "sub_button"}


@call("/cgi-bin/menu/delete", needs="menu", method="GET", says="撤掉菜单")
def delete(call: Call) -> dict[str, Any]:
    call.world.book.write("delete from menu where role = 'official'")
    return ok()
