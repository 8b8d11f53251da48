"""Exhibitions at the places of practice."""

from typing import Any

from flask import Response

from miniapp_api.answers import page, public
from miniapp_api.door import Door
from miniapp_api.paging import after_id, cut
from miniapp_api.places import place_of
from miniapp_api.schemas import exhibitions as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.refusal import Missing
from models.outreach.exhibition import Exhibition, ExhibitionStage, by_public_id, to_be_seen

door = Door("exhibitions", __name__, "/exhibitions", "实践站的法治展览。")


@door.route("")
@door.arguments(schemas.ExhibitionQuery, location="query")
@door.response(200, page_of(schemas.Exhibition))
def exhibitions(asked: dict[str, Any]) -> Response:
    """What can be seen now or soon, near a village or anywhere; the newest first."""
    rows = to_be_seen(place_of(asked["place"]), after=after_id(Exhibition, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return public(page(map(_one, shown), following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Exhibition)
def exhibition(public_id: str) -> Response:
    """One of them; one that is over stays to be read, one that was taken down does not."""
    found = by_public_id(public_id)
    if found is None or found.stage != ExhibitionStage.PUBLISHED:
        raise Missing("没有找到这个展览，可能已经撤下。")
    return public(_one(found))


def _one(found: Exhibition) -> dict[str, Any]:
    return {
        "id": found.public_id,
        "title": found.title,
        "theme": found.theme,
        "shown": found.shown,
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "state_label": found.state_words,
        "station": found.at.name,
        "village": found.at.where,
        "address": found.at.address,
        "hours": found.at.hours,
        "phone": found.at.phone,
        "picture": f"/exhibitions/{found.public_id}/picture" if found.picture else "",
        "caption": found.caption,
    }
