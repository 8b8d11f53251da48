"""Household visits, the publicity van, stalls: entered on a phone by who was there; each village's month for the office."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import today
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, NotAllowed
from models.outreach import visit as visits_of
from models.outreach.article import article_list, topics
from models.outreach.article import by_public_id as article_of
from models.outreach.visit import Visit, VisitKind
from models.people.place import Place
from models.people.place import by_public_id as place_of
from server.console.case_expert import uploaded
from server.console.door import blueprint, desk, may, must
from server.console.forms.fields import offered
from server.console.forms.reaching import NewVisit, VisitRemark
from server.console.forms.trying import trying
from server.console.loudspeaker import month
from server.console.nav import QUESTIONS, REACHING
from server.headers import save_as
from server.house import checks_its_form, writes
from server.papers.reaching import visit_book
from server.papers.sheets import sent

RECENT = 6
"""Articles that are offered: what one has in the bag is the newest."""


@blueprint.get("/desk/visits")
@desk(*REACHING.posts)
def visits() -> str:
    """A month: a grid worker's own, a village's, or all; and each village's numbers."""

    first, last = month()
    rows = visits_of.entries(g.officer, first, last)
    return render_template(
        "console/visits.html",
        rows=rows,
        gone=visits_of.replaced(rows),
        villages=visits_of.by_village(rows),
        first=first,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1) if last < today() else None,
        may_enter=may("visit.record"),
        all_of_them=g.officer.has(*visits_of.SEES_ALL),
    )


@blueprint.get("/desk/visits/xlsx")
@desk(*REACHING.posts)
def visits_table() -> Response:
    """The month as a table: by village, and entry by entry."""
    first, last = month()
    rows = visits_of.entries(g.officer, first, last, corrected=False)
    title = f"{first:%Y年%m月}入户和宣传车登记"
    return save_as(sent(lambda file: visit_book(title, visits_of.by_village(rows), rows, file)), f"{title}.xlsx")


@blueprint.get("/desk/visits/new")
@desk(*REACHING.posts)
def new_visit() -> str:
    """An empty sheet for a thumb."""
    must("visit.record")
    form = NewVisit(data={"visited_on": today()})
    ground = visits_of.grounds(g.officer)
    if ground:
        form.place.data = ground[0].public_id
    return _sheet(form)


@blueprint.post("/desk/visits/new")
@desk(*REACHING.posts)
@checks_its_form
def enter_visit() -> str | Response | tuple[str, int]:
    """Entered once, however often the button is pressed."""
    form, refusal = NewVisit(request.form), None
    key = f"desk:{g.officer.public_id}:{form.key.data}" if form.sound_key else None
    before = visits_of.by_key(key) if key else None
    if before is not None:
        return redirect(url_for("console.visit", public_id=before.public_id, fresh=1), 303)
    if form.validate():
        with trying(form) as went:
            made = Visit.record(g.officer, form.chosen, _place(form), form.visited_on.data, key, **_told(form))
        refusal = went.refusal
        if went.done:
            return redirect(url_for("console.visit", public_id=made.public_id, fresh=1), 303)
    return _sheet(form, refusal=refusal), 422


@blueprint.get("/desk/visits/<public_id>")
@desk(*REACHING.posts)
def visit(public_id: str) -> str:
    """One entry, what it took the place of, and what one may still do."""
    return _page(_found(public_id))


@blueprint.get("/desk/visits/<public_id>/correct")
@desk(*REACHING.posts)
def correct_visit(public_id: str) -> str:
    """The sheet once more, filled as it was."""
    found = _found(public_id)
    refusal = why_not(found, "correct", g.officer)
    if refusal:
        raise refusal
    form = NewVisit(obj=found)
    form.kind.data, form.place.data = found.kind.value, found.place.public_id
    form.topics.data = [one.topic.public_id for one in found.told if one.topic]
    form.articles.data = [one.article.public_id for one in found.told if one.article]
    return _sheet(form, found=found)


@blueprint.post("/desk/visits/<public_id>/correct")
@desk(*REACHING.posts)
@checks_its_form
def put_visit_right(public_id: str) -> str | Response | tuple[str, int]:
    """Another entry takes its place, or it is void."""
    found, form, refusal = _found(public_id), NewVisit(request.form), None
    void = request.form.get("deed") == "void"
    if void:
        remark = VisitRemark(request.form)
        with trying(remark) as went:
            made = found.cancel(g.officer, remark.remark.data or "")
        if went.done:
            flash("作废了，不再计数；原来的留着。", "ok")
            return redirect(url_for("console.visit", public_id=made.public_id), 303)
        return _page(found, remark, went.refusal), 422
    if form.validate():
        with trying(form) as went:
            made = found.correct(
                g.officer, form.remark.data or "", form.chosen, _place(form), form.visited_on.data, **_told(form)
            )
        refusal = went.refusal
        if went.done:
            flash("更正了；原来的留着，不再计数。", "ok")
            return redirect(url_for("console.visit", public_id=made.public_id), 303)
    return _sheet(form, found=found, refusal=refusal), 422


@blueprint.get("/desk/visits/<public_id>/photo")
@desk(*REACHING.posts)
@writes
def visit_photo(public_id: str) -> FlaskResponse:
    """People may be on it: each look leaves its trace."""
    found = _found(public_id)
    return FlaskResponse(found.read(g.officer), mimetype=found.photo_mime)


def _found(public_id: str) -> Visit:
    found = visits_of.by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一条登记。")
    if not visits_of.may_see(found, g.officer):
        raise NotAllowed("这一条由登记的人、这个村的干部和街道看。")
    return found


def _place(form: NewVisit) -> Place | None:
    return place_of(form.place.data) if form.place.data else None


def _told(form: NewVisit) -> dict[str, Any]:
    known = {one.public_id: one for one in topics()}
    chosen: Sequence[str] = form.articles.data or []
    return {
        **{name: form[name].data for name in visits_of.MOST},
        "gist": form.gist.data,
        "photo": uploaded("photo"),
        "topics": [known[one] for one in dict.fromkeys(form.topics.data or []) if one in known],
        "articles": [found for one in dict.fromkeys(chosen[:20]) if (found := article_of(one)) is not None],
    }


def _sheet(form: NewVisit, *, found: Visit | None = None, refusal: str | None = None) -> str:
    form.place.choices = offered(
        [
            (one.public_id, one.name if one.kind.value in ("village", "community") else f"　{one.name}")
            for one in visits_of.grounds(g.officer)
        ]
    )
    form.topics.choices = offered([(one.public_id, one.name) for one in topics()])
    recent = {row.public_id: row.title for row in article_list(limit=RECENT)}
    if found is not None:
        recent |= {one.article.public_id: one.article.title for one in found.told if one.article}
    form.articles.choices = offered(recent.items())
    return render_template("console/visit_form.html", form=form, refusal=refusal, found=found)


def _page(found: Visit, remark: VisitRemark | None = None, refusal: str | None = None) -> str:
    later = found.corrected_by
    return render_template(
        "console/visit.html",
        v=found,
        later=later,
        may=later is None and why_not(found, "correct", g.officer) is None and not found.void,
        form=remark or VisitRemark(),
        refusal=refusal,
        fresh=bool(request.args.get("fresh")),
        may_ask=g.officer.has(*QUESTIONS.posts),
        Kind=VisitKind,
    )
