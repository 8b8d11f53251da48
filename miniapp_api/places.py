"""The villages and communities of the street."""

from typing import Any

from flask import Response
from sqlalchemy import select

from miniapp_api.answers import public
from miniapp_api.door import Door
from miniapp_api.schemas import people as schemas
from models.kernel.base import db
from models.kernel.refusal import RuleUnmet
from models.people.place import Place, villages

door = Door("places", __name__, "/places", "村和社区，提意见时可以选自己在哪里。")


def shown(place: Place) -> dict[str, Any]:
    """A place as the API says it."""
    return {"id": place.public_id, "name": place.name, "kind": place.kind.value}


def place_of(public_id: str | None) -> Place | None:
    """The place that somebody named."""
    if public_id is None:
        return None
    found = db.session.scalar(select(Place).where(Place.public_id == public_id))
    if found is None:
        raise RuleUnmet("没有这个村或社区，请重新选择。", {"place": "请重新选择。"})
    return found


@door.route("")
@door.response(200, schemas.PlaceList)
def places() -> Response:
    """All villages and communities."""
    return public({"items": [shown(place) for place in villages()]}, seconds=300)
