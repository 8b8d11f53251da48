"""The hearing desk: the announcement, who applied, the list, the papers, the record in three parts, the report."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.decision import Decision
from models.decisions.hearing import (
    Hearing,
    HearingApplicant,
    HearingStage,
    Party,
    by_public_id,
    hearings_of,
)
from models.decisions.material import Material, Publicity, about, materials
from models.kernel.clock import local, today
from models.kernel.lifecycle import buttons
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Post
from server.console.cases import find
from server.console.door import blueprint, desk
from server.console.forms.fields import offered
from server.console.forms.taking_part import Announcement, HearingDeed
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.house import checks_its_form

HANDS = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.OFFICE, Post.VILLAGE, Post.GRID)
SIGNED_WORDS = "个人隐私（信息公开条例第十五条）"


@blueprint.get("/desk/cases/<public_id>/hearing")
@desk(*CASES.posts)
def case_hearing(public_id: str) -> str | Response:
    """The case's hearing; without one a form for its announcement."""
    case = find(public_id)
    found = [one for one in hearings_of(case) if one.stage != HearingStage.CANCELLED]
    if found:
        return redirect(url_for("console.hearing", public_id=found[-1].public_id), 303)
    return _draft(case, Announcement(data={"title": f"{case.title[:60]}听证会", "contact": ""}))


