"""Proposals: written down for who has no telephone, studied by one officer, answered when a second one agrees."""

import re

from flask import current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.comments.receipt import Receipt
from models.decisions.catalogue import CatalogueItem, matters
from models.decisions.consultation import Channel
from models.decisions.decision import Decision
from models.kernel.base import db
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.consent import ConsentText
from models.people.officer import Post
from models.people.place import Place, villages
from models.people.resident import Resident
from models.proposals.proposal import (
    Proposal,
    ProposalOutcome,
    ProposalStage,
    Proposer,
    answered,
    by_public_id,
    waiting,
)
from models.proposals.propose import Proposed, propose
from server.console.door import blueprint, desk, may
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.proposal import CHANNELS, NewProposal, Study, Verdict
from server.console.forms.trying import trying
from server.console.nav import INTAKE, PROPOSALS
from server.house import checks_its_form

KEY = re.compile(r"[0-9a-z]{16,64}")
ALL = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE, Post.INSPECTOR)
"""Who reads every proposal; village and grid officers read those that they wrote down."""


def _seen(found: Proposal) -> bool:
    return bool(g.officer.has(*ALL)) or found.entered_by_id == g.officer.id


@blueprint.get("/desk/proposals")
@desk(*PROPOSALS.posts)
def proposals() -> str:
    """What waits, the most urgent first, and what was answered."""
    return render_template(
        "console/proposals.html",
        rows=[p for p in waiting() if _seen(p)],
        done=[p for p in answered() if _seen(p)],
        may_enter=may("proposal.intake"),
        Stage=ProposalStage,
    )


@blueprint.get("/desk/proposals/new")
@desk(*INTAKE)
def new_proposal() -> str:
    """An empty sheet; a village officer's own village is filled in."""
    form = NewProposal()
    if g.officer.places:
        form.place.data = g.officer.places[0].public_id
    return _sheet(form)


@blueprint.post("/desk/proposals/new")
@desk(*INTAKE)
@checks_its_form
def enter_proposal() -> str | tuple[str, int]:
    """Entered once, however often the button is pressed; the slip shows the PIN this one time."""
    form = NewProposal(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            given = _take(form)
            pin = None if given.repeated else given.receipt.guard()
        refusal = went.refusal
        if went.done:
            return render_template(
                "console/proposal_slip.html",
                proposal=given.proposal,
                receipt=given.receipt.number,
                pin=pin,
                public_url=current_app.extensions["settings"].public_url.rstrip("/"),
            )
    return _sheet(form, refusal), 422


def _take(form: NewProposal) -> Proposed:
    if form.channel.data not in CHANNELS:
        raise RuleUnmet("请选从哪里来的。", {"channel": "请选信函、电话、现场或邮件。"})
    place = db.session.scalar(select(Place).where(Place.public_id == form.place.data)) if form.place.data else None
    who = Resident.from_paper(place)
    who.introduce(
        who, name=form.name.data or "", phone=form.phone.data or "", door=form.channel.data, officer=g.officer
    )
    kind = next((p for p in Proposer if p.value == form.proposer.data), Proposer.CITIZEN)
    key = form.key.data if KEY.fullmatch(form.key.data or "") else None
    return propose(
        who,
        form.title.data or "",
        form.text.data or "",
        channel=Channel(form.channel.data),
        proposer=kind,
        organisation=form.organisation.data or "",
        reference=form.reference.data or "",
        place=place,
        key=f"desk:{g.officer.public_id}:{key}" if key else None,
        officer=g.officer,
    )


def _sheet(form: NewProposal, refusal: str | None = None) -> str:
    form.place.choices = offered([("", "没有说"), *((v.public_id, v.name) for v in villages())])
    return render_template("console/proposal_new.html", form=form, refusal=refusal, privacy=ConsentText.current())


@blueprint.get("/desk/proposals/<public_id>")
@desk(*PROPOSALS.posts)
def proposal(public_id: str) -> str:
    """One proposal: what was said, and what should become of it."""
    return _page(find(public_id))


@blueprint.post("/desk/proposals/<public_id>/study")
@desk(*PROPOSALS.posts)
@checks_its_form
def study_proposal(public_id: str) -> Response | tuple[str, int]:
    """What should become of it, on its way to a second person."""
    found = find(public_id)
    form = Study(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            outcome = next((o for o in ProposalOutcome if o.value == form.outcome.data), None)
            found.study(
                g.officer,
                outcome,
                form.reason.data or "",
                item=next((i for i in matters() if i.origin == form.item.data), None),
                case=next((c for c in _cases() if c.public_id == form.case.data), None),
                passed_to=form.passed_to.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash("送审核了。同意以后才告诉提建议的人。", "ok")
            return redirect(url_for("console.proposals"), 303)
    return _page(found, study=form, refusal=refusal), 422


@blueprint.post("/desk/proposals/<public_id>/verdict")
@desk(*PROPOSALS.posts)
@checks_its_form
def judge_proposal(public_id: str) -> Response | tuple[str, int]:
    """A second person agrees, or sends it back with a reason."""
    found = find(public_id)
    same_page(found.version)
    form = Verdict(request.form)
    deed = request.form.get("deed", "")
    if deed not in ("approve", "send_back"):
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "approve":
                found.approve(g.officer)
            else:
                found.send_back(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("答复了，正在告诉他。" if deed == "approve" else "退回了。", "ok")
            return redirect(url_for("console.proposals"), 303)
    return _page(found, verdict=form, refusal=refusal), 422


def find(public_id: str) -> Proposal:
    """One proposal that this officer may read."""
    found = by_public_id(public_id)
    if found is None or not _seen(found):
        raise Missing("没有找到这条建议。")
    return found


def _cases() -> list[Decision]:
    """The newest cases, to choose from."""
    return list(db.session.scalars(select(Decision).order_by(Decision.id.desc()).limit(50)))


def _page(
    found: Proposal, *, study: Study | None = None, verdict: Verdict | None = None, refusal: str | None = None
) -> str:
    may_study = why_not(found, "study", g.officer) is None
    form = None
    if may_study:
        form = study or Study(
            data={
                "outcome": found.outcome.value if found.outcome else "",
                "item": found.item_origin,
                "case": found.decision.public_id if found.decision else "",
                "passed_to": found.passed_to,
                "reason": found.answer,
            }
        )
        form.item.choices = offered([("", "请选择"), *((i.origin, _named(i)) for i in matters())])
        form.case.choices = offered([("", "请选择"), *((c.public_id, c.title) for c in _cases())])
    receipt = Receipt.of_proposal(found)
    return render_template(
        "console/proposal.html",
        p=found,
        receipt=receipt.number if receipt else "",
        study=form,
        verdict=verdict or Verdict(),
        refusal=refusal,
        buttons={b.verb: b for b in buttons(found, g.officer)},
    )


def _named(item: CatalogueItem) -> str:
    year = f"{item.catalogue.year}年度{'（还没公布）' if item.catalogue.number is None else ''}"
    return f"{year}　{item.title}"
