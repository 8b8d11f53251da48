"""Legal questions of the person who is signed in; nobody else sees them but counsel and the justice office."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import key_for
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import reading as schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.decisions.consultation import Channel
from models.messages.pace import not_too_fast
from models.questions.question import AID_HINT, Question, mine

door = Door("questions", __name__, "/questions", "问法律：只有法律顾问和司法所看得到。")


@door.route("", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewQuestion)
@door.response(201, schemas.Asked)
def ask(headers: dict[str, str], given: dict[str, Any]) -> Response:
    """Ask a legal question. The same Idempotency-Key with the same words is the same question."""
    who = me()
    not_too_fast(who)
    question = Question.ask(
        who,
        given["text"],
        channel=Channel.MINI,
        place=place_of(given["place"]),
        key=key_for(who, headers["idempotency_key"]),
    )
    return said({"id": question.public_id, "due_on": question.due_on}, 201)


def _line(question: Question) -> dict[str, Any]:
    return {
        "id": question.public_id,
        "text": question.readable,
        "asked_at": question.asked_at,
        "due_on": question.due_on,
        "stage": question.stage.value,
        "stage_label": question.stage.label,
    }


@door.route("/mine")
@signed_in
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.QuestionLine))
def mine_all(asked: dict[str, Any]) -> Response:
    """My questions, newest first."""
    rows = mine(me(), after=after_id(Question, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return said(page(map(_line, shown), following))


@door.route("/<string(length=12):public_id>")
@signed_in
@door.response(200, schemas.Question)
def one(public_id: str) -> Response:
    """One of my questions with its answer."""
    question = Question.of(me(), public_id)
    return said(
        {**_line(question), "answer": question.answer, "answered_at": question.answered_at, "aid_hint": AID_HINT}
    )
