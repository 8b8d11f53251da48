"""Experts as officers fill them in: who they are, the letter, the declaration, the opinion, the answer."""

from wtforms import FileField

from models.decisions.engagement import Taken, View, Way
from models.decisions.material import KINDS
from server.console.forms.fields import Day, Line, Pick, Press, Text, at_most, needed, offered, one_of, optional
from server.csrf import HouseForm

ACCEPTED = ",".join(f".{kind}" for kind in KINDS)


class Person(HouseForm):
    """Somebody of the pool."""

    name = Line("姓名", [needed("请写姓名。"), at_most(40)], render_kw={"maxlength": 40})
    fields = Line("专业领域", [needed("请写专业领域。"), at_most(120)], render_kw={"maxlength": 120})
    employer = Line("工作单位", [needed("请写工作单位。"), at_most(80)], render_kw={"maxlength": 80})
    title = Line("职务职称", [at_most(60)], render_kw={"maxlength": 60})
    interests = Text("已知的利害关系", [at_most(300)], render_kw={"rows": 2})


class NewPerson(Person):
    """The same with the first term."""

    from_on = Day("聘期从", [optional()])
    until_on = Day("聘期到", [optional()])


class Term(HouseForm):
    """Another term."""

    from_on = Day("聘期从", [optional()])
    until_on = Day("聘期到", [optional()])


class Consent(HouseForm):
    """Shown to the public, by consent."""

    consented_on = Day("本人同意公开的日期", [optional()])


class Reason(HouseForm):
    """Why."""

    reason = Text("原因", [at_most(300)], render_kw={"rows": 2})


class Nothing(HouseForm):
    """A deed that asks for nothing more."""


class Engage(HouseForm):
    """A letter to somebody of the pool."""

    expert = Pick("请哪位专家", [one_of("请选一位专家。")], validate_choice=False)
    way = Press("怎么请", [one_of("请选一种。")], choices=offered([(w.value, w.label) for w in Way]))
    task = Text("请他论证什么", [needed("请写明请专家论证什么。"), at_most(500)], render_kw={"rows": 3})
    due_on = Day("什么时候前提出意见", [optional()])
    no_interest = Text("登记过利害关系的，为什么与这件事无关", [at_most(300)], render_kw={"rows": 2})


class Signed(HouseForm):
    """A signed paper."""

    file = FileField("签了字的声明", render_kw={"accept": ACCEPTED})


class Opinion(HouseForm):
    """What the expert said, and the signed paper."""

    view = Press("专家的意见", [one_of("请选一种。")], choices=offered([(v.value, v.label) for v in View]))
    text = Text("意见原文", [needed("请把专家意见的内容录进来。"), at_most(5000)], render_kw={"rows": 8})
    file = FileField("署名、盖章的意见书", render_kw={"accept": ACCEPTED})


class Reply(HouseForm):
    """What the office does with it, and why."""

    taken = Press("采纳情况", [one_of("请选一种。")], choices=offered([(t.value, t.label) for t in Taken]))
    reason = Text("怎么采纳的，或者为什么不采纳", [needed("请写理由。"), at_most(1000)], render_kw={"rows": 4})
