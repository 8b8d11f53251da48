"""Numbers for whoever watches, a name for each request, and no person in either."""

import json
import logging
import os
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import scoped_session

from config.logging import Line, request_id
from config.settings import ROOT
from models.kernel.clock import now
from models.kernel.work import Heartbeat, Work
from models.messages.allowance import take
from models.messages.halt import HaltKind, stand_still
from server.app import create_app
from server.house import House
from server.jobs.queue import Queue
from server.metrics import Tally
from tests.conftest import OFFICIAL, Engine, close, ignore, settings_for, settle

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+]+')
"""A line of Prometheus's text format."""


def told(client: FlaskClient) -> dict[str, float]:
    """Every number by its name with its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            assert LINE.fullmatch(line), line
            name, value = line.rsplit(" ", 1)
            assert name not in found, "told twice"
            found[name] = float(value)
    return found


@pytest.mark.both_engines
def test_what_waits_and_what_stands_still(client: FlaskClient, session: scoped_session) -> None:
    Heartbeat.beat("worker")
    Work.want("tell", {"fact": 1})
    take(OFFICIAL.appid, "message/template/send", 7)
    stand_still(HaltKind.ACCOUNT, OFFICIAL.appid, "", until=None, words="停")
    stand_still(HaltKind.MINUTE, OFFICIAL.appid, "x", until=now(), words="已过")
    session.commit()
    found = told(client)
    assert found['huiyin_work{state="ready"}'] >= 1
    assert found['huiyin_halts{kind="account"}'] == 1
    assert 'huiyin_halts{kind="minute"}' not in found
    assert found['huiyin_wechat_calls_today{role="official",api="message/template/send"}'] == 7
    assert found['huiyin_wechat_calls_limit{role="official",api="message/template/send"}'] == 100_000
    assert 0 <= found["huiyin_worker_beat_seconds"] < 60
    assert found["huiyin_database_up"] == 1
    assert OFFICIAL.appid not in client.get("/metrics").text


def test_answers_are_counted_by_door_and_class(client: FlaskClient) -> None:
    before = told(client)
    client.get("/consultations")
    client.get("/no-such-page")
    client.get("/desk/")
    after = told(client)

    def more(name: str) -> float:
        return after[name] - before[name]

    assert more('huiyin_requests_total{door="site",status="2xx"}') == 1
    assert more('huiyin_requests_total{door="site",status="4xx"}') == 1
    assert more('huiyin_requests_total{door="console",status="3xx"}') == 1
    assert more('huiyin_request_seconds_count{door="site"}') == 2
    assert more('huiyin_request_seconds_bucket{door="site",le="+Inf"}') == 2


def test_numbers_of_several_processes_are_added_up(tmp_path: Path) -> None:
    parent = Tally(tmp_path)
    parent.count("site", 200, 0.02)
    child = os.fork()
    if child == 0:
        parent.count("site", 503, 0.2)
        os._exit(0)
    os.waitpid(child, 0)
    cells = Tally(tmp_path).read()
    assert (cells[0], cells[3]) == (1, 1)


def test_nobody_gets_them_through_a_proxy(client: FlaskClient) -> None:
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_a_request_has_one_name_from_nginx_to_the_answer(engine: Engine, tmp_path: Path) -> None:
    named = "0123456789abcdef0123456789abcdef"
    for hops, expected in ((1, True), (0, False)):
        app = create_app(
            settings_for(engine.fresh("street", settle), tmp_path / str(hops), proxy_hops=hops), wake=ignore
        )
        answer = app.test_client().get("/healthz", headers={"X-Request-ID": named})
        assert (answer.headers["X-Request-ID"] == named) is expected
        strange = app.test_client().get("/healthz", headers={"X-Request-ID": "a\tb<script>"})
        assert re.fullmatch(r"[0-9a-f]{16}", strange.headers["X-Request-ID"])
        close(app)


def test_a_line_of_the_log_carries_the_name_and_no_openid(app: House, client: FlaskClient) -> None:
    name = client.get("/healthz").headers["X-Request-ID"]
    record = logging.LogRecord("x", logging.INFO, "", 0, "sent to %s", ("oABCDEFGHIJKLMNOPQRSTUVWXYZ01",), None)
    request_id.set(name)
    line = json.loads(Line().format(record))
    assert line["request"] == name
    assert "oABCDEFG" not in line["said"]


def test_lines_of_one_piece_of_work_carry_its_number(app: House) -> None:
    seen: list[str] = []
    queue = Queue(app, {"look": lambda turn: seen.append(request_id.get())}, "w")
    with app.app_context(), queue.transaction():
        Work.want("look", {})
    queue.drain()
    assert re.fullmatch(r"work-\d+-1", seen[0])


def test_logs_are_kept_for_six_months_at_least() -> None:
    text = (ROOT / "config" / "deploy" / "logrotate.conf").read_text()
    assert "daily" in text
    assert int(re.search(r"rotate (\d+)", text)[1]) >= 184  # type: ignore[index]
    assert int(re.search(r"maxage (\d+)", text)[1]) >= 184  # type: ignore[index]
