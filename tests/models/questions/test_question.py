"""A legal question is private, answered in time by the counsel it was given to, and each reading leaves a trace."""

from typing import Any

import pytest
from sqlalchemy import text

from models.decisions.consultation import Channel
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.workdays import add_workdays
from models.questions.question import Question, waiting
from tests.making import a_resident

pytestmark = pytest.mark.both_engines


def ask(who: Any = None, said: str = "房东不退押金怎么办？") -> Question:
    """A question from the chat."""
    return Question.ask(who or a_resident(), said, channel=Channel.CHAT)


def test_it_is_due_in_the_promised_working_days(people: Any) -> None:
    assert ask().due_on == add_workdays(today(), 5)


def test_it_is_answered_by_the_counsel_it_was_given_to(people: Any) -> None:
    question = ask()
    with pytest.raises(OutOfTurn):
        question.answer_it(people["luojing"], "还没派。")
    with pytest.raises(RuleUnmet):
        question.assign(people["luojing"], people["shenlin"])
    question.assign(people["luojing"], people["pengyuan"])
    with pytest.raises(NotAllowed):
        question.answer_it(people["shenlin"], "我来答。")
    question.answer_it(people["pengyuan"], "先发书面通知，再调解或起诉。")
    assert question.answer == "先发书面通知，再调解或起诉。"


def test_nobody_else_learns_that_it_exists_and_reading_leaves_a_trace(people: Any) -> None:
    question = ask()
    for login in ("shenlin", "wuqiming", "chenguodong", "pengyuan", "xitong"):
        with pytest.raises(Missing):
            question.read(people[login])
    assert question.read(people["luojing"]) == "房东不退押金怎么办？"
    (trace, _), *_ = trail.story(subject=question, verbs=("read",))
    assert trace.actor_name == "罗静"
    with pytest.raises(Missing):
        Question.of(a_resident(2), question.public_id)


def test_neither_question_nor_answer_can_be_read_in_the_database(people: Any) -> None:
    question = ask()
    question.assign(people["luojing"], people["pengyuan"])
    question.answer_it(people["pengyuan"], "可以申请法律援助。")
    db.session.flush()
    row = db.session.execute(text("SELECT sealed_text, sealed_answer FROM question")).one()
    assert "押金".encode() not in bytes(row.sealed_text)
    assert "援助".encode() not in bytes(row.sealed_answer)


def test_the_same_key_asks_once(people: Any) -> None:
    who = a_resident()
    one = Question.ask(who, "同一个问题", channel=Channel.MINI, key="q:1")
    assert Question.ask(who, "同一个问题", channel=Channel.MINI, key="q:1") is one
    with pytest.raises(RuleUnmet):
        Question.ask(who, "另一个问题", channel=Channel.MINI, key="q:1")


def test_each_desk_sees_its_own(people: Any) -> None:
    one, two = ask(a_resident(1)), ask(a_resident(2))
    one.assign(people["luojing"], people["pengyuan"])
    db.session.flush()
    assert {q.id for q in waiting(people["luojing"])} == {one.id, two.id}
    assert [q.id for q in waiting(people["pengyuan"])] == [one.id]
