"""The clock, the ordered faults, the kinds of account, the menu, the followers, and a restart."""

import dataclasses
from pathlib import Path

import pytest

from server.simulator.app import create_app
from server.simulator.settings import KINDS, Setup
from tests.simulator.conftest import WeChat


def test_the_clock_moves_both_and_carries_the_secret(wechat: WeChat) -> None:
    said = wechat.sim("clock", {"days": 31})
    assert said["ok"]
    assert wechat.product.clock == [{"seconds": 31 * 86_400, "secret": "a demonstration's secret"}]
    assert said["offset"] == 31 * 86_400


def test_if_the_product_will_not_move_neither_does_wechat(wechat: WeChat) -> None:
    wechat.product.clock_status = 403
    assert wechat.sim("clock", {"days": 31})["ok"] is False
    assert wechat.sim("state")["offset"] == 0


def test_the_clock_never_goes_back(wechat: WeChat) -> None:
    assert wechat.sim("clock", {"seconds": -5})["ok"] is False


def test_an_ordered_error_comes_as_often_as_ordered(wechat: WeChat) -> None:
    wechat.sim("errors", {"path": "/cgi-bin/user/get", "errcode": -1, "times": 2})
    assert [wechat.call("/cgi-bin/user/get").get("errcode", 0) for _ in range(3)] == [-1, -1, 0]


def test_rubbish_and_500_can_be_ordered(wechat: WeChat) -> None:
    wechat.sim("errors", {"path": "/cgi-bin/user/get", "mode": "garbage"})
    wechat.sim("errors", {"path": "/cgi-bin/user/get", "mode": "http500"})
    query = {"access_token": wechat.token()}
    assert wechat.client.get("/cgi-bin/user/get", query_string=query).data.startswith(b"<html>\xff")
    assert wechat.client.get("/cgi-bin/user/get", query_string=query).status_code == 500


def test_a_line_may_break_after_the_deed_was_done(wechat: WeChat) -> None:
    wechat.sim("errors", {"path": "/cgi-bin/tags/create", "mode": "drop_after"})
    query = {"access_token": wechat.token()}
    assert (
        wechat.client.post("/cgi-bin/tags/create", query_string=query, json={"tag": {"name": "v"}}).status_code == 502
    )
    assert [one["name"] for one in wechat.call("/cgi-bin/tags/get")["tags"]] == ["v"]


def test_an_unknown_fault_is_refused_in_words(wechat: WeChat) -> None:
    assert "没有 boom" in wechat.sim("errors", {"path": "*", "mode": "boom"})["message"]


