"""Decisions that the person who is signed in has proposed, and what became of each; nobody else sees them."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import key_for
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import proposals as schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.comments.receipt import Receipt
from models.decisions.consultation import Channel
from models.kernel.ids import spoken
from models.messages.pace import not_too_fast
from models.proposals.proposal import Proposal, Proposer, mine
from models.proposals.propose import propose

door = Door("proposals", __name__, "/proposals", "决策建议：提、看答复。")


@door.route("", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewProposal)
@door.response(201, schemas.ProposalReceived)
def propose_new(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """Propose a decision. The same Idempotency-Key with the same words is the same proposal."""
    who = me()
    not_too_fast(who)
    taken = propose(
        who,
        given["title"],
        given["text"],
        channel=Channel.MINI,
        proposer=Proposer(given["proposer"]),
        organisation=given["organisation"],
        reference=given["reference"],
        place=place_of(given["place"]),
        key=key_for(who, headers["idempotency_key"]),
    )
    receipt = taken.receipt.number
    return said(
        {
            "id": taken.proposal.public_id,
            "receipt": receipt,
            "receipt_spoken": spoken(receipt),
            "due_on": taken.proposal.due_on,
        },
        201,
    )


def _line(proposal: Proposal) -> dict[str, Any]:
    shown = proposal.outcome if proposal.answered else None
    return {
        "id": proposal.public_id,
        "title": proposal.title,
        "received_at": proposal.received_at,
        "due_on": proposal.due_on,
        "answered": proposal.answered,
        "words": proposal.words,
        "outcome": shown.value if shown else None,
    }


@door.route("/mine")
@signed_in
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.ProposalLine))
def mine_all(asked: dict[str, Any]) -> Response:
    """My proposals, newest first."""
    rows = mine(me(), after=after_id(Proposal, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return said(page(map(_line, shown), following))


@door.route("/<string(length=12):public_id>")
@signed_in
@door.response(200, schemas.Proposal)
def one(public_id: str) -> Response:
    """One of my proposals, and what became of it."""
    proposal = Proposal.of(me(), public_id)
    receipt = Receipt.of_proposal(proposal)
    item = proposal.item if proposal.answered else None
    return said(
        {
            **_line(proposal),
            "text": proposal.text,
            "receipt": receipt.number if receipt else "",
            "answer": proposal.answer if proposal.answered else "",
            "answered_at": proposal.answered_at,
            "passed_to": proposal.passed_to if proposal.answered else "",
            "item": {"title": item.title, "year": item.catalogue.year, "published": item.edition is not None}
            if item
            else None,
        }
    )
