"""Meetings: the pack that gathers itself, the minutes, the second signature, the decision, and the report to the Party committee."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.decisions.consultation import Consultation
from models.decisions.decide import decide
from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.deliberate import deliberate
from models.decisions.deliberation import (
    Deliberation,
    MeetingStage,
    Result,
    Role,
    Sitting,
    Stance,
    by_public_id,
    counted,
    deliberations,
    majority,
    passing,
)
from models.decisions.draft import drafts_of
from models.decisions.material import Material, Publicity, about, materials
from models.decisions.meeting_pack import FAIR, OTHER, There, meeting_pack
from models.decisions.party_report import party_reports, report_to_party
from models.decisions.resolution import Resolution
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, RuleUnmet
from models.people.officer import Officer, Post, officers
from server.console import case_road
from server.console.cases import back_to, find
from server.console.door import blueprint, desk
from server.console.drafts import same_page
from server.console.forms.fields import offered
from server.console.forms.meeting import ROWS, SHOWN, Decided, Deliberate, Minutes, Paper, PartyReported, Why
from server.console.forms.trying import trying
from server.console.nav import CASES
from server.house import checks_its_form

HAND_IN = (Post.HANDLER, Post.UNIT_HEAD, Post.OFFICE, Post.JUSTICE)
"""Who brings papers to the pack."""
CONFIRMS = (Post.HANDLER, Post.UNIT_HEAD, Post.LEADER, Post.CHIEF, Post.OFFICE, Post.JUSTICE, Post.COUNSEL)
"""Who may have sat at the table."""


# the pack


@blueprint.get("/desk/cases/<public_id>/meeting-pack")
@desk(*CASES.posts)
def meeting_pack_page(public_id: str) -> str:
    """The six items: there, missing, excused; with their papers."""
    return _pack(find(public_id), Paper())


@blueprint.post("/desk/cases/<public_id>/meeting-pack")
@desk(*HAND_IN)
@checks_its_form
def hand_to_pack(public_id: str) -> str | Response | tuple[str, int]:
    """A paper for the pack."""
    found, form = find(public_id), Paper(request.form)
    refusal = take(found, form, "deliberation", {"fair": FAIR, "other": OTHER})
    if refusal is None:
        flash("材料交进来了。", "ok")
        return redirect(url_for("console.meeting_pack_page", public_id=public_id), 303)
    return _pack(found, form, refusal or None), 422


def take(found: Decision, form: Paper, station: str, subjects: dict[str, str]) -> str | None:
    """Put an uploaded paper where it belongs; None when it went well, otherwise what to say on top."""
    upload = request.files.get("file")
    if not form.validate():
        return ""
    with trying(form) as went:
        if upload is None or not upload.filename:
            raise RuleUnmet("请选文件。", {"file": "请选文件：PDF、Word（.docx）或者图片。"})
        if form.what.data not in subjects:
            raise RuleUnmet("请选是哪一项。", {"what": "请选是哪一项。"})
        with upload.stream as sent:
            data = sent.read()
        Material.add(
            g.officer,
            found,
            station,
            form.title.data or "",
            data,
            publicity=Publicity(form.publicity.data),
            publicity_reason=form.publicity_reason.data or "",
            subject=subjects[form.what.data],
        )
    return went.refusal


def _pack(found: Decision, form: Paper, refusal: str | None = None) -> str:
    pack = meeting_pack(found)
    form.what.choices = offered(
        [("", "请选择"), *([("fair", "公平竞争审查")] if found.market else []), ("other", "其他材料")]
    )
    return render_template(
        "console/meeting_pack.html",
        case=found,
        pack=pack,
        lacking=[item for item in pack if item.there == There.MISSING],
        There=There,
        links={item.key: _where(found, item.key, item.reports) for item in pack},
        draft=next(reversed(drafts_of(found)), None),
        form=form,
        refusal=refusal,
        may=g.officer.has(*HAND_IN) and found.going_on,
        deed=case_road.named(found, "deliberate") if found.stage == CaseStage.STARTED else None,
    )


def _where(found: Decision, key: str, reports: Any) -> list[tuple[str, str]]:
    """Where an item's record lies."""
    if key == "opinions":
        rounds: list[Consultation] = list(reports)
        return [
            (f"采纳情况报告{f'（第 {n} 次）' if len(rounds) > 1 else ''}", f"/reports/{one.public_id}")
            for n, one in enumerate(rounds, 1)
        ] or [
            ("去办", link)
            for link in [case_road.link_of(found, "answers") or case_road.link_of(found, "consultation")]
            if link
        ]
    link = case_road.link_of(found, key) if key in ("expert", "risk", "legal_review") else ""
    return [("看这一站", link)] if link else []


