"""Who is let in at the webhook, and that nothing is done twice."""

import json
import threading
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from models.comments.comment import Comment
from models.kernel.base import db
from models.messages.heard import Heard
from models.people.resident import Identity
from server.house import House
from server.wechat import hearing, words
from server.wechat.crypt import Seal
from tests.conftest import MINI, OFFICIAL
from tests.wechat import vectors
from tests.wechat.phone import Phone, xml_of


def rows(app: House, record: type = Heard) -> int:
    """How many rows of a record there are."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(record)) or 0


def proof(seal: Seal, age: int = 0, **changed: str) -> dict[str, str]:
    """The query of WeChat's first knock."""
    timestamp = str(int(time.time()) - age)
    return {
        "signature": seal.sign("", timestamp, "1514711492"),
        "timestamp": timestamp,
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    } | changed


@pytest.mark.parametrize("account", [OFFICIAL, MINI], ids=["official", "mini"])
def test_the_echo_goes_back_raw_to_who_knows_the_token(client: FlaskClient, account: object) -> None:
    door = "official" if account is OFFICIAL else "mini"
    seal = Seal(account.appid, account.token, account.aes_key)  # type: ignore[attr-defined]
    right = client.get(f"/wechat/{door}", query_string=proof(seal))
    assert (right.status_code, right.get_data(as_text=True)) == (200, "4375120948345356249")
    assert right.mimetype == "text/plain"
    for wrong in (proof(seal, signature="0" * 40), proof(seal, nonce="other"), proof(seal, age=301), {}):
        refused = client.get(f"/wechat/{door}", query_string=wrong)
        assert refused.status_code == 403
        assert b"4375120948345356249" not in refused.get_data()


def test_an_account_that_the_office_has_not_has_no_address(client: FlaskClient) -> None:
    assert client.get("/wechat/work").status_code == 404
    assert client.post("/wechat/work").status_code == 404


def test_plain_mode_is_refused_even_with_a_valid_signature(app: House, phone: Phone) -> None:
    timestamp, nonce = str(int(time.time())), "486452656"
    seal = phone.seal
    body = xml_of(
        {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1, "MsgType": "text", "Content": "你好", "MsgId": 1}
    )
    for query in (
        {"signature": seal.sign("", timestamp, nonce), "timestamp": timestamp, "nonce": nonce},
        {"signature": seal.sign("", timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "encrypt_type": "raw"},
        {
            "msg_signature": seal.sign("", timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "encrypt_type": "aes",
        },
    ):
        assert phone.client.post("/wechat/official", query_string=query, data=body).status_code == 403
    assert rows(app) == 0


def test_a_captured_query_does_not_carry_another_body(app: House, phone: Phone) -> None:
    timestamp, nonce = str(int(time.time())), "1"
    first, second = phone.seal.close("<xml></xml>"), phone.seal.close("<xml></xml>")
    query = {
        "timestamp": timestamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": phone.seal.sign(first, timestamp, nonce),
    }
    body = f"<xml><Encrypt>{second}</Encrypt></xml>"
    assert phone.client.post("/wechat/official", query_string=query, data=body).status_code == 403
    assert rows(app) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"msg_signature": "é" * 40},
        {"nonce": "2"},
        {"timestamp": "0"},
        {"timestamp": "9" * 30},
        {"encrypt_type": "raw"},
    ],
)
def test_a_forgery_is_refused_and_leaves_no_row(app: House, phone: Phone, changed: dict[str, str]) -> None:
    message = xml_of(
        {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1, "MsgType": "text", "Content": "你好", "MsgId": 1}
    )
    assert phone.post(message, **changed).status == 403
    assert rows(app) == 0


def test_a_message_sealed_for_another_account_is_refused(app: House, client: FlaskClient) -> None:
    foreign = Phone(client, MINI, "o1", door="official")
    foreign.seal = Seal("wx9999999999999999", OFFICIAL.token, OFFICIAL.aes_key)
    assert foreign.say("你好").status == 403
    assert rows(app) == 0


