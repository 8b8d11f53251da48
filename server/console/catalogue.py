"""The catalogue of decisions: drafted by one, agreed by the Party working committee, published by another, adjusted in the open."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.catalogue import (
    Catalogue,
    CatalogueItem,
    CatalogueStage,
    by_public_id,
    in_force,
    in_hand,
    item_by_public_id,
    versions,
    years,
)
from models.decisions.catalogue_table import rows_of
from models.kernel.clock import today
from models.kernel.lifecycle import buttons, unmet, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.unit import units
from server.console.checks import Check
from server.console.door import blueprint, desk, may
from server.console.drafts import same_page
from server.console.forms.catalogue import Deed, Item, NewYear, Paste, Pasted, Words
from server.console.forms.seen import overtaken, seen_as
from server.console.forms.trying import blame, trying
from server.console.nav import CATALOGUE
from server.house import checks_its_form

DONE = {
    "consent": "登记好了，可以公布了。",
    "publish": "公布了，居民现在看得到。",
    "reopen": "退回重编了；改好以后要重新经党工委同意。",
    "abandon": "这一版不编了。",
}


@blueprint.get("/desk/catalogue")
@desk(*CATALOGUE.posts)
def catalogue_list() -> str:
    """What is being worked on, and what is published, year by year."""
    return _list(NewYear(data={"year": today().year}))


def _list(form: NewYear, refusal: str | None = None) -> str:
    return render_template(
        "console/catalogue_list.html",
        hand=in_hand(),
        published=[(year, versions(year)) for year in years()],
        form=form if may("catalogue.draft_new") else None,
        refusal=refusal,
    )


@blueprint.post("/desk/catalogue")
@desk(*CATALOGUE.posts)
@checks_its_form
def new_catalogue() -> Response | tuple[str, int]:
    """A year's first catalogue, or an adjustment of the one in force."""
    form = NewYear(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Catalogue.draft_new(g.officer, form.year.data)
        refusal = went.refusal
        if went.done:
            return redirect(url_for("console.catalogue", public_id=made.public_id), 303)
    return _list(form, refusal), 422


@blueprint.get("/desk/catalogue/<public_id>")
@desk(*CATALOGUE.posts)
def catalogue(public_id: str) -> str:
    """One version: its items, what it changes, what is still lacking, and what may be done."""
    return _page(find(public_id))


def _page(found: Catalogue, words: Words | None = None, deed: Deed | None = None, refusal: str | None = None) -> str:
    may_write = why_not(found, "revise", g.officer) is None
    before = found.adjusts
    words = (words or Words(obj=found)) if may_write else None
    if words is not None:
        words.seen.data = seen_as(found.intro, found.reason)
    return render_template(
        "console/catalogue.html",
        c=found,
        before=before,
        changed=found.differences(),
        newer=_newer(found),
        may_write=may_write,
        words=words,
        deed=deed or Deed(data={"consented_on": today()}),
        refusal=refusal,
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE],
        checks=_checks(found),
    )


def _newer(found: Catalogue) -> Catalogue | None:
    """The version that has taken this one's place."""
    standing = in_force(found.year)
    return standing if found.number is not None and standing is not None and standing is not found else None


def _checks(found: Catalogue) -> list[Check]:
    """What the rules want before the committee is asked and before it is published, each met or not."""
    if found.stage not in (CatalogueStage.DRAFTED, CatalogueStage.CONSENTED):
        return []
    lines = []
    for gate in ("catalogue.consent", "catalogue.publish"):
        if gate == "catalogue.publish" and found.stage == CatalogueStage.DRAFTED:
            continue
        refused = {refusal.code: refusal for refusal in unmet(found, gate, g.officer)}
        lines += [Check.of(refused.get(need.predicate), need) for need in found.rules.gate(gate)]
    return lines