# sending it to a meeting


@blueprint.get("/desk/cases/<public_id>/deliberation")
@desk(*CASES.posts)
def case_deliberation(public_id: str) -> str:
    """The meetings of a case, with who said what."""
    return _meetings(find(public_id), Why())


def _meetings(found: Decision, form: Why, refusal: str | None = None, at: str = "") -> str:
    return render_template(
        "console/deliberation.html",
        case=found,
        rows=[_row(one) for one in reversed(deliberations(found))],
        deed=case_road.named(found, "deliberate") if found.stage == CaseStage.STARTED and not _open(found) else None,
        deciding=case_road.named(found, "decide") if found.stage == CaseStage.STARTED and passing(found) else None,
        decided=Resolution.of(found),
        ordinary=found.kind == Kind.ORDINARY,
        form=form,
        refusal=refusal,
        at=at,
        Role=Role,
    )


def _open(found: Decision) -> bool:
    """A meeting is in hand, or has passed it."""
    going = any(one.stage in (MeetingStage.CALLED, MeetingStage.RECORDED) for one in deliberations(found))
    return going or passing(found) is not None


def _row(meeting: Deliberation) -> dict[str, Any]:
    seats = meeting.seats
    wanted = majority(seats)
    return {
        "meeting": meeting,
        "here": [seat for seat in seats if seat.present],
        "absent": [seat for seat in seats if not seat.present],
        "counts": "，".join(f"{stance.label} {n}" for stance, n in counted(seats).items() if n),
        "majority": wanted.label if wanted else "没有形成多数",
        "acts": {button.verb: button for button in buttons(meeting, g.officer)},
        "papers": materials(meeting.decision, "deliberation", subject=about(meeting)),
    }


@blueprint.get("/desk/cases/<public_id>/deliberate")
@desk(Post.OFFICE)
def deliberate_case(public_id: str) -> str:
    """Which meeting, and the gate before it."""
    return _deliberate(find(public_id), Deliberate())


