"""What every answer wears: strict headers on errors, files and refusals too; cookies that no script and no other site gets."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from models.kernel.base import db
from models.people.link import OneOffLink
from models.people.officer import Officer
from server.app import create_app
from server.house import House
from tests.conftest import Engine, close, ignore, migrate, settings_for
from tests.house.test_routes import lacking_headers
from tests.making import a_consultation, a_resident
from tests.privacy.told import signed_in

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


@pytest.fixture
def real(engine: Engine, tmp_path: Path) -> Iterator[House]:
    """An office in earnest: no demonstration, an https address, no simulator."""
    settings = settings_for(
        engine.fresh("migrated", migrate),
        tmp_path / "data",
        public_url="https://huiyin.example.gov.cn",
        simulator_url=None,
        demo_secret=None,
    )
    app = create_app(settings, wake=ignore)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["setup", "--name", "青禾街道"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    yield app
    close(app)


class At(FlaskClient):
    """A browser at one host."""

    base = "http://localhost"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if isinstance(args[0], str) and "headers" not in kwargs:
            kwargs.setdefault("base_url", self.base)
        return super().open(*args, **kwargs)

    @classmethod
    def of(cls, app: House, base: str) -> "At":
        browser = cls(app, app.response_class)
        browser.base = base
        return browser


def odd_answers(app: House, browser: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """Answers that no view wrote: errors, refusals, files, methods that are not."""
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/no/such/page", {}),
        ("GET", "/desk/no-such-desk", {}),
        ("GET", "/api/v1/no-such-resource", {}),
        ("GET", "/static/site/no-such-file.css", {}),
        ("GET", "/static/vendor/evil.js", {}),
        ("GET", "/static/site/../../../config/settings.py", {}),
        ("TRACE", "/", {}),
        ("OPTIONS", "/", {}),
        ("HEAD", "/", {}),
        ("PROPFIND", "/consultations", {}),
        ("DELETE", "/consultations", {}),
        ("POST", "/questions/new", {"data": {"text": "x"}}),
        ("POST", "/desk/sign-in", {"data": {"login": "x"}}),
        ("POST", "/api/v1/session", {"data": b"{", "content_type": "application/json"}),
        ("POST", "/api/v1/comments", {"json": {}}),
        ("POST", "/wechat/official", {"data": b"<xml/>"}),
        ("POST", "/demo/clock", {"json": {}}),
        (
            "POST",
            "/receipt",
            {"data": b"x" * (12 * 1024 * 1024 + 10), "content_type": "application/x-www-form-urlencoded"},
        ),
        ("GET", "/%ff%fe", {}),
        ("GET", "/healthz", {}),
        ("GET", "/readyz", {}),
        ("GET", "/bug", {}),
        ("GET", "/desk/bug", {}),
        ("GET", "/api/v1/bug", {}),
    ]
    for method, path, more in asked:
        yield f"{method} {path}", browser.open(path, method=method, **more)
    yield "GET / for a stranger's host", browser.get("/", headers={"Host": "evil.example"})


def broken() -> str:
    raise RuntimeError("a bug")


def test_errors_refusals_and_files_wear_them_too(app: House) -> None:
    wear_them_too(app, "demonstration")


def test_an_office_in_earnest_wears_them_too(real: House) -> None:
    wear_them_too(real, "real")


def wear_them_too(app: House, kind: str) -> None:
    app.testing = False
    for path in ("/bug", "/desk/bug", "/api/v1/bug"):
        app.add_url_rule(path, path.replace("/", "_"), broken)
    browser = At.of(app, "https://huiyin.example.gov.cn" if kind == "real" else "http://localhost")
    bare, statuses = [], set()
    for what, answer in odd_answers(app, browser):
        statuses.add(answer.status_code)
        if lacking := lacking_headers(answer):
            bare.append(f"{what} {answer.status_code}: {lacking}")
        for name, value in EVERYWHERE.items():
            if answer.headers.get_all(name) != [value]:
                bare.append(f"{what}: {name} is {answer.headers.get_all(name)}")
        if len(answer.headers.get_all("Content-Security-Policy")) != 1:
            bare.append(f"{what}: {answer.headers.get_all('Content-Security-Policy')}")
        policy = answer.headers.get("Content-Security-Policy", "")
        if kind == "real":
            if answer.headers.get("Strict-Transport-Security") != "max-age=31536000; includeSubDomains":
                bare.append(f"{what}: no HSTS")
            if "frame-ancestors 'none'" not in policy or answer.headers.get("X-Frame-Options") != "DENY":
                bare.append(f"{what}: can be framed")
        if "unsafe" in policy or re.search(r"(?:script|style|default)-src[^;]*(?:\*|https?:|data:)", policy):
            bare.append(f"{what}: {policy}")
        if "Server" in answer.headers or "X-Powered-By" in answer.headers:
            bare.append(f"{what}: says what it is made of")
    assert not bare, "\n".join(bare)
    assert {200, 400, 403, 404, 405, 413, 500} <= statuses, statuses


def test_the_desk_cannot_be_framed_even_in_a_demonstration(app: House) -> None:
    app.testing = False
    browser = app.test_client()
    with app.app_context():
        officer, _ = signed_in(app, _officer("shenlin"), "console")
        db.session.commit()
    for page in ("/desk/", "/desk/sign-in", "/desk/consultations", "/desk/no-such", "/desk/static/console/token.js"):
        for who in (browser, officer):
            answer = who.get(page)
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], page
            assert answer.headers["X-Frame-Options"] == "DENY", page


def _officer(login: str) -> Officer:
    found = Officer.by_login(login)
    assert found
    return found


def cookies_of(answer: TestResponse) -> dict[str, dict[str, Any]]:
    """Cookies that an answer sets, with their flags."""
    found: dict[str, dict[str, Any]] = {}
    for line in answer.headers.get_all("Set-Cookie"):
        for name, morsel in SimpleCookie(line).items():
            if morsel.value:
                found[name] = dict(morsel)
    return found


def visits(app: House, base: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Everything that sets a cookie: a form, a one-off link, a comment without sign-in, large letters, an officer."""
    with app.app_context():
        resident = a_resident(5)
        db.session.flush()
        token = OneOffLink.make(resident, "/mine")
        db.session.execute(update(Officer).values(password_is_first=False))
        db.session.commit()
    browser = At.of(app, base)

    def csrf(page: str) -> str:
        found = re.search(r'value="([0-9a-f]{64})"', page)
        assert found
        return found[1]

    answer = browser.get("/receipt")
    yield cookies_of(answer)
    seen = csrf(answer.get_data(True))
    yield cookies_of(browser.post("/text-size", data={"large": "1", "next": "/", "csrf_token": seen}))
    yield cookies_of(browser.get("/oauth/start"))
    page = browser.get(f"/in/{token}").get_data(True)
    yield cookies_of(browser.post(f"/in/{token}", data={"csrf_token": csrf(page)}))


