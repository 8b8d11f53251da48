"""The legal review as it is filled in: the papers, what is lacking, counsel's opinion, the conclusion."""

from wtforms import FileField

from models.decisions.legal_review import Counselling, Result
from models.decisions.material import KINDS
from server.console.forms.fields import Day, Line, Pick, Press, Text, at_most, needed, offered, one_of, optional
from server.csrf import HouseForm

ACCEPTED = ",".join(f".{kind}" for kind in KINDS)
SOUND = [("yes", "符合"), ("no", "有问题")]


class Papers(HouseForm):
    """What is sent with the draft."""

    basis = Text("依据", [at_most(3000)], render_kw={"rows": 5})
    procedures = Text("履行决策法定程序的说明", [at_most(5000)], render_kw={"rows": 12})
    title = Line("附的材料叫什么", [at_most(120)], render_kw={"maxlength": 120})
    file = FileField("另附材料", render_kw={"accept": ACCEPTED})


class Accept(HouseForm):
    """Which counsel, by when."""

    counsel = Pick("请哪位法律顾问或者公职律师", [one_of("请选一位。")], validate_choice=False)
    due_on = Day("什么时候前提出", [optional()])


class Back(HouseForm):
    """What is lacking."""

    lacking = Text("缺什么", [needed("请一次写清楚缺什么。"), at_most(1000)], render_kw={"rows": 4})


class Shorten(HouseForm):
    """Why less time is enough."""

    reason = Text("为什么不需要这么长时间", [needed("请写理由。"), at_most(300)], render_kw={"rows": 2})


class Lengthen(HouseForm):
    """Why more time is needed."""

    reason = Text("疑难在哪里", [needed("请写理由。"), at_most(300)], render_kw={"rows": 2})


class Advise(HouseForm):
    """Counsel's opinion."""

    role = Press("以什么身份", [one_of("请选一种。")], choices=offered([(c.value, c.label) for c in Counselling]))
    authority = Press("权限：决策事项是否符合法定权限", [one_of("请选。")], choices=offered(SOUND))
    procedure = Press("程序：草案的形成是否履行法定程序", [one_of("请选。")], choices=offered(SOUND))
    content = Press("内容：是否符合法律、法规、规章和国家政策", [one_of("请选。")], choices=offered(SOUND))
    text = Text("法律意见", [needed("请写法律意见。"), at_most(5000)], render_kw={"rows": 10})
    file = FileField("签了字的意见书（可以不交）", render_kw={"accept": ACCEPTED})


class Conclude(HouseForm):
    """The justice office's opinion."""

    authority_ok = Press("权限：决策事项是否符合法定权限", [one_of("请选。")], choices=offered(SOUND))
    authority = Text("权限方面的说明", [at_most(3000)], render_kw={"rows": 2})
    procedure_ok = Press("程序：草案的形成是否履行法定程序", [one_of("请选。")], choices=offered(SOUND))
    procedure = Text("程序方面的说明", [at_most(3000)], render_kw={"rows": 2})
    content_ok = Press("内容：是否符合法律、法规、规章和国家政策", [one_of("请选。")], choices=offered(SOUND))
    content = Text("内容方面的说明", [at_most(3000)], render_kw={"rows": 2})
    result = Press("结论", [one_of("请选结论。")], choices=offered([(r.value, r.label) for r in Result]))
    opinion = Text("审查意见", [needed("请写审查意见。"), at_most(5000)], render_kw={"rows": 6})
    reform = Text("明示法律风险的：是什么探索性改革，有什么法律风险", [at_most(2000)], render_kw={"rows": 3})
