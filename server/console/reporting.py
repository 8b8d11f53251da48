"""Reports for the office: everything said on one consultation as a file, and all consultations of a year on one page."""

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models.comments.export import export_said, may_fetch
from models.comments.point import Outcome
from models.comments.year import year_of, years
from models.decisions.consultation import Channel
from models.kernel.refusal import Missing, NotAllowed
from models.people.place import Place, villages
from server.console.door import blueprint, desk
from server.console.drafts import find
from server.console.nav import CONSULTATIONS, READERS
from server.headers import save_as
from server.papers.sheets import sent
from server.papers.taken_out import everything_said, taken, year_book


@blueprint.post("/desk/consultations/<public_id>/export")
@desk(*CONSULTATIONS.posts)
def export(public_id: str) -> Answer:
    """The deed, with its trace; the file is fetched next."""
    matter = find(public_id)
    channel, place = request.form.get("channel", ""), request.form.get("place", "")
    if channel not in {"", *Channel}:
        raise Missing("没有这个渠道。")
    where = _place(place)
    if place and where is None:
        raise Missing("没有这个村或社区。")
    export_said(matter, g.officer, channel=Channel(channel) if channel else None, place=where)
    return redirect(
        url_for("console.said_file", public_id=public_id, channel=channel or None, place=place or None), 303
    )


@blueprint.get("/desk/consultations/<public_id>/said-file")
@desk(*CONSULTATIONS.posts)
def said_file(public_id: str) -> Response:
    """The file, for whoever just did the deed."""
    matter = find(public_id)
    channel, place = request.args.get("channel", ""), request.args.get("place", "")
    if not may_fetch(matter, g.officer, channel, place):
        raise NotAllowed("请先在征求意见的页面上按「导出」，导出会记入留痕；十分钟内可以下载。")
    where = _place(place)
    name = where.name if where else ""
    answer = sent(lambda file: everything_said(matter, file, channel=channel, place=name))
    return save_as(answer, f"{matter.title}收到的意见.xlsx")


def _place(public_id: str) -> Place | None:
    """One of the few there are; whatever was sent as a name is never asked of the database."""
    return next((place for place in villages() if place.public_id == public_id), None)


@blueprint.get("/desk/consultations/years")
@blueprint.get("/desk/consultations/years/<int:year>")
@desk(*READERS)
def year(year: int | None = None) -> str:
    """All consultations of a year: what was asked, who spoke, what became of it, what was late."""
    known = years()
    found = year_of(_known(year, known))
    return render_template(
        "console/year.html", found=found, years=known, taken=taken, outcomes=list(Outcome), rate=taken(found.outcomes)
    )


@blueprint.get("/desk/consultations/years/<int:year>/xlsx")
@desk(*READERS)
def year_file(year: int) -> Response:
    """The same as a spreadsheet."""
    found = year_of(_known(year, years()))
    return save_as(sent(lambda file: year_book(found, file)), f"{found.year}年征求意见和采纳情况.xlsx")


def _known(year: int | None, known: object) -> int:
    assert isinstance(known, list)
    if year is None:
        return int(known[0])
    if year not in known:
        raise Missing("这一年没有征求过意见。")
    return year
