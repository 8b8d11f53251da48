"""How WeChat tells the product: sealed, thrice at most, and what the resident sees."""

import time

import pytest
from werkzeug import Response

from server.simulator.reply import APOLOGY
from tests.simulator.conftest import WeChat
from tests.simulator.receiver import text_reply


def test_a_text_arrives_as_it_was_written(wechat: WeChat) -> None:
    openid = wechat.phone()
    text = "  第四条，一个小时不够 ]]> <b>&amp;\n能不能放宽？😀𠮷  "
    done = wechat.sim("phones/1/say", {"text": text})
    heard = wechat.product.heard[-1]
    assert heard["Content"] == text
    assert heard["FromUserName"] == openid
    assert heard["ToUserName"] == wechat.world.official.original_id
    assert done["heard"] is True
    assert done["tries"] == 1


def test_the_products_reply_is_shown(wechat: WeChat) -> None:
    wechat.phone()
    wechat.product.answer = lambda fields: text_reply(fields, "收到了，编号 726 318 45。")
    done = wechat.sim("phones/1/say", {"text": "建议放宽"})
    assert done["reply"]["Content"] == "收到了，编号 726 318 45。"
    assert [message["mine"] for message in done["messages"]] == [True, False]
    assert done["messages"][-1]["text"] == "收到了，编号 726 318 45。"


def test_no_reply_shows_nothing(wechat: WeChat) -> None:
    wechat.phone()
    assert len(wechat.sim("phones/1/say", {"text": "嗯"})["messages"]) == 1


def test_a_product_that_fails_is_told_three_times_with_the_same_id(wechat: WeChat) -> None:
    wechat.phone()
    wechat.product.raw = lambda request: Response("", status=500)
    before = len(wechat.product.heard)
    done = wechat.sim("phones/1/say", {"text": "有人吗"})
    tries = wechat.product.heard[before:]
    assert len(tries) == 3
    assert done["tries"] == 3
    assert len({one["MsgId"] for one in tries}) == 1
    assert wechat.product.bodies[-3] == wechat.product.bodies[-2] != wechat.product.bodies[-1]
    assert done["messages"][-1]["text"] == APOLOGY


def test_a_slow_product_is_cut_off_and_told_again(wechat: WeChat) -> None:
    wechat.phone()
    wechat.product.sleep = 1.3
    before = len(wechat.product.heard)
    began = time.monotonic()
    done = wechat.sim("phones/1/say", {"text": "快点"})
    assert time.monotonic() - began < 6
    assert done["problem"] == "五秒没有回话"
    wechat.product.sleep = 0
    time.sleep(0.5)
    assert len(wechat.product.heard) - before == 3


def test_a_lost_answer_brings_the_same_message_again_and_one_reply_is_shown(wechat: WeChat) -> None:
    wechat.phone()
    wechat.product.answer = lambda fields: text_reply(fields, "收到了。")
    wechat.sim("errors", {"path": "push", "mode": "lost"})
    before = len(wechat.product.heard)
    done = wechat.sim("phones/1/say", {"text": "听见了吗"})
    assert done["tries"] == 2
    assert len({one["MsgId"] for one in wechat.product.heard[before:]}) == 1
    assert [message.get("text") for message in done["messages"]] == ["听见了吗", "收到了。"]
    told = [entry["words"] for entry in wechat.sim("wire")["entries"]]
    assert any(words.startswith("同一条又推来一次") for words in told)


@pytest.mark.parametrize("body", ["{}", "hello", "<xml><a>1</a></xml>", "<xml><Encrypt>AAAA</Encrypt></xml>"])
def test_a_malformed_reply_makes_wechat_apologise(wechat: WeChat, body: str) -> None:
    wechat.phone()
    wechat.product.raw = lambda request: Response(body)
    done = wechat.sim("phones/1/say", {"text": "你好"})
    assert done["messages"][-1]["text"] == APOLOGY


