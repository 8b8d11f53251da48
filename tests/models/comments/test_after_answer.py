"""After the answer: one tap is recorded, a "no" with a reason goes once to another officer with a clock of its own, and promises have days."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from models.comments.amendment import AmendmentStage, amended
from models.comments.point import Point
from models.comments.promise import REMIND_DAYS, Promise, PromiseStage, kept_lately, open_promises, to_remind
from models.comments.second_look import LookStage, Rating, SecondLook, in_hand, met, rate
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.kernel.workdays import add_workdays
from models.messages.audience import expand
from models.messages.message import Message
from server.house import House, _in_our_words, brief
from tests.conftest import Clock
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all

pytestmark = pytest.mark.both_engines


@pytest.fixture
def released(people: Any, clock: Clock) -> tuple[Consultation, list[Point]]:
    asked = a_consultation(people)
    for n in (1, 2):
        a_comment(asked, a_resident(n), f"第{n}个人说一个小时不够。")
    clock.forward(days=31)
    db.session.expire_all()
    points = answer_all(people, asked)
    a_release(people, asked)
    db.session.expire_all()
    return asked, points


def test_one_tap_is_one_record_that_another_tap_changes(released: Any) -> None:
    asked, (point, other) = released
    rate(point, point.comment.resident, True)
    rate(point, point.comment.resident, False)
    rate(other, other.comment.resident, True)
    assert db.session.query(Rating).count() == 2
    assert (met([asked.id])[asked.id].good, met([asked.id])[asked.id].bad) == (1, 1)
    with pytest.raises(Missing):
        rate(point, other.comment.resident, True)


def test_a_finger_that_taps_twice_at_once_is_heard(app: House, released: Any) -> None:
    """Both begin before either has ended: one record, and nobody is told that it failed."""
    _, (point, _) = released
    number = point.id
    db.session.commit()
    begun = threading.Event()

    def tap(first: bool) -> None:
        if not first:
            begun.wait(5)
        with app.app_context(), brief():
            mine = db.session.get_one(Point, number)
            rate(mine, mine.comment.resident, first)
            if first:
                begun.set()
                time.sleep(0.3)

    with ThreadPoolExecutor() as crew:
        list(crew.map(tap, (True, False)))
    assert [row.good for row in db.session.query(Rating)] == [False]


def test_what_is_there_once_and_is_asked_for_twice_at_once_is_refused_in_words(people: Any, released: Any) -> None:
    _, (point, _) = released
    SecondLook.ask(point.comment.resident, point, "没说北侧停车场。")
    again = {c.name: 1 for c in SecondLook.__table__.columns if not c.nullable} | {
        "id": 99, "public_id": "zzzzzzzzzzzz", "point_id": point.id, "stage": LookStage.ASKED, "sealed_reason": b"x",
        "due_on": today(), "made_at": now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError) as twice:
        db.session.execute(insert(SecondLook).values(again))
    db.session.rollback()
    refusal = _in_our_words(twice.value)
    assert isinstance(refusal, OutOfTurn)
    assert "刚刚已经办过了" in refusal.message
    with pytest.raises(IntegrityError) as broken:
        db.session.execute(insert(SecondLook).values({**again, "stage": LookStage.ANSWERED, "point_id": point.id + 9}))
    db.session.rollback()
    assert _in_our_words(broken.value) is broken.value, "what no law of ours allows is a bug and is logged as one"


def test_a_no_with_a_reason_goes_once_to_somebody_else_with_its_own_clock(people: Any, released: Any) -> None:
    _, (point, _) = released
    who = point.comment.resident
    with pytest.raises(RuleUnmet):
        SecondLook.ask(who, point, " ")
    look = SecondLook.ask(who, point, "没说北侧停车场。")
    assert (look.due_on, look.stage, look.reason) == (add_workdays(today(), 10), LookStage.ASKED, "没说北侧停车场。")
    assert db.session.query(Rating).one().good is False
    assert "北侧" not in str([t.detail for t in db.session.query(Trace).filter_by(subject_kind="SecondLook")])
    with pytest.raises(OutOfTurn, match="已经请人再看过一次"):
        SecondLook.ask(who, point, "再来一次")
    for part_of_it in ("shenlin", "xujing"):
        with pytest.raises(RuleUnmet, match="不再看第二次"):
            look.take(people[part_of_it])
    with pytest.raises(NotAllowed):
        look.take(people["zhoumin"])
    look.take(people["hexiulan"])
    assert look.stage == LookStage.TAKEN


def test_it_comes_back_as_a_supplement_that_a_second_person_approves_and_its_writer_hears(
    people: Any, released: Any, session: Any
) -> None:
    _, (point, _) = released
    look = SecondLook.ask(point.comment.resident, point, "没说北侧停车场。")
    look.take(people["hexiulan"])
    made = look.answer(people["hexiulan"], "北侧停车场下月开放，可停三小时。")
    with pytest.raises(OutOfTurn):
        look.answer(people["hexiulan"], "再写一遍。")
    with pytest.raises(RuleUnmet):
        made.approve(people["hexiulan"])
    assert list(in_hand()) == [look]
    made.approve(people["xujing"])
    made.release(people["zhoumin"])
    session.flush()
    assert look.came_back and not in_hand()
    (row,) = amended([point.id])[point.id]
    assert row.text == "北侧停车场下月开放，可停三小时。"
    fact = session.query(Trace).filter_by(subject_kind="Amendment", verb="release").one()
    assert expand(fact) == 1
    assert session.query(Message).filter_by(fact_id=fact.id).one().resident_id == point.comment.resident_id


def test_a_supplement_that_was_sent_back_is_written_again(people: Any, released: Any) -> None:
    _, (point, _) = released
    look = SecondLook.ask(point.comment.resident, point, "没说北侧停车场。")
    look.take(people["hexiulan"])
    first = look.answer(people["hexiulan"], "知道了。")
    first.send_back(people["xujing"], "没有答到")
    second = look.answer(people["hexiulan"], "北侧停车场下月开放。")
    assert (first.stage, second.stage, look.amendment) == (AmendmentStage.RETURNED, AmendmentStage.PROPOSED, second)


def test_its_clock_runs_by_itself(people: Any, released: Any, clock: Clock) -> None:
    _, (point, _) = released
    look = SecondLook.ask(point.comment.resident, point, "没说北侧停车场。")
    db.session.flush()
    assert not look.late
    clock.forward(days=40)
    assert look.late


# --- promises ---------------------------------------------------------------------------------------------------------


def test_published_later_is_a_promise_with_a_day_that_reminds_before_it(
    people: Any, released: Any, clock: Clock
) -> None:
    _, (point, _) = released
    for words, due in (("", today() + timedelta(days=9)), ("公布施工图", None), ("公布施工图", today())):
        with pytest.raises(RuleUnmet):
            Promise.make(people["shenlin"], point, words, due)
    made = Promise.make(people["shenlin"], point, "公布施工图", today() + timedelta(days=60))
    db.session.flush()
    assert not to_remind([people["shenlin"].id])
    clock.forward(days=60 - REMIND_DAYS)
    assert list(to_remind([people["shenlin"].id])) == [made]
    assert not made.late
    clock.forward(days=REMIND_DAYS + 1)
    assert made.late and list(open_promises()) == [made]


def test_a_promise_is_kept_with_words_and_whose_point_it_is_hears_of_it(
    people: Any, released: Any, session: Any
) -> None:
    _, (point, _) = released
    made = Promise.make(people["shenlin"], point, "公布施工图", today() + timedelta(days=60))
    with pytest.raises(RuleUnmet):
        made.keep(people["shenlin"], "")
    made.keep(people["shenlin"], "施工图贴在市场门口，网站也有。")
    session.flush()
    assert made.stage == PromiseStage.KEPT
    assert (list(kept_lately()), list(open_promises())) == ([made], [])
    fact = session.query(Trace).filter_by(subject_kind="Promise", verb="keep").one()
    assert (expand(fact), expand(fact)) == (1, 0)


def test_a_later_day_needs_a_reason_and_the_first_day_stays(people: Any, released: Any) -> None:
    _, (point, _) = released
    first = today() + timedelta(days=60)
    made = Promise.make(people["shenlin"], point, "公布施工图", first)
    for due, reason in ((first, "晚了"), (first + timedelta(days=9), "")):
        with pytest.raises(RuleUnmet):
            made.put_off(people["shenlin"], due, reason)
    made.put_off(people["shenlin"], first + timedelta(days=9), "设计单位还没有交图。")
    db.session.flush()
    assert (made.first_due_on, made.due_on) == (first, first + timedelta(days=9))


def test_before_the_release_a_promise_is_nobodys_business(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    clock.forward(days=31)
    db.session.expire_all()
    (point,) = answer_all(people, asked)
    made = Promise.make(people["shenlin"], point, "公布施工图", today() + timedelta(days=60))
    db.session.flush()
    assert not open_promises()
    with pytest.raises(OutOfTurn):
        made.keep(people["shenlin"], "贴出来了")
