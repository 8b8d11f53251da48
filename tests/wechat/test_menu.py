"""The menu file is refused before WeChat would refuse it, and its difference is shown before it is sent."""

from pathlib import Path

import pytest

from server.wechat.menu import KEYS, Unfit, difference, load
from tests.wechat import vectors

HERE = "https://huiyin.example.cn"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "menu.toml"
    path.write_text(text, "utf-8")
    return path


def keys(menu: list) -> set[str]:
    found = set()
    for button in menu:
        for one in [button, *button.get("sub_button", [])]:
            if one.get("type") == "click":
                found.add(one["key"])
    return found


def test_the_menu_that_is_shipped_is_fit_and_every_key_has_its_answer() -> None:
    menu = load(HERE + "/", signs_in=True)
    assert [button["name"] for button in menu] == ["征求意见", "我的意见", "学法问法"]
    assert menu[1] == {"type": "view", "name": "我的意见", "url": HERE + "/mine"}
    assert keys(menu) <= KEYS


def test_where_an_account_cannot_sign_people_in_the_chat_gives_the_link() -> None:
    menu = load(HERE, signs_in=False)
    assert menu[1] == {"type": "click", "name": "我的意见", "key": "mine"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1到3个按钮"),
        ('[[button]]\nname="一"\ntype="click"\nkey="help"\n' * 4, "1到3个按钮"),
        ('[[button]]\nname="征求意见吧"\ntype="click"\nkey="help"', "名字太长，最多4个汉字"),
        ('[[button]]\ntype="click"\nkey="help"', "没有名字"),
        ('[[button]]\nname="一"\ntype="click"\nkey="nobody"', "没有对应的回答"),
        ('[[button]]\nname="一"\ntype="view"\nurl="javascript:x"', "网址不对"),
        ('[[button]]\nname="一"\ntype="scan"', "type 要写"),
        ('[[button]]\nname="一"\ntype="click"\nkey="help"\ncolour="red"', "不认识「colour」"),
        ('colour="red"\n[[button]]\nname="一"\ntype="click"\nkey="help"', "不认识「colour」"),
        ('[[button]]\nname="一"\ntype="miniprogram"\nurl="https://x"\nappid="wx"', "要写 pagepath"),
        ('[[button]]\nname="一"\nsub=[]', "1到5个按钮"),
        ('[[button]]\nname="一"\n' + '[[button.sub]]\nname="二"\ntype="click"\nkey="help"\n' * 6, "1到5个按钮"),
        ('[[button]]\nname="一"\n[[button.sub]]\nname="二二二二二二二二二"\ntype="click"\nkey="help"\n', "最多8个汉字"),
        ('[[button]]\nname="一"\n[[button.sub]]\nname="二"\nsub=[]\n', "不能再有按钮"),
    ],
)
def test_an_unfit_menu_is_refused_in_words(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(Unfit) as refused:
        load(HERE, signs_in=True, path=written(tmp_path, text))
    assert problem in str(refused.value)


def test_the_difference_is_shown_line_by_line_and_empty_when_there_is_none() -> None:
    menu = load(HERE, signs_in=True)
    assert difference(menu, menu) == []
    other = load(HERE, signs_in=False)
    assert difference(menu, other) == [
        "  征求意见　回答 consultations",
        f"- 我的意见　打开网页 {HERE}/mine",
        "+ 我的意见　回答 mine",
        "  学法问法",
        "    普法文章　回答 articles",
        "    问法律问题　回答 ask",
        "    采纳情况　回答 reports",
        "    怎么用　回答 help",
        "    我的订阅　回答 subscriptions",
    ]
    assert all(line.startswith("+ ") for line in difference([], menu))


@vectors.beside
def test_a_menu_as_wechat_hands_it_back_can_be_compared() -> None:
    there = vectors.loaded("api-response/skit_CgibinMenuGetResponse.json")["menu"]["button"]
    shown = difference(there, load(HERE, signs_in=True))
    assert any(line.startswith("- ") for line in shown)
    assert any(line.startswith("+ ") for line in shown)
