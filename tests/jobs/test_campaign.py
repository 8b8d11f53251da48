"""A large telling: the most urgent first, paused and gone on with, within its limits, explained in the trail, nobody twice."""

import pytest
from sqlalchemy import select, update

from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.lifecycle import sentence
from models.kernel.trail import Trace
from models.kernel.work import Work, WorkState
from models.messages import allowance
from models.messages.allowance import Limit
from models.messages.halt import Halt
from models.messages.message import MessageState
from models.messages.telling import Telling, TellingStage
from models.people.officer import Officer
from tests.jobs.conftest import TEMPLATE, Works

S = MessageState


def now_due(works: Works) -> None:
    works.change(
        lambda: db.session.execute(
            update(Work).where(Work.state == WorkState.READY).values(run_at=wall()).execution_options()
        )
    )


def telling(works: Works) -> Telling:
    with works.app.app_context():
        found = db.session.scalars(select(Telling)).one()
        db.session.expunge(found)
        return found


def audience(works: Works, number: int) -> None:
    asked = works.open()
    for n in range(number):
        works.comment(asked, f"人{n}", follows=n % 4 > 0)
    works.release(asked)


@pytest.mark.both_engines
def test_many_are_sent_at_once_and_each_of_them_once(works: Works) -> None:
    audience(works, 60)
    works.do("tell")
    works.do("send")
    messages = works.messages()
    assert [m.state for m in messages].count(S.SENT) == 45
    sent = [a.json["client_msg_id"] for a in works.stub.of(TEMPLATE)]
    assert len(sent) == len(set(sent)) == 45
    assert {m.msgid for m in messages if m.state is S.SENT} == {str(int(key[1:]) + 1000) for key in sent}
    with works.app.app_context():
        used = allowance.standing("wx0000000000000001")
    assert used["message/template/send"][0] == 45


def test_when_all_are_told_the_trail_says_how_and_why_in_few_words(works: Works) -> None:
    audience(works, 8)
    works.do("tell")
    works.do("send")
    with works.app.app_context():
        (finished,) = db.session.scalars(select(Trace).where(Trace.verb == "finish")).all()
        said = sentence(finished)
    assert "共8人" in said
    assert "公众号服务通知6人" in said
    assert "2人没有关注公众号" in said
    assert telling(works).stage is TellingStage.FINISHED
    works.do("send")
    with works.app.app_context():
        assert len(db.session.scalars(select(Trace).where(Trace.verb == "finish")).all()) == 1


def test_a_paused_telling_sends_nothing_and_goes_on_where_it_stopped(works: Works) -> None:
    audience(works, 8)
    works.do("tell")
    works.change(lambda: db.session.scalars(select(Telling)).one().pause(Officer.by_login("zhoumin"), "写错了"))
    works.do("send")
    assert works.stub.of(TEMPLATE) == []
    assert {m.state for m in works.messages()} == {S.PENDING}
    works.change(lambda: db.session.scalars(select(Telling)).one().resume(Officer.by_login("zhoumin")))
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 6
    assert telling(works).stage is TellingStage.FINISHED


def test_the_limit_of_the_minute_is_kept_and_the_rest_goes_later(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "limits", lambda: {"message/template/send": Limit(minute=4, day=5)})
    audience(works, 8)
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 4
    assert works.only("send").state is WorkState.READY
    assert works.only("send").run_at > wall()
    states = [m.state for m in works.messages()]
    assert (states.count(S.SENT), states.count(S.INBOX), states.count(S.PENDING)) == (4, 2, 2)


def test_what_is_more_urgent_goes_before_what_was_wanted_earlier(works: Works) -> None:
    done: list[str] = []
    queue = works.worker("w", {"late": lambda turn: done.append("late"), "early": lambda turn: done.append("early")})
    first = works.want("late", urgency=3)
    works.want("early", urgency=0)
    queue.do(first)
    assert done == ["early", "late"]


def test_a_wrong_template_stands_still_until_somebody_has_put_it_right(works: Works) -> None:
    audience(works, 8)
    answers = works.stub.answers[TEMPLATE]
    works.stub.say(TEMPLATE, {"errcode": 40037, "errmsg": "invalid template_id rid: 1-2-3"})
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 1
    assert works.only("send").state is WorkState.HELD
    works.stub.answers[TEMPLATE] = answers
    works.change(lambda: db.session.scalars(select(Halt)).one().lift(Officer.by_login("zhoumin")))
    works.do("send")
    assert [m.state for m in works.messages()].count(S.SENT) == 6


def test_a_token_that_grew_stale_in_the_middle_costs_one_more_call_and_nobody(works: Works) -> None:
    audience(works, 40)
    good = works.stub.answers[TEMPLATE][0]
    calls: list[str] = []

    def stale(asked):  # type: ignore[no-untyped-def]
        calls.append(asked.query["access_token"])
        if len(calls) == 5:
            works.stub.say("/cgi-bin/stable_token", {"access_token": "TOKEN-FOR-JOBS-2", "expires_in": 7200})
            return {"errcode": 42001, "errmsg": "access_token expired"}
        return good(asked)

    works.stub.say(TEMPLATE, stale)
    works.do("tell")
    works.do("send")
    now_due(works)
    works.do("send")
    assert [m.state for m in works.messages()].count(S.SENT) == 30
    assert len(calls) == 31
