"""The lists of powers and duties: written by one, checked by the justice office, published by the office, each change on its basis."""

from typing import Any

from flask import Response as Reply
from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import files
from models.decisions.register import (
    ENTRY_TEXTS,
    PowerKind,
    Register,
    RegisterEntry,
    RegisterKind,
    RegisterStage,
    by_public_id,
    entry_by_public_id,
    in_force,
    in_hand,
    versions,
)
from models.kernel.lifecycle import buttons, unmet, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.people.unit import units
from server.console.checks import Check
from server.console.door import blueprint, desk, may
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.register import Deed, Drop, Entry, NewRegister, Words
from server.console.forms.seen import overtaken, seen_as
from server.console.forms.trying import trying
from server.console.nav import REGISTERS
from server.headers import save_as
from server.house import checks_its_form

DONE = {
    "submit": "送司法所核对了。",
    "check": "核对好了，等党政办公布。",
    "send_back": "退回修改了。",
    "publish": "公布了，居民现在看得到。",
    "abandon": "这一版不编了。",
}
GATES = {
    RegisterStage.DRAFTED: ("register.submit",),
    RegisterStage.SUBMITTED: ("register.check",),
    RegisterStage.CHECKED: ("register.publish",),
}


@blueprint.get("/desk/registers")
@desk(*REGISTERS.posts)
def registers() -> str:
    """The lists with their versions, and what is being worked on."""
    return _list(NewRegister())


def _list(form: NewRegister, refusal: str | None = None) -> str:
    return render_template(
        "console/registers.html",
        hand=in_hand(),
        published=[(kind, found) for kind in RegisterKind if (found := versions(kind))],
        form=form if may("register.draft_new") else None,
        refusal=refusal,
    )


@blueprint.post("/desk/registers")
@desk(*REGISTERS.posts)
@checks_its_form
def new_register() -> Response | tuple[str, int]:
    """A first version, or a change of the one in force."""
    form = NewRegister(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            kind = next((k for k in RegisterKind if k.value == form.kind.data), None)
            if kind is None:
                raise RuleUnmet("请选一份清单。", {"kind": "请选一份清单。"})
            made = Register.draft_new(g.officer, kind)
        refusal = went.refusal
        if went.done:
            return redirect(url_for("console.register", public_id=made.public_id), 303)
    return _list(form, refusal), 422


@blueprint.get("/desk/registers/<public_id>")
@desk(*REGISTERS.posts)
def register(public_id: str) -> str:
    """One version: its entries, what it changes, what is lacking, and what may be done."""
    return _page(find(public_id))


def _page(found: Register, words: Words | None = None, deed: Deed | None = None, refusal: str | None = None) -> str:
    may_write = why_not(found, "revise", g.officer) is None
    before = found.changes_of
    words = (words or Words(obj=found)) if may_write else None
    if words is not None:
        words.seen.data = seen_as(found.intro, found.reason, found.link)
    standing = in_force(found.kind)
    return render_template(
        "console/register.html",
        r=found,
        before=before,
        changed=found.differences(),
        newer=standing if found.number is not None and standing is not found else None,
        may_write=may_write,
        words=words,
        deed=deed or Deed(),
        refusal=refusal,
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE],
        checks=_checks(found),
        Kind=RegisterKind,
        Stage=RegisterStage,
    )


def _checks(found: Register) -> list[Check]:
    """What the rules want before the next step, each met or not."""
    lines = []
    for gate in GATES.get(found.stage, ()):
        refused = {refusal.code: refusal for refusal in unmet(found, gate, g.officer)}
        lines += [Check.of(refused.get(need.predicate), need) for need in found.rules.gate(gate)]
    return lines


