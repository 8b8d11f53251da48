"""The pool of experts: who is in it, for how long, what might bias them, and whom the public may see."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.engagement import engagements_with
from models.decisions.expert import Expert, ExpertStage, by_public_id, experts
from models.kernel.clock import today
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing
from models.people.officer import Post
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.expert import Consent, NewPerson, Nothing, Person, Reason, Term
from server.console.forms.fields import apart, holdable
from server.console.forms.trying import trying
from server.console.nav import EXPERTS
from server.csrf import HouseForm
from server.house import checks_its_form

FORMS: dict[str, type[HouseForm]] = {
    "revise": Person,
    "renew": Term,
    "readmit": Term,
    "publish": Consent,
    "withhold": Nothing,
    "leave": Reason,
}
DONE = {
    "revise": "资料改好了；以前的聘请函和意见上还是当时的样子。",
    "renew": "聘期改好了。",
    "readmit": "重新入库了。",
    "publish": "公开了，居民在专家名单里能看到。",
    "withhold": "不再公开。",
    "leave": "已退出专家库；他提过的意见都还在。",
}
SHOWN = (("active", "在库", ExpertStage.ACTIVE), ("left", "已退出", ExpertStage.LEFT), ("all", "全部", None))


@blueprint.get("/desk/experts")
@desk(*EXPERTS.posts)
def all_experts() -> str:
    """The pool, and a field to look through it."""
    asked, words = request.args.get("stage", "active"), request.args.get("q", "").strip()
    stage = next((found for key, _, found in SHOWN if key == asked), ExpertStage.ACTIVE)
    return render_template(
        "console/experts.html",
        people=experts(stage, words[:40] if holdable(words) else ""),
        words=words,
        asked=asked,
        chips=[(name, url_for("console.all_experts", stage=key), key == asked) for key, name, _ in SHOWN],
        may_admit=g.officer.has(Post.OFFICE),
        day=today(),
    )


@blueprint.get("/desk/experts/new")
@desk(Post.OFFICE)
def new_expert() -> str:
    """An empty form."""
    return render_template("console/expert_new.html", form=NewPerson(data={"from_on": today()}), refusal=None)


@blueprint.post("/desk/experts/new")
@desk(Post.OFFICE)
@checks_its_form
def admit_expert() -> str | Response | tuple[str, int]:
    """Somebody joins the pool."""
    form = NewPerson(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Expert.admit(g.officer, form.from_on.data, form.until_on.data, **_written(form))
        refusal = went.refusal
        if went.done:
            flash(f"{made.name}入库了。", "ok")
            return redirect(url_for("console.expert", public_id=made.public_id), 303)
    return render_template("console/expert_new.html", form=form, refusal=refusal), 422


@blueprint.get("/desk/experts/<public_id>")
@desk(*EXPERTS.posts)
def expert(public_id: str) -> str:
    """One expert: what is known, the term, every case they were asked about."""
    return _page(_find(public_id))


@blueprint.post("/desk/experts/<public_id>/<any(revise, renew, readmit, publish, withhold, leave):deed>")
@desk(Post.OFFICE)
@checks_its_form
def expert_deed(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """Change what is known, the term, whether the public sees them, or let them go."""
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
            return redirect(url_for("console.expert", public_id=public_id), 303)
    return _page(found, {deed: form}, refusal), 422


def _do(found: Expert, deed: str, form: Any) -> None:
    if deed == "revise":
        found.revise(g.officer, **_written(form))
    elif deed in ("renew", "readmit"):
        getattr(found, deed)(g.officer, form.from_on.data, form.until_on.data)
    elif deed == "publish":
        found.publish(g.officer, form.consented_on.data)
    elif deed == "leave":
        found.leave(g.officer, form.reason.data or "")
    else:
        found.withhold(g.officer)


def _written(form: Any) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("name", "fields", "employer", "title", "interests")}


def _find(public_id: str) -> Expert:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这位专家。")
    return found


def _page(found: Expert, tried: dict[str, HouseForm] | None = None, refusal: str | None = None) -> str:
    given: dict[str, dict[str, Any]] = {
        "revise": {name: getattr(found, name) for name in ("name", "fields", "employer", "title", "interests")},
        "renew": {"from_on": found.from_on, "until_on": found.until_on},
        "readmit": {"from_on": today()},
    }
    forms = {
        deed: apart((tried or {}).get(deed) or made(data=given.get(deed, {})), deed)
        for deed, made in FORMS.items()
        if why_not(found, deed, g.officer) is None
    }
    forms.pop("publish" if found.published else "withhold", None)
    return render_template(
        "console/expert.html",
        e=found,
        forms=forms,
        tried=next(iter(tried or {}), ""),
        refusal=refusal,
        letters=engagements_with(found),
        day=today(),
    )
