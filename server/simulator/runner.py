"""The mini program's requests: they leave through WeChat's own client, so they go to the product from here."""

import http.client
import json
import time
import urllib.parse
from typing import TYPE_CHECKING, Any

from server.simulator import phones, wire

if TYPE_CHECKING:
    from server.simulator.world import World

ALLOWED = "/api/v1/"
CARRIED = ("Authorization", "Idempotency-Key")
PATIENCE = 20.0


class NotAllowed(Exception):
    """A place or a method that this mini program has no permission for."""


def request(world: "World", n: int, method: str, path: str, headers: dict[str, str], body: Any) -> dict[str, Any]:
    """wx.request: only to the product's API, as the domain list of a real mini program would have it."""
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE") or not path.startswith(ALLOWED) or ".." in path:
        raise NotAllowed("小程序只能访问登记过的地址。")
    began = time.perf_counter()
    sent = json.dumps(body, ensure_ascii=False) if body is not None and method != "GET" else ""
    carried = {key: headers[key] for key in CARRIED if headers.get(key)}
    try:
        status, data = speak(world, method, path, carried, sent)
    except (OSError, http.client.HTTPException) as error:
        status, data = 0, f"连不上（{type(error).__name__}）".encode()
    ms = (time.perf_counter() - began) * 1000
    said = data.decode("utf-8", "replace")
    lines = "".join(f"\n{key}: {value}" for key, value in carried.items())
    wire.log(
        world,
        "in",
        f"{phones.get(world, n)['name']}的小程序：{words(method, path)}",
        tag="wx.request",
        outcome=f"{status}，{ms:.0f}毫秒" if status else "没有连上",
        good=200 <= status < 400,
        ms=ms,
        phone=n,
        asked=f"{method} {path}{lines}" + (f"\n\n{sent}" if sent else ""),
        answered=said,
    )
    try:
        parsed = json.loads(said) if said else None
    except ValueError:
        parsed = {"message": "回话不是 JSON。"}
    return {"status": status, "body": parsed}


def speak(world: "World", method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, bytes]:
    at = urllib.parse.urlsplit(world.setup.product)
    line = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port or 80, timeout=PATIENCE)
    try:
        whole = {
            "Host": urllib.parse.urlsplit(world.setup.product_public).netloc,
            "Accept": "application/json",
            **headers,
        }
        if body:
            whole["Content-Type"] = "application/json"
        whole["Referer"] = f"https://servicewechat.com/{world.mini.appid}/0/page-frame.html"
        line.request(method, path, body=body.encode() if body else None, headers=whole)
        got = line.getresponse()
        return got.status, got.read(4 << 20)
    finally:
        line.close()


NAMES = (
    ("/api/v1/session", "登录"),
    ("/api/v1/consultations/", "看一件征求意见"),
    ("/api/v1/consultations", "看征求意见"),
    ("/api/v1/comments/mine", "看我的意见"),
    ("/api/v1/comments/", "看一份意见"),
    ("/api/v1/subscriptions", "问能订阅什么"),
    ("/api/v1/me/consent", "同意隐私说明"),
    ("/api/v1/me/privacy", "看隐私说明"),
    ("/api/v1/me", "看我的资料"),
)


def words(method: str, path: str) -> str:
    if method == "POST" and path.startswith("/api/v1/comments"):
        return (
            "撤回意见" if path.endswith("/withdrawal") else "补充意见" if path.endswith("/supplements") else "提交意见"
        )
    if method == "POST" and path == "/api/v1/subscriptions":
        return "说了要不要通知"
    return next((said for start, said in NAMES if path.startswith(start)), path)


def road(world: "World") -> list[dict[str, Any]]:
    """How far each consultation has come, as anybody may read it at the product."""
    try:
        status, data = speak(world, "GET", "/api/v1/consultations?limit=6", {}, "")
        items = json.loads(data)["items"] if status == 200 else []
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return []
    wanted = ("id", "title", "state", "opens_on", "closes_on", "answer_due_on", "released_at")
    return [{key: item.get(key) for key in wanted} for item in items if isinstance(item, dict)]
