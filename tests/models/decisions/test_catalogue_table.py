"""A catalogue that exists in Word is read, not typed again; what is not understood is said and left to a person."""

import pytest

from models.decisions.catalogue_table import MOST_ROWS, rows_of
from models.decisions.matter import Category
from models.kernel.refusal import RuleUnmet
from models.people.unit import Unit

UNITS = [
    Unit(public_id="a" * 12, name="城市管理科"),
    Unit(public_id="b" * 12, name="党政办"),
    Unit(public_id="c" * 12, name="城市管理"),
]
TOWN = """青禾街道2027年度重大行政决策事项目录
序号\t重大行政决策事项\t决策主体\t决策实施单位\t法律政策依据\t履行程序要求\t计划完成时间
1\t农贸市场周边停车管理办法\t街道办事处\t城市管理科、派出所\t道路交通安全法第三十三条\t公众参与（座谈会、网上征求意见）、风险评估、合法性审查、集体讨论\t2027年6月
2\t水库除险加固工程\t街道办事处\t农业科\t水法\t专家论证、民意调查、合法性审查、集体讨论决定\t第三季度
"""


def test_a_town_s_table_is_understood_column_by_column() -> None:
    first, second = rows_of(TOWN, UNITS, 2027)
    assert (first.title, first.unit, first.others) == ("农贸市场周边停车管理办法", "a" * 12, "派出所")
    assert first.procedures == ("participation", "risk", "legal_review", "deliberation")
    assert first.modes == ("forum", "open")
    assert (first.planned, first.basis, first.doubts) == ("2027-06", "道路交通安全法第三十三条", {})
    assert second.procedures == ("poll", "expert", "legal_review", "deliberation")


def test_what_is_not_understood_is_named_with_its_words() -> None:
    second = rows_of(TOWN, UNITS, 2027)[1]
    assert second.unit == ""
    assert "农业科" in second.doubts["unit"]
    assert second.planned == "第三季度"
    assert "第三季度" in second.doubts["planned"]


def test_a_table_without_a_heading_is_read_in_the_usual_order() -> None:
    found = rows_of("一、\t夜市管理办法\t党政办\t条例\t公众参与、合法性审查\t9月\t早市除外", UNITS, 2027)
    assert [(r.title, r.unit, r.planned, r.remark) for r in found] == [
        ("夜市管理办法", "b" * 12, "2027-09", "早市除外")
    ]


def test_a_category_is_taken_where_the_table_has_one() -> None:
    found = rows_of("事项名称\t类别\n步道\t重大公共建设项目\n养老\t重要规划\n别的\t看情况", UNITS, 2027)
    assert [r.category for r in found] == [Category.WORKS, Category.PLAN, Category.OTHER]


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "还没有粘贴"),
        ("序号\t承办单位\t依据\n1\t党政办\t条例", "没有从粘贴的内容里看出事项"),
        ("字" * 50_000, "太长"),
        ("\n".join(f"事{n}\t党政办" for n in range(MOST_ROWS + 1)), "分几次"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(pasted: str, words: str) -> None:
    with pytest.raises(RuleUnmet, match=words) as refused:
        rows_of(pasted, UNITS, 2027)
    assert "table" in refused.value.fields
