"""A proposal written down for somebody, what should become of one, and what a second person says about that."""

from wtforms import HiddenField

from models.kernel.ids import new_token
from models.proposals.proposal import LONGEST, LONGEST_ANSWER, TITLE, ProposalOutcome, Proposer
from server.console.forms.fields import (
    Line,
    Pick,
    Press,
    Text,
    at_most,
    digits_only,
    needed,
    offered,
    one_of,
    optional,
)
from server.console.forms.intake import BY_HAND
from server.csrf import HouseForm


class NewProposal(HouseForm):
    """As it was given to us."""

    channel = Press(
        "从哪里来的",
        [one_of("请选从哪里来的。")],
        choices=offered([(c.value, c.label) for c in BY_HAND]),
        validate_choice=False,
    )
    proposer = Press(
        "谁提的",
        choices=offered([(p.value, p.label) for p in Proposer]),
        default=Proposer.CITIZEN.value,
        validate_choice=False,
    )
    organisation = Line("单位名称", [at_most(60)], render_kw={"maxlength": 60})
    reference = Line("建议、提案的编号", [at_most(60)], render_kw={"maxlength": 60})
    title = Line(
        "想请街道决定什么事",
        [needed("请写一句话：想请街道决定什么事。"), at_most(TITLE)],
        render_kw={"maxlength": TITLE, "autofocus": True},
    )
    text = Text(
        "理由和做法",
        [needed("请写下他说的理由和做法。"), at_most(LONGEST)],
        render_kw={"rows": 7, "maxlength": LONGEST},
    )
    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40})
    phone = Line("电话", [at_most(20), digits_only("电话只能有数字和 + - （ ）。")], render_kw={"maxlength": 20})
    place = Pick("住在哪个村居", [optional()], validate_choice=False)
    key = HiddenField(default=new_token)


class Study(HouseForm):
    """What should become of it, and why."""

    outcome = Press("怎么办", choices=offered([(o.value, o.label) for o in ProposalOutcome]), validate_choice=False)
    item = Pick("列入了目录的哪一项", [optional()], validate_choice=False)
    case = Pick("立了哪个案卷", [optional()], validate_choice=False)
    passed_to = Line("转给哪个单位", [at_most(60)], render_kw={"maxlength": 60})
    reason = Text("理由", [at_most(LONGEST_ANSWER)], render_kw={"rows": 6, "maxlength": LONGEST_ANSWER})


class Verdict(HouseForm):
    """Why it goes back."""

    reason = Line("退回的原因", [at_most(300)], id="back-reason", render_kw={"maxlength": 300})


CHANNELS = frozenset(c.value for c in BY_HAND)
"""The channels that staff enter."""
