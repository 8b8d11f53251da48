"""What users of other systems ask for and do not get, one named test each; the number of the ask stands in its name."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.comments.arrange import Mark, gather, put, split, undo, way_of
from models.comments.bulk import AnswerTemplate, TemplateUse, answer_each, approve_each, uses_of
from models.comments.claims import Reminder, charge, remind
from models.comments.comment import Comment
from models.comments.export import exported
from models.comments.forget import forget
from models.comments.look_through import look_through
from models.comments.point import Point, PointStage
from models.comments.promise import Promise, to_remind
from models.comments.release import totals
from models.comments.report_line import ReportLine
from models.comments.second_look import Rating, SecondLook
from models.comments.showing import COVER, Ground, Hiding, Redaction, matches, redact_all
from models.comments.year import year_of
from models.decisions.consultation import by_public_id
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.messages.audience import expand
from models.texts.xlsx import read_xlsx
from server.house import House
from server.papers.taken_out import everything_said
from tests.conftest import Clock, People
from tests.making import a_comment, a_consultation, a_release, a_resident, answer_all, points_of
from tests.site.conftest import Street, seen

Phones = Callable[..., Any]
REASON = "第二条写明每次不超过一小时，调查三天，够买一次菜，所以维持原文。"


def test_ask_1_a_bulk_answer_reaches_every_selected_item_or_says_for_each_why_not(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    said = [a_comment(asked, a_resident(n), f"第{n}句，一小时太短。").comment for n in range(30)]
    said[7].withdraw(said[7].resident)
    clock.forward(days=31)
    db.session.expire_all()
    chosen = list(db.session.scalars(select(Point.id).where(Point.consultation_id == asked.id)))
    template = AnswerTemplate.write(people["shenlin"], "一小时够", "not_adopted", REASON)
    result = answer_each(chosen, people["shenlin"], "not_adopted", REASON, gist="嫌短", template=template)
    assert (len(result.done), len(result.refused)) == (29, 1)
    assert result.refused[0].serial == said[7].serial_words and result.refused[0].refusal
    db.session.expire_all()
    points = db.session.query(Point).filter(Point.stage == PointStage.SUBMITTED).all()
    assert {(p.outcome.value, p.reason, len(p.versions)) for p in points} == {("not_adopted", REASON, 1)}
    assert {use.version for use in db.session.query(TemplateUse)} == {1} and len(uses_of(template)) == 29


def test_ask_2_words_of_the_draft_are_taken_up_or_not_can_be_taken_back_and_both_hear_of_it(
    people: Any, clock: Clock
) -> None:
    asked = a_consultation(people)
    clause = asked.draft.speakable[1]
    for n in range(2):
        a_comment(asked, a_resident(n), "每次改成两小时。", clause=clause)
    clock.forward(days=31)
    db.session.expire_all()
    taken, left = points_of(asked)
    for point in (taken, left):
        point.answer(people["shenlin"], "adopted", "第二条改为两小时。", gist="改两小时", revised="每次不超过2小时。")
    assert (taken.after, left.after) == ("每次不超过2小时。", "每次不超过2小时。")
    left.answer(people["shenlin"], "not_adopted", REASON, gist="改两小时")
    assert left.after == "" and len(left.versions) == 2, "taken back, and what it was is kept"
    for point in (taken, left):
        point.submit(people["shenlin"])
        point.approve(people["xujing"])
    db.session.flush()
    a_release(people, asked)
    fact = db.session.query(Trace).filter_by(verb="release").one()
    assert expand(fact) == 2, "who was adopted and who was not"


def test_ask_3_taking_part_without_registering_with_a_light_proof_afterwards(phone: Phones, street: Street) -> None:
    asked, nobody = street.publish(), phone()
    sent = nobody.say(asked, "早上一小时不够。")
    receipt = seen(nobody.look(sent.headers["Location"]))
    assert "编号" in receipt and re.search(r"查询码\D*\d{6}", receipt)
    assert street.comments()[0]["anonymous"]


def test_ask_4_to_be_shown_without_a_name_while_signed_in(phone: Phones, street: Street) -> None:
    asked, woman = street.publish(), phone("周女士")
    woman.say(asked, "早上一小时不够。", shown="words")
    street.close()
    street.answer(asked, "adopted")
    street.release(asked)
    report = seen(phone().look(f"/reports/{asked}"))
    assert "居民：「早上一小时不够。」" in report and "周女士" not in report


def test_ask_5_what_becomes_public_is_said_at_the_moment_of_writing(phone: Phones, street: Street) -> None:
    form = seen(phone().look(f"/consultations/{street.publish()}/comment"))
    for words in ("发布时公开什么", "大意、结果和理由", "手机号和微信永远不公开", "您的原话，由您决定"):
        assert words in form
    assert form.index("您的原话，由您决定") < form.index("提交意见")


def test_ask_6_what_was_split_put_together_and_taken_out_leaves_its_way(people: Any) -> None:
    asked = a_consultation(people)
    comment = a_comment(asked, a_resident(1), "灯太暗。车位太少。").comment
    (made,) = split(comment, people["shenlin"], [Mark(4, 9)])
    group = gather(asked, people["shenlin"], "车位", [made.id])
    put(gather(asked, people["shenlin"], "别的", [comment.points[0].id]), people["shenlin"], [made.id])
    undo(asked, people["shenlin"])
    db.session.flush()
    assert [(step.before, step.after) for step in way_of(made)] == [("", "车位"), ("车位", "别的"), ("别的", "车位")]
    assert made.group is group
    verbs = [row.verb for row in db.session.query(Trace).filter_by(chain=asked.chain).order_by(Trace.id)][-5:]
    assert verbs == ["split", "gather", "gather", "put", "undo"]


def test_ask_7_one_export_of_everything_said_comments_included(people: Any) -> None:
    asked = a_consultation(people)
    said = [a_comment(asked, a_resident(n), f"第{n}句。").comment for n in range(3)]
    said[1].add(said[1].resident, "还有一句。")
    said[2].withdraw(said[2].resident)
    db.session.flush()
    file = io.BytesIO()
    everything_said(asked, file)
    rows = [row.cells for row in read_xlsx(file.getvalue())[3:]]
    assert [row[8] for row in rows] == ["第0句。", "第1句。", "第2句。"]
    assert "还有一句。" in rows[1][9] and len(rows[2]) > 12 and rows[2][12]
    assert len(list(exported(asked))) == 3


def test_ask_8_what_is_left_for_me_and_who_is_late_is_seen_at_the_desk_and_in_public(
    phone: Phones, street: Street, app: House, desk: Callable[[str], Any]
) -> None:
    asked = street.publish()
    phone("周女士").say(asked, "早上一小时不够。")
    street.close()
    with app.app_context():
        people, matter = People(), by_public_id(asked)
        assert matter
        charge(matter, people["xujing"], [p.id for p in points_of(matter)], people["shenlin"], today() + timedelta(2))
        db.session.commit()
    assert "答完交给您的 1 条要点" in desk("shenlin").get("/desk/").get_data(as_text=True)
    street.close(days=80)
    assert re.search(r"已过\d+天", desk("shenlin").get("/desk/").get_data(as_text=True))
    assert re.search(r"已经晚\d+天", seen(phone().look("/clock")))


def test_ask_9_staff_read_everything_also_what_its_writer_does_not_let_be_shown(
    people: Any, app: House, desk: Callable[[str], Any]
) -> None:
    asked = a_consultation(people)
    a_comment(asked, a_resident(1), "只给你们看：灯太暗。", show_text=False)
    db.session.commit()
    page = desk("shenlin").get(f"/desk/answering/{asked.public_id}").get_data(as_text=True)
    assert "只给你们看：灯太暗。" in page


def test_ask_10_the_window_shuts_at_its_hour_with_nobody_awake(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    assert asked.closes_at is not None
    clock.forward(seconds=int((asked.closes_at - now()).total_seconds()) - 1)
    db.session.expire_all()
    a_comment(asked, a_resident(1), "最后一秒。")
    clock.forward(seconds=2)
    db.session.expire_all()
    with pytest.raises(RuleUnmet):
        a_comment(asked, a_resident(2), "晚了一秒。")


def test_ask_11_what_is_hidden_is_hidden_on_a_ground_with_a_reason_and_goes_nowhere_silently(
    people: Any, session: Any
) -> None:
    asked = a_consultation(people)
    comment = a_comment(asked, a_resident(1), "王八蛋。", show_text=True).comment
    with pytest.raises(RuleUnmet):
        Hiding.hide(people["zhoumin"], comment, "dislike", "不喜欢")
    Hiding.hide(people["zhoumin"], comment, Ground.INSULT, "骂人的话")
    session.flush()
    assert expand(session.query(Trace).filter_by(subject_kind="Hiding").one()) == 1
    assert totals(asked)["texts"] == 1


def test_ask_12_what_is_alike_is_put_together_and_everybody_who_said_it_hears_of_it(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    for n in range(4):
        a_comment(asked, a_resident(n), "一小时太短，改两小时。")
    a_comment(asked, a_resident(3), "灯太暗。")
    clock.forward(days=31)
    db.session.expire_all()
    same = [point.id for point in points_of(asked)][:4]
    gather(asked, people["shenlin"], "改两小时", same)
    assert len(answer_each(same, people["shenlin"], "not_adopted", REASON, gist="改两小时").done) == 4
    assert len(approve_each(same, people["xujing"]).done) == 4
    db.session.expire_all()
    answer_all(people, asked)
    a_release(people, asked)
    fact = db.session.query(Trace).filter_by(verb="release").one()
    assert (expand(fact), expand(fact)) == (4, 0), "each person once, however many points they have"
    assert sorted(line.points for line in db.session.query(ReportLine)) == [1, 4]


def test_ask_13_more_than_one_person_may_decide_what_is_shown_and_each_reason_stays(people: Any) -> None:
    comment = a_comment(a_consultation(people), a_resident(1), "王八蛋。", show_text=True).comment
    Hiding.hide(people["zhoumin"], comment, Ground.INSULT, "骂人的话").lift(people["hexiulan"], "引的是别人的话")
    again = Hiding.hide(people["xujing"], comment, Ground.INSULT, "还是骂人的话")
    db.session.flush()
    assert (again.number, db.session.query(Hiding).count()) == (2, 2)
    with pytest.raises(NotAllowed):
        again.lift(people["tianye"], "不该我管")


def test_ask_14_a_closed_case_is_opened_again_once_by_whom_it_concerns_and_by_somebody_else_inside(
    people: Any, clock: Clock
) -> None:
    point = released(people, clock)
    look = SecondLook.ask(point.comment.resident, point, "灯还是不亮。")
    with pytest.raises(OutOfTurn):
        SecondLook.ask(point.comment.resident, point, "再来")
    with pytest.raises(RuleUnmet):
        look.take(people["shenlin"])
    look.take(people["hexiulan"])


def test_ask_15_one_tap_is_a_recorded_answer(phone: Phones, street: Street, app: House) -> None:
    asked, woman = street.publish(), phone("周女士")
    page = woman.say(asked, "早上一小时不够。").headers["Location"].replace("/receipts/", "/comments/")
    street.close()
    street.answer(asked, "not_adopted")
    street.release(asked)
    woman.send(woman.form(page, "rating"), good="no")
    with app.app_context():
        assert [row.good for row in db.session.query(Rating)] == [False]


def test_ask_16_one_pattern_is_covered_over_a_whole_batch(people: Any) -> None:
    asked = a_consultation(people)
    for n in range(5):
        a_comment(asked, a_resident(n), f"打1380000000{n}找我。", show_text=True)
    assert redact_all(asked, people["zhoumin"], "phones", Ground.PERSONAL, "电话号码") == 5
    assert not matches(asked, "phones")
    assert len({row.batch for row in db.session.query(Redaction)}) == 1


def test_ask_17_it_will_be_published_later_reminds(people: Any, clock: Clock) -> None:
    point = released(people, clock)
    made = Promise.make(people["shenlin"], point, "公布施工图", today() + timedelta(days=30))
    db.session.flush()
    assert not to_remind([people["shenlin"].id])
    clock.forward(days=25)
    assert list(to_remind([people["shenlin"].id])) == [made]


def test_ask_18_nothing_stays_unclassified_every_released_point_has_an_outcome(people: Any, clock: Clock) -> None:
    point = released(people, clock)
    unclassified = db.session.query(Point).filter(Point.stage == PointStage.RELEASED, Point.outcome.is_(None)).count()
    assert point.outcome and unclassified == 0


def test_ask_19_nobody_is_reminded_of_what_they_did(people: Any, clock: Clock) -> None:
    asked = a_consultation(people)
    for n in range(2):
        a_comment(asked, a_resident(n), f"第{n}句。")
    clock.forward(days=31)
    db.session.expire_all()
    points = list(points_of(asked))
    charge(asked, people["shenlin"], [p.id for p in points], people["shenlin"], today() + timedelta(days=1))
    points[0].answer(people["shenlin"], "not_adopted", REASON, gist="一")
    points[0].submit(people["shenlin"])
    db.session.flush()
    assert (remind(), db.session.query(Reminder).one().points) == (1, 1)
    points[1].answer(people["shenlin"], "not_adopted", REASON, gist="二")
    points[1].submit(people["shenlin"])
    db.session.flush()
    clock.forward(days=1)
    db.session.expire_all()
    assert remind() == 0


def test_ask_20_who_is_forgotten_is_forgotten_in_what_was_covered_asked_and_kept_too(people: Any, clock: Clock) -> None:
    point = released(people, clock, "我是王小明，一小时太短。")
    look = SecondLook.ask(point.comment.resident, point, "王小明说的没答到。")
    asked = point.consultation
    redact_all(asked, people["zhoumin"], "王小明", Ground.PERSONAL, "人名")
    db.session.flush()
    forget(point.comment.resident, point.comment.resident)
    db.session.flush()
    db.session.expire_all()
    assert (look.reason, db.session.query(Redaction).one().words) == ("", "")
    assert point.shown_text is None
    rows = list(exported(asked))
    assert rows[0]["text"] is None and rows[0]["erased"]


def test_ask_21_one_report_over_all_consultations_of_a_year(people: Any, clock: Clock) -> None:
    point = released(people, clock)
    asked = point.consultation
    assert asked.opens_on is not None
    found = year_of(asked.opens_on.year)
    assert [(row.title, row.texts, sum(row.outcomes.values())) for row in found.rows] == [(asked.title, 1, 1)]
    assert (found.people, found.points) == (1, 1)


def released(people: Any, clock: Clock, text: str = "一小时太短。") -> Point:
    """One comment, answered and out, its words shown."""
    asked = a_consultation(people)
    comment = a_comment(asked, a_resident(1), text, show_text=True).comment
    clock.forward(days=31)
    db.session.expire_all()
    answer_all(people, asked)
    assert not look_through(asked).grave
    a_release(people, asked)
    db.session.expire_all()
    (point,) = [p for p in points_of(asked) if p.comment_id == comment.id]
    assert COVER not in (point.shown_text or "") and db.session.query(Comment).count() == 1
    assert by_public_id(asked.public_id) is asked
    return point
