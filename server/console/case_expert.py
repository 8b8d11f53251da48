"""Experts of a case: the letters, who is independent, what each said, what became of it; dissent is always shown."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.engagement import (
    Engagement,
    EngagementStage,
    Taken,
    View,
    Way,
    by_public_id,
    engagements_of,
)
from models.decisions.expert import experts
from models.decisions.material import about, materials
from models.decisions.matter import Procedure
from models.decisions.procedure import need_of
from models.decisions.road import standing_of
from models.kernel.installation import Installation
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, Refusal, RuleUnmet
from models.people.officer import Post
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.expert import Engage, Nothing, Opinion, Reason, Reply, Signed
from server.console.forms.fields import apart, offered
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.csrf import HouseForm
from server.house import checks_its_form

FORMS: dict[str, type[HouseForm]] = {
    "declare": Signed,
    "hear": Opinion,
    "reply": Reply,
    "recuse": Reason,
    "revoke": Reason,
    "discount": Reason,
    "publish": Nothing,
    "withhold": Reason,
}
DONE = {
    "declare": "声明登记好了，可以听取他的意见。",
    "hear": "意见登记好了。接着写怎么采纳。",
    "reply": "答复写好了，会印在上会材料里。",
    "recuse": "登记了回避，不再请他提意见。",
    "revoke": "聘请撤回了。",
    "discount": "这份意见不计入人数，但照样保留、照样显示。",
    "publish": "决策公布时会一起公开这份意见。",
    "withhold": "这份意见不公开。",
}


@blueprint.get("/desk/cases/<public_id>/expert")
@desk(*CASES.posts)
def case_expert(public_id: str) -> str:
    """Every letter of the case, and a form for one more."""
    return _case(public_id, Engage(data={"way": Way.MEETING.value}))


@blueprint.post("/desk/cases/<public_id>/expert")
@desk(Post.HANDLER, Post.OFFICE)
@checks_its_form
def engage_expert(public_id: str) -> str | Response | tuple[str, int]:
    """Write a letter."""
    found = find(public_id)
    form = Engage(request.form)
    refusal = None
    if form.validate():
        chosen = next((e for e in experts() if e.public_id == form.expert.data), None)
        with trying(form) as went:
            made = Engagement.engage(
                g.officer,
                found,
                chosen,
                Way(form.way.data),
                form.task.data or "",
                form.due_on.data,
                form.no_interest.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash(f"聘请函 {made.number} 写好了，打印出来送给专家，请他先签利害关系声明。", "ok")
            return redirect(url_for("console.engagement", public_id=made.public_id), 303)
    return _case(public_id, form, refusal), 422


def _case(public_id: str, form: Engage, refusal: str | None = None) -> str:
    found = find(public_id)
    pool = [e for e in experts() if e.serves()]
    form.expert.choices = offered(
        [
            ("", "请选择"),
            *(
                (e.public_id, f"{e.name}（{e.employer}；{e.fields}{'；有登记的利害关系' if e.interests else ''}）")
                for e in pool
            ),
        ]
    )
    letters = engagements_of(found)
    return render_template(
        "console/case_expert.html",
        case=found,
        letters=letters,
        form=form,
        refusal=refusal,
        need=need_of(found, Procedure.EXPERT),
        standing=standing_of(found, "expert"),
        least=found.rules.number("expert.persons"),
        may_engage=found.going_on and not g.officer.lacks(found.rules.post_for("expert.engage")),
        may_pool=g.officer.has(Post.OFFICE),
        pool=pool,
        dissents=sum(1 for e in letters if e.dissents),
    )


@blueprint.get("/desk/engagements/<public_id>")
@desk(*CASES.posts)
def engagement(public_id: str) -> str:
    """One letter: the declaration, every opinion, every answer."""
    return _page(_find(public_id))


@blueprint.post(
    "/desk/engagements/<public_id>/<any(declare, hear, reply, recuse, revoke, discount, publish, withhold):deed>"
)
@desk(Post.HANDLER, Post.OFFICE, Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def engagement_deed(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """Enter what the expert handed in, or what the office does with it."""
    found = _find(public_id)
    same_page(found.version)
    form = FORMS[deed](request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            _do(found, deed, form)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.engagement", public_id=public_id), 303)
    return _page(found, {deed: form}, refusal), 422


def _do(found: Engagement, deed: str, form: Any) -> None:
    if deed == "declare":
        found.declare(g.officer, uploaded())
    elif deed == "hear":
        found.hear(g.officer, View(form.view.data), form.text.data or "", uploaded())
    elif deed == "reply":
        found.reply(g.officer, Taken(form.taken.data), form.reason.data or "")
    elif deed == "publish":
        found.publish(g.officer)
    else:
        getattr(found, deed)(g.officer, form.reason.data or "")


def uploaded(name: str = "file") -> bytes:
    """The file that came with a form; empty without one."""
    upload = request.files.get(name)
    if upload is None or not upload.filename:
        return b""
    with upload.stream as sent:
        data: bytes = sent.read()
    return data


@blueprint.get("/desk/engagements/<public_id>/letter")
@desk(*CASES.posts)
def engagement_letter(public_id: str) -> str:
    """The letter and the declaration for the expert to sign, to print."""
    return render_template("console/engagement_letter.html", e=_find(public_id), house=Installation.here())


def _find(public_id: str) -> Engagement:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这份聘请函。")
    return found


def _page(found: Engagement, tried: dict[str, HouseForm] | None = None, refusal: str | None = None) -> str:
    forms: dict[str, HouseForm] = {}
    held: dict[str, Refusal] = {}
    for deed, made in FORMS.items():
        why = why_not(found, deed, g.officer)
        if why is None:
            forms[deed] = apart((tried or {}).get(deed) or made(), deed)
        elif isinstance(why, RuleUnmet):
            held[deed] = why
    forms.pop("publish" if found.published else "withhold", None)
    if found.opinion is None or found.answer is not None:
        forms.pop("reply", None) if "reply" not in (tried or {}) else None
    return render_template(
        "console/engagement.html",
        e=found,
        case=found.decision,
        forms=forms,
        held=held,
        refusal=refusal,
        tried=next(iter(tried or {}), ""),
        papers=materials(found.decision, "expert", subject=about(found)),
        ended=found.stage in (EngagementStage.RECUSED, EngagementStage.REVOKED),
    )
