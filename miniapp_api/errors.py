"""Every refusal as JSON: {code, message, fields?}, with the status that the house gives to its kind."""

import logging
from typing import Any

import orjson
from flask import Response
from marshmallow import Schema, fields
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, Refusal, RuleUnmet, TooOften

log = logging.getLogger(__name__)


class SignIn(Refusal):
    """Nobody is signed in, or not any more."""

    code = "sign_in"


STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (SignIn, 401),
    (Missing, 404),
    (NotAllowed, 403),
    (OutOfTurn, 409),
    (RuleUnmet, 422),
    (TooOften, 429),
)

WORDS: dict[int, tuple[str, str]] = {
    400: ("malformed", "提交的内容读不懂。"),
    401: ("sign_in", "请先登录。"),
    403: ("not_allowed", "没有权限这样做。"),
    404: ("missing", "没有找到。"),
    405: ("method_not_allowed", "这个地址不支持这种请求。"),
    406: ("not_acceptable", "只能用 JSON 回答。"),
    408: ("too_slow", "提交得太慢，请再试一次。"),
    413: ("too_large", "提交的内容太大。"),
    415: ("unsupported", "请用 application/json 提交。"),
    422: ("rule_unmet", "有内容没有填对。"),
    429: ("too_often", "操作太频繁，请稍后再试。"),
    500: ("fault", "我们这边出了问题，已经记下来了。请稍后再试。"),
    503: ("busy", "系统正忙，请稍后再试。"),
}


class Problem(Schema):
    """What an error looks like."""

    code = fields.String(required=True, metadata={"description": "A stable English word for programs."})
    message = fields.String(required=True, metadata={"description": "A Chinese sentence for people."})
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "A sentence for each field that is wrong."},
    )


def problem(status: int, code: str, message: str, named: dict[str, str] | None = None, **headers: str) -> Response:
    """The answer that says what is wrong."""
    body: dict[str, Any] = {"code": code, "message": message}
    if named:
        body["fields"] = named
    answer = Response(orjson.dumps(body), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.extend(headers)
    return answer


def of_refusal(refusal: Refusal) -> Response:
    """A rule of the house said no."""
    status = next((number for kind, number in STATUS if isinstance(refusal, kind)), 422)
    named = refusal.fields if isinstance(refusal, RuleUnmet) else None
    answer = problem(status, refusal.code, refusal.sentence, named)
    if isinstance(refusal, TooOften):
        answer.headers["Retry-After"] = str(max(1, refusal.retry_after))
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def of_stale(_error: StaleDataError) -> Response:
    """Two wrote at once, and this one came second."""
    return problem(409, OutOfTurn.code, "刚刚有人改过，请刷新后再试。")


def of_http(error: HTTPException) -> Response:
    """What the framework refused: no such address, a body too large, fields that do not fit."""
    if error.response is not None and error.code is None:
        return problem(500, *WORDS[500])
    status = error.code or 500
    code, message = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    # Our own guards say why in Chinese; the framework's English descriptions are not for residents.
    if error.description and not error.description.isascii():
        message = error.description
    data = getattr(error, "data", None) or {}
    answer = problem(status, code, message, _flat(data.get("messages") or {}))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def said_of(status: int, message: str = "") -> Response:
    """An error of an address under /api that belongs to no resource."""
    code, words = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    return problem(status, code, message or words)


def _flat(messages: Any) -> dict[str, str]:
    """marshmallow's nested messages as one sentence for each field."""
    flat: dict[str, str] = {}

    def take(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                take(f"{prefix}.{key}" if prefix else str(key), inner)
        elif isinstance(value, list):
            flat[prefix or "body"] = " ".join(str(item) for item in value)
        else:
            flat[prefix or "body"] = str(value)

    if isinstance(messages, dict):
        for inner in messages.values():  # the outer key is webargs' location: json, query, headers
            take("", inner)
    return flat
