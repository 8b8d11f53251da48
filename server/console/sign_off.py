"""Signing off: the unit head, the leader, the chief, then the office; each with a note, each may send it back."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation, Stage, consultations
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import NotAllowed, RuleUnmet
from models.people.officer import Officer, Post, holders
from server.console.door import blueprint, desk
from server.console.drafts import find, same_page
from server.console.forms.fields import ask_for
from server.console.forms.notice import Remark
from server.console.forms.trying import trying
from server.console.nav import DRAFTS, SIGN_OFF
from server.console.road import road
from server.console.sheet import sheet
from server.console.turns import IN_HAND, in_whose_hands, my_turn

DONE = {
    "check": "初审通过，已送复审。",
    "review": "复审通过，已送签发。",
    "sign": "已签发，等党政办编号公布。",
    "publish": "已编号公布，从今天起征求意见。",
    "send_back": "已退回承办人修改。",
}

DEEDS: dict[str, Callable[[Consultation, Any, Remark], Any]] = {
    "check": lambda m, who, form: m.check(who, form.note.data or ""),
    "review": lambda m, who, form: m.review(who, form.note.data or ""),
    "sign": lambda m, who, form: m.sign(who, form.note.data or ""),
    "publish": lambda m, who, form: m.publish(who),
    "send_back": lambda m, who, form: m.send_back(who, form.reason.data or ""),
}


@blueprint.get("/desk/sign-off")
@desk(*SIGN_OFF.posts)
def sign_off() -> str:
    """What waits for my name, then what is on its way to others."""
    rows = consultations(*IN_HAND)
    mine = [m for m in rows if my_turn(m, g.officer)]
    return render_template(
        "console/sign_off.html", mine=mine, others=[m for m in rows if m not in mine and m.stage != Stage.DRAFTED]
    )


@blueprint.get("/desk/sign-off/<public_id>")
@desk(*DRAFTS.posts)
def sign_off_one(public_id: str) -> str | Response:
    """The notice as the people would read it, and the deed that is due."""
    matter = find(public_id)
    if matter.published_at is not None:
        return redirect(url_for("console.consultation", public_id=public_id), 303)
    return _page(matter, Remark())


@blueprint.post("/desk/sign-off/<public_id>")
@desk(*SIGN_OFF.posts)
def sign(public_id: str) -> str | Response | tuple[str, int]:
    """One of the deeds of signing off; the lifecycle says who may."""
    matter = find(public_id)
    same_page(matter.version)
    form = Remark(request.form)
    deed = DEEDS.get(request.form.get("deed", ""))
    if deed is None:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    back = request.form.get("deed") == "send_back"
    if form.validate() and (not back or ask_for(form.reason, "请写明退回的原因。")):
        with trying(form) as went:
            deed(matter, g.officer, form)
        refusal = went.refusal
        if went.done:
            flash(DONE[request.form["deed"]], "ok")
            if request.form["deed"] == "publish":
                return redirect(url_for("console.consultation", public_id=public_id), 303)
            return redirect(url_for("console.sign_off"), 303)
    return _page(matter, form, refusal), 422


@blueprint.post("/desk/sign-off/<public_id>/hand-over")
@desk(Post.HANDLER)
def hand_over(public_id: str) -> Response:
    """Another handler takes it on."""
    matter = find(public_id)
    same_page(matter.version)
    to = next((o for o in holders("handler") if o.public_id == request.form.get("to")), None)
    if to is None or to.id == matter.handler_id:
        raise RuleUnmet("请选另一位承办人。")
    matter.hand_over(g.officer, to)
    flash(f"改由{to.name}承办。", "ok")
    return redirect(url_for("console.sign_off_one", public_id=public_id), 303)


def _page(matter: Consultation, form: Remark, refusal: str | None = None) -> str:
    shown = [b for b in buttons(matter, g.officer) if b.verb in DEEDS]
    return render_template(
        "console/sign_off_one.html",
        matter=matter,
        form=form,
        refusal=refusal,
        forward=next((b for b in shown if b.verb != "send_back"), None),
        back=next((b for b in shown if b.verb == "send_back"), None),
        road=road(matter),
        sheet=sheet(matter),
        turn=in_whose_hands(matter),
        handlers=_others(matter),
        signs=g.officer.has(*SIGN_OFF.posts),
    )


def _others(matter: Consultation) -> list[Officer]:
    """Who could take it on, for an officer who may hand it over."""
    if why_not(matter, "hand_over", g.officer):
        return []
    return [o for o in holders("handler") if o.id != matter.handler_id]
