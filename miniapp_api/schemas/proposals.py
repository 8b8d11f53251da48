"""A proposed decision, and what became of it."""

from marshmallow import fields, validate

from miniapp_api.schemas.base import Choice, Closed, PublicId, Text
from models.proposals.proposal import LONGEST, PUBLIC, TITLE, ProposalOutcome


class NewProposal(Closed):
    """A decision that somebody proposes; only the office reads it."""

    title = Text(most=TITLE, least=1, required=True, metadata={"description": "What is to be decided, in a line."})
    text = Text(most=LONGEST, least=1, required=True, metadata={"description": "Why, and how."})
    proposer = Choice([p.value for p in PUBLIC], load_default="citizen")
    organisation = Text(most=60, load_default="", metadata={"description": "Its name, when an organisation proposes."})
    reference = Text(most=60, load_default="", metadata={"description": "The number of a deputies' suggestion."})
    place = PublicId(load_default=None, allow_none=True)


class ProposalReceived(Closed):
    """The proposal was taken."""

    id = fields.String(required=True)
    receipt = fields.String(required=True)
    receipt_spoken = fields.String(required=True)
    due_on = fields.Date(required=True)


class ProposalLine(Closed):
    """One of my proposals as a line of a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True)
    answered = fields.Boolean(required=True)
    words = fields.String(required=True, metadata={"description": "Where it stands, in Chinese."})
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf([o.value for o in ProposalOutcome]))


class ProposalItem(Closed):
    """The matter of the catalogue that it became."""

    title = fields.String(required=True)
    year = fields.Integer(required=True)
    published = fields.Boolean(required=True)


class Proposal(ProposalLine):
    """One of my proposals with its answer."""

    text = fields.String(required=True)
    receipt = fields.String(required=True)
    answer = fields.String(required=True, metadata={"description": "Empty while it waits."})
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    passed_to = fields.String(required=True)
    item = fields.Nested(ProposalItem, required=True, allow_none=True)
