"""The versions of a case's text: what differs word by word, which points moved each clause, and the next version."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.comments.change import Row, changes_of, compared, explain, taken_up, unexplained
from models.comments.next_draft import Place, plan, write_next
from models.decisions.decision import Decision
from models.decisions.draft import Clause, Draft, drafts_of
from models.kernel.base import db
from models.kernel.lifecycle import why_not
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Post
from models.texts.diff import changes
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.forms.fields import holdable, offered
from server.console.forms.trying import trying
from server.console.forms.version import OWN, NextDraft, Why, typed
from server.console.nav import CASES
from server.house import checks_its_form


@blueprint.get("/desk/cases/<public_id>/drafts")
@desk(*CASES.posts)
def case_drafts(public_id: str) -> str:
    """Any two versions, inline or side by side, with what moved each changed clause."""
    case = find(public_id)
    drafts = drafts_of(case)
    before, after = _pair(drafts)
    rows = compared(before, after) if before and after else []
    differing = [row for row in rows if row.differs]
    left = unexplained(after) if before and after and before.number == after.number - 1 else []
    return render_template(
        "console/case_drafts.html",
        case=case,
        drafts=drafts,
        before=before,
        after=after,
        rows=rows if request.args.get("all") else differing,
        total=len(rows),
        differing=len(differing),
        left={(row.before, row.after) for row in left},
        side=request.args.get("view") == "side",
        whole=bool(request.args.get("all")),
        waiting=sum(len(place.points) for place in plan(case).places.values()) if drafts else 0,
        may=why_not(case, "write_next", g.officer) is None,
        may_explain=why_not(case, "explain", g.officer) is None,
    )


def _pair(drafts: Any) -> tuple[Draft | None, Draft | None]:
    """The two versions that the address asks for; the last two otherwise."""
    known = {draft.number: draft for draft in drafts}
    after = known.get(request.args.get("to", type=int) or 0) or (drafts[-1] if drafts else None)
    if after is None:
        return None, None
    before = known.get(request.args.get("from", type=int) or 0)
    if before is None or before.number >= after.number:
        before = known.get(after.number - 1)
    return before, after


# the next version


@dataclass(frozen=True)
class Offered:
    """A clause as the page of the next version offers it."""

    clause: Clause
    place: Place | None
    diffs: list[tuple[str, list[Any], list[Any]]]
    """Each wording: its number, what it changes, the points that ask for it."""
    words: str
    own: str
    picked: str
    reason: str
    open: bool
    wrong: str
    wrong_reason: str


@blueprint.get("/desk/cases/<public_id>/drafts/next")
@desk(Post.HANDLER)
def next_draft(public_id: str) -> str:
    """What was adopted, clause by clause, and room for other changes with their reasons."""
    case = find(public_id)
    refusal = why_not(case, "write_next", g.officer)
    if refusal:
        raise refusal
    return _next(case, NextDraft())


@blueprint.post("/desk/cases/<public_id>/drafts/next")
@desk(Post.HANDLER)
@checks_its_form
def make_next_draft(public_id: str) -> str | Response | tuple[str, int]:
    """Assemble it; what was typed comes back when something is still to be decided."""
    case = find(public_id)
    form = NextDraft(request.form)
    refusal: str | None = "这一页放得太久了，请再按一次。"
    wrong: dict[str, str] = {}
    if form.validate():
        try:
            words, reasons = _told(case)
            with db.session.begin_nested():
                base = form.base.data or ""
                draft = write_next(
                    case,
                    g.officer,
                    int(base) if base.isdecimal() and len(base) < 6 else 0,
                    words,
                    reasons,
                    renumber=form.renumber.data,
                )
        except RuleUnmet as unmet:
            refusal, wrong = unmet.sentence, unmet.fields
        else:
            flash(f"写成第 {draft.number} 稿了。条文里提到别的条号的地方，请自己核对一遍。", "ok")
            return redirect(url_for("console.case_drafts", public_id=public_id), 303)
    return _next(case, form, refusal, wrong), 422


def _told(case: Decision) -> tuple[dict[str, str], dict[str, str]]:
    """The clauses as decided: by a picked wording, by the officer's own words, or as the text field has it."""
    found = plan(case)
    words, reasons = {}, {}
    for clause in found.draft.clauses if found.draft else ():
        here = clause.public_id
        place = found.places.get(clause.id)
        picked = request.form.get(f"pick-{here}", "")
        said = typed(request.form, f"words-{here}")
        if place is not None and place.conflict:
            said = typed(request.form, f"own-{here}") if picked == OWN else None
            by_number = {wording.revision.public_id: wording.revision.text for wording in place.wordings}
            said = by_number.get(picked, said)
        if said is not None:
            if not holdable(said):
                raise RuleUnmet("有存不下的字符。", {f"words-{here}": f"{clause.name}里有存不下的字符，请删去。"})
            words[here] = said
        reason = typed(request.form, f"reason-{here}") or ""
        if not holdable(reason):
            raise RuleUnmet("有存不下的字符。", {f"reason-{here}": "理由里有存不下的字符，请删去。"})
        reasons[here] = reason
    return words, reasons


