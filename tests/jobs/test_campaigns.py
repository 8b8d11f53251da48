"""A campaign by the clockwork: counted, tried on one telephone, begun at its moment, sent by notice or to many at once, never twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.trail import SYSTEM
from models.kernel.work import Work, WorkState
from models.messages import fatigue
from models.messages.campaigning import fact_of, stop, telling_of
from models.messages.follow import follow
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import TellingStage
from models.outreach.article import topics
from models.outreach.campaign import (
    BatchState,
    Campaign,
    CampaignBatch,
    CampaignStage,
    CampaignWay,
    TrialState,
    batches,
)
from models.outreach.campaign import by_public_id as campaign_of
from models.people.resident import Identity
from server.jobs import campaigns as job
from server.jobs.routine import Routine
from server.wechat.handlers import results
from tests.conftest import OFFICIAL, People
from tests.jobs.conftest import TEMPLATE, Works
from tests.jobs.test_lectures import Remembering
from tests.making import a_campaign, counted_as

MASS = "/cgi-bin/message/mass/send"
PREVIEW = "/cgi-bin/message/mass/preview"


def people(works: Works, number: int, *, follows: bool = True) -> None:
    """So many residents who follow the first topic, and the account too unless told otherwise."""

    def make() -> None:
        for n in range(number):
            identity = Identity.seen(OFFICIAL.appid, f"o-{n}")
            if follows:
                identity.follow()
            follow(identity.resident, identity.resident, [], [topics()[0]])

    works.change(make)


def campaign(works: Works, **more: Any) -> str:
    """A draft; its public id."""
    made: list[str] = []
    works.change(lambda: made.append(a_campaign(People(), **more).public_id))
    return made[0]


def on(works: Works, public_id: str, act: Callable[[Campaign], object]) -> Any:
    """Something done with it; what comes back has to be plain."""
    kept: list[Any] = []

    def do() -> None:
        found = campaign_of(public_id)
        assert found
        kept.append(act(found))

    works.change(do)
    return kept[0]


def start(works: Works, public_id: str) -> None:
    """Approved by two and begun."""

    def begin(found: Campaign) -> None:
        who = People()
        counted_as(found)
        found.submit(who["linxiao"])
        found.approve(who["luojing"])
        found.start(SYSTEM)

    on(works, public_id, begin)
    works.do("tell")


def states(works: Works) -> dict[str, int]:
    found: dict[str, int] = {}
    for message in works.messages():
        found[message.state.value] = found.get(message.state.value, 0) + 1
    return found


def preview(works: Works, public_id: str) -> dict[str, Any]:
    on(works, public_id, lambda c: c.count(People()["linxiao"]))
    works.do("preview_campaign")
    told: dict[str, Any] = on(works, public_id, lambda c: c.preview)
    return told


# --- counted before -----------------------------------------------------------------------------------------------------


def test_the_preview_says_how_many_by_which_way_and_why_the_others_not(works: Works) -> None:
    people(works, 3)
    public_id = campaign(works)

    def more() -> None:
        away = Identity.seen(OFFICIAL.appid, "o-1")
        away.unfollow()
        away.heard_from("message")
        Identity.seen(OFFICIAL.appid, "o-2").unfollow()

    works.change(more)
    told = preview(works, public_id)
    assert (told["people"], told["reached"]) == (3, 2)
    assert dict(told["ways"]) == {"公众号服务通知": 1, "公众号对话": 1}
    ((why, number),) = told["short"]
    assert number == 1 and "没有关注公众号" in why
    assert told["stops"] == told["warns"] == []
    assert works.messages() == [], "nobody was told anything"
    assert works.stub.asked == [], "WeChat was not asked anything"


def test_a_preview_of_what_was_changed_meanwhile_is_not_kept(works: Works) -> None:
    people(works, 1)
    public_id = campaign(works)
    on(works, public_id, lambda c: c.count(People()["linxiao"]))
    on(works, public_id, lambda c: c.revise(People()["linxiao"], both=False))
    (asked,) = works.work("preview_campaign")
    works.queue.do(asked.id)
    assert on(works, public_id, lambda c: c.counted), "it counts what stands there when it is counted"


@pytest.mark.parametrize(("kind", "words"), [("unverified", "不能用接口群发")])
def test_what_the_account_may_not_is_said_before(works: Works, kind: str, words: str) -> None:
    works.app.extensions["wire"].official.kind = kind
    people(works, 2)
    told = preview(works, campaign(works, way=CampaignWay.MASS))
    assert any(words in stop for stop in told["stops"])


# --- a test -------------------------------------------------------------------------------------------------------------


def test_a_test_goes_to_one_named_telephone_and_the_name_is_forgotten(works: Works) -> None:
    works.stub.say(PREVIEW, {"errcode": 0, "errmsg": "preview success", "msg_id": 34182})
    public_id = campaign(works)
    on(works, public_id, lambda c: c.try_out(People()["linxiao"], "linxiao_2026") and None)
    works.do("test_campaign")
    (asked,) = works.stub.of(PREVIEW)
    assert asked.json["towxname"] == "linxiao_2026" and asked.json["msgtype"] == "mpnews"
    (test,) = on(works, public_id, lambda c: [(t.state, t.wx_name, t.masked) for t in c.tests])
    assert test == (TrialState.SENT, "", "li…6")


def test_a_test_that_wechat_refuses_says_why(works: Works) -> None:
    works.stub.say(PREVIEW, {"errcode": 40132, "errmsg": "invalid username"})
    public_id = campaign(works)
    on(works, public_id, lambda c: c.try_out(People()["linxiao"], "nobody") and None)
    works.do("test_campaign")
    (test,) = on(works, public_id, lambda c: [(t.state, t.result, t.wx_name) for t in c.tests])
    assert test == (TrialState.FAILED, "微信号不对，或者这部手机没有关注公众号（40132）", "")


# --- by notice ----------------------------------------------------------------------------------------------------------


def test_it_begins_at_its_moment_and_each_is_told_once(works: Works) -> None:
    people(works, 3)
    public_id = campaign(works)
    with works.app.app_context():
        moment = local(now() + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
        ahead = (moment - now()).total_seconds() + 30

    def ready(found: Campaign) -> None:
        who = People()
        found.revise(who["linxiao"], starts_at=moment)
        counted_as(found)
        found.submit(who["linxiao"])
        found.approve(who["luojing"])

    on(works, public_id, ready)
    routine = Routine(works.app, works.queue, Remembering())  # type: ignore[arg-type]
    with works.app.app_context():
        routine.campaigns()
    assert works.work("tell") == [] or not works.do("tell"), "not before its moment"
    works.change(lambda: law.move(ahead))
    with works.app.app_context():
        routine.campaigns()
        routine.campaigns()
    works.do("tell")
    works.do("send")
    asked = works.stub.of(TEMPLATE)
    assert len(asked) == 3
    assert {one.json["url"].rsplit("/", 2)[1] for one in asked} == {"go"}, "the page that counts openings"
    assert states(works) == {"sent": 3}
    assert on(works, public_id, lambda c: telling_of(c).stage) is TellingStage.FINISHED  # type: ignore[union-attr]
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 3


def test_the_weary_are_left_in_peace_with_the_reason(works: Works) -> None:
    people(works, 2)

    def weary() -> None:
        who = Identity.seen(OFFICIAL.appid, "o-0").resident
        for n in range(fatigue.most()):
            earlier = a_campaign(People(), title=f"第{n}篇")
            counted_as(earlier).submit(People()["linxiao"])
            earlier.approve(People()["luojing"])
            earlier.start(SYSTEM)
            db.session.flush()
            fact = fact_of(earlier)
            assert fact
            db.session.add(
                Message(
                    fact=fact, resident=who, topic="Campaign.start", state=MessageState.SENT,
                    channel=MessageChannel.TEMPLATE, made_at=now(), sent_at=now(),
                )
            )  # fmt: skip

    works.change(weary)
    works.change(lambda: db.session.execute(delete(Work)))  # those were sent long ago
    public_id = campaign(works)
    told = preview(works, public_id)
    assert dict(told["short"]) == {"太频繁，30天里已经推送过4次": 1} and told["reached"] == 1
    start(works, public_id)
    works.do("send")
    fact = on(works, public_id, lambda c: fact_of(c).id)  # type: ignore[union-attr]
    mine = {m.resident_id: (m.state.value, m.why) for m in works.messages() if m.fact_id == fact}
    assert sorted(mine.values()) == [("inbox", "太频繁，30天里已经推送过4次"), ("sent", "用公众号服务通知")]


def test_nobody_waits_is_finished_and_nobody_aimed_at_as_well(works: Works) -> None:
    public_id = campaign(works)
    start(works, public_id)
    assert on(works, public_id, lambda c: telling_of(c).stage) is TellingStage.FINISHED  # type: ignore[union-attr]
    people(works, 1)
    again = campaign(works, title="再一篇")
    start(works, again)
    works.do("send")
    third: list[str] = []
    works.change(lambda: third.append(a_campaign(People(), campaign_of(again).article).public_id))  # type: ignore[union-attr]
    start(works, third[0])
    assert on(works, third[0], lambda c: telling_of(c).stage) is TellingStage.FINISHED  # type: ignore[union-attr]
    assert len(works.stub.of(TEMPLATE)) == 1, "who has heard of the article is not told again"


def test_paused_between_batches_and_gone_on_with(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.jobs.telling.CHUNK", 2)
    people(works, 5)
    public_id = campaign(works)
    start(works, public_id)
    first, *_ = works.work("send")
    works.queue.do(first.id)
    assert states(works) == {"sent": 2, "pending": 3}
    on(works, public_id, lambda c: telling_of(c).pause(People()["linxiao"], "先看看反应"))  # type: ignore[union-attr]
    works.do("send")
    assert states(works) == {"sent": 2, "pending": 3}
    on(works, public_id, lambda c: telling_of(c).resume(People()["linxiao"]))  # type: ignore[union-attr]
    works.do("tell")
    works.do("send")
    assert states(works) == {"sent": 5}


def test_stopped_before_its_messages_were_made_nobody_is_told(works: Works) -> None:
    people(works, 2)
    public_id = campaign(works)

    def both(found: Campaign) -> None:
        who = People()
        counted_as(found)
        found.submit(who["linxiao"])
        found.approve(who["luojing"])
        found.start(SYSTEM)
        stop(found, who["linxiao"], "写错了")

    on(works, public_id, both)
    works.do("tell")
    assert works.messages() == [] and works.stub.of(TEMPLATE) == []
    assert on(works, public_id, lambda c: c.stage) is CampaignStage.STOPPED


def test_an_article_taken_down_meanwhile_is_told_to_nobody_more(works: Works) -> None:
    people(works, 2)
    public_id = campaign(works)
    start(works, public_id)
    on(works, public_id, lambda c: c.article.withdraw(People()["luojing"], "有错"))
    works.do("send")
    assert works.stub.of(TEMPLATE) == []
    assert states(works) == {"inbox": 2}


# --- to many at once ----------------------------------------------------------------------------------------------------


def pushed(works: Works, **more: Any) -> str:
    public_id = campaign(works, way=CampaignWay.MASS, **more)
    start(works, public_id)
    works.do("push_campaign")
    return public_id


def batch_states(works: Works, public_id: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = on(
        works, public_id, lambda c: [(b.number, b.people, b.state, b.msg_id) for b in batches(c)]
    )
    return found


def test_followers_get_the_article_and_the_others_a_notice_or_a_reason(works: Works) -> None:
    works.stub.say(MASS, {"errcode": 0, "msg_id": 501, "msg_data_id": 1})
    people(works, 4)
    works.change(lambda: Identity.seen(OFFICIAL.appid, "o-3").unfollow())
    public_id = campaign(works, way=CampaignWay.MASS)
    told = preview(works, public_id)
    assert dict(told["ways"]) == {"图文群发": 3} and told["reached"] == 3
    start(works, public_id)
    works.do("push_campaign")
    (asked,) = works.stub.of(MASS)
    assert sorted(asked.json["touser"]) == ["o-0", "o-1", "o-2"]
    assert batch_states(works, public_id) == [(1, 3, BatchState.SENT, "501")]
    works.do("send")
    assert states(works) == {"sent": 3, "inbox": 1}
    assert works.stub.of(TEMPLATE) == [], "nobody hears it twice"
    (*_, draft) = works.stub.of("/cgi-bin/draft/add")
    assert f"/go/{public_id}" in draft.json["articles"][0]["content_source_url"]


def test_batches_are_cut_and_a_pause_holds_the_next(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 2)
    people(works, 6)
    public_id = campaign(works, way=CampaignWay.MASS)
    start(works, public_id)

    def and_pause(_asked: Any) -> dict[str, Any]:
        works.change(lambda: telling_of(campaign_of(public_id)).pause(People()["linxiao"], "停"))  # type: ignore[union-attr,arg-type]
        return {"errcode": 0, "msg_id": 1}

    works.stub.say(MASS, and_pause)
    works.do("push_campaign")
    assert len(works.stub.of(MASS)) == 1
    assert states(works) == {"sent": 2, "pending": 4}
    works.stub.say(MASS, {"errcode": 0, "msg_id": 2}, {"errcode": 0, "msg_id": 3})
    on(works, public_id, lambda c: telling_of(c).resume(People()["linxiao"]))  # type: ignore[union-attr]
    works.do("tell")
    works.do("push_campaign")
    assert [row[:2] for row in batch_states(works, public_id)] == [(1, 2), (2, 2), (3, 2)]
    assert states(works) == {"sent": 6}
    sent = [one for asked in works.stub.of(MASS) for one in asked.json["touser"]]
    assert sorted(sent) == sorted(set(sent)), "each in one batch"


def test_a_batch_with_an_unknown_outcome_is_repeated_under_its_key(works: Works) -> None:
    works.stub.say(MASS, "cut", {"errcode": 45065, "errmsg": "clientmsgid exist", "msgid": 77})
    people(works, 2)
    public_id = pushed(works)
    assert [row[2] for row in batch_states(works, public_id)] == [BatchState.WAITING]
    assert states(works) == {"sending": 2}
    works.change(lambda: law.move(120))
    for one in works.work("push_campaign"):
        works.change(lambda number=one.id: _due(number))  # type: ignore[misc]
    works.do("push_campaign")
    assert len({a.json["clientmsgid"] for a in works.stub.of(MASS)}) == 1
    assert batch_states(works, public_id) == [(1, 2, BatchState.SENT, "77")]
    assert states(works) == {"sent": 2}


def _due(number: int) -> None:
    db.session.get_one(Work, number).run_at = law.wall() - timedelta(seconds=1)


def test_without_mass_quota_everybody_is_told_by_notice(works: Works) -> None:
    works.stub.say(MASS, {"errcode": 45028, "errmsg": "has no masssend quota"})
    people(works, 2)
    public_id = pushed(works)
    assert [row[2] for row in batch_states(works, public_id)] == [BatchState.FAILED]
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 2
    assert states(works) == {"sent": 2}


def test_four_mass_sends_a_month_is_all_one_person_gets(works: Works) -> None:
    people(works, 2)
    works.change(lambda: None)
    for n in range(4):
        works.stub.say(MASS, {"errcode": 0, "msg_id": n + 1})
        pushed(works, title=f"第{n}篇")

    def rested() -> None:
        # As if the rule set allowed more: only WeChat's own four stand in the way.
        for message in db.session.scalars(select(Message)):
            message.topic = "Consultation.publish"

    works.change(rested)
    public_id = campaign(works, way=CampaignWay.MASS, title="第五篇")
    assert dict(preview(works, public_id)["ways"]) == {"公众号服务通知": 2}
    start(works, public_id)
    works.do("push_campaign")
    works.do("send")
    assert len(works.stub.of(MASS)) == 4
    assert len(works.stub.of(TEMPLATE)) == 2


def test_one_alone_is_told_by_notice(works: Works) -> None:
    people(works, 1)
    pushed(works)
    works.do("send")
    assert works.stub.of(MASS) == [] and len(works.stub.of(TEMPLATE)) == 1


def test_wechats_report_ends_the_batch(works: Works) -> None:
    works.stub.say(MASS, {"errcode": 0, "msg_id": 501})
    people(works, 2)
    public_id = pushed(works)

    class Heard:
        class incoming:  # noqa: N801
            @staticmethod
            def field(name: str) -> str:
                return {"MsgID": "501", "Status": "send success", "SentCount": "2", "ErrorCount": "0"}.get(name, "")

    works.change(lambda: results.mass_sent(Heard()))  # type: ignore[arg-type]
    assert states(works) == {"delivered": 2}
    with works.app.app_context():
        batch = db.session.scalars(select(CampaignBatch)).one()
        assert (batch.state, batch.sent) == (BatchState.FINISHED, 2)
    assert works.work("push_campaign")[0].state is WorkState.DONE
    assert public_id