def test_a_reply_to_somebody_else_is_malformed(wechat: WeChat) -> None:
    wechat.phone()
    wechat.product.answer = lambda fields: text_reply({**fields, "FromUserName": "oOther"}, "你好")
    assert wechat.sim("phones/1/say", {"text": "你好"})["messages"][-1]["text"] == APOLOGY


def test_following_and_leaving_are_told(wechat: WeChat) -> None:
    openid = wechat.phone(follows=False)
    assert wechat.sim("phones/1/say", {"text": "喂"})["ok"] is False
    wechat.sim("phones/1/follow", {})
    assert wechat.product.events("subscribe")[0]["FromUserName"] == openid
    wechat.sim("phones/1/unfollow", {})
    assert wechat.product.events("unsubscribe")
    assert "EventKey" in wechat.product.events("subscribe")[0]


def test_a_scanned_code_leads_to_following_with_its_scene(wechat: WeChat) -> None:
    body = {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "village-3"}}}
    made = wechat.call("/cgi-bin/qrcode/create", body)
    wechat.phone(follows=False)
    assert wechat.sim("phones/1/scan", {"ticket": made["ticket"]})["note"] == "要先关注"
    wechat.sim("phones/1/follow", {})
    assert wechat.product.events("subscribe")[0]["EventKey"] == "qrscene_village-3"
    wechat.sim("phones/1/scan", {"ticket": made["ticket"]})
    assert wechat.product.events("SCAN")[0]["EventKey"] == "village-3"
    shown = wechat.client.get("/cgi-bin/showqrcode", query_string={"ticket": made["ticket"]})
    assert shown.mimetype == "image/png"
    wechat.seconds(601)
    assert wechat.sim("phones/1/scan", {"ticket": made["ticket"]})["ok"] is False


def test_pictures_and_recordings_are_real_files_that_expire_in_three_days(wechat: WeChat) -> None:
    wechat.phone()
    picture = wechat.sim("phones/1/picture", {"which": "bins"})["media_id"]
    voice = wechat.sim("phones/1/voice", {"seconds": 2})["media_id"]
    assert [one["MsgType"] for one in wechat.product.heard[-2:]] == ["image", "voice"]
    assert wechat.product.heard[-1]["Format"] == "amr"
    query = {"access_token": wechat.token(), "media_id": picture}
    got = wechat.client.get("/cgi-bin/media/get", query_string=query)
    assert got.mimetype == "image/png"
    assert got.data.startswith(b"\x89PNG")
    got = wechat.client.get("/cgi-bin/media/get", query_string=query | {"media_id": voice})
    assert got.data.startswith(b"#!AMR\n")
    wechat.days(3.01)
    assert wechat.call("/cgi-bin/media/get", media_id=picture)["errcode"] == 40007


def test_the_server_address_can_be_verified(wechat: WeChat) -> None:
    assert wechat.sim("verify", {"role": "official"}) == {"ok": True, "status": 200, "problem": ""}


def test_the_mini_program_may_be_told_in_json(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    wechat.sim("format", {"format": "json"})
    wechat.sim("phones/1/subscribe", {"template_id": "MINI_ANSWER"})
    heard = wechat.product.events("subscribe_msg_popup_event")[0]
    assert heard["List"][0]["SubscribeStatusString"] == "accept"
    wechat.sim("format", {"format": "xml"})
    wechat.sim("phones/1/revoke", {})
    assert wechat.product.events("user_authorization_revoke")[0]["AppID"] == wechat.world.mini.appid


def test_no_secret_stands_in_the_log(wechat: WeChat) -> None:
    openid = wechat.phone()
    token = wechat.token()
    wechat.call("/cgi-bin/user/info", openid=openid)
    account = wechat.world.official
    wechat.client.get(f"/cgi-bin/token?grant_type=client_credential&appid={account.appid}&secret={account.secret}")
    whole = str(wechat.sim("wire?limit=500"))
    assert token not in whole
    assert account.secret not in whole
