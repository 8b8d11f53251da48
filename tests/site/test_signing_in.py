"""Signing in: through WeChat, by a personal link, and out again; never to another host."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from models.kernel.base import db
from models.people.link import OneOffLink
from models.people.resident import Resident
from server.house import House
from tests.site.conftest import Phone, Street, seen

Phones = Callable[..., Phone]
ELSEWHERE = (
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/a\r\nX: y",
    "",
)


@dataclass
class Stand:
    """WeChat's answers to codes, without a line to WeChat."""

    oauth: bool = True
    snapshot: bool = False
    asked: list[str] = field(default_factory=list)
    appid: str = "wx0000000000000001"

    @property
    def rights(self) -> Any:
        return SimpleNamespace(oauth=self.oauth)

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        return (
            f"https://open.example/connect/oauth2/authorize?redirect_uri={redirect_uri}&state={state}#wechat_redirect"
        )

    def identity_by_code(self, code: str) -> Any:
        self.asked.append(code)
        if code == "spent":
            return None
        return SimpleNamespace(openid=f"openid-{code}", unionid=None, snapshot=self.snapshot)


@pytest.fixture
def wechat(app: House) -> Stand:
    stand = Stand()
    app.extensions["wire"] = SimpleNamespace(official=stand, mini=None)
    return stand


def begin(browser: Phone, back: str = "/mine", **more: Any) -> str:
    """Off to WeChat; returns the state it was sent with."""
    answer = browser.get("/oauth/start", query_string={"next": back}, **more)
    assert answer.status_code == 303
    told = parse_qs(urlsplit(answer.headers["Location"].split("#")[0]).query)
    return told["state"][0]


@pytest.mark.both_engines
def test_wechat_says_who_it_is_and_the_person_goes_on(phone: Phones, wechat: Stand) -> None:
    browser = phone()
    state = begin(browser, "/questions/new")
    back = browser.get(f"/oauth/callback?code=zhou&state={state}")
    assert back.status_code == 303
    assert back.headers["Location"] == "/questions/new"
    assert "问法律顾问" in browser.follow(back)
    assert browser.look("/mine")


def test_the_way_back_is_built_from_the_host_that_was_asked(phone: Phones, wechat: Stand) -> None:
    answer = phone().get("/oauth/start", base_url="http://phone-3.localhost:8000")
    assert "redirect_uri=http://phone-3.localhost:8000/oauth/callback" in answer.headers["Location"]


def test_a_code_without_the_state_of_this_browser_is_not_even_asked_about(phone: Phones, wechat: Stand) -> None:
    browser = phone()
    begin(browser)
    for query in ("code=zhou", "code=zhou&state=", "code=zhou&state=wrong", "state=x", ""):
        assert browser.get(f"/oauth/callback?{query}").status_code == 400
    state = begin(browser)
    for code in ("", "a b", "x" * 200, "%00", "é"):
        assert browser.get(f"/oauth/callback?code={code}&state={state}").status_code == 400
    assert wechat.asked == []


def test_a_spent_code_and_a_snapshot_are_explained_and_nobody_is_signed_in(phone: Phones, wechat: Stand) -> None:
    browser = phone()
    spent = browser.get(f"/oauth/callback?code=spent&state={begin(browser)}")
    assert spent.status_code == 400
    assert "再点一次" in spent.get_data(as_text=True)
    wechat.snapshot = True
    snapshot = browser.get(f"/oauth/callback?code=zhou&state={begin(browser)}")
    assert "网页快照" in snapshot.get_data(as_text=True)
    assert browser.get("/mine").status_code == 303


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nothing_leads_to_another_host(phone: Phones, wechat: Stand, elsewhere: str) -> None:
    browser = phone()
    back = browser.get(f"/oauth/callback?code=zhou&state={begin(browser, elsewhere)}")
    assert back.headers["Location"] == "/mine"
    size = browser.get("/text-size", query_string={"large": "1", "next": elsewhere})
    assert size.headers["Location"] == "/"


def test_inside_wechat_nobody_has_to_press_anything(phone: Phones, wechat: Stand, street: Street) -> None:
    asked, browser = street.publish(), phone()
    inside = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"}
    for path in ("/mine", f"/consultations/{asked}/comment?clause=5", "/questions/new"):
        answer = browser.get(path, headers=inside)
        assert answer.headers["Location"].startswith("/oauth/start?next=")
    without = browser.get(f"/consultations/{asked}/comment?clause=5&anonymous=1", headers=inside)
    assert without.status_code == 200, "whoever does not want to sign in need not"
    browser.get("/oauth/start", query_string={"next": f"/consultations/{asked}/comment?clause=5"})
    failed = browser.get("/oauth/callback?code=zhou&state=wrong")
    assert f"/consultations/{asked}/comment?clause=5&amp;anonymous=1" in failed.get_data(as_text=True)


def test_where_the_account_may_not_the_page_explains_the_other_ways(phone: Phones, wechat: Stand) -> None:
    wechat.oauth = False
    browser = phone()
    page = browser.look("/sign-in?next=/mine")
    assert "只给您用的链接" in page
    assert "用微信登录" not in page
    assert browser.get("/oauth/start").headers["Location"].startswith("/sign-in")
    assert browser.get("/oauth/callback?code=zhou&state=x").status_code == 400


