"""The pages a person sees: the list of phones, each phone, the articles and the pictures."""

import http.client
import urllib.parse

from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from server.simulator import chat, draft, drawn, hosts, media, oauth, phones, publish, push, qr
from server.simulator.clock import long_date
from server.simulator.fault import Fault
from server.simulator.gate import world

pages = Blueprint("pages", __name__)


@pages.get("/healthz")
def healthz() -> Response:
    return Response("ok", mimetype="text/plain")


@pages.get("/")
def front() -> AnyResponse:
    """A phone at its own host, the list of phones everywhere else."""
    here = world()
    n = hosts.phone_of_host(request.host)
    if n is not None:
        try:
            row = phones.ensure(here, n)
        except phones.NoPhone:
            return redirect(here.setup.public + "/", 302)
        return Response(
            render_template(
                "phone.html",
                n=n,
                name=row["name"],
                product_at=hosts.product_at(here, n),
                product=here.setup.product_public + "/",
                home=here.setup.public,
            )
        )
    people = [
        {
            "n": row["n"],
            "name": row["name"],
            "village": row["village"],
            "face": phones.face(row["name"]),
            "told": phones.told_of(here, row["n"]),
            "page": hosts.own_at(here, row["n"]) + "/",
            "latest": latest(row["n"]),
        }
        for row in phones.everybody(here)
    ]
    return Response(
        render_template(
            "phones.html", phones=people, product=here.setup.product_public + "/", port=hosts.port_of(here.setup.public)
        )
    )


def latest(n: int) -> str:
    """The last thing in the chat, in a few words."""
    found = chat.messages(world(), n)[-1:]
    if not found:
        return ""
    one = found[0]
    named = {"image": "［图片］", "voice": "［语音］"}
    return str(
        named.get(one["kind"])
        or one.get("text")
        or one.get("name")
        or (one.get("articles") or [{"title": ""}])[0]["title"]
    )


@pages.route("/connect/oauth2/authorize", methods=["GET", "POST"])
def authorize() -> AnyResponse:
    return oauth.authorize(world())


@pages.get("/cgi-bin/showqrcode")
def showqrcode() -> Response:
    return qr.show(world(), request.args.get("ticket", ""))


@pages.get("/mmbiz/<media_id>/0")
def picture(media_id: str) -> Response:
    return media.picture(world(), media_id)


@pages.get("/drawn/<which>.png")
def drawing(which: str) -> Response:
    if which not in drawn.PICTURES:
        return Response("没有这张图", status=404, mimetype="text/plain")
    return Response(
        drawn.PICTURES[which][1](), mimetype="image/png", headers={"Cache-Control": "private, max-age=86400"}
    )


@pages.get("/picture")
def fetched() -> Response:
    """A card's picture, fetched by WeChat as the real one does; only from the product and from here."""
    here, url = world(), request.args.get("url", "")
    parts = urllib.parse.urlsplit(url)
    if parts.netloc == urllib.parse.urlsplit(here.setup.public).netloc and parts.path.startswith("/mmbiz/"):
        return media.picture(here, parts.path.split("/")[2])
    if not hosts.is_product(here, url):
        return Response("不是自己的图", status=404, mimetype="text/plain")
    try:
        status, data = push.send(here, parts.path + (f"?{parts.query}" if parts.query else ""), None)
    except (OSError, http.client.HTTPException):
        return Response("取不到", status=502, mimetype="text/plain")
    mime = media.sniff(data) or ("image/svg+xml" if data.lstrip()[:5] in (b"<svg ", b"<?xml") else None)
    if status != 200 or mime is None or not mime.startswith("image/"):
        return Response("不是图片", status=404, mimetype="text/plain")
    return Response(data, mimetype=mime, headers={"Cache-Control": "private, max-age=3600"})


@pages.get("/s/<short>")
def article(short: str) -> tuple[str, int]:
    """A published article, as at mp.weixin.qq.com/s/…"""
    here = world()
    found = publish.by_short(here, short)
    if found is None:
        return render_template("gone.html", words="没有这篇文章"), 404
    piece, gone = found
    if gone:
        return render_template("gone.html", words="该内容已被发布者删除"), 200
    return shown(piece, preview=False), 200


@pages.get("/s")
def preview() -> tuple[str, int]:
    """A draft's preview."""
    here = world()
    try:
        row = draft.find(here, request.args.get("preview"))
        piece = draft.articles(row)[int(request.args.get("idx", 1)) - 1]
    except (Fault, ValueError, IndexError):
        return render_template("gone.html", words="临时链接已失效"), 404
    return shown(piece, preview=True), 200


def shown(piece: dict[str, object], *, preview: bool) -> str:
    here = world()
    source = str(piece["content_source_url"])
    n = hosts.phone_of_host(request.host)
    if source and n is not None:
        source = hosts.for_phone(here, n, source)
    at = piece.get("at")
    return render_template(
        "article.html",
        article=piece,
        account=here.official.name,
        when=long_date(here.clock.local(float(str(at)))) if at else "",
        # Washed when it was saved: no scripts, no styles, no foreign pictures.
        content=Markup(at_phone(str(piece["content"]), n)),  # noqa: S704
        source=source,
        preview=preview,
    )


def at_phone(content: str, n: int | None) -> str:
    """Links to the product and our own pictures are opened at the phone's own host."""
    here = world()
    if n is None:
        return content
    content = content.replace(f'src="{here.setup.public}/', f'src="{hosts.own_at(here, n)}/')
    return content.replace(f'href="{here.setup.product_public}', f'href="{hosts.product_at(here, n)}')
