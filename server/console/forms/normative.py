"""Normative documents as officers fill them in: three hands, filing, evaluation, clean-up."""

from wtforms import FileField

from models.decisions.validity import Verdict
from server.console.forms.fields import Day, Line, Pick, Press, Text, at_most, needed, offered, optional
from server.csrf import HouseForm

VERDICTS = [(v.value, v.label) for v in Verdict]


class Hand(HouseForm):
    """A few words of whoever looks; a reason where it goes back."""

    remark = Line("意见", [at_most(300)], render_kw={"maxlength": 300})


class Sent(HouseForm):
    """Sent for filing."""

    filed_on = Day("报送日期", [optional()])
    filed_to = Line("报送给谁", [at_most(60)], render_kw={"maxlength": 60})


class Receipt(HouseForm):
    """The county's receipt."""

    receipt_on = Day("回执日期", [optional()])
    receipt_number = Line("回执编号", [at_most(60)], render_kw={"maxlength": 60})


class Evaluation(HouseForm):
    """What becomes of a document at the end of its time."""

    verdict = Press("评估意见", [optional()], choices=offered(VERDICTS), validate_choice=False)
    until = Day("继续有效到哪天", [optional()])
    reason = Text("评估的情况和理由", [at_most(2000)], render_kw={"rows": 4})


class Older(HouseForm):
    """A document from before this system."""

    number = Line("文号", [needed("请写文号。"), at_most(40)], render_kw={"maxlength": 40})
    title = Line("文件名称", [needed("请写文件名称。"), at_most(120)], render_kw={"maxlength": 120})
    published_on = Day("公布日期", [needed("请填公布日期。")])
    effective_on = Day("施行日期", [optional()])
    valid_until = Day("有效期到", [optional()])
    receipt_number = Line("备案回执编号", [at_most(60)], render_kw={"maxlength": 60})
    file = FileField("正式文件", render_kw={"accept": ".pdf,.docx"})


class Begin(HouseForm):
    """A clean-up."""

    title = Line("清理的名称", [at_most(120)], render_kw={"maxlength": 120})
    reason = Text("为什么清理、依据什么要求", [at_most(1000)], render_kw={"rows": 3})


class Judge(HouseForm):
    """A verdict on one document."""

    verdict = Pick("清理意见", [optional()], choices=offered([("", "请选择"), *VERDICTS]), validate_choice=False)
    reason = Line("理由", [at_most(500)], render_kw={"maxlength": 500})
