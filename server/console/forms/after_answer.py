"""What comes after an answer: the supplement of a second look, and a promise with its day."""

from server.console.forms.fields import Day, Line, Text, at_most, optional
from server.csrf import HouseForm


class LookAgain(HouseForm):
    """The supplement."""

    text = Text("补充的话", [at_most(2000)], render_kw={"rows": 6, "maxlength": 2000})


class Promised(HouseForm):
    """What is promised, until when; how it was kept; why it is later."""

    words = Line("答应做什么", [at_most(200)], render_kw={"maxlength": 200})
    due_on = Day("哪天以前", [optional()])
    kept_words = Line("怎样做到的，在哪里能看到", [at_most(300)], render_kw={"maxlength": 300})
    reason = Line("为什么晚", [at_most(300)], render_kw={"maxlength": 300})
