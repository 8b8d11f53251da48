"""What is said about an answer after its release: a correction with its note, or a supplement; and what a second person says."""

from models.comments.point import Outcome
from server.console.forms.fields import Line, Press, Text, at_most, offered
from server.csrf import HouseForm


class CorrectAnswer(HouseForm):
    """The right outcome and reason, and the note that everybody sees."""

    outcome = Press("更正后的结果", choices=offered([(o.value, o.label) for o in Outcome]), validate_choice=False)
    text = Text("更正后的理由", [at_most(2000)], render_kw={"rows": 5, "maxlength": 2000})
    remark = Text("更正说明", [at_most(300)], render_kw={"rows": 3, "maxlength": 300})


class AddToAnswer(HouseForm):
    """What is added; the outcome stands."""

    text = Text("补充的话", [at_most(2000)], render_kw={"rows": 6, "maxlength": 2000})


class AmendmentVerdict(HouseForm):
    """Approved, released, or sent back with a reason."""

    reason = Line("退回的原因", [at_most(300)], render_kw={"maxlength": 300})
