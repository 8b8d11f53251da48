"""What the clockwork does by itself: each number once, each day one head, nothing kept for ever."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import today, wall
from models.kernel.evidence import check
from models.kernel.heads import DailyHead
from models.kernel.trail import TraceLink
from models.kernel.work import Heartbeat, Work, WorkState
from server.house import brief
from server.jobs import routine as routine_file
from server.jobs.commands import work as commands
from server.jobs.queue import Held, Turn
from server.jobs.routine import Routine
from tests.jobs.conftest import Works


class Remembering:
    """A carrier that only remembers."""

    def __init__(self) -> None:
        self.carried: list[int] = []
        self.full = 0

    def carry(self, numbers: list[int]) -> None:
        self.carried += numbers

    def waiting(self) -> int:
        return self.full


@pytest.fixture
def carrier() -> Remembering:
    return Remembering()


@pytest.fixture
def routine(works: Works, carrier: Remembering) -> Routine:
    return Routine(works.app, works.queue, carrier)  # type: ignore[arg-type]


def test_the_sweep_carries_each_due_number_once_in_a_while(
    works: Works, routine: Routine, carrier: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = works.want("a")
    later = works.want("b", run_at=wall() + timedelta(hours=1))
    with works.app.app_context():
        routine.sweep()
        routine.sweep()
        assert carrier.carried == [first]
        monkeypatch.setattr(routine_file, "AGAIN_SECONDS", 0.0)
        routine.sweep()
        assert carrier.carried == [first, first], "a number that got lost on the way is carried again"
        carrier.full = routine_file.FULL + 1
        routine.sweep()
        assert len(carrier.carried) == 2, "a full queue is left alone"
    assert later not in carrier.carried


@pytest.mark.both_engines
def test_deeds_get_their_places_in_strides(works: Works, routine: Routine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routine_file, "STRIDE", 3)
    works.open()
    with works.app.app_context():
        routine.sequence()
        with brief(write=False):
            chains = set(db.session.scalars(select(TraceLink.chain)))
            assert all(check(chain).whole and check(chain).waiting == 0 for chain in chains)
            assert chains


def test_a_day_gets_its_head_once_it_is_over(works: Works, routine: Routine) -> None:
    works.open()
    with works.app.app_context():
        routine.sequence()
        routine.calendar()
        routine.calendar()
        with brief(write=False):
            (head,) = db.session.scalars(select(DailyHead))
            assert head.day == today() - timedelta(days=1)
        with brief():
            law.move(86400)
        routine.calendar()
        with brief(write=False):
            assert len(db.session.scalars(select(DailyHead)).all()) == 2


def test_what_was_said_is_compared_by_itself_once_when_a_window_has_closed(works: Works, routine: Routine) -> None:
    asked = works.open()
    works.comment(asked, "甲")
    works.comment(asked, "乙")

    def compared() -> int:
        return sum(work.kind == "find_alike" for work in works.work())

    with works.app.app_context():
        routine.calendar()
        assert compared() == 0, "people are still speaking"
        with brief():
            law.move(31 * 86400)
        routine.calendar()
        routine.calendar()
        Routine(works.app, works.queue, routine.carrier).calendar()
        assert compared() == 1, "once for this closing, whichever worker looks"


def test_tidying_forgets_what_is_done_and_keeps_what_is_not(works: Works, routine: Routine) -> None:
    done, held, fresh = works.want("done"), works.want("held"), works.want("fresh")
    old = wall() - timedelta(days=40)

    def age() -> None:
        for number, state in ((done, WorkState.DONE), (held, WorkState.HELD)):
            db.session.execute(update(Work).where(Work.id == number).values(state=state, made_at=old))

    works.change(age)
    with works.app.app_context():
        routine.tidy()
        routine.beat()
        assert Heartbeat.age("worker") is not None
    assert {w.id for w in works.work()} >= {held, fresh}
    assert done not in {w.id for w in works.work()}


def test_a_duty_that_fails_does_not_stop_the_others(
    works: Works, routine: Routine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def broken() -> None:
        seen.append("broken")
        raise RuntimeError

    routine.duties = [
        routine_file.Duty("broken", 0.0, broken),
        routine_file.Duty("sound", 0.0, lambda: seen.append("sound")),
    ]
    routine.start()
    for _ in range(100):
        if seen.count("sound") > 2:
            break
        routine._stop.wait(0.1)
    routine.stop()
    assert seen.count("sound") > 2
    assert seen.count("broken") > 2


def test_a_person_puts_held_work_back(works: Works) -> None:
    tries: list[int] = []

    def job(turn: Turn) -> None:
        tries.append(turn.attempt)
        if len(tries) == 1:
            raise Held("模板字段不对")

    number = works.want("template")
    worker = works.worker("w", {"template": job})
    worker.do(number)
    runner: Any = works.app.test_cli_runner()
    shown = runner.invoke(commands, ["list"])
    assert "模板字段不对" in shown.output
    assert "搁置，等人处理：1件" in shown.output
    assert "已放回" in runner.invoke(commands, ["retry", str(number)]).output
    assert "不用处理" in runner.invoke(commands, ["retry", str(number)]).output
    assert worker.do(number)
    assert tries == [1, 1]
    assert works.only("template").state is WorkState.DONE
