"""How long a token lives, and what drives it out."""

from tests.simulator.conftest import WeChat


def plain(wechat: WeChat) -> str:
    account = wechat.world.official
    query = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    return wechat.client.get("/cgi-bin/token", query_string=query).get_json()["access_token"]


def stable(wechat: WeChat, **more: object) -> dict:
    account = wechat.world.official
    body = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret, **more}
    return wechat.client.post("/cgi-bin/stable_token", json=body).get_json()


def code(wechat: WeChat, token: str) -> int:
    return wechat.call("/cgi-bin/getcallbackip", token=token).get("errcode", 0)


def test_a_token_dies_after_two_hours_of_the_wall_clock(wechat: WeChat) -> None:
    token = plain(wechat)
    wechat.wait(7199)
    assert code(wechat, token) == 0
    wechat.wait(2)
    assert code(wechat, token) == 42001


def test_moving_the_storys_clock_kills_no_token(wechat: WeChat) -> None:
    token = plain(wechat)
    wechat.days(31)
    assert code(wechat, token) == 0


def test_a_new_token_leaves_the_old_one_five_minutes(wechat: WeChat) -> None:
    first, second = plain(wechat), plain(wechat)
    assert first != second
    wechat.wait(299)
    assert code(wechat, first) == 0
    wechat.wait(2)
    assert code(wechat, first) == 40001
    assert code(wechat, second) == 0


def test_the_stable_token_stays_the_same_until_its_last_five_minutes(wechat: WeChat) -> None:
    first = stable(wechat)
    wechat.wait(3600)
    again = stable(wechat)
    assert again["access_token"] == first["access_token"]
    assert again["expires_in"] in (3599, 3600)
    wechat.wait(3400)
    fresh = stable(wechat)
    assert fresh["access_token"] != first["access_token"]
    assert code(wechat, first["access_token"]) == 0


def test_the_two_families_do_not_disturb_each_other(wechat: WeChat) -> None:
    lasting = stable(wechat)["access_token"]
    plain(wechat)
    plain(wechat)
    wechat.wait(400)
    assert code(wechat, lasting) == 0


def test_forcing_a_new_stable_token_is_rationed(wechat: WeChat) -> None:
    first = stable(wechat)["access_token"]
    second = stable(wechat, force_refresh=True)["access_token"]
    assert code(wechat, first) == 40001
    assert code(wechat, second) == 0
    assert stable(wechat, force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        wechat.wait(31)
        assert "access_token" in stable(wechat, force_refresh=True)
    wechat.wait(31)
    assert stable(wechat, force_refresh=True)["errcode"] == 45009


def test_wrong_or_missing_credentials_have_their_numbers(wechat: WeChat) -> None:
    def ask(**query: str) -> int:
        return wechat.client.get("/cgi-bin/token", query_string=query).get_json()["errcode"]

    official = wechat.world.official
    assert ask() == 40002
    assert ask(grant_type="client_credential") == 41002
    assert ask(grant_type="client_credential", appid="wxother", secret="x") == 40013
    assert ask(grant_type="client_credential", appid=official.appid, secret="x") == 40125
    assert wechat.client.get("/cgi-bin/getcallbackip").get_json()["errcode"] == 41001
    assert code(wechat, "invented") == 40001


def test_a_refusal_carries_a_reference(wechat: WeChat) -> None:
    said = wechat.client.get("/cgi-bin/getcallbackip").get_json()
    assert " rid: " in said["errmsg"]


def test_the_days_calls_run_out_and_come_back_at_midnight_in_beijing(wechat: WeChat) -> None:
    wechat.sim("quotas", {"path": "/cgi-bin/user/get", "limit": 2})
    assert [wechat.call("/cgi-bin/user/get").get("errcode", 0) for _ in range(3)] == [0, 0, 45009]
    left = wechat.call("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/user/get"})["quota"]
    assert left == {"daily_limit": 2, "used": 2, "remain": 0}
    wechat.days(1)
    assert wechat.call("/cgi-bin/user/get").get("errcode", 0) == 0


def test_all_tokens_can_be_made_to_die(wechat: WeChat) -> None:
    token = plain(wechat)
    wechat.sim("expire", {})
    assert code(wechat, token) == 40001
