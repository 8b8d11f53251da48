"""The public clock: which answers are due on which day, which are late, what was promised and whether it was kept."""

from dataclasses import dataclass
from datetime import date

from flask import render_template

from models.comments import promise, second_look
from models.decisions.consultation import Consultation, State, consultation_list
from models.kernel.clock import today
from server.site.door import blueprint


@dataclass(frozen=True)
class Due:
    """One consultation whose answers are owed."""

    public_id: str
    title: str
    due_on: date
    late: int


@blueprint.get("/clock")
def clock() -> str:
    """Late ones first."""
    owed = [_due(row) for row in consultation_list(State.CLOSED, limit=100) if row.answer_due_on]
    owed.sort(key=lambda one: one.due_on)
    looks, promises = second_look.in_hand(), promise.open_promises()
    return render_template(
        "site/clock.html",
        late=[one for one in owed if one.late],
        due=[one for one in owed if not one.late],
        looks=looks,
        looks_late=[look for look in looks if look.late],
        promises_late=[p for p in promises if p.late],
        promises=[p for p in promises if not p.late],
        kept=promise.kept_lately(),
        day=today(),
    )


def _due(row: Consultation) -> Due:
    assert row.answer_due_on is not None
    return Due(row.public_id, row.title, row.answer_due_on, max(0, (today() - row.answer_due_on).days))
