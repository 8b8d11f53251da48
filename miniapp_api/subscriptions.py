"""Consents to be told, as wx.requestSubscribeMessage brought them; and what somebody wants to hear of, undone in one call."""

from typing import Any

from flask import Response, current_app

from miniapp_api.answers import nothing, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import once
from miniapp_api.schemas import people as schemas
from miniapp_api.schemas.base import Key
from models.kernel.refusal import Missing, RuleUnmet
from models.messages import follow
from models.messages.consented import accepted
from models.messages.follow import followed, left_last, name_of, thing_of, things_of
from models.outreach.article import Topic, topics
from models.people.place import Place, with_groups
from models.people.resident import Grant, Identity

door = Door(
    "subscriptions",
    __name__,
    "/subscriptions",
    "订阅：同意一次，可以收到一条通知；想听到哪些主题、村居和组，随时可以退。",
)


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


@door.route("/following")
@signed_in
@door.response(200, schemas.Following)
def following() -> Response:
    """Every topic, village and group, and which of them I follow."""
    return said(_following())


@door.route("/following", methods=["PUT"])
@signed_in
@door.arguments(schemas.NewFollowing)
@door.response(200, schemas.Following)
def choose(given: dict[str, Any]) -> Response:
    """Exactly these from now on; none is nothing."""
    wanted = [_thing(one) for one in dict.fromkeys(given["ids"])]
    places = [one for one in wanted if isinstance(one, Place)]
    follow.follow(me(), me(), places, [one for one in wanted if isinstance(one, Topic)])
    return said(_following())


@door.route("/following", methods=["DELETE"])
@signed_in
@door.response(204)
def leave_all() -> Response:
    """Nothing more of anything, in one call; again changes nothing."""
    follow.leave(me(), me())
    return nothing()


@door.route("/following/<string(length=12):public_id>", methods=["PUT"])
@signed_in
@door.response(204)
def follow_one(public_id: str) -> Response:
    """This as well."""
    follow.follow_too(me(), me(), [_named(public_id)])
    return nothing()


@door.route("/following/<string(length=12):public_id>", methods=["DELETE"])
@signed_in
@door.response(204)
def leave_one(public_id: str) -> Response:
    """Nothing more of this. Who did not follow it is not asked about it again."""
    thing = _named(public_id)
    if not follow.leave(me(), me(), [thing]):
        follow.decline(me(), me(), thing)
    return nothing()


@door.route("/following/restored", methods=["POST"])
@signed_in
@door.response(200, schemas.Following)
def restore() -> Response:
    """What was left last is followed again; with nothing left, nothing changes."""
    if any(left_last(me())):
        follow.restore(me(), me())
    return said(_following())


def _following() -> dict[str, Any]:
    places, wanted = followed(me())
    rows: list[dict[str, Any]] = [
        {"id": t.public_id, "name": t.name, "kind": "topic", "within": None, "following": t.id in wanted}
        for t in topics()
    ]
    for village, groups in with_groups():
        rows += [
            {
                "id": one.public_id,
                "name": one.name,
                "kind": one.kind.value,
                "within": None if one is village else village.public_id,
                "following": one.id in places,
            }
            for one in (village, *groups)
        ]
    return {"items": rows, "left": [name_of(one) for one in things_of(left_last(me()))]}


def _thing(public_id: str) -> Place | Topic:
    found = thing_of(public_id)
    if found is None:
        raise RuleUnmet("没有这个主题或村居，请刷新以后再选。", {"ids": "没有这个主题或村居。"})
    return found


def _named(public_id: str) -> Place | Topic:
    found = thing_of(public_id)
    if found is None:
        raise Missing("没有这个主题或村居，可能已经改了名。")
    return found