@blueprint.post("/desk/cases/<public_id>/deliberate")
@desk(Post.OFFICE)
@checks_its_form
def do_deliberate(public_id: str) -> str | Response | tuple[str, int]:
    """Send it there."""
    found, form = find(public_id), Deliberate(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = deliberate(found, g.officer, form.meeting.data or "", form.planned_on.data)
        refusal = went.refusal
        if went.done:
            flash(f"提交{made.title}了。开完会把记录写进来。", "ok")
            return redirect(url_for("console.case_deliberation", public_id=public_id), 303)
    return _deliberate(found, form, refusal), 422


def _deliberate(found: Decision, form: Deliberate, refusal: str | None = None) -> str:
    able = found.rules.meetings_for(found.case_kind)
    others = [one for one in found.rules.meetings.values() if one not in able]
    form.meeting.choices = offered([(one.key, one.title) for one in (*able, *others)])
    return render_template(
        "console/deliberate.html",
        case=found,
        form=form,
        refusal=refusal,
        meetings=[(one, one in able) for one in (*able, *others)],
        deed=case_road.named(found, "deliberate"),
        pack=meeting_pack(found),
        There=There,
    )


# the minutes


def _meeting(public_id: str) -> Deliberation:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这次会议，请从案卷进去。")
    return found


@blueprint.get("/desk/meetings/<public_id>/record")
@desk(Post.OFFICE)
def meeting_record(public_id: str) -> str:
    """The form of the minutes; a record that was sent back comes with what was written."""
    meeting = _meeting(public_id)
    refusal = why_not(meeting, "record", g.officer)
    if refusal:
        raise refusal
    form = Minutes(data=_earlier(meeting))
    return _minutes(meeting, form)


def _earlier(meeting: Deliberation) -> dict[str, Any]:
    data: dict[str, Any] = {
        "held_on": meeting.held_on or meeting.planned_on,
        "place": meeting.place,
        "chair": meeting.chair,
        "result": meeting.result,
        "remark": meeting.remark,
        "departs_reason": meeting.departs_reason,
        "minutes_number": meeting.minutes_number,
    }
    known = {officer.id: officer.public_id for officer in officers()}
    for seat in meeting.seats:
        n = seat.position
        data |= {
            f"who_{n}": known.get(seat.officer_id or 0, ""),
            f"name_{n}": "" if seat.officer_id in known else seat.name,
            f"role_{n}": seat.role.value,
            f"came_{n}": "yes" if seat.present else "no",
            f"stance_{n}": seat.stance.value if seat.stance else "",
            f"words_{n}": seat.words,
        }
    return data


@blueprint.post("/desk/meetings/<public_id>/record")
@desk(Post.OFFICE)
@checks_its_form
def record_meeting(public_id: str) -> str | Response | tuple[str, int]:
    """Write them down, or ask for more rows."""
    meeting, form = _meeting(public_id), Minutes(request.form)
    if request.form.get("deed") == "more":
        return _minutes(meeting, form, rows=form.filled + SHOWN)
    same_page(meeting.version)
    refusal = None
    if form.validate():
        with trying(form) as went:
            meeting.record(
                g.officer,
                _sittings(form),
                held_on=form.held_on.data,
                place=form.place.data or "",
                chair=form.chair.data or "",
                result=Result(form.result.data) if form.result.data in set(Result) else None,
                remark=form.remark.data or "",
                departs_reason=form.departs_reason.data or "",
                minutes_number=form.minutes_number.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash("会议记录写好了，请到会的另一个人确认。", "ok")
            return redirect(url_for("console.case_deliberation", public_id=meeting.decision.public_id), 303)
    return _minutes(meeting, form, refusal), 422


def _sittings(form: Minutes) -> list[Sitting]:
    """The rows in which somebody stands, in their order."""
    known: dict[str, Officer] = {officer.public_id: officer for officer in officers()}
    found = []
    for row in form.rows():
        officer = known.get(row["who"].data or "")
        said, stance = row["words"].data or "", row["stance"].data
        if officer is None and not row["name"].data:
            if said.strip() or stance:
                found.append(
                    Sitting("", stance=Stance.AGREE, words=said)
                )  # refused by the record: a row without a name
            continue
        found.append(
            Sitting(
                officer.name if officer else row["name"].data,
                Role(row["role"].data) if row["role"].data in set(Role) else Role.MEMBER,
                Stance(stance) if stance in set(Stance) else None,
                said,
                officer.post_label[:60] if officer else "",
                officer,
                row["came"].data != "no",
            )
        )
    return found


def _minutes(meeting: Deliberation, form: Minutes, refusal: str | None = None, rows: int = SHOWN) -> str:
    people = offered([("", "名单以外的人"), *((o.public_id, f"{o.name}（{o.post_label}）") for o in officers())])
    shown = min(ROWS, max(rows, form.filled + 2))
    table = list(form.rows(shown))
    for row in table:
        row["who"].choices = people
    return render_template(
        "console/minutes.html",
        meeting=meeting,
        case=meeting.decision,
        form=form,
        refusal=refusal,
        rows=table,
        full=shown >= ROWS,
    )


@blueprint.post("/desk/meetings/<public_id>/confirm")
@desk(*CONFIRMS)
def confirm_meeting(public_id: str) -> Response:
    """It was so."""
    meeting = _meeting(public_id)
    meeting.confirm(g.officer)
    flash("会议记录确认了，从此不能再改。", "ok")
    return redirect(url_for("console.case_deliberation", public_id=meeting.decision.public_id), 303)


@blueprint.post("/desk/meetings/<public_id>/<any(send_back, call_off):verb>")
@desk(*CONFIRMS)
@checks_its_form
def undo_meeting(public_id: str, verb: str) -> str | Response | tuple[str, int]:
    """The minutes go back, or the matter is taken off the agenda."""
    meeting, form = _meeting(public_id), Why(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            getattr(meeting, verb)(g.officer, form.reason.data or "")
        refusal = went.refusal
        if went.done:
            flash("退回重记了。" if verb == "send_back" else "撤回了，以后可以再提交。", "ok")
            return redirect(url_for("console.case_deliberation", public_id=meeting.decision.public_id), 303)
    return _meetings(meeting.decision, form, refusal, at=meeting.public_id), 422


@blueprint.post("/desk/meetings/<public_id>/scan")
@desk(Post.OFFICE)
@checks_its_form
def scan_of_meeting(public_id: str) -> Response:
    """The signed minutes, scanned."""
    meeting, upload = _meeting(public_id), request.files.get("file")
    if upload is None or not upload.filename:
        raise RuleUnmet("请选文件：签了字的会议记录或者会议纪要的扫描件。")
    with upload.stream as sent:
        data = sent.read()
    Material.add(
        g.officer,
        meeting.decision,
        "deliberation",
        f"{meeting.title}第{meeting.number}次讨论的会议记录（签字扫描件）",
        data,
        publicity=Publicity.CLOSED,
        publicity_reason="过程性信息（信息公开条例第十六条）。",
        subject=about(meeting),
        replaces=next(iter(materials(meeting.decision, "deliberation", subject=about(meeting))), None),
    )
    flash("扫描件存进案卷了。", "ok")
    return redirect(url_for("console.case_deliberation", public_id=meeting.decision.public_id), 303)


# the decision


@blueprint.get("/desk/cases/<public_id>/decide")
@desk(Post.OFFICE)
def decide_case(public_id: str) -> str:
    """What will be written down as decided."""
    return _decided(find(public_id), Decided())


@blueprint.post("/desk/cases/<public_id>/decide")
@desk(Post.OFFICE)
@checks_its_form
def do_decide(public_id: str) -> str | Response | tuple[str, int]:
    """Decided."""
    found, form = find(public_id), Decided(request.form)
    same_page(found.version)
    refusal = None
    if form.validate():
        with trying(form) as went:
            decide(
                found,
                g.officer,
                draft=next((d for d in drafts_of(found) if d.public_id == form.draft.data), None),
                decided_on=form.decided_on.data,
                decided_by=form.decided_by.data or "",
            )
        refusal = went.refusal
        if went.done:
            flash("决定登记了。接着做保密审查，再公布。", "ok")
            return back_to(found)
    return _decided(found, form, refusal), 422


def _decided(found: Decision, form: Decided, refusal: str | None = None) -> str:
    meeting = passing(found)
    form.draft.choices = offered(
        [("", "会上通过的那一稿" if meeting and meeting.result == Result.PASSED else "最新的一稿")]
        + [(d.public_id, f"第 {d.number} 稿（{d.count_words}）") for d in reversed(drafts_of(found))]
    )
    return render_template(
        "console/decide.html",
        case=found,
        form=form,
        refusal=refusal,
        meeting=meeting,
        deed=case_road.named(found, "decide"),
        alone=meeting is None and found.kind == Kind.ORDINARY,
    )


# asking the Party working committee


@blueprint.get("/desk/cases/<public_id>/party-report")
@desk(*CASES.posts)
def case_party_report(public_id: str) -> str:
    """The reports so far, and a form for one."""
    return _reports(find(public_id), PartyReported())


@blueprint.post("/desk/cases/<public_id>/party-report")
@desk(Post.OFFICE)
@checks_its_form
def do_report_to_party(public_id: str) -> str | Response | tuple[str, int]:
    """Register one."""
    found, form = find(public_id), PartyReported(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            report_to_party(found, g.officer, form.reported_on.data, form.number.data or "", form.reply.data or "")
        refusal = went.refusal
        if went.done:
            flash("请示报告登记了。", "ok")
            return back_to(found)
    return _reports(found, form, refusal), 422


def _reports(found: Decision, form: PartyReported, refusal: str | None = None) -> str:
    return render_template(
        "console/party_report.html",
        case=found,
        form=form,
        refusal=refusal,
        reports=party_reports(found),
        may=why_not(found, "report_to_party", g.officer) is None,
    )
