"""Two versions of a list held against each other: nothing that changed is missed, nothing that stayed is named."""

from models.texts.lists import Line, differences


def line(key: str, title: str, **parts: str) -> Line:
    return Line(key, title, (("事项名称", title), *parts.items()))


def test_what_came_in_went_out_and_reads_otherwise_is_told_with_its_words() -> None:
    before = [line("a", "停车", 时间="3月"), line("b", "路灯", 时间="4月"), line("c", "公厕", 时间="5月")]
    after = [line("c", "公厕", 时间="5月"), line("d", "夜市", 时间="6月"), line("a", "停车管理", 时间="9月")]
    found = differences(before, after)
    assert [(d.what, d.line.title) for d in found] == [("added", "夜市"), ("changed", "停车管理"), ("removed", "路灯")]
    assert [label for label, _ in found[1].parts] == ["事项名称", "时间"]
    assert found[1].parts[1][1] == (("gone", "3月"), ("new", "9月"))


def test_a_long_part_is_marked_word_by_word_and_a_short_one_whole() -> None:
    law = "中华人民共和国道路交通安全法第三十三条"
    found = differences([line("a", "停车", 依据=law)], [line("a", "停车", 依据=law + "第一款")])
    assert found[0].parts == (("依据", (("same", law), ("new", "第一款"))),)


def test_another_order_and_other_spaces_are_no_change() -> None:
    before = [line("a", "停车", 依据="第三条 全文"), line("b", "路灯")]
    assert differences(before, [line("b", "路灯"), line("a", "停车", 依据="第三条全文")]) == []


def test_the_first_of_its_kind_is_all_new() -> None:
    assert [d.what for d in differences([], [line("a", "停车")])] == ["added"]
