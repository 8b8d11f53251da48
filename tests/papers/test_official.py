"""GB/T 9704-2012 in numbers: page, type area, fonts, lines, page numbers; no drawn seal."""

import io
from datetime import date

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from server.papers.official import Paper, chinese_date


def made() -> Paper:
    paper = Paper("停车管理办法案卷目录", office="青禾街道办事处", number="青街档〔2026〕1号")
    paper.heading("一、案卷")
    paper.say("第一行\n第二行\x0b控制符", "名称")
    paper.table((("件号", 20), ("材料", 136)), [["001", "立项报告"]])
    paper.sign("青禾街道办事处", date(2026, 11, 8))
    return paper


def opened() -> "Document":
    return Document(io.BytesIO(made().bytes()))


def test_the_page_and_its_type_area() -> None:
    section = opened().sections[0]
    close = lambda length, mm: abs(length - Mm(mm)) < Mm(0.1)  # noqa: E731
    assert close(section.page_width, 210) and close(section.page_height, 297)
    assert close(section.top_margin, 37) and close(section.left_margin, 28)
    assert close(section.page_width - section.left_margin - section.right_margin, 156)
    assert close(section.page_height - section.top_margin - section.bottom_margin, 225)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines", "LibreOffice sets each character of a grid of characters into two cells"
    assert 22 * int(grid.get(qn("w:linePitch"))) / 1440 * 25.4 <= 225.3
    body = [r._r.rPr for p in opened().paragraphs for r in p.runs if r.font.size == Pt(16)]
    assert body
    for marks in body:
        closer = int(marks.find(qn("w:spacing")).get(qn("w:val"))) / 20
        assert 28 * (16 + closer) <= 156 / 25.4 * 72 < 29 * (16 + closer), "28 characters on a line"


def test_fonts_and_sizes_and_what_stands_in_for_them() -> None:
    document = opened()
    runs = [
        (r.text, r._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")), r.font.size)
        for p in document.paragraphs
        for r in p.runs
    ]
    assert ("停车管理办法案卷目录", "方正小标宋简体", Pt(22)) in runs
    assert ("一、案卷", "黑体", Pt(16)) in runs
    assert ("第一行", "仿宋_GB2312", Pt(16)) in runs
    table = next(r.target_part.blob for r in document.part.rels.values() if r.reltype.endswith("/fontTable")).decode()
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,FangSong' in table
    assert "方正小标宋_GBK" in table


def test_page_numbers_stand_outside_between_dashes() -> None:
    document = opened()
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        assert paragraph.text.replace("PAGE", "") == "—  —" and "PAGE" in paragraph._p.xml
        assert paragraph._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert paragraph.runs[0].font.size == Pt(14)


def test_numbers_dates_and_no_drawn_seal() -> None:
    document = opened()
    words = [p.text for p in document.paragraphs]
    assert "青街档〔2026〕1号" in words and words[-2:] == ["青禾街道办事处", "2026年11月8日"]
    assert chinese_date(None) == ""
    assert (
        not document.inline_shapes and "<w:drawing" not in document.element.xml and "w:pict" not in document.element.xml
    )


def test_what_xml_cannot_hold_is_shown_as_missing_and_lines_stay_lines() -> None:
    words = [p.text for p in opened().paragraphs]
    assert "名称：第一行" in words and "第二行\ufffd控制符" in words


def test_the_head_of_a_table_stands_on_every_page() -> None:
    row = opened().tables[0].rows[0]
    assert row._tr.trPr.find(qn("w:tblHeader")) is not None
