"""A draft is cut into what a resident would comment on, and not one character of it is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.kernel.refusal import RuleUnmet
from models.texts.clauses import Piece, below_heading, body, cuts, regroup, split, whole
from models.texts.numerals import chinese, digit_by_digit, number
from tests.conftest import SHARED, needs

REAL = SHARED / "real"

SCRAPS = [
    "第一条 ",
    "第一条\u3000",
    "第二条之一 为了",
    "第十二条规定的，",
    "第一章 总则",
    "## 第一章\u3000总则",
    "### 第一节 启动",
    "目 录",
    "附件1",
    "附件：1.甲",
    "# 标题",
    "一、总体要求",
    "（一）范围。",
    "(二)",
    "1.甲",
    "１．",
    "（3）",
    "①",
    "**第三条** 乙",
    "2026年11月22日",
    "（此件公开发布）",
    "青禾街道办事处",
    "正文。",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\u3000\u3000",
    " ",
    "\ufeff",
    "\u2028",
    "\x0b",
]

papers = st.one_of(st.text(max_size=80), st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=5))).map("".join))


@given(papers)
@example("")
@example("\r\n\r\n")
@example("第一条")
@example("附件")
def test_the_pieces_joined_are_the_source(source: str) -> None:
    pieces = split(source)
    assert whole(source, pieces)
    assert all(piece.text for piece in pieces)
    assert regroup(source, cuts(pieces)) == pieces


@given(papers, st.lists(st.integers(0, 60)))
def test_however_an_officer_cuts_the_pieces_joined_are_the_source(source: str, where: list[int]) -> None:
    assert whole(source, regroup(source, [at for at in where if at <= len(source)]))


@given(papers)
def test_what_is_shown_of_a_piece_stands_in_the_piece(source: str) -> None:
    for piece in split(source):
        assert body(piece) in piece.text
        assert below_heading(piece) in piece.text


def of(kind: str, pieces: list[Piece]) -> list[str]:
    return [piece.label for piece in pieces if piece.kind == kind]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("29-law-juece-tiaoli-full.txt", "article", 44),
        ("30-law-fazhi-xuanchuan-jiaoyu-full.txt", "article", 65),
        ("23-law-tudi-jingyingquan.txt", "article", 13),
        ("24-law-xianglin-guanxi.txt", "article", 9),
        ("27-law-falv-yuanzhu.txt", "article", 9),
        ("01-gongwen-guobanfa2018-123.txt", "heading", 18),
    ],
)
def test_real_papers_are_cut_as_their_authors_numbered_them(name: str, kind: str, expected: int) -> None:
    needs(REAL)
    path = REAL / name
    source = path.read_text(encoding="utf-8").split("\n", 1)[1]  # the first line says where it was found
    pieces = split(source)
    assert len(of(kind, pieces)) == expected
    assert whole(source, pieces)
    numbers = [piece.label for piece in pieces if piece.kind == "article"]
    assert len(set(numbers)) == len(numbers)
    for lost in range(len(pieces)):
        assert not whole(source, pieces[:lost] + pieces[lost + 1 :])


LAW = """# 青禾街道公共晾晒场管理办法
（征求意见稿）

## 第一章　总则

第一条　为了规范公共晾晒场的使用，制定本办法。

第二条　本办法适用于本街道四个村和社区。

第一章规定的事项，由街道负责。

## 第二章　使用

第三条　使用晾晒场应当遵守下列规定：
（一）先到先用；
（二）用后清扫：
1.当日清扫；
2.集中清运。

第三条之一　雨天由村委会决定是否关闭。
第四条规定的情形除外。

第四条　本办法自2027年1月1日起施行。

青禾街道办事处
2026年11月22日
"""


def test_a_document_with_articles_is_cut_at_its_articles_and_chapters() -> None:
    pieces = split(LAW)
    assert [(piece.kind, piece.label) for piece in pieces] == [
        ("title", ""),
        ("chapter", "第一章"),
        ("article", "第一条"),
        ("article", "第二条"),
        ("chapter", "第二章"),
        ("article", "第三条"),
        ("article", "第三条之一"),
        ("article", "第四条"),
        ("paragraph", ""),
    ]
    assert pieces[0].heading == "青禾街道公共晾晒场管理办法 （征求意见稿）"
    assert pieces[1].heading == "总则"
    assert "第一章规定的事项" in pieces[3].text
    assert "（二）用后清扫" in pieces[5].text
    assert "集中清运" in pieces[5].text
    assert "第四条规定的情形除外" in pieces[6].text
    assert pieces[8].text == "青禾街道办事处\n2026年11月22日\n"
    assert body(pieces[2]) == "为了规范公共晾晒场的使用，制定本办法。"


NOTICE = """青禾街道
关于开展电动自行车集中整治的通知

