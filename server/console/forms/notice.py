"""A draft as it comes in, and the notice that puts it before the people."""

from wtforms import FileField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from models.decisions.consultation import TEXTS, Channel
from models.decisions.draft import LONGEST
from server.console.forms.fields import Line, Text, Tick, Whole, at_most, needed, offered
from server.csrf import HouseForm

KEPT = frozenset(TEXTS) | {"window_days", "answer_workdays", "channels"}
"""The fields of a notice that a form writes."""


class Several(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NewDraft(HouseForm):
    """A title and a text, pasted or uploaded."""

    title = Line("标题", [needed("请填标题。"), at_most(60)], render_kw={"autofocus": True, "maxlength": 60})
    source = Text("草案全文", [at_most(LONGEST)], render_kw={"rows": 16})
    word = FileField("或者上传 Word 文件", render_kw={"accept": ".docx"})


class Cuts(HouseForm):
    """The draft in its pieces, on the way to being right."""

    title = Line("标题", [needed("请填标题。"), at_most(60)])
    source = Text("草案全文", [needed("草案是空的。"), at_most(LONGEST)])
    cuts = Line("分条的位置")


def text(name: str, rows: int = 0) -> Line | Text:
    """A text field of the notice, as long as the record allows."""
    label, most = TEXTS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class Notice(HouseForm):
    """The notice, whole. What is missing may be missing until it is submitted."""

    title = text("title")
    summary = text("summary")
    whom = text("whom")
    purpose = text("purpose", 4)
    basis = text("basis", 4)
    content = text("content", 5)
    impact = text("impact", 4)
    window_days = Whole("征求意见多少天", [needed("请填天数。")], render_kw={"inputmode": "numeric"})
    short_reason = text("short_reason", 2)
    answer_workdays = Whole("截止后多少个工作日内答复", [needed("请填天数。")], render_kw={"inputmode": "numeric"})
    channels = Several("从哪里可以提意见", choices=offered([(c.value, c.label) for c in Channel]))
    contact_unit = text("contact_unit")
    contact_phone = text("contact_phone")
    contact_email = text("contact_email")
    contact_address = text("contact_address")

    def fields(self) -> dict[str, object]:
        """What is kept of it."""
        return {name: field.data for name, field in self._fields.items() if name in KEPT}


class Remark(HouseForm):
    """A reviewer's few words, or why it goes back."""

    note = Line("批注", [at_most(300)], render_kw={"maxlength": 300})
    reason = Line("退回的原因", [at_most(300)], render_kw={"maxlength": 300})


class Extend(HouseForm):
    """More time, and why."""

    days = Whole("再延长多少天", [needed("请填天数。")], render_kw={"inputmode": "numeric"})
    reason = Text("理由", [needed("请写明延长的理由，会印在公告上。"), at_most(300)], render_kw={"rows": 3})


class Cancel(HouseForm):
    """It does not go on, and why."""

    reason = Text("理由", [needed("请写明取消的理由，会告诉提过意见的人。"), at_most(300)], render_kw={"rows": 3})
    sure = Tick("我知道取消以后不能恢复，提过意见的人都会收到告知", [needed("请勾上这一项。")])


class Correct(HouseForm):
    """What was wrong on the notice, put right with a note that everybody sees."""

    remark = Line("更正说明", [needed("请写明更正了什么，会印在公告上。"), at_most(300)], render_kw={"maxlength": 300})
    title = text("title")
    summary = text("summary")
    whom = text("whom")
    purpose = text("purpose", 4)
    basis = text("basis", 4)
    content = text("content", 5)
    impact = text("impact", 4)
    contact_unit = text("contact_unit")
    contact_phone = text("contact_phone")
    contact_email = text("contact_email")
    contact_address = text("contact_address")

    def changed(self, matter: object) -> dict[str, object]:
        """Only what differs from the notice as it stands."""
        told = {name: field.data or "" for name, field in self._fields.items() if name in TEXTS}
        return {name: words for name, words in told.items() if words != getattr(matter, name)}


__all__ = ["Cancel", "Correct", "Cuts", "Extend", "NewDraft", "Notice", "Remark"]
