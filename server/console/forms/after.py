"""What follows a decision, as officers fill it in: who carries it out, how far it is, replies, evaluation, adjusting."""

from wtforms import HiddenField

from models.decisions.evaluation import Cause, Result
from models.decisions.execution import Force
from models.kernel.ids import new_token
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    Tick,
    at_most,
    digits_only,
    needed,
    offered,
    one_of,
    optional,
)
from server.console.forms.intake import BY_HAND
from server.csrf import HouseForm

__all__ = [
    "Adjust",
    "ChangeForce",
    "Commission",
    "Conclude",
    "Entrust",
    "Findings",
    "Plan",
    "ProgressNote",
    "RemarkReply",
]


class Entrust(HouseForm):
    """A unit is charged with it."""

    unit = Pick("执行单位", [one_of("请选执行单位。")], validate_choice=False)
    owner = Pick("负责人", [one_of("请选一位负责人。")], validate_choice=False)
    task = Text("要做的事", [needed("请写要做什么。"), at_most(1000)], render_kw={"rows": 3})
    due_on = Day("什么时候做完", [optional()])


class ProgressNote(HouseForm):
    """How far it has come."""

    text = Text("进展", [needed("请写进展，一两句话就行。"), at_most(1000)], render_kw={"rows": 2})
    trouble = Tick("有困难，需要协调")


class ChangeForce(HouseForm):
    """Suspended, taken up again, ended."""

    force = Press("改为", [one_of("请选一种。")], choices=offered([(f.value, f.label) for f in Force]))
    reason = Text("理由", [needed("请写明理由，会公布。"), at_most(500)], render_kw={"rows": 2})


class RemarkReply(HouseForm):
    """What the office says to a remark."""

    text = Text("回复", [needed("请写上回复。"), at_most(2000)], render_kw={"rows": 4})


class RemarkIntake(HouseForm):
    """What somebody said of it by letter, telephone or e-mail, written down for them."""

    channel = Press("从哪里来的", [one_of("请选从哪里来的。")], choices=offered([(c.value, c.label) for c in BY_HAND]))
    text = Text("他说的话", [needed("请写下他说的话。"), at_most(2000)], render_kw={"rows": 4})
    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40})
    phone = Line("电话", [at_most(20), digits_only("电话只能有数字和 + - （ ）。")], render_kw={"maxlength": 20})
    place = Pick("住在哪个村居", [optional()], validate_choice=False)
    evaluate = Tick("他请求重新评估这件决定")
    key = HiddenField(default=new_token)


class Plan(HouseForm):
    """The day of an evaluation."""

    on = Day("最晚哪一天评估", [needed("请填日期。")])


class Commission(HouseForm):
    """Somebody is asked to evaluate."""

    cause = Press("为什么评估", [one_of("请选一种。")], choices=offered([(c.value, c.label) for c in Cause]))
    cause_words = Line("具体情况", [at_most(300)], render_kw={"maxlength": 300})
    assessor = Line("由谁评估", [needed("请写由谁评估。"), at_most(80)], render_kw={"maxlength": 80})
    third_party = Tick("委托第三方")
    due_on = Day("什么时候交报告", [optional()])


class Findings(HouseForm):
    """The report."""

    result = Press("建议", [one_of("请选一种。")], choices=offered([(r.value, r.label) for r in Result]))
    findings = Text("评估发现", [needed("请写评估发现了什么。"), at_most(5000)], render_kw={"rows": 8})


class Conclude(HouseForm):
    """The consequence."""

    result = Press("结论", [one_of("请选一种。")], choices=offered([(r.value, r.label) for r in Result]))


class Adjust(HouseForm):
    """A case of its own for a major adjustment."""

    title = Line("新案卷的名称", [needed("请写名称。"), at_most(120)], render_kw={"maxlength": 120})
    reason = Text("为什么调整", [needed("请写为什么要调整。"), at_most(300)], render_kw={"rows": 2})
