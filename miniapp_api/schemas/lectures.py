"""Lectures, signing up and being there."""

from marshmallow import fields

from miniapp_api.schemas.base import Closed, Text


class LectureLine(Closed):
    """A lecture as a line of a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    speaker = fields.String(required=True)
    village = fields.String(required=True)
    venue = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True, metadata={"description": "announced, held or cancelled."})
    state_label = fields.String(required=True)
    takes_names = fields.Boolean(required=True, metadata={"description": "Whether one can sign up now."})
    doors_open = fields.Boolean(required=True, metadata={"description": "Whether one can check in now."})


class LectureFile(Closed):
    """A paper or a photograph."""

    kind = fields.String(required=True, metadata={"description": "material or photograph."})
    name = fields.String(required=True)
    path = fields.String(required=True, metadata={"description": "Below the site's address."})
    mime = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "Bytes."})


class LectureChange(Closed):
    """What was changed after it had been announced."""

    remark = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class Lecture(LectureLine):
    """One lecture."""

    about = fields.String(required=True)
    contact = fields.String(required=True)
    seats = fields.Integer(required=True, metadata={"description": "0: as many as come."})
    seats_left = fields.Integer(required=True, allow_none=True, metadata={"description": "null where seats is 0."})
    waiting = fields.Integer(required=True, metadata={"description": "How many wait for a seat."})
    heads = fields.Integer(required=True, allow_none=True, metadata={"description": "People counted in the room."})
    reason = fields.String(required=True, metadata={"description": "Why it was cancelled; mostly empty."})
    changes = fields.List(fields.Nested(LectureChange), required=True)
    files = fields.List(fields.Nested(LectureFile), required=True)


class MySeat(Closed):
    """How I stand with a lecture."""

    state = fields.String(required=True, metadata={"description": "none, seated, waiting, withdrawn or walked_in."})
    seat = fields.Integer(required=True, allow_none=True)
    queue = fields.Integer(required=True, metadata={"description": "My place in the waiting list; 0 when not waiting."})
    came = fields.Boolean(required=True)


class Presence(Closed):
    """The six digits of the room."""

    code = Text(required=True, least=1, most=20)
