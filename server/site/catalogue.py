"""The catalogue of decisions: what the street means to decide this year, and everything that was ever changed in it."""

import re

from flask import render_template, request

from models.decisions.catalogue import Catalogue, by_public_id, in_force, versions, years
from models.kernel.clock import today
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from server.site.door import blueprint

YEAR = re.compile(r"20[0-9]{2}")


@blueprint.get("/catalogue")
def catalogue() -> str:
    """The catalogue as it stands: this year's, or that of the year that was asked for."""
    wanted = request.args.get("year", "")
    if wanted and not YEAR.fullmatch(wanted):
        raise Missing("没有这一年的目录。")
    found = in_force(int(wanted) if wanted else None)
    if found is None and wanted:
        raise Missing(f"没有公布过{wanted}年度的目录。")
    return _page(found)


@blueprint.get("/catalogue/<public_id>")
def catalogue_version(public_id: str) -> str:
    """One version as it was published, whatever came after it."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一版目录。")
    return _page(found)


def _page(found: Catalogue | None) -> str:
    same_year = versions(found.year) if found else []
    return render_template(
        "site/catalogue.html",
        c=found,
        standing=not same_year or same_year[0] is found,
        newest=same_year[0] if same_year else None,
        versions=same_year,
        changed=found.differences() if found else [],
        years=years(),
        this_year=today().year,
        decider=Installation.here().office_full_name,
    )
