"""Polls, answers to them, and results."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from miniapp_api.schemas.base import Closed, Many, PublicId, Text
from models.polls.poll import LONGEST_ANSWER, MOST_OPTIONS, MOST_QUESTIONS


class PollLine(Closed):
    """A poll as a line of a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "open, closed, concluded or cancelled."})
    state_label = fields.String(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)
    questions = fields.Integer(required=True, metadata={"description": "How many."})


class PollOption(Closed):
    """One answer that may be given."""

    value = fields.Integer(required=True)
    label = fields.String(required=True)


class PollQuestion(Closed):
    """One question."""

    name = fields.String(required=True, metadata={"description": "Give it with the answer."})
    kind = fields.String(required=True, metadata={"description": "single, multiple, scale, rating or text."})
    text = fields.String(required=True)
    needed = fields.Boolean(required=True)
    options = fields.List(fields.Nested(PollOption), required=True)
    low = fields.String(required=True)
    high = fields.String(required=True)


class Poll(PollLine):
    """One poll with its questions."""

    questions = fields.List(fields.Nested(PollQuestion), required=True)  # type: ignore[assignment]
    purpose = fields.String(required=True)
    whom = fields.String(required=True)
    confidential = fields.Boolean(required=True)
    by_slip = fields.Boolean(required=True, metadata={"description": "Only with the number of a slip."})
    reason = fields.String(required=True, metadata={"description": "Why it was stopped or cancelled; mostly empty."})


class Answered(fields.Field[Any]):
    """A number, some numbers, or words: whatever the kind of the question asks for."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        whole = isinstance(value, int) and not isinstance(value, bool)
        numbers = isinstance(value, list) and len(value) <= MOST_OPTIONS and all(type(one) is int for one in value)
        if not (whole or numbers or (isinstance(value, str) and len(value) <= LONGEST_ANSWER)):
            raise self.make_error("validator_failed")
        return value

    default_error_messages = {"validator_failed": "请填选项的数字，多选填数字的列表，写话的填文字。"}


class NewAnswer(Closed):
    """The answer to one question."""

    name = fields.String(
        required=True,
        validate=validate.Regexp(re.compile(r"\Aq[0-9]{1,2}\Z"), error="没有这一题。"),
        error_messages={"required": "请填写这一项。", "null": "请填写这一项。", "invalid": "要填文字。"},
    )
    value = Answered(
        required=True,
        error_messages={"required": "请填写这一项。", "null": "请填写这一项。"},
        metadata={
            "anyOf": [
                {"type": "integer"},
                {"type": "array", "items": {"type": "integer"}, "maxItems": MOST_OPTIONS},
                {"type": "string", "maxLength": LONGEST_ANSWER},
            ],
            "description": "A number for single, scale and rating, numbers for multiple, words for text.",
        },
    )


class NewAnswers(Closed):
    """All answers at once; they cannot be changed."""

    answers = Many(
        fields.Nested(NewAnswer),
        required=True,
        validate=validate.Length(1, MOST_QUESTIONS, error=f"请填1到{MOST_QUESTIONS}题。"),
    )
    slip = Text(most=20, load_default="")
    place = PublicId(load_default=None, allow_none=True)


class MyPart(Closed):
    """Whether I have taken part."""

    answered = fields.Boolean(required=True)


class ResultRow(Closed):
    """One answer and how many gave it."""

    label = fields.String(required=True)
    number = fields.Integer(required=True)


class ResultPart(Closed):
    """A question among all who answered, or among some of them."""

    name = fields.String(required=True)
    base = fields.Integer(required=True, metadata={"description": "How many answered this question."})
    rows = fields.List(fields.Nested(ResultRow), required=True)
    mean = fields.Float(required=True, allow_none=True)
    merged = fields.List(
        fields.String(), required=True, metadata={"description": "What is in it that would be too small by itself."}
    )


class ResultSplit(Closed):
    """A question by village or by group."""

    by = fields.String(required=True)
    parts = fields.List(fields.Nested(ResultPart), required=True)


class ResultQuestion(Closed):
    """What became of one question."""

    name = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True)
    whole = fields.Nested(ResultPart, required=True)
    splits = fields.List(fields.Nested(ResultSplit), required=True)


class Results(Closed):
    """What a poll found."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    people = fields.Integer(required=True)
    sample = fields.Integer(required=True, metadata={"description": "How many were asked; 0 where nobody was."})
    reach = fields.String(required=True)
    says = fields.String(required=True, metadata={"description": "What the figures can say."})
    smallest = fields.Integer(required=True)
    report = fields.String(required=True)
    concluded_at = fields.AwareDateTime(required=True)
    questions = fields.List(fields.Nested(ResultQuestion), required=True)
