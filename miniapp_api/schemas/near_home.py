"""Legal services near home as the mini program sees them."""

from marshmallow import fields, validate

from miniapp_api.schemas.base import Closed, PublicId, Text, Yes
from models.questions.aid import AidMatter, Standing
from models.questions.mediation import Dispute


def _one(words: type) -> validate.OneOf:
    return validate.OneOf([str(word) for word in words], error="请从列出的里面选。")  # type: ignore[attr-defined]


class ServicesQuery(Closed):
    """Of which village."""

    place = PublicId(load_default=None, allow_none=True)


class LegalPlace(Closed):
    """A place that people may go to."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label = fields.String(required=True)
    name = fields.String(required=True)
    village = fields.String(required=True)
    address = fields.String(required=True)
    phone = fields.String(required=True)
    hours = fields.String(required=True)
    about = fields.String(required=True)


class Services(Closed):
    """What a village has."""

    counsel = fields.String(required=True, metadata={"description": "Who is on duty today; empty when nobody is."})
    items = fields.List(fields.Nested(LegalPlace), required=True)


class AidCheck(Closed):
    """What the pre-check asks; nothing of it is kept."""

    matter = Text(most=24, required=True, validate=_one(AidMatter))
    standing = fields.List(Text(most=24, validate=_one(Standing)), load_default=list)
    hurried = Yes(load_default=False)


class AidFound(Closed):
    """What the law says of it; never a decision."""

    heading = fields.String(required=True)
    why = fields.String(required=True)
    means = fields.String(required=True)
    papers = fields.List(fields.String(), required=True)
    hurry = fields.String(required=True)
    never_decides = fields.String(required=True)


class NewAidRequest(Closed):
    """Hand it over; it becomes a question under the same seal."""

    matter = Text(most=24, required=True, validate=_one(AidMatter))
    standing = fields.List(Text(most=24, validate=_one(Standing)), load_default=list)
    text = Text(most=1800, least=1, required=True)
    limit_on = fields.Date(load_default=None, allow_none=True)


class NewMediation(Closed):
    """A request for mediation."""

    room = PublicId(required=True)
    dispute = Text(most=24, required=True, validate=_one(Dispute))
    text = Text(most=1000, least=1, required=True)


class Mediation(Closed):
    """One of mine."""

    id = fields.String(required=True)
    dispute = fields.String(required=True)
    dispute_label = fields.String(required=True)
    room = fields.String(required=True)
    text = fields.String(required=True)
    stage = fields.String(required=True)
    stage_label = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    agreed_on = fields.Date(required=True, allow_none=True)
    confirm_until = fields.Date(required=True, allow_none=True)
    confirmed_on = fields.Date(required=True, allow_none=True)
