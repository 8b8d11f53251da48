"""Everybody hears once, by the best open way, and the message says why this way; whatever WeChat answers."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.comments.comment import Comment
from models.comments.point import Point
from models.decisions.consultation import Channel, by_public_id
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.work import Work, WorkState
from models.messages.message import Message, MessageChannel, MessageState
from models.people.officer import Officer
from models.people.resident import Grant, Identity
from models.questions.question import Question
from server.house import brief
from tests.conftest import MINI, OFFICIAL, People
from tests.jobs.conftest import CUSTOMER, SUBSCRIBE, TEMPLATE, Works
from tests.making import an_amendment

S, C = MessageState, MessageChannel


def tell(works: Works) -> None:
    """Expand every fact and send what comes of it, once through."""
    works.do("tell")
    works.do("send")


def again(works: Works) -> None:
    """Time passes: what waits for its next try is due now, leases have run out."""
    past = wall() - timedelta(seconds=1)
    works.change(
        lambda: (
            db.session.execute(update(Work).where(Work.state == WorkState.READY).values(run_at=past)),
            db.session.execute(update(Work).where(Work.state == WorkState.CLAIMED).values(lease_until=past)),
        )
    )
    works.do("send")


@pytest.mark.both_engines
def test_each_commenter_hears_once_by_the_best_open_way(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "关注")
    works.comment(asked, "小程序", follows=False, grants=1)
    works.comment(asked, "刚来信", follows=False)
    works.comment(asked, "什么都没有", follows=False)
    works.comment(
        asked, "关注", grants=1
    )  # a second comment of the first person, who would also take a subscribe message
    works.release(asked, wrote=["刚来信"])
    tell(works)
    found = works.messages()
    assert [(m.state, m.channel) for m in found] == [
        (S.SENT, C.TEMPLATE),
        (S.SENT, C.SUBSCRIBE),
        (S.SENT, C.CUSTOMER),
        (S.INBOX, C.INBOX),
    ]
    assert found[0].why == "用公众号服务通知"
    assert found[1].why == "公众号服务通知不行：没有关注公众号；用小程序订阅消息"
    assert found[3].why == (
        "公众号服务通知不行：没有关注公众号；小程序订阅消息不行：没有用过小程序；公众号对话不行：48小时内没有来信；用我的意见"
    )
    (template,) = works.stub.of(TEMPLATE)
    assert template.json["touser"] == "o-关注"
    assert template.json["client_msg_id"] == found[0].client_key
    assert template.json["data"]["thing1"]["value"] == "农贸市场周边停车管理办法"
    assert template.json["data"]["thing2"]["value"] == "您的2条意见都已答复"
    assert template.json["url"] == "http://localhost/mine"
    (subscribe,) = works.stub.of(SUBSCRIBE)
    assert subscribe.json["data"]["phrase2"]["value"] == "采纳"
    with works.app.app_context():
        said = db.session.scalars(select(Comment.public_id).order_by(Comment.id)).all()
    assert subscribe.json["page"] == f"pages/comment/comment?id={said[1]}"
    assert "一个半小时" not in template.raw.decode() + subscribe.raw.decode() + works.stub.of(CUSTOMER)[0].raw.decode()
    assert "/comments/" in works.stub.of(CUSTOMER)[0].json["text"]["content"]
    assert found[0].msgid == str(found[0].id + 1000)
    # the same again: nothing more
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == len(works.stub.of(SUBSCRIBE)) == len(works.stub.of(CUSTOMER)) == 1
    assert {w.state for w in works.work() if w.kind in ("tell", "send")} == {WorkState.DONE}
    with works.app.app_context():
        assert (
            db.session.scalar(
                select(Grant.remaining).where(Grant.template == MINI.template_answer).order_by(Grant.id).limit(1)
            )
            == 0
        )
        there = db.session.scalars(select(Identity).where(Identity.openid == "o-刚来信")).one()
        assert there.window_left == 4


def test_who_took_everything_back_and_who_was_merged(works: Works) -> None:
    asked = works.open()
    first = works.comment(asked, "一个人")
    works.comment(asked, "撤回的人")
    second = works.comment(asked, "同一个人")

    def settle() -> None:
        one, two = db.session.get_one(Identity, 1).resident, None
        for identity in db.session.scalars(select(Identity)):
            if identity.resident_id == second:
                two = identity.resident
            if identity.openid == "o-撤回的人":
                mine = db.session.scalars(select(Comment).where(Comment.resident_id == identity.resident_id)).one()
                mine.withdraw(identity.resident)
        assert two
        assert one.id == first
        two.merge_into(two, one)

    works.change(settle)
    works.release(asked)
    tell(works)
    (only,) = works.messages()
    assert only.resident_id == first
    (asked_once,) = works.stub.of(TEMPLATE)
    assert asked_once.json["data"]["thing2"]["value"] == "您的2条意见都已答复"


FALLS_BACK = {
    43004: ("unfollowed", C.SUBSCRIBE),
    40003: ("blocked", C.SUBSCRIBE),
    43019: ("blocked", C.SUBSCRIBE),
    48002: ("blocked", C.SUBSCRIBE),
    48001: ("", C.SUBSCRIBE),
}


@pytest.mark.parametrize("errcode", FALLS_BACK)
def test_a_refused_template_message_falls_back_to_the_next_way(works: Works, errcode: int) -> None:
    asked = works.open()
    works.comment(asked, "人", grants=1)
    works.release(asked)
    works.stub.say(TEMPLATE, {"errcode": errcode, "errmsg": "no"})
    tell(works)
    (message,) = works.messages()
    learnt, channel = FALLS_BACK[errcode]
    assert (message.state, message.channel) == (S.SENT, channel)
    assert len(works.stub.of(TEMPLATE)) == 1
    with works.app.app_context():
        there = db.session.scalars(select(Identity).where(Identity.appid == OFFICIAL.appid)).one()
        assert there.followed is (learnt != "unfollowed")
        assert there.blocked is (learnt == "blocked")


def test_a_consent_that_wechat_does_not_know_is_zeroed(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "人", follows=False, grants=3)
    works.release(asked)
    works.stub.say(SUBSCRIBE, {"errcode": 43101, "errmsg": "user refuse to accept the msg"})
    tell(works)
    (message,) = works.messages()
    assert message.state is S.INBOX
    assert "没有可用的订阅同意" in message.why
    with works.app.app_context():
        assert db.session.scalar(select(Grant.remaining)) == 0


@pytest.mark.parametrize("errcode", [45015, 45047])
def test_a_closed_window_is_remembered(works: Works, errcode: int) -> None:
    asked = works.open()
    works.comment(asked, "人", follows=False)
    works.release(asked, wrote=["人"])
    works.stub.say(CUSTOMER, {"errcode": errcode, "errmsg": "no"})
    tell(works)
    (message,) = works.messages()
    assert message.state is S.INBOX
    with works.app.app_context():
        assert db.session.scalars(select(Identity)).first().window_left == 0  # type: ignore[union-attr]


def test_a_wrong_template_stops_the_batch_and_calls_a_person(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    asked = works.open()
    for n in range(5):
        works.comment(asked, f"人{n}")
    works.release(asked)
    works.stub.say(TEMPLATE, {"errcode": 47003, "errmsg": "argument invalid! data.thing1.value invalid"})
    tell(works)
    assert len(works.stub.of(TEMPLATE)) == 1
    held = works.only("send")
    assert held.state is WorkState.HELD
    assert "data.thing1.value" in held.error
    assert {m.state for m in works.messages()} == {S.PENDING}
    assert "ALARM" in caplog.text


@pytest.mark.parametrize(("errcode", "least", "most"), [(45009, 0, 24 * 3600), (45011, 50, 70), (-1, 0.5, 3)])
def test_limits_make_the_batch_wait(works: Works, errcode: int, least: float, most: float) -> None:
    asked = works.open()
    for n in range(3):
        works.comment(asked, f"人{n}")
    works.release(asked)
    working = works.stub.answers[TEMPLATE]
    works.stub.say(TEMPLATE, {"errcode": errcode, "errmsg": "no"})
    tell(works)
    assert len(works.stub.of(TEMPLATE)) == 1
    waiting = works.only("send")
    assert waiting.state is WorkState.READY
    assert least <= (waiting.run_at - wall()).total_seconds() <= most
    assert {m.state for m in works.messages()} == {S.PENDING}
    assert {m.attempts for m in works.messages()} == {0}
    works.stub.answers[TEMPLATE] = working
    works.change(lambda: law.move(86_400 if errcode == 45009 else 61))
    again(works)
    assert {m.state for m in works.messages()} == {S.SENT}
    assert len({a.json["client_msg_id"] for a in works.stub.of(TEMPLATE)}) == 3


@pytest.mark.both_engines
def test_an_unknown_outcome_with_a_key_is_sent_again_under_the_same_key(works: Works) -> None:
    asked = works.open()
    for n in range(3):
        works.comment(asked, f"人{n}")
    works.release(asked)
    working = works.stub.answers[TEMPLATE][0]
    works.stub.say(TEMPLATE, "cut", working)
    tell(works)
    assert [m.state for m in works.messages()] == [S.SENDING, S.PENDING, S.PENDING]
    again(works)
    assert [m.state for m in works.messages()] == [S.SENT] * 3
    assert sorted(a.json["client_msg_id"] for a in works.stub.of(TEMPLATE)) == ["m1", "m1", "m2", "m3"]


def test_a_key_that_wechat_has_forgotten_is_not_trusted(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "人")
    works.release(asked)
    works.stub.say(TEMPLATE, "cut", {"errcode": 0, "msgid": 1})
    tell(works)
    works.change(lambda: law.move(600))
    again(works)
    assert works.messages()[0].state is S.HELD
    assert len(works.stub.of(TEMPLATE)) == 1


@pytest.mark.both_engines
def test_an_unknown_outcome_without_a_key_is_held_for_a_person(works: Works) -> None:
    asked = works.open()
    for n in range(2):
        works.comment(asked, f"人{n}", follows=False, grants=1)
    works.release(asked)
    works.stub.say(SUBSCRIBE, "cut", {"errcode": 0})
    tell(works)
    assert [m.state for m in works.messages()] == [S.HELD, S.PENDING]
    again(works)
    again(works)
    assert [m.state for m in works.messages()] == [S.HELD, S.SENT]
    assert len(works.stub.of(SUBSCRIBE)) == 2
    assert "不知道是否办成" in works.messages()[0].why


def test_an_unlisted_error_fails_the_one_message_and_not_the_others(works: Works) -> None:
    asked = works.open()
    for n in range(2):
        works.comment(asked, f"人{n}")
    works.release(asked)
    works.stub.say(TEMPLATE, {"errcode": 99999, "errmsg": "?"}, {"errcode": 0, "msgid": 5})
    tell(works)
    assert [m.state for m in works.messages()] == [S.FAILED, S.SENT]
    assert "99999" in works.messages()[0].why


def test_no_message_is_called_sent_when_wechat_refuses_us_altogether(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "人")
    works.release(asked)
    works.stub.say("/cgi-bin/stable_token", {"errcode": 40164, "errmsg": "invalid ip 1.2.3.4, not in whitelist"})
    tell(works)
    assert works.messages()[0].state is S.PENDING
    assert works.only("send").state is WorkState.READY
    assert (works.only("send").run_at - wall()) > timedelta(minutes=9)
    assert works.stub.of(TEMPLATE) == []


def test_extension_cancellation_and_a_legal_answer_are_told(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "人")

    def extend() -> None:
        found, chief = by_public_id(asked), Officer.by_login("wuqiming")
        assert found
        found.extend(chief, 10, "还有人没看到。")

    def cancel() -> None:
        found, chief = by_public_id(asked), Officer.by_login("wuqiming")
        assert found
        found.cancel(chief, "上位法改了。")

    def ask() -> None:
        who = Identity.seen(OFFICIAL.appid, "o-人").resident
        luo, counsel = Officer.by_login("luojing"), Officer.by_login("pengyuan")
        question = Question.ask(who, "租金涨了三成，合法吗？", channel=Channel.CHAT)
        question.assign(luo, counsel)
        question.answer_it(counsel, "合同没有写的，要协商。")

    for deed in (extend, cancel, ask):
        works.change(deed)
        tell(works)
    extended, cancelled, answered = (a.json for a in works.stub.of(TEMPLATE))
    assert extended["template_id"] == "TEMPLATE_NOTICE"
    assert "延长到" in extended["data"]["thing3"]["value"]
    assert cancelled["data"]["thing3"]["value"] == "征求意见已取消，理由见详情"
    assert answered["data"]["thing1"]["value"] == "您的法律咨询"
    assert "租金" not in str(answered)
    assert "协商" not in str(answered)
    assert answered["url"].startswith("http://localhost/questions/")
    assert {m.state for m in works.messages()} == {S.SENT}


def test_a_large_audience_is_cut_into_stretches_and_said_once_each(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.jobs.telling.CHUNK", 7)
    monkeypatch.setattr("server.jobs.telling.GROUP", 3)
    asked = works.open()
    for n in range(20):
        works.comment(asked, f"人{n}", follows=n % 3 > 0)
    works.release(asked)
    tell(works)
    assert len(works.work("send")) == 3
    states = [m.state for m in works.messages()]
    assert states.count(S.INBOX) == 7
    assert states.count(S.SENT) == 13
    assert len(works.stub.of(TEMPLATE)) == 13


def test_a_subscription_account_never_tries_template_messages(works: Works) -> None:
    official = works.app.extensions["wire"].official
    official.kind = "subscription"
    asked = works.open()
    works.comment(asked, "人")
    works.release(asked)
    tell(works)
    assert works.messages()[0].state is S.INBOX
    assert "没有模板消息权限" in works.messages()[0].why
    assert works.stub.of(TEMPLATE) == []


def test_nothing_is_sent_from_inside_a_transaction(works: Works) -> None:
    seen: list[bool] = []

    def look(asked: Any) -> dict[str, Any]:
        with works.app.app_context(), brief():  # would wait five seconds for SQLite's lock, then fail
            seen.append(db.session.scalar(select(Message.state)) is S.SENDING)
        return {"errcode": 0, "msgid": 1}

    asked = works.open()
    works.comment(asked, "人")
    works.release(asked)
    works.stub.say(TEMPLATE, look)
    tell(works)
    assert seen == [True], "marked before it went out, and the database let go"


def test_a_correction_and_a_supplement_are_told_to_whose_point_it_is(works: Works) -> None:
    asked = works.open()
    works.comment(asked, "甲")
    works.comment(asked, "乙")
    works.release(asked)
    tell(works)
    works.stub.asked.clear()

    def follow_up(kind: str, approver: str) -> None:
        people = People()
        point = db.session.scalars(select(Point).order_by(Point.id)).unique().first()
        assert point
        made = an_amendment(people, point, kind)
        made.approve(people[approver])
        made.release(people["zhoumin"])

    for kind, approver, words in (
        ("correction", "xujing", "对您意见的答复有更正"),
        ("supplement", "hexiulan", "对您意见的答复有补充"),
    ):
        works.change(lambda kind=kind, approver=approver: follow_up(kind, approver))
        tell(works)
        tell(works)
        (sent,) = works.stub.of(TEMPLATE)
        assert sent.json["touser"] == "o-甲"
        assert words in [value["value"] for value in sent.json["data"].values()]
        assert "/comments/" in sent.json["url"]
        works.stub.asked.clear()
