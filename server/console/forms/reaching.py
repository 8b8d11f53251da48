"""Ways to people who read no screen: loudspeakers, visits, exhibitions, the farmers' mailbox."""

import re
from datetime import date, time

from wtforms import FileField, HiddenField

from models.kernel.ids import new_token
from models.kernel.refusal import RuleUnmet
from models.outreach.exhibition import FIELDS as EXHIBITION
from models.outreach.letter import LONGEST as LETTER
from models.outreach.loudspeaker import LONGEST, times_in
from models.outreach.visit import NAMES, VisitKind
from server.console.forms.fields import Day, Line, Pick, Press, Text, Whole, at_most, needed, offered, one_of, optional
from server.console.forms.taking_part import Several
from server.csrf import HouseForm

KEY = re.compile(r"[0-9a-z]{16,64}")


class NewScript(HouseForm):
    """Out of which article."""

    article = Pick("哪一篇文章", [one_of("请选一篇已经发布的文章。")], validate_choice=False)


class Script(HouseForm):
    """The words that are read out."""

    text = Text("广播稿", [needed("请写广播稿。"), at_most(LONGEST)], render_kw={"rows": 18, "maxlength": LONGEST})


class ScriptDeed(HouseForm):
    """Why it goes back, or is not played any more."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})


class Schedule(HouseForm):
    """Where and when it is due."""

    places = Several("在哪些村、社区播", validate_choice=False)
    from_on = Day("从哪天", [needed("请填从哪天起。")])
    until_on = Day("到哪天", [needed("请填到哪天止。")])
    times = Line("每天几点播", [needed("请写时间，例如 7:30、18:00。"), at_most(60)], render_kw={"maxlength": 60})

    @property
    def span(self) -> tuple[date, date]:
        """From which day to which; both were filled in."""
        assert self.from_on.data is not None
        assert self.until_on.data is not None
        return self.from_on.data, self.until_on.data


class Tap(HouseForm):
    """What became of one airing."""

    at = Line("几点播的", [at_most(10)], render_kw={"type": "time"})
    reason = Line("为什么没播", [at_most(60)], render_kw={"maxlength": 60})

    @property
    def hour(self) -> time | None:
        """The hour that was typed, if it is one."""
        found = times_in(self.at.data or "")
        return found[0] if found else None


class NewVisit(HouseForm):
    """One visit, as it is entered on a phone; correcting one uses the same sheet with a remark."""

    kind = Press(
        "怎么去的",
        [one_of("请选是入户、宣传车还是摆摊。")],
        choices=offered([(one.value, one.label) for one in VisitKind]),
        default=VisitKind.HOUSEHOLD.value,
        validate_choice=False,
    )
    place = Pick("在哪里", [one_of("请选在哪里。")], validate_choice=False)
    visited_on = Day("哪一天", [needed("请填哪一天。")])
    households = Whole(NAMES["households"], [optional()], render_kw={"inputmode": "numeric"})
    people = Whole(NAMES["people"], [optional()], render_kw={"inputmode": "numeric"})
    leaflets = Whole(NAMES["leaflets"], [optional()], render_kw={"inputmode": "numeric"})
    asked = Whole(NAMES["asked"], [optional()], render_kw={"inputmode": "numeric"})
    topics = Several("讲了什么", validate_choice=False)
    articles = Several("发了、念了哪几篇", validate_choice=False)
    gist = Text("备注", [at_most(300)], render_kw={"rows": 2, "maxlength": 300})
    photo = FileField("照片", render_kw={"accept": "image/*"})
    remark = Line("为什么更正", [at_most(200)], render_kw={"maxlength": 200})
    key = HiddenField(default=new_token)

    @property
    def chosen(self) -> VisitKind:
        """The kind that was taken; RuleUnmet for one that was never offered."""
        found = next((one for one in VisitKind if one.value == self.kind.data), None)
        if found is None:
            raise RuleUnmet("请选怎么去的。", {"kind": "请选是入户、宣传车还是摆摊。"})
        return found

    @property
    def sound_key(self) -> bool:
        """Whether the sheet still carries the mark that keeps it from being entered twice."""
        return KEY.fullmatch(self.key.data or "") is not None


class VisitRemark(HouseForm):
    """Why an entry is void."""

    remark = Line("为什么作废", [at_most(200)], render_kw={"maxlength": 200})


class Exhibition(HouseForm):
    """One exhibition; what is missing may be missing until it goes to review."""

    at = Pick("在哪个实践站", [one_of("请选在哪里展出。")], validate_choice=False)
    title = Line(EXHIBITION["title"][0], [at_most(EXHIBITION["title"][1])], render_kw={"maxlength": 40})
    theme = Line(
        EXHIBITION["theme"][0], [at_most(EXHIBITION["theme"][1])], render_kw={"maxlength": 20, "list": "themes"}
    )
    starts_on = Day("从哪天", [optional()])
    ends_on = Day("到哪天", [optional()])
    shown = Text(EXHIBITION["shown"][0], [at_most(EXHIBITION["shown"][1])], render_kw={"rows": 7, "maxlength": 1500})
    picture = FileField("照片", render_kw={"accept": ".jpg,.jpeg,.png,.webp"})
    caption = Line("照片里是什么", [at_most(80)], render_kw={"maxlength": 80})


class ExhibitionDeed(HouseForm):
    """Why it goes back or comes down; other days."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    starts_on = Day("从哪天", [optional()])
    ends_on = Day("到哪天", [optional()])


class NewLetter(HouseForm):
    """Out of which article."""

    article = Pick("哪一篇文章", [one_of("请选一篇已经发布的文章。")], validate_choice=False)


class Letter(HouseForm):
    """Plain words, who signs, to whom."""

    title = Line("标题", [needed("请写标题。"), at_most(64)], render_kw={"maxlength": 64})
    text = Text("正文", [needed("请写正文。"), at_most(LETTER)], render_kw={"rows": 14, "maxlength": LETTER})
    sender = Line("署名", [needed("请写署名。"), at_most(40)], render_kw={"maxlength": 40})
    places = Several("发给哪些村、社区", validate_choice=False)


class LetterDeed(HouseForm):
    """Why it goes back or is not sent; on which day it was."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    sent_on = Day("哪天发的", [optional()])