@blueprint.post("/desk/catalogue/<public_id>")
@desk(*CATALOGUE.posts)
@checks_its_form
def write_catalogue(public_id: str) -> Response | tuple[str, int]:
    """The words above the list, and the reason of an adjustment."""
    found = find(public_id)
    form = Words(request.form)
    refusal = overtaken(form, found.intro, found.reason)
    if refusal is None and form.validate():
        with trying(form) as went:
            found.revise(g.officer, intro=form.intro.data or "", reason=form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            return redirect(url_for("console.catalogue", public_id=public_id), 303)
    return _page(found, words=form, refusal=refusal), 422


@blueprint.post("/desk/catalogue/<public_id>/deed")
@desk(*CATALOGUE.posts)
@checks_its_form
def catalogue_deed(public_id: str) -> Response | tuple[str, int]:
    """Consent, publish, reopen, give up."""
    found = find(public_id)
    same_page(found.version)
    form = Deed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "consent":
                found.consent(g.officer, form.consented_on.data, form.number.data or "")
            elif deed == "publish":
                found.publish(g.officer)
            else:
                getattr(found, deed)(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.catalogue", public_id=public_id), 303)
    return _page(found, deed=form, refusal=refusal), 422


# one item


@blueprint.get("/desk/catalogue/<public_id>/items/new")
@desk(*CATALOGUE.posts)
def new_item(public_id: str) -> str:
    """An empty sheet."""
    found = _writable(public_id)
    return _item(found, None, Item(data={"procedures": ["participation", "legal_review", "deliberation"]}))


@blueprint.get("/desk/catalogue/<public_id>/items/<item_id>")
@desk(*CATALOGUE.posts)
def item(public_id: str, item_id: str) -> str:
    """The sheet of one item."""
    found = _writable(public_id)
    put = _of(found, item_id)
    form = Item(obj=put)
    form.unit.data = put.unit.public_id if put.unit else ""
    form.category.data = put.category.value
    form.livelihood.data = put.livelihood.value if put.livelihood else ""
    form.planned.data = put.planned_typed
    form.position.data = found.items.index(put) + 1
    return _item(found, put, form)


@blueprint.post("/desk/catalogue/<public_id>/items/new")
@desk(*CATALOGUE.posts)
@checks_its_form
def write_new_item(public_id: str) -> Response | tuple[str, int]:
    """One more."""
    return _write_item(_writable(public_id), None)


@blueprint.post("/desk/catalogue/<public_id>/items/<item_id>")
@desk(*CATALOGUE.posts)
@checks_its_form
def write_item(public_id: str, item_id: str) -> Response | tuple[str, int]:
    """The same item otherwise."""
    found = _writable(public_id)
    return _write_item(found, _of(found, item_id))


def _write_item(found: Catalogue, put: CatalogueItem | None) -> Response | tuple[str, int]:
    form, known = Item(request.form), units()
    refusal = overtaken(form, *_reads(put))
    if refusal is None and form.validate():
        with trying(form) as went:
            told = form.told(found.year, known)
            if not told["title"]:
                raise RuleUnmet("请写事项名称。", {"title": "请写事项名称。"})
            found.put_item(g.officer, put, place=form.position.data, **told)
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            if request.form.get("deed") == "another":
                return redirect(url_for("console.new_item", public_id=found.public_id), 303)
            return redirect(url_for("console.catalogue", public_id=found.public_id, _anchor="items"), 303)
    return _item(found, put, form, refusal), 422


@blueprint.post("/desk/catalogue/<public_id>/items/<item_id>/drop")
@desk(*CATALOGUE.posts)
def drop_item(public_id: str, item_id: str) -> Response:
    """Out of this version."""
    found = _writable(public_id)
    found.drop_item(g.officer, _of(found, item_id))
    flash("调出了。以前公布的版本里还在。", "ok")
    return redirect(url_for("console.catalogue", public_id=public_id, _anchor="items"), 303)


def _reads(put: CatalogueItem | None) -> tuple[str, ...]:
    return tuple(words for _, words in put.line.parts) if put else ()


def _item(found: Catalogue, put: CatalogueItem | None, form: Item, refusal: str | None = None) -> str:
    form.offer(units())
    form.seen.data = seen_as(*_reads(put))
    return render_template("console/catalogue_item.html", c=found, item=put, form=form, refusal=refusal)


# a whole table


@blueprint.get("/desk/catalogue/<public_id>/table")
@desk(*CATALOGUE.posts)
def table(public_id: str) -> str:
    """Where a table from Word or Excel is pasted."""
    return render_template("console/catalogue_paste.html", c=_writable(public_id), form=Paste(), refusal=None)


@blueprint.post("/desk/catalogue/<public_id>/table")
@desk(*CATALOGUE.posts)
@checks_its_form
def read_table(public_id: str) -> str | tuple[str, int]:
    """From the table to its rows. Nothing is kept yet."""
    found = _writable(public_id)
    form, known = Paste(request.form), units()
    refusal = None
    if form.validate():
        try:
            rows = rows_of(form.table.data or "", known, found.year)
        except RuleUnmet as unreadable:
            refusal = blame(form, unreadable)
        else:
            read = Pasted(data={"table": form.table.data})
            read.fill(rows)
            return _rows(found, read, known)
    return render_template("console/catalogue_paste.html", c=found, form=form, refusal=refusal), 422


@blueprint.post("/desk/catalogue/<public_id>/rows")
@desk(*CATALOGUE.posts)
@checks_its_form
def keep_rows(public_id: str) -> str | Response | tuple[str, int]:
    """The rows as a person has corrected them."""
    found = _writable(public_id)
    form, known = Pasted(request.form), units()
    if request.form.get("deed") == "back":
        again = Paste(data={"table": form.table.data})
        return render_template("console/catalogue_paste.html", c=found, form=again, refusal=None)
    refusal = None
    if form.validate():
        told, wrong = _told(form, found.year, known)
        if wrong:
            refusal = f"有{wrong}行要改一下，别的都在。"
        else:
            with trying(form) as went:
                found.take_in(g.officer, told)
            refusal = went.refusal
            if went.done:
                flash(f"收下了{len(told)}项。", "ok")
                return redirect(url_for("console.catalogue", public_id=public_id, _anchor="items"), 303)
    elif not form.csrf_token.errors:
        refusal = "有几处要改一下，别的都在。"
    else:
        refusal = "这一页放得太久了，请再点一次。"
    return _rows(found, form, known, refusal), 422


def _told(form: Pasted, year: int, known: Any) -> tuple[list[dict[str, Any]], int]:
    """What is kept of the rows, and how many of them cannot be understood."""
    told, wrong = [], 0
    for entry in form.rows:
        if entry.form.skip.data:
            continue
        try:
            fields = entry.form.told(year, known)
            if not fields["title"]:
                raise RuleUnmet("请写事项名称。", {"title": "请写事项名称；不要这一行的，勾上「这一行不要」。"})
            told.append(fields)
        except RuleUnmet as unreadable:
            blame(entry.form, unreadable)
            wrong += 1
    return told, wrong


def _rows(found: Catalogue, form: Pasted, known: Any, refusal: str | None = None) -> str:
    for entry in form.rows:
        entry.form.offer(known)
    return render_template("console/catalogue_rows.html", c=found, form=form, refusal=refusal)


def find(public_id: str) -> Catalogue:
    """One version, published or not."""
    found = by_public_id(public_id, published=False)
    if found is None:
        raise Missing("没有找到这一版目录。")
    return found


def _writable(public_id: str) -> Catalogue:
    """A version that this officer may write now."""
    found = find(public_id)
    refusal = why_not(found, "put_item", g.officer)
    if refusal:
        raise refusal
    return found


def _of(found: Catalogue, item_id: str) -> CatalogueItem:
    put = item_by_public_id(item_id)
    if put is None or put.catalogue is not found:
        raise Missing("没有找到这一项，可能已经调出。")
    return put
