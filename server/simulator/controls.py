"""The strings that programs and the phone pages pull: /sim/…, in JSON, only on this machine."""

import base64
import binascii
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from server.simulator import chat, deeds, kinds, later, menu, phones, push, qr, quota, runner, settings, trouble, wire
from server.simulator import draft as drafts
from server.simulator import publish as publishing
from server.simulator.clock import BEIJING
from server.simulator.fault import Fault
from server.simulator.gate import world
from server.simulator.look import look, person
from server.simulator.travel import travel

controls = Blueprint("controls", __name__, url_prefix="/sim")


def said() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def answer(**more: Any) -> Response:
    return jsonify({"ok": True, **more})


def refuse(words: str, status: int = 400) -> tuple[Response, int]:
    return jsonify({"ok": False, "message": words}), status


@controls.before_request
def known_phone() -> None:
    """NoPhone for a number that nobody holds, before anything is done with it."""
    n = (request.view_args or {}).get("n")
    if n is not None:
        phones.get(world(), n)


@controls.errorhandler(deeds.Cannot)
def cannot(problem: deeds.Cannot) -> tuple[Response, int]:
    return refuse(str(problem), 409)


@controls.errorhandler(phones.NoPhone)
def no_phone(_: phones.NoPhone) -> tuple[Response, int]:
    return refuse("没有这部手机。", 404)


@controls.errorhandler(runner.NotAllowed)
def not_allowed(problem: runner.NotAllowed) -> tuple[Response, int]:
    return refuse(str(problem), 403)


@controls.errorhandler(ValueError)
@controls.errorhandler(TypeError)
def wrong(problem: Exception) -> tuple[Response, int]:
    return refuse(str(problem))


@controls.errorhandler(Fault)
def refused(problem: Fault) -> tuple[Response, int]:
    return refuse(f"微信不答应：{problem.code} {problem.words}", 409)


# The world


@controls.get("/state")
def state() -> Response:
    here = world()
    return answer(
        now=here.clock.now(),
        wall=here.clock.wall(),
        offset=here.clock.offset,
        kind=here.official.kind,
        kind_label=kinds.LABEL[here.official.kind],
        official={"appid": here.official.appid, "name": here.official.name, "original_id": here.official.original_id},
        mini={"appid": here.mini.appid, "name": here.mini.name, "original_id": here.mini.original_id},
        templates=[{"id": one.id, "name": one.name, "fields": list(one.keys)} for one in here.setup.templates],
        phones=[person(here, row["n"]) for row in phones.everybody(here)],
        menu=menu.current(here),
        qr=qr.all_of_them(here),
        troubles=trouble.waiting(here),
        later=here.book.one("select count(*) from later"),
        wire=wire.total(here),
    )


@controls.post("/clock")
def clock() -> tuple[Response, int] | Response:
    body = said()
    seconds = float(body.get("seconds", 0)) + 86_400 * float(body.get("days", 0))
    if body.get("until"):
        # Nine in the morning in Beijing of that day.
        wanted = datetime.fromisoformat(str(body["until"])[:10]).replace(hour=9, tzinfo=BEIJING)
        seconds = wanted.timestamp() - world().clock.now()
    if not 0 <= seconds <= 86_400 * 3660:
        return refuse("时间只能往前，一次最多十年。")
    moved = travel(world(), seconds, alone=body.get("alone") is True)
    if moved.problem:
        return refuse(moved.problem, 502)
    return answer(now=world().clock.now(), offset=world().clock.offset, product=moved.product)


@controls.post("/kind")
def kind() -> tuple[Response, int] | Response:
    chosen = said().get("kind")
    if chosen not in settings.KINDS:
        return refuse(f"没有这种账号，只有 {'、'.join(settings.KINDS)}")
    world().book.note("kind", chosen)
    wire.log(world(), "own", f"账号换成{kinds.LABEL[chosen]}", tag="kind", outcome="换好了")
    return answer(kind=chosen)


@controls.post("/format")
def mini_format() -> tuple[Response, int] | Response:
    chosen = said().get("format")
    if chosen not in ("xml", "json"):
        return refuse("小程序的推送只有 xml 和 json 两种。")
    world().book.note("mini_format", chosen)
    return answer(format=chosen)


@controls.get("/errors")
def errors_waiting() -> Response:
    return answer(errors=trouble.waiting(world()))


@controls.post("/errors")
def errors() -> Response:
    body = said()
    if body.get("clear") is True:
        trouble.forget(world())
        return answer(errors=[])
    trouble.order(
        world(),
        str(body["path"]) if body.get("path") else "*",
        str(body.get("mode", "error")),
        errcode=int(body.get("errcode", -1)),
        errmsg=str(body.get("errmsg", "")),
        status=str(body.get("status", "")),
        seconds=float(body.get("seconds", 0)),
        times=int(body.get("times", 1)),
    )
    return answer(errors=trouble.waiting(world()))


