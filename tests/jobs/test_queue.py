"""Work is claimed by one, fenced on finish, tried again with patience, and never lost."""

import itertools
import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.installation import Installation
from models.kernel.work import ATTEMPTS, Work, WorkState
from models.people.resident import Identity, Resident
from server.jobs.queue import Again, Held, Later, Turn, back_off
from tests.jobs.conftest import Works

pytestmark = pytest.mark.both_engines


def phone_is(words: str) -> None:
    office = db.session.get_one(Installation, 1)
    office.phone = words


def phone(works: Works) -> str:
    with works.app.app_context():
        return db.session.get_one(Installation, 1).phone


def expire(works: Works, number: int) -> None:
    works.change(
        lambda: db.session.execute(
            update(Work).where(Work.id == number).values(lease_until=wall() - timedelta(seconds=1))
        )
    )


def test_eight_workers_do_thirty_pieces_once_each(works: Works) -> None:
    done: list[int] = []
    jobs = {"count": lambda turn: done.append(turn.number)}
    numbers = [works.want("count", {"n": n}) for n in range(30)]
    workers = [works.worker(f"w{n}", jobs) for n in range(8)]
    crowd = [threading.Thread(target=lambda w=w: [w.do(n) for n in numbers]) for w in workers]  # type: ignore[misc]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(done) == numbers
    assert {w.state for w in works.work("count")} == {WorkState.DONE}


def test_a_deed_and_the_end_of_its_work_hold_together_or_not_at_all(works: Works) -> None:
    def job(turn: Turn) -> None:
        with turn.transaction(last=True):
            phone_is("written")
            if turn.attempt == 1:
                raise Again("half way", timedelta(0))

    number = works.want("deed")
    worker = works.worker("w", {"deed": job})
    assert worker.do(number)
    assert phone(works) != "written"
    assert works.only("deed").state is WorkState.READY
    assert worker.do(number)
    assert phone(works) == "written"
    assert works.only("deed").state is WorkState.DONE
    assert not worker.do(number), "what is done is not done again"


def test_whoever_lost_the_lease_writes_nothing(works: Works) -> None:
    number = works.want("slow")

    def overtaken(turn: Turn) -> None:
        expire(works, number)
        assert works.worker("second", {"slow": quick}).do(number)
        with turn.transaction(last=True):
            phone_is("from the first")

    def quick(turn: Turn) -> None:
        with turn.transaction(last=True):
            phone_is("from the second")

    assert works.worker("first", {"slow": overtaken}).do(number)
    assert phone(works) == "from the second"
    found = works.only("slow")
    assert (found.state, found.owner, found.attempts) == (WorkState.DONE, "second", 2)


def test_the_lease_of_a_killed_worker_runs_out_and_the_work_is_due_again(works: Works) -> None:
    number = works.want("left")

    class Killed(BaseException):
        pass

    def die(turn: Turn) -> None:
        raise Killed

    with pytest.raises(Killed):
        works.worker("dead", {"left": die}).do(number)
    assert works.only("left").state is WorkState.CLAIMED
    assert number not in works.queue.due()
    expire(works, number)
    assert number in works.queue.due()
    assert works.worker("next", {"left": lambda turn: None}).do(number)
    assert works.only("left").state is WorkState.DONE


def test_failing_work_waits_longer_each_time_and_is_given_up_in_the_open(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(turn: Turn) -> None:
        raise ValueError("secret detail")

    number = works.want("bad")
    good = works.want("good")
    worker = works.worker("w", {"bad": broken, "good": lambda turn: None})
    waits = []
    for _ in range(ATTEMPTS):
        assert worker.do(number)
        found = works.only("bad")
        waits.append((found.run_at - wall()).total_seconds())
        assert not worker.do(number) or found.state is WorkState.DEAD
        works.change(
            lambda: db.session.execute(
                update(Work).where(Work.id == number).values(run_at=wall() - timedelta(seconds=1))
            )
        )
    assert works.only("bad").state is WorkState.DEAD
    assert works.only("bad").error == "ValueError"
    assert all(later > earlier for earlier, later in itertools.pairwise(waits))
    assert number not in worker.due()
    assert "ALARM" in caplog.text
    assert worker.do(good)


def test_what_people_are_called_at_wechat_is_not_logged_with_a_failed_statement(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    def twice(turn: Turn) -> None:
        with turn.transaction():
            for _ in range(2):
                who = Resident.make()
                db.session.add(Identity(resident=who, appid="wx0", openid="-".join(("o", "canary", "openid"))))
                db.session.flush()

    works.worker("w", {"twice": twice}).do(works.want("twice"))
    assert works.only("twice").error == "IntegrityError"
    assert "the database refused" in caplog.text
    assert "test_queue.py" in caplog.text, "where it happened"
    assert "o-canary-openid" not in caplog.text


def test_a_worker_that_dies_over_and_over_gives_up_too(works: Works) -> None:
    number = works.want("poison")
    works.change(lambda: db.session.execute(update(Work).where(Work.id == number).values(attempts=ATTEMPTS)))
    assert works.worker("w", {"poison": lambda turn: pytest.fail("it must not be tried again")}).do(number)
    assert works.only("poison").state is WorkState.DEAD


def test_waiting_for_a_quota_is_no_failure(works: Works) -> None:
    at = wall() + timedelta(hours=3)

    def wait(turn: Turn) -> None:
        raise Later(at, "quota")

    number = works.want("later")
    works.worker("w", {"later": wait}).do(number)
    found = works.only("later")
    assert (found.state, found.attempts) == (WorkState.READY, 0)
    assert abs((found.run_at - at).total_seconds()) < 1


def test_what_a_person_has_to_decide_is_held_and_listed(works: Works) -> None:
    def doubt(turn: Turn) -> None:
        raise Held("请核对")

    works.worker("w", {"doubt": doubt}).do(works.want("doubt"))
    works.queue.do(works.want("nobody-knows-this"))
    assert works.only("doubt").state is WorkState.HELD
    assert works.only("doubt").error == "请核对"
    assert works.only("nobody-knows-this").state is WorkState.HELD
    with works.app.app_context():
        assert {w.kind for w in Work.troubles()} >= {"doubt", "nobody-knows-this"}


def test_a_worker_that_is_stopped_gives_its_work_back(works: Works) -> None:
    def long(turn: Turn) -> None:
        turn.stopping.set()
        turn.breathe()
        pytest.fail("it was told to stop")

    number = works.want("long")
    works.worker("w", {"long": long}).do(number)
    found = works.only("long")
    assert (found.state, found.attempts) == (WorkState.READY, 0)
    assert number in works.queue.due()


def test_waits_double_up_to_an_hour_with_a_little_chance() -> None:
    for attempt in range(1, 20):
        least = min(2 ** (attempt - 1), 3600)
        assert least <= back_off(attempt).total_seconds() <= least * 1.5
