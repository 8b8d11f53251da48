"""Spreadsheets: what is written is read again letter for letter, no cell is ever a formula, and what is no honest table is refused."""

import io
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from models.kernel.refusal import RuleUnmet
from models.texts.xlsx import MACROS, NOT_EXCEL, OLD_EXCEL, TOO_BIG, column_letters, read_xlsx
from server.papers.sheets import Book, Share, column

HEADS = [("编号", 8), ("意见", 40), ("人", 8), ("日期", 12), ("时间", 18), ("占比", 8)]
NASTY = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-2",
    "@SUM(A1)",
    "a\u202eb",
    "<b>&\"'",
    " 前后有空格 ",
    "第一行\n第二行",
    "0012",
    "𠮷野家",
]


def book(rows: list[list[object]], **more: object) -> bytes:
    file = io.BytesIO()
    made = Book(file)
    made.sheet("逐条", HEADS, rows, **more)  # type: ignore[arg-type]
    made.close()
    return file.getvalue()


def row(words: str) -> list[object]:
    return [1, words, 1200, date(2026, 11, 28), datetime(2026, 11, 28, 2, 30, tzinfo=UTC), Share(0.125)]


def test_what_is_written_is_read_again_letter_for_letter_with_excels_own_row_numbers() -> None:
    read = read_xlsx(book([row(words) for words in NASTY], title="采纳情况", notes=["说明一", "说明二"]))
    assert [r.number for r in read[:4]] == [1, 2, 3, 4]
    assert read[0].cells == ["采纳情况"]
    assert read[3].cells == [head for head, _ in HEADS]
    assert [r.cells[1] for r in read[4:]] == NASTY
    assert read[4].cells == ["1", NASTY[0], "1200", "2026-11-28", "2026-11-28 10:30", "0.125"]
    assert read[-1].number == 4 + len(NASTY)


def test_no_cell_can_become_a_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(book([row(words) for words in NASTY]))) as package:
        page = etree.fromstring(package.read("xl/worksheets/sheet1.xml"))
        looks = etree.fromstring(package.read("xl/styles.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(page.iter(space + "f"))
    cells = [c for c in page.iter(space + "c") if c.get("t") == "inlineStr"]
    quoted = [x.get("quotePrefix") for x in looks.find(space + "cellXfs")]
    assert all(quoted[int(c.get("s"))] == "1" for c in cells if c.getparent().get("r") != "1")


def test_every_part_is_xml_and_the_headings_stand_on_every_printed_page() -> None:
    with zipfile.ZipFile(io.BytesIO(book([row("一")] * 3, title="题"))) as package:
        for name in package.namelist():
            etree.fromstring(package.read(name))
        assert "'逐条'!$2:$2" in package.read("xl/workbook.xml").decode()


def test_a_column_may_offer_its_words_and_nothing_else() -> None:
    file = io.BytesIO()
    made = Book(file)
    made.sheet(
        "答复", [("意见", 9), ("结果", 9)], [["一", ""], ["二", ""]], title="题", choices={"结果": ["采纳", "其他"]}
    )
    made.close()
    with zipfile.ZipFile(file) as package:
        page = etree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    (offer,) = page.iter(space + "dataValidation")
    assert (offer.get("type"), offer.get("sqref"), offer.find(space + "formula1").text) == (
        "list",
        "B3:B4",
        '"采纳,其他"',
    )
    order = [element.tag.removeprefix(space) for element in page]
    assert order.index("mergeCells") < order.index("dataValidations") < order.index("pageMargins"), "as Excel asks"
    assert [row.cells[0] for row in read_xlsx(file.getvalue())[2:]] == ["一", "二"]


def test_a_name_too_long_or_used_twice_gets_another_and_what_is_too_long_for_a_cell_says_so() -> None:
    file = io.BytesIO()
    made = Book(file)
    for _ in range(2):
        made.sheet("很长的名字/带斜线" * 5, [("一", 9)], [["长" * 40_000]])
    made.close()
    first, second = (read_xlsx(file.getvalue(), sheet=n) for n in (0, 1))
    assert first[1].cells[0].endswith("（太长，后面的请在系统里看）") and len(first[1].cells[0]) == 32_767
    assert second[1].cells == first[1].cells


def test_a_long_sheet_needs_no_more_memory_than_a_short_one() -> None:
    def peak(n: int) -> int:
        tracemalloc.start()
        with tempfile.TemporaryFile() as file:
            made = Book(file)
            made.sheet("多", HEADS, (row(f"第{i}句话") for i in range(n)))
            made.close()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(8000) < 1.2 * peak(800) + 100_000


def test_columns_have_letters() -> None:
    assert [column(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column_letters(n) for n in (0, 25, 26)] == ["A", "Z", "AA"]


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name.replace("__", "/").replace("_D", "."), part)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", NOT_EXCEL),
        (b"hello", NOT_EXCEL),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, OLD_EXCEL),
        (zipped(word__document_Dxml=b"<a/>"), NOT_EXCEL),
        (zipped(xl__vbaProject_Dbin=b"x", xl__workbook_Dxml=b"<a/>"), MACROS),
        (zipped(xl__workbook_Dxml=b"<a/>", xl__worksheets__sheet1_Dxml=b"0" * 50_000_000), TOO_BIG),
        (zipped(xl__workbook_Dxml=b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), NOT_EXCEL),
    ],
)
def test_what_is_no_honest_table_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(RuleUnmet, match=words[:8]):
        read_xlsx(data)


def test_a_table_that_excel_saved_with_shared_strings_dates_and_phonetics_is_read() -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    data = zipped(
        xl__workbook_Dxml=f'<workbook {space} {relations}><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        xl___rels__workbook_Dxml_Drels=b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="/xl/worksheets/sheet9.xml"/></Relationships>',
        xl__worksheets__sheet9_Dxml=f'<worksheet {space}><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2" s="1"><v>46354</v></c><c r="E2"><v>13812345678</v></c><c r="F2" t="b"><v>1</v></c></row><row r="3"><c r="A3"/></row></sheetData></worksheet>'.encode(),
        xl__sharedStrings_Dxml=f"<sst {space}><si><r><t>合</t></r><r><t>并</t></r><rPh><t>he</t></rPh></si></sst>".encode(),
        xl__styles_Dxml=f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'.encode(),
    )
    (read,) = read_xlsx(data)
    assert (read.number, read.cells) == (2, ["", "合并", "", "2026-11-28", "13812345678", "是"])