@pytest.mark.both_engines
def test_a_personal_link_is_not_spent_by_looking_and_is_spent_once(phone: Phones, app: House) -> None:
    with app.app_context():
        who = Resident.by_identity("wx0000000000000001", "openid-zhou")
        who.name = "周女士"
        token = OneOffLink.make(who, "/me")
        db.session.commit()
    preview, woman, thief = phone(), phone(), phone()
    for _ in range(3):
        assert "只能用一次" in preview.look(f"/in/{token}")
        assert preview.head(f"/in/{token}").status_code == 200
    stolen = thief.form(f"/in/{token}")
    answer = woman.send(woman.form(f"/in/{token}"))
    assert answer.headers["Location"] == "/me"
    assert woman.form("/me").fields["name"] == "周女士"
    assert thief.send(stolen).status_code == 410
    assert thief.get(f"/in/{token}").status_code == 410
    assert thief.get("/me").status_code == 303


@pytest.mark.parametrize("token", ["x", "0" * 64, "%00", "g" * 64, "a" * 5000])
def test_a_link_that_was_never_given_opens_nothing(phone: Phones, token: str) -> None:
    assert phone().get(f"/in/{token}").status_code == 410


def test_signing_out_ends_the_session_here_and_now(phone: Phones) -> None:
    woman = phone("周女士")
    cookie = woman.get_cookie("huiyin_r")
    assert cookie
    woman.look("/mine")
    assert woman.send(woman.form("/sign-out")).headers["Location"] == "/"
    other = phone()
    other.set_cookie("huiyin_r", cookie.value)
    assert other.get("/mine").status_code == 303, "the token is worth nothing any more"


def test_signing_in_anew_ends_the_session_before_it(phone: Phones, wechat: Stand) -> None:
    woman = phone("周女士")
    before = woman.get_cookie("huiyin_r")
    woman.get(f"/oauth/callback?code=chen&state={begin(woman)}")
    after, other = woman.get_cookie("huiyin_r"), phone()
    assert before
    assert after
    assert before.value != after.value
    other.set_cookie("huiyin_r", before.value)
    assert other.get("/mine").status_code == 303


def test_cookies_are_http_only_and_lax(phone: Phones, wechat: Stand, street: Street) -> None:
    browser, asked = phone(), street.publish()
    answers = [
        browser.get("/oauth/start"),
        browser.get(f"/oauth/callback?code=zhou&state={begin(browser)}"),
        browser.get("/text-size?large=1"),
        phone().say(asked, "一句。"),
    ]
    given = [c for a in answers for c in a.headers.getlist("Set-Cookie")]
    assert len(given) >= 5
    for cookie in given:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_personal_pages_are_kept_by_no_cache(phone: Phones, street: Street) -> None:
    woman, asked = phone("周女士"), street.publish()
    receipt = woman.say(asked, "一句。").headers["Location"]
    for path in ("/mine", receipt, "/questions", "/me", "/sign-in", "/receipt"):
        assert woman.get(path).headers["Cache-Control"] == "no-store"
    for path in ("/", f"/consultations/{asked}", "/reports"):
        assert "private" in woman.get(path).headers["Cache-Control"]


def test_forgetting_is_done_on_purpose_and_leaves_nothing_to_read(phone: Phones, street: Street) -> None:
    woman, asked = phone("周女士"), street.publish()
    comment = woman.say(asked, "要删掉的原话。").headers["Location"].rsplit("/", 1)[1]
    form = woman.form("/me/erase")
    assert "请先在下面勾选" in woman.send(form).get_data(as_text=True)
    assert "要删掉的原话" in woman.look(f"/comments/{comment}")
    assert woman.send(form, sure="y").headers["Location"] == "/"
    assert woman.get("/mine").status_code == 303
    again = phone("周女士")
    assert again.get(f"/comments/{comment}").status_code == 404
    assert "还没有提过意见" in again.look("/mine")
    assert "重新说一句。" in again.look(
        again.say(asked, "重新说一句。").headers["Location"].replace("receipts", "comments")
    )


def test_what_i_told_about_myself_can_be_put_right(phone: Phones) -> None:
    woman = phone("周女士")
    done = woman.send(woman.form("/me"), name="周阿姨", phone="0000-5550199")
    page = woman.follow(done)
    assert "改好了" in page
    form = woman.form("/me")
    assert (form.fields["name"], form.fields["phone"]) == ("周阿姨", "0000-5550199")
    wrong = woman.send(form, phone="不告诉你", name="还是我")
    assert wrong.status_code == 422
    assert "还是我" in wrong.get_data(as_text=True)


def test_large_letters_are_remembered_and_lead_back(phone: Phones) -> None:
    browser = phone()
    assert 'class="large"' not in browser.look("/reports")
    link = re.search(r'href="(/text-size[^"]+)"', browser.look("/reports"))
    assert link
    answer = browser.get(link[1].replace("&amp;", "&"))
    assert answer.headers["Location"] == "/reports"
    assert 'class="large"' in browser.look("/reports")
    assert "标准字" in seen(browser.look("/reports"))
    form = browser.form("/text-size")
    browser.send(form, large="0")
    assert 'class="large"' not in browser.look("/reports")
