"""The catalogue of decisions: what the street means to decide this year, as it stands or as it stood."""

from typing import Any

from flask import Response

from miniapp_api.answers import public
from miniapp_api.door import Door
from miniapp_api.schemas import catalogue as schemas
from models.decisions.catalogue import Catalogue, CatalogueItem, by_public_id, in_force, versions
from models.decisions.matter import Mode, Procedure
from models.kernel.refusal import Missing

door = Door("catalogue", __name__, "/catalogue", "年度决策事项目录：现行的一版和以前的各版。")


@door.route("")
@door.arguments(schemas.CatalogueQuery, location="query")
@door.response(200, schemas.Catalogue)
def catalogue(asked: dict[str, Any]) -> Response:
    """The version in force, of this year or of the year that is asked for."""
    found = in_force(asked["year"])
    if found is None:
        raise Missing("还没有公布这一年的目录。")
    return public(_whole(found))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Catalogue)
def catalogue_version(public_id: str) -> Response:
    """One published version, whatever came after it."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一版目录。")
    return public(_whole(found))


def _whole(found: Catalogue) -> dict[str, Any]:
    same_year = versions(found.year)
    return {
        "id": found.public_id,
        "year": found.year,
        "number": found.number,
        "in_force": same_year[0] is found,
        "intro": found.intro,
        "reason": found.reason,
        "consented_on": found.consented_on,
        "consent_number": found.consent_number,
        "published_at": found.published_at,
        "items": [_item(item) for item in found.items],
        "changes": [
            {"what": d.what, "what_label": d.label, "title": d.line.title, "parts": [label for label, _ in d.parts]}
            for d in found.differences()
        ],
        "versions": [{"id": v.public_id, "number": v.number, "published_at": v.published_at} for v in same_year],
    }


def _item(item: CatalogueItem) -> dict[str, Any]:
    return {
        "id": item.public_id,
        "origin": item.origin,
        "title": item.title,
        "category": item.category.value,
        "category_label": item.category.label,
        "livelihood": item.livelihood.value if item.livelihood else None,
        "unit": item.unit_words,
        "basis": item.basis,
        "procedures": [{"word": value, "label": Procedure(value).label} for value in item.procedures],
        "modes": [{"word": value, "label": Mode(value).label} for value in item.modes],
        "planned": item.planned_words,
        "planned_on": item.planned_on,
        "remark": item.remark,
    }
