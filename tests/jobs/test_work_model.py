"""Any order of claiming, finishing, failing, dying and waiting keeps the promises of a piece of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from models.kernel import work as work_file
from models.kernel.base import db
from models.kernel.work import ATTEMPTS, Work, WorkState
from server.house import brief
from tests.jobs.conftest import Works

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEASE = timedelta(seconds=60)
OWNERS = st.sampled_from(["a", "b", "c"])
KEYS = st.sampled_from(["k1", "k2", "k3", None])


class Model(RuleBasedStateMachine):
    """The truth as plain Python beside the table."""

    works: Works

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        work_file.wall = lambda: self.now  # type: ignore[assignment]
        with self.deed():
            db.session.execute(delete(Work))
        self.truth: dict[int, dict[str, Any]] = {}
        self.keys: set[str] = set()
        self.turns: list[tuple[int, str, int]] = []
        """(number, owner, attempt) of every claim ever made, stale ones included."""

    @contextmanager
    def deed(self) -> Iterator[None]:
        with self.works.app.app_context(), brief():
            yield
            Work.take_wanted()

    @rule(key=KEYS, wait=st.integers(0, 100))
    def want(self, key: str | None, wait: int) -> None:
        with self.deed():
            Work.want("kind", {}, key=key, run_at=self.now + timedelta(seconds=wait))
            found = set(db.session.scalars(select(Work.id)))
        new = found - set(self.truth)
        assert len(new) == (0 if key in self.keys else 1)
        for number in new:
            self.truth[number] = {"state": "ready", "run_at": self.now + timedelta(seconds=wait), "attempts": 0}
        if key:
            self.keys.add(key)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def free(self, number: int) -> bool:
        one = self.truth[number]
        if one["state"] == "ready":
            return bool(one["run_at"] <= self.now)
        return one["state"] == "claimed" and bool(one["lease"] < self.now)

    @rule(owner=OWNERS, data=st.data())
    def claim(self, owner: str, data: st.DataObject) -> None:
        if not self.truth:
            return
        number = data.draw(st.sampled_from(sorted(self.truth)))
        with self.deed():
            got = Work.claim(number, owner, LEASE)
            attempt = got.attempts if got else None
        assert (attempt is not None) == self.free(number)
        if attempt is not None:
            one = self.truth[number]
            one |= {"state": "claimed", "lease": self.now + LEASE, "owner": owner, "attempts": one["attempts"] + 1}
            assert attempt == one["attempts"]
            self.turns.append((number, owner, attempt))

    def holds(self, turn: tuple[int, str, int]) -> bool:
        number, owner, attempt = turn
        one = self.truth[number]
        return one["state"] == "claimed" and one["owner"] == owner and one["attempts"] == attempt

    @rule(data=st.data(), how=st.sampled_from(["finish", "again", "put_back", "hold", "renew"]))
    def end(self, data: st.DataObject, how: str) -> None:
        if not self.turns:
            return
        turn = data.draw(st.sampled_from(self.turns))
        number, owner, attempt = turn
        later = self.now + timedelta(seconds=5)
        with self.deed():
            done = {
                "finish": lambda: Work.finish(number, owner, attempt),
                "again": lambda: Work.again(number, owner, attempt, later, "error"),
                "put_back": lambda: Work.put_back(number, owner, attempt, later),
                "hold": lambda: Work.hold(number, owner, attempt, "why"),
                "renew": lambda: Work.renew(number, owner, attempt, LEASE),
            }[how]()
        assert done == self.holds(turn), f"{how} by {turn} against {self.truth[number]}"
        if not done:
            return
        one = self.truth[number]
        if how == "renew":
            one["lease"] = self.now + LEASE
        elif how == "finish":
            one["state"] = "done"
        elif how == "hold":
            one["state"] = "held"
        else:
            one["state"], one["run_at"] = "ready", later
            if how == "put_back":
                one["attempts"] -= 1
            elif one["attempts"] >= ATTEMPTS:
                one["state"] = "dead"

    @invariant()
    def the_table_says_the_same(self) -> None:
        with self.works.app.app_context(), brief(write=False):
            rows = {w.id: (w.state.value, w.attempts) for w in db.session.scalars(select(Work))}
            due = set(Work.due(1000))
        assert rows == {number: (one["state"], one["attempts"]) for number, one in self.truth.items()}
        assert due == {number for number in self.truth if self.free(number)}
        assert all(WorkState(state) for state, _ in rows.values())


@pytest.mark.both_engines
def test_any_order_of_events_keeps_the_promises(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_file, "wall", work_file.wall)  # put back at the end, whatever the machine sets

    class Here(Model):
        pass

    Here.works = works
    run_state_machine_as_test(
        Here,
        settings=hypothesis_settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
