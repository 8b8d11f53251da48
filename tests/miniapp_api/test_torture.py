"""Hostile inputs against every address that writes: a clean refusal, never a 500, and the same one on both engines."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from models.comments.comment import Comment, Supplement
from models.kernel.base import db
from models.questions.question import Question
from server.app import create_app
from server.house import House
from tests.conftest import Engine, close, ignore, settings_for, settle
from tests.miniapp_api.conftest import MiniProgram, new_key
from tests.wechat.consultations import Publisher

VALUES: dict[str, Any] = {
    "nothing": None,
    "true": True,
    "zero": 0,
    "2^63": 2**63,
    "-2^63-1": -(2**63) - 1,
    "10^300": 10**300,
    "float": 1.5,
    "huge float": 1e308,
    "list": [],
    "list of text": ["x"],
    "object": {},
    "operator": {"$gt": ""},
    "deep list": json.loads("[" * 30 + "]" * 30),
    "empty": "",
    "spaces": "  \t\n　",
    "NUL": "a\x00b",
    "only NUL": "\x00",
    "C0": "a\x01\x02\x1b[31mb",
    "DEL and C1": "a\x7f\x80\x9fb",
    "lone high": "\ud800",
    "lone low": "a\udfffb",
    "swapped pair": "\udc00\ud800",
    "noncharacter": "\ufffe\uffff",
    "private use": "\ue000\U000f0000",
    "BOM": "\ufeffa",
    "bidi": "\u202eabc\u2066",
    "zero width": "\u200b\u200c\u200d\u2060",
    "line separators": "a\u2028b\u2029c\x85d",
    "combining": "e" + "\u0301" * 500,
    "emoji": "👨\u200d👩\u200d👧\u200d👦" * 20,
    "rare han": "𠮷𪚥" * 10,
    "too long": "长" * 2001,
    "very long": "x" * 50_000,
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE comment; --",
    "template": "{{7*7}}${7*7}#{7*7}",
    "formula": "=cmd|'/c calc'!A1",
    "path": "../../../../etc/passwd",
    "CRLF": "a\r\nSet-Cookie: x=1\r\n\r\nb",
    "proto": "__proto__",
    "twelve letters": "abcdefghijkm",
    "thirteen letters": "abcdefghijkmn",
    "full-width digits": "１２３４",
    "arabic digits": "٣٤٥",
}

BODIES: dict[str, tuple[bytes, str]] = {
    "no body": (b"", "application/json"),
    "half": (b'{"text": "x', "application/json"),
    "list": (b"[]", "application/json"),
    "null": (b"null", "application/json"),
    "number": (b"1", "application/json"),
    "text": (b'"x"', "application/json"),
    "NaN": (b'{"text": NaN}', "application/json"),
    "Infinity": (b'{"text": -Infinity}', "application/json"),
    "5,000 digits": (b'{"text": ' + b"9" * 5000 + b"}", "application/json"),
    "exponent": (b'{"text": 1e999999999}', "application/json"),
    "50,000 deep": (b'{"text": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "application/json"),
    "deep objects": (b'{"a":' * 8000 + b"1" + b"}" * 8000, "application/json"),
    "too large": (b'{"text": "' + b"x" * 70_000 + b'"}', "application/json"),
    "not UTF-8": (b'{"text": "\xff\xfe"}', "application/json"),
    "UTF-16": ('{"text": "x"}'.encode("utf-16"), "application/json"),
    "overlong": (b'{"text": "\xc0\x80"}', "application/json"),
    "raw surrogate": (b'{"text": "\xed\xa0\x80"}', "application/json"),
    "BOM": (b'\xef\xbb\xbf{"text": "x"}', "application/json"),
    "surrogate key": (b'{"\\ud800": "x"}', "application/json"),
    "NUL key": (b'{"te\\u0000xt": "x"}', "application/json"),
    "trailing comma": (b'{"text": "x",}', "application/json"),
    "two values": (b'{"text": "x"} {}', "application/json"),
    "form": (b"text=x", "application/x-www-form-urlencoded"),
    "multipart": (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    "plain": (b'{"text": "x"}', "text/plain"),
    "no type": (b'{"text": "x"}', ""),
    "gzip": (gzip.compress(b'{"text": "x"}'), "application/json"),
    "bigger than declared": (b'{"text": "x"}' * 50, "application/json"),
}
PRIVILEGES = {
    "role": "admin",
    "status": "adopted",
    "stage": "released",
    "openid": "o1",
    "resident": "abcdefghijkm",
    "resident_id": 1,
    "official": True,
    "serial": 1,
    "receipt": "72631845",
    "received_at": "2020-01-01T00:00:00Z",
    "may_show": True,
    "channel": "paper",
    "id": 1,
    "key": "x",
}
"""Columns that a client may wish to set."""

KEYS: dict[str, str] = {
    "NUL": "abcdefgh\x00",
    "spaces": "a b c d e",
    "long": "x" * 5000,
    "latin": "é" * 10,
    "semi": "a;b=c,d e",
}


class Both:
    """The same street twice, once on each engine, with the same person at each door."""

    def __init__(self, sqlite: House, postgresql: House):
        self.houses = (sqlite, postgresql)
        self.minis = [MiniProgram(app, "oTortured") for app in self.houses]
        self.consultations = [Publisher(app)() for app in self.houses]
        self.comments = [
            mini.comment(public_id)["id"] for mini, public_id in zip(self.minis, self.consultations, strict=True)
        ]

    def routes(self) -> dict[str, tuple[str, list[str], list[dict[str, Any]]]]:
        """Every route that writes: method, path and a sound body for each engine."""
        places = [mini.get("/places").get_json()["items"][0]["id"] for mini in self.minis]
        version = self.minis[0].get("/me/privacy").get_json()["version"]
        same = [0, 1]
        return {
            "comment": (
                "POST",
                ["/comments"] * 2,
                [
                    {
                        "consultation": self.consultations[n],
                        "text": "x",
                        "clause": None,
                        "kind": "individual",
                        "organisation": "",
                        "signers": 1,
                        "show_text": False,
                        "place": places[n],
                    }
                    for n in same
                ],
            ),
            "supplement": ("POST", [f"/comments/{self.comments[n]}/supplements" for n in same], [{"text": "x"}] * 2),
            "rating": ("PUT", [f"/comments/{'a' * 12}/rating"] * 2, [{"point": "a" * 12, "met": True}] * 2),
            "second look": (
                "POST",
                [f"/comments/{'a' * 12}/second-look"] * 2,
                [{"point": "a" * 12, "reason": "x"}] * 2,
            ),
            "withdrawal": ("POST", [f"/comments/{'a' * 12}/withdrawal"] * 2, [{}] * 2),
            "question": ("POST", ["/questions"] * 2, [{"text": "x", "place": places[n]} for n in same]),
            "follow-up": ("POST", [f"/questions/{'a' * 12}/follow-ups"] * 2, [{"text": "x"}] * 2),
            "question's rating": ("PUT", [f"/questions/{'a' * 12}/rating"] * 2, [{"helpful": True}] * 2),
            "no question": ("DELETE", [f"/questions/{'a' * 12}"] * 2, [{}] * 2),
            "common questions": ("POST", ["/common-questions/like"] * 2, [{"text": "x"}] * 2),
            "legal aid": (
                "POST",
                ["/legal-aid/look"] * 2,
                [{"matter": "pay", "standing": ["migrant"], "hurried": False}] * 2,
            ),
            "legal aid asked for": (
                "POST",
                ["/legal-aid/requests"] * 2,
                [{"matter": "pay", "standing": ["migrant"], "text": "x", "limit_on": None}] * 2,
            ),
            "mediation": ("POST", ["/mediations"] * 2, [{"room": "a" * 12, "dispute": "land", "text": "x"}] * 2),
            "no mediation": ("POST", [f"/mediations/{'a' * 12}/withdrawal"] * 2, [{}] * 2),
            "seat": ("PUT", [f"/lectures/{'a' * 12}/seat"] * 2, [{}] * 2),
            "no seat": ("DELETE", [f"/lectures/{'a' * 12}/seat"] * 2, [{}] * 2),
            "presence": ("PUT", [f"/lectures/{'a' * 12}/presence"] * 2, [{"code": "123456"}] * 2),
            "poll": (
                "POST",
                [f"/polls/{'a' * 12}/answers"] * 2,
                [
                    {"answers": [], "slip": "", "place": places[n]} for n in same
                ],  # a real poll is tortured in tests/torture,
            ),
            "proposal": ("POST", ["/proposals"] * 2, [{"title": "x", "text": "x", "place": places[n]} for n in same]),
            "subscriptions": (
                "POST",
                ["/subscriptions"] * 2,
                [{"answers": [{"template": "MINI_ANSWER", "answer": "accept"}]}] * 2,
            ),
            "following": ("PUT", ["/subscriptions/following"] * 2, [{"ids": [places[n]]} for n in same]),
            "nothing followed": ("DELETE", ["/subscriptions/following"] * 2, [{}] * 2),
            "one followed": ("PUT", [f"/subscriptions/following/{places[n]}" for n in same], [{}] * 2),
            "one left": ("DELETE", [f"/subscriptions/following/{places[n]}" for n in same], [{}] * 2),
            "followed again": ("POST", ["/subscriptions/following/restored"] * 2, [{}] * 2),
            "me": ("PATCH", ["/me"] * 2, [{"name": "x", "phone": "13800000000", "place": places[n]} for n in same]),
            "consent": ("PUT", ["/me/consent"] * 2, [{"version": version}] * 2),
            "no consent": ("DELETE", ["/me/consent"] * 2, [{}] * 2),
            "session": ("POST", ["/session"] * 2, [{"code": "x"}] * 2),
        }

    def send(self, method: str, paths: list[str], bodies: list[bytes], content_type: str, key: str) -> list[int]:
        """The same to both; returns both statuses."""
        found = []
        for mini, path, body in zip(self.minis, paths, bodies, strict=True):
            answer = mini.call(method, path, key=key, data=body, content_type=content_type or None)
            if answer.status_code != 204:
                assert answer.is_json, (method, path, answer.status_code)
                if answer.status_code >= 400:
                    assert set(answer.get_json()) <= {"code", "message", "fields"}
                    assert not answer.get_json()["message"].isascii()
            found.append(answer.status_code)
        return found

    def rows(self) -> list[tuple[int, ...]]:
        """How much there is in each database."""
        counts = []
        for app in self.houses:
            with app.app_context():
                counts.append(
                    tuple(
                        db.session.scalar(select(func.count()).select_from(r)) or 0
                        for r in (Comment, Supplement, Question)
                    )
                )
        return counts


@pytest.fixture
def both(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """Two houses, one on SQLite and one on PostgreSQL; how fast one may speak is tested elsewhere."""
    monkeypatch.setattr("models.messages.pace.MOST", 10**9)
    monkeypatch.setattr("models.comments.receive.MOST_OF_ONE_PERSON", 10**9)
    engines = [Engine("sqlite", tmp_path), Engine("postgresql", tmp_path, postgres)]
    houses = []
    for engine in engines:
        app = create_app(settings_for(engine.fresh("street", settle), tmp_path / engine.kind), wake=ignore)
        app.extensions["mini_code"] = lambda code: ("oTortured", None) if code == "x" else None
        houses.append(app)
    yield Both(*houses)
    for app, engine in zip(houses, engines, strict=True):
        close(app)
        engine.drop_all()


def fields_of(body: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Every place in a body where a value can be put."""
    for name, value in body.items():
        yield (name,)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for inner in value[0]:
                yield (name, inner)


