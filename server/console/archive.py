"""The archive's page of a case: its contents with what is missing, archiving, and the packed files with how far they are."""

from flask import Response as Reply
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.archive import archive, archive_ended
from models.decisions.casefile import gather
from models.decisions.decision import CaseStage, Decision
from models.decisions.road import STATIONS
from models.decisions.volume import (
    COPY_KEPT,
    KEEPERS,
    CaseFile,
    Packing,
    Purpose,
    by_public_id,
    copies,
    fresh,
    held_already,
    latest,
    may_take,
    volumes,
)
from models.kernel.lifecycle import unmet, verbs_of, why_not
from models.kernel.refusal import Missing
from models.people.officer import Post
from server.console.cases import find
from server.console.checks import Check
from server.console.door import blueprint, desk
from server.console.forms.fields import holdable
from server.console.nav import CASES
from server.headers import save_as

KEEPING = tuple(Post(name) for name in KEEPERS)


@blueprint.get("/desk/cases/<public_id>/archive")
@desk(*CASES.posts)
def case_archive(public_id: str) -> str:
    """Contents, missing items, volumes; the button of whoever may press it."""
    found = find(public_id)
    gathered = gather(found)
    sealed = volumes(found)
    new = fresh(gathered.items, held_already(found)) if sealed else []
    verb = "archive_ended" if found.stage == CaseStage.ENDED else "archive"
    names = {one.key: one.name for one in STATIONS}
    refusal = why_not(found, verb, g.officer)
    return render_template(
        "console/case_archive.html",
        case=found,
        groups=[
            (names[key], [item for item in gathered.items if item.station == key])
            for key in dict.fromkeys(item.station for item in gathered.items)
        ],
        total=len(gathered.items),
        lacking=gathered.lacking,
        new={item.key for item in new},
        sealed=sealed,
        copies=copies(found) if not found.filed else (),
        copy_days=COPY_KEPT.days,
        packing=latest(found),
        closing=None if found.filed or found.going_on else refusal,
        can_close=not found.filed and refusal is None,
        waits=found.stage in (CaseStage.PUBLISHED, CaseStage.ENDED) and not found.filed,
        checks=_checks(found) if not found.filed and found.stage != CaseStage.ENDED else [],
        may_take=may_take(found, g.officer) is None,
        may_add=bool(new) and g.officer.has(Post.ARCHIVIST),
    )


def _checks(found: Decision) -> list[Check]:
    verb = verbs_of(Decision)["archive"]
    lacking = {refusal.code: refusal for refusal in unmet(found, verb.needs, g.officer)}
    return [Check.of(lacking.get(need.predicate), need) for need in found.rules.gate(verb.needs, found.case_kind)]


@blueprint.post("/desk/cases/<public_id>/archive")
@desk(Post.ARCHIVIST)
def archive_case(public_id: str) -> Response:
    """Close the file and have volume one sealed."""
    found = find(public_id)
    (archive_ended if found.stage == CaseStage.ENDED else archive)(found, g.officer)
    flash("归档了，正在封存第1卷。", "ok")
    return _back(found)


@blueprint.post("/desk/cases/<public_id>/archive/pack")
@desk(*KEEPING)
def pack_case(public_id: str) -> Response:
    """Have a copy packed, or a supplement sealed."""
    found = find(public_id)
    told = request.form.get("what", "")
    purpose = Purpose(told) if told in set(Purpose) else Purpose.COPY
    Packing.ask(g.officer, found, purpose)
    flash("开始打包了，可以先去做别的，回来再下载。", "ok")
    return _back(found)


@blueprint.post("/desk/cases/<public_id>/file")
@desk(*KEEPING)
def case_file(public_id: str) -> Reply:
    """The zip, a piece at a time, always to be saved; taking it away leaves its trace."""
    found = find(public_id)
    told = request.form.get("file", "")[:12]
    wanted: CaseFile | None = by_public_id(told) if holdable(told) else None
    if wanted is None or wanted.decision_id != found.id:
        raise Missing("没有找到这个文件，请从归档页再点一次下载。")
    stored = wanted.fetch(g.officer)
    answer = Reply(stored.pieces(), mimetype="application/zip")
    answer.content_length = stored.size
    return save_as(answer, wanted.download_name)


def _back(found: Decision) -> Response:
    return redirect(url_for("console.case_archive", public_id=found.public_id), 303)
