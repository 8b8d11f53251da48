"""How people took part: an event beside the consultation, a hearing, a round among those who are named."""

from datetime import datetime
from typing import Any

from wtforms import FileField, HiddenField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from models.decisions.consultation import Audience
from models.decisions.hearing import Party
from models.decisions.invitation import Group
from models.decisions.participation import KEPT_HERE
from models.kernel.clock import BEIJING
from models.kernel.ids import new_token
from server.console.forms.case import ACCEPTED
from server.console.forms.fields import (
    Day,
    Line,
    Pick,
    Press,
    Text,
    Tick,
    Whole,
    at_most,
    digits_only,
    holdable,
    meant,
    needed,
    offered,
    one_of,
    optional,
)
from server.csrf import HouseForm

KEPT_BACK = "过程性信息（信息公开条例第十六条）"


class Moment(Line):
    """A day and a time, as the browser's own field sends it or as it is typed."""

    @property
    def at(self) -> datetime | None:
        """The moment in Beijing; None when it cannot be understood."""
        words = (self.data or "").strip().replace(" ", "T").replace("：", ":")
        try:
            moment = datetime.fromisoformat(words).replace(tzinfo=BEIJING) if words else None
        except ValueError:
            return None
        return moment if moment is not None and meant(moment) else None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Say what it should look like."""
        if self.data and self.at is None:
            self.errors: Any = [*list(self.errors), "请填日期和时间，例如 2026-11-23 14:30。"]


class Several(SelectMultipleField):
    """Some of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take it as sent, unless no database could look it up."""
        super().process_formdata([v for v in valuelist if holdable(v)])


class Event(HouseForm):
    """A forum, a visit, letters, a questionnaire, a poll."""

    mode = Press(
        "哪一种方式",
        [one_of("请选一种。")],
        choices=offered([(m.value, m.label) for m in KEPT_HERE]),
        validate_choice=False,
    )
    held_on = Day("哪一天", [needed("请填日期。")])
    place = Line("在哪里", [needed("请写在哪里。"), at_most(120)], render_kw={"maxlength": 120})
    organised_by = Line("谁组织的", [needed("请写谁组织的。"), at_most(60)], render_kw={"maxlength": 60})
    people = Whole("多少人", [needed("请写人数。")], render_kw={"inputmode": "numeric"})
    kinds = Line("都是哪些人", [needed("请写都是哪些人。"), at_most(200)], render_kw={"maxlength": 200})
    gist = Text("主要说了什么", [needed("请写主要说了什么。"), at_most(5000)], render_kw={"rows": 5})
    sample = Whole("发出多少份", [optional()], render_kw={"inputmode": "numeric"})
    method = Text("怎样抽样、怎样问的", [at_most(500)], render_kw={"rows": 2})
    result = Text("结果", [at_most(5000)], render_kw={"rows": 3})
    file = FileField("记录、签到表、问卷和结果报告", render_kw={"accept": ACCEPTED})


class EventDeed(HouseForm):
    """What is done with an event: a paper, what somebody said there, or voiding the record."""

    title = Line("材料名称", [at_most(120)], render_kw={"maxlength": 120})
    file = FileField("文件", render_kw={"accept": ACCEPTED})
    consultation = Pick("录进哪一次征求意见", [optional()], validate_choice=False)
    clause = Pick("说的是哪一条", [optional()], validate_choice=False)
    text = Text("他说的话", [at_most(2000)], render_kw={"rows": 4, "maxlength": 2000})
    name = Line("怎么称呼", [at_most(40)], render_kw={"maxlength": 40})
    organisation = Line("代表哪个单位", [at_most(60)], render_kw={"maxlength": 60})
    reason = Text("为什么作废", [at_most(300)], render_kw={"rows": 2})
    key = HiddenField(default=new_token)


class Announcement(HouseForm):
    """A hearing as it will be announced."""

    title = Line("标题", [needed("请写标题。"), at_most(80)], render_kw={"maxlength": 80})
    matter = Text("听证事项", [at_most(2000)], render_kw={"rows": 4})
    held_at = Moment("什么时候", render_kw={"type": "datetime-local"})
    place = Line("地点", [at_most(120)], render_kw={"maxlength": 120})
    apply_until = Day("报名截止", [optional()])
    how_to_apply = Text("怎样报名", [at_most(500)], render_kw={"rows": 2})
    choosing = Text("名额不够时怎样产生", [at_most(500)], render_kw={"rows": 2})
    contact = Line("联系方式", [at_most(120)], render_kw={"maxlength": 120})
    seats_interested = Whole("利害关系人", [optional()], render_kw={"inputmode": "numeric"})
    seats_public = Whole("社会公众", [optional()], render_kw={"inputmode": "numeric"})
    seats_deputy = Whole("人大代表、政协委员", [optional()], render_kw={"inputmode": "numeric"})
    seats_expert = Whole("专家学者", [optional()], render_kw={"inputmode": "numeric"})
    seats_organisation = Whole("社会组织、基层组织", [optional()], render_kw={"inputmode": "numeric"})

    def fields(self) -> dict[str, Any]:
        """What the announcement is told."""
        told = {
            name: getattr(self, name).data or ""
            for name in ("title", "matter", "place", "how_to_apply", "choosing", "contact")
        }
        seats = {party: getattr(self, f"seats_{party.value}").data or 0 for party in Party}
        return told | {"held_at": self.held_at.at, "apply_until": self.apply_until.data, "seats": seats}


class HearingDeed(HouseForm):
    """Everything that is written down on the way of a hearing; each deed reads its own."""

    held_at = Moment("改到什么时候", render_kw={"type": "datetime-local"})
    place = Line("地点", [at_most(120)], render_kw={"maxlength": 120})
    reason = Text("理由", [at_most(300)], render_kw={"rows": 2})
    party = Pick(
        "代表哪一方", [optional()], choices=offered([(p.value, p.label) for p in Party]), validate_choice=False
    )
    name = Line("姓名", [at_most(40)], render_kw={"maxlength": 40})
    phone = Line("电话", [at_most(20), digits_only("电话只能有数字和 + - （ ）。")], render_kw={"maxlength": 20})
    words = Text("想说什么", [at_most(500)], render_kw={"rows": 2})
    chosen = Several("参加人", validate_choice=False)
    how = Line("怎样产生的（送达的，写怎样送达）", [at_most(500)], render_kw={"maxlength": 500})
    who = Several("谁", validate_choice=False)
    served_on = Day("哪一天送达", [optional()])
    refused_reason = Line("没有签字的理由", [at_most(200)], render_kw={"maxlength": 200})
    came = Several("到会的人", validate_choice=False)
    chaired_by = Line("主持人", [at_most(40)], render_kw={"maxlength": 40})
    recorded_by = Line("记录人", [at_most(40)], render_kw={"maxlength": 40})
    opening = Text("承办单位介绍情况", [at_most(20_000)], render_kw={"rows": 4})
    debate = Text("陈述意见、询问、质证和辩论", [at_most(20_000)], render_kw={"rows": 8})
    closing = Text("确认记录并签字", [at_most(20_000)], render_kw={"rows": 3})
    report = Text("听证报告", [at_most(20_000)], render_kw={"rows": 10})
    file = FileField("签了字的记录（扫描件）", render_kw={"accept": ACCEPTED})


class NewRound(HouseForm):
    """A round among those who are named."""

    audience = Press(
        "征求谁",
        [one_of("请选一种。")],
        choices=offered([(a.value, a.label) for a in (Audience.INTERNAL, Audience.DIRECTED)]),
        validate_choice=False,
    )
    title = Line("标题", [needed("请写标题。"), at_most(60)], render_kw={"maxlength": 60})
    window_days = Whole("征求多少天", [needed("请写天数。")], default=7, render_kw={"inputmode": "numeric"})


class RoundDeed(HouseForm):
    """What is done in a round."""

    group = Pick(
        "哪一类", [optional()], choices=offered([(one.value, one.label) for one in Group]), validate_choice=False
    )
    names = Text("姓名或者单位，一行一个", [at_most(4000)], render_kw={"rows": 4})
    organisation = Tick("都是单位")
    invitation = HiddenField()
    how = Line("怎样送的", [at_most(40)], render_kw={"maxlength": 40})
    clause = Pick("说的是哪一条", [optional()], validate_choice=False)
    text = Text("他的意见", [at_most(2000)], render_kw={"rows": 4, "maxlength": 2000})
    key = HiddenField(default=new_token)
