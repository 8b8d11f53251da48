"""The line: short patience, honest outcomes, nowhere but WeChat, and nothing secret in what it says."""

import logging
import socket
import time
import traceback

import pytest
import requests

from server.wire.account import Mini, Official
from server.wire.errors import Reaction, Unknown, Unreached, WireError, rid_of
from server.wire.line import Line
from server.wire.redaction import Redaction, hide, redact
from tests.wire.conftest import APPID, OPENID, SECRET, Purse, Stub


def test_chinese_goes_out_as_itself(official: Official, stub: Stub) -> None:
    official.send_text(OPENID, "您好，䶮先生")
    asked = stub.of("/cgi-bin/message/custom/send")[0]
    assert "您好，䶮先生".encode() in asked.raw
    assert b"\\u" not in asked.raw
    assert asked.query == {"access_token": "TOKEN-OF-TEST-1"}


def test_a_refused_token_is_replaced_exactly_once(official: Official, stub: Stub, purse: Purse) -> None:
    path = "/cgi-bin/message/custom/send"
    stub.say(path, {"errcode": 42001, "errmsg": "expired"}, {"errcode": 0})
    official.send_text(OPENID, "一")
    assert [a.query["access_token"][-1] for a in stub.of(path)] == ["1", "2"]

    stub.asked.clear()
    stub.say(path, {"errcode": 40001, "errmsg": "invalid"})
    with pytest.raises(WireError) as refused:
        official.send_text(OPENID, "二")
    assert len(stub.of(path)) == 2, "a token that stays refused must not be asked for again and again"
    assert refused.value.reaction is Reaction.ALARM_STOP


def test_an_upload_is_whole_on_its_second_try(official: Official, stub: Stub) -> None:
    path = "/cgi-bin/material/add_material"
    stub.say(path, {"errcode": 40014, "errmsg": "bad"}, {"media_id": "M1", "url": "U"})
    assert official.keep_picture("cover.png", b"\x89PNG" + b"x" * 4000) == "M1"
    first, second = stub.of(path)
    assert len(first.raw) == len(second.raw) > 4000
    assert second.query == {"access_token": "TOKEN-OF-TEST-2", "type": "image"}


@pytest.mark.parametrize(
    "answer",
    ["hang", "cut", "not json", "[1]", 500, 502, '{"errcode":"x"}', "[" * 50_000, 302],
    ids=["hangs", "cut off", "no json", "a list", "500", "502", "errcode no number", "deep json", "redirect"],
)
def test_a_request_that_left_us_without_a_readable_answer_is_unknown(line: Line, stub: Stub, answer: object) -> None:
    stub.say("/cgi-bin/draft/add", answer)  # type: ignore[arg-type]
    began = time.monotonic()
    with pytest.raises(Unknown) as unknown:
        line.ask("POST", "/cgi-bin/draft/add", body={}, params={"access_token": "T"}, timeout=(0.5, 0.5))
    assert time.monotonic() - began < 5
    assert len(stub.of("/cgi-bin/draft/add")) == 1
    assert not stub.of("/elsewhere"), "an access token must not follow a redirect"
    assert unknown.value.api == "draft/add"


def test_a_hanging_wechat_costs_five_seconds_at_most_by_default() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(5)
        base = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        line = Line(base, base, base)
        began = time.monotonic()
        with pytest.raises(Unknown):
            line.ask("GET", "/cgi-bin/menu/get")
        assert 4.5 < time.monotonic() - began < 6.5
        line.close()


def test_a_connection_that_never_came_about_is_known_to_have_sent_nothing(purse: Purse) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
    line = Line(base, base, base)
    with pytest.raises(Unreached) as unreached:
        Official(APPID, SECRET, "service", line, purse).send_text(OPENID, "一")
    assert unreached.value.reaction is Reaction.RETRY_LATER
    line.close()


def test_only_wechats_hosts_can_be_reached(line: Line, stub: Stub) -> None:
    for url in (stub.url + "/x", "http://169.254.169.254/latest", "https://example.org/"):
        with pytest.raises(requests.exceptions.InvalidSchema):
            line.http.get(url)
    with pytest.raises(WireError) as refused:
        line.ask("GET", "/x", host="https://example.org")
    assert refused.value.reaction is Reaction.ALARM_STOP
    assert stub.asked == []


def test_a_file_is_read_up_to_its_cap(official: Official, stub: Stub) -> None:
    stub.say("/cgi-bin/media/get", b"x" * 1000)
    assert official.media("MEDIA", cap=1000).data == b"x" * 1000
    with pytest.raises(WireError) as refused:
        official.media("MEDIA", cap=999)
    assert refused.value.reaction is Reaction.FIX_DATA
    stub.say("/cgi-bin/media/get", {"errcode": 40007, "errmsg": "invalid media_id"})
    with pytest.raises(WireError) as refused:
        official.media("MEDIA")
    assert refused.value.errcode == 40007
    stub.say("/cgi-bin/media/get", {"errcode": 42001, "errmsg": "expired"}, b"later")
    assert official.media("MEDIA").data == b"later"


def test_sign_in_codes(official: Official, mini: Mini, stub: Stub) -> None:
    stub.say("/sns/oauth2/access_token", {"openid": OPENID, "access_token": "A", "is_snapshotuser": 1, "unionid": "U"})
    visitor = official.identity_by_code("CODE")
    assert visitor is not None
    assert (visitor.openid, visitor.unionid, visitor.snapshot) == (OPENID, "U", True)
    stub.say("/sns/jscode2session", {"openid": OPENID, "session_key": "SK"})
    found = mini.session_by_code("CODE")
    assert found is not None
    assert not found.snapshot
    assert not hasattr(found, "session_key")
    for code in (40029, 40163):
        stub.say("/sns/jscode2session", {"errcode": code, "errmsg": "code"})
        assert mini.session_by_code("CODE") is None
    stub.say("/sns/jscode2session", {"errcode": 45011, "errmsg": "often"})
    with pytest.raises(WireError) as often:
        mini.session_by_code("CODE")
    assert often.value.reaction is Reaction.NEXT_MINUTE
    assert "access_token" not in stub.of("/sns/jscode2session")[0].query


