"""Who follows hears of it after those whose own matter it is; nobody is reminded of what they did."""

from typing import Any

import pytest
from sqlalchemy import select

from models.comments.forget import forget
from models.decisions.consultation import Audience, to_remind
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import NotAllowed
from models.kernel.trail import SYSTEM, Trace
from models.messages.audience import expand
from models.messages.follow import Follow, follow, followed
from models.messages.message import Message
from models.messages.urgency import Urgency
from models.outreach.article import Article, topics
from models.people.place import villages
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


def test_an_article_is_told_to_who_follows_its_topic(people: Any) -> None:
    first, second = topics()[:2]
    follow(a_resident(1), a_resident(1), [], [first])
    follow(a_resident(2), a_resident(2), [], [second])
    author = people["linxiao"]
    made = Article.draft_new(author, title="高空抛物", body="先报警。", basis="民法典", basis_on=today(), topic=first)
    db.session.flush()
    made.submit(author)
    made.review(people["luojing"])
    made.publish(author)
    db.session.flush()
    assert told("publish") == {a_resident(1).id: Urgency.ARTICLE}


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
