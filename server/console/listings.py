"""Where a case stands in the year's catalogue: chosen from the published list, or explained."""

from flask import g, render_template, request
from werkzeug.wrappers import Response

from models.decisions.catalogue import in_force, items_in_force
from models.decisions.decision import Decision
from models.decisions.listing import leave_unlisted, list_on, listing_of
from models.kernel.clock import today
from models.kernel.refusal import RuleUnmet
from models.people.officer import Post
from server.console.cases import back_to, find
from server.console.door import blueprint, desk
from server.console.forms.case import OnCatalogue
from server.console.forms.fields import offered
from server.console.forms.trying import trying
from server.house import checks_its_form

NOT_YOURS = "您可以选目录里的一项；不在目录里的，请上面说的岗位来定，您写的理由还在，可以请他照着写。"


@blueprint.get("/desk/cases/<public_id>/catalogue")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
def case_catalogue(public_id: str) -> str:
    """The matters of the catalogue as it stands, and room for a reason."""
    found = find(public_id)
    listed = listing_of(found)
    form = OnCatalogue(
        data={
            "item": listed.item.public_id if listed and listed.item else "",
            "reason": listed.reason if listed else "",
        }
    )
    return _page(found, form)


@blueprint.post("/desk/cases/<public_id>/catalogue")
@desk(Post.HANDLER, Post.UNIT_HEAD, Post.LEADER)
@checks_its_form
def list_case(public_id: str) -> str | Response | tuple[str, int]:
    """This case is that matter, or it is none and here is why."""
    found = find(public_id)
    form = OnCatalogue(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if form.item.data:
                chosen = next((i for i in items_in_force() if i.public_id == form.item.data), None)
                list_on(found, g.officer, chosen)
            else:
                if not_mine := g.officer.lacks(found.rules.post_for("decision.leave_unlisted")):
                    raise RuleUnmet(not_mine.message, {"item": NOT_YOURS})
                leave_unlisted(found, g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            return back_to(found)
    return _page(found, form, refusal), 422


def _page(found: Decision, form: OnCatalogue, refusal: str | None = None) -> str:
    items = items_in_force()
    form.item.choices = offered([("", "不在目录里"), *((i.public_id, f"{i.position}. {i.title}") for i in items)])
    return render_template(
        "console/case_catalogue.html",
        case=found,
        form=form,
        refusal=refusal,
        standing=in_force(),
        items=items,
        year=today().year,
    )
