"""One answer for many, claims and reminders: each point its own answer, nobody answers what somebody else holds, done work is quiet."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import scoped_session

from models.comments.alike import AlikeSet
from models.comments.arrange import relate
from models.comments.bulk import answer_each, approve_each, send_back_each
from models.comments.claims import Reminder, charge, claim, give_back, remind
from models.comments.next_draft import plan
from models.comments.point import AnswerVersion, Point, PointStage
from models.comments.release import Release, release
from models.decisions.consultation import Consultation
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.evidence import check
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import Trace, sequence
from models.people.officer import Post
from server.house import House
from tests.conftest import People
from tests.crowds import come
from tests.making import a_comment, a_consultation, a_resident
from tests.models.texts.campaigns import TEMPLATES, crowd

pytestmark = pytest.mark.both_engines
REASON = "第二条要让更多人停得下，我们数了三天，一小时够买一次菜。"


@pytest.fixture
def asked(people: People, session: scoped_session[Any]) -> Consultation:
    made = a_consultation(people)
    for n in range(6):
        a_comment(made, a_resident(n + 1), f"第{n}句。")
    law.move(40 * 86_400)
    session.flush()
    return made


def numbers(session: scoped_session[Any]) -> list[int]:
    return list(session.scalars(select(Point.id).order_by(Point.id)))


def test_each_gets_a_version_and_a_trace_of_its_own_in_few_statements(
    people: People, session: scoped_session[Any], asked: Consultation
) -> None:
    said: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda c, cu, statement, *rest: said.append(statement))
    result = answer_each(numbers(session), people["shenlin"], "not_adopted", REASON, gist="嫌短")
    assert [told.serial for told in result.done] == [f"{n:04d}" for n in range(1, 7)]
    assert not result.refused
    written = [s for s in said if s.lstrip().startswith(("INSERT", "UPDATE"))]
    if engine.dialect.name == "postgresql":
        assert len(written) < 10, "not one by one"
    session.expire_all()
    for point in session.scalars(select(Point)).unique():
        assert (point.stage, point.reason, len(point.versions)) == (PointStage.SUBMITTED, REASON, 1)
    for verb in ("answer", "submit"):
        assert session.scalar(select(func.count()).where(Trace.verb == verb, Trace.subject_kind == "Point")) == 6
    result = approve_each(numbers(session), people["xujing"])
    assert len(result.done) == 6
    session.commit()
    while sequence(500):
        session.commit()
    session.commit()
    for chain in trail.chains():
        assert check(chain).whole, "deeds that were written down together stand in the chain like any other"


def test_every_one_that_is_refused_says_why(people: People, session: scoped_session[Any], asked: Consultation) -> None:
    points = numbers(session)
    people["xujing"].give(Post.HANDLER)
    claim(asked, people["xujing"], points[:1])
    answer_each(points[1:2], people["shenlin"], "other", REASON, gist="先答")
    result = answer_each([*points, 999_999_999], people["shenlin"], "not_adopted", REASON, gist="嫌短")
    assert len(result.done) == 4
    why = {told.serial: told.refusal for told in result.refused}
    assert "许静正在答" in why["0001"]
    assert "已经送审，沈林写的" in why["0002"]
    assert "没有找到" in why["999999999"]
    back = send_back_each(points, people["xujing"], "请写明依据")
    assert len(back.done) == 5
    assert len(back.refused) == 1
    own = answer_each(points[2:3], people["xujing"], "other", REASON, gist="自己写的")
    assert own.done
    assert "两个人" in approve_each(points[2:3], people["xujing"]).refused[0].refusal


def test_a_claim_is_one_persons_until_it_runs_out(
    people: People, session: scoped_session[Any], asked: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = numbers(session)
    people["linxiao"].give(Post.HANDLER)
    assert claim(asked, people["shenlin"], points[:4]) == points[:4]
    assert claim(asked, people["linxiao"], points) == points[4:]
    with pytest.raises(RuleUnmet, match="别人正在答"):
        claim(asked, people["linxiao"], points[:4])
    later = law.wall() + timedelta(minutes=31)
    monkeypatch.setattr("models.comments.claims.wall", lambda: later)
    monkeypatch.setattr("models.comments.point.wall", lambda: later)
    assert claim(asked, people["linxiao"], points[:4]) == points[:4]
    assert give_back(asked, people["linxiao"]) == 6
    with pytest.raises(RuleUnmet, match="没有认领"):
        give_back(asked, people["linxiao"])


def test_who_has_points_is_reminded_before_the_day_once_a_day_and_not_of_what_is_done(
    people: People, session: scoped_session[Any], asked: Consultation
) -> None:
    points = numbers(session)
    day = asked.answer_due_on
    assert day is not None
    session.commit()
    assert remind() == 0 or (day - law.today()).days in (3, 1, 0)
    due = law.today() + timedelta(days=3)
    if due > day:
        due = day
    charge(asked, people["xujing"], points[:3], people["shenlin"], due)
    before = session.scalar(select(func.count()).select_from(Reminder)) or 0
    made = remind()
    assert made >= 1
    assert remind() == 0, "once a day"
    row = session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    assert row is not None
    assert session.scalar(select(func.count()).select_from(Reminder)) == before + made
    assert session.scalar(select(func.max(Reminder.points)).where(Reminder.due_on == due)) in (3, 6)
    answer_each(points, people["shenlin"], "not_adopted", REASON, gist="嫌短")
    law.move(86_400 * 2)
    session.commit()
    assert remind() == 0, "what is done is not mentioned"


def test_the_command_finds_what_is_alike_and_only_suggests(app: House, asked: Consultation) -> None:
    asked_id, number = asked.id, asked.number
    come(asked, [TEMPLATES[0]] * 3)
    db.session.remove()
    told = app.test_cli_runner().invoke(args=["comments", "group", number])
    assert told.exit_code == 0, told.output
    assert "等人确认" in told.output
    assert app.test_cli_runner().invoke(args=["comments", "group", "〔2099〕1号"]).exit_code != 0
    with app.app_context():
        assert db.session.scalar(select(func.max(AlikeSet.size)).where(AlikeSet.consultation_id == asked_id)) >= 2
        assert db.session.scalar(select(func.count()).where(Point.group_id.is_not(None))) == 0


def test_a_release_brings_out_each_points_own_words_by_the_page(
    people: People, session: scoped_session[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.comments.showing.SHOWN_TOGETHER", 7)
    made = a_consultation(people)
    texts = crowd(30)
    come(made, texts, show_text=True)
    law.move(40 * 86_400)
    session.commit()
    points = numbers(session)
    assert len(answer_each(points, people["shenlin"], "not_adopted", REASON, gist="嫌短").done) == 30
    assert len(approve_each(points, people["xujing"], may_show=True).done) == 30
    release(made, people["wuqiming"], 30)
    session.commit()
    session.expire_all()
    assert [p.shown_text for p in session.scalars(select(Point).order_by(Point.id)).unique()] == texts
    assert session.scalars(select(Release)).one().points == 30
    assert len(set(session.scalars(select(Point.released_at)))) == 1, "all at one moment"
    assert session.scalar(select(func.count()).select_from(AnswerVersion)) == 30


def test_new_words_for_a_clause_go_with_those_that_are_about_it(
    people: People, session: scoped_session[Any], asked: Consultation
) -> None:
    """One wording however many ask for it, so that the next draft takes it up once; what is about another clause has the reason alone."""
    points, clerk = numbers(session), people["shenlin"]
    assert asked.draft
    clause, other = asked.draft.speakable[1:3]
    relate(asked, clerk, clause, points[:4])
    relate(asked, clerk, other, points[4:5])
    session.expire_all()
    own = session.get_one(Point, points[4])
    own.answer(clerk, "adopted", "第三条也改。", gist="晚些", revised="本办法自2027年5月1日起施行。")
    session.flush()
    words = "每日6:00至10:00，每次不超过2小时。"
    result = answer_each(points, clerk, "adopted", REASON, gist="嫌短", revised=(clause, words))
    assert len(result.done) == 6
    session.expire_all()
    answered = list(session.scalars(select(Point).order_by(Point.id)).unique())
    assert [p.after for p in answered] == [words] * 4 + ["本办法自2027年5月1日起施行。", ""]
    assert len({p.revision_id for p in answered[:4]}) == 1
    assert [p.versions[-1].revision_id for p in answered] == [p.revision_id for p in answered]
    places = plan(asked.decision).places
    assert not places, "nothing is taken up before a second person agreed"
    approve_each(points, people["xujing"])
    session.flush()
    places = plan(asked.decision).places
    assert not places[clause.id].conflict
    assert [p.id for p in places[clause.id].points] == points[:4]


def test_what_is_not_adopted_changes_no_clause(
    people: People, session: scoped_session[Any], asked: Consultation
) -> None:
    points, clerk = numbers(session), people["shenlin"]
    assert asked.draft
    clause = asked.draft.speakable[1]
    relate(asked, clerk, clause, points)
    with pytest.raises(RuleUnmet, match="只有采纳或部分采纳才改条文"):
        answer_each(points, clerk, "not_adopted", REASON, gist="嫌短", revised=(clause, "改过的。"))
    session.expire_all()
    answer_each(points[:1], clerk, "adopted", REASON, gist="嫌短", revised=(clause, "改过的。"), submit=False)
    answer_each(points[:1], clerk, "not_adopted", REASON, gist="嫌短")
    session.expire_all()
    assert session.get_one(Point, points[0]).after == ""
