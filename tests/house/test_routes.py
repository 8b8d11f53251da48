"""Every address of the house: who may ask, how it is spelt, what it may change, and which headers its answer wears."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from server.console.door import OPEN_TO_ALL, WITH_FIRST_PASSWORD, seen_as
from server.csrf import VISITOR, csrf_token
from server.house import House
from tests.conftest import SignedIn

ABSENT = "zzzzzzzzzzzz"
NAME = "v" * 64
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

# What the mini program may ask for before it has signed in. Everything else answers 401.
PUBLIC_API = re.compile(
    r"/api/(docs.*|v1/openapi\.json|v1/sessions?|v1/sign-in|v1/office|v1/consultations(/<[^/]+>)?(/clauses|/report|/comments)?"
    r"|v1/me/privacy|v1/clock|v1/search|v1/polls/<[^/]+>/results|v1/reports/<[^/]+>/lines|v1/(articles|catalogue|common-questions|decisions|legal-services|topics|reports|places|villages|privacy|polls|lectures|exhibitions|consents?/text)(/<[^/]+>)?)"
)
SPELLING = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(json|txt|css|js|svg|png|ico))?")
VARIABLE = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<told>[^)]*)\))?:)?(?P<name>[a-z][a-z0-9_]*)>")


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def asked(rule: Rule) -> list[tuple[str, str]]:
    """Method and address, with something absent for each variable."""
    fill = {"int": "999999", "path": "no/such/file", "float": "1.5", "uuid": "0" * 32}

    def something(found: re.Match[str]) -> str:
        if found["kind"] == "any":
            return str(found["told"]).split(",")[0].strip()
        return fill.get(found["kind"] or "", ABSENT)

    address = VARIABLE.sub(something, rule.rule)
    return [(method, address) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def misspelt(rule: str) -> bool:
    """Addresses are words in kebab-case; variables are snake_case and fill a whole segment."""
    segments = [segment for segment in rule.split("/") if segment]
    return not all(SPELLING.fullmatch(segment) or VARIABLE.fullmatch(segment) for segment in segments)


def stranger(app: House) -> FlaskClient:
    """A browser that has seen a form (so its token is right) and has not signed in."""
    browser = app.test_client()
    browser.set_cookie(VISITOR, NAME)
    with app.test_request_context(headers={"Cookie": f"{VISITOR}={NAME}"}):
        token = csrf_token()
    browser.environ_base["HTTP_X_CSRF_TOKEN"] = token
    return browser


def turned_away(answer: TestResponse) -> bool:
    """Sent to sign in, or refused; never served, never a crash."""
    if answer.status_code in (302, 303):
        return answer.location.startswith("/desk/sign-in")
    return answer.status_code in (401, 403)


def open_console(app: House) -> Iterator[str]:
    """Console addresses that serve somebody who has not signed in."""
    browser = stranger(app)
    for rule in rules(app):
        if rule.rule.startswith("/desk") and rule.endpoint not in OPEN_TO_ALL:
            for method, address in asked(rule):
                answer = browser.open(address, method=method)
                if not turned_away(answer):
                    yield f"{method} {rule.rule}: {answer.status_code}"


def undeclared(app: House) -> Iterator[str]:
    """Console views that forgot to say whose desk they are."""
    for rule in rules(app):
        if not rule.rule.startswith("/desk") or rule.endpoint in WITH_FIRST_PASSWORD | OPEN_TO_ALL:
            continue
        if not seen_as(app.view_functions[rule.endpoint]):
            yield f"{rule.endpoint} {rule.rule}"


def open_api(app: House) -> Iterator[str]:
    """API addresses that answer without a session and are not on the list."""
    browser = app.test_client()
    for rule in rules(app):
        if rule.rule.startswith("/api/") and not PUBLIC_API.fullmatch(rule.rule):
            for method, address in asked(rule):
                answer = browser.open(address, method=method, json={} if method in UNSAFE else None)
                if answer.status_code != 401:
                    yield f"{method} {rule.rule}: {answer.status_code}"


def without_token(app: House, browser: FlaskClient) -> Iterator[str]:
    """Forms that do something though they come without their token."""
    with watched(app) as changed:
        for rule in rules(app):
            if rule.rule.startswith(("/api/", "/wechat/", "/demo/clock")):
                continue
            for method, address in asked(rule):
                if method in UNSAFE:
                    answer = browser.open(address, method=method)
                    if answer.status_code == 200 or changed():
                        yield f"{method} {rule.rule}: {answer.status_code}"


@contextmanager
def watched(app: House) -> Iterator[Callable[[], bool]]:
    """Yields a question: has anybody committed a change since it was last asked?"""
    watcher = sqlite3.connect(app.extensions["settings"].database_url.removeprefix("sqlite:///"))

    def version() -> int:
        return int(watcher.execute("PRAGMA data_version").fetchone()[0])

    known = [version()]

    def changed() -> bool:
        before, known[0] = known[0], version()
        return before != known[0]

    try:
        yield changed
    finally:
        watcher.close()


def test_the_desk_serves_officers_only(app: House) -> None:
    assert not list(open_console(app))


def test_every_desk_says_whose_it_is(app: House) -> None:
    assert not list(undeclared(app))


def test_the_api_serves_the_signed_in_only(app: House) -> None:
    assert not list(open_api(app))


def test_no_form_does_anything_without_its_token(
    app: House, desk: Callable[[str], SignedIn], phone: Callable[[], SignedIn]
) -> None:
    for browser in (app.test_client(), phone(), desk("shenlin"), desk("zhoumin")):
        assert not list(without_token(app, browser))


def test_the_ear_hears_nothing_unsigned(app: House) -> None:
    addresses = [rule.rule for rule in rules(app) if rule.rule.startswith("/wechat/")]
    assert addresses
    for rule in addresses:
        address = VARIABLE.sub("official", rule)
        assert app.test_client().get(address).status_code in (400, 403)
        assert app.test_client().post(address, data=b"<xml></xml>").status_code in (400, 403)


def test_the_clock_moves_for_who_knows_the_secret(app: House) -> None:
    browser = app.test_client()
    assert browser.post("/demo/clock", json={"seconds": 5}).status_code == 404
    assert browser.post("/demo/clock", json={"seconds": 5}, headers={"X-Demo-Secret": "x"}).status_code == 404
    told = {"X-Demo-Secret": app.extensions["settings"].demo_secret}
    assert browser.post("/demo/clock", json={"seconds": 5}, headers=told).status_code == 200
    assert browser.post("/demo/clock", json={"seconds": -5}, headers=told).status_code == 422


def test_addresses_are_spelt_alike(app: House) -> None:
    assert not [rule.rule for rule in rules(app) if misspelt(rule.rule)]


def readers(app: House, desk: Callable[[str], SignedIn], phone: Callable[[], SignedIn]) -> dict[str, FlaskClient]:
    return {
        "a stranger": app.test_client(),
        "a resident": phone(),
        "the office": desk("zhoumin"),
        "a handler": desk("shenlin"),
    }


def test_asking_changes_nothing(app: House, desk: Callable[[str], SignedIn], phone: Callable[[], SignedIn]) -> None:
    """A GET that changed a row would be a deed that a picture's address can do."""
    noticed = []
    browsers = readers(app, desk, phone)
    with watched(app) as changed:
        for rule in rules(app):
            if getattr(app.view_functions[rule.endpoint], "writes", False):
                continue
            for method, address in asked(rule):
                for who, browser in browsers.items() if method == "GET" else ():
                    browser.get(address)
                    if changed():
                        noticed.append(f"{who}: {rule.rule}")
    assert not noticed