@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (240, 200), (-240, 200), (299, 200), (303, 403), (-303, 403), (86400, 403)]
)
def test_an_old_envelope_is_refused_and_a_skewed_clock_is_not(phone: Phone, age: int, status: int) -> None:
    message = xml_of(
        {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1, "MsgType": "text", "Content": "你好", "MsgId": 1}
    )
    assert phone.post(message, age=age).status == status


def test_the_body_is_capped_before_anything_is_parsed(app: House, phone: Phone) -> None:
    big = b"<xml>" + b"x" * 70_000
    query = {"timestamp": str(int(time.time())), "nonce": "1", "encrypt_type": "aes", "msg_signature": "0" * 40}
    assert phone.client.post("/wechat/official", query_string=query, data=big).status_code == 413
    streamed = phone.client.post(
        "/wechat/official", query_string=query, input_stream=None, data=big, headers={"Content-Length": str(len(big))}
    )
    assert streamed.status_code == 413
    assert rows(app) == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"<xml>", b"\xff\xfe", b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>", b"[]", b"<x>" * 20_000],
)
def test_what_is_no_envelope_is_a_bad_request(phone: Phone, body: bytes) -> None:
    query = {"timestamp": str(int(time.time())), "nonce": "1", "encrypt_type": "aes", "msg_signature": "0" * 40}
    assert phone.client.post("/wechat/official", query_string=query, data=body).status_code == 400


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"garbage",
        b"<xml></xml>",
        b"<xml><MsgType>text</MsgType></xml>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
        b"<xml><FromUserName>a</FromUserName><ToUserName>b</ToUserName><Content>\x00</Content></xml>",
        b'{"FromUserName": "a", "ToUserName": "b", "Content": "\\ud800"}',
        b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
    ],
)
def test_a_genuine_message_that_cannot_be_read_is_answered_success_and_nothing_is_done(
    app: House, phone: Phone, message: bytes
) -> None:
    assert phone.post(message).quiet
    assert rows(app) == 0


