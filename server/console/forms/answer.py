"""An answer to a point, and what a second person says about it."""

from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice

from models.comments.point import Outcome, SubReason
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    Tick,
    Whole,
    at_most,
    needed,
    offered,
    one_of,
    optional,
)
from server.csrf import HouseForm

OUTCOMES = [(o.value, o.label) for o in Outcome]


def sub_reasons() -> list[SelectChoice]:
    """The finer reasons, each with the outcomes that it fits."""
    fits = {s.value: {"data-fits": " ".join(o.value for o in s.outcomes)} for s in SubReason}
    return offered([("", "（可以不选）"), *((s.value, s.label) for s in SubReason)], **fits)


class Answer(HouseForm):
    """Outcome, reason, gist, and new words for the clause where there are any."""

    outcome = Press("结果", [one_of("请选结果。")], choices=offered(OUTCOMES), validate_choice=False)
    sub_reason = Pick("属于哪一类", [optional()], choices=sub_reasons(), validate_choice=False)
    reason = Text("理由", [at_most(2000)], render_kw={"rows": 5, "maxlength": 2000, "data-key": "r"})
    gist = Line("一句话摘要", [at_most(200)], render_kw={"maxlength": 200, "data-key": "e"})
    revised = Text("改后的条文", [at_most(20_000)], render_kw={"rows": 6})


class GroupAnswer(HouseForm):
    """One answer for the points of a group that are ticked."""

    outcome = Press("结果", [one_of("请选结果。")], choices=offered(OUTCOMES), validate_choice=False)
    sub_reason = Pick("属于哪一类", [optional()], choices=sub_reasons(), validate_choice=False)
    reason = Text("理由", [at_most(2000)], render_kw={"rows": 5, "maxlength": 2000, "data-key": "r"})
    gist = Line("一句话摘要", [at_most(200)], render_kw={"maxlength": 200, "data-key": "e"})
    revised = Text("改后的条文", [at_most(20_000)], render_kw={"rows": 6})
    rest = Tick("没有列出来的也一样答")


class Named(HouseForm):
    """What a group is called."""

    name = Line("组名", [at_most(100)], render_kw={"maxlength": 100, "data-key": "n"})


class Charge(HouseForm):
    """Who answers what is listed, and by when."""

    to = Pick("交给谁答", [optional()], validate_choice=False)
    due_on = Day("几号前答完", [optional()])


class NewTemplate(HouseForm):
    """Words that come again."""

    name = Line("模板名", [needed("请写模板名。"), at_most(60)], render_kw={"maxlength": 60})
    outcome = Press("结果", [one_of("请选结果。")], choices=offered(OUTCOMES), validate_choice=False)
    sub_reason = Pick("属于哪一类", [optional()], choices=sub_reasons(), validate_choice=False)
    reason = Text("理由", [needed("请写理由。"), at_most(2000)], render_kw={"rows": 5, "maxlength": 2000})


class Verdict(HouseForm):
    """Approved, or sent back with a reason."""

    may_show = Tick("没有个人信息，可以公开")
    reason = Line("退回的原因", [at_most(300)], render_kw={"maxlength": 300, "data-key": "r"})
    same = Tick("同样答的一起退回")


class Total(HouseForm):
    """Typing the total is the deed."""

    points = Whole(
        "填要点总数，确认看过", [needed("请填要点总数。")], render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )


class Transcript(HouseForm):
    """What is heard."""

    text = Text(
        "听到的话", [needed("请写下听到的内容；听不清的地方写「听不清」。"), at_most(2000)], render_kw={"rows": 4}
    )


class Place(HouseForm):
    """Where words from the chat belong."""

    consultation = Pick("说的是哪件事", [optional()], validate_choice=False)
    reason = Line("为什么不归", [at_most(200)], render_kw={"maxlength": 200})
    key = HiddenField()
