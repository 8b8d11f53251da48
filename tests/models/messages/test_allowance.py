"""What may still be sent is counted before it is sent, in one book for all machines, by minute, day and month."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import wall
from models.messages import allowance
from models.messages.allowance import Limit, give_back, take, used_up
from models.messages.budget import mass_obstacle
from models.messages.halt import HaltKind, halts, stand_still, stop_for, stops
from models.outreach.article import Article, Broadcast, BroadcastState, topics
from server.house import House, brief

API = "message/template/send"
pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten a minute, fifteen a day."""
    monkeypatch.setattr(allowance, "limits", lambda: {API: Limit(minute=10, day=15)})


def test_a_minute_and_a_day_run_out_each_in_its_words(session: Any, clock: Any) -> None:
    assert take("wx1", API, 8) == take("wx2", API, 8)
    first = take("wx1", API, 8)
    assert first.number == 2
    assert "下一分钟" in first.why
    assert first.again_at
    assert timedelta(0) < first.again_at - wall() <= timedelta(seconds=61)
    clock.forward(seconds=61)
    second = take("wx1", API, 8)
    assert second.number == 5
    assert "零点" in second.why
    assert take("wx1", API, 1).number == 0
    clock.forward(days=1)
    assert take("wx1", API, 8).number == 8


def test_what_was_not_sent_is_given_back_and_wechats_word_counts_more(session: Any, clock: Any) -> None:
    take("wx1", API, 10)
    give_back("wx1", API, 4)
    assert take("wx1", API, 10).number == 4
    clock.forward(seconds=61)
    used_up("wx1", API)
    assert take("wx1", API, 1).number == 0
    assert allowance.standing("wx1") == {API: (15, 15)}


def test_an_interface_without_a_limit_is_never_counted(session: Any) -> None:
    assert take("wx1", "nothing/known", 10**6).number == 10**6


def test_many_machines_never_overspend_together(app: House) -> None:
    granted: list[int] = []
    lock = threading.Lock()

    def machine() -> None:
        with app.app_context():
            for _ in range(4):
                with brief():
                    number = take("wx1", API, 2).number
                with lock:
                    granted.append(number)

    threads = [threading.Thread(target=machine) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(granted) == 10


def test_four_mass_sends_a_month_for_each_follower(people: Any, clock: Any) -> None:
    first, second = topics()[:2]
    law.today()

    def sent(topic: Any) -> None:
        article = Article.draft_new(people["linxiao"], title="普法", body="一")
        db.session.add(Broadcast(article=article, topic=topic, made_at=law.now(), state=BroadcastState.SENT))
        db.session.flush()

    for topic in (None, first, first, second):
        sent(topic)
    assert mass_obstacle("service", first) is None
    assert "4次" in str(mass_obstacle("service", None)), "somebody may follow both topics"
    sent(first)
    assert mass_obstacle("service", first)
    assert mass_obstacle("service", second) is None
    assert "明天" in str(mass_obstacle("subscription", None))
    db.session.commit()
    clock.forward(days=31)
    assert mass_obstacle("service", None) is None


def test_what_stands_still_is_known_to_all_until_its_time_or_until_somebody_says_so(people: Any, clock: Any) -> None:
    at = law.now()
    stand_still(HaltKind.DAY, "wx1", API, until=at + timedelta(hours=2), words="次数用完", errcode=45009)
    stand_still(HaltKind.TEMPLATE, "wx1", API, template="T", until=None, words="模板不对", errcode=40037)
    db.session.commit()
    assert stop_for(stops(), "wx1", API, "other").kind is HaltKind.DAY  # type: ignore[union-attr]
    assert stop_for(stops(), "wx2", API, "T") is None
    clock.forward(hours=3)
    assert stop_for(stops(), "wx1", API, "other") is None
    (left,) = halts()
    assert left.kind is HaltKind.TEMPLATE
    left.lift(people["zhoumin"])
    db.session.flush()
    assert not stops()
