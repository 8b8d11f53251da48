"""Signing in on web pages and in the mini program, and the mini program's checks."""

from urllib.parse import parse_qs, urlsplit

from tests.simulator.conftest import WeChat


def authorize(wechat: WeChat, host: str = "phone-1.localhost:8000", **more: str):  # type: ignore[no-untyped-def]
    query = {
        "appid": wechat.world.official.appid,
        "redirect_uri": f"http://{host}/oauth/back?next=%2Fmine",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        **more,
    }
    return wechat.client.get("/connect/oauth2/authorize", query_string=query)


def exchange(wechat: WeChat, code: str) -> dict:
    official = wechat.world.official
    query = {"appid": official.appid, "secret": official.secret, "code": code, "grant_type": "authorization_code"}
    return wechat.client.get("/sns/oauth2/access_token", query_string=query).get_json(force=True)


def test_the_host_says_whose_phone_it_is_and_the_code_opens_once(wechat: WeChat) -> None:
    openid = wechat.phone(follows=False)
    back = authorize(wechat)
    assert back.status_code == 302
    where = urlsplit(back.location)
    assert where.netloc == "phone-1.localhost:8000"
    query = parse_qs(where.query)
    assert query["next"] == ["/mine"]
    assert query["state"] == ["abc123"]
    said = exchange(wechat, query["code"][0])
    assert said["openid"] == openid
    assert "unionid" not in said
    assert exchange(wechat, query["code"][0])["errcode"] == 40163
    assert exchange(wechat, "invented")["errcode"] == 40029


def test_a_code_dies_after_five_minutes(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    code = parse_qs(urlsplit(authorize(wechat).location).query)["code"][0]
    wechat.wait(301)
    assert exchange(wechat, code)["errcode"] == 40029


def test_refused_sign_ins_say_why(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    assert "10003" in authorize(wechat, host="evil.example").text
    assert "10003" in authorize(wechat, appid="wxother").text
    assert "10005" in authorize(wechat, scope="all").text
    assert "10012" in authorize(wechat, state="a-b_c").text
    assert "请在微信客户端打开链接" in authorize(wechat, host="localhost:8000").text
    wechat.sim("kind", {"kind": "subscription"})
    assert "10005" in authorize(wechat).text
    assert exchange(wechat, "any")["errcode"] == 48001


def test_userinfo_asks_first_and_then_tells_the_name(wechat: WeChat) -> None:
    wechat.phone(follows=False, name="林阿姨")
    asked = authorize(wechat, scope="snsapi_userinfo")
    assert asked.status_code == 200
    assert "林阿姨" in asked.text
    query = {
        "appid": wechat.world.official.appid,
        "redirect_uri": "http://phone-1.localhost:8000/back",
        "response_type": "code",
        "scope": "snsapi_userinfo",
        "state": "s",
    }
    back = wechat.client.post("/connect/oauth2/authorize", query_string=query, data={"answer": "allow"})
    said = exchange(wechat, parse_qs(urlsplit(back.location).query)["code"][0])
    assert said["unionid"] == wechat.sim("phones/1")["phone"]["unionid"]
    who = wechat.client.get(
        "/sns/userinfo", query_string={"access_token": said["access_token"], "openid": said["openid"]}
    )
    assert who.get_json(force=True)["nickname"] == "林阿姨"


def session(wechat: WeChat, code: str) -> dict:
    mini = wechat.world.mini
    query = {"appid": mini.appid, "secret": mini.secret, "js_code": code, "grant_type": "authorization_code"}
    return wechat.client.get("/sns/jscode2session", query_string=query).get_json(force=True)


def test_a_mini_program_code_opens_once(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    code = wechat.sim("phones/1/login", {})["code"]
    said = session(wechat, code)
    assert said["openid"] == wechat.mini_openid()
    assert said["unionid"] == wechat.sim("phones/1")["phone"]["unionid"]
    assert len(said["session_key"]) == 24
    assert session(wechat, code)["errcode"] == 40163
    assert session(wechat, "none")["errcode"] == 40029


def test_the_text_check_wants_somebody_who_was_here_within_two_hours(wechat: WeChat) -> None:
    wechat.phone(follows=False)

    def check(content: str = "第四条时间太短", **more: object) -> dict:
        body = {"openid": wechat.mini_openid(), "scene": 2, "version": 2, "content": content, **more}
        return wechat.call("/wxa/msg_sec_check", body, role="mini")

    assert check()["errcode"] == 61010
    wechat.sim("phones/1/login", {})
    assert check()["result"]["suggest"] == "pass"
    assert check("代开发票请找我")["result"]["suggest"] == "risky"
    assert check("加我微信细说")["result"]["suggest"] == "review"
    assert check(scene=9)["errcode"] == 40129
    wechat.seconds(7201)
    assert check()["errcode"] == 61010


def test_the_phone_number_is_given_once(wechat: WeChat) -> None:
    wechat.phone(follows=False)
    code = wechat.sim("phones/1/number", {})["code"]
    said = wechat.call("/wxa/business/getuserphonenumber", {"code": code}, role="mini")
    assert said["phone_info"]["phoneNumber"] == wechat.sim("phones/1")["phone"]["number"]
    assert wechat.call("/wxa/business/getuserphonenumber", {"code": code}, role="mini")["errcode"] == 40163


def test_the_mini_programs_token_opens_only_its_own_doors(wechat: WeChat) -> None:
    assert wechat.call("/cgi-bin/user/get", role="mini")["errcode"] == 48001
    assert wechat.call("/wxa/msg_sec_check", {}, role="official")["errcode"] == 48001
