"""Articles for legal education."""

from models.outreach.article import FIELDS
from server.console.forms.fields import Day, Line, Pick, Text, at_most, optional
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


class ArticleDeed(HouseForm):
    """Why it goes back, or comes down; to whom it is pushed."""

    reason = Line("原因", [at_most(300)], render_kw={"maxlength": 300})
    topic = Pick("群发给谁", [optional()], validate_choice=False)
