"""A mini program for tests: signed in, with keys of its own."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.people.resident import Identity, Resident
from models.people.session import Session
from server.house import House, brief
from tests.conftest import MINI
from tests.wechat.consultations import Publisher

_numbers = itertools.count(1)


class MiniProgram:
    """One person's mini program."""

    def __init__(self, app: House, openid: str | None):
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.headers: dict[str, str] = {}
        self.openid = openid
        if openid:
            with app.app_context(), brief():
                who = Identity.seen(MINI.appid, openid).resident
                self.headers = {"Authorization": f"Bearer {Session.open_for(who, 'mini', 'a test')}"}
                self.resident_id = who.id

    def call(self, method: str, path: str, json: Any = None, key: str | None = None, **more: Any) -> TestResponse:
        """One request under /api/v1."""
        headers = dict(self.headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        headers |= more.pop("headers", {})
        if json is not None:
            more["json"] = json
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query)

    def post(self, path: str, json: Any = None, key: str | None = None, **more: Any) -> TestResponse:
        """A submission under a new key, unless one is given."""
        return self.call("POST", path, json, key if key is not None else new_key(), **more)

    def comment(self, consultation: str, text: str = "一个小时不够。", **fields: Any) -> dict[str, Any]:
        """Say something; it must be taken."""
        answer = self.post("/comments", {"consultation": consultation, "text": text, **fields})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.json or {})

    def resident(self) -> Resident:
        """The person, inside an application context."""
        return Identity.seen(MINI.appid, self.openid or "").resident


def new_key() -> str:
    """An idempotency key that was not used before."""
    return f"key-{next(_numbers):08d}"


@pytest.fixture
def mini(app: House) -> MiniProgram:
    """Somebody who is signed in."""
    return MiniProgram(app, "oMini5OI1Uej6Xixw1lA2H7XDVb1")


@pytest.fixture
def other(app: House) -> MiniProgram:
    """Somebody else who is signed in."""
    return MiniProgram(app, "oMini5OI1Uej6Xixw1lA2H7XDVb2")


@pytest.fixture
def anybody(app: House) -> MiniProgram:
    """Nobody in particular."""
    return MiniProgram(app, None)


@pytest.fixture
def publish(app: House) -> Callable[..., str]:
    """publish("停车管理办法"): a published consultation's public id."""
    return Publisher(app)
