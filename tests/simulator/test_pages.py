"""The pages a person sees, as far as they can be read without a browser."""

import re
from pathlib import Path

import pytest

from tests.simulator.conftest import WeChat

STATIC = Path(__file__).parents[2] / "server" / "simulator" / "static"
TEMPLATES = STATIC.parent / "templates"


def test_the_list_names_every_phone_and_says_that_this_is_not_wechat(wechat: WeChat) -> None:
    wechat.phone(1, name="林阿姨", village="柳塘社区")
    wechat.phone(2, follows=False, name="老郭")
    page = wechat.client.get("/", headers={"Host": "localhost:8001"}).text
    assert "林阿姨" in page
    assert "还没关注" in page
    assert 'href="http://phone-2.localhost:8001/"' in page
    assert "演示用，不是真的微信，不会发给任何人" in page


def test_a_phone_that_nobody_made_yet_is_made_when_it_is_opened(wechat: WeChat) -> None:
    page = wechat.client.get("/", headers={"Host": "phone-4.localhost:8001"})
    assert 'data-phone="4"' in page.text
    assert 'data-product="http://phone-4.localhost:8000"' in page.text
    assert [one["n"] for one in wechat.sim("state")["phones"]] == [4]
    assert wechat.client.get("/", headers={"Host": "phone-99.localhost:8001"}).status_code == 302


def test_the_policy_is_strict_and_frames_only_this_phones_product(wechat: WeChat) -> None:
    answer = wechat.client.get("/", headers={"Host": "phone-1.localhost:8001"})
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-src http://localhost:8001 'self' http://phone-1.localhost:8000;" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_page_carries_script_or_style_inside(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_script_writes_html(path: Path) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", path.read_text("utf-8"))


def test_the_phone_is_told_only_what_is_new(wechat: WeChat) -> None:
    wechat.phone(1)
    first = wechat.client.get("/sim/phones/1/look").get_json()
    again = wechat.client.get("/sim/phones/1/look", query_string={"v": first["version"]})
    assert again.status_code == 204
    wechat.sim("phones/1/say", {"text": "新的"})
    assert (
        wechat.client.get("/sim/phones/1/look", query_string={"v": first["version"]}).get_json()["messages"][-1]["text"]
        == "新的"
    )


def test_the_mini_programs_requests_go_to_the_api_and_nowhere_else(wechat: WeChat) -> None:
    wechat.phone(1, follows=False)
    asked = {
        "method": "GET",
        "path": "/api/v1/consultations?limit=2",
        "headers": {"Authorization": "Bearer t", "Cookie": "x=1"},
    }
    said = wechat.sim("phones/1/request", asked)
    assert (said["status"], said["body"]) == (200, {"items": []})
    headers = wechat.product.heard[-1]["headers"]
    assert headers["Authorization"] == "Bearer t"
    assert headers["Host"] == "localhost:8000"
    assert "Cookie" not in headers
    for path in ("/desk", "/api/v1/../../desk", "http://example.com/"):
        assert wechat.sim("phones/1/request", {"method": "GET", "path": path})["ok"] is False


def test_a_picture_is_fetched_only_from_the_product_or_from_here(wechat: WeChat) -> None:
    assert wechat.client.get("/picture", query_string={"url": "https://example.com/a.png"}).status_code == 404
    assert wechat.client.get("/drawn/road.png").data.startswith(b"\x89PNG")


def test_what_was_seen_is_no_longer_new(wechat: WeChat) -> None:
    openid = wechat.phone(1)
    wechat.call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": "您好"}})
    assert [one["seen"] for one in wechat.chat()] == [False]
    wechat.sim("phones/1/seen", {"room": "official"})
    assert [one["seen"] for one in wechat.chat()] == [True]


def test_the_clock_goes_to_a_day_and_not_back_to_one(wechat: WeChat) -> None:
    wanted = wechat.world.clock.local(wechat.world.clock.now() + 9 * 86_400).strftime("%Y-%m-%d")
    assert wechat.sim("clock", {"until": wanted, "alone": True})["ok"]
    assert wechat.world.clock.local().strftime("%Y-%m-%d %H") == f"{wanted} 09"
    assert wechat.sim("clock", {"until": "2020-01-01", "alone": True})["ok"] is False
