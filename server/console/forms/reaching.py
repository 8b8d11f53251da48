"""Ways to people who read no screen: the village loudspeakers."""

from datetime import date, time

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from models.outreach.loudspeaker import LONGEST, times_in
from server.console.forms.fields import Day, Line, Pick, Text, at_most, holdable, needed, one_of
from server.csrf import HouseForm


class Ticks(SelectMultipleField):
    """Any of a list; what was never offered is refused where it is looked up."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take them as sent, unless no database could look them up."""
        super().process_formdata([value for value in valuelist if holdable(value)])


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

    places = Ticks("在哪些村、社区播", validate_choice=False)
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
