"""The worker packs a case file: progress can be seen, a worker that is stopped leaves nothing half done, and it is done once."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from models.decisions.archive import archive
from models.decisions.decision import Decision
from models.decisions.volume import COPY_KEPT, CaseFile, Packing, Progress, Purpose
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.refusal import Missing
from models.kernel.work import Work, WorkState
from server.house import House
from server.jobs import casefiles
from server.jobs.casefiles import pack_case_file
from server.jobs.queue import Queue
from server.jobs.routine import Routine
from tests.conftest import People
from tests.papers.filing import a_case, decided, only_these, work


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    only_these(monkeypatch)


@pytest.fixture
def case(people: People, session: scoped_session[Any]) -> Decision:
    return a_case(people, 1).decision


def asked(session: Any) -> Packing:
    session.expire_all()
    found: Packing = session.scalars(select(Packing).order_by(Packing.id.desc())).first()
    return found


def mine(session: Any) -> Work:
    session.expire_all()
    found: Work = session.scalars(select(Work).where(Work.kind == "pack_case_file")).one()
    return found


@pytest.mark.both_engines
def test_what_was_asked_for_is_packed_and_its_hash_is_in_the_trail(
    app: House, case: Decision, people: People, session: scoped_session[Any]
) -> None:
    Packing.ask(people["yangfan"], case, Purpose.COPY)
    session.commit()
    work(app)
    done = asked(session)
    assert done.progress is Progress.DONE and done.made is not None and done.done == done.total > 0
    assert (done.made.volume, done.made.officer) == (None, people["yangfan"])
    sealed = trail.story(chain=case.chain, verbs=("seal",))
    assert [t.detail["sha256"] for t, _ in sealed] == [done.made.sha256]
    stored = done.made.fetch(people["yangfan"])
    assert sum(map(len, stored.pieces())) == done.made.size
    assert trail.story(chain=case.chain, verbs=("fetch",))[0][0].actor_name == "杨帆"


def test_how_far_it_is_can_be_read_while_it_packs(
    app: House, case: Decision, people: People, session: scoped_session[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection sees it: the web process is not asked for anything."""
    monkeypatch.setattr(casefiles, "EVERY", 0.0)
    seen: list[tuple[int, int, str]] = []
    told = casefiles._Telling.__call__

    def listening(self: Any, done: int, total: int, phase: str) -> None:
        told(self, done, total, phase)
        with app.app_context():
            row = db.session.scalars(select(Packing)).one()
            seen.append((row.done, row.total, row.phase))

    monkeypatch.setattr(casefiles._Telling, "__call__", listening)
    Packing.ask(people["yangfan"], case, Purpose.COPY)
    session.commit()
    work(app)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen) and len({p for _, _, p in seen}) > 5
    assert all(done <= total for done, total, _ in seen) and seen[-1][0] == seen[-1][1]


def test_a_worker_that_is_stopped_leaves_nothing_and_the_next_one_does_it(
    app: House,
    case: Decision,
    people: People,
    session: scoped_session[Any],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def files() -> set[Path]:
        return {path for path in settings.data_dir.rglob("*") if path.is_file() and "db" not in path.name}

    monkeypatch.setattr(casefiles, "EVERY", 0.0)
    Packing.ask(people["yangfan"], case, Purpose.COPY)
    session.commit()
    while trail.sequence():
        pass
    session.commit()
    before = files()
    queue = Queue(app, {"pack_case_file": pack_case_file}, "stopped")
    queue.stopping.set()
    number = mine(session).id
    session.commit()
    queue.do(number)
    assert mine(session).state is WorkState.READY and mine(session).attempts == 0
    assert files() == before and not session.scalars(select(CaseFile)).all()
    session.commit()
    work(app)
    assert asked(session).progress is Progress.DONE and len(session.scalars(select(CaseFile)).all()) == 1


def test_it_waits_for_the_last_deeds_to_have_their_places(
    app: House, case: Decision, people: People, session: scoped_session[Any]
) -> None:
    Packing.ask(people["yangfan"], case, Purpose.COPY)
    session.commit()
    number = mine(session).id
    session.commit()
    Queue(app, {"pack_case_file": pack_case_file}, "early").do(number)
    assert mine(session).state is WorkState.READY and asked(session).progress is Progress.WAITING


def test_a_copy_is_deleted_after_a_while_and_a_sealed_volume_never(
    app: House,
    case: Decision,
    people: People,
    session: scoped_session[Any],
    settings: Any,
) -> None:
    Packing.ask(people["yangfan"], case, Purpose.COPY)
    session.commit()
    work(app)
    copy = asked(session).made
    assert copy
    decided(case)
    archive(case, people["yangfan"])
    session.commit()
    work(app)
    volume = asked(session).made
    assert volume
    assert volume.volume == 1
    root = next(path for path in settings.data_dir.rglob(copy.file)).parents[2]
    draft, fresh = root / f".{'a' * 32}", root / f".{'b' * 32}"
    for path in (draft, fresh):
        path.write_bytes(b"a maker died here")
    os.utime(draft, (0, 0))
    routine = Routine(app, Queue(app, {}, "tests"), None)  # type: ignore[arg-type]

    def tidy() -> None:
        session.commit()
        with app.app_context():
            routine.tidy()

    tidy()
    assert copy.there, "not yet"
    assert not draft.exists()
    assert fresh.exists(), "it may still be written"
    law.move(COPY_KEPT.days * 86_400 + 60)
    tidy()
    assert not copy.there
    assert volume.there
    assert session.get(CaseFile, copy.id), "that it was made stays known"
    with pytest.raises(Missing, match="副本可以再导出一次"):
        copy.fetch(people["yangfan"])
    tidy()
