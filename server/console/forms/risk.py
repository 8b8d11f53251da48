"""A risk assessment as its author fills it in."""

from wtforms import FileField

from models.decisions.material import KINDS
from models.decisions.risk import Level
from server.console.forms.fields import Line, Press, Text, at_most, offered, optional
from server.csrf import HouseForm

ACCEPTED = ",".join(f".{kind}" for kind in KINDS)


class Assessment(HouseForm):
    """The whole round but its points, which are rows of their own."""

    scope = Text("评估了什么、用了什么办法", [at_most(2000)], render_kw={"rows": 3})
    asked = Text("听取了谁的意见", [at_most(1000)], render_kw={"rows": 2})
    adjusted = Text("这一轮作了什么调整", [at_most(1000)], render_kw={"rows": 2})
    elsewhere = Line("引用哪一份评估", [at_most(200)], render_kw={"maxlength": 200})
    level = Press("总的风险等级", [optional()], choices=offered([(one.value, one.label) for one in Level]))
    controllable = Press("能不能控制", [optional()], choices=offered([("yes", "可控"), ("no", "不可控")]))
    conclusion = Text("结论和理由", [at_most(2000)], render_kw={"rows": 4})
    title = Line("评估报告的名称", [at_most(120)], render_kw={"maxlength": 120})
    file = FileField("评估报告", render_kw={"accept": ACCEPTED})


class Verdict(HouseForm):
    """The second person's word."""

    reason = Text("退回的原因", [at_most(300)], render_kw={"rows": 2})
