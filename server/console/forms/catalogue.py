"""The catalogue of decisions: its words, its items, the committee's consent, and a table that is corrected before it is kept."""

from collections.abc import Sequence
from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField

from models.decisions.catalogue import ITEM_TEXTS, TEXTS, planned
from models.decisions.catalogue_table import LONGEST, MOST_ROWS, Row
from models.decisions.matter import LISTED, Category, Livelihood, Mode
from models.kernel.refusal import RuleUnmet
from models.people.unit import Unit
from server.console.forms.fields import Day, Line, Pick, Press, Text, Tick, Whole, at_most, needed, offered, optional
from server.console.forms.notice import Several
from server.console.forms.seen import Remembering
from server.csrf import HouseForm

UNKNOWN = "请写成几月，例如 2027-03；定了日子的写 2027-03-15。"


def _text(name: str, rows: int = 0) -> Line | Text:
    label, most = ITEM_TEXTS[name]
    if rows:
        return Text(label, [at_most(most)], render_kw={"rows": rows})
    return Line(label, [at_most(most)], render_kw={"maxlength": most})


class ItemFields(Form):
    """What an item says; what is missing may be missing for now."""

    title = _text("title")
    category = Press(
        "属于哪一类",
        choices=offered([(c.value, c.short) for c in Category]),
        default=Category.OTHER.value,
        validate_choice=False,
    )
    livelihood = Pick(
        "民生领域",
        [optional()],
        choices=offered([("", "不在这五个领域"), *((x.value, x.label) for x in Livelihood)]),
        validate_choice=False,
    )
    unit = Pick("承办单位", [optional()], validate_choice=False)
    others = _text("others")
    basis = _text("basis", 3)
    procedures = Several("程序要求", choices=offered([(p.value, p.label) for p in LISTED]), validate_choice=False)
    modes = Several("公众参与方式", choices=offered([(m.value, m.label) for m in Mode]), validate_choice=False)
    planned = Line("计划决策时间", [at_most(20)], render_kw={"maxlength": 20, "placeholder": "2027-03"})
    remark = _text("remark")

    def offer(self, units: Sequence[Unit]) -> None:
        """The units of the office, to choose from."""
        self.unit.choices = offered([("", "请选择"), *((u.public_id, u.name) for u in units)])

    def told(self, year: int, units: Sequence[Unit]) -> dict[str, Any]:
        """The fields of the record; RuleUnmet for a time that cannot be understood."""
        written = (self.planned.data or "").strip()
        when = planned(written, year) if written else None
        if written and when is None:
            raise RuleUnmet("计划时间看不懂。", {"planned": UNKNOWN})
        return {
            **{name: getattr(self, name).data for name in ITEM_TEXTS},
            "category": _word(Category, self.category.data) or Category.OTHER,
            "livelihood": _word(Livelihood, self.livelihood.data),
            "unit": next((u for u in units if u.public_id == self.unit.data), None),
            "procedures": self.procedures.data or [],
            "modes": self.modes.data or [],
            "planned_on": when[0] if when else None,
            "planned_exact": bool(when and when[1]),
        }


def _word(words: Any, value: str | None) -> Any:
    return next((word for word in words if word.value == value), None)


class Item(ItemFields, Remembering):
    """One item on a page of its own, with its place in the list."""

    position = Whole("排在第几", [optional()], render_kw={"inputmode": "numeric"})


class NewYear(HouseForm):
    """Which year's catalogue."""

    year = Whole("年度", [needed("请填年度，例如 2027。")], render_kw={"inputmode": "numeric"})


class Words(Remembering):
    """What stands above the list, and why it is adjusted."""

    intro = Text("说明", [at_most(TEXTS["intro"][1])], render_kw={"rows": 4})
    reason = Text("调整的理由", [at_most(TEXTS["reason"][1])], render_kw={"rows": 3})


class Deed(HouseForm):
    """The consent with its date and number; why it goes back, or is given up."""

    consented_on = Day("同意的日期", [optional()])
    number = Line("文号", [at_most(60)], render_kw={"maxlength": 60})
    reason = Line("原因", [at_most(300)], id="deed-reason", render_kw={"maxlength": 300})


class Paste(HouseForm):
    """A whole table."""

    table = Text("表格", [at_most(LONGEST)], render_kw={"rows": 14})


class PastedRow(ItemFields):
    """One row as it was understood."""

    skip = Tick("这一行不要")


class Pasted(HouseForm):
    """All rows of a table, before they are kept."""

    table = HiddenField()
    rows = FieldList(FormField(PastedRow), max_entries=MOST_ROWS)

    def fill(self, found: Sequence[Row]) -> None:
        """What was understood of the table, with what a person should look at beneath each field."""
        for row in found:
            entry = self.rows.append_entry(
                {
                    "title": row.title,
                    "category": row.category.value,
                    "unit": row.unit,
                    "others": row.others,
                    "basis": row.basis,
                    "procedures": list(row.procedures),
                    "modes": list(row.modes),
                    "planned": row.planned,
                    "remark": row.remark,
                }
            )
            for name, words in row.doubts.items():
                entry.form[name].errors = [words]
