"""The legal review at the desk: the handler sends, the justice office accepts or returns, counsel advises, the office concludes."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.decision import Decision
from models.decisions.draft import drafts_of
from models.decisions.legal_review import (
    ASPECTS,
    Counselling,
    LegalReview,
    Result,
    ReviewStage,
    by_public_id,
    review_of,
    reviews_of,
    seen_by,
    statement,
    to_be_sent,
    turn_of,
    untold,
    waiting_reviews,
)
from models.decisions.material import materials
from models.decisions.road import standing_of
from models.decisions.send_to_review import send_to_review
from models.kernel.installation import Installation
from models.kernel.lifecycle import unmet, why_not
from models.kernel.refusal import Missing, NotAllowed, Refusal, RuleUnmet
from models.people.officer import Post, officers
from server.console import case_road
from server.console.case_expert import uploaded
from server.console.cases import find
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import apart, offered
from server.console.forms.review import Accept, Advise, Back, Conclude, Lengthen, Papers, Shorten
from server.console.forms.trying import trying
from server.console.nav import CASES, LEGAL_REVIEWS
from server.csrf import HouseForm
from server.house import checks_its_form

TURNS = {"accept": "去受理", "advise": "去提意见", "conclude": "去审查", "complete": "去补充"}
FORMS: dict[str, type[HouseForm]] = {
    "accept": Accept,
    "ask": Accept,
    "send_back": Back,
    "shorten": Shorten,
    "lengthen": Lengthen,
    "advise": Advise,
    "conclude": Conclude,
}
DONE = {
    "accept": "受理了，法律顾问的案头上已经出现。",
    "ask": "改请了。",
    "send_back": "退回了，承办人会看到缺什么。",
    "shorten": "理由写好了，会印在审查意见书上。",
    "lengthen": "延长了，承办人看得到理由和日期。",
    "advise": "法律意见提出了。",
    "conclude": "审查意见出具了。",
}


# the list


@blueprint.get("/desk/legal-reviews")
@desk(*LEGAL_REVIEWS.posts)
def legal_reviews() -> str:
    """What waits for this officer, then everything that they may see."""
    waiting = waiting_reviews(g.officer)
    return render_template(
        "console/legal_reviews.html",
        waiting=[(one, TURNS[turn_of(one, g.officer)]) for one in waiting],
        others=[one for one in seen_by(g.officer) if one not in waiting],
    )


# the case: preparing and sending


@blueprint.get("/desk/cases/<public_id>/legal-review")
@desk(*CASES.posts)
def case_legal_review(public_id: str) -> str:
    """Every round of the case."""
    found = find(public_id)
    return render_template(
        "console/case_legal_review.html",
        case=found,
        rounds=reviews_of(found),
        standing=standing_of(found, "legal_review"),
        to_send=found.going_on and to_be_sent(found),
        may_send=not g.officer.lacks(found.rules.post_for("legal_review.prepare")),
    )


@blueprint.get("/desk/cases/<public_id>/send-to-review")
@desk(Post.HANDLER)
def case_send_to_review(public_id: str) -> str:
    """The papers as the records tell them, to be completed and sent."""
    found = find(public_id)
    review = _open_papers(found)
    form = Papers(data={"basis": review.basis, "procedures": review.procedures} if review else _suggested(found))
    if request.args.get("fresh"):
        form.procedures.data = statement(found)
    return _papers(found, review, form)


@blueprint.post("/desk/cases/<public_id>/send-to-review")
@desk(Post.HANDLER)
@checks_its_form
def do_send_to_review(public_id: str) -> str | Response | tuple[str, int]:
    """Keep the papers, or keep and send them."""
    found = find(public_id)
    review = _open_papers(found)
    if review is not None:
        same_page(review.version)
    form, send = Papers(request.form), request.form.get("deed") == "send"
    refusal = None
    if form.validate():
        with trying(form) as went:
            review = review or LegalReview.begin(g.officer, found)
            review.prepare(g.officer, form.basis.data or "", form.procedures.data or "")
            if data := uploaded():
                review.attach(g.officer, form.title.data or "", data)
        refusal = went.refusal
        if went.done and send and review is not None:
            with trying(form) as went:
                if review.stage == ReviewStage.RETURNED:
                    review.resubmit(g.officer)
                else:
                    send_to_review(found, g.officer)
            refusal = f"已经保存，还不能送审：{went.refusal}" if went.refusal else None
        if refusal is None:
            flash("送审了，司法所的案头上已经出现。" if send else "保存好了。", "ok")
            to = "console.case_legal_review" if send else "console.case_send_to_review"
            return redirect(url_for(to, public_id=public_id), 303)
    return _papers(found, _open_papers(found), form, refusal), 422


def _open_papers(found: Decision) -> LegalReview | None:
    """The round that is being prepared or completed; a refusal when there is nothing to send."""
    if not found.going_on:
        raise Missing("这一件已经决定或者不再办理，不用再送审。")
    last = review_of(found)
    if last is not None and last.stage in (ReviewStage.PREPARED, ReviewStage.RETURNED):
        return last
    if not to_be_sent(found):
        raise Missing("合法性审查已经在进行，或者已经通过，不用再送。")
    return None


def _suggested(found: Decision) -> dict[str, str]:
    """What the page begins with before anything is kept."""
    before = review_of(found)
    return {"basis": before.basis if before else found.basis_words, "procedures": statement(found)}


def _papers(found: Decision, review: LegalReview | None, form: Papers, refusal: str | None = None) -> str:
    gate = "decision.send_to_review"
    lacking = {one.code: one for one in unmet(found, gate, g.officer)}
    drafts = drafts_of(found)
    return render_template(
        "console/send_to_review.html",
        case=found,
        review=review,
        form=form,
        refusal=refusal,
        draft=drafts[-1] if drafts else None,
        checks=[
            Check.of(lacking.get(need.predicate), need, link=case_road.mend(found, need.predicate))
            for need in found.rules.gate(gate, found.case_kind)
        ],
        why=why_not(found, "send_to_review", g.officer),
        papers=materials(found),
        untold=untold(found, form.procedures.data or "") if review else [],
    )


# one round


@blueprint.get("/desk/legal-reviews/<public_id>")
@desk(*CASES.posts)
def legal_review(public_id: str) -> str:
    """One round: papers, what was lacking, counsel, the conclusion."""
    return _page(_find(public_id))


@blueprint.post(
    "/desk/legal-reviews/<public_id>/<any(accept, ask, send_back, shorten, lengthen, advise, conclude):deed>"
)
@desk(Post.JUSTICE, Post.COUNSEL)
@checks_its_form
def legal_review_deed(public_id: str, deed: str) -> str | Response | tuple[str, int]:
    """Accept it, ask counsel, return it, advise, conclude."""
    found = _find(public_id)
    same_page(found.version)
    form = _choices(FORMS[deed](request.form))
    refusal = None
    if form.validate():
        with trying(form) as went:
            DEEDS[deed](found, form)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.legal_review", public_id=public_id), 303)
    return _page(found, {deed: form}, refusal), 422


def _accept(found: LegalReview, form: Any) -> None:
    found.accept(g.officer, _counsel(form.counsel.data), form.due_on.data)


def _ask(found: LegalReview, form: Any) -> None:
    found.ask(g.officer, _counsel(form.counsel.data), form.due_on.data)


def _send_back(found: LegalReview, form: Any) -> None:
    found.send_back(g.officer, form.lacking.data or "")


def _shorten(found: LegalReview, form: Any) -> None:
    found.shorten(g.officer, form.reason.data or "")


def _lengthen(found: LegalReview, form: Any) -> None:
    found.lengthen(g.officer, form.reason.data or "")


def _advise(found: LegalReview, form: Any) -> None:
    findings = {name: SOUND.get(form[name].data) for name, _, _ in ASPECTS}
    found.advise(g.officer, Counselling(form.role.data), findings, form.text.data or "", uploaded())


def _conclude(found: LegalReview, form: Any) -> None:
    findings = {name: (SOUND.get(form[f"{name}_ok"].data), form[name].data or "") for name, _, _ in ASPECTS}
    found.conclude(g.officer, Result(form.result.data), findings, form.opinion.data or "", form.reform.data or "")


SOUND = {"yes": True, "no": False}
DEEDS: dict[str, Callable[[LegalReview, Any], None]] = {
    "accept": _accept,
    "ask": _ask,
    "send_back": _send_back,
    "shorten": _shorten,
    "lengthen": _lengthen,
    "advise": _advise,
    "conclude": _conclude,
}


@blueprint.get("/desk/legal-reviews/<public_id>/opinion")
@desk(*CASES.posts)
def legal_opinion(public_id: str) -> str:
    """The opinion as a document, to print and to sign."""
    found = _find(public_id)
    if found.stage != ReviewStage.CONCLUDED:
        raise Missing("审查意见还没有出具。")
    return render_template(
        "console/legal_opinion.html", r=found, case=found.decision, house=Installation.here(), aspects=ASPECTS
    )


def _find(public_id: str) -> LegalReview:
    """A round; counsel reads only those that they were asked about."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一次合法性审查。")
    others = [post for post in CASES.posts if post != Post.COUNSEL]
    if not g.officer.has(*others) and found.counsel_id != g.officer.id:
        raise NotAllowed("这一件没有请您提出法律意见，所以您看不到。")
    return found


