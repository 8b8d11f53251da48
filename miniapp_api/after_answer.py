"""After the answer: one tap whether it met the point, a second look by somebody else, and the clock that everybody can read."""

from typing import Any

from flask import Response

from miniapp_api.answers import public, said
from miniapp_api.comments import door as comments_door
from miniapp_api.comments import looked, promised, whole
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import once
from miniapp_api.schemas import comments as schemas
from miniapp_api.schemas import reading as reading_schemas
from miniapp_api.schemas.base import Key
from models.comments.comment import Comment
from models.comments.promise import Promise, kept_lately, open_promises
from models.comments.public_clock import answers_owed, looks_owed
from models.comments.second_look import SecondLook, point_of, rate, ratings_of

door = Door("clock", __name__, "/clock", "答复的钟：哪天该答、答应了什么、晚了没有。")


@comments_door.route("/<string(length=12):public_id>/rating", methods=["PUT"])
@signed_in
@comments_door.arguments(schemas.NewRating)
@comments_door.response(200, schemas.Comment)
def rating(given: dict[str, Any], public_id: str) -> Response:
    """Whether an answer met my point. Saying the same again changes nothing; saying the other changes it."""
    who = me()
    comment = Comment.of(who, public_id)
    point = point_of(comment, given["point"])
    if ratings_of([point.id], who).get(point.id) != given["met"]:
        rate(point, who, given["met"])
    return said(whole(comment))


@comments_door.route("/<string(length=12):public_id>/second-look", methods=["POST"])
@signed_in
@comments_door.arguments(Key, location="headers")
@comments_door.arguments(schemas.NewSecondLook)
@comments_door.response(201, schemas.LookAsked)
@comments_door.alt_response(200, schema=schemas.LookAsked, description="The same submission again.")
def second_look(headers: dict[str, str], given: dict[str, Any], public_id: str) -> Response:
    """Ask that somebody else look at an answer once more, once for each answer; it also says that the answer did not meet the point."""
    who = me()
    point = point_of(Comment.of(who, public_id), given["point"])

    def ask() -> dict[str, Any]:
        return {"point": point.public_id, "second_look": looked(SecondLook.ask(who, point, given["reason"]))}

    asked = f"{public_id}\n{point.public_id}\n{given['reason']}"
    answer, repeated = once(who, "second-look", headers["idempotency_key"], asked, ask)
    return said(answer, 200 if repeated else 201)


def _promise(one: Promise) -> dict[str, Any]:
    asked = one.consultation
    return {"consultation": asked.public_id, "title": asked.title, **promised(one)}


@door.route("")
@door.response(200, reading_schemas.Clock)
def clock() -> Response:
    """What is owed to the public, the earliest day first; what is late is still here."""
    looks = looks_owed()
    return public(
        {
            "answers": [
                {"consultation": one.public_id, "title": one.title, "due_on": one.due_on, "days_late": one.late}
                for one in answers_owed()
            ],
            "second_looks": looks._asdict(),
            "promises": [_promise(one) for one in open_promises()],
            "kept": [_promise(one) for one in kept_lately()],
        }
    )
