"""Signing in: one sentence for every wrong pair, a lock after ten, sessions that end at once, first passwords changed."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.kernel.base import db
from models.people.officer import Officer
from models.people.session import Session
from server.cli import DEMO_PASSWORD
from server.house import House


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', html)
    assert found
    return found[1]


def enter(client: Any, login: str, password: str, **more: Any) -> Any:
    page = client.get("/desk/sign-in")
    told = {"login": login, "password": password, "csrf_token": token_of(page.get_data(as_text=True)), **more}
    return client.post("/desk/sign-in", data=told)


def test_the_right_password_opens_the_desk_and_leads_back(client: Any) -> None:
    answer = enter(client, "shenlin", DEMO_PASSWORD, to="/desk/drafts")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/drafts"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/desk" in cookie
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/desk/\\evil", "javascript:alert(1)", "/mine"]
)
def test_after_signing_in_nobody_is_led_outside(client: Any, to: str) -> None:
    assert enter(client, "shenlin", DEMO_PASSWORD, to=to).headers["Location"] == "/desk/"


def test_a_wrong_login_and_a_wrong_password_say_the_same(client: Any) -> None:
    wrong, nobody = enter(client, "shenlin", "no"), enter(client, "nobody", "no")
    assert wrong.status_code == nobody.status_code == 422
    words = re.findall(r'role="alert">([^<]*)<', wrong.get_data(as_text=True))
    assert words
    assert words == re.findall(r'role="alert">([^<]*)<', nobody.get_data(as_text=True))


def test_the_eleventh_try_is_refused_even_if_right(client: Any) -> None:
    for _ in range(10):
        assert enter(client, "xujing", "wrong").status_code == 422
    locked = enter(client, "xujing", DEMO_PASSWORD)
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert "请系统管理员重置密码" in locked.get_data(as_text=True)


def test_signing_out_ends_the_session_not_only_the_cookie(app: House, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    kept = browser.get_cookie("huiyin_o", path="/desk")
    assert browser.submit("/desk/sign-out").status_code == 303
    browser.set_cookie("huiyin_o", kept.value, path="/desk")
    assert browser.get("/desk/").status_code == 303


def test_a_first_password_is_changed_before_anything_else(app: House, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        Officer.by_login("shenlin").password_is_first = True
        db.session.commit()
    browser = desk("shenlin")
    answer = browser.get("/desk/drafts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/password")
    new = "回音壁下，听见回音"
    wrong = {"old": DEMO_PASSWORD, "new": new, "again": "另一个"}
    assert "两遍填的不一样" in browser.submit("/desk/password", wrong).get_data(as_text=True)
    weak = {"old": DEMO_PASSWORD, "new": "12345678", "again": "12345678"}
    assert browser.submit("/desk/password", weak).status_code == 422
    assert browser.submit("/desk/password", {"old": "no", "new": new, "again": new}).status_code == 422
    assert browser.submit("/desk/password", {"old": DEMO_PASSWORD, "new": new, "again": new}).status_code == 303
    assert browser.get("/desk/drafts").status_code == 200
    with app.app_context():
        assert len(Session.living(Officer.by_login("shenlin"))) == 1


def test_a_demonstration_lets_anybody_in_on_their_own_host(client: Any) -> None:
    door = client.get("/desk/sign-in", headers={"Host": "localhost:8000"}).get_data(as_text=True)
    assert "http://shenlin.localhost:8000/desk/sign-in" in door
    host = {"Host": "zhoumin.localhost"}
    page = client.get("/desk/sign-in", headers=host, base_url="http://zhoumin.localhost").get_data(as_text=True)
    assert "以周敏" in page
    answer = client.post("/desk/sign-in/as", data={"csrf_token": token_of(page)}, base_url="http://zhoumin.localhost")
    assert answer.status_code == 303
    assert "周敏" in client.get("/desk/", base_url="http://zhoumin.localhost").get_data(as_text=True)


def test_on_the_public_host_nobody_is_let_in_by_one_click(client: Any) -> None:
    page = client.get("/desk/sign-in").get_data(as_text=True)
    assert client.post("/desk/sign-in/as", data={"csrf_token": token_of(page)}).status_code == 403
