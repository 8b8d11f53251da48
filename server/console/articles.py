"""Legal-education articles: written by one, reviewed by another, published, corrected in the open, taken down with a reason."""

from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, open_consultations
from models.decisions.consultation import by_public_id as consultation_of
from models.decisions.decision import office_rules
from models.decisions.draft import Clause
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
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
from models.outreach.beside import put_beside, stands_beside, take_away
from models.outreach.campaign import of_article
from models.outreach.picture import add_picture, picture_of, pictures_of
from models.people.officer import Post
from models.questions.repeated import topics_asked_for
from models.texts.article_text import blocks, hints
from server.console.case_expert import uploaded
from server.console.checks import Check
from server.console.door import blueprint, desk, may, must
from server.console.drafts import same_page
from server.console.forms.fields import apart, offered
from server.console.forms.outreach import Article as ArticleForm
from server.console.forms.outreach import ArticleDeed, NewPicture, PutBeside
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
    warn = office_rules().number("article.warn_days")
    silent = (now() - last) > timedelta(days=min(most.value, warn.value)) if last else True
    return render_template(
        "console/articles.html",
        rows=rows,
        last=last,
        silent=silent,
        most=most,
        quiet_days=(now() - last).days if last else 0,
        asked_for=topics_asked_for(),
        Stage=ArticleStage,
        may_write=may("article.draft_new"),
    )


@blueprint.get("/desk/articles/new")
@desk(*ARTICLES.posts)
def new_article() -> str:
    """An empty sheet."""
    must("article.draft_new")
    form = ArticleForm()
    form.topic.data = request.args.get("topic", "")
    return _form(None, form)


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


@blueprint.post("/desk/articles/<public_id>/pictures")
@desk(*ARTICLES.posts)
@checks_its_form
def add_article_picture(public_id: str) -> str | Response | tuple[str, int]:
    """A picture comes in; the text says where it stands."""
    found, form = _article(public_id), NewPicture(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = add_picture(found, g.officer, uploaded("picture"), form.caption.data or "")
        refusal = went.refusal
        if went.done:
            flash(f"放好了。在正文里单独写一行【图{made.number}】，图就出现在那里。", "ok")
            return redirect(url_for("console.article", public_id=public_id), 303)
    return _form(found, _filled(found), picture=form, picture_refusal=refusal), 422


@blueprint.get("/desk/articles/<public_id>/pictures/<int:number>")
@desk(*ARTICLES.posts)
def article_picture(public_id: str, number: int) -> Response:
    """A picture before it is published."""
    one = picture_of(_article(public_id), number)
    return Response(one.data, mimetype=one.mime)


@blueprint.post("/desk/articles/<public_id>/beside")
@desk(*ARTICLES.posts, Post.HANDLER)
@checks_its_form
def put_article_beside(public_id: str) -> str | Response | tuple[str, int]:
    """Readers of the draft find it beside the clause."""
    found, form = _article(public_id), PutBeside(request.form)
    refusal = None
    if form.validate():
        clause = next((c for _, c in _speakable() if c.public_id == form.clause.data), None)
        away = next((c for c in stands_beside(found) if c.public_id == form.clause.data), None)
        with trying(form) as went:
            if request.form.get("deed") == "away" and away is not None:
                take_away(found, g.officer, away)
            elif clause is None:
                raise RuleUnmet("请选一条。", {"clause": "请选一件正在征求意见的事里的一条。"})
            else:
                put_beside(found, g.officer, clause)
        refusal = went.refusal
        if went.done:
            flash("改好了，看草案的人看得到。", "ok")
            return redirect(url_for("console.article", public_id=public_id), 303)
    return _page(found, ArticleDeed(), beside=form, beside_refusal=refusal), 422


def _speakable() -> list[tuple[Consultation, Clause]]:
    """The clauses of drafts that are before the people now."""
    asked = [consultation_of(row.public_id) for row in open_consultations()]
    return [(c, clause) for c in asked if c and c.draft for clause in c.draft.speakable]


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


def _form(
    found: Article | None,
    form: ArticleForm,
    refusal: str | None = None,
    *,
    correcting: bool = False,
    picture: NewPicture | None = None,
    picture_refusal: str | None = None,
) -> str:
    form.topic.choices = offered([("", "请选择"), *((t.public_id, t.name) for t in topics())])
    return render_template(
        "console/article_form.html",
        article=found,
        form=form,
        refusal=refusal,
        correcting=correcting,
        picture=apart(picture or NewPicture(), "new"),
        picture_refusal=picture_refusal,
        pictures=pictures_of(found) if found else [],
        hints=hints(form.body.data or ""),
    )


def _page(
    found: Article,
    form: ArticleDeed,
    refusal: str | None = None,
    *,
    beside: PutBeside | None = None,
    beside_refusal: str | None = None,
) -> str:
    form.topic.choices = offered([("", "全部关注者"), *((t.public_id, t.name) for t in topics())])
    wx = wx_of(WxKind.ARTICLE, found.id)
    beside = apart(beside or PutBeside(), "beside")
    beside.clause.choices = offered(
        [("", "请选择"), *((c.public_id, f"{asked.title}　{c.name}") for asked, c in _speakable())]
    )
    return render_template(
        "console/article.html",
        article=found,
        form=form,
        refusal=refusal,
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE or b.verb == "correct"],
        wx=[wx_one(wx)] if wx else [],
        broadcast=db.session.scalar(select(Broadcast).where(Broadcast.article_id == found.id)),
        checks=_checks(found),
        blocks=list(blocks(found.body)),
        pictures={one.number: one for one in pictures_of(found)},
        hints=hints(found.body),
        beside=beside,
        beside_refusal=beside_refusal,
        stands=stands_beside(found),
        pushed=of_article(found),
        may_push=not g.officer.lacks(found.rules.post_for("campaign.draft_new")),
        may_beside=not g.officer.lacks(found.rules.post_for("article.put_beside")),
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