COOKIES = {
    "huiyin_v": "/",
    "huiyin_r": "/",
    "huiyin_o": "/desk",
    "huiyin_s": "/oauth",
    "huiyin_said": "/desk",
    "large": "/",
}


def test_cookies_are_for_this_site_and_for_no_script(app: House, real: House) -> None:
    set_rightly(app, "http://localhost")
    set_rightly(real, "https://huiyin.example.gov.cn")


def set_rightly(app: House, base: str) -> None:
    app.testing = False
    seen: dict[str, dict[str, Any]] = {}
    for found in visits(app, base):
        seen |= found
    assert {"huiyin_v", "huiyin_r", "large"} <= set(seen)
    for name, flags in seen.items():
        assert flags["httponly"] is True, name
        assert flags["samesite"] == "Lax", name
        assert bool(flags["secure"]) is base.startswith("https"), name
        assert flags["domain"] == "", f"{name} goes to other hosts"
        assert flags["path"] == COOKIES[name], name


def test_an_officers_cookies_stay_at_the_desk(app: House) -> None:
    browser = app.test_client()
    page = browser.get("/desk/sign-in").get_data(True)
    found = re.search(r'value="([0-9a-f]{64})"', page)
    assert found
    answer = browser.post(
        "/desk/sign-in", data={"login": "shenlin", "password": "huiyin-demo-2026", "csrf_token": found[1]}
    )
    assert answer.status_code == 303
    flags = cookies_of(answer)["huiyin_o"]
    assert flags["path"] == "/desk" and flags["httponly"] is True and flags["samesite"] == "Lax"
    assert app.config["SESSION_COOKIE_PATH"] == "/desk" and app.config["SESSION_COOKIE_HTTPONLY"]


def test_personal_pages_are_kept_by_no_cache(app: House, phone: Any, people: Any) -> None:
    a_consultation(people)
    db.session.commit()
    browser = phone()
    for page in ("/mine", "/me", "/questions", "/me/erase", "/sign-out"):
        assert browser.get(page).headers["Cache-Control"] == "no-store", page
