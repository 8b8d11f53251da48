"""A legal question goes round: roster, follow-ups, hand-over, urgency, escalation, deletion, and what becomes of it for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.comments.forget import forget
from models.decisions.consultation import Channel
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM
from models.kernel.workdays import add_workdays
from models.outreach.article import topics
from models.people.place import villages
from models.questions import erase, known, seen
from models.questions.duty import Duty, on_duty, unassigned
from models.questions.follow_up import answer_again, ask_again, left, thread
from models.questions.hand_over import HandOver, Road, open_ones, pass_on, print_slip
from models.questions.known import CommonQuestion, like
from models.questions.question import Question, QuestionStage, count_late, waiting
from models.questions.repeated import topics_asked_for, wondering
from models.questions.stint import Stint, StintKind, volumes
from tests.making import a_consultation, a_resident

pytestmark = pytest.mark.both_engines
COUNSEL = "先发书面通知，再请村里调解。"


def ask(said: str = "房东不退押金怎么办？", number: int = 1, **more: Any) -> Question:
    """A question from the page."""
    return Question.ask(a_resident(number), said, **({"channel": Channel.H5} | more))


def answered(people: Any, said: str = "房东不退押金怎么办？", number: int = 1) -> Question:
    """The same, answered."""
    made = ask(said, number)
    made.assign(people["luojing"], people["pengyuan"])
    made.answer_it(people["pengyuan"], COUNSEL)
    db.session.flush()
    return made


def test_an_answer_may_be_asked_about_three_times_in_thirty_days(people: Any) -> None:
    question, who = answered(people), a_resident()
    for number in (1, 2, 3):
        assert left(question) == 4 - number
        once = ask_again(question, who, f"押金条丢了呢？{number}", key=f"again:{number}")
        assert ask_again(question, who, f"押金条丢了呢？{number}", key=f"again:{number}") is once
        assert (question.stage, question.due_on) == (QuestionStage.ASSIGNED, add_workdays(today(), 3))
        with pytest.raises(OutOfTurn):
            question.answer_it(people["pengyuan"], "第一问答过了。")
        with pytest.raises(NotAllowed):
            answer_again(question, people["shenlin"], "我来答。")
        answer_again(question, people["pengyuan"], f"转账记录也算。{number}")
    assert [one.answer for one in thread(question)] == [f"转账记录也算。{n}" for n in (1, 2, 3)]
    assert question.answer == COUNSEL
    with pytest.raises(RuleUnmet):
        ask_again(question, who, "再来一次")
    other = answered(people, number=2)
    with pytest.raises(Missing):
        ask_again(other, who, "不是我的")
    law.move(31 * 86_400)
    assert left(other) == 0


def test_a_term_that_ends_hurries_it(people: Any) -> None:
    calm, hurried = ask(), ask("后天就满一年，还能申请仲裁吗？", 2, limit_on=today() + timedelta(days=2))
    db.session.flush()
    assert hurried.urgent
    assert not calm.urgent
    assert hurried.due_on <= add_workdays(today(), 1) < calm.due_on
    assert [q.id for q in waiting(people["luojing"])] == [hurried.id, calm.id]
    with pytest.raises(RuleUnmet):
        ask("过了", 3, limit_on=today() - timedelta(days=1))
    calm.assign(people["luojing"], people["pengyuan"])
    calm.warn_of_limit(people["pengyuan"], today())
    assert calm.due_on == today()


def test_the_roster_says_whose_turn_it_is_and_nothing_lies_for_long(people: Any) -> None:
    east, west = villages()[0], villages()[1]
    counsel = people["pengyuan"]
    Duty.roster(people["luojing"], counsel, None, today(), today() + timedelta(days=30))
    with pytest.raises(RuleUnmet):
        Duty.roster(people["luojing"], counsel, None, today(), today())
    with pytest.raises(NotAllowed):
        Duty.roster(people["shenlin"], counsel, west, today(), today())
    assert on_duty(west) is counsel
    assert on_duty(None) is counsel
    lying = ask(place=east)
    db.session.flush()
    assert unassigned() == []
    law.move(5 * 86_400)
    db.session.expire_all()
    assert unassigned() == [(lying, on_duty(east))]
    with pytest.raises(NotAllowed):
        lying.assign_by_roster(people["luojing"], counsel)
    lying.assign_by_roster(SYSTEM, counsel)
    assert lying.counsel is counsel
    assert unassigned() == []
    law.move(20 * 86_400)
    db.session.expire_all()
    assert count_late() == 1
    lying.urge(people["hexiulan"])
    with pytest.raises(Missing):
        lying.read(people["hexiulan"])


def test_what_is_no_legal_question_goes_where_it_belongs(people: Any) -> None:
    asked = a_consultation(people)
    comment, petition, aid = ask("停车一小时太短了。"), ask("我要告村干部。", 2), ask("请不起律师。", 3)
    with pytest.raises(RuleUnmet):
        pass_on(comment, people["luojing"], Road.COMMENT, "已归入。")
    made = pass_on(comment, people["luojing"], Road.COMMENT, "已归入停车办法的征求意见。", consultation=asked)
    assert made.comment and made.comment.resident is comment.resident
    slip = pass_on(petition, people["luojing"], Road.PETITION, "已转县信访局，15日内告知您。")
    assert slip.due_on == today() + timedelta(days=15)
    assert slip.number.startswith("青街转〔")
    other = pass_on(aid, people["luojing"], Road.AID, "请带身份证去。", "县法律援助中心")
    assert open_ones() == [other, slip]
    assert print_slip(slip, people["luojing"]) == "我要告村干部。"
    with pytest.raises(NotAllowed):
        print_slip(slip, people["shenlin"])
    other.take(people["luojing"], today(), "援2026-8")
    slip.send_back(people["luojing"], "属于纪检的事。")
    assert petition.stage == QuestionStage.ASKED
    assert open_ones() == []
    again = pass_on(petition, people["luojing"], Road.PETITION, "已转县纪委监委信访室。", "县纪委监委信访室")
    assert HandOver.of(petition) is again
    told = {t.verb for (t, _) in trail.story(subject=petition)}
    assert {"pass_on", "come_back"} <= told


def test_who_read_it_is_known_to_who_asked_and_breaking_the_glass_has_a_reason(people: Any) -> None:
    question = ask()
    question.read(people["luojing"])
    question.read(people["luojing"])
    with pytest.raises(NotAllowed):
        question.break_glass(people["shenlin"], "我就想看看内容。")
    with pytest.raises(RuleUnmet):
        question.break_glass(people["wuqiming"], "看看")
    assert question.break_glass(people["wuqiming"], "复核有人反映的答复质量。") == "房东不退押金怎么办？"
    glass, usual = seen.readers(question)
    assert (glass.name, glass.reason) == ("吴启明", "复核有人反映的答复质量。")
    assert (usual.name, usual.times) == ("罗静", 2)


def test_it_is_rated_by_who_asked(people: Any) -> None:
    question = answered(people)
    with pytest.raises(Missing):
        question.rate(a_resident(9), True)
    question.rate(a_resident(), False)
    question.rate(a_resident(), True)
    assert question.helpful is True


def test_deleting_leaves_no_word_and_keeps_the_hours(people: Any) -> None:
    question, who = answered(people), a_resident()
    ask_again(question, who, "押金条丢了呢？")
    Stint.record(people["pengyuan"], None, StintKind.ANSWER, today(), 30, "租房押金", question=question)
    with pytest.raises(Missing):
        erase.erase(question, a_resident(2))
    erase.erase(question, who)
    db.session.flush()
    kept = db.session.execute(text("SELECT sealed_text, sealed_answer FROM question")).one()
    assert (bytes(kept[0]), kept[1]) == (b"", None)
    assert bytes(db.session.execute(text("SELECT sealed_text FROM follow_up")).scalar_one()) == b""
    assert "已" in question.readable
    assert db.session.query(Stint).count() == 1
    with pytest.raises(Exception, match="only be deleted"), db.session.begin_nested():
        db.session.execute(text("UPDATE question SET sealed_text = 'x'"))


def test_after_three_years_the_clockwork_deletes_it(people: Any) -> None:
    question, young = answered(people), ask(number=2)
    law.move(1094 * 86_400 // 3)
    law.move(1094 * 86_400 // 3)
    law.move(1094 * 86_400 // 3)
    db.session.expire_all()
    assert erase.over() == []
    law.move(2 * 86_400)
    db.session.expire_all()
    assert erase.over() == [question]
    erase.expire(question, SYSTEM)
    assert (question.stage, young.stage) == (QuestionStage.ERASED, QuestionStage.ASKED)


def test_a_village_has_a_volume_with_hours(people: Any) -> None:
    village = villages()[0]
    for minutes, gist in ((150, "坐班，答了四个人土地和工资的问题"), (60, "讲婚姻家庭")):
        Stint.record(people["pengyuan"], village, StintKind.ON_SITE, today(), minutes, gist)
    mine = next(v for v in volumes(today()) if v.place is village)
    assert (mine.times, mine.minutes, mine.short) == (2, 210, 12 * 60 - 210)
    with pytest.raises(RuleUnmet) as wrong:
        Stint.record(people["pengyuan"], village, StintKind.ON_SITE, today(), 0, "电话13912345678打来")
    assert set(wrong.value.fields) == {"minutes", "gist"}


GOOD = {
    "question": "租房到期，押金不退怎么办",
    "answer": "先书面催告，写明期限；不退的可以请调解委员会调解，也可以起诉。",
    "basis": "民法典第七百三十三条",
}


def test_a_good_answer_becomes_everybodys_without_a_trace_of_who_asked(people: Any) -> None:
    private = "我租了幸福里三楼那套两室的房子，房东说墙上有钉子眼所以押金一分不退，我该怎么办呢？"
    source = answered(people, private)
    made = CommonQuestion.draft_new(people["pengyuan"], source, **GOOD)
    with pytest.raises(RuleUnmet, match="写全"):
        made.submit(people["pengyuan"])
    made.revise(people["pengyuan"], basis_on=today(), answer=f"有人问：{private}先催告。")
    with pytest.raises(RuleUnmet, match="照抄"):
        made.submit(people["pengyuan"])
    made.revise(people["pengyuan"], answer="打我电话13912345678。")
    with pytest.raises(RuleUnmet, match="认出"):
        made.submit(people["pengyuan"])
    made.revise(people["pengyuan"], answer=GOOD["answer"])
    made.submit(people["pengyuan"])
    with pytest.raises(NotAllowed):
        made.approve(people["pengyuan"])
    assert like("押金不退我该怎么办") == []
    made.approve(people["luojing"])
    db.session.flush()
    assert like("房东不退押金，租房合同到期了怎么办") == [made]
    assert like("邻居的狗咬人怎么办") == []
    assert known.published() == [made]
    own = CommonQuestion.draft_new(people["luojing"], None, **GOOD, basis_on=today())
    own.submit(people["luojing"])
    with pytest.raises(RuleUnmet, match="两个人"):
        own.approve(people["luojing"])


def test_what_many_ask_asks_for_an_article_and_tells_the_handler(people: Any) -> None:
    case, topic = a_consultation(people).decision, topics()[1]
    for number in range(3):
        assert topics_asked_for() == []
        one = ask(number=number + 1)
        one.assign(people["luojing"], people["pengyuan"], topic=topic, decision=case)
        db.session.flush()
    assert topics_asked_for() == [(topic, 3)]
    assert wondering(people["shenlin"]) == [(case, 3)]
    assert wondering(people["luojing"]) == []


def test_whoever_is_forgotten_takes_all_of_it_along(people: Any) -> None:
    question, who = answered(people), a_resident()
    ask_again(question, who, "押金条丢了呢？")
    slip = ask("请不起律师。")
    made = pass_on(slip, people["luojing"], Road.AID, "请带身份证去。")
    forget(who, who)
    gone = "（已应本人要求删除）"
    assert {question.readable, question.answer, thread(question)[0].text, made.words} == {gone}