@blueprint.post("/desk/registers/<public_id>")
@desk(*REGISTERS.posts)
@checks_its_form
def write_register(public_id: str) -> Response | tuple[str, int]:
    """The words above the list."""
    found = find(public_id)
    form = Words(request.form)
    refusal = overtaken(form, found.intro, found.reason, found.link)
    if refusal is None and form.validate():
        with trying(form) as went:
            told = {name: getattr(form, name).data or "" for name in ("intro", "reason", "link")}
            found.revise(g.officer, **told)
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            return redirect(url_for("console.register", public_id=public_id), 303)
    return _page(found, words=form, refusal=refusal), 422


@blueprint.post("/desk/registers/<public_id>/deed")
@desk(*REGISTERS.posts)
@checks_its_form
def register_deed(public_id: str) -> Response | tuple[str, int]:
    """Submit, check, send back, publish, give up."""
    found = find(public_id)
    same_page(found.version)
    form = Deed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed == "check":
                found.check(g.officer, form.remark.data or "")
            elif deed in ("send_back", "abandon"):
                getattr(found, deed)(g.officer, form.reason.data or "")
            else:
                getattr(found, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.register", public_id=public_id), 303)
    return _page(found, deed=form, refusal=refusal), 422


# one entry


@blueprint.get("/desk/registers/<public_id>/entries/new")
@desk(*REGISTERS.posts)
def new_entry(public_id: str) -> str:
    """An empty sheet."""
    return _entry(_writable(public_id), None, Entry())


@blueprint.get("/desk/registers/<public_id>/entries/<entry_id>")
@desk(*REGISTERS.posts)
def entry(public_id: str, entry_id: str) -> str:
    """One entry: its sheet while it may be written, otherwise how it reads."""
    found = find(public_id)
    put = _of(found, entry_id)
    if why_not(found, "put_entry", g.officer):
        return render_template("console/register_entry.html", r=found, entry=put)
    form = Entry(obj=put)
    form.kind.data, form.steps.data = put.kind.value, put.steps_typed
    form.unit.data = put.unit.public_id if put.unit else ""
    return _entry(found, put, form)


@blueprint.post("/desk/registers/<public_id>/entries/new")
@desk(*REGISTERS.posts)
@checks_its_form
def write_new_entry(public_id: str) -> Response | tuple[str, int]:
    """One more."""
    return _write_entry(_writable(public_id), None)


@blueprint.post("/desk/registers/<public_id>/entries/<entry_id>")
@desk(*REGISTERS.posts)
@checks_its_form
def write_entry(public_id: str, entry_id: str) -> Response | tuple[str, int]:
    """The same entry otherwise."""
    found = _writable(public_id)
    return _write_entry(found, _of(found, entry_id))


def _write_entry(found: Register, put: RegisterEntry | None) -> Response | tuple[str, int]:
    form = Entry(request.form)
    upload = request.files.get("chart")
    refusal = overtaken(form, *_reads(put))
    if refusal is None and form.validate():
        with trying(form) as went:
            if not form.name.data:
                raise RuleUnmet("请写事项名称。", {"name": "请写事项名称。"})
            told: dict[str, Any] = {name: getattr(form, name).data for name in ENTRY_TEXTS}
            told |= {
                "kind": next((k for k in PowerKind if k.value == form.kind.data), PowerKind.OTHER),
                "unit": next((u for u in units() if u.public_id == form.unit.data), None),
                "steps": form.steps.data or "",
            }
            put = found.put_entry(g.officer, put, **told)
            if upload is not None and upload.filename:
                with upload.stream as sent:
                    found.attach_chart(g.officer, put, sent.read())
        refusal = went.refusal
        if went.done and put is not None:
            flash("存好了。", "ok")
            if request.form.get("deed") == "look":
                return redirect(url_for("console.entry", public_id=found.public_id, entry_id=put.public_id), 303)
            return redirect(url_for("console.register", public_id=found.public_id, _anchor="entries"), 303)
        if put is not None and put.id is None:
            put = None
    return _entry(found, put, form, refusal), 422


@blueprint.post("/desk/registers/<public_id>/entries/<entry_id>/drop")
@desk(*REGISTERS.posts)
@checks_its_form
def drop_entry(public_id: str, entry_id: str) -> Response | tuple[str, int]:
    """Struck out, on a basis; or back again."""
    found = _writable(public_id)
    put = _of(found, entry_id)
    form = Drop(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if request.form.get("deed") == "bring_back":
                found.bring_back(g.officer, put)
            else:
                found.drop_entry(g.officer, put, form.change_basis.data or "")
        refusal = went.refusal
        if went.done:
            flash("恢复了。" if request.form.get("deed") == "bring_back" else "取消了。以前公布的版本里还在。", "ok")
            return redirect(url_for("console.register", public_id=public_id, _anchor="entries"), 303)
    sheet = Entry(obj=put)
    sheet.kind.data, sheet.steps.data = put.kind.value, put.steps_typed
    sheet.unit.data = put.unit.public_id if put.unit else ""
    return _entry(found, put, sheet, drop=form, drop_refusal=refusal), 422


@blueprint.post("/desk/registers/<public_id>/entries/<entry_id>/no-chart")
@desk(*REGISTERS.posts)
def detach_chart(public_id: str, entry_id: str) -> Response:
    """The uploaded chart goes; the drawing from the steps stands."""
    found = _writable(public_id)
    found.detach_chart(g.officer, _of(found, entry_id))
    flash("去掉了，改用画出来的流程图。", "ok")
    return redirect(url_for("console.entry", public_id=public_id, entry_id=entry_id), 303)


@blueprint.get("/desk/registers/<public_id>/entries/<entry_id>/chart")
@desk(*REGISTERS.posts)
def entry_chart(public_id: str, entry_id: str) -> Reply:
    """The uploaded chart itself."""
    put = _of(find(public_id), entry_id)
    if not put.chart:
        raise Missing("这一项没有上传流程图。")
    return chart_file(put)


def chart_file(put: RegisterEntry) -> Reply:
    """A picture is shown, a PDF is saved."""
    answer = Reply(files.read(put.chart), mimetype=put.chart_mime)
    how = "attachment" if put.chart_mime == "application/pdf" else "inline"
    extension = put.chart_mime.rpartition("/")[2].replace("jpeg", "jpg")
    return save_as(answer, f"{put.name}流程图.{extension}", how)


def _reads(put: RegisterEntry | None) -> tuple[str, ...]:
    return (*(words for _, words in put.line.parts), put.change_basis) if put else ()


def _entry(
    found: Register,
    put: RegisterEntry | None,
    form: Entry,
    refusal: str | None = None,
    *,
    drop: Drop | None = None,
    drop_refusal: str | None = None,
) -> str:
    form.unit.choices = offered([("", "请选择"), *((u.public_id, u.name) for u in units())])
    form.seen.data = seen_as(*_reads(put))
    before = found.changes_of
    published = put is not None and before is not None and any(e.origin == put.origin for e in before.standing)
    return render_template(
        "console/register_entry_form.html",
        r=found,
        entry=put,
        form=form,
        refusal=refusal,
        drop=drop or Drop(),
        drop_refusal=drop_refusal,
        published=published,
        adjusting=before is not None,
        duties=found.kind == RegisterKind.DUTIES,
    )


def find(public_id: str) -> Register:
    """One version, published or not."""
    found = by_public_id(public_id, published=False)
    if found is None:
        raise Missing("没有找到这一版清单。")
    return found


def _writable(public_id: str) -> Register:
    """A version that this officer may write now."""
    found = find(public_id)
    refusal = why_not(found, "put_entry", g.officer)
    if refusal:
        raise refusal
    return found


def _of(found: Register, entry_id: str) -> RegisterEntry:
    put = entry_by_public_id(entry_id, published=False)
    if put is None or put.register is not found:
        raise Missing("没有找到这一项，可能已经取消。")
    return put
