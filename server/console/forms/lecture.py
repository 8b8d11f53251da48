"""Lectures at the desk: the announcement, the people, the papers and photographs, how many came."""

from wtforms import FileField, HiddenField

from models.kernel.ids import new_token
from models.outreach.lecture import FIELDS
from models.outreach.lecture_file import LectureFileKind
from server.console.forms.fields import Line, Pick, Press, Text, Tick, Whole, at_most, offered, one_of, optional
from server.console.forms.taking_part import Moment
from server.csrf import HouseForm


def _text(name: str, rows: int = 0) -> Line | Text:
    label, most = FIELDS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class NewLecture(HouseForm):
    """What is announced; what is missing may be missing until it goes to review."""

    title = _text("title")
    speaker = _text("speaker")
    topic = Pick("主题", [optional()], validate_choice=False)
    starts_at = Moment("什么时候开始", render_kw={"type": "datetime-local"})
    ends_at = Moment("什么时候结束", render_kw={"type": "datetime-local"})
    place = Pick("哪个村（社区）办", [optional()], validate_choice=False)
    venue = _text("venue")
    seats = Whole("多少个座位", [optional()], render_kw={"inputmode": "numeric"})
    contact = _text("contact")
    about = _text("about", 8)
    remark = Line("改了什么", [at_most(300)], render_kw={"maxlength": 300})


class LectureDeed(HouseForm):
    """Why it goes back or falls out; how many people were there."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    heads = Whole("到场多少人", [optional()], render_kw={"inputmode": "numeric"})
    heads_words = Line("说明", [at_most(200)], render_kw={"maxlength": 200})


class NewAttendee(HouseForm):
    """Somebody who does not use a telephone for that."""

    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40, "autocomplete": "off"})
    phone = Line("电话", [at_most(20)], render_kw={"maxlength": 20, "inputmode": "tel", "autocomplete": "off"})
    place = Pick("住在哪里", [optional()], validate_choice=False)
    key = HiddenField(default=new_token)


class NewFile(HouseForm):
    """A paper or a photograph."""

    kind = Press(
        "是什么",
        [one_of("请选资料或者照片。")],
        choices=offered([(kind.value, kind.label) for kind in LectureFileKind]),
        default=LectureFileKind.MATERIAL.value,
        validate_choice=False,
    )
    file = FileField("选一个文件")
    name = Line("叫什么，或者照片里是什么", [at_most(80)], render_kw={"maxlength": 80})
    agreed = Tick("照片里认得出的人都同意公开，或者认不出是谁")
