"""The file of a case with a hundred thousand comments: how long, how large, and how much memory."""

import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy.orm import scoped_session

from models.kernel import trail
from server.house import House
from server.papers.bag import Hashing
from server.papers.casefile import pack
from server.papers.verify_casefile import Case, check_bag, check_trail
from tests.conftest import People
from tests.papers.filing import a_case, crowd, decided, only_these, written

COMMENTS = 100_000
MB = 1024 * 1024


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_comments_in_flat_memory(
    app: House, people: People, session: scoped_session[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packed and checked; the process grows by less than 64 MB while half a gigabyte goes through it."""
    only_these(monkeypatch)
    case = a_case(people).decision
    decided(case)
    while trail.sequence(5000):
        pass
    written(case, tmp_path / "warm.zip")
    crowd(session, case, COMMENTS)
    session.expunge_all()
    case = session.merge(case)
    here = psutil.Process()
    before, most, began, cpu = here.memory_info().rss, 0, time.monotonic(), time.process_time()

    def tell(done: int, total: int, phase: str) -> None:
        nonlocal most
        if done % 500 == 0:
            most = max(most, here.memory_info().rss)

    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        pack(case, Hashing(file), tell=tell)
    packing, worked = time.monotonic() - began, time.process_time() - cpu
    began, low = time.monotonic(), here.memory_info().rss
    opened = Case(path)
    faults = check_bag(opened) or check_trail(opened)
    size = int(opened.info()["Payload-Oxum"].partition(".")[0])
    print(
        f"\n{COMMENTS:,} comments: {size / MB:,.0f} MB of payload, {path.stat().st_size / MB:,.0f} MB packed in "
        f"{packing:,.0f} s ({worked:,.0f} s of CPU), grown by {(most - before) / MB:,.1f} MB; checked in "
        f"{time.monotonic() - began:,.0f} s, grown by {(here.memory_info().rss - low) / MB:,.1f} MB"
    )
    assert not faults
    assert size > 300 * MB and most - before < 64 * MB
