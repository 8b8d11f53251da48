"""Seen from the phones: the worker is killed, answers get lost on the way, and everybody still holds one card."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from config.settings import ROOT, Settings
from models.comments.receive import receive
from models.decisions.consultation import Channel, by_public_id
from models.kernel.base import db
from models.messages.message import MessageState
from models.messages.wx_article import WxArticle, WxKind, WxStage
from models.people.resident import Identity
from server.app import create_app
from server.house import brief
from server.voice.voice import Voice
from tests.conftest import OFFICIAL, Engine, close, ignore, settings_for, settle
from tests.jobs.conftest import TEMPLATE, Works
from tests.jobs.test_worker import Start, environment, leases_run_out, quiet, start, until
from tests.services import free_port
from tests.wire.conftest import Stub
from tests.wire.simulator import Simulator

PHONES = 6
__all__ = ["start"]


@pytest.fixture
def web_port() -> int:
    return free_port()


@pytest.fixture
def simulator(tmp_path: Path, web_port: int) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path / "simulator", f"http://127.0.0.1:{web_port}")
    yield simulator
    simulator.close()


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, simulator: Simulator) -> Settings:
    return settings_for(engine.fresh("street", settle), tmp_path / "data", wechat_api_base=simulator.url)


@pytest.fixture
def works(settings: Settings, stub: Stub) -> Iterator[Works]:
    app = create_app(settings, wake=ignore)
    app.extensions["voice"] = Voice.of(settings, app.extensions["wire"])
    yield Works(app, stub)
    app.extensions["wire"].line.close()
    close(app)


def cards(simulator: Simulator, n: int) -> list[str]:
    found = simulator.sim(f"phones/{n}/chat")["messages"]
    return [str(m) for m in found if "您的意见已答复" in str(m)]


@pytest.mark.timeout(240)
def test_everybody_holds_one_card_whatever_happens_on_the_way(works: Works, simulator: Simulator, start: Start) -> None:
    asked = works.open()
    for n in range(1, PHONES + 1):
        person = simulator.phone(n)
        with works.app.app_context(), brief():
            consultation = by_public_id(asked)
            assert consultation
            identity = Identity.seen(OFFICIAL.appid, person["openid"])
            identity.follow()
            receive(consultation, identity.resident, "晚一点关灯", channel=Channel.CHAT)
    simulator.sim("clock", {"days": 31, "alone": True})
    works.release(asked)
    simulator.trouble(TEMPLATE, "drop_after", times=2)
    worker = start()
    until(lambda: any(m.state in (MessageState.SENT, MessageState.SENDING) for m in works.messages()))
    worker.kill()
    worker.wait(10)
    leases_run_out(works)
    start()
    until(lambda: quiet(works), 40)
    assert {m.state for m in works.messages()} == {MessageState.SENT}
    until(lambda: all(cards(simulator, n) for n in range(1, PHONES + 1)))
    time.sleep(1)
    for n in range(1, PHONES + 1):
        (card,) = cards(simulator, n)
        assert "您的意见已答复：采纳" in card
        assert "/comments/" in card


@pytest.fixture
def web(settings: Settings, works: Works, web_port: int) -> Iterator[None]:
    """The product's web process, so that WeChat's news has somewhere to go."""
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{web_port}", "-w", "1", "--threads", "4"]
    command += ["--worker-class", "gthread", "--no-control-socket", "server.app:wsgi()"]
    with open(settings.data_dir / "web.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=log, stderr=log)

    def answers() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{web_port}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    try:
        until(answers, 80)
        yield
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.timeout(240)
def test_what_became_of_it_comes_back_as_news(
    works: Works, simulator: Simulator, web: None, start: Start, settings: Settings
) -> None:
    simulator.phone(1)
    asked = works.open()
    start()
    said = simulator.sim("phones/1/say", {"text": "希望晚一点关灯，老人要散步。"})
    assert said["heard"], said
    until(lambda: _stage(works, WxKind.OPENING) is WxStage.PUBLISHED, 40)
    simulator.sim("clock", {"days": 31, "alone": True})
    works.release(asked)
    until(lambda: [m.state for m in works.messages()] == [MessageState.DELIVERED], 40)
    (card,) = cards(simulator, 1)
    assert "您的意见已答复：采纳" in card
    until(lambda: _stage(works, WxKind.RELEASE) is WxStage.PUBLISHED, 40)


def _stage(works: Works, kind: WxKind) -> WxStage | None:
    with works.app.app_context(), brief(write=False):
        return db.session.scalar(select(WxArticle.stage).where(WxArticle.kind == kind))
