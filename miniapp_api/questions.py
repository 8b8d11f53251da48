"""Legal questions of the person who is signed in; nobody else sees them but counsel and the justice office."""

from typing import Any

from flask import Response

from miniapp_api.answers import nothing, page, public, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import key_for
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import questions as schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.decisions.consultation import Channel
from models.kernel.refusal import Missing
from models.messages.pace import not_too_fast
from models.questions import erase, known
from models.questions.follow_up import ask_again, left, thread
from models.questions.hand_over import HandOver
from models.questions.known import CommonQuestion, CommonStage
from models.questions.question import AID_HINT, Question, QuestionStage, mine
from models.questions.seen import readers

door = Door("questions", __name__, "/questions", "问法律：只有法律顾问和司法所看得到。")
common_door = Door("common_questions", __name__, "/common-questions", "大家常问的法律问题。")


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
        limit_on=given["limit_on"],
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
        "urgent": question.urgent,
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
    """One of my questions with its answer, what followed, and who has read it."""
    question = Question.of(me(), public_id)
    slip = HandOver.of(question) if question.stage == QuestionStage.PASSED_ON else None
    return said(
        {
            **_line(question),
            "answer": question.answer,
            "answered_at": question.answered_at,
            "counsel": question.counsel.name if question.counsel else "",
            "aid_hint": AID_HINT,
            "limit_on": question.limit_on,
            "follow_ups": [
                {
                    "number": f.number,
                    "text": f.text,
                    "asked_at": f.asked_at,
                    "answer": f.answer,
                    "answered_at": f.answered_at,
                }
                for f in thread(question)
            ],
            "follow_ups_left": left(question),
            "helpful": question.helpful,
            "handed_over": _handed(slip) if slip else None,
            "readers": [
                {"name": r.name, "unit": r.unit, "at": r.at, "times": r.times, "reason": r.reason}
                for r in readers(question)
            ],
        }
    )


def _handed(slip: HandOver) -> dict[str, Any]:
    return {
        "road": slip.road.value,
        "road_label": slip.road.label,
        "receiver": slip.receiver,
        "number": slip.number,
        "words": slip.words,
        "due_on": slip.due_on,
        "comment": slip.comment.public_id if slip.comment else None,
    }


@door.route("/<string(length=12):public_id>/follow-ups", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewFollowUp)
@door.response(201, schemas.FollowUpTaken)
def follow_up(headers: dict[str, str], given: dict[str, Any], public_id: str) -> Response:
    """Ask the same counsel once more. The same Idempotency-Key is the same follow-up."""
    who = me()
    question = Question.of(who, public_id)
    not_too_fast(who)
    made = ask_again(question, who, given["text"], key=key_for(who, headers["idempotency_key"]))
    return said({"number": made.number, "due_on": made.due_on}, 201)


@door.route("/<string(length=12):public_id>/rating", methods=["PUT"])
@signed_in
@door.arguments(schemas.NewQuestionRating)
@door.response(204)
def rate(given: dict[str, Any], public_id: str) -> Response:
    """Say whether the answer helped; the last word counts."""
    Question.of(me(), public_id).rate(me(), given["helpful"])
    return nothing()


@door.route("/<string(length=12):public_id>", methods=["DELETE"])
@signed_in
@door.response(204)
def forget(public_id: str) -> Response:
    """Delete it: no word of it is left, here or at the desk."""
    erase.erase(Question.of(me(), public_id), me())
    return nothing()


def _common_line(item: CommonQuestion) -> dict[str, Any]:
    return {
        "id": item.public_id,
        "question": item.question,
        "topic": item.topic.name if item.topic else None,
        "published_at": item.published_at,
    }


def _common(item: CommonQuestion) -> dict[str, Any]:
    return {**_common_line(item), "answer": item.answer, "basis": item.basis, "basis_on": item.basis_on}


@common_door.route("")
@common_door.arguments(PageQuery, location="query")
@common_door.response(200, page_of(schemas.CommonLine))
def common_all(asked: dict[str, Any]) -> Response:
    """What many have asked, newest first."""
    rows = known.published(after=after_id(CommonQuestion, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return public(page(map(_common_line, shown), following))


@common_door.route("/<string(length=12):public_id>")
@common_door.response(200, schemas.CommonQuestion)
def common_one(public_id: str) -> Response:
    """One of them with its answer."""
    found = known.by_public_id(public_id)
    if found is None or found.stage != CommonStage.PUBLISHED:
        raise Missing("没有找到这条问答，可能已经撤下。")
    return public(_common(found))


@common_door.route("/like", methods=["POST"])
@signed_in
@common_door.arguments(schemas.Sought)
@common_door.response(200, schemas.CommonFound)
def common_like(given: dict[str, Any]) -> Response:
    """Before asking: what others asked much alike. The words travel in the body, so that no log of addresses holds them."""
    return said({"items": [_common(item) for item in known.like(given["text"])]})
