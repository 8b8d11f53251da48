"""What the street may do, what it has to do, and on what basis: the lists, every version of them, and the way of each power."""

from typing import Any

from flask import Response as Reply
from flask import render_template

from models import files
from models.decisions.register import Register, RegisterEntry, RegisterKind, by_public_id, in_force, versions
from models.decisions.register import entry_by_public_id as entry_of
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from server.headers import save_as
from server.site.door import blueprint
from server.words import date_plain

ORDER = (RegisterKind.POWERS, RegisterKind.DUTIES, RegisterKind.NEGATIVE)


@blueprint.get("/registers")
def registers() -> str:
    """The three lists."""
    rows = []
    for kind in ORDER:
        found = in_force(kind)
        count = f"，{len(found.standing)}项" if found and kind != RegisterKind.NEGATIVE else ""
        told = f"{date_plain(found.published_at)}公布{count}" if found else "还没有公布"
        rows.append({"kind": kind, "told": told, "public": found is not None})
    return render_template("site/registers.html", rows=rows)


@blueprint.get("/registers/powers")
def powers() -> str:
    """What the street may do."""
    return _now(RegisterKind.POWERS)


@blueprint.get("/registers/duties")
def duties() -> str:
    """What the street has to do."""
    return _now(RegisterKind.DUTIES)


@blueprint.get("/registers/negative")
def negative() -> str:
    """What the state keeps closed to businesses."""
    return _now(RegisterKind.NEGATIVE)


def _now(kind: RegisterKind) -> str:
    found = in_force(kind)
    if found is None:
        raise Missing(f"{kind.label}还没有公布。")
    return _page(found)


@blueprint.get("/registers/versions/<public_id>")
def register_version(public_id: str) -> str:
    """One version as it was published, whatever came after it."""
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这一版清单。")
    return _page(found)


def _page(found: Register) -> str:
    all_versions = versions(found.kind)
    groups: dict[str, list[RegisterEntry]] = {}
    for entry in found.standing:
        groups.setdefault(entry.kind.label, []).append(entry)
    return render_template(
        "site/register.html",
        r=found,
        groups=groups,
        newest=all_versions[0],
        versions=all_versions,
        changed=found.differences(),
        negative=found.kind == RegisterKind.NEGATIVE,
    )


@blueprint.get("/registers/entries/<public_id>")
def register_entry(public_id: str) -> str:
    """One power or duty: its basis, whose it is, for whom, and its way."""
    entry = _entry(public_id)
    found = entry.register
    standing = in_force(found.kind)
    now: Any = None
    if standing is not None and standing is not found:
        now = next((other for other in standing.standing if other.origin == entry.origin), None)
    return render_template(
        "site/register_entry.html",
        e=entry,
        r=found,
        stale=standing is not found,
        now=now,
        standing=standing,
        decider=Installation.here().office_full_name,
    )


@blueprint.get("/registers/entries/<public_id>/chart")
def register_chart(public_id: str) -> Reply:
    """The flow chart that was uploaded: a picture is shown, a PDF is saved."""
    entry = _entry(public_id)
    if not entry.chart:
        raise Missing("这一项没有上传流程图。")
    answer = Reply(files.read(entry.chart), mimetype=entry.chart_mime)
    how = "attachment" if entry.chart_mime == "application/pdf" else "inline"
    extension = entry.chart_mime.rpartition("/")[2].replace("jpeg", "jpg")
    return save_as(answer, f"{entry.name}流程图.{extension}", how)


def _entry(public_id: str) -> RegisterEntry:
    found = entry_of(public_id)
    if found is None:
        raise Missing("没有找到这一项。")
    return found
