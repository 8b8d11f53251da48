"""Messages people have agreed to: one yes, one message; and template messages to followers."""

import pytest

from tests.simulator.conftest import WeChat

GOOD = {
    "thing1": {"value": "停车管理办法第四条"},
    "phrase2": {"value": "部分采纳"},
    "date3": {"value": "2027年1月11日"},
}


def send(wechat: WeChat, openid: str, data: dict | None = None, **more: object) -> dict:
    body = {"touser": openid, "template_id": "MINI_ANSWER", "page": "pages/mine", "data": data or GOOD, **more}
    return wechat.call("/cgi-bin/message/subscribe/send", body, role="mini")


def test_one_yes_is_one_message_however_late(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    openid = wechat.mini_openid()
    assert send(wechat, openid)["errcode"] == 43101
    wechat.sim("phones/1/subscribe", {"template_id": "MINI_ANSWER", "answer": "accept"})
    wechat.days(50)
    assert send(wechat, openid)["errcode"] == 0
    assert send(wechat, openid)["errcode"] == 43101
    wechat.news()
    card = wechat.chat(room="service")[-1]
    assert card["lines"][1] == {"label": "结果", "text": "部分采纳"}
    result = wechat.product.events("subscribe_msg_sent_event")[0]["SubscribeMsgSentEvent"]["List"]
    assert result["ErrorStatus"] == "success"


def test_a_no_gives_nothing_and_is_told(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    wechat.sim("phones/1/subscribe", {"template_id": "MINI_ANSWER", "answer": "reject"})
    assert send(wechat, wechat.mini_openid())["errcode"] == 43101
    popup = wechat.product.events("subscribe_msg_popup_event")[0]["SubscribeMsgPopupEvent"]["List"]
    assert popup["SubscribeStatusString"] == "reject"


def test_several_templates_in_one_prompt_make_a_list(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    wechat.sim("phones/1/subscribe", {"answers": {"MINI_ANSWER": "accept", "TEMPLATE_NOTICE": "reject"}})
    popup = wechat.product.events("subscribe_msg_popup_event")[0]["SubscribeMsgPopupEvent"]["List"]
    assert [one["SubscribeStatusString"] for one in popup] == ["accept", "reject"]


def test_yes_twice_is_two_messages_until_the_settings_say_no(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    for _ in range(2):
        wechat.sim("phones/1/subscribe", {"template_id": "MINI_ANSWER"})
    assert send(wechat, wechat.mini_openid())["errcode"] == 0
    wechat.sim("phones/1/subscribe", {"off": "MINI_ANSWER"})
    assert wechat.product.events("subscribe_msg_change_event")
    assert send(wechat, wechat.mini_openid())["errcode"] == 43101


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("thing1", "一" * 21),
        ("thing1", ""),
        ("phrase2", "部分采纳了它"),
        ("phrase2", "yes"),
        ("date3", "明天"),
    ],
)
def test_a_field_that_does_not_fit_is_a_hard_error(wechat: WeChat, field: str, value: str) -> None:
    wechat.phone(follows=False)
    wechat.sim("phones/1/subscribe", {"template_id": "MINI_ANSWER"})
    said = send(wechat, wechat.mini_openid(), {**GOOD, field: {"value": value}})
    assert said["errcode"] == 47003
    assert f"data.{field}.value" in said["errmsg"]
    assert send(wechat, wechat.mini_openid())["errcode"] == 0


def test_a_subscription_notice_of_the_official_account_counts_alike(wechat: WeChat) -> None:
    openid = wechat.phone()
    body = {"touser": openid, "template_id": "MINI_ANSWER", "page": "http://localhost:8000/mine", "data": GOOD}
    assert wechat.call("/cgi-bin/message/subscribe/bizsend", body)["errcode"] == 43101
    wechat.sim("phones/1/subscribe", {"account": "official", "template_id": "MINI_ANSWER"})
    assert wechat.call("/cgi-bin/message/subscribe/bizsend", body)["errcode"] == 0
    wechat.news()
    assert wechat.chat(room="official")[-1]["kind"] == "template"


def test_a_template_message_reaches_a_follower_and_its_result_comes_later(wechat: WeChat) -> None:
    openid = wechat.phone()
    body = {
        "touser": openid,
        "template_id": "TEMPLATE_ANSWER",
        "url": "http://localhost:8000/mine",
        "client_msg_id": "m-1",
        "data": {"thing1": {"value": "停" * 30}, "thing2": {"value": "采纳😀"}, "date3": {"value": "2027年1月11日"}},
    }
    said = wechat.call("/cgi-bin/message/template/send", body)
    assert said["errcode"] == 0
    assert wechat.call("/cgi-bin/message/template/send", body)["msgid"] == said["msgid"]
    assert not wechat.product.events("TEMPLATESENDJOBFINISH")
    wechat.news()
    result = wechat.product.events("TEMPLATESENDJOBFINISH")
    assert [(one["MsgID"], one["Status"]) for one in result] == [(str(said["msgid"]), "success")]
    card = wechat.chat()[-1]
    assert card["lines"][0]["text"] == "停" * 19 + "…"
    assert card["lines"][1]["text"] == "采纳"


def test_template_messages_have_their_refusals(wechat: WeChat) -> None:
    openid = wechat.phone(follows=False)
    data = {key: {"value": "2027年1月11日"} for key in ("thing1", "thing2", "date3")}

    def code(**more: object) -> int:
        body = {"touser": openid, "template_id": "TEMPLATE_ANSWER", "data": data, **more}
        return wechat.call("/cgi-bin/message/template/send", body)["errcode"]

    assert code() == 43004
    assert code(template_id="NONE") == 40037
    assert code(touser="oNobody") == 40003
    assert code(data={**data, "thing9": {"value": "x"}}) == 47003
    assert code(data={"thing1": {"value": "x"}}) == 47003


def test_a_bad_result_can_be_ordered(wechat: WeChat) -> None:
    openid = wechat.phone()
    wechat.sim("errors", {"path": "event:TEMPLATESENDJOBFINISH", "mode": "status", "status": "failed:user block"})
    data = {key: {"value": "2027年1月11日"} for key in ("thing1", "thing2", "date3")}
    wechat.call("/cgi-bin/message/template/send", {"touser": openid, "template_id": "TEMPLATE_ANSWER", "data": data})
    shown = len(wechat.chat())
    wechat.news()
    assert wechat.product.events("TEMPLATESENDJOBFINISH")[0]["Status"] == "failed:user block"
    assert len(wechat.chat()) == shown


def test_only_a_public_body_may_be_agreed_to_for_good(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    lasting = {"template_id": "MINI_ANSWER", "lasting": True}
    assert wechat.sim("phones/1/subscribe", lasting)["ok"] is False
    wechat.sim("kind", {"kind": "government"})
    assert wechat.sim("phones/1/subscribe", lasting)["ok"]
    assert [send(wechat, wechat.mini_openid())["errcode"] for _ in range(3)] == [0, 0, 0]
