"""Work that was wanted is done: leased by one, fenced at the end, never lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.work import ATTEMPTS, Heartbeat, Work, WorkState

pytestmark = pytest.mark.both_engines


@pytest.fixture
def number(session: Any) -> int:
    """One piece of work."""
    Work.want("tell", {"fact": 1}, key="tell:1")
    (made,) = Work.take_wanted()
    session.commit()
    return made


def test_the_same_key_is_wanted_once(number: int) -> None:
    Work.want("tell", {"fact": 1}, key="tell:1")
    assert Work.take_wanted() == []
    assert db.session.scalar(select(func.count()).select_from(Work)) == 1


def test_only_one_gets_the_lease(number: int) -> None:
    first = Work.claim(number, "a")
    assert first and first.attempts == 1 and first.payload == {"fact": 1}
    assert Work.claim(number, "b") is None


def test_a_dead_workers_lease_runs_out_and_another_takes_over(number: int) -> None:
    Work.claim(number, "a", lease=timedelta(seconds=-1))
    assert list(Work.due()) == [number]
    second = Work.claim(number, "b")
    assert second and second.attempts == 2
    assert not Work.finish(number, "a", 1)
    assert Work.finish(number, "b", 2)
    assert list(Work.due()) == []


def test_the_same_owner_cannot_finish_an_older_attempt(number: int) -> None:
    Work.claim(number, "a", lease=timedelta(seconds=-1))
    Work.claim(number, "a")
    assert not Work.finish(number, "a", 1)
    assert Work.finish(number, "a", 2)


def test_after_the_last_try_it_is_dead_and_shown(number: int) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        assert Work.claim(number, "a")
        assert Work.again(number, "a", attempt, wall(), "微信没有回应")
    db.session.expire_all()
    assert [(w.state, w.error) for w in Work.troubles()] == [(WorkState.DEAD, "微信没有回应")]
    assert Work.claim(number, "b") is None


def test_waiting_for_a_quota_is_not_counted_as_a_try(number: int) -> None:
    Work.claim(number, "a")
    assert Work.put_back(number, "a", 1, wall() + timedelta(hours=1))
    db.session.expire_all()
    row = db.session.get_one(Work, number)
    assert (row.state, row.attempts) == (WorkState.READY, 0)
    assert list(Work.due()) == []


def test_held_work_waits_for_a_person(number: int) -> None:
    Work.claim(number, "a")
    assert Work.hold(number, "a", 1, "发出去没有，不知道")
    assert list(Work.due()) == []
    assert Work.counts() == {"held": 1}


def test_a_heartbeat_tells_its_age(session: Any) -> None:
    assert Heartbeat.age("worker") is None
    Heartbeat.beat("worker")
    Heartbeat.beat("worker")
    age = Heartbeat.age("worker")
    assert age is not None and age < timedelta(seconds=5)
