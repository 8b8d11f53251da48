"""What the places of practice near home show: exhibitions that are on, or soon will be."""

from flask import Response, render_template

from models.kernel.refusal import Missing
from models.outreach.exhibition import Exhibition, ExhibitionStage, by_public_id, to_be_seen
from server.site.door import PER_PAGE, after, blueprint, paged


@blueprint.get("/exhibitions")
def exhibitions() -> str:
    """All that can be seen, the newest first."""
    rows, page = paged(to_be_seen(after=after(), limit=PER_PAGE + 1))
    return render_template("site/exhibitions.html", rows=rows, page=page)


@blueprint.get("/exhibitions/<public_id>")
def exhibition(public_id: str) -> str:
    """One; when it is over or taken down its page says so."""
    found = _found(public_id)
    return render_template("site/exhibition.html", e=found, withdrawn=found.stage == ExhibitionStage.WITHDRAWN)


@blueprint.get("/exhibitions/<public_id>/picture")
def exhibition_picture(public_id: str) -> Response:
    """Its picture."""
    found = _found(public_id)
    if found.stage != ExhibitionStage.PUBLISHED:
        raise Missing("没有找到这张图。")
    return Response(found.picture_data, mimetype=found.picture_mime)


def _found(public_id: str) -> Exhibition:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这个展览。")
    return found
