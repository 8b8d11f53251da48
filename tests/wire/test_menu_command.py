"""The menu from the command line: the difference first, then a question, then the push."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from config.settings import Settings
from server.app import create_app
from tests.conftest import Engine, close, ignore, migrate, settings_for
from tests.wire.conftest import Stub

GET, CREATE = "/cgi-bin/menu/get", "/cgi-bin/menu/create"


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, stub: Stub) -> Settings:
    stub.say("/cgi-bin/stable_token", {"access_token": "TOKEN-FOR-MENU-1", "expires_in": 7200})
    return settings_for(engine.fresh("migrated", migrate), tmp_path / "data", wechat_api_base=stub.url)


@pytest.fixture
def flask(settings: Settings) -> Iterator[FlaskCliRunner]:
    app = create_app(settings, wake=ignore)
    yield app.test_cli_runner()
    app.extensions["wire"].line.close()
    close(app)


def test_the_difference_is_shown_before_anything_is_sent(flask: FlaskCliRunner, stub: Stub) -> None:
    stub.say(GET, {"errcode": 46003, "errmsg": "menu no exist"})
    shown = flask.invoke(args=["menu", "diff"])
    assert shown.exit_code == 0
    assert "+ 征求意见" in shown.output
    refused = flask.invoke(args=["menu", "push"], input="n\n")
    assert refused.exit_code == 1
    assert stub.of(CREATE) == []
    done = flask.invoke(args=["menu", "push"], input="y\n")
    assert done.exit_code == 0
    assert "已推送" in done.output
    (pushed,) = stub.of(CREATE)
    assert [b["name"] for b in pushed.json["button"]] == ["征求意见", "我的意见", "学法问法"]
    stub.say(GET, {"menu": pushed.json})
    assert "没有变化" in flask.invoke(args=["menu", "diff"]).output
    assert "不用推送" in flask.invoke(args=["menu", "push", "--yes"]).output
    assert len(stub.of(CREATE)) == 1


@pytest.mark.parametrize("answer", [{"errcode": 48001, "errmsg": "no"}, "cut", 500])
def test_trouble_is_said_in_words(flask: FlaskCliRunner, stub: Stub, answer: object) -> None:
    stub.say(GET, {"errcode": 46003, "errmsg": "menu no exist"})
    stub.say(CREATE, answer)  # type: ignore[arg-type]
    done = flask.invoke(args=["menu", "push", "--yes"])
    assert done.exit_code == 1
    assert "没有推送成功" in done.output
    assert "Traceback" not in done.output
