"""Reads a catalogue that somebody has in Word or Excel, so that nobody types it again; a person corrects it before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from models.decisions.catalogue import planned, typed
from models.decisions.matter import Category, Livelihood, Mode, Procedure
from models.kernel.refusal import RuleUnmet
from models.people.unit import Unit
from models.texts.tables import cells, columns, is_numbering

Word = TypeVar("Word")

MOST_ROWS = 40
"""Rows that are corrected on one page."""
LONGEST = 40_000

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "number": ("序号",),
        "decider": ("决策主体", "决策机关"),
        "others": ("协办", "配合"),
        "unit": ("承办", "实施单位", "责任单位", "责任科室", "牵头"),
        "basis": ("依据",),
        "modes": ("参与方式",),
        "procedures": ("程序",),
        "planned": ("时间", "时限", "完成期限"),
        "category": ("类别", "类型"),
        "remark": ("备注",),
        "title": ("事项", "项目", "名称"),
    }
)
"""What the columns of such tables are called."""
USUAL = ("title", "unit", "basis", "procedures", "planned", "remark")
"""The order of the columns where no heading says it."""

PROCEDURES: Mapping[Procedure, tuple[str, ...]] = MappingProxyType(
    {
        Procedure.PARTICIPATION: ("公众参与", "征求意见", "听取意见", "公开征求"),
        Procedure.HEARING: ("听证",),
        Procedure.POLL: ("民意调查", "民调"),
        Procedure.EXPERT: ("专家",),
        Procedure.RISK: ("风险",),
        Procedure.LEGAL_REVIEW: ("合法性",),
        Procedure.DELIBERATION: ("集体讨论", "集体决定", "集体审议"),
    }
)
MODES: Mapping[Mode, tuple[str, ...]] = MappingProxyType(
    {
        Mode.FORUM: ("座谈",),
        Mode.HEARING: ("听证",),
        Mode.VISIT: ("走访",),
        Mode.WRITTEN: ("书面",),
        Mode.OPEN: ("公开征求", "网上征求", "向社会"),
        Mode.SURVEY: ("问卷",),
        Mode.POLL: ("民意调查", "民调"),
    }
)
CATEGORIES: Mapping[Category, tuple[str, ...]] = MappingProxyType(
    {
        Category.POLICY: ("政策", "措施"),
        Category.PLAN: ("规划",),
        Category.RESOURCES: ("资源",),
        Category.WORKS: ("建设项目", "工程", "公共建设"),
    }
)


@dataclass(frozen=True)
class Row:
    """One row of the table as it was understood; `doubts` names what could not be."""

    title: str
    unit: str = ""
    """Public id of the unit that was meant."""
    others: str = ""
    basis: str = ""
    category: Category = Category.OTHER
    livelihood: Livelihood | None = None
    procedures: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    planned: str = ""
    """As it stood; the day is worked out when it is kept."""
    remark: str = ""
    doubts: dict[str, str] = field(default_factory=dict)
    """Field to what a person should look at."""


def rows_of(pasted: str, units: Sequence[Unit], year: int) -> list[Row]:
    """The matters of a pasted table, in its order."""
    if len(pasted) > LONGEST:
        raise RuleUnmet("粘贴的内容太长，请分几次粘贴。", {"table": f"最多{LONGEST}字。"})
    grid = cells(pasted)
    if not grid:
        raise RuleUnmet("还没有粘贴表格。", {"table": "请从 Word 或者 Excel 里选中整张表，复制，再粘贴到这里。"})
    # A title above the table is no heading; the heading is within the first few rows.
    at, heading = next(((n, known) for n, row in enumerate(grid[:4]) if (known := columns(row, HEADINGS))), (-1, None))
    found: list[Row] = []
    for row in grid[at + 1 :]:
        told = {heading[n]: cell for n, cell in enumerate(row) if n in heading} if heading else _usual(row)
        if told.get("title"):
            found.append(_row(told, units, year))
    if not found:
        raise RuleUnmet(
            "没有从粘贴的内容里看出事项来。",
            {"table": "表头要有「事项名称」一列；没有表头的，按事项、承办单位、依据、程序、时间的顺序排。"},
        )
    if len(found) > MOST_ROWS:
        raise RuleUnmet(f"一次最多{MOST_ROWS}项，请分几次粘贴。", {"table": f"一次最多{MOST_ROWS}项。"})
    return found


def _usual(row: Sequence[str]) -> dict[str, str]:
    plain = list(row[1:]) if len(row) > 1 and is_numbering(row[0]) else list(row)
    return dict(zip(USUAL, plain, strict=False))


def _row(told: dict[str, str], units: Sequence[Unit], year: int) -> Row:
    doubts: dict[str, str] = {}
    unit, others = _units(told.get("unit", ""), units, doubts)
    said = told.get("procedures", "")
    when = " ".join(told.get("planned", "").split())
    known = planned(when, year)
    if when and known is None:
        doubts["planned"] = f"原来写的是“{when}”，请改成几月，例如 {year}-06。"
    modes = _picked(MODES, f"{told.get('modes', '')} {said}")
    return Row(
        title=" ".join(told["title"].split()),
        unit=unit,
        others=" ".join(filter(None, (others, told.get("others", "")))),
        basis=told.get("basis", ""),
        category=next(iter(_picked(CATEGORIES, told.get("category", ""))), Category.OTHER),
        procedures=tuple(p.value for p in _picked(PROCEDURES, said)),
        modes=tuple(m.value for m in modes),
        planned=typed(*known) if known else when,
        remark=told.get("remark", ""),
        doubts=doubts,
    )


def _units(said: str, units: Sequence[Unit], doubts: dict[str, str]) -> tuple[str, str]:
    """The unit whose name comes first in the cell, and the other words of the cell."""
    plain = " ".join(said.split())
    met = sorted((u for u in units if u.name in plain), key=lambda u: (plain.find(u.name), -len(u.name)))
    if not met:
        if plain:
            doubts["unit"] = f"原来写的是“{plain}”，没有叫这个名字的单位，请选一个。"
        return "", ""
    lead = met[0]
    rest = plain.replace(lead.name, "", 1).replace("（牵头）", "").replace("牵头", "")
    return lead.public_id, rest.strip(" 、，,;；/和")


def _picked(known: Mapping[Word, tuple[str, ...]], said: str) -> list[Word]:
    return [word for word, marks in known.items() if any(mark in said for mark in marks)]
