"""What is looked for, and what was found."""

from marshmallow import fields

from miniapp_api.schemas.base import Choice, Closed, PageQuery, Text
from models.search.kinds import LABELS


class SearchQuery(PageQuery):
    """Words or a sentence; of one kind only, if it is given."""

    q = Text(most=120, least=1, required=True, metadata={"description": "A few words, or a sentence."})
    kind = Choice(LABELS, load_default=None)


class SearchPiece(Closed):
    """A part of a text, and whether it is what was looked for."""

    text = fields.String(required=True)
    hit = fields.Boolean(required=True)


class SearchHit(Closed):
    """A text that was found; `id` is the id under its own address: consultations, reports, decisions, articles."""

    kind = fields.String(required=True)
    kind_label = fields.String(required=True)
    id = fields.String(required=True)
    title = fields.List(fields.Nested(SearchPiece), required=True)
    excerpt = fields.List(fields.Nested(SearchPiece), required=True)
    shown_on = fields.Date(required=True)


class SearchPage(Closed):
    """One page of hits."""

    items = fields.List(fields.Nested(SearchHit), required=True)
    next = fields.String(
        required=True, allow_none=True, metadata={"description": "Give it as `after`; null on the last one."}
    )
    total = fields.Integer(required=True, metadata={"description": "How many were found, a hundred at most."})
