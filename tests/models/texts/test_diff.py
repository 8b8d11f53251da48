"""The difference of two wordings loses nothing of either, and is marked in words, not in letters."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.texts.diff import carried, changed, changes, in_words

words = st.text(st.sampled_from("征求意见不少于三十日工作街道，。\n 12３ab.%𠮷"), max_size=40)


def joined(found: list[tuple[str, str]], *ops: str) -> str:
    return "".join(text for op, text in found if op in ops)


@given(st.one_of(words, st.text(max_size=40)), st.one_of(words, st.text(max_size=40)))
def test_nothing_of_either_wording_is_lost(before: str, after: str) -> None:
    found = changes(before, after)
    assert joined(found, "same", "gone") == before
    assert joined(found, "same", "new") == after
    assert all(text for _, text in found)


@given(words)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert changes(text, text) == ([("same", text)] if text else [])


def test_a_number_changes_whole() -> None:
    assert changes("期限不少于30日。", "期限不少于35日。") == [
        ("same", "期限不少于"),
        ("gone", "30"),
        ("new", "35"),
        ("same", "日。"),
    ]
    assert ("gone", "1.5%") in changes("占1.5%。", "占1.8%。")


@pytest.mark.parametrize(
    ("before", "after", "gone", "new"),
    [
        ("桥头增设路灯一盏。", "桥头增设路灯两盏。", "一盏", "两盏"),
        ("保留车位十二个，", "保留车位二十个，", "十二个", "二十个"),
        ("不少于三十日的，", "不少于三十五日的，", "三十日", "三十五日"),
        ("十个工作日内办结。", "七个工作日内办结。", "十个工作日", "七个工作日"),
    ],
)
def test_a_numeral_in_characters_changes_with_its_measure_word(before: str, after: str, gone: str, new: str) -> None:
    assert [text for op, text in changes(before, after) if op == "gone"] == [gone]
    assert [text for op, text in changes(before, after) if op == "new"] == [new]


def test_a_latin_word_changes_whole() -> None:
    assert changes("安装LED路灯", "安装LCD路灯") == [
        ("same", "安装"),
        ("gone", "LED"),
        ("new", "LCD"),
        ("same", "路灯"),
    ]


def test_added_and_crossed_out_words_stand_alone() -> None:
    assert changes("路灯增加三盏。", "北门路灯增加三盏。")[0] == ("new", "北门")
    assert changes("路灯暂不增加。", "路灯增加。") == [("same", "路灯"), ("gone", "暂不"), ("same", "增加。")]


def test_a_rewritten_phrase_is_one_change_not_a_row_of_letters() -> None:
    found = changes("由村委会在雨天决定关闭晾晒场", "由小组长视天气情况公告暂停使用")
    assert len([op for op, _ in found if op == "gone"]) <= 2
    assert all(len(text) > 2 for op, text in found[1:-1] if op == "same")


def test_unchanged_lines_stay_whole() -> None:
    found = changes("第一条 甲。\n第二条 乙。\n第三条 丙。\n", "第一条 甲。\n第二条 丁。\n第三条 丙。\n")
    assert found == [("same", "第一条 甲。\n第二条 "), ("gone", "乙"), ("new", "丁"), ("same", "。\n第三条 丙。\n")]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ("甲 乙\n", "甲乙", False),
        ("甲\u3000乙", "甲乙\n\n", False),
        ("甲乙", "甲，乙", True),
        ("", "", False),
        ("", "甲", True),
    ],
)
def test_spaces_and_blank_lines_are_not_words(before: str, after: str, differs: bool) -> None:
    assert changed(before, after) is differs


def test_two_long_wordings_are_compared_in_good_time() -> None:
    before = "".join(f"第{n}项内容是修建道路与桥梁，" for n in range(2000))
    after = "".join(f"第{n}项内容是维修道路与广场，" for n in range(1, 2001))
    started = time.perf_counter()
    found = changes(before, after)
    assert joined(found, "same", "gone") == before
    assert time.perf_counter() - started < 5


@given(words, words, st.data())
def test_marks_carried_over_lose_no_word_of_the_later_wording(before: str, after: str, data: st.DataObject) -> None:
    """A text cut in two stays cut in two: the pieces together are the later wording, none before the other, whatever changed."""
    at = data.draw(st.integers(0, len(before)))
    (first, end), (start, last) = carried([(0, at), (at, len(before))], before, after)
    assert 0 <= first <= end <= len(after) and 0 <= start <= last <= len(after)
    if before and 0 < at < len(before):
        assert (first, last) == (0, len(after)) or not after
        assert start <= end, "what lies between two marks that touched is in one of them"
    if before == after:
        assert [(first, end), (start, last)] == [(0, at), (at, len(before))]


def test_words_put_before_the_first_mark_are_in_it() -> None:
    before, after = "路灯太暗。", "尊敬的领导：路灯太暗。"
    assert carried([(0, 2), (2, 5)], before, after) == [(0, 8), (8, 11)]


def test_a_mark_follows_its_words_into_the_mended_text() -> None:
    before, after = "早上一小时不够。路灯太暗。", "早上一个半小时不够。路灯实在太暗了。"
    lamps = before.index("路灯")
    (one,), (two,) = (carried([span], before, after) for span in ((0, lamps), (lamps, len(before))))
    assert after[slice(*one)] == "早上一个半小时不够。"
    assert after[slice(*two)] == "路灯实在太暗了。"


def test_other_punctuation_is_no_other_word() -> None:
    before = "画了车位，万一着火开不进来，请立即擦掉北门的车位。"
    after = "画了车位,万一着火开不进来,希望立即擦掉北门的车位。去年也提过一次。"
    marked = in_words(changes(before, after))
    assert "".join(text for op, text in marked if op != "gone") == after
    assert [text for op, text in marked if op == "new"] == ["希望", "去年也提过一次"]


@given(st.text("，。, !啊提前了四点", max_size=30), st.text("，。, !啊提前了四点", max_size=30))
def test_taking_marks_off_punctuation_loses_no_letter(before: str, after: str) -> None:
    marked = in_words(changes(before, after))
    assert "".join(text for op, text in marked if op != "gone") == after
    assert not [text for op, text in marked if op == "new" and not any(char.isalnum() for char in text)]
