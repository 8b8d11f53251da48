"""Lectures: what comes next, signing up and leaving, being there."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, public, said
from miniapp_api.door import Door, me, signed_in
from miniapp_api.paging import after_id, cut
from miniapp_api.schemas import lectures as schemas
from miniapp_api.schemas.base import PageQuery, page_of
from models.decisions.consultation import Channel
from models.kernel.refusal import Missing
from models.outreach.attendee import Attendee, AttendeeStage, be_here, leave, of, sign_up, turnout
from models.outreach.lecture import SHOWN, Lecture, by_public_id, lecture_list
from models.outreach.lecture_file import files_of

door = Door("lectures", __name__, "/lectures", "文明讲堂：看预告、报名、签到、看资料。")


def _line(lecture: Lecture) -> dict[str, Any]:
    return {
        "id": lecture.public_id,
        "title": lecture.title,
        "speaker": lecture.speaker,
        "village": lecture.where,
        "venue": lecture.venue,
        "starts_at": lecture.starts_at,
        "ends_at": lecture.ends_at,
        "state": lecture.stage.value,
        "state_label": lecture.state_words,
        "takes_names": lecture.takes_names,
        "doors_open": lecture.doors_open,
    }


@door.route("")
@door.arguments(PageQuery, location="query")
@door.response(200, page_of(schemas.LectureLine))
def lectures(asked: dict[str, Any]) -> Response:
    """Lectures that were announced, the newest announcement first."""
    rows = lecture_list(after=after_id(Lecture, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return public(page(map(_line, shown), following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Lecture)
def lecture(public_id: str) -> Response:
    """One lecture with its papers and photographs."""
    found = _found(public_id)
    counted = turnout(found)
    shown = files_of(found, shown=True) if found.stage in SHOWN else []
    return public(
        {
            **_line(found),
            "about": found.about,
            "contact": found.contact,
            "seats": found.seats,
            "seats_left": max(0, found.seats - counted.signed) if found.seats else None,
            "waiting": counted.waiting,
            "heads": found.heads,
            "reason": found.cancelled_reason,
            "changes": [{"remark": one.remark, "made_at": one.made_at} for one in found.changes],
            "files": [
                {
                    "kind": one.kind.value,
                    "name": one.name,
                    "path": f"/lectures/{found.public_id}/files/{one.public_id}",
                    "mime": one.mime,
                    "size": one.size,
                }
                for one in shown
            ],
        }
    )


def _mine(row: Attendee | None) -> dict[str, Any]:
    if row is None:
        return {"state": "none", "seat": None, "queue": 0, "came": False}
    return {"state": row.stage.value, "seat": row.seat, "queue": row.queue, "came": row.came_at is not None}


@door.route("/<string(length=12):public_id>/mine")
@signed_in
@door.response(200, schemas.MySeat)
def mine(public_id: str) -> Response:
    """How I stand with it."""
    return said(_mine(of(_found(public_id), me())))


@door.route("/<string(length=12):public_id>/seat", methods=["PUT"])
@signed_in
@door.response(200, schemas.MySeat)
def take_seat(public_id: str) -> Response:
    """Sign up; where no seat is left one waits. Again changes nothing."""
    return said(_mine(sign_up(me(), _found(public_id), Channel.MINI)))


@door.route("/<string(length=12):public_id>/seat", methods=["DELETE"])
@signed_in
@door.response(200, schemas.MySeat)
def leave_seat(public_id: str) -> Response:
    """I cannot come: the seat is somebody else's. Again, or without having signed up, it changes nothing."""
    row = of(_found(public_id), me())
    if row is not None and row.stage != AttendeeStage.WITHDRAWN:
        leave(row, me())
    return said(_mine(row))


@door.route("/<string(length=12):public_id>/presence", methods=["PUT"])
@signed_in
@door.arguments(schemas.Presence)
@door.response(200, schemas.MySeat)
def be_there(given: dict[str, Any], public_id: str) -> Response:
    """I am here, by the code of the room; `came` stays false when the code is wrong, and ten wrong ones an hour are enough."""
    found, who = _found(public_id), me()
    be_here(who, found, given["code"], Channel.MINI)
    return said(_mine(of(found, who)))


def _found(public_id: str) -> Lecture:
    found = by_public_id(public_id)
    if found is None or found.announced_at is None:
        raise Missing("没有找到这场讲堂。")
    return found
