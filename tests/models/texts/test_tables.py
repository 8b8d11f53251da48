"""A table comes out of Word or Excel with its oddities; rows and cells are found again all the same."""

import pytest

from models.texts.tables import cells, columns, is_numbering

NAMES = {"unit": ("承办",), "basis": ("依据",), "title": ("事项", "名称")}


def test_cells_between_tabs_rows_on_lines_of_any_system() -> None:
    assert cells("事项\t承办\r\n停车\t城管科\r\n\r\n夜市\t综合科\n") == [
        ["事项", "承办"],
        ["停车", "城管科"],
        ["夜市", "综合科"],
    ]


def test_excel_puts_quotes_around_a_cell_with_line_ends() -> None:
    pasted = '停车\t"道路交通安全法\n城市道路管理条例"\t3月\n夜市\t"说""不"""\t4月'
    assert cells(pasted) == [["停车", "道路交通安全法\n城市道路管理条例", "3月"], ["夜市", '说"不"', "4月"]]


def test_a_single_quote_mark_swallows_nothing() -> None:
    assert cells('停车"办法\t城管科\n夜市\t综合科') == [['停车"办法', "城管科"], ["夜市", "综合科"]]


def test_word_breaks_a_cell_over_lines() -> None:
    pasted = "序号\t事项\t依据\t时间\n1\t停车\t道路交通安全法\n城市道路管理条例\t3月\n2\t夜市\t条例\t4月"
    assert cells(pasted) == [
        ["序号", "事项", "依据", "时间"],
        ["1", "停车", "道路交通安全法\n城市道路管理条例", "3月"],
        ["2", "夜市", "条例", "4月"],
    ]


def test_empty_cells_at_the_end_are_still_cells() -> None:
    assert cells("事项\t承办\t备注\n停车\t城管科\n夜市\t综合科\t早") == [
        ["事项", "承办", "备注"],
        ["停车", "城管科", ""],
        ["夜市", "综合科", "早"],
    ]


def test_nothing_pasted_is_no_rows() -> None:
    assert cells(" \n\t\n") == []


def test_a_heading_says_which_column_is_which_in_any_order() -> None:
    assert columns(["序号", "法律政策 依据", "事项名称", "承办单位"], NAMES) == {1: "basis", 2: "title", 3: "unit"}


@pytest.mark.parametrize(
    "row", [["停车", "城管科"], ["事项：停车"], [], ["青禾街道2027年度重大行政决策事项目录和承办依据说明表"]]
)
def test_a_row_that_names_fewer_than_two_columns_is_no_heading(row: list[str]) -> None:
    assert columns(row, NAMES) is None


def test_the_number_of_a_row_is_no_matter() -> None:
    assert all(is_numbering(cell) for cell in ("1", "（二）", "三、", "12."))
    assert not any(is_numbering(cell) for cell in ("停车", "2027年", ""))
