"""Signing in from the mini program, and the phone number somebody has agreed to give."""

import base64
import secrets
from typing import Any

from server.simulator import oauth, phones
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok


@call("/sns/jscode2session", method="GET", token=False, plain=True, says="用小程序登录码换是谁")
def jscode2session(call: Call) -> dict[str, Any]:
    world = call.world
    if not call.args.get("appid"):
        raise Fault(41002)
    if call.args["appid"] != world.mini.appid:
        raise Fault(40013)
    if not secrets.compare_digest(call.args.get("secret", "").encode(), world.mini.secret.encode()):
        raise Fault(40125)
    if call.args.get("grant_type") != "authorization_code":
        raise Fault(40002)
    phone, _ = oauth.spend_code(world, "mini", call.args.get("js_code"))
    call.phone, call.words = phone, f"用小程序登录码换是谁：{phones.get(world, phone)['name']}"
    key = world.book.fact(f"session_key:{phone}") or base64.b64encode(secrets.token_bytes(16)).decode()
    world.book.note(f"session_key:{phone}", key)
    answer = {"session_key": key, "openid": phones.openid(world, "mini", phone)}
    if world.setup.open_platform:
        answer["unionid"] = phones.unionid(world, phone)
    return answer


@call("/wxa/business/getuserphonenumber", needs="wxa", says="取居民同意给的电话")
def phone_number(call: Call) -> dict[str, Any]:
    phone, _ = oauth.spend_code(call.world, "phone", call.body.get("code"))
    number = phones.get(call.world, phone)["number"]
    return ok(
        phone_info={
            "phoneNumber": number,
            "purePhoneNumber": number,
            "countryCode": "86",
            "watermark": {"timestamp": int(call.world.clock.now()), "appid": call.world.mini.appid},
        }
    )
