"""Lectures: announced by one, released by another, changed in the open; who signed up, who came, what was given out, the year's numbers."""

import io
import re
from typing import Any

import segno
from flask import Response as File
from flask import current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models.kernel.clock import local, today
from models.kernel.lifecycle import buttons, why_not
from models.kernel.refusal import Missing, NotAllowed, RuleUnmet
from models.outreach.article import topics
from models.outreach.attendee import Attendee, AttendeeStage, by_key, change, leave, read_names, turnout, turnouts
from models.outreach.attendee import by_public_id as attendee_of
from models.outreach.lecture import FIELDS, Lecture, LectureStage, by_public_id, lectures, near
from models.outreach.lecture_file import (
    FACES,
    LectureFileKind,
    add_material,
    add_photograph,
    drop_file,
    file_of,
    files_of,
)
from models.outreach.lecture_year import lecture_year
from models.people.consent import ConsentText
from models.people.officer import Post
from models.people.place import Place, villages
from server.console.case_expert import uploaded
from server.console.door import blueprint, desk, may, must
from server.console.drafts import same_page
from server.console.forms.fields import apart, offered
from server.console.forms.lecture import LectureDeed, NewAttendee, NewFile, NewLecture
from server.console.forms.trying import trying
from server.console.nav import LECTURES
from server.headers import save_as
from server.house import checks_its_form, writes
from server.papers.lectures import as_xlsx
from server.papers.sheets import sent

DONE = {
    "submit": "已送审。",
    "announce": "预告了，居民可以报名了。",
    "send_back": "退回作者了。",
    "cancel": "取消了，报了名的人会收到通知。",
    "count": "登记好了。",
}
RECEIVING = (Post.PUBLICIST, Post.JUSTICE, Post.OFFICE, Post.VILLAGE, Post.GRID)
"""Who sees the names and stands at the door."""
KEY = re.compile(r"[0-9a-z]{16,64}")


@blueprint.get("/desk/lectures")
@desk(*LECTURES.posts)
def lecture_list() -> str:
    """All lectures, the latest day first, with the three numbers of each."""
    rows = lectures()
    return render_template(
        "console/lectures.html",
        rows=rows,
        counted=turnouts(rows),
        Stage=LectureStage,
        may_write=may("lecture.draft_new"),
        year=today().year,
    )


@blueprint.get("/desk/lectures/new")
@desk(*LECTURES.posts)
def new_lecture() -> str:
    """An empty sheet; a village officer's own village is filled in."""
    must("lecture.draft_new")
    form = NewLecture()
    own = next((place for place in villages() if place in g.officer.places), None)
    form.place.data = own.public_id if own else ""
    return _form(None, form)