def put(body: dict[str, Any], where: tuple[str, ...], value: Any) -> bytes:
    """The body with one value replaced."""
    made = json.loads(json.dumps(body))
    if len(where) == 1:
        made[where[0]] = value
    else:
        made[where[0]][0][where[1]] = value
    return json.dumps(made).encode()


def test_the_corpus_is_large_enough() -> None:
    assert len(VALUES) + len(BODIES) + len(PRIVILEGES) >= 40


@pytest.mark.timeout(300)
def test_every_value_in_every_field_is_refused_cleanly_and_alike(both: Both) -> None:
    sent = 0
    for name, (method, paths, sound) in both.routes().items():
        for where in fields_of(sound[0]):
            for kind, value in VALUES.items():
                statuses = both.send(
                    method, paths, [put(body, where, value) for body in sound], "application/json", new_key()
                )
                sent += 1
                assert statuses[0] == statuses[1], (name, where, kind, statuses)
                assert statuses[0] < 500, (name, where, kind, statuses)
                if kind in ("NUL", "only NUL", "lone high", "lone low", "swapped pair"):
                    assert statuses[0] in (400, 401, 422), (name, where, kind, statuses)
    assert sent > 700
    first, second = both.rows()
    assert first == second


@pytest.mark.timeout(300)
def test_every_malformed_body_is_refused_cleanly_and_alike(both: Both) -> None:
    before = both.rows()
    for name, (method, paths, sound) in both.routes().items():
        if not sound[0]:
            continue
        for kind, (body, content_type) in BODIES.items():
            statuses = both.send(method, paths, [body, body], content_type, new_key())
            assert statuses[0] == statuses[1], (name, kind, statuses)
            nothing_told = kind == "no body" and name == "me"  # to change nothing is no mistake
            assert statuses[0] in ((200,) if nothing_told else (400, 413, 415, 422)), (name, kind, statuses)
    assert both.rows()[0][0] == before[0][0]
    assert both.rows()[0] == both.rows()[1]


