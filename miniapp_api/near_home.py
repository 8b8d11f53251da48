"""The law near home: places, the legal-aid pre-check, and asking for mediation."""

from typing import Any

from flask import Response

from miniapp_api.answers import nothing, page, public, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import key_for
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import near_home as schemas
from miniapp_api.schemas import questions as question_schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.decisions.consultation import Channel
from models.kernel.refusal import RuleUnmet
from models.messages.pace import not_too_fast
from models.outreach.legal_place import by_public_id, places_of
from models.questions.aid import NEVER_DECIDES, AidMatter, Standing, look
from models.questions.duty import on_duty
from models.questions.mediation import Dispute, Mediation, mine
from models.questions.question import Question

door = Door("legal_services", __name__, "/legal-services", "身边的法律服务：地点、值班的法律顾问。")
aid_door = Door("legal_aid", __name__, "/legal-aid", "法律援助初筛：指路、转交，不作决定。")
mediation_door = Door("mediations", __name__, "/mediations", "申请调解：自愿、免费。")


@door.route("")
@door.arguments(schemas.ServicesQuery, location="query")
@door.response(200, schemas.Services)
def services(asked: dict[str, Any]) -> Response:
    """What a village has, and what is for the whole street."""
    village = place_of(asked["place"])
    counsel = on_duty(village)
    items = [
        {
            "id": one.public_id,
            "kind": one.kind.value,
            "kind_label": one.kind.label,
            "name": one.name,
            "village": one.where,
            "address": one.address,
            "phone": one.phone,
            "hours": one.hours,
            "about": one.about,
        }
        for one in places_of(village)
    ]
    return public({"counsel": counsel.name if counsel else "", "items": items})


def _standing(given: dict[str, Any]) -> list[Standing]:
    return [Standing(word) for word in given["standing"]]


@aid_door.route("/look", methods=["POST"])
@signed_in
@aid_door.arguments(schemas.AidCheck)
@aid_door.response(200, schemas.AidFound)
def look_at_aid(given: dict[str, Any]) -> Response:
    """What the law says of such a matter; what is sent is kept nowhere, and stands in no address."""
    found = look(AidMatter(given["matter"]), _standing(given), hurried=given["hurried"])
    return said(
        {
            "heading": found.heading,
            "why": found.why,
            "means": found.means,
            "papers": list(found.papers),
            "hurry": found.hurry,
            "never_decides": NEVER_DECIDES,
        }
    )


@aid_door.route("/requests", methods=["POST"])
@signed_in
@aid_door.arguments(Key, location="headers")
@aid_door.arguments(schemas.NewAidRequest)
@aid_door.response(201, question_schemas.Asked)
def request_aid(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """Hand it over to the justice office, which passes it on to the legal aid centre. GET /questions/{id} tells how far it is."""
    who = me()
    not_too_fast(who)
    matter = AidMatter(given["matter"])
    summary = look(matter, _standing(given)).summary
    asked = Question.ask(
        who,
        f"{summary}\n{given['text']}",
        channel=Channel.MINI,
        aid=matter,
        limit_on=given["limit_on"],
        key=key_for(who, headers["idempotency_key"]),
    )
    return said({"id": asked.public_id, "due_on": asked.due_on}, 201)


@mediation_door.route("", methods=["POST"])
@signed_in
@mediation_door.arguments(Key, location="headers")
@mediation_door.arguments(schemas.NewMediation)
@mediation_door.response(201, schemas.Mediation)
def ask_for_mediation(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """Ask a village's room. The same Idempotency-Key is the same request."""
    who = me()
    not_too_fast(who)
    room = by_public_id(given["room"])
    if room is None:
        raise RuleUnmet("请选一个调解室。", {"room": "请选一个调解室。"})
    made = Mediation.ask(
        who,
        room,
        Dispute(given["dispute"]),
        given["text"],
        channel=Channel.MINI,
        key=key_for(who, headers["idempotency_key"]),
    )
    return said(_one(made), 201)


def _one(m: Mediation) -> dict[str, Any]:
    return {
        "id": m.public_id,
        "dispute": m.dispute.value,
        "dispute_label": m.dispute.label,
        "room": m.room.name,
        "text": m.text,
        "stage": m.stage.value,
        "stage_label": m.stage.label,
        "asked_at": m.asked_at,
        "agreed_on": m.agreed_on,
        "confirm_until": m.confirm_until,
        "confirmed_on": m.confirmed_on,
    }


@mediation_door.route("/mine")
@signed_in
@mediation_door.arguments(PageQuery, location="query")
@mediation_door.response(200, page_of(schemas.Mediation))
def my_mediations(asked: dict[str, Any]) -> Response:
    """Mine, newest first."""
    rows = mine(me(), after=after_id(Mediation, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return said(page(map(_one, shown), following))


@mediation_door.route("/<string(length=12):public_id>")
@signed_in
@mediation_door.response(200, schemas.Mediation)
def one_mediation(public_id: str) -> Response:
    """One of mine."""
    return said(_one(Mediation.of(me(), public_id)))


@mediation_door.route("/<string(length=12):public_id>/withdrawal", methods=["POST"])
@signed_in
@mediation_door.response(204)
def withdraw(public_id: str) -> Response:
    """Not wanted any more."""
    Mediation.of(me(), public_id).withdraw(me())
    return nothing()
