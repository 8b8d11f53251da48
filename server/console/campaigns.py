"""Campaigns: drafted, counted and tried before anybody is told; approved by a second person; watched, stopped, read."""

from datetime import date, datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.lifecycle import Button, buttons, why_not
from models.kernel.refusal import Missing, NotAllowed
from models.messages.campaigning import stop, telling_of
from models.messages.message import MessageChannel
from models.messages.telling import Telling, TellingStage, counted, reasons, short_of
from models.outreach.article import Article, ArticleStage, articles, topics
from models.outreach.article import by_public_id as article_of
from models.outreach.campaign import (
    FROM,
    UNTIL,
    Campaign,
    CampaignStage,
    CampaignWay,
    TrialState,
    batches,
    by_public_id,
    campaigns,
)
from models.outreach.campaign_read import read_of
from models.people.place import with_groups
from server.console.door import blueprint, desk, may, must
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.outreach import Campaign as CampaignForm
from server.console.forms.outreach import CampaignDeed
from server.console.forms.trying import trying
from server.console.nav import ARTICLES
from server.house import checks_its_form

DONE = {
    "count": "正在数，几秒钟后看下面。",
    "try_out": "正在试发，看看那部手机。",
    "submit": "已送审。",
    "send_back": "退回作者了。",
    "approve": "审核通过，到时间自己开始。",
    "stop": "停止了。已经发出的收不回来，没有发的不再发。",
    "pause": "停下了。已经发出的收不回来，没有发的都留着。",
    "resume": "接着发，一两分钟后看进度。",
}
TIMES = {"pause", "resume"}
"""Deeds of the telling, not of the campaign itself."""


@blueprint.get("/desk/campaigns")
@desk(*ARTICLES.posts)
def campaign_list() -> str:
    """Day by day: what is being prepared, what is to come, what went out."""
    rows = campaigns()
    days: dict[date | None, list[tuple[Campaign, str, str]]] = {}
    for one in rows:
        at = local(one.starts_at) if one.starts_at else None
        told = (one, f"{at:%-H:%M}" if at else "", _state(one, telling_of(one)))
        days.setdefault(at.date() if at else None, []).append(told)
    return render_template(
        "console/campaigns.html", days=days, Stage=CampaignStage, may_write=may("campaign.draft_new")
    )


@blueprint.get("/desk/campaigns/new")
@desk(*ARTICLES.posts)
def new_campaign() -> str:
    """An empty sheet; the article may come along in the address, and its topic is proposed."""
    must("campaign.draft_new")
    form = CampaignForm()
    article = article_of(request.args.get("article", "")[:12])
    if article is not None:
        form.article.data = article.public_id
        form.topics.data = [article.topic.public_id] if article.topic else []
    return _form(None, form)


@blueprint.post("/desk/campaigns/new")
@desk(*ARTICLES.posts)
@checks_its_form
def draft_campaign() -> str | Response | tuple[str, int]:
    """The first version; how many it reaches is counted at once."""
    form = CampaignForm(request.form)
    refusal = None
    if form.validate():
        article = article_of((form.article.data or "")[:12])
        if article is None:
            raise Missing("没有找到这篇文章。")
        with trying(form) as went:
            made = Campaign.draft_new(g.officer, article, **_fields(form))
            db.session.flush()
            made.count(g.officer)
        refusal = went.refusal
        if went.done:
            flash("存好了，正在数能送到多少人。", "ok")
            return redirect(url_for("console.campaign", public_id=made.public_id), 303)
    return _form(None, form, refusal), 422


@blueprint.get("/desk/campaigns/<public_id>")
@desk(*ARTICLES.posts)
def campaign(public_id: str) -> str:
    """Before it begins: who would be reached, and why others would not. Afterwards: how far it has come, and who read it."""
    return _page(_find(public_id), CampaignDeed())


@blueprint.get("/desk/campaigns/<public_id>/edit")
@desk(*ARTICLES.posts)
def edit_campaign(public_id: str) -> str:
    """To whom, how and when, once more."""
    found = _find(public_id)
    refusal = why_not(found, "revise", g.officer)
    if refusal:
        raise refusal
    form = CampaignForm()
    form.article.data = found.article.public_id
    form.topics.data = [t.public_id for t in found.topics]
    form.places.data = [p.public_id for p in found.places]
    form.both.data, form.way.data = found.both, found.way.value
    form.starts_at.data = local(found.starts_at).strftime("%Y-%m-%dT%H:%M") if found.starts_at else ""
    return _form(found, form)


@blueprint.post("/desk/campaigns/<public_id>/edit")
@desk(*ARTICLES.posts)
@checks_its_form
def revise_campaign(public_id: str) -> str | Response | tuple[str, int]:
    """Keep it, and count anew."""
    found = _find(public_id)
    same_page(found.version)
    form = CampaignForm(request.form)
    form.article.data = found.article.public_id
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, **_fields(form))
            db.session.flush()
            found.count(g.officer)
        refusal = went.refusal
        if went.done:
            flash("存好了，正在重新数。", "ok")
            return redirect(url_for("console.campaign", public_id=public_id), 303)
    return _form(found, form, refusal), 422


