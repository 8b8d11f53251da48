"""Releasing the answers: who will be told how, the totals, the checks, and one deliberate deed: typing the total."""

import re
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.point import Outcome, PointStage
from models.comments.release import release as release_it
from models.comments.release import reported
from models.decisions.consultation import Consultation, Stage, State, consultations
from models.decisions.draft import revised_clauses
from models.kernel.clock import today
from models.kernel.lifecycle import unmet, why_not
from models.messages.matters import theirs
from models.texts.diff import Change, changes
from server.console.checks import Check
from server.console.door import blueprint, desk, opens
from server.console.drafts import find, same_page
from server.console.forecast import WAYS, Forecast, forecast
from server.console.forms.answer import Total
from server.console.forms.trying import trying
from server.console.nav import RELEASE
from server.console.progress import looked_through, outcomes_of, progress_of
from server.console.words import shares

PUSHED = ("template", "subscribe", "customer")
"""The ways by which a message leaves the house."""
PREVIEWED = 50
"""Points on one page of the preview."""


@blueprint.get("/desk/release")
@desk(*RELEASE.posts)
def releases() -> str:
    """What is closed and waits for its answers to go out."""
    rows = []
    for matter in consultations(Stage.PUBLISHED):
        found = progress_of(matter).stages
        left = found["open"] + found["drafted"] + found["submitted"]
        rows.append((matter, left, found["approved"]))
    rows.sort(key=lambda row: (row[0].is_open(), row[1] > 0))
    return render_template("console/release_list.html", rows=rows, State=State)


@blueprint.get("/desk/release/<public_id>")
@desk(*RELEASE.posts)
def release(public_id: str) -> str | Response:
    """Everything to be seen before the deed."""
    matter = find(public_id)
    if matter.stage != Stage.PUBLISHED:
        return redirect(url_for("console.consultation", public_id=public_id), 303)
    return _page(matter, Total())


@blueprint.post("/desk/release/<public_id>")
@desk(*RELEASE.posts)
def do_release(public_id: str) -> str | Response | tuple[str, int]:
    """Everybody learns what became of what they said."""
    matter = find(public_id)
    same_page(matter.version)
    form = Total(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = release_it(matter, g.officer, form.points.data)
        refusal = went.refusal
        if went.done:
            flash(f"{made.number}发布了，正在逐个告知。进展在「告知」里。", "ok")
            return redirect(url_for("console.consultation", public_id=public_id), 303)
    return _page(matter, form, refusal), 422


def _page(matter: Consultation, form: Total, refusal: str | None = None) -> str:
    found, people = progress_of(matter).stages, forecast(matter)
    total = sum(found.values()) - found["withdrawn"]
    left = found["open"] + found["drafted"] + found["submitted"]
    lacking = {r.code: r for r in unmet(matter, "consultation.release", g.officer)}
    held = why_not(matter, "release", g.officer)
    checks = [
        Check.of(lacking.get(n.predicate), n, _where(matter, n.predicate))
        for n in matter.rules.gate("consultation.release")
    ]
    checks += _more_checks(found, total)
    checks += _looked_through(matter)
    return render_template(
        "console/release.html",
        matter=matter,
        form=form,
        refusal=refusal,
        people=people,
        totals=_totals(matter, total, left),
        checks=checks,
        held=held,
        unmet=list(lacking.values()),
        sample=_sample(matter, people),
        pushed=any(way in people.by_way for way in PUSHED),
    )


def _where(matter: Consultation, requirement: str) -> str:
    """Where it can be mended, or at least seen, by whoever looks at this page."""
    ways = {
        "every_point_answered": (f"/desk/answering/{matter.public_id}",),
        "every_point_approved": (f"/desk/approval?of={matter.public_id}", f"/desk/answering/{matter.public_id}"),
        "every_transcription_read": (f"/desk/consultations/{matter.public_id}/checks#unread",),
    }
    return next((path for path in ways.get(requirement, ()) if opens(path)), "")


def _looked_through(matter: Consultation) -> list[Check]:
    """What was found in the answers, kind by kind, with a jump to the places."""
    found = looked_through(matter)
    where = f"/desk/consultations/{matter.public_id}/checks"
    lines = [
        Check("no", f"{kind.label}：{number:,} 处", f"{where}#{kind.value}", "去看")
        for kind, number in found.number.items()
        if number
    ]
    return lines or [Check("yes", "答复逐条查过：没有套话、矛盾和个人信息", where, "看检查")]


def _more_checks(found: dict[str, int], total: int) -> list[Check]:
    lines = []
    if not total:
        lines.append(Check("no", "没有收到意见，也要发布：写明「未收到意见」"))
    if found["withdrawn"]:
        lines.append(Check("yes", f"另有 {found['withdrawn']} 条由本人撤回，另计，不答"))
    return lines


def _totals(matter: Consultation, total: int, left: int) -> dict[str, Any]:
    """What is settled by outcome, and what is not: together they are all points."""
    by_outcome = outcomes_of(matter)
    numbers = [by_outcome[outcome.value] for outcome in Outcome] + [left]
    *parts, left_part = shares(numbers)
    return {
        "total": total,
        "left": left,
        "left_share": left_part,
        "rows": list(zip(Outcome, numbers, parts, strict=False)),
    }


@dataclass(frozen=True)
class Sample:
    """What one of these people will read, made by the words that the message itself is made of."""

    way: str
    lines: list[tuple[str, str]]
    """The fields of WeChat's template: what it is called here, and what stands in it."""
    text: str = ""


def _sample(matter: Consultation, people: Forecast) -> Sample | None:
    """One real person's message by the way most are told; None before anybody's answers are settled."""
    for key in (way for way in people.by_way if way in PUSHED):
        for mine in theirs(matter.id, people.by_way[key], stage=PointStage.APPROVED).values():
            if not mine.outcomes:
                continue
            alone = len(mine.comments) == 1
            path = f"/comments/{mine.comments[0]}" if alone else "/mine"
            said = current_app.extensions["answers_ready"](matter.title, mine.outcomes, today(), path)
            if key == "customer":
                return Sample(WAYS[key][0], [], said.sentence(current_app.extensions["settings"].public_url + path))
            return Sample(WAYS[key][0], said.lines("official" if key == "template" else "mini"))
    return None


@blueprint.get("/desk/release/<public_id>/preview")
@desk(*RELEASE.posts)
def release_preview(public_id: str) -> str | Response:
    """The report as residents will read it, point by point, before anything goes out."""
    matter = find(public_id)
    if matter.stage != Stage.PUBLISHED:
        return redirect(url_for("console.consultation", public_id=public_id), 303)
    after = request.args.get("after", "")
    rows = reported(
        matter,
        stage=PointStage.APPROVED,
        after=int(after) if re.fullmatch(r"[0-9]{1,18}", after) else None,
        limit=PREVIEWED + 1,
    )
    shown = rows[:PREVIEWED]
    revised = revised_clauses([row.revision_id for row in shown if row.revision_id])
    found = progress_of(matter).stages
    total = sum(found.values()) - found["withdrawn"]
    return render_template(
        "console/release_preview.html",
        matter=matter,
        points=[(row, *_change(revised.get(row.revision_id))) for row in shown],
        totals=_totals(matter, total, total - found["approved"] - found["released"]),
        onward=url_for("console.release_preview", public_id=public_id, after=shown[-1].id)
        if len(rows) > PREVIEWED
        else "",
        first=not after,
    )


def _change(new: Any) -> tuple[str, list[Change]]:
    """Which clause is changed, and how."""
    return (new.label or "条文", changes(new.before.strip(), new.text.strip())) if new else ("", [])