@blueprint.post("/desk/cases/<public_id>/hearing")
@desk(Post.HANDLER)
@checks_its_form
def draft_hearing(public_id: str) -> str | Response | tuple[str, int]:
    """An announcement is begun."""
    case = find(public_id)
    form = Announcement(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Hearing.draft_new(g.officer, case, **form.fields())
        refusal = went.refusal
        if went.done:
            flash("存好了。由单位负责人或者分管领导公布。", "ok")
            return redirect(url_for("console.hearing", public_id=made.public_id), 303)
    return _draft(case, form, refusal), 422


def _draft(case: Decision, form: Announcement, refusal: str | None = None, hearing: Hearing | None = None) -> str:
    may = not g.officer.lacks(case.rules.post_for("hearing.draft_new"))
    past = [one for one in hearings_of(case) if one.stage == HearingStage.CANCELLED]
    return render_template(
        "console/hearing_draft.html", case=case, form=form, refusal=refusal, may=may, hearing=hearing, past=past
    )


@blueprint.get("/desk/hearings/<public_id>")
@desk(*CASES.posts, Post.VILLAGE, Post.GRID)
def hearing(public_id: str) -> str:
    """One hearing, with what may be done now."""
    return _page(_find(public_id), HearingDeed())


@blueprint.get("/desk/hearings/<public_id>/edit")
@desk(Post.HANDLER)
def edit_hearing(public_id: str) -> str:
    """The announcement again, while it is a draft."""
    found = _find(public_id)
    told = {
        name: getattr(found, name)
        for name in ("title", "matter", "place", "how_to_apply", "choosing", "contact", "apply_until")
    }
    told |= {f"seats_{seat.party.value}": seat.number for seat in found.seats}
    told["held_at"] = local(found.held_at).strftime("%Y-%m-%dT%H:%M") if found.held_at else ""
    return _draft(found.decision, Announcement(data=told), hearing=found)


@blueprint.post("/desk/hearings/<public_id>/edit")
@desk(Post.HANDLER)
@checks_its_form
def revise_hearing(public_id: str) -> str | Response | tuple[str, int]:
    """Keep it."""
    found = _find(public_id)
    form = Announcement(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            found.revise(g.officer, **form.fields())
        refusal = went.refusal
        if went.done:
            flash("存好了。", "ok")
            return redirect(url_for("console.hearing", public_id=public_id), 303)
    return _draft(found.decision, form, refusal, found), 422


@blueprint.post("/desk/hearings/<public_id>")
@desk(*HANDS)
@checks_its_form
def hearing_deed(public_id: str) -> str | Response | tuple[str, int]:
    """One deed; what was typed comes back when it is refused."""
    found = _find(public_id)
    form = HearingDeed(request.form)
    refusal, deed = None, request.form.get("deed", "")
    if form.validate():
        with trying(form) as went:
            if deed not in DEEDS:
                raise RuleUnmet("请从页面上的按钮办。")
            done = DEEDS[deed](found, form)
        refusal = went.refusal
        if went.done:
            flash(done, "ok")
            return redirect(url_for("console.hearing", public_id=public_id), 303)
    return _page(found, form, refusal), 422


def _announce(found: Hearing, form: HearingDeed) -> str:
    found.announce(g.officer)
    return "公布了，居民可以报名了。"


def _move(found: Hearing, form: HearingDeed) -> str:
    if form.held_at.at is None:
        raise RuleUnmet("请填改到什么时候。", {"held_at": "请填日期和时间。"})
    found.move(g.officer, form.held_at.at, form.place.data or "", form.reason.data or "")
    return "改了，报了名的人会收到告知。"


def _enter(found: Hearing, form: HearingDeed) -> str:
    if form.party.data not in set(Party):
        raise RuleUnmet("请选代表哪一方。", {"party": "请选代表哪一方。"})
    told = (Party(form.party.data), form.name.data or "", form.phone.data or "", form.words.data or "")
    found.enter(g.officer, *told)
    return "报名录好了。"


def _list(found: Hearing, form: HearingDeed) -> str:
    found.publish_list(g.officer, _picked(found, form.chosen.data), form.how.data or "")
    return "名单公布了，报了名的人会收到告知。接着送材料。"


def _serve(found: Hearing, form: HearingDeed) -> str:
    who = _picked(found, form.who.data)
    if not who:
        raise RuleUnmet("请选送给了谁。", {"who": "请选送给了谁。"})
    for one in who:
        one.serve(g.officer, form.served_on.data or today(), form.how.data or "")
    return f"登记了，送达 {len(who)} 人。"


def _hold(found: Hearing, form: HearingDeed) -> str:
    found.hold(
        g.officer,
        opening=form.opening.data or "",
        debate=form.debate.data or "",
        closing=form.closing.data or "",
        came=_picked(found, form.came.data),
        chaired_by=form.chaired_by.data or "",
        recorded_by=form.recorded_by.data or "",
    )
    return "记录存好了。接着登记签字，交扫描件。"


def _sign(found: Hearing, form: HearingDeed) -> str:
    who = _picked(found, form.who.data)
    if not who:
        raise RuleUnmet("请选是谁。", {"who": "请选是谁。"})
    refused = (form.refused_reason.data or "").strip()
    for one in who:
        one.sign(g.officer, not refused, refused)
    return "登记了。"


def _scan(found: Hearing, form: HearingDeed) -> str:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise RuleUnmet("请选文件。", {"file": "请选文件：PDF、Word（.docx）或者图片。"})
    with upload.stream as sent:
        data = sent.read()
    Material.add(
        g.officer,
        found.decision,
        "hearing",
        "听证会记录（签字）",
        data,
        publicity=Publicity.CLOSED,
        publicity_reason=SIGNED_WORDS,
        subject=about(found),
    )
    return "扫描件交进来了。"


def _report(found: Hearing, form: HearingDeed) -> str:
    found.write_report(g.officer, form.report.data or "")
    return "听证报告存好了，网页上可以看到。"


def _cancel(found: Hearing, form: HearingDeed) -> str:
    found.cancel(g.officer, form.reason.data or "")
    return "取消了，报了名的人会收到告知。"


DEEDS: dict[str, Any] = {
    "announce": _announce,
    "move": _move,
    "enter": _enter,
    "publish_list": _list,
    "serve": _serve,
    "hold": _hold,
    "sign": _sign,
    "scan": _scan,
    "write_report": _report,
    "cancel": _cancel,
}
"""What the page's buttons do."""


def _picked(found: Hearing, chosen: Sequence[str] | None) -> list[HearingApplicant]:
    wanted = set(chosen or ())
    return [one for one in found.applicants if one.public_id in wanted]


def _find(public_id: str) -> Hearing:
    found = by_public_id(public_id, announced=False)
    if found is None:
        raise Missing("没有找到这次听证。请从案卷进去。")
    return found


def _page(found: Hearing, form: HearingDeed, refusal: str | None = None) -> str:
    def people(which: Sequence[HearingApplicant]) -> Any:
        return offered([(one.public_id, f"{one.name or '（已删除）'}，{one.party.label}") for one in which])

    form.chosen.choices = people(found.applicants)
    form.came.choices = people(found.participants)
    waiting = [one for one in found.participants if one.served_on is None]
    unsigned = [one for one in found.participants if one.came and not one.signed and not one.refused_reason]
    form.who.choices = people(waiting if found.stage == HearingStage.LISTED else unsigned)
    rules = found.rules
    return render_template(
        "console/hearing.html",
        hearing=found,
        case=found.decision,
        form=form,
        refusal=refusal,
        able={button.verb: button for button in buttons(found, g.officer)},
        may_serve=not g.officer.lacks(rules.post_for("hearing.serve")),
        may_scan=not g.officer.lacks(rules.post_for("material.add")),
        waiting=waiting,
        unsigned=unsigned,
        papers=materials(found.decision, "hearing", subject=about(found)),
        days=rules.number("hearing.papers_days"),
    )
