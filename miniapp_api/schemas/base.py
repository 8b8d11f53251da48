"""The kinds of field that the API knows, each with its refusal in Chinese."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_WORDS = {
    "required": "请填写这一项。",
    "null": "请填写这一项。",
    "validator_failed": "填得不对。",
}
PUBLIC_ID = re.compile(r"[a-z0-9]{12}")
CURSOR = re.compile(r"[A-Za-z0-9_.:\-]{1,80}")


class Closed(Schema):
    """Takes exactly what it names: a field too many is a mistake or an attempt, and is refused."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "不认识这一项。", "type": "要提交一个 JSON 对象。"}


class Text(fields.String):
    """A text exactly as it was typed; only what no database can keep is refused."""

    default_error_messages = {
        **_WORDS,
        "invalid": "要填文字。",
        "invalid_utf8": "要填文字。",
        "unkeepable": "里面有读不了的字符，请删掉后再试。",
    }

    def __init__(self, *, most: int, least: int = 0, **kwargs: Any) -> None:
        sentence = f"要有{least}到{most}个字。" if least else f"最多{most}个字。"
        kwargs.setdefault("validate", validate.Length(least or None, most, error=sentence))
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and _UNKEEPABLE.search(text):
            raise self.make_error("unkeepable")
        return str(text)


class Yes(fields.Boolean):
    """true or false, nothing that merely looks like it."""

    default_error_messages = {**_WORDS, "invalid": "要填 true 或 false。"}
    truthy = {True}
    falsy = {False}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Choice(fields.String):
    """One of a few words."""

    default_error_messages = {**_WORDS, "invalid": "要填文字。", "invalid_utf8": "要填文字。"}

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        known = list(words)
        kwargs.setdefault("validate", validate.OneOf(known, error=f"只能填：{'、'.join(known)}。"))
        super().__init__(**kwargs)


class PublicId(fields.String):
    """The public id of a record."""

    default_error_messages = {**_WORDS, "invalid": "编号不对。", "invalid_utf8": "编号不对。"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("validate", validate.Regexp(re.compile(r"\A[a-z0-9]{12}\Z"), error="编号不对。"))
        super().__init__(**kwargs)


class Many(fields.List):
    """A short list."""

    default_error_messages = {**_WORDS, "invalid": "要填一个列表。"}


class Amount(fields.Integer):
    """A small whole number."""

    default_error_messages = {**_WORDS, "invalid": "要填整数。", "too_large": "数字太大。"}


class PageQuery(Closed):
    """Which part of a list."""

    after = fields.String(
        load_default=None,
        validate=validate.Regexp(re.compile(r"\A[A-Za-z0-9_.:\-]{1,80}\Z"), error="位置不对，请用上一页给出的 next。"),
        metadata={"description": "The `next` of the page before; empty for the first page."},
    )
    limit = Amount(
        load_default=20,
        validate=validate.Range(1, 50, error="一次最多50条。"),
        metadata={"description": "How many at most."},
    )


class Key(Closed):
    """The header that makes a repeat harmless."""

    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(re.compile(r"\A[A-Za-z0-9_\-]{8,64}\Z"), error="要有8到64个字母、数字、- 或 _。"),
        error_messages={**_WORDS, "required": "请带上 Idempotency-Key，每次新提交换一个。"},
        metadata={"description": "New for every new submission, the same for every repeat of it."},
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """{items, next}: one page of a list, documented under the item's name."""
    return Closed.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(
                allow_none=True,
                required=True,
                metadata={"description": "Give it as `after` for the page that follows; null on the last one."},
            ),
        },
        name=f"{item.__name__}Page",
    )
