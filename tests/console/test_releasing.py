"""Before the deed: what is settled adds up, what people will read is what is sent, and looking at it releases nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from models.comments.look_through import look_through
from models.comments.point import PointStage, outcome_counts
from models.comments.release import release, reported
from models.comments.showing import Ground, Hiding, redact
from models.decisions.consultation import Stage, by_public_id
from models.kernel.base import db
from models.kernel.lifecycle import why_not
from models.kernel.trail import Trace
from models.messages.message import Message
from server.console.forecast import forecast
from server.console.words import shares
from server.house import House
from server.jobs.telling import words_of
from tests.conftest import Clock, People
from tests.console.world import World
from tests.making import a_comment, a_consultation, a_follower, a_release, answer_all


def follower_s(app: House, clock: Clock, texts: tuple[str, ...], outcome: str = "not_adopted", **told: Any) -> str:
    """A matter that is closed and answered, on which one follower said these things."""
    with app.app_context():
        people = People()
        asked = a_consultation(people, title="青禾街道图书角开放办法")
        for text in texts:
            a_comment(asked, a_follower(90), text, **told)
        db.session.commit()
        clock.forward(days=31)
        asked = by_public_id(asked.public_id)
        answer_all(people, asked, outcome)
        db.session.commit()
        return str(asked.public_id)


def lines(page: str) -> list[tuple[str, str]]:
    """What the example on the release page says, field by field."""
    return re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page[page.index('class="seen"') :].partition("</dl>")[0])


def test_the_example_is_the_very_message_that_goes_out(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    for texts, says in ((("一个小时不够。",), "您的意见已答复：未采纳"), (("太晚。", "太远。"), "您的2条意见都已答复")):
        asked = follower_s(app, clock, texts)
        shown = lines(desk("wuqiming").get(f"/desk/release/{asked}").get_data(as_text=True))
        assert ("办理情况", says) in shown
        with app.app_context():
            matter = by_public_id(asked)
            release(matter, People()["wuqiming"], len(texts))
            db.session.flush()
            fact = db.session.query(Trace).filter_by(verb="release", subject_id=matter.id).one()
            who = a_follower(90).id
            said = words_of(fact, [who])[who]
            assert [value for _, value in shown] == list(said.values("official").values())
            db.session.commit()


def test_nothing_is_shown_as_a_message_before_somebody_s_answers_are_settled(
    world: World, desk: Callable[[str], Any]
) -> None:
    chief = desk("wuqiming")
    page = chief.get(f"/desk/release/{world.open}").get_data(as_text=True)
    assert "<dt>办理情况</dt>" not in page
    assert "审定以后，这里就是他会收到的那一条" in page
    assert "没有人收得到推送" in chief.get(f"/desk/release/{world.ready}").get_data(as_text=True)


def test_outcomes_that_one_person_drafted_are_no_outcomes_and_the_sums_reach_the_total(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        assert sum(outcome_counts(by_public_id(world.closed)).values()) == 0, "nothing of it has been approved"
    page = desk("wuqiming").get(f"/desk/release/{world.closed}").get_data(as_text=True)
    results = page[page.index("<h2>结果</h2>") : page.index("<h2>发布前查过</h2>")]
    numbers = [int(n) for n in re.findall(r'<td class="n">(\d+)</td>', results)]
    assert numbers[-1] == world.points
    assert sum(numbers[:-1]) == numbers[-1]
    assert "还没有定" in results


def test_shares_are_a_hundred_together() -> None:
    for numbers in ((1, 1, 1), (2, 3, 5, 7, 11), (612, 398, 701, 257), (1, 0, 0), (1, 1, 1, 1, 1, 1, 1)):
        assert round(sum(float(part[:-1]) for part in shares(numbers)), 1) == 100
    assert shares((1, 2)) == ["33.3%", "66.7%"]
    assert shares((0, 0)) == ["—", "—"]


def test_what_residents_will_see_is_seen_before_and_releases_nothing(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    asked = follower_s(app, clock, ("我住三号楼二单元，太晚。",))
    chief = desk("wuqiming")
    assert f"/desk/release/{asked}/preview" in chief.get(f"/desk/release/{asked}").get_data(as_text=True)
    page = chief.get(f"/desk/release/{asked}/preview").get_data(as_text=True)
    assert "嫌一小时太短" in page
    assert "一小时够买一次菜" in page
    assert "三号楼" not in page, "the words of somebody who did not allow it"
    with app.app_context():
        matter = by_public_id(asked)
        assert matter.stage == Stage.PUBLISHED
        told = select(Message.id).join(Trace, Trace.id == Message.fact_id).where(Trace.chain == matter.chain)
        assert db.session.scalars(told).all() == [], "nobody hears of this matter"
    assert desk("linxiao").get(f"/desk/release/{asked}/preview").status_code == 403


def test_the_preview_shows_the_very_words_that_the_release_brings_out(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    said = ("亮着灯睡不着，我叫王小明。", "河边风大，别关门。", "灯太暗。", "骂人的话。")
    with app.app_context():
        people = People()
        asked = a_consultation(people, title="青禾街道图书角开放办法")
        given = [a_comment(asked, a_follower(70 + n), text, show_text=n != 2).comment for n, text in enumerate(said)]
        redact(given[0], people["zhoumin"], ["王小明"], "personal", "人名")
        Hiding.hide(people["zhoumin"], given[3], Ground.INSULT, "骂人的话")
        db.session.commit()
        clock.forward(days=31)
        answer_all(people, by_public_id(asked.public_id))
        db.session.commit()
        name = asked.public_id
    quotes = re.compile(r"<blockquote[^>]*>([^<]*)</blockquote>")
    before = quotes.findall(desk("wuqiming").get(f"/desk/release/{name}/preview").get_data(as_text=True))
    assert len(before) == 2
    assert "王小明" not in before[0]
    with app.app_context():
        a_release(People(), by_public_id(name))
        db.session.commit()
        after = [(row.shown_name or "居民", row.shown_text) for row in reported(by_public_id(name)) if row.shown_text]
    assert before == [f"{who}：「{words}」" for who, words in after]


def test_what_is_not_approved_is_not_in_the_preview(app: House, world: World, desk: Callable[[str], Any]) -> None:
    page = desk("wuqiming").get(f"/desk/release/{world.closed}/preview").get_data(as_text=True)
    assert "嫌补助太少" not in page, PointStage.SUBMITTED
    assert f"还有 {world.points} 条没有审定" in page


def test_approver_and_releaser_see_what_was_found_with_a_jump_to_each_place(
    world: World, desk: Callable[[str], Any]
) -> None:
    for login in ("xujing", "wuqiming"):
        page = desk(login).get(f"/desk/consultations/{world.closed}/checks").get_data(as_text=True)
        assert "理由和结果对不上" in page
        jumps = set(re.findall(r'href="(/desk/points/[a-z0-9]{12})#answer"', page))
        assert jumps
        for jump in jumps:
            assert desk(login).get(jump).status_code == 200
    release = desk("wuqiming").get(f"/desk/release/{world.closed}").get_data(as_text=True)
    assert f"/desk/consultations/{world.closed}/checks#" in release
    listed = desk("xujing").get("/desk/approval").get_data(as_text=True)
    assert f"/desk/consultations/{world.closed}/checks" in listed


def test_the_release_stops_at_what_no_second_person_has_read_and_leads_there(
    app: House, world: World, desk: Callable[[str], Any], clock: Clock
) -> None:
    page = desk("wuqiming").get(f"/desk/release/{world.open}").get_data(as_text=True)
    where = f"/desk/consultations/{world.open}/checks#unread"
    assert "要由第二个人对着原件核对过，才能发布。还有1份没有核对" in page and where in page
    checks = desk("shenlin").get(where).get_data(as_text=True)
    assert "信函，请另一个人对着原件核对" in checks and 'href="/desk/transcripts#check"' in checks
    assert "/desk/transcripts" not in desk("wuqiming").get(where).get_data(as_text=True), "the chief reads none"
    place = f"/desk/transcripts/{world.transcription}/check"
    assert desk("tianye").submit(place, {"deed": "confirm"}).status_code == 303
    page = desk("wuqiming").get(f"/desk/release/{world.open}").get_data(as_text=True)
    assert "代录和转写的都由第二个人核对过" in page


def test_what_should_be_mended_is_advice_that_holds_no_release_and_the_page_says_so(
    app: House, clock: Clock, desk: Callable[[str], Any]
) -> None:
    public_id = follower_s(app, clock, ("我电话13812345678，两小时才够。",), show_text=True)
    page = desk("wuqiming").get(f"/desk/consultations/{public_id}/checks").get_data(as_text=True)
    assert '<span class="tag bad">建议改</span>' in page and "不改也能发布，由发布的人决定" in page
    assert "必须改" not in page
    with app.app_context():
        asked = by_public_id(public_id)
        assert asked is not None and look_through(asked).grave
        assert why_not(asked, "release", People()["wuqiming"]) is None


def test_who_will_be_told_is_counted_by_the_page_as_by_the_whole(
    app: House, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context("/desk/"):
        asked = by_public_id(world.open)
        who, other = a_follower(50), a_follower(51)
        a_comment(asked, other, "我也这么看。")
        other.merge_into(who, who)
        db.session.flush()
        whole = forecast(asked)
        monkeypatch.setattr("server.console.forecast.TOGETHER", 2)
        paged = forecast(asked)
    assert (paged.total, paged.told, paged.rows) == (whole.total, whole.told, whole.rows)
    assert whole.total == 7, "one of eight writers is somebody else's other self"
