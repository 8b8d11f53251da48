"""A Word file is read as a person sees it: its automatic numbers are kept, its deleted words are not, its traps are refused."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import RuleUnmet
from models.texts.clauses import split
from models.texts.word import MOST_UNPACKED, _written, read_docx

NS = nsdecls("w")


def numbered(
    levels: list[tuple[str, str]],
    paragraphs: list[tuple[int | None, str]],
    extra: str = "",
    nums: str = "",
    **more: str,
) -> bytes:
    """A .docx whose list has these levels (format, text) and these paragraphs (level or none, words)."""
    document = docx.Document()
    written = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more.get(f"level_{n}", "")}'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    numbering(document, f'<w:abstractNum w:abstractNumId="90">{written}</w:abstractNum>{extra}', nums or num(90, 90))
    for level, words in paragraphs:
        paragraph(document, words, None if level is None else (90, level))
    return saved(document)


def num(name: int, abstract: int, inside: str = "") -> str:
    return f'<w:num w:numId="{name}"><w:abstractNumId w:val="{abstract}"/>{inside}</w:num>'


def numbering(document: docx.document.Document, abstract: str, nums: str) -> None:
    root = document.part.numbering_part.element
    for child in list(root):
        root.remove(child)
    for child in parse_xml(f"<w:numbering {NS}>{abstract}{nums}</w:numbering>"):
        root.append(child)


def paragraph(
    document: docx.document.Document, words: str, counted: tuple[int, int] | None = None, style: str = ""
) -> None:
    made = document.add_paragraph(words, style=style or None)
    if counted:
        properties = made._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {NS}><w:ilvl w:val="{counted[1]}"/><w:numId w:val="{counted[0]}"/></w:numPr>')
        )


def raw(*bodies: str) -> bytes:
    """A .docx whose body is this XML."""
    document = docx.Document()
    for child in parse_xml(f"<w:body {NS}>{''.join(bodies)}</w:body>"):
        document.element.body.insert(len(document.element.body) - 1, child)
    return saved(document)


def run(words: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{words}</w:t></w:r>'


def saved(document: docx.document.Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_articles_numbered_by_word_are_articles() -> None:
    data = numbered(
        [
            ("chineseCountingThousand", "第%1章"),
            ("chineseCountingThousand", "第%2条\u3000"),
            ("chineseCounting", "（%3）"),
        ],
        [
            (None, "晾晒场管理办法"),
            (0, "　总则"),
            (1, "为了通行。"),
            (1, "下列情形除外："),
            (2, "雨天；"),
            (2, "节日。"),
            (0, "　附则"),
            (1, "自公布之日起施行。"),
        ],
        level_1='<w:lvlRestart w:val="0"/>',
    )
    text = read_docx(data)
    assert text.splitlines() == [
        "晾晒场管理办法",
        "第一章　总则",
        "第一条　为了通行。",
        "第二条　下列情形除外：",
        "（一）雨天；",
        "（二）节日。",
        "第二章　附则",
        "第三条　自公布之日起施行。",
    ]
    assert [piece.label for piece in split(text) if piece.kind == "article"] == ["第一条", "第二条", "第三条"]


def test_a_lower_level_begins_again_under_the_next_and_shows_the_numbers_above() -> None:
    data = numbered(
        [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "%3)")],
        [(0, "甲"), (1, "乙"), (2, "丙"), (2, "丁"), (1, "戊"), (2, "己"), (0, "庚"), (1, "辛")],
    )
    assert read_docx(data).splitlines() == ["1.甲", "1.1乙", "a)丙", "b)丁", "1.2戊", "a)己", "2.庚", "2.1辛"]


def test_a_level_may_restart_only_under_a_certain_level() -> None:
    levels = [("decimal", "%1."), ("decimal", "%2)"), ("decimal", "[%3]")]
    paragraphs: list[tuple[int | None, str]] = [(0, ""), (1, ""), (2, ""), (1, ""), (2, ""), (0, ""), (2, "")]
    data = numbered(levels, paragraphs, level_2='<w:lvlRestart w:val="1"/>')
    assert read_docx(data).splitlines() == ["1.", "1)", "[1]", "2)", "[2]", "2.", "[1]"]


def test_two_lists_that_share_a_definition_count_on_unless_one_starts_anew() -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'
    document = docx.Document()
    level = '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    numbering(
        document,
        f'<w:abstractNum w:abstractNumId="1">{level}</w:abstractNum>',
        num(1, 1) + num(2, 1) + num(3, 1, start),
    )
    for name in (1, 1, 2, 3, 3, 1):
        paragraph(document, "甲", (name, 0))
    assert read_docx(saved(document)).splitlines() == ["三、甲", "四、甲", "五、甲", "七、甲", "八、甲", "九、甲"]


def test_a_list_may_replace_a_level_of_its_definition() -> None:
    own = '<w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl></w:lvlOverride>'
    data = numbered([("decimal", "%1.")], [(0, "甲")], nums=num(90, 90, own))
    assert read_docx(data) == "I. 甲\n"


def test_a_style_numbers_its_paragraphs_and_a_paragraph_may_decline() -> None:
    document = docx.Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:pStyle w:val="{style}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (style, text) in enumerate([("Heading1", "第%1章"), ("Heading2", "第%2条")])
    )
    numbering(document, f'<w:abstractNum w:abstractNumId="1">{levels}</w:abstractNum>', num(5, 1))
    for style in ("Heading 1", "Heading 2"):
        properties = document.styles[style].element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {NS}><w:numId w:val="5"/></w:numPr>'))
    document.styles.add_style("Mine", 1).base_style = document.styles["Heading 2"]
    paragraph(document, "总则", style="Heading 1")
    paragraph(document, "甲", style="Heading 2")
    paragraph(document, "乙", style="Mine")
    paragraph(document, "不编号", (0, 0), style="Heading 2")
    paragraph(document, "丙", style="Heading 2")
    assert read_docx(saved(document)).splitlines() == ["第一章 总则", "第一条 甲", "第二条 乙", "不编号", "第三条 丙"]


def test_a_list_that_points_to_a_list_style_is_followed() -> None:
    document = docx.Document()
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimalFullWidth"/><w:suff w:val="nothing"/><w:lvlText w:val="%1．"/></w:lvl>'
    numbering(
        document,
        f'<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="Clauses"/>{level}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="Clauses"/></w:abstractNum>',
        num(1, 1) + num(2, 2),
    )
    paragraph(document, "甲", (2, 0))
    paragraph(document, "乙", (1, 0))
    assert read_docx(saved(document)).splitlines() == ["１．甲", "２．乙"]


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 3, "03"),
        ("decimalFullWidth", 12, "１２"),
        ("upperLetter", 28, "BB"),
        ("lowerLetter", 3, "c"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerRoman", 4, "iv"),
        ("chineseCounting", 21, "二十一"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("chineseLegalSimplified", 12, "拾贰"),
        ("ideographTraditional", 3, "丙"),
        ("ideographZodiac", 12, "亥"),
        ("ideographDigital", 10, "一〇"),
        ("japaneseCounting", 15, "十五"),
        ("decimalEnclosedCircle", 4, "④"),
        ("decimalEnclosedCircle", 44, "44"),
        ("decimalEnclosedFullstop", 2, "⒉"),
        ("decimalEnclosedParen", 21, "(21)"),
        ("ideographEnclosedCircle", 1, "㊀"),
        ("numberInDash", 5, "- 5 -"),
        ("none", 5, ""),
        ("somethingNew", 5, "5"),
    ],
)
def test_every_way_in_which_word_counts_is_written(form: str, value: int, written: str) -> None:
    assert _written(value, form) == written


@given(
    st.integers(0, 100_000), st.sampled_from(["upperRoman", "lowerLetter", "chineseCounting", "ideographTraditional"])
)
def test_no_number_is_too_odd_to_be_written(value: int, form: str) -> None:
    assert _written(value, form)


def test_bullets_are_kept_as_a_dot() -> None:
    assert read_docx(numbered([("bullet", "\uf0b7")], [(0, "甲")])) == "•甲\n"


def test_numbers_asked_to_be_plain_are_plain() -> None:
    data = numbered([("chineseCounting", "%1、"), ("decimal", "%1.%2")], [(0, "甲"), (1, "乙")], level_1="<w:isLgl/>")
    assert read_docx(data).splitlines() == ["一、甲", "1.1乙"]


def test_tables_are_read_row_by_row() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ["事项", "期限", "修路", "三十日\n不含公布日"], strict=True):
        cell.text = words
    document.add_paragraph("完")
    assert read_docx(saved(document)).splitlines() == ["事项\t期限", "修路\t三十日", "不含公布日", "完"]


def test_what_was_deleted_is_gone_and_what_was_inserted_is_there() -> None:
    data = raw(
        f"<w:p>{run('居民')}<w:del w:id='1'><w:r><w:delText>必须</w:delText></w:r></w:del>"
        f"<w:ins w:id='2'>{run('可以')}</w:ins>{run('提意见。')}</w:p>",
        f"<w:p><w:moveFrom w:id='3'>{run('移走')}</w:moveFrom><w:moveTo w:id='4'>{run('移来')}</w:moveTo></w:p>",
        f"<w:p><w:pPr><w:rPr><w:del w:id='5'/></w:rPr></w:pPr>{run('上半句，')}</w:p><w:p>{run('下半句。')}</w:p>",
    )
    assert read_docx(data).splitlines() == ["居民可以提意见。", "移来", "上半句，下半句。"]


def test_a_paragraph_deleted_whole_takes_no_number() -> None:
    document = docx.Document()
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="nothing"/><w:lvlText w:val="%1."/></w:lvl>'
    numbering(document, f'<w:abstractNum w:abstractNumId="1">{level}</w:abstractNum>', num(1, 1))
    counted = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    gone = f"<w:p><w:pPr>{counted}<w:rPr><w:del w:id='1'/></w:rPr></w:pPr><w:del w:id='2'><w:r><w:delText>删</w:delText></w:r></w:del></w:p>"
    kept = f"<w:p><w:pPr>{counted}</w:pPr>{run('{}')}</w:p>"
    body = parse_xml(f"<w:body {NS}>{kept.format('甲')}{gone}{kept.format('乙')}</w:body>")
    for child in body:
        document.element.body.insert(len(document.element.body) - 1, child)
    assert read_docx(saved(document)).splitlines() == ["1.甲", "2.乙"]


def test_headers_field_codes_hidden_text_and_contents_are_not_the_text() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "内部资料"
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("第一章 总则\t3", style="toc 1")
    for child in parse_xml(
        f"<w:body {NS}><w:p><w:r><w:instrText>PAGE \\* MERGEFORMAT</w:instrText></w:r>{run('正文')}"
        f"{run('隐藏', '<w:rPr><w:vanish/></w:rPr>')}<w:r><w:tab/><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r></w:p></w:body>"
    ):
        document.element.body.append(child)
    assert read_docx(saved(document)) == "正文\t甲\n乙\n"


def test_controls_and_text_boxes_keep_their_words_once() -> None:
    box = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p>{run("框里的话")}</w:p></w:txbxContent></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><w:txbxContent><w:p>{run('框里的话')}</w:p></w:txbxContent></w:pict></mc:Fallback>"
        "</mc:AlternateContent>"
    )
    data = raw(
        f"<w:sdt><w:sdtPr/><w:sdtContent><w:p>{run('控件里的话')}</w:p></w:sdtContent></w:sdt>",
        f"<w:p>{run('正文')}<w:r>{box}</w:r></w:p>",
        f"<w:p><w:hyperlink>{run('链接')}</w:hyperlink><w:fldSimple w:instr='DATE'>{run('日期')}</w:fldSimple></w:p>",
    )
    assert read_docx(data).splitlines() == ["控件里的话", "正文", "框里的话", "链接日期"]


# ── traps ────────────────────────────────────────────────────────────────────


def package(entries: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return file.getvalue()


def changed(data: bytes, name: str, content: bytes | str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        entries: dict[str, bytes | str] = {entry: made.read(entry) for entry in made.namelist()}
    return package(entries | {name: content})


PLAIN = raw(f"<w:p>{run('甲')}</w:p>")

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "{}"><!ENTITY b "{}">]>'.format("x" * 1000, "&a;" * 1000)
    + f"<w:document {NS}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    f"<w:document {NS}><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"
)
DEEP = (
    f"<w:document {NS}><w:body>{'<w:sdt><w:sdtContent>' * 4000}{'</w:sdtContent></w:sdt>' * 4000}</w:body></w:document>"
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "不是 Word 文档"),
        ("这是一段文字".encode(), "不是 Word 文档"),
        (b"%PDF-1.7\n" + b"x" * 100, "不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .doc"),
        (package({"a.txt": "甲"}), "不是 Word 文档"),
        (package({"[Content_Types].xml": "<Types/>"}), "不是 Word 文档"),
        (
            package({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<a/>", "word/document.xml": "<a/>"}),
            "不是 Word 文档",
        ),
        (changed(PLAIN, "word/document.xml", "<a"), "损坏"),
        (changed(PLAIN, "word/numbering.xml", "<a"), "损坏"),
        (changed(PLAIN, "word/document.xml", BOMB), "损坏"),
        (changed(PLAIN, "word/document.xml", OUTSIDE), "损坏"),
        (changed(PLAIN, "word/document.xml", DEEP), "损坏"),
        (changed(PLAIN, "word/vbaProject.bin", b"macro"), "带有宏"),
        (changed(PLAIN, "word/media/a.png", b"\0" * (MOST_UNPACKED + 1)), "太大"),
        (changed(PLAIN, "word/media/a.png", b"\0" * (MOST_UNPACKED // 2)), "太大"),
        (PLAIN[: len(PLAIN) // 2], "不是 Word 文档"),
    ],
)
def test_what_is_no_honest_word_file_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(RuleUnmet, match=words):
        read_docx(data)


@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_refused_never_a_crash(at: int, noise: bytes) -> None:
    with contextlib.suppress(RuleUnmet):
        assert isinstance(read_docx(PLAIN[:at] + noise + PLAIN[at + len(noise) :]), str)


def test_a_lie_about_the_unpacked_size_does_not_help(tmp_path: Path) -> None:
    data = bytearray(changed(PLAIN, "word/document.xml", b" " * 5_000_000))
    size = (5_000_000).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    with pytest.raises(RuleUnmet):
        read_docx(bytes(data))
