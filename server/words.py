"""How dates, receipt numbers, outcomes and amounts are said, the same way on every page."""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum

from flask import Flask, current_app, has_request_context, request
from markupsafe import Markup, escape

from models.comments.point import Outcome
from models.kernel.clock import local, today
from models.kernel.ids import spaced
from models.kernel.ids import spoken as said
from models.kernel.installation import Installation
from models.kernel.refusal import Missing
from models.kernel.workdays import provisional_between
from server.csrf import csrf_token
from server.flowchart import flowchart
from server.vendor import vendor_url

Day = dt.date | dt.datetime

OUTCOMES: dict[str, str] = {
    # outcome -> the class that carries its shape and colour
    "adopted": "adopted",
    "partly_adopted": "partly",
    "not_adopted": "declined",
    "other": "other",
}
CHANNELS = {
    "chat": "公众号对话",
    "h5": "网页",
    "mini": "小程序",
    "paper": "信函和意见箱",
    "phone": "电话",
    "hall": "现场",
    "email": "电子邮件",
}
KINDS = {"individual": "个人", "organisation": "单位", "joint": "联名信"}


def calendar_day(moment: Day) -> dt.date:
    """The legal day of an instant is the day in Beijing."""
    return local(moment).date() if isinstance(moment, dt.datetime) else moment


def date_plain(moment: Day | None) -> str:
    if moment is None:
        return ""
    on = calendar_day(moment)
    return f"{on.year}年{on.month}月{on.day}日"


def day(moment: Day | None) -> Markup:
    """A date that never breaks across two lines."""
    if moment is None:
        return Markup("")
    return Markup('<time class="date" datetime="{}">{}</time>').format(
        calendar_day(moment).isoformat(), date_plain(moment)
    )


def day_short(moment: Day | None) -> str:
    """The date without its year while the year is the present one."""
    if moment is None:
        return ""
    on = calendar_day(moment)
    return f"{on.month}月{on.day}日" if on.year == today().year else date_plain(on)


def tentative(moment: Day | None) -> str:
    """Said after a day that was counted in working days through a year whose holidays nobody has announced; empty otherwise."""
    if moment is None or not provisional_between(today(), calendar_day(moment)):
        return ""
    return "（放假安排没有公布，暂定）"


def days_left(moment: Day | None) -> str:
    if moment is None:
        return ""
    left = (calendar_day(moment) - today()).days
    if left > 0:
        return f"还剩{left}天"
    return "今天是最后一天" if left == 0 else f"已过{-left}天"


def promised(moment: Day | None, deed: str = "答复您") -> str:
    """What was promised for a day; once that day has passed, that it is late."""
    if moment is None:
        return ""
    late = (today() - calendar_day(moment)).days
    if late <= 0:
        return f"不晚于{date_plain(moment)}{deed}"
    return f"应在{date_plain(moment)}前{deed}，已经晚了{late}天，对不起"


def until(moment: Day | None) -> Markup:
    """A deadline with what is left of it: 2026年11月22日（还剩9天）."""
    if moment is None:
        return Markup("")
    return day(moment) + Markup('<span class="nowrap">（{}）</span>').format(days_left(moment))


def clock(moment: dt.datetime | None) -> str:
    """11月6日 19:42, with the year once it is no longer the present one."""
    if moment is None:
        return ""
    at = local(moment)
    return f"{day_short(moment)} {at.hour}:{at.minute:02d}"


def hours(begins: dt.datetime | None, ends: dt.datetime | None) -> str:
    """11月6日（周五）19:00到20:30."""
    if begins is None or ends is None:
        return ""
    first, last = local(begins), local(ends)
    week = "一二三四五六日"[first.weekday()]
    until = f"{last:%-H:%M}" if last.date() == first.date() else clock(ends)
    return f"{day_short(begins)}（周{week}）{first:%-H:%M}到{until}"


def receipt(number: object) -> str:
    """Eight digits in three groups, as a person would dictate them."""
    return spaced(str(number or ""))


def spoken(number: object) -> str:
    """The same number as it is said on the telephone, 1 being 幺."""
    return said(str(number or ""))


def _name(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value or "").lower()


def outcome_label(outcome: object, before: str = "") -> str:
    """The word; `before` is what a case that is not decided yet puts in front of it."""
    name = _name(outcome)
    return Outcome(name).said(before) if name in OUTCOMES else ""


def outcome_class(outcome: object) -> str:
    return OUTCOMES.get(_name(outcome), "other")


def channel_label(channel: object) -> str:
    return CHANNELS.get(_name(channel), _name(channel))


def kind_label(kind: object) -> str:
    return KINDS.get(_name(kind), _name(kind))


def paragraphs(text: str | None, css: str = "") -> Markup:
    """Plain text as paragraphs: nothing in it can be markup."""
    opening = Markup('<p class="{}">').format(css) if css else Markup("<p>")
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text or "")]
    return Markup("").join(opening + escape(line) + Markup("</p>") for line in lines if line)


def brief(text: str | None, most: int = 60) -> str:
    """One line of a longer text, cut with the Chinese ellipsis."""
    line = " ".join((text or "").split())
    return line if len(line) <= most else line[: most - 1].rstrip("，、；：。！？ ") + "……"


def reading_minutes(text: str | None) -> int:
    """An older reader takes some 300 characters a minute."""
    return max(1, round(len(text or "") / 300))


def large_text() -> bool:
    return has_request_context() and request.cookies.get("large") == "1"


def office() -> Installation | None:
    """The office itself, or nothing before it was set up."""
    try:
        here = Installation.here()
    except Missing:
        return None
    current_app.extensions["telephone"] = here.phone
    return here


def telephone() -> str:
    """The office's, as a page last read it: a page that says that the database failed asks it for nothing."""
    return str(current_app.extensions.get("telephone", ""))


def office_name() -> str:
    here = office()
    return here.office_name if here else "回音"


def csrf() -> Markup:
    """The hidden field every form of the house carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf_token())


FILTERS = (
    day,
    date_plain,
    day_short,
    tentative,
    days_left,
    promised,
    until,
    clock,
    hours,
    receipt,
    spoken,
    outcome_label,
    outcome_class,
    channel_label,
    kind_label,
    paragraphs,
    brief,
    reading_minutes,
)


def teach(app: Flask) -> None:
    """Give the templates of every door the same words."""
    for word in FILTERS:
        app.add_template_filter(word, word.__name__)
    app.jinja_env.globals.update(
        csrf=csrf,
        flowchart=flowchart,
        vendor_url=vendor_url,
        large_text=large_text,
        office=office,
        office_name=office_name,
        telephone=telephone,
        today=today,
        outcome_label=outcome_label,
        outcome_class=outcome_class,
    )