def test_an_empty_text_does_not_crash_and_is_answered(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    for text in ("", "   ", "\n　\t"):
        assert phone.say(text).text == words.empty()
    assert rows(app, Comment) == 0


def test_json_is_heard_too_and_answered_in_json(mini_phone: Phone) -> None:
    told = {"ToUserName": "gh_1", "FromUserName": mini_phone.openid, "CreateTime": 1482048670, "MsgType": "text"}
    reply = mini_phone.post(json.dumps(told | {"Content": "hi", "MsgId": 1234567890123456}), form="json")
    assert reply.response.mimetype == "application/json"
    assert reply.fields["MsgType"] == "transfer_customer_service"


@pytest.mark.both_engines
def test_a_repeat_gets_the_same_reply_and_has_no_second_effect(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    first = phone.say("第四条，太短了。", msg_id=77)
    again = [phone.say("第四条，太短了。", msg_id=77) for _ in range(3)]
    assert [reply.xml for reply in again] == [first.xml] * 3
    assert rows(app, Comment) == 1
    assert rows(app) == 1


@pytest.mark.both_engines
def test_three_copies_at_once_are_one_effect_and_one_reply(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    for msg_id in range(100, 106):
        replies: list[str] = []
        barrier = threading.Barrier(3)

        def send(msg_id: int = msg_id, replies: list[str] = replies, barrier: threading.Barrier = barrier) -> None:
            one = Phone(app.test_client(), OFFICIAL, phone.openid)
            barrier.wait()
            replies.append(one.say("第四条，太短了。", msg_id=msg_id).xml)

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(replies) == 3
        assert len(set(replies)) == 1
    with app.app_context():
        comment = db.session.query(Comment).one()
        assert len(comment.supplements) == 5  # the first is the comment, each later one a supplement, none twice
    assert rows(app) == 6


@pytest.mark.both_engines
def test_two_first_messages_of_one_person_at_once_are_both_kept(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    barrier = threading.Barrier(4)
    statuses = []

    def send(number: int) -> None:
        one = Phone(app.test_client(), OFFICIAL, phone.openid)
        barrier.wait()
        statuses.append(one.say(f"第{number}句。", msg_id=500 + number).text)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("收到了" in text or "已补充" in text for text in statuses), statuses
    assert rows(app, Identity) == 1
    with app.app_context():
        comment = db.session.query(Comment).one()
        assert len(comment.supplements) == 3


def test_events_without_a_number_are_told_apart_by_who_when_and_what(app: House, phone: Phone) -> None:
    first = phone.event("CLICK", EventKey="help", CreateTime=1)
    assert phone.event("CLICK", EventKey="help", CreateTime=1).xml == first.xml
    assert rows(app) == 1
    phone.event("CLICK", EventKey="ask", CreateTime=1)
    phone.event("CLICK", EventKey="help", CreateTime=2)
    assert rows(app) == 3


@pytest.mark.both_engines
def test_a_refusal_undoes_the_deed_and_keeps_the_hearing(app: House, phone: Phone, publish: Callable[..., str]) -> None:
    publish()
    reply = phone.say("很" * 2001)
    assert "2000" in reply.text
    assert rows(app, Comment) == 0
    assert rows(app) == 1
    assert rows(app, Identity) == 1


@pytest.mark.both_engines
def test_a_bug_is_logged_whole_and_said_honestly_and_may_be_tried_again(
    app: House,
    phone: Phone,
    publish: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish()

    def broken(_turn: object) -> None:
        db.session.add(Heard(key="half a deed", reply="", heard_at=None))
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(hearing.router, "answer", broken)
        reply = phone.say("第四条，太短了。", msg_id=9)
    assert reply.status == 200
    assert reply.text == words.broken()
    assert any(record.exc_info and "ZeroDivisionError" in str(record.exc_info) for record in caplog.records)
    assert rows(app) == 0
    assert "收到了" in phone.say("第四条，太短了。", msg_id=9).text


def test_an_unknown_event_is_no_error_and_is_counted(app: House, phone: Phone) -> None:
    assert phone.event("debug_demo", debug_str="hello world").quiet
    assert phone.send("hologram", MsgId=1).quiet
    with app.app_context():
        kinds = set(db.session.scalars(select(Heard.kind)))
    assert kinds == {"unknown:debug_demo", "unknown:hologram"}


def test_what_is_stored_of_a_reply_says_nothing_without_the_accounts_key(
    app: House, phone: Phone, publish: Callable[..., str]
) -> None:
    publish()
    reply = phone.say("第四条，太短了。")
    with app.app_context():
        kept = db.session.scalar(select(Heard.reply))
    assert kept
    assert "收到了" not in kept
    assert phone.seal.open(kept).decode() == reply.xml


@vectors.beside
def test_wechats_own_published_push_is_accepted(
    app: House, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = vectors.loaded("crypto/official_secure_push.json")
    seal = Seal(example["appid"], example["token"], example["encoding_aes_key"])
    monkeypatch.setitem(app.extensions, "wechat_seals", {MINI.appid: seal})
    monkeypatch.setattr(Seal, "check_fresh", staticmethod(lambda _timestamp, _at: None))
    query = {name: example[name] for name in ("signature", "timestamp", "nonce", "openid", "msg_signature")}
    body = json.dumps({"ToUserName": example["to_user_name"], "Encrypt": example["encrypt"]})
    answer = client.post("/wechat/mini", query_string=query | {"encrypt_type": "aes"}, data=body)
    assert (answer.status_code, answer.get_data()) == (200, b"success")
    with app.app_context():
        assert db.session.scalar(select(Heard.kind)) == "unknown:debug_demo"
