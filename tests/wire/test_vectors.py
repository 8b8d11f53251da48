"""The collected samples of WeChat's errors and request bodies, held against what the line says and hears."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.wire.account import Mini, Official
from server.wire.errors import RULES, Reaction, WireError, rule_for
from tests.conftest import SHARED
from tests.wire.conftest import OPENID, Purse, Stub

VECTORS = SHARED / "wechat" / "vectors"
pytestmark = pytest.mark.usefixtures("samples")

NAMED = {
    "-1": Reaction.RETRY_LATER,
    "40001-hint": Reaction.REFRESH_TOKEN,
    "40001": Reaction.REFRESH_TOKEN,
    "42001": Reaction.REFRESH_TOKEN,
    "40003-rid": Reaction.DROP_RECIPIENT,
    "40003": Reaction.DROP_RECIPIENT,
    "40013": Reaction.ALARM_STOP,
    "40125": Reaction.ALARM_STOP,
    "40164": Reaction.ALARM_STOP,
    "40018": Reaction.FIX_DATA,
    "44003": Reaction.FIX_DATA,
    "40029": Reaction.LOGIN_AGAIN,
    "40163": Reaction.LOGIN_AGAIN,
    "40037": Reaction.STOP_BATCH,
    "47003": Reaction.STOP_BATCH,
    "43004": Reaction.UNFOLLOWED,
    "43101": Reaction.ZERO_GRANT,
    "45009-doc": Reaction.STOP_UNTIL_MIDNIGHT,
    "45009": Reaction.STOP_UNTIL_MIDNIGHT,
    "45015": Reaction.WINDOW_CLOSED,
    "45047": Reaction.WINDOW_CLOSED,
    "45028": Reaction.NO_MASS_QUOTA,
    "45065": Reaction.TREAT_AS_SENT,
    "48001": Reaction.CAPABILITY_OFF,
}


def files(folder: str) -> list[Path]:
    return sorted((VECTORS / folder).glob("*.json")) if VECTORS.is_dir() else []


@pytest.mark.parametrize("sample", files("api-error"), ids=lambda p: p.stem)
def test_each_error_comes_to_its_reaction(sample: Path, official: Official, stub: Stub, purse: Purse) -> None:
    stub.say("/cgi-bin/message/template/send", sample.read_text())
    with pytest.raises(WireError) as refused:
        official.send_template(OPENID, "T", {"thing1": "事"}, url="http://x/mine", client_msg_id="m1")
    error = refused.value
    wanted = NAMED[sample.stem]
    assert rule_for(error.errcode).reaction is wanted
    calls = stub.of("/cgi-bin/message/template/send")
    if wanted is Reaction.REFRESH_TOKEN:  # one new token, one more try, then a person
        assert error.reaction is Reaction.ALARM_STOP
        assert [c.query["access_token"] for c in calls] == ["TOKEN-OF-TEST-1", "TOKEN-OF-TEST-2"]
    else:
        assert error.reaction is wanted
        assert len(calls) == 1
    if "rid" in sample.read_text():
        assert error.rid
    assert error.words


def test_every_sample_of_an_error_is_named_and_no_name_is_left_over() -> None:
    assert {p.stem for p in files("api-error")} == set(NAMED)


def test_an_error_nobody_wrote_down_goes_to_a_person() -> None:
    assert rule_for(99999).reaction is Reaction.UNLISTED
    assert all(rule.words for rule in RULES.values())


# What we say beyond the sample: fields the platform documents and the collected sample happens to lack.
BEYOND = {
    "skit_CgibinMessageTemplateSendRequest": {"client_msg_id"},
    "skit_CgibinMessageMassSendAllRequest": {"clientmsgid", "send_ignore_reprint"},
}
NEVER_CALLED = {
    "skit_CgibinClearQuotaRequest": "clearing a quota is for a person on the platform's own page (10 a month)",
    "skit_CgibinDraftUpdateRequest": "a draft that changed is added anew",
    "skit_CgibinMenuAddConditionalRequest": "one menu for everybody",
    "skit_CgibinMessageMassPreviewRequest": "staff preview on the console",
    "skit_CgibinMessageMassSendRequest": "mass sends go to a tag or to all, never to a list of people",
    "skit_CgibinMessageSubscribeBusinessSendRequest": "subscribe notices of service accounts are still in grey test",
    "skit_CgibinOpenApiQuotaGetRequest": "quotas are learned from 45009",
    "skit_CgibinQrcodeCreateRequest": "codes carry plain addresses",
    "skit_CgibinUserInfoBatchGetRequest": "who follows is known from events, one person is asked for by user/info",
    "skit_WxaBusinessGetUserPhoneNumberRequest": "nobody is asked for a phone number through WeChat",
    "skit_WxaGenerateUrlLinkRequest": "links lead to the H5 pages",
    "skit_WxaGetWxaCodeUnlimitRequest": "codes carry plain addresses",
    "skit_WxaMediaCheckRequest": "pictures are looked at by staff before anybody else sees them",
}


def say_everything(official: Official, mini: Mini) -> None:
    """Each call of the line once, with the fullest body it can have."""
    article: dict[str, object] = {
        "title": "题",
        "author": "街道",
        "digest": "摘要",
        "content": "<p>正文</p>",
        "content_source_url": "http://x/consultations/1",
        "thumb_media_id": "M",
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }
    official.add_draft([article])
    official.put_menu(
        [
            {"type": "click", "name": "今日", "key": "K"},
            {
                "name": "菜单",
                "sub_button": [
                    {"type": "view", "name": "看", "url": "http://x"},
                    {"type": "miniprogram", "name": "小", "url": "http://x", "appid": "wx", "pagepath": "p"},
                ],
            },
        ]
    )
    official.send_text(OPENID, "您好")
    official.send_to_tag("M", tag_id=2, client_msg_id="c")
    official.send_template(
        OPENID, "T", {"first": "一"}, url="http://x", client_msg_id="m", miniprogram={"appid": "wx", "pagepath": "p"}
    )
    official.tag_people(134, [OPENID, OPENID])
    mini.send_subscribed(OPENID, "T", {"date01": "2026年11月22日"}, page="index")
    mini.check_text(OPENID, "hello")


SAID = {
    "skit_CgibinDraftAddRequest": "/cgi-bin/draft/add",
    "skit_CgibinMenuCreateRequest": "/cgi-bin/menu/create",
    "skit_CgibinMessageCustomSendRequest": "/cgi-bin/message/custom/send",
    "skit_CgibinMessageMassSendAllRequest": "/cgi-bin/message/mass/sendall",
    "skit_CgibinMessageTemplateSendRequest": "/cgi-bin/message/template/send",
    "skit_CgibinTagsMembersBatchTaggingRequest": "/cgi-bin/tags/members/batchtagging",
    "skit_CgibinMessageSubscribeSendRequest": "/cgi-bin/message/subscribe/send",
    "skit_WxaMessageSecurityCheckRequest": "/wxa/msg_sec_check",
}


def test_every_sample_of_a_request_is_said_or_named_as_never_called() -> None:
    samples = {p.stem for p in files("api-request")}
    assert samples == set(SAID) | set(NEVER_CALLED)
    assert not set(SAID) & set(NEVER_CALLED)
    assert (len(samples), len(SAID), len(NEVER_CALLED)) == (21, 8, 13)


def shape(value: Any, path: str = "") -> set[tuple[str, str]]:
    """Every path of a body with its JSON type; the names of template fields are the office's own."""
    if isinstance(value, dict):
        found = {(path, "object")}
        for name, inner in value.items():
            name = "*" if path == "/data" else name
            found |= shape(inner, f"{path}/{name}")
        return found
    if isinstance(value, list):
        return {(path, "array")}.union(*(shape(inner, f"{path}[]") for inner in value))
    return {(path, {bool: "boolean", int: "number", str: "string"}.get(type(value), "other"))}


