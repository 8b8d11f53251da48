"""Who answers for a case: who did what, who agreed, what each said, by stage and by person, on the page and on paper."""

from typing import Any

from flask import g, render_template, request
from sqlalchemy import func, select

from models.decisions.accountability import Account, Deed, Doing, deeds_of, look_into
from models.decisions.decision import Decision
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.refusal import Missing
from models.kernel.trail import Trace
from server.console.door import blueprint, desk
from server.console.trails import LOOKING, seal, told
from server.house import writes

PAGE = 60


@blueprint.get("/desk/trail/<chain>/accountability")
@desk(*LOOKING)
@writes
def accountability(chain: str) -> str:
    """Looked into, and the trail says by whom."""
    case = db.session.scalar(select(Decision).where(Decision.public_id == chain))
    if case is None:
        raise Missing("没有找到这件案卷。")
    account: Account = look_into(case, g.officer)
    here = f"/desk/trail/{chain}/accountability"
    ref, by = request.args.get("person", ""), request.args.get("by", "")
    person = [(who, doings) for who, doings in account.people if who.ref == ref]
    if ref and not person:
        raise Missing("这件案卷里没有这个人做过的事。")
    rows = deeds_of(case, ref, after=_after(), limit=PAGE) if ref else []
    total = db.session.scalar(select(func.count()).select_from(Trace).where(Trace.chain == chain)) or 0
    return render_template(
        "console/accountability.html",
        case=case,
        account=account,
        here=here,
        seal=seal(chain, total),
        chips=[
            ("按环节", here, not ref and by != "people"),
            ("按人", f"{here}?by=people", not ref and by == "people"),
        ],
        by_people=by == "people",
        person=person,
        deeds=rows,
        told=lambda deed: told(deed.row),
        words=_words,
        next_page=f"{here}?person={ref}&after={rows[-1].row.row_id}" if len(rows) == PAGE else None,
        printed_at=now(),
        lines=_lines,
    )


def _after() -> int:
    """The number of the row that the page before ended with."""
    asked = request.args.get("after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


def _words(deed: Deed) -> str:
    """Where the words of a deed stand against what the trail committed to."""
    if deed.words is None or deed.words.as_then is None:
        return ""
    return "与当时写下的一样" if deed.words.as_then else "与当时写下的不一样：后来被改过，或者不在了"


def _lines(doings: list[Doing]) -> list[tuple[Doing, Deed | None]]:
    """What a part of the case tells: the deeds that are told one by one, and the others in numbers, by time."""
    lines: list[tuple[Doing, Deed | None]] = []
    for doing in doings:
        lines += [(doing, deed) for deed in doing.told] or [(doing, None)]
    return sorted(lines, key=_moment)


def _moment(line: tuple[Doing, Deed | None]) -> Any:
    doing, deed = line
    return deed.row.at if deed else doing.first
