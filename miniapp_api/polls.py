"""Opinion polls: reading the questions, answering once, and the results."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, public, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.once import once
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import polls as schemas
from miniapp_api.schemas.base import Key, PageQuery, page_of
from models.decisions.consultation import Channel
from models.kernel.refusal import Missing
from models.polls.ballot import Voter, has_answered
from models.polls.poll import Poll, PollQuestion, PollStage, by_public_id, poll_list
from models.polls.result import Finding, Part, result

door = Door("polls", __name__, "/polls", "民意调查：看题、作答、看结果。")


def _line(poll: Poll) -> dict[str, Any]:
    return {
        "id": poll.public_id,
        "title": poll.title,
        "state": _state(poll),
        "state_label": poll.state_words,
        "opens_on": poll.opens_on,
        "closes_on": poll.closes_on,
        "questions": len(poll.questions),
    }


def _state(poll: Poll) -> str:
    if poll.stage == PollStage.PUBLISHED:
        return "open" if poll.is_open else "closed"
    return {"counted": "closed"}.get(poll.stage.value, poll.stage.value)


def _question(question: PollQuestion) -> dict[str, Any]:
    return {
        "name": question.name,
        "kind": question.kind.value,
        "text": question.text,
        "needed": question.needed,
        "options": [] if question.kind == "text" else [_option(question, n) for n in question.numbers],
        "low": question.low,
        "high": question.high,
    }


def _option(question: PollQuestion, number: int) -> dict[str, Any]:
    return {"value": number, "label": question.words_of(number)}


@door.route("")
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.PollLine))
def polls(asked: dict[str, Any]) -> Response:
    """Polls that were published, newest first."""
    rows = poll_list(after=after_id(Poll, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return public(page(map(_line, shown), following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Poll)
def poll(public_id: str) -> Response:
    """One poll with its questions."""
    found = _found(public_id)
    return public(
        {
            **_line(found),
            "questions": [_question(one) for one in found.questions],
            "purpose": found.purpose,
            "whom": found.whom,
            "confidential": found.confidential,
            "by_slip": found.by_slip,
            "reason": found.cancelled_reason or found.stopped_reason,
        }
    )


@door.route("/<string(length=12):public_id>/mine")
@signed_in
@door.response(200, schemas.MyPart)
def mine(public_id: str) -> Response:
    """Whether I have answered; what, nobody knows any more."""
    return said({"answered": has_answered(_found(public_id), me())})


@door.route("/<string(length=12):public_id>/answers", methods=["POST"])
@signed_in
@door.arguments(Key, location="headers")
@door.arguments(schemas.NewAnswers)
@door.response(201, schemas.MyPart)
def answer(headers: dict[str, str], given: dict[str, Any], public_id: str) -> Response:
    """Answer, once. Of a repeat under the same Idempotency-Key only the poll is compared: the answers are written down nowhere."""
    found, who = _found(public_id), me()
    told = {one["name"]: one["value"] for one in given["answers"]}

    def cast() -> dict[str, Any]:
        Voter.cast(who, found, told, channel=Channel.MINI, slip=given["slip"], place=place_of(given["place"]))
        return {"answered": True}

    body, repeated = once(who, "poll", headers["idempotency_key"], found.public_id, cast)
    return said(body, 200 if repeated else 201)


@door.route("/<string(length=12):public_id>/results")
@door.response(200, schemas.Results)
def results(public_id: str) -> Response:
    """The figures with their bases, once they are out."""
    found = _found(public_id)
    if found.stage != PollStage.CONCLUDED:
        raise Missing("结果还没有公布。")
    made = result(found)
    return public(
        {
            "id": found.public_id,
            "title": found.title,
            "people": made.base,
            "sample": found.sample,
            "reach": found.reach.value,
            "says": found.reach.says,
            "smallest": made.smallest,
            "report": found.report,
            "concluded_at": found.concluded_at,
            "questions": [_finding(one) for one in made.findings],
        }
    )


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "name": one.question.name,
        "kind": one.question.kind.value,
        "text": one.question.text,
        "whole": _part(one.whole),
        "splits": [{"by": split.by, "parts": [_part(part) for part in split.parts]} for split in one.splits],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "base": part.base,
        "rows": [{"label": row.label, "number": row.number} for row in part.rows],
        "mean": round(part.mean, 2) if part.mean is not None else None,
        "merged": list(part.merged),
    }


def _found(public_id: str) -> Poll:
    found = by_public_id(public_id)
    if found is None or found.opens_on is None:
        raise Missing("没有找到这次调查。")
    return found