# What WeChat refuses a body for lacking, by the platform's own tables of parameters; `*` is a template's field.
REQUIRED = {
    "skit_CgibinDraftAddRequest": {f"/articles[]/{name}" for name in ("title", "content", "thumb_media_id")},
    "skit_CgibinMenuCreateRequest": {"/button[]/name", "/button[]/type", "/button[]/sub_button[]/name"},
    "skit_CgibinMessageCustomSendRequest": {"/touser", "/msgtype", "/text/content"},
    "skit_CgibinMessageMassSendAllRequest": {"/filter/is_to_all", "/filter/tag_id", "/mpnews/media_id", "/msgtype"},
    "skit_CgibinMessageTemplateSendRequest": {"/touser", "/template_id", "/data/*/value"},
    "skit_CgibinTagsMembersBatchTaggingRequest": {"/openid_list[]", "/tagid"},
    "skit_CgibinMessageSubscribeSendRequest": {"/touser", "/template_id", "/page", "/data/*/value"},
    "skit_WxaMessageSecurityCheckRequest": {"/openid", "/scene", "/version", "/content"},
}


def lacks(sample: str, body: Any) -> set[str]:
    """Required paths that a body does not have."""
    return REQUIRED[sample] - {path for path, _ in shape(body)}


@pytest.mark.parametrize("sample", sorted(SAID))
def test_a_body_that_lacks_what_is_required_is_noticed(sample: str, official: Official, mini: Mini, stub: Stub) -> None:
    stub.say("/cgi-bin/draft/add", {"media_id": "M"})
    say_everything(official, mini)
    (asked,) = stub.of(SAID[sample])
    for required in REQUIRED[sample]:
        body = json.loads(json.dumps(asked.json))
        take_away(body, [part for part in required.replace("[]", "/[]").split("/") if part])
        assert required in lacks(sample, body)


