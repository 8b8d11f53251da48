"""The public clock: which answers are due on which day, which are late, what was promised and whether it was kept."""

from flask import render_template

from models.comments import promise
from models.comments.public_clock import answers_owed, looks_owed
from models.kernel.clock import today
from server.site.door import blueprint


@blueprint.get("/clock")
def clock() -> str:
    """Late ones first."""
    owed, promises = answers_owed(), promise.open_promises()
    return render_template(
        "site/clock.html",
        late=[one for one in owed if one.late],
        due=[one for one in owed if not one.late],
        looks=looks_owed(),
        promises_late=[p for p in promises if p.late],
        promises=[p for p in promises if not p.late],
        kept=promise.kept_lately(),
        day=today(),
    )
