"""Daily heads: each covers what moved and the one before, anybody can compute them, and a case finds itself in them."""

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select

from models.kernel import heads, trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.heads import DailyHead, take_daily_head
from models.kernel.trail import TraceLink
from models.kernel.witness import witness
from models.people.unit import Unit
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines


@pytest.fixture
def days(people: Any, clock: Any) -> list[str]:
    """Three days: two cases, one of them, and none moved. Yields the chains of the cases."""
    first = a_consultation(people)
    second = a_consultation(people, title="夜市摊位管理办法")
    for day in range(3):
        if day < 2:
            a_comment(second, a_resident(day))
        db.session.commit()
        while trail.sequence():
            db.session.commit()
        assert take_daily_head(today())
        db.session.commit()
        assert take_daily_head(today()) is None, "a day has one head"
        clock.forward(days=1)
    return [first.chain, second.chain]


def test_a_day_covers_the_chains_that_moved_and_counts_all(days: list[str]) -> None:
    first, second = days
    told = list(heads.every())
    assert [row.number for row in told] == [1, 2, 3]
    assert [set(row.heads) for row in told] == [{first, second}, {second}, set()]
    assert {row.chains for row in told} == {2}
    assert [row.rows for row in told] == [
        sum(spot["position"] for spot in told[0].heads.values()),
        told[2].rows,
        told[2].rows,
    ]
    assert all(row.true for row in told)
    assert heads.covered() == {
        chain: (position, head.hex()) for chain, position, head, _ in db.session.execute(heads.tips())
    }


def test_anybody_can_compute_a_head_from_what_is_public(days: list[str]) -> None:
    """As the file itself says how, with nothing of ours."""
    made = json.loads(json.dumps(heads.document([heads.public(row) for row in heads.every()])))
    assert made["form"] == "huiyin-trail-heads-1"
    before = "0" * 64
    for day in made["days"]:
        rest = {name: value for name, value in day.items() if name != "head"}
        spelt = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(b"day\0" + spelt).hexdigest() == day["head"]
        assert day["before"] == before
        before = day["head"]
    told = json.dumps(made)
    assert not any(chain in told for chain in days), "no case is named in public"


def test_who_holds_a_chains_head_finds_it_among_the_leaves_of_its_last_day(days: list[str]) -> None:
    for chain, number in zip(days, (1, 2), strict=True):
        position, head = trail.tip(chain)
        leaf = hashlib.sha256(b"leaf\0" + f"{chain}\0{position}\0".encode() + head).hexdigest()
        assert [row.number for row in heads.every() if leaf in heads.public(row)["leaves"]] == [number]


def test_a_chain_that_became_shorter_is_put_down_as_short_as_it_is(
    days: list[str], clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sqlite = db.engine.dialect.name == "sqlite"
    for table in ("trace_link", "trace"):
        db.session.execute(db.text(f"DROP TRIGGER guard_{table}_delete" + ("" if sqlite else f" ON {table}")))
    last = db.session.scalars(
        select(TraceLink).where(TraceLink.chain == days[1]).order_by(TraceLink.position.desc())
    ).first()
    assert last
    db.session.execute(db.text("DELETE FROM trace_link WHERE trace_id = :row"), {"row": last.trace_id})
    db.session.execute(db.text("DELETE FROM trace_link WHERE chain = :chain"), {"chain": days[0]})
    rows = list(heads.every())[-1].rows
    taken = take_daily_head(today())
    assert taken and taken.rows < rows
    assert taken.heads[days[1]]["position"] == last.position - 1
    assert taken.heads[days[0]]["position"] == 0
    assert caplog.text.count("places and had") == 1
    assert caplog.text.count("and has none") == 1
    db.session.flush()
    db.session.execute(db.text("SELECT 1"))
    clock.forward(days=1)
    again = take_daily_head(today())
    assert again and again.heads == {}, "what is put down is not put down every day"


def test_days_are_kept_beside_the_database_once_and_in_order(days: list[str], people: Any, clock: Any) -> None:
    assert heads.keep() == 3
    assert heads.keep() == 0
    assert [day["number"] for day in witness().heads()] == [1, 2, 3]
    Unit.found(people["xitong"], "平安法治办")
    db.session.commit()
    trail.sequence()
    assert take_daily_head(today())
    assert heads.keep() == 1
    assert [heads.day_head(day).hex() == day["head"] for day in witness().heads()] == [True] * 4


def test_a_head_that_does_not_follow_is_not_kept(days: list[str]) -> None:
    assert heads.keep() == 3
    forged = DailyHead(
        number=4,
        day=today(),
        taken_at=heads.wall(),
        before=bytes(32),
        chains=0,
        rows=0,
        heads={},
        head=bytes(32),
        mac=bytes(32),
    )
    db.session.add(forged)
    db.session.flush()
    assert heads.keep() == 0
    assert len(list(witness().heads())) == 3
