"""Legal questions at the desk: whose they are, what is answered, where they go, what counsel did."""

from wtforms import HiddenField

from models.decisions.consultation import Channel
from models.kernel.ids import new_token
from models.questions.hand_over import Road
from models.questions.known import FIELDS
from models.questions.stint import StintKind
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    Whole,
    at_most,
    digits_only,
    needed,
    offered,
    one_of,
    optional,
)
from server.csrf import HouseForm

BY_HAND = (Channel.PHONE, Channel.HALL, Channel.PAPER)


class Assign(HouseForm):
    """Which counsel, and what it is about."""

    counsel = Pick("派给哪位法律顾问", [one_of("请选一位法律顾问。")], validate_choice=False)
    topic = Pick("问的是哪一类", [optional()], validate_choice=False)
    decision = Pick("和哪件决策有关", [optional()], validate_choice=False)
    limit_on = Day("有没有快到的期限", [optional()])


class Reply(HouseForm):
    """The counsel's answer, and how long it took."""

    text = Text("答复", [needed("请写上答复。"), at_most(5000)], render_kw={"rows": 9, "maxlength": 5000})
    minutes = Whole("用了几分钟", [optional()], render_kw={"inputmode": "numeric"})


class PassOn(HouseForm):
    """Where it belongs, and what the person is told."""

    road = Press(
        "这是",
        [one_of("请选这是什么。")],
        choices=offered([(road.value, road.label) for road in Road]),
        validate_choice=False,
    )
    consultation = Pick("归到哪件征求意见", [optional()], validate_choice=False)
    receiver = Line("转给谁", [at_most(60)], render_kw={"maxlength": 60})
    words = Text("告诉他", [needed("请写几句，告诉他转到哪里、接下来怎么办。"), at_most(2000)], render_kw={"rows": 4})


class Receipt(HouseForm):
    """What the other office says."""

    taken_on = Day("对方哪天收的", [optional()])
    their_number = Line("对方的编号", [at_most(40)], render_kw={"maxlength": 40})
    reason = Line("为什么退回", [at_most(200)], render_kw={"maxlength": 200})


class Limit(HouseForm):
    """A term that must not be missed."""

    limit_on = Day("期限最后一天", [needed("请填期限的最后一天。")])


class Glass(HouseForm):
    """Why somebody reads it whose it is not."""

    reason = Line("理由", [needed("请写清楚为什么要看。"), at_most(200)], render_kw={"maxlength": 200})


class NewQuestion(HouseForm):
    """A question of somebody who has no telephone, as it was said."""

    channel = Press(
        "从哪里来的",
        [one_of("请选从哪里来的。")],
        choices=offered([(c.value, c.label) for c in BY_HAND]),
        validate_choice=False,
    )
    text = Text("他问的话", [needed("请写下他问的话。"), at_most(2000)], render_kw={"rows": 7, "maxlength": 2000})
    limit_on = Day("有没有快到的期限", [optional()])
    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40})
    phone = Line("电话", [at_most(30), digits_only("电话只写数字。")], render_kw={"maxlength": 30, "inputmode": "tel"})
    place = Pick("住在哪里", [optional()], validate_choice=False)
    key = HiddenField(default=new_token)


class Turn(HouseForm):
    """A turn of the roster."""

    counsel = Pick("法律顾问", [one_of("请选一位法律顾问。")], validate_choice=False)
    place = Pick("值哪里的班", [optional()], validate_choice=False)
    from_on = Day("从哪天", [needed("请填从哪天起。")])
    until_on = Day("到哪天", [needed("请填到哪天止。")])


class StintForm(HouseForm):
    """An entry of a village's volume."""

    kind = Pick(
        "做了什么",
        [one_of("请选做了什么。")],
        choices=offered([(kind.value, kind.label) for kind in StintKind]),
        validate_choice=False,
    )
    place = Pick("哪个村、社区", [optional()], validate_choice=False)
    held_on = Day("哪一天", [needed("请填哪一天。")])
    minutes = Whole("用了几分钟", [needed("请填用了几分钟。")], render_kw={"inputmode": "numeric"})
    gist = Text("内容", [needed("请写一两句内容。"), at_most(300)], render_kw={"rows": 2, "maxlength": 300})
    result = Text("结果", [at_most(300)], render_kw={"rows": 2, "maxlength": 300})


class Common(HouseForm):
    """A question that many have, and its answer."""

    question = Line(FIELDS["question"][0], [at_most(120)], render_kw={"maxlength": 120})
    answer = Text(FIELDS["answer"][0], [at_most(3000)], render_kw={"rows": 9, "maxlength": 3000})
    basis = Text(FIELDS["basis"][0], [at_most(300)], render_kw={"rows": 2, "maxlength": 300})
    basis_on = Day("法律版本的日期", [optional()])
    topic = Pick("主题", [optional()], validate_choice=False)


class CommonDeed(HouseForm):
    """Why it goes back, or comes down."""

    reason = Line("原因", [at_most(200)], render_kw={"maxlength": 200})
