"""The real worker, as a process: it finds its work, stops when told, and loses nothing when it is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from config.settings import ROOT, Settings
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.evidence import check
from models.kernel.work import Heartbeat, Work, WorkState
from models.messages.message import MessageState
from server.jobs.carrier import Carrier, waker
from tests.conftest import MINI, OFFICIAL
from tests.jobs.conftest import SUBSCRIBE, TEMPLATE, Works


def environment(settings: Settings) -> dict[str, str]:
    """The same settings, as a process gets them."""
    seal_id, seal = next(iter(settings.seal_keys.items()))
    told = {
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEY": settings.secret_key,
        "SEAL_KEYS": f"{seal_id}:{seal.hex()}",
        "TRAIL_KEY": settings.trail_key.hex(),
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "WECHAT_API_BASE": settings.wechat_api_base,
        "OFFICE_NAME": "青禾街道",
    }
    if settings.redis_url:
        told["REDIS_URL"] = settings.redis_url
    for prefix, account in (("WECHAT_OFFICIAL", OFFICIAL), ("WECHAT_MINI", MINI)):
        told |= {
            f"{prefix}_APPID": account.appid,
            f"{prefix}_SECRET": account.secret,
            f"{prefix}_TOKEN": account.token,
            f"{prefix}_AES_KEY": account.aes_key,
            f"{prefix}_KIND": account.kind,
            f"{prefix}_TEMPLATE_ANSWER": account.template_answer or "",
        }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **told}


Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(settings: Settings, works: Works) -> Iterator[Start]:
    """Start a worker; whatever is still alive at the end is killed."""
    alive: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        log = open(settings.data_dir / "worker.log", "ab")  # noqa: SIM115 - the process keeps it
        one = subprocess.Popen(
            [sys.executable, "-m", "server.jobs"], cwd=ROOT, env=environment(settings), stdout=log, stderr=log
        )
        log.close()
        alive.append(one)
        return one

    yield begin
    for one in alive:
        if one.poll() is None:
            one.kill()
        one.wait(10)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def quiet(works: Works) -> bool:
    return not any(w.state in (WorkState.READY, WorkState.CLAIMED) for w in works.work() if w.kind in ("tell", "send"))


def leases_run_out(works: Works) -> None:
    past = wall() - timedelta(seconds=1)
    works.change(
        lambda: (
            db.session.execute(update(Work).where(Work.state == WorkState.CLAIMED).values(lease_until=past)),
            db.session.execute(update(Work).where(Work.state == WorkState.READY).values(run_at=past)),
        )
    )


def slowly(works: Works, seconds: float) -> threading.Semaphore:
    """Sends take a while; the semaphore counts those that have begun."""
    begun = threading.Semaphore(0)

    def template(asked: Any) -> dict[str, Any]:
        begun.release()
        time.sleep(seconds)
        return {"errcode": 0, "msgid": int(asked.json["client_msg_id"][1:])}

    def subscribe(asked: Any) -> dict[str, Any]:
        begun.release()
        time.sleep(seconds)
        return {"errcode": 0, "errmsg": "ok"}

    works.stub.say(TEMPLATE, template)
    works.stub.say(SUBSCRIBE, subscribe)
    return begun


@pytest.mark.both_engines
@pytest.mark.timeout(240)
def test_a_worker_that_is_killed_over_and_over_tells_everybody_once_or_lists_them(works: Works, start: Start) -> None:
    asked = works.open()
    for n in range(16):
        works.comment(asked, f"关注{n}")
        works.comment(asked, f"订阅{n}", follows=False, grants=1)
    works.release(asked)
    begun = slowly(works, 0.25)
    kills = met = 0
    for _ in range(3):
        worker = start()
        begun.acquire(timeout=60)
        time.sleep(0.1)
        worker.kill()
        worker.wait(10)
        kills += 1
        met += any(m.state is MessageState.SENDING for m in works.messages())
        leases_run_out(works)
        while begun.acquire(blocking=False):
            pass
    assert met > 0, "no kill met a message on its way: the test proves nothing"
    slowly(works, 0)
    start()
    until(lambda: quiet(works), 40)
    found = works.messages()
    states = Counter(m.state.value for m in found)
    template = Counter(a.json["client_msg_id"] for a in works.stub.of(TEMPLATE))
    subscribe = Counter(a.json["touser"] for a in works.stub.of(SUBSCRIBE))
    print(
        f"\nkills {kills}, met a send {met}, states {dict(states)}, template calls {template.total()} "
        f"for {len(template)} keys, subscribe calls {subscribe.total()}"
    )
    assert len(found) == 32
    assert set(states) <= {"sent", "held"}
    assert len(template) == 16, "one key a person: WeChat drops the second copy"
    assert max(subscribe.values()) == 1, "what has no key is never sent twice"
    held = [m for m in found if m.state is MessageState.HELD]
    assert {m.channel.value for m in held if m.channel} <= {"subscribe"}
    assert len(held) <= kills
    assert all(m.why for m in held)


def test_a_worker_that_is_told_to_stop_finishes_what_is_in_hand_and_gives_the_rest_back(
    works: Works, start: Start
) -> None:
    asked = works.open()
    for n in range(30):
        works.comment(asked, f"关注{n}")
    works.release(asked)
    begun = slowly(works, 1.0)
    worker = start()
    assert begun.acquire(timeout=60)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    states = Counter(m.state for m in works.messages())
    assert set(states) == {MessageState.SENT, MessageState.PENDING}
    assert states[MessageState.SENT] == len(works.stub.of(TEMPLATE))
    assert works.only("send").state is WorkState.READY
    slowly(works, 0)
    start()
    until(lambda: quiet(works))
    assert {m.state for m in works.messages()} == {MessageState.SENT}
    assert len(works.stub.of(TEMPLATE)) == 30


def test_the_worker_beats_sweeps_and_links_the_trail(works: Works, start: Start, settings: Settings) -> None:
    worker = start()

    def beats() -> bool:
        with works.app.app_context():
            return Heartbeat.age("worker") is not None

    until(beats)
    asked = works.open()  # nobody woke the worker: its sweep finds the work
    until(lambda: works.only("publish_notice").state is WorkState.DONE)

    def linked() -> bool:
        with works.app.app_context():
            chains = {row[0] for row in db.session.execute(db.text("SELECT DISTINCT chain FROM trace"))}
            found = [check(chain) for chain in chains]
            return all(v.whole and v.waiting == 0 for v in found) and sum(v.linked for v in found) > 5

    until(linked)
    waker(settings)([works.want("erase_request", {"resident": "x"})])
    until(lambda: works.only("erase_request").state is WorkState.HELD)
    assert worker.poll() is None
    log = (settings.data_dir / "worker.log").read_text()
    for secret in (OFFICIAL.secret, MINI.secret, "TOKEN-FOR-JOBS-1", "o-人"):
        assert secret not in log
    assert asked


def test_redis_carries_the_numbers_too(works: Works, settings: Settings, redis_url: str, start: Start) -> None:
    object.__setattr__(settings, "redis_url", redis_url)
    start()
    waker(settings)([works.want("erase_request", {"resident": "x"})])
    until(lambda: works.only("erase_request").state is WorkState.HELD)


def test_a_queue_that_is_away_is_no_error_of_the_deed(settings: Settings, tmp_path: Any) -> None:
    object.__setattr__(settings, "redis_url", "redis://127.0.0.1:1/0")
    waker(settings)([1, 2, 3])


def test_the_queue_holds_numbers_and_runs_nothing_else(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    done: list[int] = []
    carrier = Carrier(settings)
    carrier.bind(done.append)
    carrier.carry([7, 8])
    assert carrier.waiting() == 2
    raw = b"".join(bytes(item) for item in carrier.huey.storage.enqueued_items())
    assert b"pickle" not in raw
    assert raw.startswith(b"[")
    while task := carrier.huey.dequeue():
        carrier.huey.execute(task)
    assert done == [7, 8]
    carrier.huey.storage.close()