def test_nobody_sets_a_column_that_is_not_theirs(both: Both) -> None:
    before = both.rows()
    for name, (method, paths, sound) in both.routes().items():
        for column, value in PRIVILEGES.items():
            if not sound[0] or column in sound[0]:
                continue
            statuses = both.send(
                method,
                paths,
                [json.dumps(body | {column: value}).encode() for body in sound],
                "application/json",
                new_key(),
            )
            assert statuses == [422, 422], (name, column, statuses)
    assert both.rows() == before


def test_every_odd_key_and_address_is_refused_cleanly_and_alike(both: Both) -> None:
    method, paths, sound = both.routes()["comment"]
    for kind, key in KEYS.items():
        if "\x00" in key:
            continue
        statuses = both.send(method, paths, [json.dumps(body).encode() for body in sound], "application/json", key)
        assert statuses == [422, 422], (kind, statuses)
    for odd in (
        "%00" * 12,
        "%ED%A0%80",
        "a" * 5000,
        "..%2f..%2fetc",
        "%F0%A0%AE%B7" * 12,
        "abcdefghijkm'",
        "-1",
        "9" * 30,
    ):
        for path in (f"/comments/{odd}", f"/comments/{odd}/supplements", f"/consultations/{odd}", f"/questions/{odd}"):
            for method in ("GET", "POST", "PUT", "DELETE", "TRACE"):
                statuses = [mini.call(method, path, {"text": "x"}, new_key()).status_code for mini in both.minis]
                assert statuses[0] == statuses[1], (path, method)
                assert statuses[0] in (404, 405, 400, 414), (path, method, statuses)


def test_every_route_that_writes_is_tortured(both: Both) -> None:
    covered = {
        (method, paths[0].replace(both.comments[0], "{}").replace("a" * 12, "{}"))
        for what, (method, paths, _) in both.routes().items()
        if what not in ("one followed", "one left")
    }
    covered |= {(method, "/subscriptions/following/{}") for method in ("PUT", "DELETE")}  # of a place that is there
    covered.add(("DELETE", "/session"))  # takes nothing but the token; see test_speaking
    found = set()
    for rule in both.houses[0].url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = rule.rule.removeprefix("/api/v1").replace("<string(length=12):public_id>", "{}")
            found |= {(method, path) for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}}
    assert found == covered
