"""A fact is told to everybody it concerns, and to nobody twice."""

from typing import Any

import pytest
from sqlalchemy import func, select

from models.comments.forget import forget
from models.decisions.consultation import Channel, Consultation
from models.kernel.base import db
from models.kernel.refusal import NotAllowed, OutOfTurn
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.audience import AUDIENCE, expand
from models.messages.message import Message, MessageChannel, MessageState
from models.people.resident import Resident
from models.questions.question import Question
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all

pytestmark = pytest.mark.both_engines


def fact(verb: str) -> Trace:
    """The last deed of this name."""
    return db.session.scalars(select(Trace).where(Trace.verb == verb).order_by(Trace.id.desc()).limit(1)).one()


def test_everyone_who_spoke_hears_of_the_release_once(people: Any, clock: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    a_comment(asked, a_resident(1), "再说一句")
    a_comment(asked, a_resident(2))
    a_comment(asked, a_resident(3)).comment.withdraw(a_resident(3))
    gone = a_resident(4)
    a_comment(asked, gone)
    forget(gone, gone)
    clock.forward(days=31)
    asked = db.session.get_one(Consultation, asked.id)
    answer_all(people, asked)
    a_release(people, asked)
    told = fact("release")
    assert expand(told) == 2
    assert expand(told) == 0
    assert set(db.session.scalars(select(Message.resident_id))) == {a_resident(1).id, a_resident(2).id}


def test_merged_people_hear_it_once_under_their_one_name(people: Any) -> None:
    asked = a_consultation(people)
    one, two = Resident.by_identity("wxA", "o1"), Resident.by_identity("wxB", "o1")
    a_comment(asked, one)
    a_comment(asked, two)
    two.merge_into(two, one)
    asked.cancel(people["wuqiming"], "不办了。")
    db.session.flush()
    assert expand(fact("cancel")) == 1
    assert db.session.scalars(select(Message.resident_id)).all() == [one.id]


def test_a_merge_after_the_message_leaves_it_where_it_was(people: Any) -> None:
    asked = a_consultation(people)
    one, two = Resident.by_identity("wxA", "o1"), Resident.by_identity("wxB", "o1")
    a_comment(asked, two)
    asked.extend(people["wuqiming"], 5, "多走访几户。")
    db.session.flush()
    expand(fact("extend"))
    two.merge_into(two, one)
    db.session.flush()
    assert db.session.scalars(select(Message.resident_id)).all() == [two.id]


def test_each_new_fact_is_told_anew(people: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    for _ in range(2):
        asked.extend(people["wuqiming"], 5, "多走访几户。")
        db.session.flush()
        assert expand(fact("extend")) == 1


def test_the_work_of_telling_is_wanted_in_the_same_breath(people: Any) -> None:
    asked = a_consultation(people)
    Work.take_wanted()
    asked.cancel(people["wuqiming"], "不办了。")
    work = db.session.scalars(select(Work).where(Work.kind == "tell").order_by(Work.id)).all()
    assert [w.payload for w in work] == [{"fact": fact("publish").id}, {"fact": fact("cancel").id}]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Work).where(Work.kind == "tell")) == 0


def test_only_the_asker_hears_that_a_question_was_answered(people: Any) -> None:
    asker = a_resident(1)
    question = Question.ask(asker, "工资拖了两个月怎么办？", channel=Channel.CHAT)
    question.assign(people["luojing"], people["pengyuan"])
    question.answer_it(people["pengyuan"], "可以向劳动监察投诉，也可以申请仲裁。")
    db.session.flush()
    assert expand(fact("answer_it")) == 1
    assert db.session.scalars(select(Message.resident_id)).all() == [asker.id]


def test_every_fact_that_has_to_be_told_has_an_audience() -> None:
    assert {"Consultation.release", "Consultation.extend", "Consultation.cancel", "Question.answer_it"} <= set(AUDIENCE)


def test_what_nobody_knows_is_settled_by_a_person_and_leaves_a_trace(people: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    a_comment(asked, a_resident(2))
    asked.cancel(people["wuqiming"], "不办了。")
    db.session.flush()
    expand(fact("cancel"))
    one, two = db.session.scalars(select(Message).order_by(Message.id))
    with pytest.raises(OutOfTurn):
        one.send_again(people["zhoumin"])
    for message in (one, two):
        message.state, message.channel = MessageState.HELD, MessageChannel.CUSTOMER
    db.session.flush()
    Work.take_wanted()
    with pytest.raises(NotAllowed):
        one.take_as_sent(people["linxiao"])
    one.take_as_sent(people["zhoumin"])
    two.send_again(people["zhoumin"])
    assert (one.state, two.state) == (MessageState.DELIVERED, MessageState.PENDING)
    assert len(Work.take_wanted()) == 1
    assert fact("send_again").chain == asked.chain
