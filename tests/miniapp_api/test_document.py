"""The OpenAPI document says what is true, and its page can be read without a script."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page

from server.house import House
from tests import axe

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The document as it is served."""
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything."""
    return [(path, method, item[method]) for path, item in document["paths"].items() for method in METHODS & set(item)]


def test_every_address_is_in_the_document(app: House, document: dict[str, Any]) -> None:
    served = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api_docs.openapi":
            path = re.sub(r"<[^>]*:(\w+)>", r"{\1}", rule.rule)
            served |= {(path, method.lower()) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {(path, method) for path, method, _ in operations(document)} == served


def test_every_operation_says_what_it_does_who_may_call_it_and_how_it_refuses(
    app: House, document: dict[str, Any]
) -> None:
    guarded = {
        (re.sub(r"<[^>]*:(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods or set()
        if getattr(app.view_functions[rule.endpoint], "signed_in", False)
    }
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert bool(operation.get("security")) == ((path, method) in guarded), where
        assert ("401" in operation["responses"]) >= bool(operation.get("security")), where
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert good, where
        for status in good:
            if status != "204":
                assert "$ref" in operation["responses"][status]["content"]["application/json"]["schema"], where
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_leads_somewhere_and_every_field_of_every_schema_has_a_type(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                kind, name = node["$ref"].removeprefix("#/components/").split("/")
                assert name in document["components"][kind], node
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(document)
    assert {"Consultation", "Received", "Comment", "Problem", "ConsultationLinePage"} <= set(schemas)
    for name, schema in schemas.items():
        for field, inner in schema["properties"].items():
            assert inner.keys() & {"type", "$ref", "allOf", "anyOf"}, f"{name}.{field}"


def test_the_page_shows_everything_and_runs_nothing(client: FlaskClient, document: dict[str, Any]) -> None:
    page = client.get("/api/docs")
    text = page.get_data(as_text=True)
    text = re.sub(r"</?code>|<wbr>", "", text)
    assert page.status_code == 200
    assert "<script" not in text
    assert "演示" in text, "the street of this test is a demonstration"
    assert "style=" not in text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
    for path, method, operation in operations(document):
        assert path in text
        assert operation["summary"].replace("'", "&#39;").replace("`", "") in text, operation["summary"]
        assert f">{method.upper()}</span>" in text
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in text
    for target in re.findall(r'href="#([^"]+)"', text):
        assert f'id="{target}"' in text, target
    with client.get("/static/api/docs.css") as sheet:
        assert sheet.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "missing"),
        ("GET", "/api/nothing", 404, "missing"),
        ("GET", "/api/v1/", 404, "missing"),
        ("PUT", "/api/v1/consultations", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/openapi.json", 405, "method_not_allowed"),
        ("TRACE", "/api/v1/consultations", 405, "method_not_allowed"),
    ],
)
def test_errors_outside_of_any_resource_are_json_too(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json()["code"] == code
    assert not answer.get_json()["message"].isascii()
    if status == 405:
        assert answer.headers["Allow"]


def test_a_bug_is_a_500_in_json_without_its_inside(
    app: House, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr("miniapp_api.places.villages", broken)
    app.testing = False
    answer = client.get("/api/v1/places")
    assert answer.status_code == 500
    assert set(answer.get_json()) == {"code", "message"}
    assert "secret" not in answer.get_data(as_text=True)
    assert any("ZeroDivisionError" in str(record.exc_info) for record in caplog.records)


def test_personal_answers_are_kept_by_no_cache(app: House, client: FlaskClient) -> None:
    for path, kept in (
        ("/api/v1/me", "no-store"),
        ("/api/v1/consultations", "public"),
        ("/api/v1/consultations/x", "no-store"),
    ):
        assert kept in client.get(path).headers["Cache-Control"], path


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_reads_well_in_a_real_browser(client: FlaskClient, page: Page, width: int) -> None:
    with client.get("/static/api/docs.css") as sheet:
        css = sheet.get_data(as_text=True)
    page.set_viewport_size({"width": width, "height": 844})
    page.set_content(client.get("/api/docs").get_data(as_text=True))
    page.add_style_tag(content=css)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.barriers(page) == []
