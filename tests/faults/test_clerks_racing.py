"""Two clerks and an approver over many points at once, in any order: one answer each, none lost, every deed in its chain."""

import random
import threading
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from models.comments.bulk import answer_each, approve_each, send_back_each
from models.comments.claims import claim
from models.comments.point import AnswerVersion, Point, PointStage
from models.decisions.consultation import Consultation
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.refusal import Refusal
from models.kernel.trail import Trace
from models.people.officer import Officer, Post
from server.house import House, brief
from tests.conftest import People
from tests.crowds import come
from tests.making import a_consultation
from tests.models.texts.campaigns import crowd

pytestmark = pytest.mark.both_engines
REASON = "第二条要让更多人停得下，我们数了三天。"


def a_closed_one(app: House, many: int) -> tuple[int, list[int]]:
    with app.app_context():
        people = People()
        people["linxiao"].give(Post.HANDLER)
        asked = a_consultation(people)
        number = asked.id
        come(asked, crowd(many))
        law.move(40 * 86_400)
        db.session.commit()
        query = select(Point.id).where(Point.consultation_id == number).order_by(Point.id)
        return number, list(db.session.scalars(query))


def clerk(app: House, login: str, asked: int, batches: list[list[int]], missed: list[str], wrong: list[Any]) -> None:
    """Claim a batch, answer what was claimed and, cheekily, what was not; whatever is refused is let be."""
    for batch in batches:
        with app.app_context():
            try:
                with brief():
                    who = Officer.by_login(login)
                    assert who
                    mine = claim(db.session.get_one(Consultation, asked), who, batch)
                with brief():
                    who = Officer.by_login(login)
                    assert who
                    result = answer_each(batch, who, "not_adopted", f"{REASON}{login}", gist="嫌短")
                missed += [told.refusal for told in result.refused]
                wrong += [point for point in mine if point not in batch]
            except Refusal as refusal:
                missed.append(refusal.message)
            except (StaleDataError, DBAPIError):
                missed.append("rolled back")  # somebody was quicker: the whole batch stays to be answered


def approver(app: House, asked: int, stop: threading.Event, dice: random.Random) -> None:
    """Approve what has come in, and now and then send a few back."""
    while not stop.wait(0.01):
        with app.app_context():
            try:
                with brief():
                    who = Officer.by_login("xujing")
                    assert who
                    query = select(Point.id).where(Point.consultation_id == asked, Point.stage == PointStage.SUBMITTED)
                    waiting = list(db.session.scalars(query.limit(40)))
                    if waiting and dice.random() < 0.3:
                        send_back_each(waiting[:3], who, "请写明依据")
                    elif waiting:
                        approve_each(waiting, who)
            except (StaleDataError, DBAPIError):
                continue


def race(app: House, many: int, size: int, seed: int) -> None:
    dice = random.Random(seed)
    asked, points = a_closed_one(app, many)
    stop, missed, wrong = threading.Event(), list[str](), list[Any]()
    judge = threading.Thread(target=approver, args=(app, asked, stop, dice))
    judge.start()
    rounds = 0
    while True:
        with app.app_context(), brief(write=False):
            # In this order: while nobody answers, an answer that waits may be sent back, and never the other way round.
            waiting = db.session.scalar(
                select(func.count()).where(Point.consultation_id == asked, Point.stage == PointStage.SUBMITTED)
            )
            left = list(
                db.session.scalars(
                    select(Point.id).where(
                        Point.consultation_id == asked, Point.stage.in_((PointStage.OPEN, PointStage.DRAFTED))
                    )
                )
            )
        if not left and not waiting:
            break
        rounds += 1
        assert rounds < 200, "they get nowhere"
        crew = []
        for login in ("shenlin", "linxiao"):
            order = left[:]
            dice.shuffle(order)
            batches = [order[n : n + size] for n in range(0, len(order), size)]
            crew.append(threading.Thread(target=clerk, args=(app, login, asked, batches, missed, wrong)))
        for one in crew:
            one.start()
        for one in crew:
            one.join()
    stop.set()
    judge.join()
    assert not wrong
    assert missed, "they met: what one had, the other was refused"
    with app.app_context(), brief(write=False):
        rows = list(db.session.scalars(select(Point).where(Point.consultation_id == asked)).unique())
        assert len(rows) == len(points) == many, "none lost"
        assert {row.stage for row in rows} == {PointStage.APPROVED}
        for row in rows:
            last = row.versions[-1]
            assert (last.reason, last.author_id) == (row.reason, row.author_id), "the answer is the last version, whole"
            assert [v.number for v in row.versions] == list(range(1, len(row.versions) + 1))
            assert row.author_id != row.approver_id
        deeds = Counter(
            db.session.execute(
                select(Trace.verb, Trace.subject_id).where(
                    Trace.subject_kind == "Point",
                    Trace.subject_id.in_(points),
                    Trace.verb.in_(("answer", "approve", "send_back")),
                )
            ).all()
        )
        versions = Counter(db.session.scalars(select(AnswerVersion.point_id).where(AnswerVersion.point_id.in_(points))))
        for point in points:
            assert deeds["approve", point] == 1, "approved once"
            assert deeds["answer", point] == versions[point], "every version has its deed, every deed its version"
            assert versions[point] == 1 + deeds["send_back", point], "nobody answered over another's answer"
    with app.app_context():
        for chain in trail.chains():
            assert check(chain).whole


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(size=st.integers(1, 25), seed=st.integers(0, 10_000))
def test_one_answer_each_and_none_lost(app: House, size: int, seed: int) -> None:
    race(app, 40, size, seed)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_thousand_points(app: House) -> None:
    race(app, 1000, 50, 1)
