"""Comments of the person who is signed in, with their answers."""

from marshmallow import fields, validate

from miniapp_api.schemas.base import Amount, Choice, Closed, PublicId, Text, Yes
from miniapp_api.schemas.consultations import OUTCOMES, After


class NewComment(Closed):
    """What somebody says about a draft, or about one clause of it."""

    consultation = PublicId(required=True)
    clause = PublicId(load_default=None, allow_none=True)
    text = Text(most=2000, least=1, required=True)
    kind = Choice(("individual", "organisation", "joint"), load_default="individual")
    organisation = Text(most=60, load_default="")
    signers = Amount(load_default=1, validate=validate.Range(1, 100_000, error="人数要在1到100000之间。"))
    show_text = Yes(load_default=False, metadata={"description": "My own words may be shown with the release."})
    show_name = Yes(load_default=False, metadata={"description": "With my name."})
    place = PublicId(load_default=None, allow_none=True)


class NewSupplement(Closed):
    """More words on a comment."""

    text = Text(most=2000, least=1, required=True)


class Received(Closed):
    """The receipt of a comment: a number that can be read aloud, and the day of the answer."""

    id = fields.String(required=True)
    receipt = fields.String(required=True)
    spoken = fields.String(required=True, metadata={"description": "The number as one says it on the telephone."})
    serial = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    answer_due_on = fields.Date(required=True, allow_none=True)


class Supplemented(Closed):
    """The supplement was taken."""

    comment = fields.String(required=True)
    supplements = fields.Integer(required=True)
    received_at = fields.AwareDateTime(required=True)


class Progress(Closed):
    """Five steps: 收到 整理 研究 复审 发布."""

    done = fields.Integer(required=True)
    words = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)


class CommentLine(Closed):
    """One of my comments as a line of a list."""

    id = fields.String(required=True)
    consultation = fields.String(required=True)
    title = fields.String(required=True)
    target = fields.String(required=True)
    serial = fields.String(required=True)
    receipt = fields.String(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)
    withdrawn = fields.Boolean(required=True)
    text = fields.String(required=True)
    progress = fields.Nested(Progress, required=True)


class SecondLook(Closed):
    """Another officer looks once more; what they find comes back as a supplement among `later`."""

    stage = Choice(("asked", "taken", "answered"), required=True)
    stage_label = fields.String(required=True)
    due_on = fields.Date(required=True, metadata={"description": "The day by which the supplement is owed."})
    late = fields.Boolean(required=True)
    came_back = fields.Boolean(required=True)


class Promise(Closed):
    """What an answer says will be done later, with its day."""

    words = fields.String(required=True)
    due_on = fields.Date(required=True)
    first_due_on = fields.Date(required=True, metadata={"description": "The day that was promised first."})
    delay_reason = fields.String(required=True, metadata={"description": "Empty while the first day stands."})
    late = fields.Boolean(required=True)
    kept_at = fields.AwareDateTime(required=True, allow_none=True)
    kept_words = fields.String(required=True)


class NewRating(Closed):
    """One tap: whether the answer met the point. The last one counts."""

    point = PublicId(required=True, metadata={"description": "The `id` of one of the comment's answers."})
    met = Yes(required=True)


class NewSecondLook(Closed):
    """Please look once more: what was missed."""

    point = PublicId(required=True, metadata={"description": "The `id` of one of the comment's answers."})
    reason = Text(most=1000, least=1, required=True)


class LookAsked(Closed):
    """The second look was asked for; there is one for each answer."""

    point = fields.String(required=True)
    second_look = fields.Nested(SecondLook, required=True)


class Hidden(Closed):
    """My own words are not shown, on this ground; they count and are answered all the same."""

    ground = fields.String(required=True)
    reason = fields.String(required=True)


class Covered(Hidden):
    """Words that are covered where mine are shown."""

    words = fields.String(required=True)


class Answer(Closed):
    """What became of a point, once it is released."""

    id = fields.String(required=True)
    target = fields.String(required=True)
    outcome = Choice(OUTCOMES, required=True)
    outcome_label = fields.String(required=True)
    reason = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    later = fields.List(fields.Nested(After), required=True)
    met = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "What I said of it; null: nothing yet."}
    )
    second_look = fields.Nested(SecondLook, required=True, allow_none=True)
    promises = fields.List(fields.Nested(Promise), required=True)


class Said(Closed):
    """A supplement in its words."""

    text = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)


class Comment(CommentLine):
    """One of my comments whole."""

    kind = fields.String(required=True)
    channel = fields.String(required=True)
    show_text = fields.Boolean(required=True)
    show_name = fields.Boolean(required=True)
    hidden = fields.Nested(Hidden, required=True, allow_none=True)
    covered = fields.List(fields.Nested(Covered), required=True)
    mended = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "How a second person reads what staff first wrote down; null where nothing differs."},
    )
    supplements = fields.List(fields.Nested(Said), required=True)
    attachments = fields.Integer(required=True)
    answers = fields.List(fields.Nested(Answer), required=True)
