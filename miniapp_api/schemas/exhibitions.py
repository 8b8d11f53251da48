"""Exhibitions as the mini program sees them."""

from marshmallow import fields

from miniapp_api.schemas.base import Closed, PageQuery, PublicId


class ExhibitionQuery(PageQuery):
    """Near which village; everywhere when left out."""

    place = PublicId(load_default=None, allow_none=True)


class Exhibition(Closed):
    """One exhibition, and where it is."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    theme = fields.String(required=True)
    shown = fields.String(required=True, metadata={"description": "What is to be seen there."})
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True, metadata={"description": "null: a permanent one."})
    state_label = fields.String(required=True)
    station = fields.String(required=True)
    village = fields.String(required=True)
    address = fields.String(required=True)
    hours = fields.String(required=True)
    phone = fields.String(required=True)
    picture = fields.String(required=True, metadata={"description": "Below the site's address; empty without one."})
    caption = fields.String(required=True)