def test_nothing_absent_is_a_crash(app: House, desk: Callable[[str], SignedIn], phone: Callable[[], SignedIn]) -> None:
    app.testing = False  # errors become answers, as they do for people
    crashed = []
    for who, browser in (readers(app, desk, phone) | {"a stranger with a form": stranger(app)}).items():
        for rule in rules(app):
            for method, address in asked(rule):
                answer = browser.open(address, method=method)
                if answer.status_code >= 500 and rule.rule != "/readyz":
                    crashed.append(f"{who}: {method} {rule.rule}: {answer.status_code}")
    assert not crashed


def lacking_headers(answer: TestResponse) -> list[str]:
    """What is missing from the strict headers."""
    policy = answer.headers.get("Content-Security-Policy", "")
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.split()}
    wants = {
        "default-src": directives.get("default-src") in (["'self'"], ["'none'"]),
        "no inline": "unsafe-inline" not in policy
        and "unsafe-eval" not in policy
        and "*" not in directives.get("script-src", []),
        "object-src": directives.get("object-src", directives.get("default-src")) == ["'none'"],
        "base-uri": directives.get("base-uri") == ["'none'"],
        "form-action": bool(directives.get("form-action")),
        "frame-ancestors": bool(directives.get("frame-ancestors")),
        "nosniff": answer.headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": answer.headers.get("Referrer-Policy") in ("same-origin", "no-referrer"),
        "opener": answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "resource": answer.headers.get("Cross-Origin-Resource-Policy") == "same-origin",
        "permissions": "camera=()" in answer.headers.get("Permissions-Policy", ""),
    }
    return [name for name, worn in wants.items() if not worn]


def test_every_answer_wears_the_strict_headers(
    app: House, desk: Callable[[str], SignedIn], phone: Callable[[], SignedIn]
) -> None:
    app.testing = False
    bare = []
    for who, browser in readers(app, desk, phone).items():
        for method, address in [pair for rule in rules(app) for pair in asked(rule)] + [
            ("GET", "/no/such/page"),
            ("TRACE", "/"),
        ]:
            answer = browser.open(address, method=method)
            if lacking := lacking_headers(answer):
                bare.append(f"{who}: {method} {address} {answer.status_code}: {', '.join(lacking)}")
    assert not bare


def test_the_desk_is_never_framed(app: House, desk: Callable[[str], SignedIn]) -> None:
    answer = desk("shenlin").get("/desk/")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


# --- the polices can fail ---------------------------------------------------------------------------------------------


def test_an_unguarded_door_is_noticed(app: House) -> None:
    """A door that forgot its guards, added to the house before its first visitor."""
    app.add_url_rule("/desk/forgotten_drawer", "forgotten", lambda: "secret")
    app.add_url_rule("/api/v1/forgotten", "forgotten_too", lambda: "secret")
    app.add_url_rule("/forgotten-form", "forgotten_form", lambda: "done", methods=["POST"])
    app.view_functions["forgotten_form"].checks_its_form = True  # type: ignore[attr-defined]
    assert list(open_console(app)) == ["GET /desk/forgotten_drawer: 200"]
    assert list(undeclared(app)) == ["forgotten /desk/forgotten_drawer"]
    assert list(open_api(app)) == ["GET /api/v1/forgotten: 200"]
    assert list(without_token(app, app.test_client())) == ["POST /forgotten-form: 200"]
    assert [rule.rule for rule in rules(app) if misspelt(rule.rule)] == ["/desk/forgotten_drawer"]


@pytest.mark.parametrize("rule", ["/Consultations", "/my_comments", "/a/<publicId>", "/a/x<name>", "/a--b"])
def test_a_misspelt_address_is_noticed(rule: str) -> None:
    assert misspelt(rule)
    assert not misspelt("/desk/sign-in/<int:number>/<public_id>.json".removesuffix(".json"))
