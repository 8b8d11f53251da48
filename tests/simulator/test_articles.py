"""Drafts, publishing and mass sending."""

import io
import json

from server.simulator import drawn
from tests.simulator.conftest import WeChat


def cover(wechat: WeChat) -> str:
    sent = wechat.client.post(
        "/cgi-bin/material/add_material",
        query_string={"access_token": wechat.token(), "type": "image"},
        data={"media": (io.BytesIO(drawn.road()), "cover.png")},
    )
    return sent.get_json()["media_id"]


def article(wechat: WeChat, **more: object) -> dict:
    return {
        "title": "农贸市场周边停车，请您提意见",
        "author": "青禾街道",
        "digest": "",
        "content": "<p>正文<script>alert(1)</script><img src='http://example.com/a.png'></p>" + "字" * 100,
        "content_source_url": "http://localhost:8000/c/abc",
        "thumb_media_id": cover(wechat),
        **more,
    }


def add(wechat: WeChat, **more: object) -> dict:
    return wechat.call("/cgi-bin/draft/add", {"articles": [article(wechat, **more)]})


def post_raw(wechat: WeChat, path: str, raw: bytes) -> dict:
    return wechat.client.post(
        path, query_string={"access_token": wechat.token()}, data=raw, content_type="application/json"
    ).get_json(force=True)


def test_a_draft_loses_scripts_and_foreign_pictures_and_gets_a_digest(wechat: WeChat) -> None:
    media_id = json.loads(
        wechat.client.post(
            "/cgi-bin/draft/add",
            query_string={"access_token": wechat.token()},
            data=json.dumps({"articles": [article(wechat)]}, ensure_ascii=False).encode(),
            content_type="application/json",
        ).data
    )["media_id"]
    kept = json.loads(
        wechat.client.post(
            "/cgi-bin/draft/get", query_string={"access_token": wechat.token()}, json={"media_id": media_id}
        ).data
    )["news_item"][0]
    assert "script" not in kept["content"]
    assert "img" not in kept["content"]
    assert len(kept["digest"]) == 54
    assert kept["url"].startswith("http")


def test_a_picture_from_uploadimg_stays(wechat: WeChat) -> None:
    sent = wechat.client.post(
        "/cgi-bin/media/uploadimg",
        query_string={"access_token": wechat.token()},
        data={"media": (io.BytesIO(drawn.road()), "a.png")},
    ).get_json()
    media_id = add(wechat, content=f'<p><img src="{sent["url"]}"></p>')["media_id"]
    kept = wechat.call("/cgi-bin/draft/get", {"media_id": media_id})["news_item"][0]
    assert sent["url"] in kept["content"]
    assert wechat.client.get(sent["url"].split("8001")[1]).mimetype == "image/png"


def test_escapes_are_not_undone(wechat: WeChat) -> None:
    raw = json.dumps({"articles": [article(wechat, title="第四条", author="")]}).encode()
    assert b"\\u7b2c" in raw
    media_id = post_raw(wechat, "/cgi-bin/draft/add", raw)["media_id"]
    assert wechat.call("/cgi-bin/draft/get", {"media_id": media_id})["news_item"][0]["title"].startswith("\\u7b2c")
    assert "ensure_ascii" in str(wechat.sim("wire")["entries"])


def code_of(wechat: WeChat, **more: object) -> int:
    raw = json.dumps({"articles": [article(wechat, **more)]}, ensure_ascii=False).encode()
    return post_raw(wechat, "/cgi-bin/draft/add", raw).get("errcode", 0)


def test_every_limit_of_a_draft_has_its_number(wechat: WeChat) -> None:
    assert code_of(wechat, title="题" * 32) == 0
    assert code_of(wechat, title="题" * 33) == 45003
    assert code_of(wechat, author="人" * 17) == 45110
    assert code_of(wechat, digest="摘" * 129) == 45004
    assert code_of(wechat, content="字" * 20_000) == 45002
    assert code_of(wechat, content_source_url="http://a/" + "x" * 1024) == 45005
    assert code_of(wechat, thumb_media_id="nothing") == 40007
    assert wechat.call("/cgi-bin/draft/add", {"articles": []})["errcode"] == 44003


def test_a_temporary_picture_is_no_cover(wechat: WeChat) -> None:
    sent = wechat.client.post(
        "/cgi-bin/media/upload",
        query_string={"access_token": wechat.token(), "type": "image"},
        data={"media": (io.BytesIO(drawn.road()), "a.png")},
    ).get_json()
    assert code_of(wechat, thumb_media_id=sent["media_id"]) == 40007


def test_publishing_is_finished_later_and_told(wechat: WeChat) -> None:
    media_id = add(wechat)["media_id"]
    publish_id = wechat.call("/cgi-bin/freepublish/submit", {"media_id": media_id})["publish_id"]
    assert wechat.call("/cgi-bin/freepublish/get", {"publish_id": publish_id})["publish_status"] == 1
    wechat.news()
    told = wechat.product.events("PUBLISHJOBFINISH")[0]["PublishEventInfo"]
    assert told["publish_status"] == "0"
    url = told["article_detail"]["item"]["article_url"]
    got = wechat.call("/cgi-bin/freepublish/get", {"publish_id": publish_id})
    assert got["publish_status"] == 0
    assert got["article_detail"]["item"][0]["article_url"] == url
    assert wechat.call("/cgi-bin/draft/get", {"media_id": media_id})["errcode"] == 40007
    page = wechat.client.get(url.split("8001")[1])
    assert page.status_code == 200
    assert "阅读原文" in page.text
    assert wechat.call("/cgi-bin/freepublish/delete", {"article_id": got["article_id"]})["errcode"] == 0
    assert "已被发布者删除" in wechat.client.get(url.split("8001")[1]).text


