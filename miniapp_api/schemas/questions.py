"""Legal questions as the mini program sees them, and what many have asked."""

from marshmallow import fields

from miniapp_api.schemas.base import Closed, PublicId, Text, Yes


class NewQuestion(Closed):
    """A legal question; only counsel and the justice office read it."""

    text = Text(most=2000, least=1, required=True)
    place = PublicId(load_default=None, allow_none=True)
    limit_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The last day of a term that must not be missed; a near one hurries the answer."},
    )


class Asked(Closed):
    """The question was taken."""

    id = fields.String(required=True)
    due_on = fields.Date(required=True)


class NewFollowUp(Closed):
    """Once more about an answer."""

    text = Text(most=2000, least=1, required=True)


class FollowUpTaken(Closed):
    """It was taken."""

    number = fields.Integer(required=True)
    due_on = fields.Date(required=True)


class NewQuestionRating(Closed):
    """Whether the answer helped."""

    helpful = Yes(required=True)


class Sought(Closed):
    """Words of a question that is not asked yet; they are kept nowhere."""

    text = Text(most=2000, least=1, required=True)


class QuestionLine(Closed):
    """One of my questions as a line of a list."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True)
    stage = fields.String(required=True)
    stage_label = fields.String(required=True)
    urgent = fields.Boolean(required=True)


class FollowUp(Closed):
    """What was asked afterwards."""

    number = fields.Integer(required=True)
    text = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    answer = fields.String(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)


class Reader(Closed):
    """Somebody who works here and has read it."""

    name = fields.String(required=True)
    unit = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"description": "Not empty when it was not theirs to read."})


class HandedOver(Closed):
    """Where it went."""

    road = fields.String(required=True)
    road_label = fields.String(required=True)
    receiver = fields.String(required=True)
    number = fields.String(required=True)
    words = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    comment = fields.String(required=True, allow_none=True, metadata={"description": "The comment that it became."})


class Question(QuestionLine):
    """One of my questions with its answer."""

    answer = fields.String(required=True, metadata={"description": "Empty while it waits."})
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    counsel = fields.String(required=True)
    aid_hint = fields.String(required=True, metadata={"description": "Legal Aid Law, article 23."})
    limit_on = fields.Date(required=True, allow_none=True)
    follow_ups = fields.List(fields.Nested(FollowUp), required=True)
    follow_ups_left = fields.Integer(required=True)
    helpful = fields.Boolean(required=True, allow_none=True)
    handed_over = fields.Nested(HandedOver, required=True, allow_none=True)
    readers = fields.List(fields.Nested(Reader), required=True)


class CommonLine(Closed):
    """What many have asked, as a line of a list."""

    id = fields.String(required=True)
    question = fields.String(required=True)
    topic = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True)


class CommonQuestion(CommonLine):
    """The same with its answer."""

    answer = fields.String(required=True)
    basis = fields.String(required=True)
    basis_on = fields.Date(required=True)


class CommonFound(Closed):
    """The likest, best first; empty when nobody has asked that."""

    items = fields.List(fields.Nested(CommonQuestion), required=True)
