"""What is done for somebody at the counter or on the telephone, and what a second person finds in a transcription."""

from wtforms import FileField

from models.comments.on_behalf import Known
from server.console.forms.fields import Line, Press, Text, at_most, offered, one_of
from server.csrf import HouseForm


class Recognised(HouseForm):
    """How the person was recognised."""

    known = Press(
        "怎样核对是本人",
        [one_of("请选是怎样核对的。")],
        choices=offered([(k.value, k.label) for k in Known]),
        validate_choice=False,
    )
    pin = Line("查询码", [at_most(20)], render_kw={"maxlength": 20, "inputmode": "numeric", "autocomplete": "off"})


class OnBehalf(Recognised):
    """What the person wants while the window is open."""

    text = Text("要补充的话", [at_most(2000)], render_kw={"rows": 4, "maxlength": 2000})


class AfterAnswer(Recognised):
    """What the person says of an answer."""

    point = Press("说的是哪一条答复", [one_of("请选是哪一条答复。")], choices=[], validate_choice=False)
    reason = Text("哪里没答到", [at_most(1000)], render_kw={"rows": 3, "maxlength": 1000})


class Scan(HouseForm):
    """The letter itself."""

    file = FileField(
        "原件的扫描件、照片或者录音", render_kw={"accept": ".jpg,.jpeg,.png,.webp,.pdf,.mp3,.amr,.m4a,.mp4"}
    )


class Table(HouseForm):
    """A spreadsheet of comments."""

    file = FileField("填好的表格", render_kw={"accept": ".xlsx"})


class Reading(HouseForm):
    """What a second person reads in the letter or hears in the recording."""

    text = Text("原件里的话", [at_most(2000)], render_kw={"rows": 4, "maxlength": 2000})
    remark = Line("哪里有出入", [at_most(300)], render_kw={"maxlength": 300})
