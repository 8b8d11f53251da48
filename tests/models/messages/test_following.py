"""Who follows hears of it after those whose own matter it is; nobody is reminded of what they did."""

from typing import Any

import pytest
from sqlalchemy import select

from models.comments.forget import forget
from models.decisions.consultation import Audience, to_remind
from models.kernel.base import db
from models.kernel.refusal import NotAllowed, OutOfTurn
from models.kernel.trail import SYSTEM, Trace
from models.messages.audience import expand
from models.messages.follow import (
    UNDO_DAYS,
    Declined,
    Follow,
    decline,
    follow,
    follow_too,
    followed,
    leave,
    left_last,
    may_ask,
    restore,
    stop_token,
    whose,
)
from models.messages.message import Message
from models.messages.urgency import Urgency
from models.outreach.article import topics
from models.people.place import Place, PlaceKind, villages
from tests.making import a_comment, a_consultation, a_resident

pytestmark = pytest.mark.both_engines


def told(verb: str) -> dict[int, int]:
    """Residents and urgencies of the last fact of this name, expanded twice."""
    fact = db.session.scalars(select(Trace).where(Trace.verb == verb).order_by(Trace.id.desc()).limit(1)).one()
    expand(fact)
    assert expand(fact) == 0
    rows = db.session.execute(select(Message.resident_id, Message.urgency).where(Message.fact_id == fact.id))
    return {row.resident_id: row.urgency for row in rows}


def test_an_opening_is_told_to_earlier_speakers_first_then_to_neighbours(people: Any) -> None:
    east, other = villages()[:2]
    before = a_consultation(people)
    spoke, neighbour, elsewhere, both = (a_resident(n) for n in range(1, 5))
    for who in (spoke, both):
        a_comment(before, who)
    follow(neighbour, neighbour, [east], [])
    follow(both, both, [east], [])
    follow(elsewhere, elsewhere, [other], [])
    again = a_consultation(people, whom=f"{east.name}的村民")
    again.decision_id = before.decision_id
    db.session.flush()
    assert told("publish") == {
        spoke.id: Urgency.TOOK_PART,
        both.id: Urgency.TOOK_PART,
        neighbour.id: Urgency.FOLLOWED,
    }


def test_a_notice_that_names_no_village_concerns_all_of_them(people: Any) -> None:
    for n, place in enumerate(villages()[:2]):
        follow(a_resident(n), a_resident(n), [place], [])
    a_consultation(people)
    assert set(told("publish").values()) == {Urgency.FOLLOWED}
    assert len(told("publish")) == 2


def test_a_round_among_invited_people_is_nobody_elses_news(people: Any) -> None:
    follow(a_resident(1), a_resident(1), [villages()[0]], [])
    asked = a_consultation(people)
    asked.audience = Audience.DIRECTED
    db.session.flush()
    assert told("publish") == {}


def test_nobody_is_reminded_of_what_they_did(people: Any, clock: Any) -> None:
    place = villages()[0]
    silent, spoke = a_resident(1), a_resident(2)
    for who in (silent, spoke):
        follow(who, who, [place], [])
    asked = a_consultation(people)
    a_comment(asked, spoke)
    number = asked.id
    assert to_remind() == []
    clock.forward(days=28)
    assert to_remind() == [number]
    asked = db.session.get_one(type(asked), number)
    asked.remind(SYSTEM)
    db.session.flush()
    assert told("remind") == {a_resident(1).id: Urgency.REMINDER}
    assert to_remind() == [], "once a window"


def test_choosing_anew_replaces_and_forgetting_ends_it(people: Any) -> None:
    one, two = villages()[:2]
    who = a_resident(1)
    follow(who, who, [one, two], [topics()[0]])
    follow(who, who, [two], [])
    assert followed(who) == ({two.id}, set())
    with pytest.raises(NotAllowed):
        follow(who, a_resident(2), [one], [])
    forget(who, who)
    assert db.session.scalars(select(Follow)).all() == []
    assert db.session.scalars(select(Declined)).all() == []


def test_what_concerns_a_village_concerns_its_groups_and_not_the_other_way_round(people: Any) -> None:
    east, other = villages()[:2]
    third = Place.found(people["xitong"], "三组", PlaceKind.GROUP, east)
    db.session.flush()
    assert third.full_name == f"{east.name}三组"
    follow(a_resident(1), a_resident(1), [third], [])
    follow(a_resident(2), a_resident(2), [other], [])
    a_consultation(people, whom=f"{east.name}的村民")
    assert told("publish") == {a_resident(1).id: Urgency.FOLLOWED}


def test_leaving_is_one_deed_and_bringing_back_another(people: Any) -> None:
    who, place, topic = a_resident(1), villages()[0], topics()[0]
    follow(who, who, [place], [topic])
    assert leave(who, who) == 2
    assert followed(who) == (set(), set())
    assert leave(who, who) == 0, "again changes nothing"
    assert left_last(who) == ({place.id}, {topic.id})
    assert restore(who, who) == 2
    assert followed(who) == ({place.id}, {topic.id})
    with pytest.raises(OutOfTurn):
        restore(who, who)


def test_one_thing_is_left_and_the_rest_stays(people: Any, clock: Any) -> None:
    who, (one, two), topic = a_resident(1), villages()[:2], topics()[0]
    follow(who, who, [one, two], [topic])
    assert leave(who, who, [two]) == 1
    assert followed(who) == ({one.id}, {topic.id})
    clock.forward(days=UNDO_DAYS + 1)
    assert left_last(who) == (set(), set()), "after a month nobody remembers pressing it"


def test_a_no_is_remembered_and_a_yes_undoes_it(people: Any) -> None:
    who, topic = a_resident(1), topics()[0]
    assert may_ask(who, topic)
    decline(who, who, topic)
    assert not may_ask(who, topic)
    assert left_last(who) == (set(), set()), "a no was never followed: there is nothing to bring back"
    follow_too(who, who, [topic])
    follow_too(who, who, [topic])
    assert followed(who) == (set(), {topic.id})
    assert not may_ask(who, topic), "who follows is not asked"
    leave(who, who, [topic])
    assert not may_ask(who, topic), "who left is not asked either"
    who.anonymous = True
    assert not may_ask(who, topics()[1]), "nobody could tell them"


def test_only_the_persons_own_token_stops_what_they_hear(people: Any) -> None:
    one, two = a_resident(1), a_resident(2)
    token = stop_token(one)
    assert whose(token) is one
    seal = token.partition("-")[2]
    for wrong in (f"{two.public_id}-{seal}", token[:-1] + ("0" if token[-1] != "0" else "1"), "", "-", "é-é"):
        assert whose(wrong) is None
    forget(one, one)
    assert whose(token) is None
