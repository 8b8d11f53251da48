"""Who the office asks before it decides: the experts who agreed to be named, and the fields they know."""

from flask import render_template

from models.decisions.expert import published_experts
from server.site.door import blueprint


@blueprint.get("/experts")
def experts() -> str:
    """The experts that are in their term and published by their own consent."""
    return render_template("site/experts.html", people=published_experts())
