"""A list of powers or duties: its words, its entries, and what the justice office says of them."""

from wtforms import FileField

from models.decisions.register import CHARTS, ENTRY_TEXTS, TEXTS, PowerKind, RegisterKind
from server.console.forms.fields import Line, Pick, Press, Text, at_most, offered, one_of, optional
from server.console.forms.seen import Remembering
from server.csrf import HouseForm


def _text(name: str, rows: int = 0) -> Line | Text:
    label, most = ENTRY_TEXTS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class NewRegister(HouseForm):
    """Which list."""

    kind = Press(
        "哪一份清单",
        [one_of("请选一份清单。")],
        choices=offered([(k.value, k.label) for k in RegisterKind]),
        validate_choice=False,
    )


class Words(Remembering):
    """What stands above the list, why it changes, where the whole of it is."""

    intro = Text("说明", [at_most(TEXTS["intro"][1])], render_kw={"rows": 4})
    reason = Text("调整的理由和依据", [at_most(TEXTS["reason"][1])], render_kw={"rows": 3})
    link = Line("清单全文的网址", [at_most(TEXTS["link"][1])], render_kw={"maxlength": TEXTS["link"][1]})


class Entry(Remembering):
    """One power or duty; what is missing may be missing until it is submitted."""

    name = _text("name")
    kind = Pick("类型", choices=offered([(k.value, k.label) for k in PowerKind]), validate_choice=False)
    basis = _text("basis", 3)
    unit = Pick("责任单位", [optional()], validate_choice=False)
    subject = _text("subject")
    object = _text("object")
    duties = _text("duties", 4)
    steps = Text("办理流程", [at_most(2000)], render_kw={"rows": 6})
    chart = FileField("流程图文件", render_kw={"accept": ",".join(f".{each}" for each in CHARTS)})
    change_basis = _text("change_basis", 2)


class Drop(HouseForm):
    """On which basis an entry is struck out."""

    change_basis = Line("取消的依据", [at_most(600)], id="drop-basis", render_kw={"maxlength": 600})


class Deed(HouseForm):
    """What the justice office says, and why it goes back or is given up."""

    remark = Line("核对意见", [at_most(300)], render_kw={"maxlength": 300})
    reason = Line("原因", [at_most(300)], id="deed-reason", render_kw={"maxlength": 300})
