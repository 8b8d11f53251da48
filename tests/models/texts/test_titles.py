"""A text that goes out does not say that it is still a draft; whatever else a title says stays."""

import pytest

from models.texts.titles import finished, unfinished

MARKED = [
    ("停车办法（征求意见稿）", "征求意见稿", "停车办法"),
    ("停车办法（公开征求意见稿）", "公开征求意见稿", "停车办法"),
    ("停车管理办法（试行）（草案）", "草案", "停车管理办法（试行）"),
    ("停车管理办法（草案送审稿）", "草案", "停车管理办法"),
    ("停车管理办法(征求意见稿)", "征求意见稿", "停车管理办法"),
    ("停车管理办法（第二次征求意见稿）", "征求意见稿", "停车管理办法"),
    ("停车管理办法【送审稿】", "送审稿", "停车管理办法"),
    ("停车管理办法草案", "草案", "停车管理办法"),
    ("停车管理办法　修订草案 ", "修订草案", "停车管理办法"),
    ("青禾街道\n停车管理办法\n（征求意见稿）\n", "征求意见稿", "青禾街道\n停车管理办法\n"),
]
PLAIN = ["停车管理办法", "停车管理办法（试行）", "草案编制办法", "征求意见工作规程", "稿件管理办法（暂行）", "", "\n"]


@pytest.mark.parametrize(("title", "mark", "mended"), MARKED)
def test_the_mark_is_found_and_taken_off(title: str, mark: str, mended: str) -> None:
    assert unfinished(title) == mark
    assert finished(title) == mended
    assert not unfinished(mended)


@pytest.mark.parametrize("title", PLAIN)
def test_other_titles_stay_as_they_are(title: str) -> None:
    assert not unfinished(title)
    assert finished(title) == title
