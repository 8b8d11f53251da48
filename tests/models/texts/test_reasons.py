"""A reason says why; a formula is not a reason, a contradiction is shown, and nobody is named by mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.texts.reasons import findings, masked, may_pass, personal_data, valid_bank_card, valid_id_card


def codes(text: str, **more: str) -> set[str]:
    return {finding.code for finding in findings(text, **more)}


@pytest.mark.parametrize(
    "text",
    [
        "已知悉。",
        "不予采纳",
        "不予采纳。",
        "予以采纳！",
        "感谢您的意见。",
        "您的意见已收悉，感谢您的支持！",
        "经研究，不予采纳。",
        "经综合考虑，暂不采纳。",
        "您好，您的建议我们已收到，将认真研究，谢谢。",
        "按有关规定办理。",
        "同上",
        "无",
        "已转有关部门处理。",
        "感谢您对我们工作的关心和支持。",
        "同意采纳。",
    ],
)
def test_a_formula_is_not_a_reason(text: str) -> None:
    assert codes(text) == {"formula"}
    assert not may_pass(text)


@pytest.mark.parametrize("text", ["", "  ", "。。。", "\u3000\n"])
def test_nothing_is_not_a_reason(text: str) -> None:
    assert codes(text) == {"empty"}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("第八条已改为“晚间九时以前”，照顾下班较晚的居民。", "adopted"),
        ("预算只够安排三盏，其余两盏列入明年计划；北门先装。", "partly_adopted"),
        ("《贵州省燃气管理条例》第二十条规定由县级部门审批，街道没有权限，因此不采纳。", "not_adopted"),
        ("意见反映的是噪声扰民，不属于本草案的内容，已转城管队处理，电话回访。", "other"),
        ("经实地查看，北门路段已有两盏路灯，间距符合国家标准，因此不再增加。", "not_adopted"),
        ("您的意见已收悉。场地属于村集体，改作停车场要经村民会议讨论，街道无权决定。", "not_adopted"),
    ],
)
def test_a_reason_with_facts_or_law_passes_untouched(text: str, outcome: str) -> None:
    assert findings(text, outcome=outcome) == []


def test_a_reason_without_grounds_is_for_the_officer_to_judge() -> None:
    found = findings("大家觉得这样比较好看一些，也比较顺口。")
    assert [(finding.code, finding.severity) for finding in found] == [("no_grounds", "warn")]
    assert may_pass("大家觉得这样比较好看一些，也比较顺口。")


def test_a_reason_is_not_the_comment_again() -> None:
    assert codes("北门的路灯太暗了，请增加三盏。", comment="北门的路灯太暗了 请增加三盏") == {"echo"}


@pytest.mark.parametrize(
    ("text", "outcome", "severity"),
    [
        ("预算不足，不予采纳，第三条不变。", "adopted", "stop"),
        ("第三条维持原文，因为调查显示多数人赞成。", "adopted", "stop"),
        ("已采纳，第三条增加了路灯。", "not_adopted", "stop"),
        ("第三条已修改为三盏路灯，资金由街道出。", "not_adopted", "stop"),
        ("不属于本草案的内容，不予采纳，已转交城管队。", "other", "warn"),
    ],
)
def test_a_reason_may_not_contradict_its_outcome(text: str, outcome: str, severity: str) -> None:
    (found,) = findings(text, outcome=outcome)
    assert (found.code, found.severity) == ("contradicts", severity)
    assert text[slice(*found.span)] in found.words


def test_speaking_of_what_was_asked_is_no_contradiction() -> None:
    assert (
        findings("来信询问是否已采纳上次意见；上次的三条没有写进草案，因为财政预算不够。", outcome="not_adopted") == []
    )


def test_an_adopted_point_says_what_changed_and_a_partly_adopted_one_which_part() -> None:
    assert codes("这个提法比原来更符合实际情况，也更清楚。", outcome="adopted") == {"no_change"}
    assert codes("这个提法比原来更符合实际情况，也更清楚。", outcome="partly_adopted") == {"which_part"}


# ── personal data ────────────────────────────────────────────────────────────

# Invented numbers whose check figures fit.
ID = "11010519491231002X"
CARD = "6222020000000000000"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(finding.code, text[slice(*finding.span)]) for finding in personal_data(text)]


def test_the_check_figures_are_the_standards_own() -> None:
    assert valid_id_card(ID)
    assert valid_id_card(ID.lower())
    assert not valid_id_card("110105194912310021")
    assert valid_bank_card(CARD)
    assert not valid_bank_card(CARD[:-1] + str((int(CARD[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请打13812345678联系", [("mobile", "13812345678")]),
        ("请打 138-1234-5678。", [("mobile", "138-1234-5678")]),
        ("＋８６１３８１２３４５６７８", [("mobile", "＋８６１３８１２３４５６７８")]),
        ("+86 138 1234 5678", [("mobile", "+86 138 1234 5678")]),
        (f"身份证{ID}", [("id_card", ID)]),
        ("身份证110105 19491231 002X。", [("id_card", "110105 19491231 002X")]),
        (f"卡号{CARD}。", [("bank_card", CARD)]),
        ("卡号6222 0200 0000 0000 000", [("bank_card", "6222 0200 0000 0000 000")]),
        ("车牌贵A12345停在路边", [("plate", "贵A12345")]),
        ("车牌贵A·D12345停在路边", [("plate", "贵A·D12345")]),
        ("写信到 wang.xm@example.com 。", [("email", "wang.xm@example.com")]),
        ("电话0851-22345678或12345热线", [("landline", "0851-22345678")]),
        ("住3栋2单元501室", [("home", "3栋2单元501室")]),
        ("我家在幸福巷150号，大家都这么说", [("home", "幸福巷150号")]),
        ("我家在东门 36 号", [("home", "东门 36 号")]),
        ("家住水塔3栋2单元501", [("home", "水塔3栋2单元501")]),
        ("住在学校门口十二号院", [("home", "学校门口十二号院")]),
        ("我叫王小明，住在北门", [("name", "王小明")]),
        ("我叫欧阳小明", [("name", "欧阳小明")]),
        ("本人李四，反映路灯不亮", [("name", "李四")]),
        ("村民张三丰反映", []),
        ("村民张三丰，反映", [("name", "张三丰")]),
        ("姓名：陈小红", [("name", "陈小红")]),
    ],
)
def test_personal_data_is_found_where_it_stands(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "本人认为应当增加路灯",
        "本人于三月提出意见",
        "本人和平时一样步行",
        "我是居民",
        "给居民留十个居民车位",
        "居民车位，居民房屋，村民时间",
        "第十二条、第十三条",
        "预算1380000000000元",
        "编号110105194912310021",
        "2026年11月22日至2026年12月22日",
        "青街发〔2026〕5号",
        "一共12345678901234567890人次",
        "贵州A区",
        "收件人＠街道",
        "劳动路12号的停车场",
        "住在路边的人天天停，3号楼前最挤",
        "我家有2个孩子，在3号线边上",
    ],
)
def test_ordinary_words_and_figures_are_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_a_personal_number_has_to_be_taken_out_before_the_reason_passes() -> None:
    text = "经实地查看，北门已有两盏路灯，符合标准；请联系13812345678。"
    assert not may_pass(text, outcome="not_adopted")
    assert may_pass(masked(text), outcome="not_adopted")
    assert masked(text) == text.replace("13812345678", "＊" * 11)


@given(st.text(st.one_of(st.sampled_from("0123456789０１１３８xX-－ 我叫本人王李贵A@."), st.characters()), max_size=60))
def test_any_text_can_be_looked_over(text: str) -> None:
    covered = masked(text)
    assert len(covered) == len(text)
    for finding in findings(text, outcome="adopted", comment="别的"):
        assert 0 <= finding.span[0] <= finding.span[1] <= len(text)
    assert not [found for found in personal_data(covered) if found.severity == "stop"]
