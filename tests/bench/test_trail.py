"""What the trail costs: whether it makes commenters wait for each other, and how much memory a look at 50,000 rows takes."""

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from config.settings import ROOT, Settings
from models.comments.comment import Comment
from models.comments.receive import receive
from models.decisions.consultation import Channel, Consultation
from models.kernel import lifecycle, trail
from models.kernel.base import db
from models.kernel.ids import new_token
from models.kernel.trail import Trace, TraceLink, canonical, keyed, link_head, link_mac, row_fields
from models.people.resident import Resident
from server.app import create_app
from server.house import House, brief
from tests import services
from tests.conftest import SECRETS, Engine, People, close, ignore, migrate, settings_for, settle
from tests.making import a_comment, a_consultation, a_resident

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

PEOPLE = 8
"""Commenters at once: as many as the pool has connections."""
SECONDS = 4.0
ROUNDS = 5
ROWS = 50_000


# --- commenters -------------------------------------------------------------------------------------------------------


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[House]:
    """The street on a PostgreSQL that syncs every commit, as an office runs it."""
    with services.Postgres(durable=True) as server:
        engine = Engine("postgresql", tmp_path, server.url)
        address = engine.empty()
        settings = settings_for(address, tmp_path / "data")
        migrate(settings)
        settle(settings)
        app = create_app(settings, wake=ignore)
        yield app
        close(app)


@pytest.fixture
def matter(durable: House) -> tuple[int, list[int], list[int]]:
    """One open matter; a resident and a comment for each speaker."""
    with durable.app_context(), brief():
        asked = a_consultation(People())
        who = [a_resident(n) for n in range(PEOPLE)]
        said = [a_comment(asked, one).comment for one in who]
        db.session.flush()
        return asked.id, [one.id for one in who], [one.id for one in said]


def chained(subject: Any, verb: str, actor: Any, detail: Any) -> Trace:
    """What the trail does not do: take the case's chain for itself until the commit, as a chain in the request would."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:chain))"), {"chain": subject.chain})
    return WRITE(subject, verb, actor, detail)


WRITE = trail.write
WAYS: dict[str, Callable[..., Any]] = {"without": lambda *_: None, "with": WRITE, "chained": chained}


def per_second(app: House, deed: Callable[[int], None]) -> float:
    """Deeds a second, by all people at once."""
    done = [0] * PEOPLE
    until = time.monotonic() + SECONDS

    def speak(who: int) -> None:
        while time.monotonic() < until:
            with app.app_context(), brief():
                deed(who)
            done[who] += 1

    crew = [threading.Thread(target=speak, args=(who,)) for who in range(PEOPLE)]
    began = time.monotonic()
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return sum(done) / (time.monotonic() - began)


def test_the_trail_does_not_make_commenters_wait_for_each_other(
    durable: House, matter: tuple[int, list[int], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Throughput without the trail, with it, and with a chain in the request, round after round on one database."""
    asked, residents, comments = matter
    monkeypatch.setattr("models.comments.receive.MOST_OF_ONE_PERSON", 10**9)

    def say(who: int) -> None:
        receive(
            db.session.get_one(Consultation, asked),
            db.session.get_one(Resident, residents[who]),
            "再说一句。",
            channel=Channel.H5,
        )

    def add(who: int) -> None:
        db.session.get_one(Comment, comments[who]).add(db.session.get_one(Resident, residents[who]), "再补一句。")

    for name, deed in (("add to one's own comment", add), ("comment on the same matter", say)):
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way, write in WAYS.items():
                monkeypatch.setattr(lifecycle.trail, "write", write)
                found[way].append(per_second(durable, deed))
        middle = {way: statistics.median(rates) for way, rates in found.items()}
        ratio, serial = middle["with"] / middle["without"], middle["chained"] / middle["without"]
        print(
            f"\n{name}, {PEOPLE} people at once on PostgreSQL, fsync on, median of {ROUNDS} rounds of {SECONDS:.0f} s:"
        )
        print("  " + ", ".join(f"{way} {rate:.0f}/s" for way, rate in middle.items()))
        print(f"  ratio with the trail to without it: {ratio:.2f}; were the chain made in the request: {serial:.2f}")
        assert ratio > 0.6


# --- a long chain -----------------------------------------------------------------------------------------------------


def a_long_chain(app: House, rows: int) -> None:
    """A chain as `write` and `sequence` would make it, and the notes that a machine would have kept, only faster."""
    seen = app.extensions["witness"]
    with app.app_context():
        moment = datetime(2026, 11, 23, 2, tzinfo=UTC)
        head, number = bytes(32), db.session.scalar(text("SELECT max(id) FROM trace")) or 0
        for start in range(0, rows, 1000):
            traces, links, lines = [], [], []
            for place in range(start + 1, min(start + 1000, rows) + 1):
                number += 1
                row = Trace(
                    id=number, ref=new_token(), chain="longchain234", at=moment, wall_at=moment, subject_kind="Comment",
                    subject_id=place, verb="add", actor_kind="resident", actor_ref="resident2345", actor_name="居民",
                    actor_post="", actor_unit="杨柳社区", detail={"supplement": place}, demonstration=True,
                )  # fmt: skip
                row.mac = keyed("trace", canonical(row_fields(row)))
                head = link_head(head, row)
                link = TraceLink(
                    trace_id=number, chain=row.chain, position=place, head=head, mac=link_mac(row.chain, place, head)
                )
                traces.append(row_fields(row) | {"id": number, "mac": row.mac})
                links.append({k: getattr(link, k) for k in ("trace_id", "chain", "position", "head", "mac")})
                lines += [row.testimony, link.testimony]
            db.session.execute(insert(Trace), traces)
            db.session.execute(insert(TraceLink), links)
            db.session.commit()
            seen.note(lines)


def look(settings: Settings) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of `flask trail verify` in a process of its own."""
    environment = os.environ | {
        "PUBLIC_URL": "http://localhost",
        "SECRET_KEY": SECRETS["secret_key"],
        "SEAL_KEYS": f"test1:{SECRETS['seal_keys']['test1'].hex()}",
        "TRAIL_KEY": SECRETS["trail_key"].hex(),
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
    }
    command = [sys.executable, "-m", "flask", "--app", "server.app", "trail", "verify"]
    began = time.monotonic()
    child = os.posix_spawn(sys.executable, command, environment)
    _, status, used = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return time.monotonic() - began, used.ru_maxrss / 1024


@pytest.mark.both_engines
def test_fifty_thousand_rows_are_checked_with_flat_memory(
    app: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    kind = "PostgreSQL" if "postgresql" in settings.database_url else "SQLite"
    few, base = look(settings)
    a_long_chain(app, ROWS)
    first, peak = look(settings)
    again, peak_again = look(settings)
    print(f"\n{kind}: a street without deeds: {few:.1f} s, {base:.0f} MiB at most")
    print(f"{kind}: {ROWS:,} rows in one chain and {2 * ROWS:,} notes: {first:.1f} s, {peak:.0f} MiB at most")
    print(f"{kind}: again, with the memory of the first look: {again:.1f} s, {peak_again:.0f} MiB at most")
    assert max(peak, peak_again) - base < 25
