"""What we say back is well-formed whatever the words are, and as WeChat's own examples show it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.wechat.crypt import Seal
from server.wechat.parsing import read_json, read_xml
from server.wechat.reply import Card, Cards, Reply, Text, Transfer, cut, envelope, render
from tests.wechat import vectors
from tests.wechat.test_parsing import stripped

SAID: dict[str, Reply] = {
    "text": Text("你好"),
    "news": Cards([Card("title1", "description1", "url", "picurl")]),
    "transfer_customer_service": Transfer("test1@test"),
}
# Replies that carry an uploaded picture, sound or film: this office answers in words and cards only.
NEVER_SAID = {"image", "music", "video", "voice"}


@pytest.mark.parametrize("row", vectors.of_kind("reply-xml"))
def test_published_replies_are_reproduced_or_never_said(row: dict) -> None:
    expected = stripped(read_xml(vectors.raw(row)))
    assert isinstance(expected, dict)
    kind = expected["MsgType"]
    if kind in NEVER_SAID:
        assert kind not in SAID
        return
    made = render(
        SAID[kind],
        to=expected["ToUserName"],
        sender=expected["FromUserName"],
        at=int(expected["CreateTime"]),
        said=False,
    )
    assert stripped(read_xml(made.encode())) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    made = render(Text(text), to="a", sender="b", at=1, said=True)
    fields = read_xml(made.encode())
    assert set(fields) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_the_end_mark_of_cdata_arrives_as_text() -> None:
    evil = "a]]><MsgType>x</MsgType><![CDATA[b]]]]>>"
    assert read_xml(render(Text(evil), to="a", sender="b", at=1, said=True).encode())["Content"] == evil
    card = Card(evil, evil, evil, evil)
    item = read_xml(render(Cards([card]), to="a", sender="b", at=1, said=True).encode())["Articles"]["item"]
    assert set(item.values()) == {evil}


def test_a_person_who_wrote_gets_one_card_and_one_who_pressed_a_button_up_to_eight() -> None:
    cards = Cards([Card(str(n), "", "u") for n in range(11)])
    assert read_xml(render(cards, to="a", sender="b", at=1, said=True).encode())["ArticleCount"] == "1"
    fields = read_xml(render(cards, to="a", sender="b", at=1, said=False).encode())
    assert fields["ArticleCount"] == "8"
    assert len(fields["Articles"]["item"]) == 8


def test_nothing_to_say_is_the_word_success() -> None:
    assert render(None, to="a", sender="b", at=1, said=True) == "success"


def test_a_long_text_is_cut_by_us_between_characters() -> None:
    assert cut("好" * 100) == "好" * 100
    short = cut("好" * 1000)
    assert len(short.encode()) <= 2048
    assert short.endswith("好…")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_sealed_answer_opens_in_the_form_of_its_question(form: str) -> None:
    seal = Seal("wx1", "token", "A" * 43)
    text = envelope(seal, seal.close("您好"), timestamp="1700000000", nonce="n1", form=form)
    fields = read_json(text.encode()) if form == "json" else read_xml(text.encode())
    seal.check(fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    assert seal.open(fields["Encrypt"]).decode() == "您好"


@vectors.beside
def test_the_published_sealed_reply_has_the_published_shape() -> None:
    example = vectors.loaded("crypto/official_secure_reply.json")
    seal = Seal(example["appid"], example["token"], example["encoding_aes_key"])
    sealed = seal.close(example["plaintext"], salt=example["random16"].encode())
    fields = json.loads(envelope(seal, sealed, timestamp=example["timestamp"], nonce=example["nonce"], form="json"))
    assert fields == {
        "Encrypt": example["encrypt"],
        "MsgSignature": example["msg_signature"],
        "TimeStamp": int(example["timestamp"]),
        "Nonce": example["nonce"],
    }