@blueprint.post("/desk/campaigns/<public_id>/deed")
@desk(*ARTICLES.posts)
@checks_its_form
def campaign_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Count, try, submit, approve, stand still, go on, stop; the lifecycle says who may."""
    found = _find(public_id)
    form = CampaignDeed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    if deed not in TIMES:
        same_page(found.version)
    refusal = None
    if form.validate():
        with trying(form) as went:
            _do(found, deed, form)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.campaign", public_id=public_id), 303)
    return _page(found, form, refusal), 422


def _do(found: Campaign, deed: str, form: CampaignDeed) -> None:
    reason = form.reason.data or ""
    if deed in TIMES:
        telling = telling_of(found)
        if telling is None:
            raise Missing("还没有开始推送。")
        if deed == "pause":
            telling.pause(g.officer, reason)
        else:
            telling.resume(g.officer)
    elif deed == "stop":
        stop(found, g.officer, reason)
    elif deed == "send_back":
        found.send_back(g.officer, reason)
    elif deed == "try_out":
        found.try_out(g.officer, form.wx_name.data or "")
    else:
        getattr(found, deed)(g.officer)


# --- pages ------------------------------------------------------------------------------------------------------------


def _find(public_id: str) -> Campaign:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次推送。")
    return found


def _published() -> list[Article]:
    return list(articles(ArticleStage.PUBLISHED))


def _places() -> list[Any]:
    return [p for village, groups in with_groups() for p in (village, *groups)]


def _fields(form: CampaignForm) -> dict[str, Any]:
    wanted, where = set(form.topics.data or ()), set(form.places.data or ())
    return {
        "topics": [t for t in topics() if t.public_id in wanted],
        "places": [p for p in _places() if p.public_id in where],
        "both": bool(form.both.data),
        "way": CampaignWay(form.way.data) if form.way.data in set(CampaignWay) else CampaignWay.NOTICE,
        "starts_at": form.starts_at.at,
    }


def _state(found: Campaign, telling: Telling | None) -> str:
    """How far, in one word for everybody."""
    if found.stage is CampaignStage.STARTED and telling is not None:
        return {"running": "正在推送", "paused": "已暂停", "finished": "推送完了"}[telling.stage.value]
    return found.stage.label


def _form(found: Campaign | None, form: CampaignForm, refusal: str | None = None) -> str:
    form.article.choices = offered([("", "请选择"), *((a.public_id, a.title) for a in _published())])
    form.topics.choices = offered((t.public_id, t.name) for t in topics())
    form.places.choices = offered((p.public_id, p.full_name) for p in _places())
    return render_template(
        "console/campaign_form.html", campaign=found, form=form, refusal=refusal, hours=(FROM, UNTIL)
    )


def _buttons(found: Campaign, telling: Telling | None) -> list[Button]:
    shown = [b for b in buttons(found, g.officer) if b.verb in DONE]
    finished = telling is not None and telling.stage is TellingStage.FINISHED
    shown = [b for b in shown if not (b.verb == "stop" and finished)]
    if telling is not None and found.stage is CampaignStage.STARTED:
        shown += [b for b in buttons(telling, g.officer) if b.verb in TIMES]
    return shown


def _page(found: Campaign, form: CampaignDeed, refusal: str | None = None) -> str:
    telling = telling_of(found)
    counts = counted([telling.fact_id]).get(telling.fact_id, {}) if telling else {}
    total = counts.get("total", 0)
    preview = found.preview
    read = read_of(found) if found.started_at else None
    waits = found.preview is None and found.stage in (CampaignStage.DRAFTED, CampaignStage.SUBMITTED)
    moves = refusal is None and (
        waits
        or any(t.state is TrialState.WAITING for t in found.tests)
        or (found.stage is CampaignStage.APPROVED and found.starts_at is not None and found.starts_at <= now())
        or (found.stage is CampaignStage.STARTED and (telling is None or telling.stage is TellingStage.RUNNING))
    )
    verbs = _buttons(found, telling)
    return render_template(
        "console/campaign.html",
        campaign=found,
        form=form,
        refusal=refusal,
        state=_state(found, telling),
        telling=telling,
        counts=counts,
        done=(total - counts.get("waiting", 0)) * 100 // total if total else 100,
        ways=[(c.label, counts[c.value]) for c in MessageChannel if counts.get(c.value) and c.value != "inbox"],
        short=[(short_of(row.why), row.count) for row in reasons(telling.fact_id) if row.channel == "inbox"]
        if telling
        else [],
        preview=preview,
        previewed_at=datetime.fromisoformat(preview["at"]) if preview else None,
        stale=preview is not None and not found.counted,
        read=read,
        most=max((n for _, n in read.days), default=0) if read else 0,
        batches=batches(found),
        buttons=verbs,
        moves=moves,
        may_write=not why_not(found, "revise", g.officer),
        Stage=CampaignStage,
    )
