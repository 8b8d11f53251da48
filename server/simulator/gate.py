"""Where the product's calls arrive: token, permission, quota, ordered faults, the deed, the answer and the log."""

import json
import re
import secrets
import socket
import time
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, request

from server.simulator import kinds, quota, token, trouble, wire
from server.simulator.calls import INTERFACES, Call, File, Interface, Upload
from server.simulator.fault import Fault
from server.simulator.world import World

ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u(?=[0-9a-fA-F]{4})")
HANG = 30.0
LARGEST = 12 << 20


def gate() -> Blueprint:
    blueprint = Blueprint("gate", __name__)
    for interface in INTERFACES.values():
        blueprint.add_url_rule(
            interface.path,
            endpoint=interface.path.strip("/").replace("/", "_").replace(".", "_"),
            view_func=lambda interface=interface: serve(interface),
            methods=["GET", "POST"],
        )
    return blueprint


def world() -> World:
    found: World = current_app.extensions["world"]
    return found


def serve(interface: Interface) -> Response:
    here = world()
    began = time.perf_counter()
    ordered = trouble.meet(here, interface.path, "*")
    if ordered and ordered.mode in ("hang", "drop", "garbage", "http500"):
        return misbehave(here, interface, ordered, began)
    call = Call(here, None, request.args.to_dict(), {}, words=interface.says)
    answer: dict[str, Any] | File
    try:
        if ordered and ordered.mode == "error":
            raise Fault(ordered.errcode, ordered.errmsg or None)
        answer = answer_to(interface, call)
    except Fault as fault:
        answer = fault.body()
    ms = (time.perf_counter() - began) * 1000
    record(interface, call, answer, ms, lost=bool(ordered and ordered.mode == "drop_after"))
    if ordered and ordered.mode == "drop_after":
        return cut_off()
    if isinstance(answer, File):
        return Response(
            answer.data,
            mimetype=answer.mime,
            headers={"Content-Disposition": f'attachment; filename="{answer.name}"', "Cache-Control": "no-cache"},
        )
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(body, content_type="text/plain" if interface.plain else "application/json; encoding=utf-8")


def answer_to(interface: Interface, call: Call) -> dict[str, Any] | File:
    if interface.method == "POST" and request.method != "POST":
        raise Fault(43002)
    if interface.method == "GET" and request.method != "GET":
        raise Fault(43001)
    if interface.token:
        call.account = token.owner(call.world, request.args.get("access_token"))
    read_body(interface, call)
    if call.account is not None:
        kinds.demand(call.account.kind, interface.needs)
        quota.charge(call.world, call.account.role, interface.path)
    with call.world.book.page():
        return interface.handler(call)


def read_body(interface: Interface, call: Call) -> None:
    if request.content_length and request.content_length > LARGEST:
        raise Fault(45001)
    if request.mimetype == "multipart/form-data":
        for key, given in request.files.items():
            call.uploads[key] = Upload(given.filename or "", given.mimetype or "", given.read())
        call.body = dict(request.form)
        return
    raw = request.get_data()
    if not raw:
        return
    if interface.literal and ESCAPE.search(raw):
        # WeChat stores these six characters as they stand, and readers see them instead of the character.
        raw = ESCAPE.sub(rb"\1\\\\u", raw)
        call.note = r"请求里有 \uXXXX 转义，微信不会还原，读者会看到乱码。发送时请用 ensure_ascii=False。"
    try:
        call.raw = raw.decode("utf-8")
        parsed = json.loads(call.raw)
    except ValueError as error:
        raise Fault(47001) from error
    if not isinstance(parsed, dict):
        raise Fault(47001)
    call.body = parsed


def misbehave(here: World, interface: Interface, ordered: trouble.Trouble, began: float) -> Response:
    if ordered.mode == "hang":
        time.sleep(ordered.seconds or HANG)
    wire.log(
        here,
        "out",
        f"{interface.says}：{trouble.MODES[ordered.mode]}（故意安排的故障）",
        tag=interface.path.rsplit("/", 1)[-1],
        outcome="没有回话" if ordered.mode in ("hang", "drop") else trouble.MODES[ordered.mode],
        good=False,
        ms=(time.perf_counter() - began) * 1000,
        asked=asked(),
    )
    if ordered.mode == "garbage":
        return Response(b"<html>\xff\xfe{" + secrets.token_bytes(40), content_type="application/json; encoding=utf-8")
    if ordered.mode == "http500":
        return Response("Internal Server Error", status=500, content_type="text/html")
    return cut_off()


def cut_off() -> Response:
    """Hangs up without a word, as a broken line does."""
    line = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    return Response(status=502)


def asked() -> str:
    head = f"{request.method} {request.full_path.rstrip('?')}"
    if request.mimetype == "multipart/form-data":
        names = "、".join(f"{key}（{given.filename}）" for key, given in request.files.items())
        return f"{head}\n\n文件：{names}"
    body = request.get_data(as_text=True)
    return f"{head}\n\n{body}" if body else head


def record(interface: Interface, call: Call, answer: dict[str, Any] | File, ms: float, *, lost: bool) -> None:
    tag = interface.path.rsplit("/", 1)[-1]
    if isinstance(answer, File):
        outcome, good, said = f"{len(answer.data)} 字节", True, f"（{answer.mime}，{len(answer.data)} 字节）"
    else:
        code = answer.get("errcode", 0)
        good = code == 0
        outcome = f"{answer['expires_in']}秒" if good and "expires_in" in answer else f"errcode {code}"
        said = json.dumps(answer, ensure_ascii=False, indent=1)
        if not good:
            call.note = call.note or meaning(code)
    if lost:
        outcome, call.note = "办完后断线", "事情已经办了，产品却没有听到回话（故意安排的故障）。"
    wire.log(
        call.world,
        "out",
        call.words or interface.says,
        tag=tag,
        outcome=outcome,
        good=good and not lost,
        ms=ms,
        phone=call.phone,
        note=call.note,
        asked=asked(),
        answered=said,
    )


MEANING = {
    -1: "微信说它忙，请产品过一会儿再试。",
    40001: "凭证不对或者已经换过。",
    40003: "没有这个人。",
    40037: "没有这个消息模板。",
    40125: "密钥不对。",
    41001: "没有带凭证。",
    42001: "凭证过期了。",
    43004: "这位居民没有关注，微信没有发出。",
    43101: "微信没有发出：这位居民没有订阅，或者次数已经用完。答复仍在「我的意见」里。",
    45009: "今天的次数用完了，明天零点再来。",
    45011: "太快了，下一分钟再来。",
    45015: "微信没有发出：离这位居民上次说话已经超过 48 小时，或者已经不再关注。",
    45028: "群发次数用完了。",
    45047: "微信没有发出：这一轮能回的条数用完了。",
    45065: "这一批已经群发过，微信没有再发。",
    45066: "同一批一分钟内又来，微信没有再发。",
    46003: "现在还没有菜单。",
    47003: "模板里的某一项不合规格。",
    48001: "这种账号没有这个接口的权限。",
    61010: "这位居民两小时内没有打开过小程序。",
}


def meaning(code: int) -> str:
    return MEANING.get(code, "微信没有照办。")
