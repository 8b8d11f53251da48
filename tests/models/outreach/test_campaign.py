"""An article is told to those who asked to hear of such, once each, when two persons agreed, and never to the weary."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models.kernel.base import db
from models.kernel.clock import BEIJING, now, today
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import SYSTEM, Trace
from models.messages import fatigue
from models.messages.audience import HEARD, expand, heard_of
from models.messages.campaigning import fact_of, stop, telling_of
from models.messages.follow import follow
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling, TellingStage
from models.outreach.article import Broadcast, BroadcastState, topics
from models.outreach.campaign import Campaign, CampaignStage, CampaignWay, TrialState, by_day, due
from models.outreach.campaign_read import CampaignReader, opened, read_of
from models.people.place import Place, PlaceKind, villages
from tests.making import a_campaign, a_follower, a_resident, counted_as

pytestmark = pytest.mark.both_engines


def noon() -> datetime:
    """The day after tomorrow, in the middle of the day."""
    return datetime.combine(today() + timedelta(days=2), time(12), BEIJING)


def approved(people: Any, campaign: Campaign) -> Campaign:
    counted_as(campaign)
    campaign.submit(people["linxiao"])
    campaign.approve(people["luojing"])
    return campaign


def begun(people: Any, campaign: Campaign) -> Trace:
    """Approved and started; its messages are made. Returns the fact."""
    approved(people, campaign).start(SYSTEM)
    db.session.flush()
    fact = fact_of(campaign)
    assert fact is not None
    Telling.begin(fact, expand(fact))
    assert expand(fact) == 0, "again changes nothing"
    return fact


def heard_by(fact: Trace) -> dict[int, tuple[str, str]]:
    rows = db.session.execute(select(Message.resident_id, Message.state, Message.why).where(Message.fact_id == fact.id))
    return {row.resident_id: (row.state.value, row.why) for row in rows}


# --- two persons, a moment, a budget ----------------------------------------------------------------------------------


def test_it_is_counted_before_it_is_sent_and_approved_by_another(people: Any) -> None:
    campaign = a_campaign(people)
    with pytest.raises(RuleUnmet, match="数一数"):
        campaign.submit(people["linxiao"])
    counted_as(campaign)
    campaign.submit(people["linxiao"])
    with pytest.raises(NotAllowed):
        campaign.approve(people["linxiao"])
    campaign.approve(people["luojing"])
    assert campaign.stage == CampaignStage.APPROVED and campaign.starts_at is not None, "at once is a moment, too"


def test_whoever_drafts_cannot_approve_whatever_post_they_hold(people: Any) -> None:
    campaign = counted_as(a_campaign(people))
    campaign.author = people["luojing"]
    campaign.submit(people["linxiao"])
    with pytest.raises(RuleUnmet, match="两个人"):
        campaign.approve(people["luojing"])
    db.session.flush()
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE campaign SET stage = 'approved', starts_at = made_at, approver_id = author_id"))


def test_what_wechat_forbids_and_what_reaches_nobody_does_not_go_to_review(people: Any) -> None:
    campaign = counted_as(a_campaign(people), stops=["这个月已经群发4次"])
    with pytest.raises(RuleUnmet, match="微信不允许：这个月已经群发4次"):
        campaign.submit(people["linxiao"])
    counted_as(campaign, reached=0)
    with pytest.raises(RuleUnmet, match="一个人也送不到"):
        campaign.submit(people["linxiao"])
    counted_as(campaign)
    campaign.revise(people["linxiao"], places=[villages()[0]], topics=[])
    with pytest.raises(RuleUnmet, match="数一数"):
        campaign.submit(people["linxiao"])
    campaign.revise(people["linxiao"], places=[], topics=[])
    with pytest.raises(RuleUnmet, match="关注哪些"):
        campaign.submit(people["linxiao"])


def test_nobody_is_rung_at_night(people: Any, clock: Any) -> None:
    for hour in (7, 21, 23):
        with pytest.raises(RuleUnmet) as unmet:
            a_campaign(people, starts_at=noon().replace(hour=hour))
        assert "夜里不打扰人" in unmet.value.fields["starts_at"]
    with pytest.raises(RuleUnmet):
        a_campaign(people, starts_at=now() - timedelta(minutes=1))
    campaign = approved(people, a_campaign(people, starts_at=noon()))
    db.session.flush()
    assert due() == []
    clock.forward(seconds=int((noon() - now()).total_seconds()) + 60)
    assert due() == [campaign.id]
    clock.forward(hours=10)
    assert due() == [], "missed by a day is not made up for at night"
    clock.forward(hours=11)
    assert due() == [campaign.id]


def test_at_once_waits_for_the_morning(people: Any) -> None:
    day = datetime(2026, 12, 1, tzinfo=BEIJING)
    for hour, begins in ((3, 8), (8, 8), (20, 20)):
        assert by_day(day.replace(hour=hour)) == day.replace(hour=begins)
    assert by_day(day.replace(hour=21, minute=5)) == day.replace(day=2, hour=8)


def test_the_moment_has_to_be_ahead_when_it_is_approved(people: Any, clock: Any) -> None:
    campaign = counted_as(a_campaign(people, starts_at=noon()))
    campaign.submit(people["linxiao"])
    clock.forward(days=3)
    with pytest.raises(RuleUnmet, match="已经过了"):
        campaign.approve(people["luojing"])
    campaign.send_back(people["luojing"], "改到下周。")
    assert campaign.stage == CampaignStage.DRAFTED


def test_a_withdrawn_article_is_not_told_of(people: Any) -> None:
    campaign = approved(people, a_campaign(people))
    campaign.article.withdraw(people["luojing"], "有一处写错了")
    with pytest.raises(RuleUnmet, match="已经撤下"):
        campaign.start(SYSTEM)
    campaign.drop(SYSTEM, "文章已经撤下")
    assert campaign.stage == CampaignStage.STOPPED


def test_a_test_is_recorded_and_the_wechat_name_forgotten(people: Any) -> None:
    campaign = a_campaign(people)
    for wrong in ("", "林晓", "a b"):
        with pytest.raises(RuleUnmet):
            campaign.try_out(people["linxiao"], wrong)
    test = campaign.try_out(people["linxiao"], "linxiao_2026")
    test.end(TrialState.SENT, "好")
    assert (test.wx_name, test.masked) == ("", "li…6")
    told = db.session.scalars(select(Trace).where(Trace.verb == "try_out")).one()
    assert told.detail == {"test": test.id}, "no name in the trail"


# --- who hears of it --------------------------------------------------------------------------------------------------


def test_topics_villages_and_groups_are_told_and_nobody_else(people: Any) -> None:
    east, other = villages()[:2]
    third = Place.found(people["xitong"], "三组", PlaceKind.GROUP, east)
    db.session.flush()
    first, second = topics()[:2]
    for n, places, wanted in ((1, [], [first]), (2, [east], []), (3, [third], []), (4, [other], [second]), (5, [], [])):
        follow(a_resident(n), a_resident(n), places, wanted)
    ids = {n: a_resident(n).id for n in range(1, 6)}
    assert set(heard_by(begun(people, a_campaign(people)))) == {ids[1]}
    assert set(heard_by(begun(people, a_campaign(people, places=[east], topics=[])))) == {ids[2], ids[3]}
    assert set(heard_by(begun(people, a_campaign(people, places=[third], topics=[])))) == {ids[3]}
    assert set(heard_by(begun(people, a_campaign(people, places=[other], topics=[first])))) == {ids[1], ids[4]}


def test_both_is_only_who_follows_both(people: Any) -> None:
    east, first = villages()[0], topics()[0]
    follow(a_resident(1), a_resident(1), [east], [first])
    follow(a_resident(2), a_resident(2), [], [first])
    campaign = a_campaign(people, places=[east], both=True)
    assert campaign.aim_words == f"{first.name}，并且关注{east.name}"
    assert set(heard_by(begun(people, campaign))) == {a_resident(1).id}
    lonely = counted_as(a_campaign(people, places=[], both=True))
    with pytest.raises(RuleUnmet, match="关注哪些"):
        lonely.submit(people["linxiao"])


def test_nobody_hears_of_one_article_twice(people: Any) -> None:
    one, two = a_follower(1), a_follower(2)
    follow(one, one, [], [topics()[0]])
    first = a_campaign(people)
    begun(people, first)
    follow(two, two, [], [topics()[0]])
    again = begun(people, a_campaign(people, first.article))
    assert heard_by(again) == {one.id: ("inbox", HEARD), two.id: ("pending", "")}
    message = db.session.scalars(select(Message).where(Message.fact_id == again.id, Message.why == HEARD)).one()
    assert message.channel == MessageChannel.INBOX, "it stands there, with its reason"


def test_who_had_it_by_mass_send_does_not_hear_of_it_again(people: Any) -> None:
    one, two, three = a_follower(1), a_follower(2), a_resident(3)
    for who, wanted in ((one, topics()[:1]), (two, topics()[1:2]), (three, topics()[:1])):
        follow(who, who, [], wanted)
    campaign = a_campaign(people, topics=topics()[:2])
    sent = Broadcast(article=campaign.article, topic=topics()[0], made_at=now(), state=BroadcastState.FINISHED)
    db.session.add(sent)
    db.session.flush()
    assert set(db.session.scalars(heard_of(campaign.article))) == {one.id}, (
        "the topic's followers who follow the account"
    )
    sent.topic = None
    db.session.flush()
    assert set(db.session.scalars(heard_of(campaign.article))) == {one.id, two.id}
    sent.state = BroadcastState.FAILED
    db.session.flush()
    assert list(db.session.scalars(heard_of(campaign.article))) == []


def test_at_most_so_many_in_thirty_days_and_answers_never_count(people: Any, clock: Any) -> None:
    who = a_follower(1)
    follow(who, who, [], [topics()[0]])
    for n in range(fatigue.most()):
        assert fatigue.tired([who.id]) == set()
        fact = begun(people, a_campaign(people, title=f"第{n}篇"))
        message = db.session.scalars(select(Message).where(Message.fact_id == fact.id)).one()
        message.state, message.channel, message.sent_at = MessageState.SENT, MessageChannel.TEMPLATE, now()
        db.session.flush()
    assert fatigue.tired([who.id]) == {who.id}
    assert fatigue.tired([who.id], but=fact.id) == set(), "the one that is being sent does not count against itself"
    for message in db.session.scalars(select(Message)):
        message.topic = "Consultation.release"
    db.session.flush()
    assert fatigue.tired([who.id]) == set(), "answers never count"
    for message in db.session.scalars(select(Message)):
        message.topic = "Campaign.start"
    clock.forward(days=31)
    assert fatigue.tired([who.id]) == set()


def test_mass_sends_to_everybody_weary_as_well_and_the_month_has_four(people: Any) -> None:
    one, two = a_follower(1), a_resident(2)
    for n in range(4):
        article = a_campaign(people, title=f"第{n}篇").article
        db.session.add(Broadcast(article=article, topic=None, made_at=now(), state=BroadcastState.SENT))
    db.session.flush()
    assert fatigue.tired([one.id, two.id]) == {one.id}, "who does not follow the account had none of them"
    assert fatigue.mass_spent([one.id, two.id]) == {one.id}


# --- stopping ---------------------------------------------------------------------------------------------------------


def test_stopping_leaves_everybody_a_reason_and_cannot_be_undone(people: Any) -> None:
    who = a_follower(1)
    follow(who, who, [], [topics()[0]])
    campaign = a_campaign(people)
    fact = begun(people, campaign)
    with pytest.raises(RuleUnmet, match="为什么停止"):
        stop(campaign, people["linxiao"], " ")
    stop(campaign, people["linxiao"], "写错了电话")
    assert heard_by(fact) == {who.id: ("inbox", "推送停止了（写错了电话）")}
    telling = telling_of(campaign)
    assert telling is not None and telling.stage == TellingStage.FINISHED
    with pytest.raises(OutOfTurn):
        stop(campaign, people["linxiao"], "再停一次")


def test_the_campaigns_desk_pauses_it_and_no_other_telling(people: Any) -> None:
    who = a_follower(1)
    follow(who, who, [], [topics()[0]])
    begun(people, a_campaign(people))
    (telling,) = db.session.scalars(select(Telling))
    with pytest.raises(NotAllowed):
        telling.pause(people["shenlin"], "不归承办人管")
    telling.pause(people["linxiao"], "先停一停")
    telling.resume(people["linxiao"])
    assert telling.stage == TellingStage.RUNNING


# --- reading ----------------------------------------------------------------------------------------------------------


def test_openings_are_counted_without_names_and_people_once(people: Any, clock: Any) -> None:
    campaign, who = a_campaign(people), a_follower(1)
    for reader in (None, None, who, who):
        opened(campaign, reader)
    clock.forward(days=1)
    opened(campaign, a_follower(2))
    told = read_of(campaign)
    assert (told.times, told.people) == (5, 2)
    assert [number for _, number in told.days] == [4, 1]
    marks = list(db.session.scalars(select(CampaignReader.mark)))
    assert all(who.public_id.encode() not in mark for mark in marks)


def test_a_mass_campaign_says_what_it_is(people: Any) -> None:
    assert a_campaign(people, way=CampaignWay.MASS).way.label == "图文群发"
    with pytest.raises(TypeError):
        a_campaign(people, colour="red")
