"""Two people in the same case on PostgreSQL: their trail holds up neither of them."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from models.decisions.decision import Decision
from models.kernel import trail
from models.kernel.base import db
from models.kernel.trail import Trace
from server.house import House
from tests.conftest import Engine, People
from tests.making import a_consultation


@pytest.fixture
def engine(tmp_path: Path, postgres: str) -> Iterator[Engine]:
    """PostgreSQL only: SQLite has one writer at a time, with a trail or without."""
    made = Engine("postgresql", tmp_path, postgres)
    yield made
    made.drop_all()


def test_two_open_transactions_that_wrote_in_the_same_case_do_not_wait_for_each_other(app: House, people: Any) -> None:
    """Both have written their row before either has committed."""
    case: Decision = a_consultation(people).decision
    chain = case.chain
    db.session.commit()
    written, waited = threading.Barrier(2, timeout=20), []

    def speak(name: str) -> None:
        with app.app_context():
            db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            subject = db.session.scalars(select(Decision)).one()
            trail.write(subject, "open", People()[name], {"title": name})
            written.wait()  # breaks, and fails the test, if one had to wait for the other's commit
            held = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            waited.append(db.session.scalar(text(held)))
            written.wait()
            db.session.commit()

    speakers = [threading.Thread(target=speak, args=(name,)) for name in ("shenlin", "xujing")]
    for one in speakers:
        one.start()
    for one in speakers:
        one.join()
    assert waited == [0, 0]
    assert (
        db.session.scalar(
            select(func.count())
            .select_from(Trace)
            .where(Trace.chain == chain, Trace.actor_name == "许静", Trace.verb == "open")
        )
        == 1
    )
