"""The official account's articles: what the API did, and what a person still has to do by hand."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, RuleUnmet
from models.messages.wx_article import WxArticle, WxKind, WxStage, by_public_id, of, unfinished
from models.people.officer import Post
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.nav import CONSULTATIONS

TAGS = {
    WxStage.TO_PUSH: "",
    WxStage.DRAFTED: "now",
    WxStage.BY_HAND: "look",
    WxStage.SUBMITTED: "now",
    WxStage.PUBLISHED: "ok",
    WxStage.FAILED: "bad",
}
SHORT = {
    WxStage.TO_PUSH: "等着推送",
    WxStage.DRAFTED: "草稿已推送",
    WxStage.BY_HAND: "等手工发布",
    WxStage.SUBMITTED: "微信正在发",
    WxStage.PUBLISHED: "已发布",
    WxStage.FAILED: "没有成功",
}


@dataclass(frozen=True)
class Shown:
    """One article of the account as the desk shows it."""

    article: WxArticle
    kind: str
    title: str
    state: str
    css: str
    checks: list[Check]
    deeds: list[tuple[str, str]] = field(default_factory=list)


@blueprint.get("/desk/wx-articles")
@desk(Post.HANDLER, Post.OFFICE, Post.PUBLICIST, Post.INSPECTOR)
def wx_articles() -> str:
    """What is not out yet at WeChat's."""
    return render_template("console/wx_articles.html", rows=[one(row) for row in unfinished()])


@blueprint.post("/desk/wx-articles/<public_id>")
@desk(*CONSULTATIONS.posts)
def wx_deed(public_id: str) -> Response:
    """Tick off what was published by hand, or push it once more."""
    article = by_public_id(public_id)
    if article is None:
        raise Missing("没有找到这篇图文。")
    if request.form.get("deed") == "push_again":
        article.push_again(g.officer)
        flash("会再推送一次，几分钟后回来看。", "ok")
    else:
        article.published_by_hand(g.officer, _link(request.form.get("url", "")))
        flash("记下了：已在公众号后台手工发布。", "ok")
    return redirect(url_for("console.wx_articles"), 303)


def _link(written: str) -> str:
    """The article's address at WeChat's, or nothing."""
    address = written.strip()
    if not address:
        return ""
    parts = urlsplit(address) if len(address) <= 500 and address.isascii() else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise RuleUnmet("链接不对，请从公众号文章右上角「复制链接」，再贴过来；也可以不填。")
    return address


def shown(matter: Consultation) -> list[Shown]:
    """The articles about one consultation."""
    found = (of(kind, matter.id) for kind in (WxKind.OPENING, WxKind.RELEASE))
    return [one(article) for article in found if article is not None]


def one(article: WxArticle) -> Shown:
    """One article with what is left to do."""
    deeds = [(b.verb, b.label) for b in buttons(article, g.officer) if not b.held]
    return Shown(
        article, article.kind.label, article.title, SHORT[article.stage], TAGS[article.stage], _checks(article), deeds
    )


def _checks(article: WxArticle) -> list[Check]:
    pushed = article.media_id is not None or article.stage == WxStage.PUBLISHED
    first = Check("yes" if pushed else "open", "草稿推到公众号的草稿箱" + ("" if pushed else "（系统会自己推）"))
    if article.stage == WxStage.PUBLISHED:
        return [first, Check("yes", "已经发布", article.url or "", "看文章" if article.url else "")]
    if article.stage == WxStage.SUBMITTED:
        return [first, Check("open", "微信正在发布，结果会自己回来")]
    if article.stage == WxStage.FAILED:
        return [
            Check("no", article.trouble or "推送没有成功"),
            Check("open", "按上面说的处理好，再推送一次；或者到 mp.weixin.qq.com 手工发一篇，链接到征求意见页"),
        ]
    if article.stage == WxStage.BY_HAND:
        return [
            first,
            Check("no", article.trouble or "这个账号不能用接口发布"),
            Check("open", "登录 mp.weixin.qq.com，打开「草稿箱」，找到这一篇"),
            Check("open", "看一遍标题、封面和「阅读原文」的链接，点「发表」"),
            Check("open", "把文章链接贴到这里，记一笔（可以不填）"),
        ]
    return [first, Check("open", "等系统发布")]