@controls.get("/quotas")
def quotas() -> Response:
    here = world()
    rows = here.book.rows("select * from spent order by role, path, period")
    return answer(
        used=[dict(row) for row in rows],
        daily={path: quota.limit(here, path) for path in sorted({*quota.DAILY, *here.book.fact("quotas", {})})},
    )


@controls.post("/quotas")
def narrow() -> Response:
    """A smaller day's limit for a path, so that a test need not call ten thousand times."""
    body = said()
    narrowed = world().book.fact("quotas", {})
    narrowed[str(body.get("path", ""))] = int(body.get("limit", 0))
    world().book.note("quotas", narrowed)
    return answer(quotas=narrowed)


@controls.get("/wire")
def log() -> Response:
    given = {key: int(request.args[key]) for key in ("after", "before") if key in request.args}
    limit = min(500, int(request.args.get("limit", 40)))
    return answer(entries=wire.entries(world(), limit=limit, **given), total=wire.total(world()))


@controls.post("/verify")
def verify() -> Response:
    role = str(said().get("role", "official"))
    return jsonify(push.verify_url(world(), world().account(role)))


@controls.post("/later")
def hurry() -> Response:
    """Brings all delayed news at once."""
    return answer(done=later.run_due(world(), all_of_them=True))


@controls.post("/reset")
def reset() -> Response:
    world().reset()
    return answer()


@controls.post("/expire")
def expire() -> Response:
    """All tokens die at once, as after a leak; family "plain" or "stable", or both."""
    family = said().get("family")
    done = world().book.write(
        "update token set expires = ? where ? is null or family = ?", world().clock.wall() - 1, family, family
    )
    return answer(expired=done.rowcount)


# The operator's own page at mp.weixin.qq.com: what is done by hand


@controls.get("/drafts")
def draft_box() -> Response:
    here = world()
    rows = here.book.rows("select * from draft order by updated desc")
    articles = here.book.rows("select * from article order by at desc limit 30")
    return answer(
        drafts=[
            {"media_id": row["media_id"], "articles": brief(drafts.shown(here, row)), "updated": row["updated"]}
            for row in rows
        ],
        articles=[
            {
                "article_id": row["article_id"],
                "articles": brief(publishing.shown(here, row)),
                "at": row["at"],
                "by_hand": bool(row["by_hand"]),
            }
            for row in articles
        ],
    )


def brief(articles: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {"title": one["title"], "digest": one["digest"], "url": one["url"], "source": one["content_source_url"]}
        for one in articles
    ]


@controls.post("/drafts/<media_id>/publish")
def publish_by_hand(media_id: str) -> Response:
    article_id = publishing.bring_out(world(), media_id, by_hand=True)
    wire.log(world(), "own", "在公众平台上手工发布了一篇文章", tag="手工", outcome="发布好了")
    return answer(article_id=article_id, url=publishing.address(world(), article_id, 1))


@controls.post("/menu")
def menu_by_hand() -> Response:
    """The menu as an operator sets it by hand, where the account may not through the interface."""
    menu.put(world(), menu.check(said().get("button")))
    return answer(menu=menu.current(world()))


# The phones


@controls.post("/phones")
def make_phone() -> Response:
    body = said()
    known = phones.everybody(world())
    n = int(body.get("n") or (known[-1]["n"] + 1 if known else 1))
    row = phones.make(
        world(),
        n,
        body.get("name"),
        body.get("village"),
        reset=body.get("reset") is True,
        snapshot=body.get("snapshot"),
    )
    return answer(phone=person(world(), row["n"]))


@controls.get("/road")
def road() -> Response:
    return answer(consultations=runner.road(world()))


@controls.get("/phones/<int:n>/look")
def everything(n: int) -> Response:
    """What the phone's page shows, or 204 when it has seen it all."""
    shown = look(world(), n, request.args.get("v", ""))
    return answer(**shown) if shown is not None else Response(status=204)


@controls.post("/phones/<int:n>/request")
def wx_request(n: int) -> Response:
    """The mini program's wx.request."""
    body = said()
    given = body.get("headers")
    headers = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    done = runner.request(
        world(), n, str(body.get("method", "GET")), str(body.get("path", "")), headers, body.get("body")
    )
    return answer(**done)


@controls.get("/phones/<int:n>")
def phone(n: int) -> Response:
    return answer(phone=person(world(), n))


@controls.get("/phones/<int:n>/chat")
def conversation(n: int) -> Response:
    room = request.args.get("room")
    return answer(messages=chat.messages(world(), n, room, int(request.args.get("after", 0))))


def act(n: int, deed: Callable[[], deeds.Done]) -> Response:
    """Does it and tells what came of it; with "wait": false it is done behind the answer's back."""
    here = world()
    before = int(here.book.one("select max(id) from message where phone = ?", n) or 0)
    if said().get("wait") is False:
        threading.Thread(target=quietly, args=(deed,), daemon=True).start()
        return answer(waiting=True)
    done = deed()
    told = done.told
    return answer(
        heard=told.heard if told else None,
        tries=told.tries if told else 0,
        status=told.status if told else None,
        problem=told.problem if told else "",
        reply=told.reply if told else None,
        reply_xml=told.raw if told else "",
        url=done.url,
        note=done.note,
        media_id=done.media_id,
        messages=chat.messages(here, n, after=before),
    )


