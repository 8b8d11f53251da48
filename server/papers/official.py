"""Word documents as offices in China lay them out: GB/T 9704-2012 (公文格式), without a drawn seal."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

TITLE, BODY, HEADING, SECOND, FIGURES = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
FALLBACKS = {
    TITLE: "方正小标宋_GBK,华文中宋,STZhongsong,宋体,SimSun",
    BODY: "仿宋,FangSong,华文仿宋,STFangsong,宋体",
    HEADING: "SimHei,Noto Sans CJK SC,微软雅黑",
    SECOND: "楷体,KaiTi,华文楷体,STKaiti",
    FIGURES: "SimSun,Noto Serif CJK SC",
}
"""Where a machine does not have the font: the next one to take, named in the document's font table."""
CLASSES = {TITLE: "roman", BODY: "modern", HEADING: "modern", SECOND: "modern", FIGURES: "roman"}
TOP, LEFT, WIDTH, HEIGHT = 37, 28, 156, 225
"""Millimetres: 天头、订口、版心宽、版心高 (5.2.1)."""
LINES = 22
"""Lines on a page, 28 characters on a line (5.2.3)."""
LINE = Pt(28.95)
"""225 mm by 22 lines."""
THIRD, SECOND_SIZE, FOURTH, SMALL = Pt(16), Pt(22), Pt(14), Pt(10.5)
"""3号, 2号, 4号, 5号."""
CLOSER = -5
"""Twentieths of a point between characters of 3号, so that 28 of them fill 156 mm. A grid of characters would say the same to
Word, but LibreOffice gives a character that is wider than its cell two cells."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def chinese_date(day: date | None) -> str:
    """2026年11月8日: Arabic figures, no padding zeros (7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


class Paper:
    """One document in the making."""

    def __init__(self, title: str, *, office: str, number: str = "", demonstration: bool = False) -> None:
        self.document = Document()
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments, properties.language = title[:200], office, "", "zh-CN"
        self._page()
        self._defaults()
        self._fonts()
        if demonstration:
            self._line("（演示）", SECOND, FOURTH, WD_ALIGN_PARAGRAPH.CENTER)
        self._line(title, TITLE, SECOND_SIZE, WD_ALIGN_PARAGRAPH.CENTER, line=Pt(35))
        if number:
            self._line(number, SECOND, THIRD, WD_ALIGN_PARAGRAPH.CENTER)
        self._line("", BODY, THIRD)

    def heading(self, words: str) -> None:
        """First order: 黑体."""
        made = self._line(words, HEADING, THIRD, indent=True)
        made.paragraph_format.keep_with_next = True

    def say(self, words: str, name: str = "") -> None:
        """A paragraph of the body; `name` stands before it in 楷体."""
        for position, part in enumerate(words.split("\n") or [""]):
            made = self._line("", BODY, THIRD, indent=True)
            if name and position == 0:
                self._run(made, f"{name}：", SECOND, THIRD)
            self._run(made, part, BODY, THIRD)

    def table(self, heads: Sequence[tuple[str, float]], rows: Iterable[Sequence[str]]) -> None:
        """A table over the whole width; heads come with their width in millimetres and stand again on every page."""
        made = self.document.add_table(rows=0, cols=len(heads))
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for column, (_, width) in zip(made.columns, heads, strict=True):
            column.width = Mm(width)
        # Rows are written as XML: a hundredfold faster than cell by cell, and a report has thousands of them.
        for number, words in enumerate([[h for h, _ in heads], *rows]):
            made._tbl.append(parse_xml(_row_xml(words, [width for _, width in heads], head=number == 0)))

    def sign(self, office: str, day: date | None) -> None:
        """Who, and when: the date four characters from the right, the office centred over it (7.3.5.1); the seal is put on by hand."""
        self._line("", BODY, THIRD)
        dated = chinese_date(day)
        wide = _width(dated)
        for words, indent in ((office, 64 + (wide - _width(office)) / 2), (dated, 64.0)):
            made = self._line(words, BODY, THIRD, WD_ALIGN_PARAGRAPH.RIGHT)
            made.paragraph_format.right_indent = Pt(max(0.0, indent))
            made.paragraph_format.keep_with_next = words == office

    def bytes(self) -> bytes:
        """The file."""
        made = io.BytesIO()
        self.document.save(made)
        return made.getvalue()

    # how it is laid out

    def _page(self) -> None:
        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.left_margin = Mm(TOP), Mm(LEFT)
        section.right_margin, section.bottom_margin = Mm(210 - LEFT - WIDTH), Mm(297 - TOP - HEIGHT)
        section.header_distance, section.gutter = Mm(15), Mm(0)
        section.footer_distance = Mm(297 - TOP - HEIGHT - 7 - 5)  # the figures stand 7 mm below the type area (7.5)
        grid = OxmlElement("w:docGrid")
        grid.set(qn("w:type"), "lines")
        grid.set(qn("w:linePitch"), str(round(HEIGHT / 25.4 * 1440 / LINES)))
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        section._sectPr.append(grid)
        self.document.settings.odd_and_even_pages_header_footer = True
        self._page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
        self._page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)

    def _page_number(self, footer: Any, side: Any) -> None:
        """— 1 —, 4号 in 宋体; odd pages at the right, even ones at the left, one character from the edge (7.5)."""
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = FOURTH
        self._run(paragraph, "— ", FIGURES, FOURTH)
        run = self._run(paragraph, "", FIGURES, FOURTH)
        for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
            if kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
            else:
                mark = OxmlElement("w:instrText")
                mark.set(qn("xml:space"), "preserve")
                mark.text = text
            run._r.append(mark)
        self._run(paragraph, " —", FIGURES, FOURTH)

    def _defaults(self) -> None:
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = BODY, THIRD
        _families(normal.element.get_or_add_rPr(), BODY)
        normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)

    def _fonts(self) -> None:
        """The font table, with what stands in for each font that a machine lacks."""
        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        fonts = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{FALLBACKS[name]}"/><w:charset w:val="86"/>'
            f'<w:family w:val="{CLASSES[name]}"/></w:font>'
            for name in FALLBACKS
        )
        blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {space}>{fonts}</w:fonts>'.encode()
        for relation in self.document.part.rels.values():
            if relation.reltype.endswith("/fontTable") and isinstance(relation.target_part, Part):
                relation.target_part._blob = blob

    def _line(
        self, words: str, font: str, size: Any, align: Any = None, *, indent: bool = False, line: Any = LINE
    ) -> Any:
        made = self.document.add_paragraph()
        if align is not None:
            made.alignment = align
        made.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        made.paragraph_format.line_spacing = line
        if indent:
            made.paragraph_format.first_line_indent = Pt(32)
        if words:
            self._run(made, words, font, size)
        return made

    def _run(self, paragraph: Any, words: str, font: str, size: Any) -> Any:
        run = paragraph.add_run(_NOT_XML.sub("\ufffd", words))
        run.font.name, run.font.size = font, size
        marks = run._r.get_or_add_rPr()
        _families(marks, font)
        if size == THIRD:
            closer = OxmlElement("w:spacing")
            closer.set(qn("w:val"), str(CLOSER))
            marks.find(qn("w:sz")).addprevious(closer)
        return run


def _width(words: str) -> float:
    """Points of a line at 3号: figures are half as wide as characters."""
    return sum(8.0 if ch.isascii() else 16.0 for ch in words)


def _families(marks: Any, font: str) -> None:
    families = marks.find(qn("w:rFonts"))
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        families.set(qn(f"w:{kind}"), font)


def _row_xml(words: Sequence[str], widths: Sequence[float], *, head: bool) -> str:
    """A row of a table: 5号, 16 points a line, never cut by the end of a page where it fits on one."""
    font = HEADING if head else BODY
    run = (
        f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
        f'<w:sz w:val="{int(SMALL.pt * 2)}"/></w:rPr>'
    )
    cells = []
    for text, width in zip(words, widths, strict=True):
        lines = escape(_NOT_XML.sub("\ufffd", text)).split("\n")
        said = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{round(width / 25.4 * 1440)}" w:type="dxa"/></w:tcPr>'
            '<w:p><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:line="320" w:lineRule="exact"/></w:pPr>'
            f"<w:r>{run}{said}</w:r></w:p></w:tc>"
        )
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    return f"<w:tr {nsdecls('w')}><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"
