"""A poll: what it is about, its questions, slips, ballots on paper, and what the office says to the results."""

from typing import Any

from models.polls.poll import FIELDS, Poll, QuestionKind, Reach
from server.console.forms.fields import Line, Pick, Press, Text, Tick, Whole, at_most, offered, one_of, optional
from server.csrf import HouseForm


def _text(name: str, rows: int = 0) -> Line | Text:
    label, most = FIELDS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class NewPoll(HouseForm):
    """What it is about and who is asked; what is missing may be missing until it goes to review."""

    title = _text("title")
    purpose = _text("purpose", 4)
    whom = _text("whom")
    case = Pick("为哪件事调查", [optional()], validate_choice=False)
    reach = Press(
        "怎样找人答",
        [one_of("请选一种。")],
        choices=offered([(one.value, one.label) for one in Reach]),
        default=Reach.WILLING.value,
        validate_choice=False,
    )
    method = _text("method", 2)
    sample = Whole("发出多少份", [optional()], render_kw={"inputmode": "numeric"})
    window_days = Whole("开放多少天", [optional()], default=14, render_kw={"inputmode": "numeric"})
    confidential = Tick("不记名：答案和答的人分开存，开箱以后谁也对不上", default=True)
    by_slip = Tick("只认选票：没有选票的不能答")


class NewQuestion(HouseForm):
    """One question."""

    kind = Press(
        "题型",
        [one_of("请选题型。")],
        choices=offered([(one.value, one.label) for one in QuestionKind]),
        default=QuestionKind.SINGLE.value,
        validate_choice=False,
    )
    text = Line("问题", [at_most(200)], render_kw={"maxlength": 200})
    options = Text("选项，一行一个", [at_most(900)], render_kw={"rows": 4})
    low = Line("最低分是什么意思", [at_most(12)], render_kw={"maxlength": 12})
    high = Line("最高分是什么意思", [at_most(12)], render_kw={"maxlength": 12})
    needed = Tick("必须回答", default=True)
    groups = Tick("按这一题分开看结果（例如：住户、商户）")


class PollDeed(HouseForm):
    """Why it goes back, stops or is cancelled; what the office says to the results."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    report = Text("结果说明", [at_most(5000)], render_kw={"rows": 8})


class Slips(HouseForm):
    """New slips."""

    place = Pick("给哪个村（社区）", [optional()], validate_choice=False)
    count = Whole("印多少张", [optional()], default=50, render_kw={"inputmode": "numeric"})


class Paper(HouseForm):
    """A ballot on paper; the answers are fields q1, q2 … of the page."""

    slip = Line("选票号", [at_most(30)], render_kw={"maxlength": 30, "inputmode": "numeric", "autocomplete": "off"})
    reason = Line("为什么无效", [at_most(300)], render_kw={"maxlength": 300})


def answers_in(poll: Poll, form: Any) -> dict[str, Any]:
    """What a page sent for each question."""
    return {
        q.name: form.getlist(q.name) if q.kind == QuestionKind.MULTIPLE else form.get(q.name, "")
        for q in poll.questions
    }