各村（居）委会：
为消除火灾隐患，现将有关事项通知如下。
一、整治范围
本街道全部居民楼。
二、主要任务
（一）清理楼道。楼道内不得停放电动自行车。
（二）建设车棚，由街道出资。
1.选址听取居民意见；
2.六个月内建成。
三、工作要求。各村要在十二月以前完成。
附件：1.车棚布点表
2.经费测算表

青禾街道办事处
二〇二六年十一月二十二日
（此件公开发布）

附件1
车棚布点表（征求意见稿）
第一条 北门设一处。
第二条 南门设一处。
"""


def test_an_official_paper_is_cut_at_its_sections_and_each_attachment_for_itself() -> None:
    pieces = split(NOTICE)
    assert [(piece.kind, piece.label, piece.heading) for piece in pieces] == [
        ("title", "", "青禾街道 关于开展电动自行车集中整治的通知"),
        ("preamble", "", ""),
        ("heading", "一、", "整治范围"),
        ("heading", "二、", "主要任务"),
        ("heading", "（一）", "清理楼道"),
        ("heading", "（二）", "建设车棚，由街道出资"),
        ("heading", "三、", "工作要求"),
        ("heading", "附件", "1.车棚布点表"),
        ("paragraph", "", ""),
        ("heading", "附件1", ""),
        ("title", "", "车棚布点表（征求意见稿）"),
        ("article", "第一条", ""),
        ("article", "第二条", ""),
    ]
    assert [piece.level for piece in pieces[2:7]] == [1, 1, 2, 2, 1]
    assert body(pieces[2]) == "整治范围\n本街道全部居民楼。"
    assert below_heading(pieces[2]) == "本街道全部居民楼。"
    assert below_heading(pieces[4]) == "楼道内不得停放电动自行车。"
    assert "六个月内建成" in pieces[5].text


def test_text_without_numbers_is_cut_by_paragraph() -> None:
    source = "关于修路的说明\n\n路灯太暗。\n老人看不清路。\n\n\u3000\u3000建议增加三盏。\n"
    assert [(piece.kind, piece.text) for piece in split(source)] == [
        ("title", "关于修路的说明\n\n"),
        ("paragraph", "路灯太暗。\n"),
        ("paragraph", "老人看不清路。\n\n"),
        ("paragraph", "\u3000\u3000建议增加三盏。\n"),
    ]


def test_a_paragraph_broken_into_lines_of_one_width_stays_one() -> None:
    line = "这一段文字是从别处复制来的每一行都在同样的宽度上被折断所以下一行接着上一行"
    assert len(split(f"{line}\n{line}\n完了。\n另起一段。\n")) == 2


def test_figures_alone_are_the_sections_when_nothing_stands_above_them() -> None:
    source = "1.路灯增加三盏。\n（1）北门一盏；\n（2）南门两盏。\n2.井盖更换。\n"
    assert of("heading", split(source)) == ["1.", "2."]


def test_long_items_are_pieces_and_a_list_of_addresses_is_not() -> None:
    long = "各村要逐户登记，逐户宣传，把隐患排查清楚以后再统一报送街道安委办汇总研究处理。"
    assert of("heading", split(f"一、任务\n1.{long}\n2.{long}\n二、时间\n年底。\n")) == ["一、", "1.", "2.", "二、"]
    assert of("heading", split("一、渠道\n1.电话；\n2.邮箱。\n二、时间\n年底。\n")) == ["一、", "二、"]


def test_a_plan_with_chapters_and_no_articles_keeps_its_chapters() -> None:
    source = "第一章 基础\n发展很快。\n问题不少。\n第二章 目标\n一、近期\n修路。\n二、远期\n修桥。\n"
    assert [(piece.kind, piece.label) for piece in split(source)] == [
        ("chapter", "第一章"),
        ("paragraph", ""),
        ("paragraph", ""),
        ("chapter", "第二章"),
        ("heading", "一、"),
        ("heading", "二、"),
    ]


def test_a_notice_that_quotes_one_article_is_still_a_notice() -> None:
    source = "一、依据\n第十五条 期限一般不少于30日。\n二、时间\n三十日。\n三、方式\n写信。\n"
    assert of("heading", split(source)) == ["一、", "二、", "三、"]
    assert of("article", split(source)) == []


def test_a_table_of_contents_is_not_cut_into_chapters() -> None:
    source = "某某办法\n目\u3000录\n第一章 总则\n第二章 附则\n第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。\n"
    pieces = split(source)
    assert of("chapter", pieces) == ["第一章", "第二章"]
    assert pieces[1].text == "目\u3000录\n第一章 总则\n第二章 附则\n"


@pytest.mark.parametrize(
    ("line", "label", "shown"),
    [
        ("第 十 条　内容。", "第十条", "内容。"),
        ("第10条 内容。", "第10条", "内容。"),
        ("第１０条：内容。", "第１０条", "：内容。"),
        ("**第十条** 内容。", "第十条", "内容。"),
        ("### 第十条 内容。", "第十条", "内容。"),
        ("第一百〇二条 内容。", "第一百〇二条", "内容。"),
        ("第十条之二 内容。", "第十条之二", "内容。"),
        ("第十条内容没有空格。", "第十条", "内容没有空格。"),
        ("第十条【目的】内容。", "第十条", "【目的】内容。"),
    ],
)
def test_an_article_is_known_however_it_is_typed(line: str, label: str, shown: str) -> None:
    (piece,) = split(line)
    assert (piece.kind, piece.label, body(piece)) == ("article", label, shown)


def test_a_bracketed_name_is_the_heading_of_its_article() -> None:
    (piece,) = split("第十条 【立法目的】为了通行。")
    assert piece.heading == "立法目的"
    assert below_heading(piece) == "为了通行。"


def test_an_officer_merges_and_splits_by_hand() -> None:
    source = "第一条 甲。\n第二条 乙。丙。\n"
    first, second = split(source)
    assert [piece.label for piece in regroup(source, [0])] == ["第一条"]
    at = len(first.text) + second.text.index("丙")
    third = regroup(source, [*cuts([first, second]), at])[2]
    assert (third.kind, third.text) == ("paragraph", "丙。\n")
    for wrong in (-1, len(source) + 1):
        with pytest.raises(RuleUnmet):
            regroup(source, [wrong])


def test_windows_line_ends_stay_as_they_are() -> None:
    source = "第一条 甲。\r\n\r\n第二条 乙。\r\n"
    assert [piece.text for piece in split(source)] == ["第一条 甲。\r\n\r\n", "第二条 乙。\r\n"]


def test_a_long_draft_is_cut_quickly() -> None:
    source = "".join(f"第{chinese(n)}条 内容{n}。\n（一）甲；\n" for n in range(1, 3001))
    assert Counter(piece.kind for piece in split(source)) == {"article": 3000}


# ── numerals ─────────────────────────────────────────────────────────────────


@given(st.integers(0, 99_999_999))
def test_a_written_numeral_reads_back(value: int) -> None:
    assert number(chinese(value)) == value
    assert number(chinese(value, zero="〇")) == value
    assert number(digit_by_digit(value)) == value or value > 999_999_999


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零二", 102),
        ("一百〇二", 102),
        ("一百一十", 110),
        ("二百八十八", 288),
        ("一千零一十", 1010),
        ("两千", 2000),
        ("二〇一八", 2018),
        ("１２", 12),
        ("12", 12),
        ("〇", 0),
        ("二万零三百", 20300),
    ],
)
def test_numerals_as_official_papers_write_them(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "甲", "十十", "一二十", "百", "零十", "一百一千", "十万亿亿", "9" * 20, "²"])
def test_what_is_no_numeral_is_none(text: str) -> None:
    assert number(text) is None


def test_numerals_are_written_as_official_papers_write_them() -> None:
    assert [chinese(n) for n in (0, 10, 11, 20, 102, 110, 1001, 10010, 100100)] == [
        "零",
        "十",
        "十一",
        "二十",
        "一百零二",
        "一百一十",
        "一千零一",
        "一万零一十",
        "十万零一百",
    ]
    assert digit_by_digit(2026) == "二〇二六"
    with pytest.raises(ValueError):
        chinese(-1)
