"""WeChat answers every call in its own way: whatever it is sent, there is a number and never a broken page."""

from typing import Any

import pytest

from server.simulator.calls import INTERFACES
from tests.simulator.conftest import WeChat

ODD: list[Any] = [
    {},
    {"touser": None, "template_id": [], "data": 5},
    {"touser": {"a": 1}, "msgtype": 7, "filter": [], "articles": "x", "button": {}},
    {"articles": [None], "media_id": 3, "tag": [], "tagid": "1", "openid_list": [None], "openid": 9},
    {"articles": [{"title": 5}], "media_id": "x", "index": "y", "button": [None], "msgtype": "text", "text": []},
    {"filter": {"is_to_all": False, "tag_id": {}}, "msgtype": "mpnews", "mpnews": {"media_id": {}}},
    {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": {}}, "clientmsgid": 5},
    {"action_name": "QR_SCENE", "action_info": [], "user_list": [1], "cgi_path": 4, "offset": "a", "count": -1},
    {"version": 2, "scene": 2, "content": 5, "openid": [], "code": {}, "tag": {"name": 5, "id": {}}, "type": "image"},
    {"offset": 0, "count": 10**30, "publish_id": {}, "article_id": [], "msg_id": {}, "miniprogram": 3},
]


@pytest.mark.parametrize("path", sorted(INTERFACES))
def test_odd_bodies_get_a_number_and_never_a_broken_page(wechat: WeChat, path: str) -> None:
    openid = wechat.phone()
    for role in ("official", "mini"):
        query = {"access_token": wechat.token(role)}
        for body in ODD:
            told = {**body, "touser": openid, "template_id": "MINI_ANSWER"} if "template_id" in body else body
            answer = wechat.client.post(path, query_string=query, json=told)
            assert answer.status_code == 200, (path, told)
        for raw in (b"", b"[]", b"{", b"\xff\xfe", b'"x"', b'{"a":"\xed\xa0\x80"}'):
            answer = wechat.client.post(path, query_string=query, data=raw, content_type="application/json")
            assert answer.status_code == 200, (path, raw)
        assert wechat.client.get(path, query_string=query).status_code == 200


@pytest.mark.parametrize(
    "deed", ["follow", "say", "menu", "voice", "picture", "scan", "subscribe", "open", "location", "push", "seen"]
)
def test_odd_orders_are_refused_in_words(wechat: WeChat, deed: str) -> None:
    wechat.phone()
    for body in (
        {},
        {"text": None},
        {"path": [9, "x"]},
        {"data": "%%"},
        {"seconds": "x"},
        {"answers": {"NONE": 1}},
        {"url": "ftp://x"},
    ):
        answer = wechat.client.post(f"/sim/phones/1/{deed}", json=body)
        assert answer.status_code < 500, (deed, body)
    assert wechat.client.post(f"/sim/phones/77/{deed}", json={}).status_code == 404
