"""Articles for legal education."""

from wtforms import FileField

from models.outreach.article import FIELDS
from models.outreach.campaign import CampaignWay
from server.console.forms.fields import Day, Line, Pick, Press, Text, Tick, at_most, offered, one_of, optional
from server.console.forms.taking_part import Moment, Several
from server.csrf import HouseForm


def _text(name: str, rows: int = 0) -> Line | Text:
    label, most = FIELDS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class Article(HouseForm):
    """An article; what is missing may be missing until it goes to review."""

    title = _text("title")
    topic = Pick("主题", [optional()], validate_choice=False)
    digest = _text("digest", 2)
    body = _text("body", 16)
    basis = _text("basis", 3)
    basis_on = Day("法律版本的日期", [optional()])
    remark = Line("更正说明", [at_most(300)], render_kw={"maxlength": 300})


class NewPicture(HouseForm):
    """A picture for an article, with words."""

    picture = FileField("选一张图", render_kw={"accept": ".jpg,.jpeg,.png,.webp"})
    caption = Line("图里是什么", [at_most(80)], render_kw={"maxlength": 80})


class PutBeside(HouseForm):
    """Beside which clause of which draft."""

    clause = Pick("放到哪一条旁边", [one_of("请选一条。")], validate_choice=False)


class ArticleDeed(HouseForm):
    """Why it goes back, or comes down; to whom it is pushed."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    topic = Pick("群发给谁", [optional()], validate_choice=False)


class Campaign(HouseForm):
    """To whom an article is told, how and when."""

    article = Pick("推送哪一篇", [one_of("请选一篇已经发布的文章。")], validate_choice=False)
    topics = Several("关注这些主题的人", validate_choice=False)
    places = Several("关注这些村、社区和组的人", validate_choice=False)
    both = Tick("主题和村居都关注的才发；不勾，关注一样就发")
    way = Press(
        "怎样发",
        [one_of("请选一种。")],
        choices=offered([(one.value, f"{one.label}：{one.says}") for one in CampaignWay]),
        default=CampaignWay.NOTICE.value,
        validate_choice=False,
    )
    starts_at = Moment("什么时候发", render_kw={"type": "datetime-local"})


class CampaignDeed(HouseForm):
    """Why it goes back, stands still or stops; whose telephone it is tried on."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300, "hx-preserve": "true"})
    wx_name = Line(
        "试发到哪个微信号", [at_most(40)], render_kw={"maxlength": 40, "autocomplete": "off", "hx-preserve": "true"}
    )
