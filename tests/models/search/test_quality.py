"""How well people find things: questions as residents type them, over real texts, the same answers on both engines."""

from datetime import date

import pytest

from models.kernel.base import db
from models.kernel.search import Entry
from models.search.kinds import find
from tests.conftest import SHARED, People, needs

pytestmark = pytest.mark.both_engines

LABELLED: dict[str, tuple[str, ...]] = {
    # what somebody types: the texts of which one has to stand among the first three
    "高空抛物": ("12", "25", "P34"),
    "楼上掉东西砸坏车谁赔": ("12", "25", "P34"),
    "遗嘱": ("14", "26"),
    "打印的遗嘱有效吗": ("14", "26"),
    "加班费": ("15", "16"),
    "包薪制加班费": ("15",),
    "加班费 时效": ("16",),
    "不加班被开除怎么办": ("17",),
    "拒绝加班解除合同": ("17",),
    "搭便车出事故": ("13",),
    "免费搭车赔偿": ("13",),
    "大棚房": ("11",),
    "土地流转": ("23", "11"),
    "土地经营权 出租": ("23",),
    "邻居采光通风": ("24",),
    "相邻关系": ("24",),
    "法律援助": ("27",),
    "申请法律援助要什么条件": ("27",),
    "拆迁补偿安置": ("18",),
    "重大行政决策": ("29",),
    "专家论证": ("29",),
    "听证会": ("29", "P31"),
    "自来水价格": ("P31",),
    "法治宣传教育": ("30",),
    "政务新媒体": ("01",),
    "港澳青年创业": ("03",),
    "社保基金举报奖励": ("04",),
    "诉求件怎么写": ("05",),
    "垃圾分类": ("P04",),
    "雨污混接改造": ("P16",),
    "微公园": ("P17",),
    "道路中修": ("P18",),
    "打工要签合同留工资条": ("P33",),
    "树木迁移": ("P09", "P08"),
    "禁放通告": ("P13",),
    "决策目录": ("P24", "P25", "P28", "P29", "P30"),
}
BEST, AMONG = 0.9, 1.0
"""The share whose first hit is right, and that are right among the first three."""


def test_people_find_what_they_look_for(people: People) -> None:
    needs(SHARED / "real")
    names = {}
    for number, path in enumerate(sorted((SHARED / "real").glob("*.txt"))):
        words = path.read_text(encoding="utf-8").split("\n", 1)[1]
        lines = [line.strip("# ").strip() for line in words.split("\n") if line.strip("# -").strip()]
        lines = [line for line in lines if not line.startswith(("[摘编", "sidebar", "http"))]
        one = Entry.put(
            "article", number, page=f"{number:012d}", title=lines[0][:60], body=words, shown_on=date(2026, 1, 1)
        )
        names[one.id] = path.name.split("-")[0]
    db.session.flush()
    first = among = 0
    missed = []
    for query, right in LABELLED.items():
        hits = [names[row.id] for row in find(query, limit=3).rows]
        first += hits[:1] != [] and hits[0] in right
        among += bool(set(hits) & set(right))
        if not set(hits[:1]) & set(right):
            missed.append(f"{query}: {hits}")
    assert first >= BEST * len(LABELLED), missed
    assert among >= AMONG * len(LABELLED), missed