def _next(case: Decision, form: NextDraft, refusal: str | None = None, wrong: dict[str, str] | None = None) -> str:
    found = plan(case)
    wrong = wrong or {}
    rows = [_offer(clause, found.places.get(clause.id), wrong) for clause in found.draft.clauses] if found.draft else []
    return render_template(
        "console/case_draft_next.html",
        case=case,
        form=form,
        refusal=refusal,
        wrong=wrong,
        draft=found.draft,
        moved=[row for row in rows if row.place],
        others=[row for row in rows if not row.place],
        lost=found.lost,
        stray=_stray(rows),
        own=OWN,
    )


def _stray(rows: list[Offered]) -> list[str]:
    """What was typed for clauses of a version that another one has followed meanwhile."""
    known = {row.clause.public_id for row in rows}
    return [
        words
        for name, words in request.form.items()
        if name.startswith(("words-", "own-")) and name.partition("-")[2] not in known
    ]


def _offer(clause: Clause, place: Place | None, wrong: dict[str, str]) -> Offered:
    here = clause.public_id
    first = place.wordings[0].revision.text if place else clause.body
    words = typed(request.form, f"words-{here}")
    return Offered(
        clause=clause,
        place=place,
        diffs=[
            (w.revision.public_id, changes(clause.body, w.revision.text.strip()), list(w.points))
            for w in (place.wordings if place else ())
        ],
        words=first if words is None else words,
        own=typed(request.form, f"own-{here}") or first,
        picked=request.form.get(f"pick-{here}", ""),
        reason=typed(request.form, f"reason-{here}") or "",
        open=words is not None and words.strip() != first.strip(),
        wrong=wrong.get(f"words-{here}", ""),
        wrong_reason=wrong.get(f"reason-{here}", ""),
    )


# why a clause changed


@blueprint.get("/desk/cases/<public_id>/drafts/<int:number>/<clause_id>")
@desk(Post.HANDLER)
def explain_change(public_id: str, number: int, clause_id: str) -> str:
    """Which points moved it, or why else."""
    case = find(public_id)
    refusal = why_not(case, "explain", g.officer)
    if refusal:
        raise refusal
    draft, row = _changed(case, number, clause_id)
    form = Why(data={"points": [point.public_id for point in row.points], "reason": "；".join(row.reasons)})
    return _why(case, draft, row, form)


@blueprint.post("/desk/cases/<public_id>/drafts/<int:number>/<clause_id>")
@desk(Post.HANDLER)
@checks_its_form
def do_explain_change(public_id: str, number: int, clause_id: str) -> str | Response | tuple[str, int]:
    """Write it down; an earlier explanation stays, the newest counts."""
    case = find(public_id)
    draft, row = _changed(case, number, clause_id)
    form = Why(request.form)
    refusal = None
    if form.validate():
        chosen = set(form.points.data or ())
        points = [point for point in taken_up(case, linked=True) if point.public_id in chosen]
        with trying(form) as went:
            explain(case, g.officer, draft, row.before, row.after, points=points, reason=form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("写明了。", "ok")
            return redirect(url_for("console.case_drafts", public_id=public_id, to=number), 303)
    return _why(case, draft, row, form, refusal), 422


def _changed(case: Decision, number: int, clause_id: str) -> tuple[Draft, Row]:
    draft = next((one for one in drafts_of(case) if one.number == number), None)
    for row in changes_of(draft) if draft else ():
        named = row.after or row.before
        if row.differs and named is not None and named.public_id == clause_id:
            assert draft is not None
            return draft, row
    raise Missing("这一稿里没有这处改动。请从草案页进去。")


def _why(case: Decision, draft: Draft, row: Row, form: Why, refusal: str | None = None) -> str:
    named = row.after or row.before
    assert named is not None
    points = sorted(
        taken_up(case, linked=True), key=lambda p: (p.clause is None or p.clause.label != named.label, p.id)
    )
    form.points.choices = offered(
        [(point.public_id, f"{point.target}，{point.comment.serial_words}号：{point.gist}") for point in points]
    )
    return render_template(
        "console/case_draft_why.html", case=case, draft=draft, row=row, named=named, form=form, refusal=refusal
    )
