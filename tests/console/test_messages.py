"""A message that nobody knows the end of is settled at the desk, once, by who asked the person."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from models.kernel.base import db
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.audience import expand
from models.messages.message import Message, MessageChannel, MessageState
from server.house import House
from tests.making import a_comment, a_consultation, a_resident


@pytest.fixture
def doubtful(people: Any, app: House) -> int:
    """A message whose outcome is unknown."""
    asked = a_consultation(people)
    a_comment(asked, a_resident())
    asked.cancel(people["wuqiming"], "不办了。")
    db.session.flush()
    expand(db.session.scalars(select(Trace).where(Trace.verb == "cancel")).one())
    message = db.session.scalars(select(Message)).one()
    message.state, message.channel = MessageState.HELD, MessageChannel.CUSTOMER
    number = message.id
    db.session.commit()
    return number


def state(app: House, number: int) -> MessageState:
    """As it stands in the database."""
    with app.app_context():
        return db.session.get_one(Message, number).state


def test_it_had_arrived(app: House, doubtful: int, desk: Callable[[str], Any]) -> None:
    office = desk("zhoumin")
    assert "问过了，已送到" in office.get("/desk/messages").text
    assert office.submit("/desk/messages", {"number": str(doubtful), "deed": "sent"}).status_code == 303
    assert state(app, doubtful) == MessageState.DELIVERED
    assert "问过了，已送到" not in office.get("/desk/messages").text


def test_it_goes_out_once_more_and_pressed_twice_still_once(
    app: House, doubtful: int, desk: Callable[[str], Any]
) -> None:
    office = desk("zhoumin")
    told = {"number": str(doubtful), "deed": "again"}
    assert office.submit("/desk/messages", told).status_code == 303
    assert office.submit("/desk/messages", told).status_code == 409
    assert state(app, doubtful) == MessageState.PENDING
    with app.app_context():
        assert len(db.session.scalars(select(Work).where(Work.kind == "send")).all()) == 1


@pytest.mark.parametrize(
    ("login", "number", "status"),
    [("chenguodong", "", 403), ("zhoumin", "999999", 404), ("zhoumin", "１", 404), ("zhoumin", "x", 404)],
)
def test_nobody_else_and_nothing_else(
    app: House, doubtful: int, desk: Callable[[str], Any], login: str, number: str, status: int
) -> None:
    answer = desk(login).submit("/desk/messages", {"number": number or str(doubtful), "deed": "sent"})
    assert answer.status_code == status
    assert state(app, doubtful) == MessageState.HELD