def quietly(deed: Callable[[], deeds.Done]) -> None:
    try:
        deed()
    except deeds.Cannot:
        return


@controls.post("/phones/<int:n>/follow")
def follow(n: int) -> Response:
    here = world()
    return act(n, lambda: deeds.follow(here, n))


@controls.post("/phones/<int:n>/unfollow")
def unfollow(n: int) -> Response:
    here = world()
    return act(n, lambda: deeds.unfollow(here, n))


@controls.post("/phones/<int:n>/say")
def say(n: int) -> Response:
    here, body = world(), said()
    text = str(body.get("text", ""))
    if body.get("raw") is True:
        return act(n, lambda: deeds.raw_text(here, n, text))
    return act(n, lambda: deeds.say(here, n, text, choice=str(body.get("choice", ""))))


@controls.post("/phones/<int:n>/menu")
def press(n: int) -> Response:
    here, body = world(), said()
    path = body.get("path")
    return act(
        n,
        lambda: deeds.press(
            here,
            n,
            key=str(body.get("key", "")),
            title=str(body.get("name", "")),
            path=path if isinstance(path, list) else None,
        ),
    )


def file_given(body: dict[str, Any]) -> bytes | None:
    if not body.get("data"):
        return None
    try:
        return base64.b64decode(str(body["data"]), validate=True)
    except binascii.Error as error:
        raise ValueError("文件应当是 base64") from error


@controls.post("/phones/<int:n>/picture")
def picture(n: int) -> Response:
    here, body = world(), said()
    data = file_given(body)
    return act(n, lambda: deeds.picture(here, n, data, which=str(body.get("which", "road"))))


@controls.post("/phones/<int:n>/voice")
def voice(n: int) -> Response:
    here, body = world(), said()
    data = file_given(body)
    return act(n, lambda: deeds.voice(here, n, int(body.get("seconds", 3)), data))


@controls.post("/phones/<int:n>/location")
def location(n: int) -> Response:
    here, body = world(), said()
    return act(
        n,
        lambda: deeds.location(
            here, n, float(body.get("x", 30.5)), float(body.get("y", 114.3)), str(body.get("label", "这里"))
        ),
    )


@controls.post("/phones/<int:n>/scan")
def scan(n: int) -> Response:
    here, body = world(), said()
    return act(
        n,
        lambda: deeds.scan(
            here,
            n,
            ticket=str(body.get("ticket", "")),
            scene=str(body.get("scene", "")),
            then_follow=body.get("follow") is True,
        ),
    )


@controls.post("/phones/<int:n>/subscribe")
def agree(n: int) -> Response:
    here, body = world(), said()
    role = "official" if body.get("account") == "official" else "mini"
    if body.get("off"):
        return act(n, lambda: deeds.switch_off(here, n, role, str(body["off"])))
    given = body.get("answers")
    answers = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    if body.get("template_id"):
        answers[str(body["template_id"])] = str(body.get("answer", "accept"))
    if not answers:
        raise ValueError("要说明是哪个消息模板")
    lasting = body.get("lasting") is True
    return act(n, lambda: deeds.agree(here, n, role, answers, scene=str(body.get("scene", "0")), lasting=lasting))


@controls.post("/phones/<int:n>/open")
def open_link(n: int) -> Response:
    here, body = world(), said()
    url = str(body.get("url", ""))
    if body.get("message"):
        shown = chat.message(here, n, int(body["message"]))
        if shown is None:
            raise ValueError("没有这条消息")
        url = shown.get("url") or next((one["url"] for one in shown.get("articles", [])), "")
    if not url.startswith(("http://", "https://")):
        raise ValueError("没有可以打开的链接")
    return act(n, lambda: deeds.open_link(here, n, url))


@controls.post("/phones/<int:n>/revoke")
def revoke(n: int) -> Response:
    here, info = world(), str(said().get("info", "1"))
    return act(n, lambda: deeds.revoke(here, n, info))


@controls.post("/phones/<int:n>/push")
def arbitrary(n: int) -> tuple[Response, int] | Response:
    here, body = world(), said()
    fields = body.get("fields")
    if not isinstance(fields, dict):
        return refuse("要给出 fields")
    return act(n, lambda: deeds.arbitrary(here, n, "mini" if body.get("account") == "mini" else "official", fields))


@controls.post("/phones/<int:n>/seen")
def seen(n: int) -> Response:
    room = str(said().get("room", "official"))
    chat.look(world(), n, room)
    return answer()


@controls.post("/phones/<int:n>/login")
def login(n: int) -> Response:
    return answer(code=deeds.login_code(world(), n))


@controls.post("/phones/<int:n>/number")
def number(n: int) -> Response:
    return answer(code=deeds.number_code(world(), n))
