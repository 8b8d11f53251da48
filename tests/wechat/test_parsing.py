"""What people wrote arrives letter for letter; what is no message is refused without a crash."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.wechat.incoming import Incoming
from server.wechat.parsing import MOST_BYTES, Unreadable, read, read_json, read_xml
from tests.wechat import vectors


def stripped(value: object) -> object:
    """The examples were written down without the spaces their pretty printing leaves around values."""
    if isinstance(value, dict):
        return {key: stripped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [stripped(inner) for inner in value]
    return str(value).strip() if value is not None else ""


@pytest.mark.parametrize("row", vectors.of_kind("inbound-xml", "inbound-json"))
def test_published_messages_parse_as_written_down(row: dict) -> None:
    fields, form = read(vectors.raw(row))
    assert row["kind"] == f"inbound-{form}"
    assert stripped(fields) == stripped(row["expected"])


def test_spaces_and_line_ends_inside_a_text_are_kept() -> None:
    written = "  第一行　\n\n\t第二行 ]] > <b>&amp;  "
    fields = read_xml(f"<xml><Content><![CDATA[{written}]]></Content></xml>".encode())
    assert fields["Content"] == written
    assert Incoming.of("official", "wx", {**fields, "FromUserName": "a", "ToUserName": "b"}).text == written


def test_a_text_of_spaces_only_is_a_text_of_spaces() -> None:
    assert read_xml(b"<xml><Content><![CDATA[   ]]></Content></xml>")["Content"] == "   "
    assert read_xml(b"<xml><Content></Content></xml>")["Content"] == ""
    assert read_xml(b"<xml></xml>") == {}


def test_rare_and_composed_characters_are_not_changed() -> None:
    written = "𠮷野家 e\u0301 \u2f00 ﬁ 👨\u200d👩\u200d👧"
    assert read_xml(f"<xml><Content>{written}</Content></xml>".encode())["Content"] == written


def test_a_control_character_costs_only_itself() -> None:
    assert read_xml(b"<xml><Content><![CDATA[a\x01b]]></Content></xml>")["Content"] == "a\ufffdb"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<html></html>",
        b"<xml>&undefined;</xml>",
        b"<!DOCTYPE xml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><xml>&b;</xml>",
        b"<!doctype xml SYSTEM 'file:///etc/passwd'><xml></xml>",
        b"<?xml version='1.0'?><!DOCTYPE xml SYSTEM 'http://127.0.0.1/x'><xml/>",
        b"<xml>\x00</xml>",
        b"<xml>&#0;</xml>",
        b"<xml>&#xD800;</xml>",
        b"\xff\xfe<\x00x\x00",
        b"<xml>\xed\xa0\x80</xml>",
        b"<x>" * 60 + b"</x>" * 60,
        b"<xml>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</xml>",
        b"<xml>" + b"<a/>" * 5_000 + b"</xml>",
        b"{",
        b"[]",
        b'{"a": NaN, ',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"\\ud800": 1}',
        b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read(body)


def test_json_numbers_arrive_as_their_digits() -> None:
    assert read_json(b'{"MsgId": 1234567890123456, "a": null, "b": [1, {"c": 2.5}]}') == {
        "MsgId": "1234567890123456",
        "a": "",
        "b": ["1", {"c": "2.5"}],
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"FromUserName": ""},
        {"FromUserName": "张三", "ToUserName": "b"},
        {"FromUserName": {"a": "b"}, "ToUserName": "b"},
    ],
)
def test_who_is_not_named_cannot_be_heard(fields: dict) -> None:
    with pytest.raises(Unreadable):
        Incoming.of("official", "wx", fields)


def test_a_list_is_read_as_array_as_object_and_in_its_wrapper() -> None:
    one = {"TemplateId": "t", "SubscribeStatusString": "accept"}
    who = {"FromUserName": "a", "ToUserName": "b"}
    for fields in (
        {"List": one},
        {"List": [one]},
        {"SubscribeMsgPopupEvent": {"List": one}},
        {"SubscribeMsgPopupEvent": {"List": [one]}},
    ):
        assert Incoming.of("mini", "wx", {**who, **fields}).listed("SubscribeMsgPopupEvent") == [one]
    assert Incoming.of("mini", "wx", {**who, "List": "nonsense"}).listed("SubscribeMsgPopupEvent") == []


def test_a_repeat_has_the_same_key_and_anything_else_another() -> None:
    def key(appid: str = "wx", **fields: str) -> str:
        return Incoming.of("official", appid, {"FromUserName": "a", "ToUserName": "b", **fields}).heard_key

    text = {"MsgType": "text", "MsgId": "1"}
    assert key(**text) == key(**text, Content="repeated") != key(**{**text, "MsgId": "2"})
    assert key(**text) != key("wy", **text)
    click = {"MsgType": "event", "Event": "CLICK", "EventKey": "x", "CreateTime": "1"}
    assert key(**click) == key(**click)
    for other in ({"EventKey": "y"}, {"CreateTime": "2"}, {"Event": "VIEW"}, {"FromUserName": "c"}, {"MsgID": "9"}):
        assert key(**{**click, **other}) != key(**click)


def test_the_cap_is_far_above_anything_wechat_sends() -> None:
    assert MOST_BYTES == 65_536
