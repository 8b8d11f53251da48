"""Three hosts: one is cut off and dies while people speak and a release goes out; nothing is lost, nobody is told twice."""

import random
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.kernel.base import db
from models.messages.message import Message, MessageState
from tests.conftest import settle
from tests.faults.crowd import Crowd
from tests.faults.hosts import plug, pull, three_hosts
from tests.faults.running import afresh, looking
from tests.faults.test_kill import (
    Scene,
    check_comments,
    check_counts,
    check_told,
    check_trail,
    check_work,
    drained,
    in_hand,
    prepare,
    release_all,
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


MATTERS, SPEAKERS = 6, 200


def test_a_host_is_cut_off_and_dies_in_mid_campaign(tmp_path: Path) -> None:
    with three_hosts(tmp_path / "run") as product:
        settle(product.settings)
        scene, seed = Scene(product), random.randrange(10_000)
        product.start("nginx")
        prepare(scene, MATTERS, SPEAKERS)
        product.start_host("a")
        product.start_host("b")
        product.until(lambda: product.call("GET", "/readyz", timeout=3).status == 200, 60, "nobody is ready", "nginx")
        crowd = Crowd(product, scene.consultation, scene.tokens, seed, threads=8)
        chief = threading.Thread(target=release_all, args=(scene, 4, threading.Event()), daemon=True)
        with looking(product):
            crowd.begin()
            chief.start()
            product.until(
                lambda: told() > 0 and in_hand() > 0 and len(crowd.acknowledged()) > 60, 60, "nothing goes out"
            )

            before, at = told(), time.monotonic()
            pull("a")
            held = in_hand()
            spoken = until_somebody_is_heard(crowd, at)
            time.sleep(6)
            product.kill_host("a")
            outage = crowd.longest_silence(at)
            product.until(lambda: told() > before, 120, "nobody is told any more", "web-b", "worker-b")
            again = time.monotonic() - at
            product.until(lambda: len(crowd.acknowledged()) > 250, 120, "nobody is heard any more", "web-b")

            plug("a")
            product.start_host("a")
            time.sleep(8)
            crowd.end()
            chief.join(120)
            assert not chief.is_alive(), "the chief still waits for an answer"
            assert not crowd.wrong, crowd.wrong[:10]
            emptied = drained(scene, 240, hurry=False, needs=("web-a", "web-b", "worker-a", "worker-b"))
            figures = check_comments(scene, crowd)
            drained(scene, 30, hurry=False, needs=("web-b",))
            check_counts(scene)
            telling, work, rows = check_told(scene), check_work(), check_trail()
        print(
            f"\nthree hosts, seed {seed}: host a cut off with {held} pieces of work in hands, killed 6 s later, back afterwards"
        )
        print(
            f"  the next comment was heard {spoken:.1f} s after the cut; the longest anybody waited for an answer: {outage:.1f} s"
        )
        print(
            f"  the next message was out {again:.1f} s after the cut; queue empty {emptied:.1f} s after the last comment"
        )
        print(f"  comments {figures}; lines that broke {len(crowd.cuts)}; answered 503 {crowd.busy}")
        print(f"  telling {telling}; work {dict(work)}; rows of the trail {rows}")


def told() -> int:
    """Messages of releases that are out."""
    with afresh():
        return db.session.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.topic == "Consultation.release", Message.state.in_((MessageState.SENT, MessageState.DELIVERED)))
        ) or 0  # fmt: skip


def until_somebody_is_heard(crowd: Crowd, since: float) -> float:
    """Seconds from a moment until a request that began after it was answered."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        heard = crowd.heard_since(since)
        if heard is not None:
            return heard - since
        time.sleep(0.02)
    raise AssertionError("nobody is heard any more")
