"""A case as officers fill it in: what kind it is, who has it, what it needs, and its papers."""

from wtforms import FileField

from models.decisions.decision import Idea, Kind, LegalBasis
from models.decisions.material import KINDS, Publicity
from models.decisions.matter import Category, Livelihood
from server.console.forms.fields import Day, Line, Pick, Press, Text, Tick, at_most, needed, offered, one_of, optional
from server.csrf import HouseForm

__all__ = ["Assign", "Classify", "Decide", "End", "Hand", "NewCase", "OnCatalogue", "Reclassify"]

ACCEPTED = ",".join(f".{kind}" for kind in KINDS)


class NewCase(HouseForm):
    """A title is enough to begin."""

    title = Line(
        "事项名称", [needed("请写这件事叫什么。"), at_most(120)], render_kw={"autofocus": True, "maxlength": 120}
    )


class Classify(HouseForm):
    """What kind of case it is, and why."""

    kind = Press("事项种类", [one_of("请选一种。")], choices=offered([(k.value, k.label) for k in Kind]))
    category = Pick(
        "条例第三条的哪一类",
        [optional()],
        choices=offered([("", "请选择"), *((c.value, c.label) for c in Category)]),
    )
    reason = Text("为什么这样定", [needed("请写明为什么这样定。"), at_most(300)], render_kw={"rows": 3})
    basis = Press(
        "适用依据",
        [one_of("请选一种。")],
        choices=offered([(b.value, b.label) for b in LegalBasis]),
        default="by_reference",
    )
    basis_words = Line("依据的文件和条款", [at_most(300)], render_kw={"maxlength": 300})
    idea = Pick("谁提出来的", choices=offered([(i.value, i.label) for i in Idea]))
    livelihood = Pick(
        "属于哪一类民生事项",
        [optional()],
        choices=offered([("", "都不是"), *((one.value, one.label) for one in Livelihood)]),
    )
    market = Tick("涉及市场主体经济活动（要做公平竞争审查）")
    secret = Tick("涉密的规范性文件（不公布）")


class Assign(HouseForm):
    """The unit that leads, the person, the others, the plan."""

    unit = Pick("承办单位（有几个单位的，选牵头的）", [one_of("请选承办单位。")], validate_choice=False)
    handler = Pick("承办人", [one_of("请选承办人。")], validate_choice=False)
    partners = Line("一起办的单位", [at_most(200)], render_kw={"maxlength": 200})
    planned_on = Day("计划什么时候作决定", [optional()])


class End(HouseForm):
    """It goes no further."""

    reason = Text("原因", [needed("请写明不再办理的原因。"), at_most(300)], render_kw={"rows": 3})


class Decide(HouseForm):
    """Whether one part of the procedure is needed."""

    needed = Press("要不要", [one_of("请选需要还是不需要。")], choices=offered([("yes", "需要"), ("no", "不需要")]))
    reason = Text("理由", [at_most(500)], render_kw={"rows": 3})
    owner = Pick("谁来办", [optional()], validate_choice=False)
    due_on = Day("什么时候办完", [optional()])


class OnCatalogue(HouseForm):
    """Which matter of the catalogue it is, or why none."""

    item = Pick("目录里的哪一项", [optional()], validate_choice=False)
    reason = Text("不在目录里的理由", [at_most(300)], render_kw={"rows": 2})


class Hand(HouseForm):
    """A paper that is handed in."""

    station = Pick("属于哪一个环节", [one_of("请选环节。")], validate_choice=False)
    replaces = Pick("是哪一份的新版本", [optional()], validate_choice=False)
    title = Line("材料名称", [needed("请写材料名称。"), at_most(120)], render_kw={"maxlength": 120})
    file = FileField("文件", render_kw={"accept": ACCEPTED})
    publicity = Press("能不能公开", [one_of("请选一种。")], choices=offered([(p.value, p.label) for p in Publicity]))
    publicity_reason = Line("不主动公开的理由", [at_most(200)], render_kw={"maxlength": 200})


class Reclassify(HouseForm):
    """Whether the public may read it, changed with a reason."""

    publicity = Press("能不能公开", [one_of("请选一种。")], choices=offered([(p.value, p.label) for p in Publicity]))
    reason = Line("理由", [at_most(200)], render_kw={"maxlength": 200})
