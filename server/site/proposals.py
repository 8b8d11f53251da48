"""Proposing a decision: with or without signing in, with a receipt, and with an answer that says what became of it and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, g, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from models.comments.receipt import numbers_of_proposals
from models.decisions.catalogue import in_force
from models.decisions.consultation import Channel
from models.kernel.clock import today
from models.kernel.ids import new_token
from models.kernel.lifecycle import office_rules
from models.kernel.workdays import add_workdays
from models.proposals.proposal import Proposal, ProposalOutcome, Proposer, under
from models.proposals.proposal import mine as proposals_of
from models.proposals.propose import Proposed, propose
from server.house import checks_its_form
from server.site.comments import ONCE, pin_once, pin_shown, signed_in, who_writes
from server.site.door import PER_PAGE, after, blueprint, go, in_wechat, official, paged, personal, resident, to_sign_in
from server.site.forms import ProposalForm, Try, complaint, trying
from server.site.sign_in import sign_in_as
from server.words import date_plain

FEW = 3
"""Proposals on the page of my comments; the rest have a page of their own."""
COLOURS = {
    ProposalOutcome.TAKEN_UP: "adopted",
    ProposalOutcome.CASE: "adopted",
    ProposalOutcome.DECLINED: "not_adopted",
    ProposalOutcome.PASSED_ON: "other",
}
"""Which outcome's shape and colour it wears."""


@dataclass(frozen=True)
class Card:
    """One proposal as its proposer sees it."""

    proposal: Proposal
    receipt: str
    css: str
    where: str
    """What became of it, in a sentence, beside the reason."""
    link: str
    link_words: str

    @property
    def due(self) -> str:
        """Until when the answer is promised."""
        return date_plain(self.proposal.due_on)


def cards(found: Sequence[Proposal]) -> list[Card]:
    """Proposals with their receipts and what became of each."""
    receipts = numbers_of_proposals([proposal.id for proposal in found])
    return [card(proposal, receipts.get(proposal.id, "")) for proposal in found]


def card(found: Proposal, receipt: str = "") -> Card:
    """A proposal with its receipt and what became of it."""
    receipt = receipt or numbers_of_proposals([found.id]).get(found.id, "")
    where, link, words = _where(found) if found.answered else ("", "", "")
    css = COLOURS[found.outcome] if found.answered and found.outcome else ""
    return Card(found, receipt, css, where, link, words)


def _where(found: Proposal) -> tuple[str, str, str]:
    """What became of it, and where to read on."""
    if found.outcome == ProposalOutcome.PASSED_ON:
        return f"这件事由{found.passed_to}办，已经转过去了。", "", ""
    if found.outcome == ProposalOutcome.CASE and found.decision is not None:
        number = f"（{found.decision.number}）" if found.decision.number else ""
        return f"已经立案办理：{found.decision.title}{number}。", "", ""
    if found.outcome != ProposalOutcome.TAKEN_UP:
        return "", "", ""
    item = found.item
    if item is None:
        return "列入过决策事项目录，后来调出了。", "", ""
    year, title = item.catalogue.year, item.title
    if item.catalogue.number is None:
        return f"已写进{year}年度决策事项目录的草案：{title}。经党工委同意后公布。", "", ""
    standing = in_force(year)
    if standing is None or all(other.origin != item.origin for other in standing.items):
        return (
            f"列入过{year}年度决策事项目录：{title}。后来调出了，理由见目录的调整记录。",
            f"/catalogue?year={year}",
            "看目录",
        )
    place = [other.origin for other in standing.items].index(item.origin) + 1
    return f"已列入{year}年度决策事项目录第{place}项：{title}。", f"/catalogue?year={year}#m{place}", "看目录里的这一项"


@blueprint.get("/proposals")
@personal
def proposals() -> str:
    """What I have proposed."""
    rows, page = paged(proposals_of(resident(), after=after(), limit=PER_PAGE + 1))
    return render_template("site/proposals.html", rows=cards(rows), page=page)


@blueprint.get("/proposals/new")
def new_proposal() -> str | Answer:
    """The form."""
    if g.resident is None and in_wechat() and official() and "anonymous" not in request.args:
        return to_sign_in()
    form, who = ProposalForm(), signed_in()
    if who is not None:
        form.name.data, form.phone.data = who.name, who.phone
        form.place.data = who.place.public_id if who.place else ""
    return _form(form, Try())[0]


@blueprint.post("/proposals/new")
@checks_its_form
def propose_new() -> tuple[str, int] | Answer:
    """A proposal comes in; pressed twice it is one."""
    form = ProposalForm(request.form)
    if not form.validate():
        return _form(form, complaint(form))
    pin, anonymous = "", signed_in() is None
    with trying(form) as went:
        given = _take(form)
        if anonymous:
            pin = given.receipt.guard()
    if not went.done:
        if went.code == "key_reused":
            form.key.data = new_token()
            went.trouble = "刚才那份已经收到了。现在这份和它不一样，要再提一份，请再点一次提交。"
        return _form(form, went)
    made = given.proposal
    answer = go("site.proposal_receipt", public_id=made.public_id)
    if anonymous:
        sign_in_as(made.resident, answer)
        pin_once(answer, pin, f"/proposals/{made.public_id}/receipt")
    return answer


def _take(form: ProposalForm) -> Proposed:
    who, key = who_writes(form, under)
    kind = Proposer(form.kind.data or "")
    return propose(
        who,
        form.title.data or "",
        form.text.data or "",
        channel=Channel.H5,
        proposer=kind,
        organisation=(form.organisation.data or "") if kind == Proposer.ORGANISATION else "",
        reference=(form.reference.data or "") if kind in (Proposer.DEPUTY, Proposer.MEMBER) else "",
        place=form.place.place,
        key=key,
    )


def _form(form: ProposalForm, went: Try) -> tuple[str, int]:
    days = office_rules().number("proposal.answer_workdays").value
    page = render_template(
        "site/proposal_new.html",
        form=form,
        trouble=went.trouble,
        signed_in=signed_in() is not None,
        due_on=add_workdays(today(), days),
    )
    return page, went.status


@blueprint.get("/proposals/<public_id>/receipt")
@personal
def proposal_receipt(public_id: str) -> Answer:
    """Received; the PIN is shown this once."""
    who = resident()
    page = make_response(
        render_template(
            "site/proposal_receipt.html",
            one=card(Proposal.of(who, public_id)),
            pin=pin_shown(),
            followed=who.followed,
            anonymous=who.anonymous,
            has_mini=current_app.extensions["settings"].mini is not None,
        )
    )
    if request.cookies.get(ONCE):
        page.delete_cookie(ONCE, path=f"/proposals/{public_id}/receipt", httponly=True, samesite="Lax")
    return page


@blueprint.get("/proposals/<public_id>")
@personal
def proposal(public_id: str) -> str:
    """One proposal of mine, and what became of it."""
    return render_template("site/proposal.html", one=card(Proposal.of(resident(), public_id)))
