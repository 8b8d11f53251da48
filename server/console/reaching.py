"""The law carried into the villages: what one has to do there today, on a phone; and how each village was reached."""

from flask import g, render_template

from models.outreach import loudspeaker as speaker
from models.people.officer import Post
from server.console.door import blueprint, desk, may
from server.console.loudspeaker import WHY_NOT, may_log, month
from server.console.nav import REACHING


@blueprint.get("/desk/reaching")
@desk(*REACHING.posts)
def reaching() -> str:
    """For whoever works in a village: what is due there, and what was just logged. For the office: all villages."""
    mine = speaker.heard_by(g.officer)
    out_there = bool(mine) and g.officer.has(Post.VILLAGE, Post.GRID)
    first, last = month()
    return render_template(
        "console/reaching.html",
        mine=mine,
        out_there=out_there,
        due=speaker.unlogged(mine if out_there else None),
        to_come=speaker.to_come(mine if out_there else None, limit=4),
        logged=speaker.just_logged(mine) if out_there else [],
        months=speaker.by_village(first, last),
        first=first,
        why_not=WHY_NOT,
        may_log=may_log,
        may_enter=may("visit.record"),
    )
