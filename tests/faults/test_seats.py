"""Many at once want the last seats of a lecture: as many get one as there are, the others wait in their order, and nobody sits twice."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from models.decisions.consultation import Channel
from models.kernel.base import db
from models.outreach.attendee import Attendee, AttendeeStage, sign_up, turnout
from models.outreach.lecture import by_public_id
from server.house import House
from tests.conftest import People
from tests.faults.test_races import at_once
from tests.making import a_lecture, a_resident
from tests.privacy.told import signed_in

pytestmark = pytest.mark.both_engines
SEATS, MANY = 2, 6


def test_of_two_who_want_the_last_seat_one_gets_it(app: House) -> None:
    app.testing = False
    with app.app_context():
        name = a_lecture(People(), seats=SEATS + 1).public_id
        lecture = by_public_id(name)
        assert lecture
        sign_up(a_resident(99), lecture, Channel.H5)
        programs = [signed_in(app, a_resident(number), "mini")[0] for number in range(1, MANY + 1)]
        db.session.commit()
    seat = f"/api/v1/lectures/{name}/seat"
    answers = at_once(*(lambda p=p: p.put(seat).get_json() for p in programs))
    assert Counter(answer["state"] for answer in answers) == {"seated": SEATS, "waiting": MANY - SEATS}
    assert sorted(answer["seat"] for answer in answers if answer["seat"]) == [2, 3]

    # Everybody presses twice at once, and whoever has a seat leaves: as many move up, none is given away twice.
    there = [program for program, answer in zip(programs, answers, strict=True) if answer["seat"]]
    rest = [program for program in programs if program not in there]
    deeds = [lambda p=p: p.delete(seat).status_code for p in there]
    deeds += [lambda p=p: p.put(seat).status_code for p in rest for _ in (1, 2)]
    assert set(at_once(*deeds)) == {200}
    with app.app_context():
        lecture = by_public_id(name)
        assert lecture
        counted = turnout(lecture)
        assert (counted.signed, counted.waiting) == (SEATS + 1, MANY - 2 * SEATS)
        seats = db.session.scalars(select(Attendee.seat).where(Attendee.stage == AttendeeStage.SEATED)).all()
        assert sorted(n for n in seats if n) == [1, 2, 3]
        assert db.session.scalar(select(func.count()).select_from(Attendee)) == MANY + 1
