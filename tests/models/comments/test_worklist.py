"""The worklist: in order, page by page, one line a point, and the page costs as many statements for two points as for two hundred."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import scoped_session

from models.comments import worklist
from models.comments.arrange import Mark, split
from models.comments.claims import claim
from models.comments.comment import Comment
from models.comments.point import Outcome, Point, PointStage
from models.comments.worklist import Wanted
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.sealed import GONE
from models.people.session import CONSOLE, Session
from server.house import House
from tests.bench.measuring import asks, listening
from tests.conftest import People
from tests.crowds import come
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines
OPEN = Wanted(stages=(PointStage.OPEN, PointStage.DRAFTED))


@pytest.fixture
def asked(people: People) -> Consultation:
    return a_consultation(people)


@pytest.fixture
def said(asked: Consultation, session: scoped_session[Any]) -> list[Point]:
    """Five comments about the whole draft."""
    made = [a_comment(asked, a_resident(n), f"第{n}句：早上一个小时\n不够。").comment for n in range(5)]
    session.flush()
    return [comment.points[0] for comment in made]


def answer(people: People, point: Point, gist: str = "嫌短") -> None:
    point.answer(people["shenlin"], "not_adopted", "第二条要让更多人停得下，我们数了三天。", gist=gist)
    db.session.flush()


def test_a_page_begins_behind_a_point_or_ends_ahead_of_it(asked: Consultation, said: list[Point]) -> None:
    numbers = [point.id for point in said]
    assert worklist.numbers(asked, OPEN, limit=3) == numbers[:3]
    assert worklist.numbers(asked, OPEN, after=numbers[2]) == numbers[3:]
    assert worklist.numbers(asked, OPEN, before=numbers[3], limit=2) == numbers[1:3]


def test_a_line_says_what_a_clerk_has_to_see(people: People, asked: Consultation, said: list[Point]) -> None:
    first, second, third = said[:3]
    answer(people, first)
    people["linxiao"].give("handler")
    claim(asked, people["linxiao"], [second.id])
    split(third.comment, people["shenlin"], [Mark(0, 4)])
    part = next(p for p in db.session.get_one(Comment, third.comment_id).points if p.number == 2)
    mine = worklist.lines([first.id, second.id, third.id, part.id], people["shenlin"])
    assert (mine[first.id].words, mine[first.id].outcome, mine[first.id].author) == (
        "嫌短",
        Outcome.NOT_ADOPTED,
        people["shenlin"].name,
    )
    assert mine[second.id].words == "第1句：早上一个小时 不够。", "one line, however it was typed"
    assert mine[second.id].held_by == people["linxiao"].name
    assert worklist.lines([second.id], people["linxiao"])[second.id].held_by == ""
    assert (mine[part.id].words, mine[part.id].serial_words) == ("第2句：", "0003-2")
    assert list(worklist.parts(part)) == [third.id, part.id]


def test_a_line_of_somebody_who_was_forgotten_says_so(people: People, asked: Consultation, said: list[Point]) -> None:
    said[0].comment.resident.key.drop()
    db.session.flush()
    assert worklist.lines([said[0].id], people["shenlin"])[said[0].id].words == GONE


def test_beside_a_point_stand_the_answers_given_last_and_then_what_waits(
    people: People, asked: Consultation, said: list[Point]
) -> None:
    one, two, three, four, five = said
    answer(people, four, "嫌贵")
    answer(people, two)
    assert worklist.near(one) == [two.id, four.id, three.id, five.id]
    assert worklist.near(one, limit=1) == [two.id]
    assert [p.id for p in worklist.beside(one)] == [two.id, four.id]
    answer(people, five)
    assert worklist.near(one) == [five.id, four.id, three.id], "answered in the same words they stand there once"
    assert [p.id for p in worklist.beside(one)] == [five.id, four.id]


def test_what_is_opened_is_whole(people: People, asked: Consultation, said: list[Point]) -> None:
    """What few comments have is not looked for where there is none, and found where there is some."""
    first, second = said[:2]
    first.comment.add(first.comment.resident, "再补一句。")
    answer(people, first)
    db.session.expire_all()
    opened = worklist.opened(asked, first.public_id)
    assert opened is not None
    assert ([s.text for s in opened.comment.supplements], len(opened.versions)) == (["再补一句。"], 1)
    bare = worklist.opened(asked, second.id)
    assert bare is not None
    assert (bare.comment.supplements, bare.comment.attachments, bare.versions) == ([], [], [])
    assert worklist.opened(a_consultation(people, title="另一件事"), first.id) is None


def test_the_page_asks_as_much_for_two_points_as_for_two_hundred(
    app: House, people: People, session: scoped_session[Any], tmp_path: Any
) -> None:
    def statements(points: int) -> int:
        asked = a_consultation(people, title=f"{points}条")
        come(asked, [f"第{n}句：一个小时不够。" for n in range(points)])
        cookie = {"Cookie": f"huiyin_o={Session.open_for(people['shenlin'], CONSOLE)}"}
        address = f"/desk/answering/{asked.public_id}"
        session.commit()
        page: Callable[[], Any] = asks(app, address, headers=cookie)
        for _ in range(3):
            page()
        asked_for = []
        for _ in range(3):  # a session that is a while old notes that it is in use, in one statement more
            with listening(db.engine) as heard:
                page()
            asked_for.append(len(heard.asked))
        return min(asked_for)

    few, many = statements(2), statements(200)
    assert few == many <= 20