def test_a_publication_can_be_made_to_fail(wechat: WeChat) -> None:
    media_id = add(wechat)["media_id"]
    wechat.sim("errors", {"path": "event:PUBLISHJOBFINISH", "mode": "status", "status": "2"})
    publish_id = wechat.call("/cgi-bin/freepublish/submit", {"media_id": media_id})["publish_id"]
    wechat.news()
    assert wechat.call("/cgi-bin/freepublish/get", {"publish_id": publish_id}) == {
        "publish_id": publish_id,
        "publish_status": 2,
        "fail_idx": [1],
    }


def test_an_operator_publishes_by_hand_where_the_account_may_not(wechat: WeChat) -> None:
    wechat.sim("kind", {"kind": "unverified"})
    media_id = add(wechat)["media_id"]
    assert wechat.call("/cgi-bin/freepublish/submit", {"media_id": media_id})["errcode"] == 48001
    assert wechat.sim("drafts")["drafts"][0]["media_id"] == media_id
    url = wechat.sim(f"drafts/{media_id}/publish", {})["url"]
    assert wechat.client.get(url.split("8001")[1]).status_code == 200


def mass(wechat: WeChat, key: str | None = None, **more: object) -> dict:
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "普法"}, **more}
    if key:
        body["clientmsgid"] = key
    return wechat.call("/cgi-bin/message/mass/sendall", body)


def test_a_service_account_reaches_each_person_four_times_a_month(wechat: WeChat) -> None:
    wechat.phone(1)
    for _ in range(4):
        assert mass(wechat)["errcode"] == 0
    wechat.phone(2)
    assert mass(wechat)["errcode"] == 0
    wechat.news()
    results = wechat.product.events("MASSSENDJOBFINISH")
    assert [(one["SentCount"], one["ErrorCount"]) for one in results[-1:]] == [("1", "1")]
    assert len(results) == 5
    wechat.days(31)
    mass(wechat)
    wechat.news()
    assert wechat.product.events("MASSSENDJOBFINISH")[-1]["SentCount"] == "2"


def test_a_subscription_account_sends_once_a_day(wechat: WeChat) -> None:
    wechat.sim("kind", {"kind": "subscription"})
    wechat.phone(1)
    assert mass(wechat)["errcode"] == 0
    assert mass(wechat)["errcode"] == 45028
    wechat.days(1)
    assert mass(wechat)["errcode"] == 0


def test_the_same_client_id_is_never_sent_twice(wechat: WeChat) -> None:
    wechat.phone(1)
    first = mass(wechat, "k1")
    assert mass(wechat, "k1")["errcode"] == 45066
    wechat.seconds(61)
    again = mass(wechat, "k1")
    assert (again["errcode"], again["msgid"]) == (45065, first["msg_id"])
    wechat.news()
    assert wechat.call("/cgi-bin/message/mass/get", {"msg_id": first["msg_id"]})["msg_status"] == "SEND_SUCCESS"
    assert len(wechat.product.events("MASSSENDJOBFINISH")) == 1


def test_an_article_sent_to_a_tag_reaches_only_that_tag(wechat: WeChat) -> None:
    first, _ = wechat.phone(1), wechat.phone(2)
    tag = wechat.call("/cgi-bin/tags/create", {"tag": {"name": "village"}})["tag"]["id"]
    assert wechat.call("/cgi-bin/tags/members/batchtagging", {"openid_list": [first], "tagid": tag})["errcode"] == 0
    media_id = add(wechat)["media_id"]
    said = mass(wechat, filter={"is_to_all": False, "tag_id": tag}, msgtype="mpnews", mpnews={"media_id": media_id})
    assert said["errcode"] == 0
    wechat.news()
    assert wechat.chat(1)[-1]["kind"] == "news"
    assert wechat.chat(2) == []
    told = wechat.product.events("MASSSENDJOBFINISH")[0]
    assert told["ArticleUrlResult"]["ResultList"]["item"]["ArticleUrl"].startswith("http")


def test_a_mass_send_can_be_made_to_fail(wechat: WeChat) -> None:
    wechat.phone(1)
    wechat.sim("errors", {"path": "event:MASSSENDJOBFINISH", "mode": "status", "status": "err(30003)"})
    number = mass(wechat)["msg_id"]
    wechat.news()
    assert wechat.product.events("MASSSENDJOBFINISH")[0]["Status"] == "err(30003)"
    assert wechat.call("/cgi-bin/message/mass/get", {"msg_id": number})["msg_status"] == "SEND_FAIL"


def test_a_preview_goes_to_one_follower_by_wechat_name_and_costs_nobody_a_mass_send(wechat: WeChat) -> None:
    for n in (1, 2):
        wechat.phone(n)
    media_id = add(wechat)["media_id"]
    told = {"msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert wechat.call("/cgi-bin/message/mass/preview", {"towxname": "phone-2", **told})["errcode"] == 0
    shown = [m for m in wechat.chat(2) if m.get("preview")]
    assert len(shown) == 1 and not [m for m in wechat.chat(1) if m.get("preview")]
    for name in ("phone-99", "phone-", "somebody", "phone-2 ", "phone-02x", 7):
        assert wechat.call("/cgi-bin/message/mass/preview", {"towxname": name, **told})["errcode"] == 40132
    assert wechat.world.book.one("select count(*) from mass") == 0
