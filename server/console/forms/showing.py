"""What is not shown of people's own words, on which ground and why."""

from models.comments.showing import PATTERNS, Ground
from server.console.forms.fields import Line, Pick, Press, Text, at_most, needed, offered, one_of, optional
from server.csrf import HouseForm

GROUNDS = [(g.value, g.label) for g in Ground]


class Showing(HouseForm):
    """Words to be covered, or all of them hidden."""

    words = Text("要隐去的字", [at_most(2000)], render_kw={"rows": 3, "maxlength": 2000})
    ground = Press("为什么", [one_of("请选一种。")], choices=offered(GROUNDS), validate_choice=False)
    reason = Line("理由", [needed("请写明理由。"), at_most(300)], render_kw={"maxlength": 300})


class RedactAll(HouseForm):
    """One pattern over everything."""

    kind = Pick(
        "隐去哪一种",
        [optional()],
        choices=offered([("", "（自己填一个词）"), *((key, words) for key, (words, _) in PATTERNS.items())]),
        validate_choice=False,
    )
    pattern = Line("或者这个词", [at_most(100)], render_kw={"maxlength": 100})
    ground = Press("为什么", [one_of("请选一种。")], choices=offered(GROUNDS), validate_choice=False)
    reason = Line("理由", [needed("请写明理由。"), at_most(300)], render_kw={"maxlength": 300})
