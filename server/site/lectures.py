"""Lectures: what comes next, signing up and leaving, being there, and what was given out."""

from flask import Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from models.decisions.consultation import Channel
from models.kernel.refusal import Missing, RuleUnmet
from models.outreach.attendee import Attendee, AttendeeStage, be_here, leave, mine, of, sign_up, turnout
from models.outreach.lecture import SHOWN, Lecture, LectureStage, by_public_id, coming, lecture_list
from models.outreach.lecture_file import LectureFileKind, file_of, files_of
from server.headers import save_as
from server.house import checks_its_form
from server.site.comments import signed_in
from server.site.door import PER_PAGE, after, blueprint, go, paged, personal, resident
from server.site.forms import LectureForm, Try, complaint, trying
from server.words import date_plain


@blueprint.get("/lectures")
def lectures() -> str:
    """What comes next with its day and room, then everything that was, newest first."""
    rows, page = paged(lecture_list(after=after(), limit=PER_PAGE + 1))
    first = after() is None
    soon = list(coming()) if first else []
    who = signed_in()
    if who is not None:
        g.personal = True
    there = {one.id for one in soon}
    return render_template(
        "site/lectures.html",
        soon=[(one, seats_words(one)) for one in soon],
        my=mine(who, soon) if who is not None and soon else {},
        rows=[(one, sentence(one)) for one in rows if one.id not in there],
        page=page,
        first=first,
    )


def sentence(lecture: Lecture) -> str:
    """Where it stands, in one line."""
    day = date_plain(lecture.starts_at)
    if lecture.stage == LectureStage.HELD:
        return f"{day}，{lecture.where}，到场{lecture.heads}人"
    return f"{day}，{lecture.where}，{lecture.state_words}"


def seats_words(lecture: Lecture) -> str:
    """How many seats are left, honestly."""
    if not lecture.takes_names:
        return "不用报名，直接来" if lecture.doors_open and lecture.stage == LectureStage.ANNOUNCED else ""
    if not lecture.seats:
        return "不限人数"
    counted = turnout(lecture)
    left = max(0, lecture.seats - counted.signed)
    if left:
        return f"{lecture.seats}个座位，还有{left}个"
    return f"{lecture.seats}个座位报满了" + (f"，{counted.waiting}人候补" if counted.waiting else "，可以候补")


@blueprint.get("/lectures/<public_id>")
def lecture(public_id: str) -> str:
    """When, where, who speaks of what; mine when I signed up; papers and photographs."""
    form = LectureForm()
    form.code.data = request.args.get("code", "")[:12]
    return _page(_found(public_id), form, Try())[0]


@blueprint.post("/lectures/<public_id>")
@checks_its_form
@personal
def lecture_deed(public_id: str) -> tuple[str, int] | Answer:
    """Sign up, leave, or be there."""
    found, form, who = _found(public_id), LectureForm(request.form), resident()
    if not form.validate():
        return _page(found, form, complaint(form))
    deed = request.form.get("deed", "")
    with trying(form) as went:
        if deed == "sign_up":
            if form.name.data:
                who.introduce(who, name=form.name.data, door=Channel.H5.value)
            sign_up(who, found, Channel.H5)
        elif deed == "withdraw":
            row = of(found, who)
            if row is None:
                raise Missing("没有找到您的报名。")
            leave(row, who)
        elif deed != "here":
            raise RuleUnmet("请按页面上的按钮。")
        elif not be_here(who, found, form.code.data or "", Channel.H5):
            # Said without a refusal: that a wrong code was typed is counted.
            form.code.errors = ["签到码不对，请看现场的屏幕或者问工作人员。"]
            went.trouble, went.status = "签到码不对。", 422
    if not went.done:
        return _page(found, form, went)
    return go("site.lecture", public_id=public_id, done=deed)


@blueprint.get("/lectures/<public_id>/files/<name>")
def lecture_file(public_id: str, name: str) -> Response:
    """A paper, or a photograph whose faces agreed."""
    found = _found(public_id)
    one = file_of(found, name)
    if one is None or not one.shown or found.stage not in SHOWN:
        raise Missing("没有找到这个文件。")
    answer = Response(one.data, mimetype=one.mime)
    if one.kind == LectureFileKind.PHOTOGRAPH:
        return answer
    return save_as(answer, f"{one.name}.{one.extension}")


def _found(public_id: str) -> Lecture:
    found = by_public_id(public_id)
    if found is None or found.announced_at is None:
        raise Missing("没有找到这场讲堂。")
    return found


def _page(found: Lecture, form: LectureForm, went: Try) -> tuple[str, int]:
    who = signed_in()
    g.personal = True
    row: Attendee | None = of(found, who) if who is not None else None
    if who is not None and request.method == "GET":
        form.name.data = who.name
    shown = files_of(found, shown=True) if found.stage in SHOWN else []
    page = render_template(
        "site/lecture.html",
        lecture=found,
        seats=seats_words(found),
        form=form,
        trouble=went.trouble,
        done=request.args.get("done", ""),
        me=row,
        in_room=bool(request.args.get("code")) or bool(form.code.errors),
        signed_in=who is not None,
        back=url_for("site.lecture", public_id=found.public_id),
        materials=[one for one in shown if one.kind == LectureFileKind.MATERIAL],
        photographs=[one for one in shown if one.kind == LectureFileKind.PHOTOGRAPH],
        Stage=LectureStage,
        Mine=AttendeeStage,
    )
    return page, went.status
