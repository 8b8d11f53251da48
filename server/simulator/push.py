"""WeChat tells the product something: sealed, signed, cut off after five seconds, three tries in all."""

import hmac
import http.client
import json
import re
import secrets
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.simulator import crypt, envelope, trouble, wire
from server.simulator.settings import Account

if TYPE_CHECKING:
    from server.simulator.world import World


@dataclass
class Told:
    """What became of a push."""

    tries: int = 0
    status: int | None = None
    reply: dict[str, Any] | None = None
    problem: str = ""
    raw: str = ""
    statuses: list[int | None] = field(default_factory=list)

    @property
    def heard(self) -> bool:
        return self.status == 200 and not self.problem


@dataclass(frozen=True)
class Sealed:
    path: str
    body: bytes
    type: str
    nonce: str


def message_id(world: "World") -> int:
    return 24_000_000_000_000_000 + world.book.number("MsgId", secrets.randbelow(10**9)) * 97


def seal(world: "World", account: Account, fields: Mapping[str, Any]) -> Sealed:
    timestamp, nonce = str(int(world.clock.wall())), str(secrets.randbelow(10**9) + 10**8)
    as_json = account.role == "mini" and world.book.fact("mini_format", world.setup.mini_format) == "json"
    plain = json.dumps(as_pushed_json(fields), ensure_ascii=False) if as_json else envelope.write(fields)
    closed = crypt.seal(account.aes_key, account.appid, plain)
    query = urllib.parse.urlencode(
        {
            "signature": crypt.sign(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": fields["FromUserName"],
            "encrypt_type": "aes",
            "msg_signature": crypt.sign(account.token, timestamp, nonce, closed),
        }
    )
    outside = {"ToUserName": account.original_id, "Encrypt": closed}
    body = json.dumps(outside) if as_json else envelope.write(outside)
    kind = "application/json" if as_json else "text/xml"
    return Sealed(f"{account.push_path}?{query}", body.encode(), kind, nonce)


def as_pushed_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """In JSON the list of a subscription event stands at the top, not inside a wrapper."""
    flat: dict[str, Any] = {}
    for key, value in fields.items():
        if key.startswith("SubscribeMsg") and isinstance(value, dict):
            flat["List"] = value["List"]
        else:
            flat[key] = value
    return flat


def send(world: "World", path: str, body: bytes | None, kind: str = "text/xml") -> tuple[int, bytes]:
    """One request to the product, over a line of its own."""
    at = urllib.parse.urlsplit(world.setup.product)
    host = urllib.parse.urlsplit(world.setup.product_public).netloc
    began = time.monotonic()
    line = http.client.HTTPConnection(at.hostname or "127.0.0.1", at.port or 80, timeout=world.setup.cut)
    try:
        headers = {
            "Host": host,
            "User-Agent": "Mozilla/4.0",
            "Accept": "*/*",
            "Pragma": "no-cache",
            "Connection": "close",
        }
        if body is not None:
            headers["Content-Type"] = kind
        line.request("POST" if body is not None else "GET", path, body=body, headers=headers)
        answer = line.getresponse()
        data = answer.read(1 << 20)
        if time.monotonic() - began > world.setup.cut:
            raise TimeoutError("超过五秒")
        return answer.status, data
    finally:
        line.close()


def push(
    world: "World", account: Account, fields: Mapping[str, Any], *, words: str, tag: str, phone: int | None = None
) -> Told:
    """Tells the product; a broken or late answer is a reason to tell it again, with the same MsgId."""
    told = Told()
    sealed = seal(world, account, fields)
    plain = envelope.write(fields)
    ordered = trouble.meet(world, f"push:{account.role}", "push")
    for attempt in range(1, world.setup.tries + 1):
        if attempt == 3:
            # The second try repeats the very same envelope, the third one is sealed anew: both happen.
            sealed = seal(world, account, fields)
        began = time.perf_counter()
        told.tries, told.problem, told.status, data = attempt, "", None, b""
        try:
            told.status, data = send(world, sealed.path, sealed.body, sealed.type)
            if told.status != 200:
                told.problem = f"状态 {told.status}"
        except TimeoutError:
            told.problem = "五秒没有回话"
        except (OSError, http.client.HTTPException) as error:
            told.problem = f"连不上（{type(error).__name__}）"
        ms = (time.perf_counter() - began) * 1000
        told.statuses.append(told.status)
        lost = bool(ordered and ordered.mode == "lost" and attempt == 1 and not told.problem)
        if lost:
            told.problem = "回话在路上丢了"
        repeated = attempt > 1
        wire.log(
            world,
            "in",
            f"同一条又推来一次：{words}" if repeated else words,
            tag="MsgId 相同" if repeated else tag,
            outcome=told.problem or f"{told.status}，{ms:.0f}毫秒",
            good=not told.problem,
            ms=ms,
            phone=phone,
            note=retry_note(told.problem, attempt, world.setup.tries),
            asked=f"POST {sealed.path}\n\n{pretty(plain)}",
            answered="（密文，解开后见下一行）"
            if told.status == 200 and len(data) > 20
            else data.decode("utf-8", "replace"),
        )
        if not told.problem:
            break
        time.sleep(0.05 * attempt)
    if not told.problem:
        read_reply(world, account, sealed, data, told)
        if told.reply is not None or told.problem:
            tell_reply(world, account, told, phone)
    return told


def retry_note(problem: str, attempt: int, tries: int) -> str:
    if not problem:
        return ""
    return "微信会把同一条再推一次。" if attempt < tries else "微信推了三次都没有听到回话，不再推了。"


def read_reply(world: "World", account: Account, sealed: Sealed, data: bytes, told: Told) -> None:
    """Opens the answer: nothing, "success", or an encrypted message; anything else is a failure the resident sees."""
    if data.strip() in (b"", b"success"):
        return
    try:
        outside = envelope.read(data)
        closed, signature = outside["Encrypt"], outside["MsgSignature"]
        stamp, nonce = str(outside["TimeStamp"]), str(outside["Nonce"])
        if not hmac.compare_digest(crypt.sign(account.token, stamp, nonce, closed), signature):
            told.problem = "回话的签名不对"
            return
        told.raw = crypt.unseal(account.aes_key, account.appid, closed)
        told.reply = envelope.read(told.raw)
    except (envelope.NotXml, KeyError, TypeError):
        told.problem = "回话不是加密的 XML"
        told.raw = told.raw or data.decode("utf-8", "replace")
    except crypt.Broken as error:
        told.problem = f"回话解不开：{error}"


def tell_reply(world: "World", account: Account, told: Told, phone: int | None) -> None:
    kind = str((told.reply or {}).get("MsgType", ""))
    who = world.book.one("select name from phone where n = ?", phone) or ""
    wire.log(
        world,
        "out",
        f"回给{who}：{say_reply(told.reply)}" if told.reply else f"回给{who}的话看不懂",
        tag=kind,
        outcome="微信收下" if not told.problem else told.problem,
        good=not told.problem,
        phone=phone,
        note="第一次的回话丢了，这是同一条消息再推时的回话。" if told.tries > 1 and not told.problem else "",
        answered=pretty(told.raw),
    )


def say_reply(reply: dict[str, Any]) -> str:
    kind = reply.get("MsgType")
    if kind == "text":
        return wire.brief(re.sub(r"<[^>]+>", "", str(reply.get("Content", ""))), 11)
    return {"news": "一篇图文", "image": "一张图片", "voice": "一段语音"}.get(str(kind), str(kind))


def pretty(plain: str) -> str:
    """One element a line, for reading."""
    return re.sub(r"(?<=>)(?=<(?!/)(?!!\[CDATA))|(?=</xml>)", "\n", plain)


def verify_url(world: "World", account: Account) -> dict[str, Any]:
    """What the platform does when a developer enters the server's address: a signed question whose echo must come back."""
    timestamp, nonce, echo = str(int(world.clock.wall())), str(secrets.randbelow(10**9)), str(secrets.randbelow(10**18))
    query = urllib.parse.urlencode(
        {
            "signature": crypt.sign(account.token, timestamp, nonce),
            "echostr": echo,
            "timestamp": timestamp,
            "nonce": nonce,
        }
    )
    began = time.perf_counter()
    try:
        status, data = send(world, f"{account.push_path}?{query}", None)
        good = status == 200 and data.decode("utf-8", "replace") == echo
        problem = "" if good else f"状态 {status}，回声不对"
    except (OSError, http.client.HTTPException) as error:
        status, good, problem = 0, False, f"连不上（{type(error).__name__}）"
    wire.log(
        world,
        "in",
        f"验证{world.account(account.role).name}的服务器地址",
        tag="echostr",
        outcome="通过" if good else problem,
        good=good,
        ms=(time.perf_counter() - began) * 1000,
        asked=f"GET {account.push_path}?{query}",
    )
    return {"ok": good, "status": status, "problem": problem}