def test_the_content_check_never_passes_by_default(mini: Mini, stub: Stub) -> None:
    path = "/wxa/msg_sec_check"
    stub.say(path, {"errcode": 0, "result": {"suggest": "pass", "label": 100}, "trace_id": "T"})
    assert mini.check_text(OPENID, "好").suggest == "pass"
    stub.say(path, {"errcode": 0, "result": {"suggest": "risky", "label": 20001}})
    assert mini.check_text(OPENID, "坏").label == 20001
    for answer in ({"errcode": 61010}, {"errcode": -1}, {"errcode": 0}, {"result": {"suggest": "new"}}, 500, "cut"):
        stub.say(path, answer)
        assert mini.check_text(OPENID, "？").suggest == "review"


def test_a_state_that_is_not_plain_is_refused(official: Official, stub: Stub) -> None:
    url = official.authorize_url("http://phone-1.localhost:8000/enter?next=/mine&x=1", "abcXYZ019")
    assert url.startswith(stub.url + "/connect/oauth2/authorize?appid=")
    assert "redirect_uri=http%3A%2F%2Fphone-1.localhost%3A8000%2Fenter%3Fnext%3D%2Fmine%26x%3D1&" in url
    assert url.endswith("&state=abcXYZ019#wechat_redirect")
    for state in ("st at&e=1", "状态", "a" * 129):
        with pytest.raises(ValueError, match="letters and digits"):
            official.authorize_url("http://x", state)


def test_an_interface_the_account_lacks_is_not_asked_for_again(official: Official, stub: Stub) -> None:
    path = "/cgi-bin/freepublish/submit"
    stub.say(path, {"errcode": 48001, "errmsg": "api unauthorized"})
    for _ in range(3):
        with pytest.raises(WireError) as refused:
            official.publish("M")
        assert refused.value.reaction is Reaction.CAPABILITY_OFF
    assert len(stub.of(path)) == 1
    assert official.lacks(path)


def test_request_numbers_are_kept() -> None:
    assert rid_of("invalid openid rid: 66f3bd4d-25a283a9-73c6a452") == "66f3bd4d-25a283a9-73c6a452"
    assert rid_of("require subscribe hint: [pbUIDa0472ge21]") == "pbUIDa0472ge21"
    assert rid_of("code been used, hints: [ req_id: qJlaJTNre-RfDw4 ]") == "qJlaJTNre-RfDw4"
    assert rid_of("ok") is None


def test_no_secret_token_or_openid_in_logs_exceptions_or_reprs(
    stub: Stub, purse: Purse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")  # whatever a house that was open before has silenced
    line = Line(stub.url, stub.url, stub.url)
    official = Official(APPID, SECRET, "service", line, purse)
    hide("TOKEN-OF-TEST-1", "TOKEN-OF-TEST-2")
    code = "-".join(("CODE", "SECRET"))
    said: list[str] = [repr(official), repr(line), repr(official._client)]

    def tried(call: object) -> None:
        try:
            said.append(repr(call()))  # type: ignore[operator]
        except (WireError, Unknown) as error:
            said.extend((str(error), repr(error), "".join(traceback.format_exception(error))))
            chain = error
            while chain is not None:
                said.append(repr(chain) + str(vars(chain)))
                chain = chain.__cause__ or chain.__context__  # type: ignore[assignment]

    stub.say("/sns/oauth2/access_token", {"openid": OPENID, "unionid": "UNION-SECRET"}, "cut", 500, {"errcode": 40125})
    stub.say("/cgi-bin/user/info", {"subscribe": 0, "openid": OPENID}, "cut", {"errcode": 40003, "errmsg": OPENID})
    stub.say("/cgi-bin/message/custom/send", {"errcode": 40001, "errmsg": f"bad token TOKEN-OF-TEST-1 {SECRET}"})
    for _ in range(4):
        tried(lambda: official.identity_by_code(code))
        tried(lambda: official.follows(OPENID))
        tried(lambda: official.send_text(OPENID, "一"))
    stub.close()
    tried(lambda: official.identity_by_code(code))
    tried(lambda: official.media("MEDIA"))
    line.close()
    logging.getLogger("server.wire").warning(
        "asked %s with %s", f"https://x/?access_token=abcdefgh&openid={OPENID}", SECRET
    )
    said += [caplog.text, *(r.getMessage() for r in caplog.records)]
    everything = "\n".join(said)
    assert "urllib3" in caplog.text, "the libraries did log"
    for secret in (SECRET, OPENID, "TOKEN-OF-TEST", "CODE-SECRET", "UNION-SECRET", "abcdefgh"):
        assert secret not in everything, secret


def test_redaction_by_name_and_by_value() -> None:
    text = f'{{"touser": ["{OPENID}"], "openid": "x", "errcode": 40001}} ?secret=abc&js_code=d&type=image'
    clean = redact(text)
    assert OPENID not in clean
    assert "abc" not in clean
    assert "js_code=d" not in clean
    assert '"errcode": 40001' in clean
    assert "type=image" in clean
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (f"openid={OPENID}",), None)
    assert Redaction().filter(record)
    assert OPENID not in record.getMessage()
