"""WeChat reads what people write in a mini program: let it pass, have it looked at, or refuse it."""

import secrets
from typing import Any

from server.simulator import phones
from server.simulator.calls import Call, call
from server.simulator.fault import Fault, ok

SEEN_WITHIN = 2 * 3600
LONGEST = 2500

# Invented words for trying the three answers out; WeChat's own list is not public.
RISKY = {"代开发票": 20008, "赌博网站": 20006, "枪支出售": 20006}
DOUBTFUL = {"加我微信": 10001, "兼职刷单": 10001}


@call("/wxa/msg_sec_check", needs="wxa", says="请微信看一段文字")
def msg_sec_check(call: Call) -> dict[str, Any]:
    world = call.world
    if call.body.get("version") != 2:
        raise Fault(40035)
    phone = phones.by_openid(world, "mini", call.body.get("openid"))
    if phone is None:
        raise Fault(40003)
    if call.body.get("scene") not in (1, 2, 3, 4):
        raise Fault(40129)
    content = call.body.get("content")
    if not isinstance(content, str) or not content:
        raise Fault(44004)
    if len(content) > LONGEST:
        raise Fault(45002)
    visited = phones.get(world, phone)["visited_at"]
    if visited is None or visited + SEEN_WITHIN <= world.clock.now():
        raise Fault(61010)
    suggest, label, hit = verdict(content)
    call.phone = phone
    detail: list[dict[str, Any]] = [
        {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
    ]
    if hit:
        detail.append(
            {"strategy": "keyword", "errcode": 0, "suggest": suggest, "label": label, "level": 90, "keyword": hit}
        )
    return ok(
        result={"suggest": suggest, "label": label},
        detail=detail,
        trace_id="-".join(secrets.token_hex(4) for _ in range(3)),
    )


def verdict(content: str) -> tuple[str, int, str]:
    for word, label in RISKY.items():
        if word in content:
            return "risky", label, word
    for word, label in DOUBTFUL.items():
        if word in content:
            return "review", label, word
    return "pass", 100, ""
