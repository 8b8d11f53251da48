"""What the office knows of the person who is signed in, and what they allow."""

from typing import Any

from flask import Response

from miniapp_api.answers import nothing, public, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.places import place_of, shown
from miniapp_api.schemas import people as schemas
from models.comments.mine import counted
from models.decisions.consultation import Channel
from models.kernel.refusal import Missing, OutOfTurn
from models.people.consent import Consent, ConsentText

door = Door("me", __name__, "/me", "我：称呼、电话、所在村居，都可以不填；隐私说明和同意。")


def _me() -> dict[str, Any]:
    who = me()
    written, answered = counted(who.all_ids)
    return {
        "name": who.name,
        "phone": who.phone,
        "place": shown(who.place) if who.place else None,
        "comments": written,
        "answered": answered,
        "consented": Consent.given(who),
    }


@door.route("")
@signed_in
@door.response(200, schemas.Me)
def who_am_i() -> Response:
    """What the office knows of me."""
    return said(_me())


@door.route("", methods=["PATCH"])
@signed_in
@door.arguments(schemas.NewMe)
@door.response(200, schemas.Me)
def introduce(given: dict[str, Any]) -> Response:
    """Tell what I choose to tell."""
    who = me()
    who.introduce(
        who,
        name=given.get("name", ""),
        phone=given.get("phone", ""),
        place=place_of(given.get("place")),
        door=Channel.MINI.value,
    )
    return said(_me())


@door.route("/privacy")
@door.response(200, schemas.Privacy)
def privacy() -> Response:
    """The privacy notice in force; anybody may read it before signing in."""
    text = ConsentText.current()
    if text is None:
        raise Missing("隐私说明还没有公布。")
    return public({"version": text.version, "text": text.body})


@door.route("/consent", methods=["PUT"])
@signed_in
@door.arguments(schemas.NewConsent)
@door.response(204)
def consent(given: dict[str, Any]) -> Response:
    """Agree to the privacy notice, in the version that was read."""
    text = ConsentText.current()
    if text is None or text.version != given["version"]:
        raise OutOfTurn("隐私说明更新了，请看过新的再同意。")
    Consent.give(me(), door=Channel.MINI.value)
    return nothing()


@door.route("/consent", methods=["DELETE"])
@signed_in
@door.response(204)
def withdraw_consent() -> Response:
    """Take the agreement back."""
    Consent.withdraw(me())
    return nothing()