def take_away(body: Any, path: list[str]) -> None:
    """The body without what stands at this path."""
    first, *rest = path
    for inner in body if first == "[]" else [body]:
        if first == "[]":
            if rest:
                take_away(inner, rest)
        elif rest:
            for key in list(inner) if first == "*" else [first] if first in inner else []:
                take_away(inner[key], rest)
        else:
            inner.pop(first, None)
    if first == "[]" and not rest:
        body.clear()


@pytest.mark.parametrize("sample", sorted(SAID))
def test_our_bodies_have_the_shape_of_the_samples(sample: str, official: Official, mini: Mini, stub: Stub) -> None:
    stub.say("/cgi-bin/draft/add", {"media_id": "M"})
    say_everything(official, mini)
    (asked,) = stub.of(SAID[sample])
    wanted = shape(json.loads((VECTORS / "api-request" / f"{sample}.json").read_text()))
    said = shape(asked.json)
    beyond = {("/" + name, kind) for name in BEYOND.get(sample, ()) for kind in ("string", "number")}
    assert said - beyond <= wanted
    assert not lacks(sample, asked.json)
    assert len(said & beyond) == len(BEYOND.get(sample, ()))


ANSWERS = {
    "skit_CgibinDraftAddResponse": lambda o, m: o.add_draft([{}]) == "MEDIA_ID",
    "skit_CgibinFreePublishSubmitResponse": lambda o, m: o.publish("M") == "100000001",
    "skit_CgibinFreePublishGetResponse": lambda o, m: (
        o.published("1").url == "ARTICLE_URL" and o.published("1").state == 0
    ),
    "official_freepublish_get_publishing": lambda o, m: o.published("1").state == 1,
    "official_freepublish_get_original_failed": lambda o, m: o.published("1").state == 2,
    "skit_CgibinMaterialAddMaterialResponse": lambda o, m: o.keep_picture("c.png", b"x") == "MEDIA_ID",
    "skit_CgibinMediaUploadImageResponse": lambda o, m: o.host_picture("c.png", b"x").startswith("http://mmbiz"),
    "skit_CgibinMessageMassSendAllResponse": lambda o, m: (
        (r := o.send_to_tag("M", tag_id=None, client_msg_id="c")).msg_id == "34182" and r.data_id == "206227730"
    ),
    "skit_CgibinMessageTemplateSendResponse": lambda o, m: (
        o.send_template(OPENID, "T", {}, url="", client_msg_id="m") == "200228332"
    ),
    "skit_CgibinMenuGetResponse": lambda o, m: o.menu()[0]["name"] == "今日歌曲",
    "wechatpy_menu_get": lambda o, m: len(o.menu()) > 0,
    "skit_CgibinTagsGetResponse": lambda o, m: o.tags()["星标组"] == 2,
    "skit_CgibinUserInfoResponse": lambda o, m: o.follows(OPENID) is True,
    "wechatpy_user_info": lambda o, m: o.follows(OPENID) is True,
    "skit_SnsJsCode2SessionResponse": lambda o, m: m.session_by_code("c").unionid == "UNIONID",
    "wechatpy_sns_jscode2session": lambda o, m: m.session_by_code("c").openid.startswith("o16wA0b4"),
    "skit_SnsOAuth2AccessTokenResponse": lambda o, m: o.identity_by_code("c").snapshot is True,
    "skit_WxaMessageSecurityCheckResponse": lambda o, m: m.check_text(OPENID, "x").suggest == "risky",
    "wechatpy_message_custom_send": lambda o, m: o.send_text(OPENID, "x") is None,
    "wechatpy_message_mass_send": lambda o, m: o.send_to_tag("M", tag_id=2, client_msg_id="c").msg_id == "34182",
}


@pytest.mark.parametrize("sample", sorted(ANSWERS))
def test_the_collected_answers_are_understood(sample: str, official: Official, mini: Mini, stub: Stub) -> None:
    text = (VECTORS / "api-response" / f"{sample}.json").read_text()

    class Always(dict[str, Any]):
        def get(self, path: str, default: object = None) -> Any:
            return [text]

    stub.answers = Always()
    assert ANSWERS[sample](official, mini)  # type: ignore[no-untyped-call]
