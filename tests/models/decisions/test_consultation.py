"""A consultation is lawful from its first draft to its release."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from models.decisions.consultation import Channel, Consultation, Stage, State, consultation_list, state_of
from models.kernel import lifecycle, trail
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.workdays import add_workdays
from models.people.consent import ConsentText
from models.people.officer import Officer
from tests.making import ROAD, a_comment, a_consultation, a_release, a_resident, answer_all, points_of

pytestmark = pytest.mark.both_engines


def test_each_step_is_done_by_its_own_post_and_by_no_other(people: Any) -> None:
    asked = a_consultation(people, Stage.DRAFTED)
    for _, verb, login in ROAD:
        for other in ("xujing", "hexiulan", "wuqiming", "zhoumin", "shenlin", "chenguodong", "xitong"):
            if other != login:
                with pytest.raises(NotAllowed):
                    getattr(asked, verb)(people[other])
        getattr(asked, verb)(people[login])
    assert asked.stage == Stage.PUBLISHED


def test_publishing_numbers_it_and_counts_thirty_days_without_the_first(people: Any) -> None:
    asked = a_consultation(people)
    assert asked.opens_on
    assert asked.closes_on == asked.opens_on + timedelta(days=30)
    assert asked.answer_due_on == add_workdays(asked.closes_on, 15)
    assert asked.number.startswith("青街征〔") and asked.number.endswith("〕1号")
    assert a_consultation(people).number.endswith("〕2号")


def test_it_is_open_until_midnight_in_beijing_of_the_last_day(people: Any) -> None:
    asked = a_consultation(people)
    end = asked.closes_at
    assert end is not None
    assert asked.is_open(end - timedelta(seconds=1))
    assert not asked.is_open(end)
    assert asked.state(end) == State.CLOSED


@pytest.mark.parametrize("missing", ["title", "content", "purpose", "basis", "impact"])
def test_what_the_notice_must_explain_cannot_be_left_out(people: Any, missing: str) -> None:
    asked = a_consultation(people, Stage.DRAFTED, **{missing: ""})
    with pytest.raises(RuleUnmet) as unmet:
        asked.submit(people["shenlin"])
    assert "条例第十五条" in unmet.value.article
    assert asked.stage == Stage.DRAFTED


def test_fewer_than_thirty_days_need_a_reason(people: Any) -> None:
    asked = a_consultation(people, Stage.DRAFTED, window_days=10)
    with pytest.raises(RuleUnmet, match="30日"):
        asked.submit(people["shenlin"])
    asked.revise(people["shenlin"], short_reason="汛期将至，来不及。")
    asked.submit(people["shenlin"])
    assert asked.stage == Stage.SUBMITTED


def test_the_promise_of_an_answer_can_only_be_shortened(people: Any) -> None:
    asked = a_consultation(people, Stage.DRAFTED)
    with pytest.raises(RuleUnmet):
        asked.revise(people["shenlin"], answer_workdays=16)
    asked.revise(people["shenlin"], answer_workdays=10)
    assert asked.answer_workdays == 10


def test_who_drafted_does_not_review_even_with_the_post(people: Any) -> None:
    people["shenlin"].give("unit_head")
    asked = a_consultation(people, Stage.SUBMITTED)
    with pytest.raises(RuleUnmet, match="两个人"):
        asked.check(people["shenlin"])


def test_sent_back_it_returns_to_its_handler_with_the_reason(people: Any) -> None:
    asked = a_consultation(people, Stage.REVIEWED)
    with pytest.raises(RuleUnmet):
        asked.send_back(people["wuqiming"], "  ")
    asked.send_back(people["wuqiming"], "影响没有写清楚。")
    assert asked.stage == Stage.DRAFTED
    assert asked.returned_reason == "影响没有写清楚。"


def test_extending_only_lengthens_and_is_printed(people: Any) -> None:
    asked = a_consultation(people)
    before, due = asked.closes_on, asked.answer_due_on
    assert before and due
    with pytest.raises(RuleUnmet):
        asked.extend(people["wuqiming"], -3, "想快一点")
    asked.extend(people["wuqiming"], 10, "雨季，走访还没有走完。")
    assert asked.closes_on == before + timedelta(days=10)
    assert asked.answer_due_on and asked.answer_due_on > due
    assert asked.extensions[0].reason == "雨季，走访还没有走完。"


def test_the_database_itself_never_shortens_a_window(people: Any) -> None:
    asked = a_consultation(people)
    db.session.commit()
    with pytest.raises(IntegrityError, match="never shortened"):
        db.session.execute(
            update(Consultation)
            .where(Consultation.id == asked.id)
            .values(closes_on=date(2026, 1, 1), opens_on=date(2025, 1, 1))
        )


def test_a_correction_is_seen_by_everybody_and_touches_neither_draft_nor_window(people: Any) -> None:
    asked = a_consultation(people)
    with pytest.raises(RuleUnmet):
        asked.correct(people["wuqiming"], "改期限", window_days=60)
    asked.correct(people["wuqiming"], "电话写错了一位。", contact_phone="0000-5550124")
    assert asked.contact_phone == "0000-5550124"
    assert [c.remark for c in asked.corrections] == ["电话写错了一位。"]


def test_cancelled_nobody_can_speak_any_more(people: Any) -> None:
    asked = a_consultation(people)
    asked.cancel(people["wuqiming"], "县里统一制定，不再单独制定。")
    assert asked.state() == State.CANCELLED
    with pytest.raises(OutOfTurn):
        a_comment(asked, a_resident())


def test_nothing_concludes_while_a_point_is_unanswered(people: Any, clock: Any) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1))
    a_comment(asked, a_resident(2))
    chief = people["wuqiming"]
    refusal = lifecycle.why_not(asked, "release", chief)
    assert refusal and "还没有截止" in refusal.message
    clock.forward(days=31)
    asked = db.session.get_one(Consultation, asked.id)
    refusal = lifecycle.why_not(asked, "release", people["wuqiming"])
    assert refusal and "2条没有答复" in refusal.message
    answer_all(people, asked)
    made = a_release(people, asked)
    assert asked.stage == Stage.CONCLUDED
    assert made.points == 2


def test_the_trail_tells_the_whole_road_and_names_who_did_it(people: Any) -> None:
    asked = a_consultation(people)
    told = [(t.actor_name, t.verb) for t, _ in trail.story(subject=asked)]
    assert told == [
        ("周敏", "publish"),
        ("吴启明", "sign"),
        ("何秀兰", "review"),
        ("许静", "check"),
        ("沈林", "submit"),
        ("沈林", "draft_new"),
    ]


def test_two_officers_at_once_the_second_is_told_to_look_again(people: Any, app: Any) -> None:
    asked = a_consultation(people, Stage.SUBMITTED)
    db.session.commit()
    number = asked.id
    db.session.refresh(asked)
    db.session.execute(text("UPDATE consultation SET version = version + 1 WHERE id = :n"), {"n": number})
    asked.title = "改过的标题"
    with pytest.raises(Exception, match=r"expected to update 1 row|StaleData"):
        db.session.flush()


def test_lists_say_the_same_state_as_the_record(people: Any, clock: Any) -> None:
    first = a_consultation(people)
    second = a_consultation(people, title="第二件事")
    second.cancel(people["wuqiming"], "不办了。")
    db.session.commit()
    rows = {row.public_id: state_of(row) for row in consultation_list()}
    assert rows == {first.public_id: State.OPEN, second.public_id: State.CANCELLED}
    clock.forward(days=31)
    assert [state_of(r) for r in consultation_list(State.CLOSED)] == [State.CLOSED]
    assert list(consultation_list(State.OPEN)) == []


def test_a_notice_goes_out_with_a_privacy_text_and_keeps_its_version(people: Any, session: Any) -> None:
    asked = a_consultation(people, Stage.SIGNED)
    text = ConsentText.current()
    assert text
    asked.publish(people["zhoumin"])
    assert asked.privacy is text
    ConsentText.publish("privacy", "2027-01", "新的告知。保存期限：三年。")
    assert asked.privacy is text


def test_without_a_privacy_text_that_names_its_period_nothing_is_published(people: Any, session: Any) -> None:
    asked = a_consultation(people, Stage.SIGNED)
    session.add(ConsentText(kind="privacy", version="2027-01", body="我们收集意见。", since=now()))
    session.flush()
    with pytest.raises(RuleUnmet, match="保存期限") as refused:
        asked.publish(people["zhoumin"])
    assert (refused.value.code, refused.value.article) == ("privacy_notice_given", "个人信息保护法第十七条")


def test_the_ways_to_speak_have_their_addresses(people: Any) -> None:
    asked = a_consultation(people, channels=["paper", "phone", "h5"], contact_phone="0000-5550199")
    assert asked.ways == [
        (Channel.H5, ""),
        (Channel.PAPER, "青禾街道桥头巷1号"),
        (Channel.PHONE, "0000-5550199"),
    ]


def another_head(people: Any) -> Officer:
    """The head of another unit."""
    made = Officer.make("linhua", "林华", people["zhoumin"].unit, "a-good-password-9", first=False)
    made.give("unit_head")
    db.session.flush()
    return made


def test_the_head_of_another_unit_neither_checks_nor_approves(people: Any, clock: Any) -> None:
    asked = a_consultation(people, Stage.SUBMITTED)
    stranger = another_head(people)
    with pytest.raises(RuleUnmet, match="城市管理科") as refused:
        asked.check(stranger)
    assert refused.value.code == "head_of_the_handlers_unit"
    asked.check(people["xujing"])
    asked = a_consultation(people, title="另一件事")
    a_comment(asked, a_resident())
    clock.forward(days=31)
    db.session.refresh(asked)
    (point,) = points_of(asked)
    point.answer(people["shenlin"], "adopted", "照此修改。", gist="一个小时不够")
    point.submit(people["shenlin"])
    with pytest.raises(RuleUnmet, match="别的单位"):
        point.approve(stranger)
    point.approve(people["hexiulan"])


def test_who_stands_in_for_the_units_head_may_check(people: Any) -> None:
    asked = a_consultation(people, Stage.SUBMITTED)
    stranger = another_head(people)
    people["xujing"].delegate(people["xujing"], stranger, today(), today())
    db.session.flush()
    db.session.expire_all()
    asked.check(stranger)
    assert asked.stage == Stage.CHECKED
