"""Meetings, decisions, secrecy and publishing as officers fill them in."""

from collections.abc import Iterator
from typing import Any

from wtforms import FileField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from models.decisions.deliberation import Result, Role, Stance
from models.decisions.material import Publicity
from models.decisions.secrecy import Openness
from server.console.forms.case import ACCEPTED
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    at_most,
    holdable,
    needed,
    offered,
    one_of,
    optional,
)
from server.csrf import HouseForm

ROWS = 30
"""Rows that the minutes can hold on one page."""
SHOWN = 8


class Paper(HouseForm):
    """A paper for one item of a pack."""

    what = Pick("是哪一项", [one_of("请选是哪一项。")], validate_choice=False)
    title = Line("材料名称", [needed("请写材料名称。"), at_most(120)], render_kw={"maxlength": 120})
    file = FileField("文件", render_kw={"accept": ACCEPTED})
    publicity = Press(
        "能不能公开",
        [one_of("请选一种。")],
        choices=offered([(p.value, p.label) for p in Publicity]),
        default=Publicity.ON_REQUEST.value,
    )
    publicity_reason = Line("不主动公开的理由", [at_most(200)], render_kw={"maxlength": 200})


class Deliberate(HouseForm):
    """Before which meeting."""

    meeting = Press("提交哪一个会议", [one_of("请选一个会议。")], validate_choice=False)
    planned_on = Day("计划哪天开", [optional()])


class Minutes(HouseForm):
    """The minutes: the meeting, and a row for everybody in the order of speaking."""

    held_on = Day("开会的日期", [optional()])
    place = Line("地点", [at_most(80)], render_kw={"maxlength": 80})
    chair = Line("谁主持", [at_most(40)], render_kw={"maxlength": 40})
    result = Press("结果", [optional()], choices=offered([(r.value, r.label) for r in Result]), validate_choice=False)
    remark = Text("修改的内容，或者暂缓、不通过的原因", [at_most(2000)], render_kw={"rows": 3})
    departs_reason = Text("主要领导在会上说明的理由", [at_most(2000)], render_kw={"rows": 3})
    minutes_number = Line("会议纪要编号", [at_most(60)], render_kw={"maxlength": 60})

    def rows(self, most: int = ROWS) -> Iterator[dict[str, Any]]:
        """The fields of each row."""
        for n in range(1, most + 1):
            yield {"n": n} | {name: self[f"{name}_{n}"] for name in ("who", "name", "role", "came", "stance", "words")}

    @property
    def filled(self) -> int:
        """The last row in which somebody stands."""
        return max((row["n"] for row in self.rows() if row["who"].data or row["name"].data), default=0)


for _n in range(1, ROWS + 1):
    setattr(Minutes, f"who_{_n}", Pick("人", [optional()], validate_choice=False))
    setattr(Minutes, f"name_{_n}", Line("姓名", [at_most(40)], render_kw={"maxlength": 40}))
    setattr(
        Minutes,
        f"role_{_n}",
        Pick(
            "身份",
            choices=offered([(r.value, r.label) for r in (Role.MEMBER, Role.HEAD, Role.GUEST)]),
            validate_choice=False,
        ),
    )
    setattr(
        Minutes,
        f"came_{_n}",
        Pick("到会", choices=offered([("yes", "到会"), ("no", "没有到会")]), validate_choice=False),
    )
    setattr(
        Minutes,
        f"stance_{_n}",
        Pick(
            "意见",
            [optional()],
            choices=offered([("", "没有表态"), *((s.value, s.label) for s in Stance)]),
            validate_choice=False,
        ),
    )
    setattr(Minutes, f"words_{_n}", Text("发言", [at_most(4000)], render_kw={"rows": 2}))


class Why(HouseForm):
    """A reason."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})


class Decided(HouseForm):
    """Which words were decided; without a meeting also when and by whom."""

    draft = Pick("决定的文本", [optional()], validate_choice=False)
    decided_on = Day("作决定的日期", [optional()])
    decided_by = Line("由谁决定", [at_most(120)], render_kw={"maxlength": 120})


class PartyReported(HouseForm):
    """Date, number, answer."""

    reported_on = Day("请示报告的日期", [optional()])
    number = Line("文号", [at_most(60)], render_kw={"maxlength": 60})
    reply = Text("党工委的意见", [at_most(1000)], render_kw={"rows": 3})


class Ticks(SelectMultipleField):
    """Several of a list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take them as sent, unless no database could look them up."""
        super().process_formdata([v for v in valuelist if holdable(v)])


class Secrecy(HouseForm):
    """What everybody may read."""

    openness = Press(
        "审查结果", [optional()], choices=offered([(o.value, o.label) for o in Openness]), validate_choice=False
    )
    withheld = Ticks("不公开的条款", [optional()], validate_choice=False)
    reason = Text("不公开的理由和依据", [at_most(1000)], render_kw={"rows": 3})


class Publish(HouseForm):
    """What goes out beside the words."""

    basis = Text("依据", [at_most(2000)], render_kw={"rows": 3})
    explanation = Text("说明", [at_most(6000)], render_kw={"rows": 6})
    effective_on = Day("施行日期", [optional()])
    number = Line("文号", [at_most(40)], render_kw={"maxlength": 40})
    title = Line("公布时的标题", [at_most(300)], render_kw={"maxlength": 300})
