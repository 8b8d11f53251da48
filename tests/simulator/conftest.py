"""A simulator whose wall clock the test holds, and a tiny product behind it."""

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from server.simulator import later
from server.simulator.app import create_app
from server.simulator.settings import Setup
from server.simulator.world import World
from tests.simulator.receiver import Receiver


class WeChat:
    """The simulator as a developer and a phone's owner meet it."""

    def __init__(self, app: Flask, product: Receiver, wall: list[float]) -> None:
        self.app, self.product, self._wall = app, product, wall
        self.client = app.test_client()
        self.world: World = app.extensions["world"]
        self.tokens: dict[str, str] = {}

    def wait(self, seconds: float) -> None:
        """The wall clock goes on."""
        self._wall[0] += seconds

    def token(self, role: str = "official") -> str:
        if role not in self.tokens:
            account = self.world.account(role)
            body = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
            self.tokens[role] = self.client.post("/cgi-bin/stable_token", json=body).get_json()["access_token"]
        return self.tokens[role]

    def call(
        self, path: str, body: Any = None, *, role: str = "official", token: str | None = None, **query: str
    ) -> Any:
        query["access_token"] = token or self.token(role)
        if body is None:
            return self.client.get(path, query_string=query).get_json(force=True)
        return self.client.post(path, query_string=query, json=body).get_json(force=True)

    def sim(self, path: str, body: Any = None) -> Any:
        if body is None:
            return self.client.get(f"/sim/{path}").get_json()
        return self.client.post(f"/sim/{path}", json=body).get_json()

    def days(self, days: float) -> None:
        assert self.sim("clock", {"days": days, "alone": True})["ok"]

    def seconds(self, seconds: float) -> None:
        assert self.sim("clock", {"seconds": seconds, "alone": True})["ok"]

    def phone(self, n: int = 1, *, follows: bool = True, **more: Any) -> str:
        """The openid of a phone's owner."""
        made = self.sim("phones", {"n": n, **more})["phone"]
        if follows:
            self.sim(f"phones/{n}/follow", {})
        return str(made["openid"])

    def mini_openid(self, n: int = 1) -> str:
        return str(self.sim(f"phones/{n}")["phone"]["mini_openid"])

    def chat(self, n: int = 1, room: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sim(f"phones/{n}/chat" + (f"?room={room}" if room else ""))["messages"]
        return found

    def news(self) -> int:
        """Lets the delayed news come."""
        return later.run_due(self.world, all_of_them=True)


@pytest.fixture
def product() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def wechat(product: Receiver) -> Iterator[WeChat]:
    setup = dataclasses.replace(
        Setup.from_environment({"DEMO_SECRET": "a demonstration's secret"}), data=None, product=product.url, cut=1.0
    )
    product.accounts = {"official": setup.official, "mini": setup.mini}
    wall = [time.time()]
    app = create_app(setup, lambda: wall[0], clerk=False)
    yield WeChat(app, product, wall)
    app.extensions["world"].book.close()
