"""A telling at the desk: how far, why this way, who is left for the village; stopped and gone on with; what stands still."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from models.kernel.base import db
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.audience import expand
from models.messages.halt import Halt, HaltKind, stand_still, stops
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling
from models.people.place import villages
from server.house import House
from tests.making import a_comment, a_consultation, a_resident

WHY = "公众号服务通知不行：没有关注公众号；用我的意见"


@pytest.fixture
def fact(people: Any, app: House) -> int:
    """Three people to tell: one was told, one of a village and one of nowhere were not."""
    asked = a_consultation(people)
    place = villages()[0]
    for n in range(3):
        who = a_resident(n + 1)
        who.introduce(who, name=f"第{n + 1}位", place=place if n == 1 else None, door="h5")
        a_comment(asked, who)
    asked.cancel(people["wuqiming"], "不办了。")
    db.session.flush()
    made = db.session.scalars(select(Trace).where(Trace.verb == "cancel")).one()
    Telling.begin(made, expand(made))
    first, *others = db.session.scalars(select(Message).order_by(Message.id)).all()
    first.state, first.channel, first.why = MessageState.SENT, MessageChannel.TEMPLATE, "用公众号服务通知"
    for other in others:
        other.state, other.channel, other.why = MessageState.INBOX, MessageChannel.INBOX, WHY
    number = made.id
    db.session.commit()
    return number


def test_the_page_says_how_many_by_which_way_and_why_not_another(fact: int, desk: Callable[[str], Any]) -> None:
    inspector = desk("chenguodong")
    page = desk("zhoumin").get(f"/desk/messages/facts/{fact}").text
    assert "办完 100%" in page
    assert WHY in page
    assert "没有填村居" in page
    assert page.count("打印名单") >= 2
    assert "第1位" not in page, "names are opened for one purpose alone"
    seen = inspector.get(f"/desk/messages/facts/{fact}")
    assert seen.status_code == 200
    assert "打印名单<" not in seen.text, "whoever only looks prints nothing"


def test_a_list_for_a_village_names_its_own_and_leaves_a_trace(
    app: House, fact: int, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        public_id, name = villages()[0].public_id, villages()[0].name
    office, inspector = desk("zhoumin"), desk("chenguodong")
    page = office.get(f"/desk/messages/facts/{fact}/list?village={public_id}").text
    assert name in page
    assert "第2位" in page
    assert "第1位" not in page and "第3位" not in page
    assert "没有关注公众号" in page
    assert "第3位" in office.get(f"/desk/messages/facts/{fact}/list").text
    assert office.get(f"/desk/messages/facts/{fact}/list?village=zzzzzzzzzzzz").status_code == 404
    assert inspector.get(f"/desk/messages/facts/{fact}/list").status_code == 403
    with app.app_context():
        seen = db.session.scalars(select(Trace).where(Trace.verb == "print_list").order_by(Trace.id)).all()
        assert [t.detail for t in seen] == [{"number": 1, "place": public_id}, {"number": 1, "place": ""}]


def test_it_is_stopped_and_gone_on_with_by_two_buttons(app: House, fact: int, desk: Callable[[str], Any]) -> None:
    office, inspector, place = desk("zhoumin"), desk("chenguodong"), f"/desk/messages/facts/{fact}"
    for unfit, said in (("标题\x00写错了", "无法保存的字符"), ("长" * 121, "最多120字")):
        refused = office.submit(place, {"deed": "pause", "reason": unfit})
        assert refused.status_code == 422
        assert said in refused.text
    assert office.submit(place, {"deed": "pause", "reason": "标题写错了"}).status_code == 303
    page = office.get(place).text
    assert "已暂停" in page and "标题写错了" in page
    assert office.submit(place, {"deed": "pause", "reason": ""}).status_code == 409
    assert inspector.submit(place, {"deed": "resume"}).status_code == 403
    assert office.submit(place, {"deed": "resume"}).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Work).where(Work.key == f"tell:{fact}:1")).one()
        told = [
            t.verb for t in db.session.scalars(select(Trace).where(Trace.subject_kind == "Telling").order_by(Trace.id))
        ]
        assert told == ["pause", "resume"]


def test_what_stands_still_is_shown_with_what_to_do_and_lifted(app: House, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        stand_still(HaltKind.TEMPLATE, "wx1", "message/template/send", template="T", until=None, words="消息模板编号不正确",
                    errcode=40037, rid="66f-1a-2b")  # fmt: skip
        number = db.session.scalars(select(Halt)).one().id
        db.session.commit()
    office = desk("zhoumin")
    page = office.get("/desk/messages").text
    assert "消息模板编号不正确（40037）" in page
    assert "66f-1a-2b" in page
    assert "templates.toml" in page
    assert desk("shenlin").submit(f"/desk/halts/{number}", {}).status_code == 403
    assert office.submit(f"/desk/halts/{number}", {}).status_code == 303
    assert office.submit("/desk/halts/999999", {}).status_code == 404
    assert office.submit(f"/desk/halts/{2**63}", {}).status_code == 404, "a number that no database can hold"
    with app.app_context():
        assert not stops()
    assert "消息模板编号不正确" not in office.get("/desk/messages").text


def test_the_account_says_what_it_may_and_what_to_apply_for(app: House, desk: Callable[[str], Any]) -> None:
    page = desk("zhoumin").get("/desk/messages").text
    for words in ("公众号服务通知", "公众号订阅通知", "48小时内来过信的人", "每人每月4次"):
        assert words in page
