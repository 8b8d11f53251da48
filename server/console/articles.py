"""Legal-education articles: written by one, reviewed by another, published, corrected in the open, taken down with a reason."""

from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.decisions.decision import office_rules
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed
from models.messages.wx_article import WxKind
from models.messages.wx_article import of as wx_of
from models.outreach.article import (
    Article,
    ArticleStage,
    Broadcast,
    Topic,
    articles,
    by_public_id,
    last_published_at,
    topics,
)
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.outreach import Article as ArticleForm
from server.console.forms.outreach import ArticleDeed
from server.console.forms.trying import trying
from server.console.nav import ARTICLES
from server.console.wx_articles import one as wx_one
from server.house import checks_its_form

DONE = {
    "submit": "已送审。",
    "review": "审核通过，可以发布了。",
    "send_back": "退回作者了。",
    "publish": "发布了。",
    "withdraw": "撤下了，页面上写着原因。",
    "broadcast": "交给微信群发了，结果会自己回来。",
}


@blueprint.get("/desk/articles")
@desk(*ARTICLES.posts)
def article_list() -> str:
    """Drafts and what waits first, then what is out; and how long nothing has come out."""
    rows = articles()
    last = last_published_at()
    most = office_rules().number("article.silence_days")
    silent = (now() - last) > timedelta(days=most.value) if last else True
    return render_template(
        "console/articles.html",
        rows=rows,
        last=last,
        silent=silent,
        most=most,
        Stage=ArticleStage,
        may_write=not g.officer.lacks(office_rules().post_for("article.draft_new")),
    )


@blueprint.get("/desk/articles/new")
@desk(*ARTICLES.posts)
def new_article() -> str:
    """An empty sheet."""
    refusal = g.officer.lacks(office_rules().post_for("article.draft_new"))
    if refusal:
        raise refusal
    return _form(None, ArticleForm())


@blueprint.post("/desk/articles/new")
@desk(*ARTICLES.posts)
@checks_its_form
def write_new() -> str | Response | tuple[str, int]:
    """The first version."""
    form = ArticleForm(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            article = Article.draft_new(g.officer, **_fields(form))
            if request.form.get("deed") == "submit":
                db.session.flush()
                article.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if request.form.get("deed") == "submit" else "存好了。", "ok")
            return redirect(url_for("console.article", public_id=article.public_id), 303)
    return _form(None, form, refusal), 422


@blueprint.get("/desk/articles/<public_id>")
@desk(*ARTICLES.posts)
def article(public_id: str) -> str:
    """The sheet while it is a draft of mine to write; otherwise the article as readers will see it."""
    found = _article(public_id)
    if found.stage == ArticleStage.DRAFTED and not why_not(found, "revise", g.officer):
        return _form(found, _filled(found))
    return _page(found, ArticleDeed())


@blueprint.get("/desk/articles/<public_id>/correct")
@desk(*ARTICLES.posts)
def correct_article(public_id: str) -> str:
    """The sheet once more, with a note that every reader will see."""
    found = _article(public_id)
    refusal = why_not(found, "correct", g.officer)
    if refusal:
        raise refusal
    return _form(found, _filled(found), correcting=True)


@blueprint.post("/desk/articles/<public_id>")
@desk(*ARTICLES.posts)
@checks_its_form
def write_article(public_id: str) -> str | Response | tuple[str, int]:
    """Keep, keep and submit, or correct."""
    found = _article(public_id)
    same_page(found.version)
    form = ArticleForm(request.form)
    deed = request.form.get("deed", "keep")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "correct":
                found.correct(g.officer, form.remark.data or "", **_fields(form))
            else:
                found.revise(g.officer, **_fields(form))
                if deed == "submit":
                    found.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash({"correct": "更正了，读者看得到说明。", "submit": "已送审。"}.get(deed, "存好了。"), "ok")
            return redirect(url_for("console.article", public_id=public_id), 303)
    return _form(found, form, refusal, correcting=deed == "correct"), 422


@blueprint.post("/desk/articles/<public_id>/deed")
@desk(*ARTICLES.posts)
def article_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Review, send back, publish, push, take down."""
    found = _article(public_id)
    same_page(found.version)
    form = ArticleDeed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed in ("send_back", "withdraw"):
                getattr(found, deed)(g.officer, form.reason.data or "")
            elif deed == "broadcast":
                found.broadcast(g.officer, _topic(form.topic.data))
            else:
                getattr(found, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.article", public_id=public_id), 303)
    return _page(found, form, refusal), 422


def _article(public_id: str) -> Article:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这篇文章。")
    return found


def _topic(public_id: str | None) -> Topic | None:
    return db.session.scalar(select(Topic).where(Topic.public_id == public_id)) if public_id else None


def _fields(form: ArticleForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "digest": form.digest.data,
        "body": form.body.data,
        "basis": form.basis.data,
        "basis_on": form.basis_on.data,
        "topic": _topic(form.topic.data),
    }


def _filled(found: Article) -> ArticleForm:
    form = ArticleForm(obj=found)
    form.topic.data = found.topic.public_id if found.topic else ""
    return form


def _form(found: Article | None, form: ArticleForm, refusal: str | None = None, *, correcting: bool = False) -> str:
    form.topic.choices = offered([("", "请选择"), *((t.public_id, t.name) for t in topics())])
    return render_template(
        "console/article_form.html", article=found, form=form, refusal=refusal, correcting=correcting
    )


def _page(found: Article, form: ArticleDeed, refusal: str | None = None) -> str:
    form.topic.choices = offered([("", "全部关注者"), *((t.public_id, t.name) for t in topics())])
    wx = wx_of(WxKind.ARTICLE, found.id)
    return render_template(
        "console/article.html",
        article=found,
        form=form,
        refusal=refusal,
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE or b.verb == "correct"],
        wx=[wx_one(wx)] if wx else [],
        broadcast=db.session.scalar(select(Broadcast).where(Broadcast.article_id == found.id)),
        checks=_checks(found),
    )


def _checks(found: Article) -> list[Check]:
    """What the reviewer looks at."""
    reviewed = found.reviewer
    basis = bool(found.basis and found.basis_on)
    return [
        Check("yes" if found.title and found.body else "stop", "有标题和正文"),
        Check(
            "yes" if basis else "stop",
            "写了依据条文和法律版本的日期" if basis else "还没有写依据条文和法律版本的日期",
            aside="法治宣传教育法第五十四条",
        ),
        Check("yes", f"{reviewed.name}审过，不是作者") if reviewed else Check("open", "等第二个人审"),
    ]
