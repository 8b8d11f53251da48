"""The catalogue of decisions with its items, its versions and what changed between them."""

from marshmallow import fields, validate

from miniapp_api.schemas.base import Amount, Closed
from models.decisions.matter import LISTED, Category, Livelihood, Mode


class CatalogueQuery(Closed):
    """Which year's catalogue."""

    year = Amount(
        load_default=None,
        validate=validate.Range(2000, 2999, error="年份不对。"),
        metadata={"description": "Empty for the one that is in force now."},
    )


class ProcedureWord(Closed):
    """A procedure that a matter has to go through."""

    word = fields.String(required=True, validate=validate.OneOf([p.value for p in LISTED]))
    label = fields.String(required=True)


class ModeWord(Closed):
    """A way of taking part."""

    word = fields.String(required=True, validate=validate.OneOf([m.value for m in Mode]))
    label = fields.String(required=True)


class CatalogueItem(Closed):
    """One matter."""

    id = fields.String(required=True)
    origin = fields.String(required=True, metadata={"description": "The same through all versions of the year."})
    title = fields.String(required=True)
    category = fields.String(required=True, validate=validate.OneOf([c.value for c in Category]))
    category_label = fields.String(required=True)
    livelihood = fields.String(required=True, allow_none=True, validate=validate.OneOf([x.value for x in Livelihood]))
    unit = fields.String(required=True)
    basis = fields.String(required=True)
    procedures = fields.List(fields.Nested(ProcedureWord), required=True)
    modes = fields.List(fields.Nested(ModeWord), required=True)
    planned = fields.String(required=True, metadata={"description": "In words: 2027年3月."})
    planned_on = fields.Date(required=True, metadata={"description": "The first of the month where no day is named."})
    remark = fields.String(required=True)


class CatalogueChange(Closed):
    """What this version did to a matter of the one before."""

    what = fields.String(required=True, validate=validate.OneOf(["added", "removed", "changed"]))
    what_label = fields.String(required=True)
    title = fields.String(required=True)
    parts = fields.List(fields.String(), required=True, metadata={"description": "The parts that read otherwise now."})


class CatalogueVersion(Closed):
    """A published version of the same year."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    published_at = fields.AwareDateTime(required=True)


class Catalogue(Closed):
    """One version of a year's catalogue, whole."""

    id = fields.String(required=True)
    year = fields.Integer(required=True)
    number = fields.Integer(required=True)
    in_force = fields.Boolean(required=True)
    intro = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "Why it was adjusted; empty for the first version."})
    consented_on = fields.Date(required=True, metadata={"description": "The Party working committee's consent."})
    consent_number = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    items = fields.List(fields.Nested(CatalogueItem), required=True)
    changes = fields.List(fields.Nested(CatalogueChange), required=True)
    versions = fields.List(fields.Nested(CatalogueVersion), required=True)
