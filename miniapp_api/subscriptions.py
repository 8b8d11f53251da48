"""Consents to be told, as wx.requestSubscribeMessage brought them: one accept, one message."""

from typing import Any

from flask import Response, current_app

from miniapp_api.answers import said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import once
from miniapp_api.schemas import people as schemas
from miniapp_api.schemas.base import Key
from models.kernel.refusal import Missing, RuleUnmet
from models.messages.consented import accepted
from models.people.resident import Grant, Identity

door = Door("subscriptions", __name__, "/subscriptions", "订阅：同意一次，可以收到一条通知。")


def _identity() -> Identity:
    """The person's identity in the mini program."""
    mini = current_app.extensions["settings"].mini
    found = [one for one in me().all_identities if mini is not None and one.appid == mini.appid]
    if not found:
        raise Missing("没有找到您的小程序身份，请重新登录。")
    return found[-1]


def _templates() -> dict[str, str]:
    mini = current_app.extensions["settings"].mini
    named = {mini.template_answer: "意见有了答复", mini.template_notice: "征求意见有变化"} if mini else {}
    return {template: purpose for template, purpose in named.items() if template}


def _left() -> dict[str, Any]:
    identity = _identity()
    return {
        "items": [
            {"template": template, "purpose": purpose, "left": Grant.left(identity, template)}
            for template, purpose in _templates().items()
        ]
    }


@door.route("")
@signed_in
@door.response(200, schemas.Subscriptions)
def subscriptions() -> Response:
    """Which templates to ask for, and how many messages are allowed yet."""
    return said(_left())


@door.route("", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewSubscriptions)
@door.response(200, schemas.Subscriptions)
def answer(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """What the person answered. WeChat reports the same as an event; whichever comes first counts, once."""
    known = _templates()
    wrong = [one["template"] for one in given["answers"] if one["template"] not in known]
    if wrong:
        raise RuleUnmet("这个模板不是我们的。", {"answers": "这个模板不是我们的。"})
    identity = _identity()

    def count() -> dict[str, Any]:
        for one in given["answers"]:
            if one["answer"] == "accept":
                accepted(identity, one["template"], "api")
            else:
                Grant.zero(identity, one["template"])
        return {}

    told = "\n".join(f"{one['template']} {one['answer']}" for one in given["answers"])
    once(me(), "subscriptions", headers["idempotency_key"], told, count)
    return said(_left())