def _counsel(public_id: str) -> Any:
    return next((o for o in officers() if o.public_id == public_id), None)


def _choices(form: Any) -> Any:
    if "counsel" in form:
        able = [o for o in officers() if o.active and o.has(Post.COUNSEL)]
        form.counsel.choices = offered([("", "请选择"), *((o.public_id, f"{o.name}（{o.post_label}）") for o in able)])
    return form


def _page(found: LegalReview, tried: dict[str, HouseForm] | None = None, refusal: str | None = None) -> str:
    forms: dict[str, HouseForm] = {}
    held: dict[str, Refusal] = {}
    for deed, made in FORMS.items():
        why = why_not(found, deed, g.officer)
        if why is None or isinstance(why, RuleUnmet):
            forms[deed] = apart((tried or {}).get(deed) or _choices(made()), deed)
        if isinstance(why, RuleUnmet):
            held[deed] = why
    if found.counselled:
        forms.pop("ask", None)
    lacking = {one.code: one for one in unmet(found, "legal_review.conclude", g.officer)}
    gate = found.rules.gate("legal_review.conclude", found.case_kind)
    return render_template(
        "console/legal_review.html",
        r=found,
        case=found.decision,
        forms=forms,
        held=held,
        tried=next(iter(tried or {}), ""),
        refusal=refusal,
        aspects=ASPECTS,
        checks=[Check.of(lacking.get(need.predicate), need) for need in gate]
        if found.stage == ReviewStage.ACCEPTED
        else [],
        papers=materials(found.decision),
        mine=turn_of(found, g.officer),
    )
