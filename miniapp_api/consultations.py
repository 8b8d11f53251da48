"""What the office asks about, and what became of it."""

from datetime import date
from typing import Any

from flask import Response

from miniapp_api.answers import page, public, unless_known
from miniapp_api.door import Door
from miniapp_api.paging import after_id, cut
from miniapp_api.schemas import consultations as schemas
from miniapp_api.schemas.base import page_of
from models.comments.release import shown_while_open
from models.decisions.consultation import Consultation, State, by_public_id, consultation_list, state_of
from models.kernel.clock import today
from models.kernel.refusal import Missing

door = Door("consultations", __name__, "/consultations", "征求意见：正在征求的、等答复的、已经答复的。")


def line(row: Any, day: date) -> dict[str, Any]:
    """A core row of consultation_list() as the list shows it on this day."""
    return {
        "id": row.public_id,
        "title": row.title,
        "number": row.number,
        "summary": row.summary,
        "whom": row.whom,
        "state": state_of(row, day),
        "opens_on": row.opens_on,
        "closes_on": row.closes_on,
        "answer_due_on": row.answer_due_on,
        "days_left": (row.closes_on - day).days,
        "released_at": row.released_at,
        "people": row.n_people,
        "texts": row.n_texts,
        "points": row.n_points,
    }


def published(public_id: str) -> Consultation:
    """A consultation that was published; Missing for every other."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这件征求意见，可能已经取消或者网址不对。")
    return found


@door.route("")
@door.arguments(schemas.ConsultationQuery, location="query")
@door.response(200, page_of(schemas.ConsultationLine))
def consultations(asked: dict[str, Any]) -> Response:
    """Published consultations, newest first."""
    state = State(asked["state"]) if asked["state"] else None
    rows = list(consultation_list(state, after=after_id(Consultation, asked["after"]), limit=asked["limit"] + 1))
    shown, following = cut(rows, asked["limit"])
    day = today()
    return public(page([line(row, day) for row in shown], following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Consultation)
def consultation(public_id: str) -> Response:
    """One consultation with its notice and its draft, clause by clause."""
    asked = published(public_id)
    return unless_known(asked, lambda: _whole(asked))


def _whole(asked: Consultation) -> dict[str, Any]:
    return {
        **line(asked, today()),
        "short_reason": asked.short_reason,
        "cancelled_reason": asked.cancelled_reason,
        "channels": list(asked.channels),
        "ways": [{"channel": way.value, "label": way.label, "where": where} for way, where in asked.ways],
        "names_wanted": asked.names_wanted,
        "shown": [one._asdict() for one in shown_while_open(asked)],
        "privacy_version": asked.privacy.version if asked.privacy else "",
        "explanation": {
            "purpose": asked.purpose,
            "basis": asked.basis,
            "content": asked.content,
            "impact": asked.impact,
        },
        "contact": {
            "unit": asked.contact_unit,
            "phone": asked.contact_phone,
            "email": asked.contact_email,
            "address": asked.contact_address,
        },
        "extensions": [{"closes_on": e.closes_on, "reason": e.reason} for e in asked.extensions],
        "corrections": [{"remark": c.remark, "made_at": c.made_at} for c in asked.corrections],
        "clauses": [
            {
                "id": c.public_id,
                "kind": c.kind,
                "label": c.label,
                "heading": c.heading,
                "level": c.level,
                "text": c.text,
                "speakable": c.speakable,
            }
            for c in (asked.draft.clauses if asked.draft else ())
        ],
    }
