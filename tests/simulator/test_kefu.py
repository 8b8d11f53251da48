"""Customer messages: the windows and their counts."""

from tests.simulator.conftest import WeChat


def send(wechat: WeChat, openid: str, text: str = "您好", role: str = "official") -> int:
    body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
    return wechat.call("/cgi-bin/message/custom/send", body, role=role)["errcode"]


def test_a_message_opens_five_answers_for_two_days(wechat: WeChat) -> None:
    openid = wechat.phone()
    wechat.sim("phones/1/say", {"text": "在吗"})
    assert [send(wechat, openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    wechat.sim("phones/1/say", {"text": "还在吗"})
    wechat.seconds(48 * 3600 - 5)
    assert send(wechat, openid) == 0
    wechat.seconds(6)
    assert send(wechat, openid) == 45015


def test_following_opens_three_answers_for_a_minute(wechat: WeChat) -> None:
    openid = wechat.phone()
    assert [send(wechat, openid) for _ in range(4)] == [0, 0, 0, 45047]
    wechat.seconds(61)
    assert send(wechat, openid) == 45015


def test_a_menu_click_opens_a_minute_and_a_link_in_the_menu_opens_none(wechat: WeChat) -> None:
    openid = wechat.phone()
    buttons = [
        {"type": "click", "name": "意见", "key": "K"},
        {"type": "view", "name": "网页", "url": "http://localhost:8000/"},
    ]
    assert wechat.call("/cgi-bin/menu/create", {"button": buttons})["errcode"] == 0
    wechat.seconds(100)
    wechat.sim("phones/1/menu", {"name": "网页"})
    assert send(wechat, openid) == 45015
    wechat.sim("phones/1/menu", {"key": "K"})
    assert [send(wechat, openid) for _ in range(4)] == [0, 0, 0, 45047]


def test_windows_do_not_add_up_the_better_one_counts(wechat: WeChat) -> None:
    openid = wechat.phone()
    wechat.sim("phones/1/say", {"text": "在吗"})
    assert [send(wechat, openid) for _ in range(6)] == [0] * 5 + [45047]


def test_whoever_left_hears_nothing(wechat: WeChat) -> None:
    openid = wechat.phone()
    wechat.sim("phones/1/say", {"text": "再见"})
    wechat.sim("phones/1/unfollow", {})
    assert send(wechat, openid) == 45015


def test_an_unknown_openid_is_refused(wechat: WeChat) -> None:
    assert send(wechat, "oNobody") == 40003


def test_what_was_sent_stands_in_the_chat(wechat: WeChat) -> None:
    openid = wechat.phone()
    send(wechat, openid, '第一行\n第二行 <a href="http://localhost:8000/x">看</a>')
    body = {
        "touser": openid,
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}], "tail_content": "谢谢"},
    }
    assert wechat.call("/cgi-bin/message/custom/send", body)["errcode"] == 0
    text, menu = wechat.chat()[-2:]
    assert text["text"].startswith("第一行\n第二行")
    assert menu["list"] == [{"id": "1", "content": "满意"}]


def test_a_choice_from_a_message_menu_carries_its_id(wechat: WeChat) -> None:
    wechat.phone()
    wechat.sim("phones/1/say", {"text": "满意", "choice": "1"})
    assert wechat.product.heard[-1]["bizmsgmenuid"] == "1"


def test_too_long_a_text_is_refused(wechat: WeChat) -> None:
    assert send(wechat, wechat.phone(), "长" * 700) == 45002
