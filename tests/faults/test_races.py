"""Two at once: the same point answered, submitted or approved, the same matter released, the same comment sent. One counts."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from models.comments.comment import Comment
from models.comments.point import AnswerVersion, Point, PointStage
from models.comments.release import Release
from models.decisions.consultation import Consultation, Stage, by_public_id
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.people.officer import Officer, Post
from models.people.resident import Resident
from models.people.session import Session
from server.house import House
from tests.conftest import MINI, People, SignedIn
from tests.making import a_comment, a_consultation, a_follower, answer_all, points_of

pytestmark = pytest.mark.both_engines
REASON = "第二条要让更多人停得下，我们数了三天，一小时够买一次菜，所以维持原文。"
POINTS = 6

Desk = Callable[[str], SignedIn]


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """All of them at the same moment; what each came to."""
    barrier = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        barrier.wait(30)
        results[place] = deed()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


@pytest.fixture
def closed(app: House) -> tuple[str, list[str]]:
    """A closed consultation with points to answer; a second handler, a second approver and a second chief are at work."""
    app.testing = False
    with app.app_context():
        who = People()
        for login, post in (("linxiao", Post.HANDLER), ("luojing", Post.UNIT_HEAD), ("hexiulan", Post.CHIEF)):
            who[login].give(post)
        who["luojing"].unit = who["xujing"].unit
        asked = a_consultation(who)
        for n in range(POINTS):
            a_comment(asked, a_follower(n + 1), f"第{n + 1}句话")
        law.move(40 * 86_400)
        points = [point.public_id for point in points_of(asked)]
        assert len(points) == POINTS
        db.session.commit()
        return asked.public_id, points


def versions(app: House, points: list[str]) -> dict[str, int]:
    with app.app_context():
        return {name: row.version for name in points if (row := point(name))}


def point(public_id: str) -> Point:
    found = db.session.scalar(select(Point).where(Point.public_id == public_id))
    assert found
    return found


def test_two_officers_answer_the_same_points_and_each_gets_one_answer(
    app: House, desk: Desk, closed: tuple[str, list[str]]
) -> None:
    asked, points = closed
    first, second = desk("shenlin"), desk("linxiao")
    statuses: Counter[int] = Counter()
    for name, version in versions(app, points).items():

        def write(browser: SignedIn, words: str, name: str = name, version: int = version) -> int:
            told = {
                "outcome": "not_adopted",
                "reason": REASON + words,
                "gist": "嫌短",
                "deed": "keep",
                "version": version,
            }
            return browser.submit(f"/desk/answering/{asked}/{name}", told).status_code

        found = at_once(lambda write=write: write(first, "甲"), lambda write=write: write(second, "乙"))
        assert sorted(found) == [303, 409], found
        statuses.update(found)
    assert statuses == {303: POINTS, 409: POINTS}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AnswerVersion)) == POINTS
        assert {point(name).stage for name in points} == {PointStage.DRAFTED}
        for name in points:
            (kept,) = point(name).versions
            assert kept.reason == point(name).reason
            assert kept.author_id == point(name).author_id


def test_two_submit_and_two_approve_and_one_of_each_counts(
    app: House, desk: Desk, closed: tuple[str, list[str]]
) -> None:
    asked, points = closed
    with app.app_context():
        for name in points:
            point(name).answer(People()["shenlin"], "not_adopted", REASON, gist="嫌短")
        db.session.commit()
    browsers = [desk("shenlin"), desk("linxiao")]
    for name, version in versions(app, points).items():

        def submit(browser: SignedIn, name: str = name, version: int = version) -> int:
            told = {"outcome": "not_adopted", "reason": REASON, "gist": "嫌短", "deed": "submit", "version": version}
            return browser.submit(f"/desk/answering/{asked}/{name}", told).status_code

        found = at_once(*(lambda b=b, s=submit: s(b) for b in browsers))
        assert sorted(found) == [303, 409], found
    browsers = [desk("xujing"), desk("luojing")]
    for name, version in versions(app, points).items():

        def approve(browser: SignedIn, name: str = name, version: int = version) -> int:
            return browser.submit(f"/desk/approval/{name}", {"deed": "approve", "version": version}).status_code

        found = at_once(*(lambda b=b, a=approve: a(b) for b in browsers))
        assert sorted(found) == [303, 409], found
    with app.app_context():
        query = select(Trace.verb, func.count()).where(Trace.subject_kind == "Point").group_by(Trace.verb)
        deeds = {verb: count for verb, count in db.session.execute(query)}  # noqa: C416 rows are unpacked here
        assert deeds == {"answer": POINTS, "submit": POINTS, "approve": POINTS}


def test_two_chiefs_release_at_once_and_it_is_released_once(
    app: House, desk: Desk, closed: tuple[str, list[str]]
) -> None:
    asked, _ = closed
    with app.app_context():
        matter = by_public_id(asked)
        assert matter
        answer_all(People(), matter)
        db.session.commit()
    browsers = [desk("wuqiming"), desk("hexiulan")]
    found = at_once(*(lambda b=b: b.submit(f"/desk/release/{asked}", {"points": POINTS}).status_code for b in browsers))
    assert found.count(303) == 1 and set(found) <= {303, 409, 422}, found
    with app.app_context():
        (made,) = db.session.scalars(select(Release)).all()
        assert made.points == POINTS
        (fact,) = db.session.scalars(select(Trace).where(Trace.verb == "release")).all()
        assert db.session.scalar(select(func.count()).select_from(Work).where(Work.key == f"tell:{fact.id}")) == 1
        assert {p.stage for p in db.session.scalars(select(Point)).unique()} == {PointStage.RELEASED}
        matter = by_public_id(asked)
        assert matter and matter.stage == Stage.CONCLUDED
        for chain in trail.chains():
            assert check(chain).whole


def test_a_comment_that_comes_while_it_is_withdrawn_or_released_leaves_whole_counts(app: House, phone: Any) -> None:
    """The last comments race with each other: serials without a gap, counters that agree with the rows."""
    app.testing = False
    with app.app_context():
        asked = a_consultation(People()).public_id
        tokens = [
            Session.open_for(Resident.by_identity(MINI.appid, f"oMini{n:023d}"), "mini", "a test") for n in range(8)
        ]
        db.session.commit()

    def say(token: str, key: str) -> tuple[int, str]:
        answer = app.test_client().post(
            "/api/v1/comments",
            json={"consultation": asked, "text": f"我说{key}"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )
        return answer.status_code, answer.get_json().get("id", "")

    for turn in range(4):
        key = f"double-{turn:03d}"
        pairs = [lambda t=t, k=key: say(t, k) for t in tokens for _ in range(2)]
        found = at_once(*pairs)
        for n in range(0, len(found), 2):
            (first, one), (second, other) = found[n], found[n + 1]
            assert {first, second} == {200, 201}, "pressed twice it is one comment"
            assert one == other
    with app.app_context():
        rows = db.session.scalars(select(Comment).order_by(Comment.serial)).unique().all()
        assert [row.serial for row in rows] == list(range(1, 4 * len(tokens) + 1))
        matter = db.session.scalar(select(Consultation).where(Consultation.public_id == asked))
        assert matter and matter.n_texts == len(rows) and matter.n_people == len(tokens)


def test_two_first_passwords_and_two_wrong_ones_count_every_try(app: House) -> None:
    """Guessing in parallel does not buy more guesses."""
    app.testing = False

    def guess() -> int:
        browser = app.test_client()
        page = browser.get("/desk/sign-in").get_data(as_text=True)
        token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        told = {"login": "shenlin", "password": "not-the-password", "csrf_token": token}
        return browser.post("/desk/sign-in", data=told).status_code

    found = Counter(at_once(*[guess] * 12))
    with app.app_context():
        who = Officer.by_login("shenlin")
        assert who and who.locked_until is not None, found
    assert set(found) <= {422, 429} and found[422] >= 9, found
