"""Writing down what somebody said on paper, by telephone or in the hall, on their behalf."""

from wtforms import FileField, HiddenField

from models.comments.transcription import BY_HAND as SOURCES
from models.decisions.consultation import Channel
from models.kernel.ids import new_token
from models.people.resident import ResidentKind
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    Tick,
    Whole,
    at_most,
    digits_only,
    needed,
    offered,
    one_of,
    optional,
)
from server.csrf import HouseForm

BY_HAND = (Channel.PAPER, Channel.PHONE, Channel.HALL, Channel.EMAIL)
"""The channels that staff enter."""
WHO = {
    ResidentKind.INDIVIDUAL: "个人",
    ResidentKind.ORGANISATION: "单位",
    ResidentKind.JOINT: "联名信",
}


class Intake(HouseForm):
    """One comment as it was given to us."""

    channel = Press(
        "从哪里来的",
        [one_of("请选从哪里来的。")],
        choices=offered([(c.value, c.label) for c in BY_HAND]),
        validate_choice=False,
    )
    source = Pick(
        "原件是什么",
        [optional()],
        choices=offered([("", "（不细分）"), *((s.value, s.label) for s in SOURCES)]),
        validate_choice=False,
    )
    said_on = Day("哪一天说的", [optional()])
    scan = FileField(
        "原件的扫描件、照片或者录音", render_kw={"accept": ".jpg,.jpeg,.png,.webp,.pdf,.mp3,.amr,.m4a,.mp4"}
    )
    text = Text(
        "他说的话",
        [needed("请写下他说的话。"), at_most(2000)],
        render_kw={"rows": 7, "maxlength": 2000, "autofocus": True},
    )
    clause = Pick("说的是哪一条", [optional()], validate_choice=False)
    kind = Press(
        "谁说的", choices=offered([(k.value, w) for k, w in WHO.items()]), default="individual", validate_choice=False
    )
    organisation = Line("单位名称", [at_most(60)], render_kw={"maxlength": 60})
    signers = Whole("联名的人数", [optional()], render_kw={"inputmode": "numeric"})
    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40})
    phone = Line("电话", [at_most(20), digits_only("电话只能有数字和 + - （ ）。")], render_kw={"maxlength": 20})
    place = Pick("住在哪个村居", [optional()], validate_choice=False)
    show_text = Tick("他同意发布时公开这段话")
    show_name = Tick("他同意同时署名")
    key = HiddenField(default=new_token)