GRANTED = {
    "service": {"menu", "template", "oauth", "qr", "publish", "draft"},
    "subscription": {"menu", "publish", "draft"},
    "government": {"menu", "template", "oauth", "qr", "publish", "draft"},
    "unverified": {"draft"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_account_may_what_it_may(wechat: WeChat, kind: str) -> None:
    wechat.sim("kind", {"kind": kind})
    asked = {
        "menu": lambda: wechat.call("/cgi-bin/menu/get"),
        "template": lambda: wechat.call("/cgi-bin/message/template/send", {}),
        "qr": lambda: wechat.call("/cgi-bin/qrcode/create", {}),
        "publish": lambda: wechat.call("/cgi-bin/freepublish/batchget", {}),
        "draft": lambda: wechat.call("/cgi-bin/draft/count"),
        "oauth": lambda: wechat.client.get(
            "/sns/oauth2/access_token", query_string={"appid": wechat.world.official.appid, "secret": "x"}
        ).get_json(force=True),
    }
    assert {name for name, ask in asked.items() if ask().get("errcode") != 48001} == GRANTED[kind]


def menu(wechat: WeChat, *buttons: dict) -> int:
    return wechat.call("/cgi-bin/menu/create", {"button": list(buttons)})["errcode"]


def test_a_menu_that_does_not_fit_is_refused(wechat: WeChat) -> None:
    click = {"type": "click", "name": "menu", "key": "K"}
    assert wechat.call("/cgi-bin/menu/get")["errcode"] == 46003
    assert menu(wechat) == 40016
    assert menu(wechat, click, click, click, click) == 40016
    assert menu(wechat, {**click, "name": ""}) == 40018
    assert menu(wechat, {**click, "name": "x" * 17}) == 40018
    assert menu(wechat, {**click, "key": "k" * 129}) == 40019
    assert menu(wechat, {**click, "type": "dance"}) == 40017
    assert menu(wechat, {"type": "view", "name": "a", "url": "ftp://x"}) == 40020
    assert menu(wechat, {"name": "a", "sub_button": [click] * 6}) == 40023
    assert menu(wechat, {"name": "a", "sub_button": [{**click, "name": "y" * 61}]}) == 40025
    assert menu(wechat, click, {"name": "more", "sub_button": [click]}) == 0
    assert len(wechat.call("/cgi-bin/menu/get")["menu"]["button"]) == 2
    assert wechat.call("/cgi-bin/menu/delete")["errcode"] == 0
    assert wechat.call("/cgi-bin/menu/get")["errcode"] == 46003


def test_followers_are_listed_in_pages_and_have_no_names(wechat: WeChat) -> None:
    first, second = wechat.phone(1), wechat.phone(2)
    third = wechat.phone(3, follows=False)
    listed = wechat.call("/cgi-bin/user/get")
    assert (listed["total"], listed["data"]["openid"], listed["next_openid"]) == (2, [first, second], second)
    assert wechat.call("/cgi-bin/user/get", next_openid=second)["count"] == 0
    known = wechat.call("/cgi-bin/user/info", openid=first)
    assert (known["subscribe"], known["nickname"]) == (1, "")
    assert wechat.call("/cgi-bin/user/info", openid=third) == {"subscribe": 0, "openid": third}


def test_a_phone_keeps_its_person_until_it_is_reset(wechat: WeChat) -> None:
    first = wechat.phone(1, name="林阿姨")
    assert wechat.phone(1, follows=False, name="林秀兰") == first
    assert wechat.phone(1, follows=False, reset=True) != first
    assert wechat.chat(1) == []


def test_a_link_is_opened_at_the_phones_own_host(wechat: WeChat) -> None:
    wechat.phone(2)
    assert (
        wechat.sim("phones/2/open", {"url": "http://localhost:8000/c/abc?x=1#k"})["url"]
        == "http://phone-2.localhost:8000/c/abc?x=1#k"
    )
    assert wechat.sim("phones/2/open", {"url": "https://example.com/"})["url"] == "https://example.com/"


def test_only_this_machine_and_its_own_pages_pull_the_strings(wechat: WeChat) -> None:
    def reset(**headers: str) -> int:
        return wechat.client.post("/sim/reset", json={}, headers=headers).status_code

    assert reset(Origin="http://localhost") == 200
    assert reset(Origin="https://evil.example") == 403
    assert reset(Origin="http://phone-1.localhost:8000") == 403
    assert reset(Host="evil.example") == 403
    assert wechat.client.post("/sim/reset", data="x", content_type="text/plain").status_code == 415
    assert wechat.client.post("/sim/reset", json={}, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    setup = dataclasses.replace(Setup.from_environment({}), data=tmp_path, product="http://127.0.0.1:9")
    first = create_app(setup, clerk=False)
    client = first.test_client()
    client.post("/sim/phones", json={"n": 1, "name": "林阿姨"})
    client.post("/sim/clock", json={"days": 2, "alone": True})
    first.extensions["world"].book.close()
    second = create_app(setup, clerk=False)
    state = second.test_client().get("/sim/state").get_json()
    assert state["offset"] == 2 * 86_400
    assert state["phones"][0]["name"] == "林阿姨"
    second.extensions["world"].book.close()


def test_settings_come_from_the_environment() -> None:
    setup = Setup.from_environment({"SIM_TEMPLATE_IDS": "T1:通知:thing1=办法,date2", "SIM_OFFICIAL_KIND": "government"})
    assert [field.label for field in setup.templates[0].fields] == ["办法", "日期"]
    assert setup.official.kind == "government"
    with pytest.raises(ValueError, match="SIM_OFFICIAL_KIND"):
        Setup.from_environment({"SIM_OFFICIAL_KIND": "personal"})