@blueprint.post("/desk/lectures/new")
@desk(*LECTURES.posts)
@checks_its_form
def draft_lecture() -> str | Response | tuple[str, int]:
    """The first version; kept, or sent to review at once."""
    form = NewLecture(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            made = Lecture.draft_new(g.officer, **_fields(form))
            if request.form.get("deed") == "submit":
                made.submit(g.officer)
        refusal = went.refusal
        if went.done:
            flash("送审了。" if made.stage == LectureStage.SUBMITTED else "存好了。", "ok")
            return redirect(url_for("console.lecture", public_id=made.public_id), 303)
    return _form(None, form, refusal), 422


@blueprint.get("/desk/lectures/<public_id>")
@desk(*LECTURES.posts)
def lecture(public_id: str) -> str:
    """The announcement, how many signed up and came, the papers, and what can be done now."""
    return _page(_find(public_id))


@blueprint.get("/desk/lectures/<public_id>/edit")
@desk(*LECTURES.posts)
def edit_lecture(public_id: str) -> str:
    """The sheet once more; of an announced one with a note that every reader sees."""
    found = _find(public_id)
    _writable(found)
    form = NewLecture(obj=found)
    form.topic.data = found.topic.public_id if found.topic else ""
    form.place.data = found.place.public_id if found.place else ""
    form.starts_at.data, form.ends_at.data = (
        local(moment).strftime("%Y-%m-%dT%H:%M") for moment in (found.starts_at, found.ends_at)
    )
    return _form(found, form)


@blueprint.post("/desk/lectures/<public_id>/edit")
@desk(*LECTURES.posts)
@checks_its_form
def revise_lecture(public_id: str) -> str | Response | tuple[str, int]:
    """Keep it, send it to review, or change what everybody was told."""
    found = _find(public_id)
    same_page(found.version)
    form = NewLecture(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            if found.stage == LectureStage.ANNOUNCED:
                change(found, g.officer, form.remark.data or "", **_fields(form))
            else:
                found.revise(g.officer, **_fields(form))
                if request.form.get("deed") == "submit":
                    found.submit(g.officer)
        refusal = went.refusal
        if went.done:
            said = {LectureStage.ANNOUNCED: "改好了，页面上写着改了什么；改了时间地点的，报了名的人会收到通知。"}
            flash(said.get(found.stage, "送审了。" if found.stage == LectureStage.SUBMITTED else "存好了。"), "ok")
            return redirect(url_for("console.lecture", public_id=public_id), 303)
    return _form(found, form, refusal), 422


@blueprint.post("/desk/lectures/<public_id>/deed")
@desk(*LECTURES.posts)
@checks_its_form
def lecture_deed(public_id: str) -> str | Response | tuple[str, int]:
    """Submit, release, send back, cancel, count; the lifecycle says who may."""
    found = _find(public_id)
    same_page(found.version)
    form = LectureDeed(request.form)
    deed = request.form.get("deed", "")
    if deed not in DONE:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    refusal = None
    if form.validate():
        with trying(form) as went:
            if deed in ("send_back", "cancel"):
                getattr(found, deed)(g.officer, form.reason.data or "")
            elif deed == "count":
                found.count(g.officer, form.heads.data, form.heads_words.data or "")
            else:
                getattr(found, deed)(g.officer)
        refusal = went.refusal
        if went.done:
            flash(DONE[deed], "ok")
            return redirect(url_for("console.lecture", public_id=public_id), 303)
    return _page(found, deed=form, refusal=refusal), 422


# --- who signed up, who came ------------------------------------------------------------------------------------------


@blueprint.get("/desk/lectures/<public_id>/people")
@desk(*RECEIVING)
@writes
def lecture_people(public_id: str) -> str:
    """The names, for whoever stands at the door; each look leaves its trace."""
    form = NewAttendee()
    if len(g.officer.places) == 1:
        form.place.data = g.officer.places[0].public_id
    return _people(_find(public_id), form)


@blueprint.post("/desk/lectures/<public_id>/people")
@desk(*RECEIVING)
@checks_its_form
def enter_attendee(public_id: str) -> str | Response | tuple[str, int]:
    """An old neighbour by name: signed up before it begins, there once the doors are open."""
    found, form = _find(public_id), NewAttendee(request.form)
    refusal = None
    if form.validate():
        typed = form.key.data or ""
        key = f"desk:{g.officer.public_id}:{typed}" if KEY.fullmatch(typed) else None
        if by_key(key) is not None:
            return redirect(url_for("console.lecture_people", public_id=public_id), 303)
        with trying(form) as went:
            made = Attendee.enter(
                g.officer, found, form.name.data or "", form.phone.data or "", _place(form.place.data), key=key
            )
        refusal = went.refusal
        if went.done:
            said = {AttendeeStage.SEATED: f"报上了，{made.seat}号。", AttendeeStage.WAITING: "座位满了，排在候补。"}
            flash(said.get(made.stage, "记下了，到场。"), "ok")
            return redirect(url_for("console.lecture_people", public_id=public_id), 303)
    return _people(found, form, refusal), 422


@blueprint.post("/desk/lectures/<public_id>/door")
@desk(*RECEIVING)
def lecture_door(public_id: str) -> Response:
    """Those who were ticked are here; one who was ticked wrongly is not; one who rang up does not come."""
    found = _find(public_id)
    deed, _, name = request.form.get("deed", "").partition(":")
    if deed == "tick":
        ticked = [_attendee(found, each) for each in request.form.getlist("here")[:500]]
        for one in ticked:
            one.tick(g.officer)
        flash(f"{len(ticked)}人签到了。" if ticked else "没有勾人。", "ok" if ticked else "plain")
    elif deed == "untick":
        _attendee(found, name).untick(g.officer)
        flash("取消了这位的签到。", "ok")
    elif deed == "strike":
        leave(_attendee(found, name), g.officer)
        flash("退出了，座位留给别人。", "ok")
    else:
        raise NotAllowed("没有这个动作，请回到页面上按按钮。")
    return redirect(url_for("console.lecture_people", public_id=public_id), 303)


@blueprint.get("/desk/lectures/<public_id>/room")
@desk(*RECEIVING)
def lecture_room(public_id: str) -> str:
    """For the screen in the room: the square and the six digits, good only while the doors are open."""
    found = _find(public_id)
    if not near(found.place, g.officer):
        raise NotAllowed("这场讲堂由当地的村居干部和宣传员办理。")
    if found.announced_at is None:
        raise Missing("预告以后才有签到码。")
    return render_template("console/lecture_room.html", lecture=found, account=_scene(found))


@blueprint.get("/desk/lectures/<public_id>/room.svg")
@desk(*RECEIVING)
def lecture_room_code(public_id: str) -> File:
    """The account's own square where it may make one; else the page with the digits filled in."""
    found = _find(public_id)
    if not near(found.place, g.officer) or found.announced_at is None:
        raise Missing("没有这个码。")
    return _square(found.wx_url if _scene(found) else f"{_address(found)}?code={found.code}")


@blueprint.get("/desk/lectures/<public_id>/poster")
@desk(*LECTURES.posts)
def lecture_poster(public_id: str) -> str:
    """A sheet for the notice board, with the square that leads to the page."""
    found = _find(public_id)
    if found.announced_at is None:
        raise Missing("预告以后才能印海报。")
    return render_template("console/lecture_poster.html", lecture=found, address=_address(found))


@blueprint.get("/desk/lectures/<public_id>/poster.svg")
@desk(*LECTURES.posts)
def lecture_poster_code(public_id: str) -> File:
    """The square of the poster."""
    return _square(_address(_find(public_id)))


def _square(words: str) -> File:
    drawn = io.BytesIO()
    segno.make(words, error="m").save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgclass=None, lineclass=None
    )
    return File(drawn.getvalue(), mimetype="image/svg+xml")


def _address(found: Lecture) -> str:
    return f"{current_app.extensions['settings'].public_url.rstrip('/')}/lectures/{found.public_id}"


def _scene(found: Lecture) -> bool:
    """Whether the account that is in use has made a square for it."""
    official = current_app.extensions["wire"].official
    return bool(found.wx_url) and official is not None and official.appid == found.wx_appid


# --- papers and photographs -------------------------------------------------------------------------------------------


@blueprint.post("/desk/lectures/<public_id>/files")
@desk(*LECTURES.posts)
@checks_its_form
def add_lecture_file(public_id: str) -> str | Response | tuple[str, int]:
    """One more."""
    found, form = _find(public_id), NewFile(request.form)
    refusal = None
    if form.validate():
        with trying(form) as went:
            data, words = uploaded(), form.name.data or ""
            if form.kind.data == LectureFileKind.PHOTOGRAPH.value:
                add_photograph(found, g.officer, data, words, agreed=form.agreed.data)
            else:
                add_material(found, g.officer, data, words)
        refusal = went.refusal
        if went.done:
            flash("放好了。", "ok")
            return redirect(url_for("console.lecture", public_id=public_id), 303)
    return _page(found, file=form, file_refusal=refusal), 422


@blueprint.get("/desk/lectures/<public_id>/files/<name>")
@desk(*LECTURES.posts)
def desk_lecture_file(public_id: str, name: str) -> File:
    """One of them, those that are only kept as well."""
    one = file_of(_find(public_id), name)
    if one is None:
        raise Missing("没有找到这个文件。")
    answer = File(one.data, mimetype=one.mime)
    return answer if one.kind == LectureFileKind.PHOTOGRAPH else save_as(answer, f"{one.name}.{one.extension}")


@blueprint.post("/desk/lectures/<public_id>/files/<name>")
@desk(*LECTURES.posts)
def drop_lecture_file(public_id: str, name: str) -> Response:
    """Gone for good."""
    found = _find(public_id)
    one = file_of(found, name)
    if one is None:
        raise Missing("没有找到这个文件，可能已经删了。")
    drop_file(found, g.officer, one)
    flash("删了。", "ok")
    return redirect(url_for("console.lecture", public_id=public_id), 303)


# --- the year ---------------------------------------------------------------------------------------------------------


@blueprint.get("/desk/lectures/years/<int:year>")
@desk(*LECTURES.posts)
def lectures_of_year(year: int) -> str:
    """Village by village: how many, where, for how many people."""
    return render_template("console/lecture_year.html", found=lecture_year(_year(year)), years=_years())


@blueprint.get("/desk/lectures/years/<int:year>/xlsx")
@desk(*LECTURES.posts)
def lectures_of_year_file(year: int) -> File:
    """The same as a spreadsheet, with every lecture."""
    found = lecture_year(_year(year))
    answer: File = sent(lambda file: as_xlsx(found, file))
    return save_as(answer, f"{year}年文明讲堂统计.xlsx")


def _year(year: int) -> int:
    if not 2000 <= year <= today().year + 1:
        raise Missing("没有这一年的统计。")
    return year


def _years() -> list[int]:
    return list(range(today().year + 1, today().year - 4, -1))


# --- pages ------------------------------------------------------------------------------------------------------------


def _find(public_id: str) -> Lecture:
    found = by_public_id(public_id)
    if found is None:
        raise Missing("没有找到这场讲堂。")
    return found


def _attendee(found: Lecture, name: str) -> Attendee:
    one = attendee_of(name)
    if one is None or one.lecture_id != found.id:
        raise Missing("名单里没有这个人，请刷新页面。")
    return one


def _place(public_id: str | None) -> Place | None:
    return next((place for place in villages() if place.public_id == public_id), None)


def _writable(found: Lecture) -> None:
    refusal = why_not(found, "correct" if found.stage == LectureStage.ANNOUNCED else "revise", g.officer)
    if refusal is not None:
        raise refusal


def _fields(form: NewLecture) -> dict[str, Any]:
    if form.place.data and _place(form.place.data) is None:
        raise RuleUnmet("请重新选村（社区）。", {"place": "请从列出的里面选。"})
    return {
        **{name: form[name].data for name in FIELDS},
        "starts_at": form.starts_at.at,
        "ends_at": form.ends_at.at,
        "place": _place(form.place.data),
        "topic": next((topic for topic in topics() if topic.public_id == form.topic.data), None),
        "seats": form.seats.data or 0,
    }


def _form(found: Lecture | None, form: NewLecture, refusal: str | None = None) -> str:
    form.topic.choices = offered([("", "不选"), *((t.public_id, t.name) for t in topics())])
    form.place.choices = offered([("", "全街道"), *((v.public_id, v.name) for v in villages())])
    announced = found is not None and found.stage == LectureStage.ANNOUNCED
    return render_template("console/lecture_form.html", lecture=found, form=form, refusal=refusal, announced=announced)


def _page(
    found: Lecture,
    *,
    deed: LectureDeed | None = None,
    refusal: str | None = None,
    file: NewFile | None = None,
    file_refusal: str | None = None,
) -> str:
    form = deed or LectureDeed(data={"heads": found.heads, "heads_words": found.heads_words})
    verb = "correct" if found.stage == LectureStage.ANNOUNCED else "revise"
    shown = found.stage in (LectureStage.ANNOUNCED, LectureStage.HELD)
    return render_template(
        "console/lecture.html",
        lecture=found,
        form=form,
        refusal=refusal,
        file=apart(file or NewFile(), "file"),
        file_refusal=file_refusal,
        files=files_of(found),
        buttons=[b for b in buttons(found, g.officer) if b.verb in DONE],
        counted=turnout(found),
        faces=FACES,
        may_write=why_not(found, verb, g.officer) is None and (verb == "revise" or found.takes_names),
        may_receive=found.announced_at is not None and g.officer.has(*RECEIVING) and near(found.place, g.officer),
        may_keep=shown and may("lecture.keep_file") and near(found.place, g.officer),
        Stage=LectureStage,
        Kind=LectureFileKind,
    )


def _people(found: Lecture, form: NewAttendee, refusal: str | None = None) -> str:
    if found.announced_at is None:
        raise Missing("预告以后才有报名。")
    form.place.choices = offered([("", "没有说"), *((v.public_id, v.name) for v in villages())])
    return render_template(
        "console/lecture_people.html",
        lecture=found,
        rows=read_names(found, g.officer),
        counted=turnout(found),
        form=form,
        refusal=refusal,
        privacy=ConsentText.current(),
        may_enter=(found.takes_names or found.doors_open) and may("lecture.sign_up_for"),
        Stage=AttendeeStage,
    )
