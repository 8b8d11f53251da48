"""Subscribe notices of the service account: a consent is one notice, a lasting one is good until WeChat says that it is gone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from models.kernel.base import db
from models.messages.message import MessageChannel, MessageState
from models.people.resident import Grant, Identity
from tests.conftest import OFFICIAL, Engine, settings_for, settle
from tests.jobs.conftest import TEMPLATE, Works
from tests.wire.conftest import Stub

BIZSEND = "/cgi-bin/message/subscribe/bizsend"
NOTICE = "NOTICE_ANSWER"


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, stub: Stub) -> Settings:
    stub.say(BIZSEND, {"errcode": 0, "errmsg": "ok", "msgid": 7001})
    account = replace(OFFICIAL, subscribe_answer=NOTICE)
    return settings_for(engine.fresh("street", settle), tmp_path / "data", wechat_api_base=stub.url, official=account)


def consents(works: Works, name: str, *, lasting: bool = False) -> None:
    works.change(
        lambda: Grant.accepted(Identity.seen(OFFICIAL.appid, f"o-{name}", f"u-{name}"), NOTICE, lasting=lasting)
    )


def left(works: Works, name: str) -> tuple[int, bool]:
    with works.app.app_context():
        who = Identity.seen(OFFICIAL.appid, f"o-{name}", f"u-{name}")
        row = db.session.scalars(select(Grant).where(Grant.identity_id == who.id)).one()
        return row.remaining, row.lasting


def round_of(works: Works, *names: str) -> None:
    """They say something, are answered, and are told; none of them follows the account."""
    asked = works.open()
    for name in names:
        works.comment(asked, name, follows=False)
    works.release(asked)
    works.do("tell")
    works.do("send")


@pytest.mark.parametrize(
    ("lasting", "says", "state", "after"),
    [
        (False, {"errcode": 0, "msgid": 7001}, MessageState.SENT, (0, False)),
        (True, {"errcode": 0, "msgid": 7001}, MessageState.SENT, (1, True)),
        (True, {"errcode": 43101, "errmsg": "user refuse to accept the msg"}, MessageState.INBOX, (0, False)),
    ],
    ids=["once", "lasting", "taken back"],
)
def test_who_does_not_follow_is_told_by_their_consent(
    works: Works, lasting: bool, says: dict[str, Any], state: MessageState, after: tuple[int, bool]
) -> None:
    works.stub.say(BIZSEND, says)
    consents(works, "兰", lasting=lasting)
    round_of(works, "兰", "无")
    told = {m.state: m for m in works.messages() if m.topic == "Consultation.release"}
    assert state in told
    assert [m.state for m in works.messages()].count(MessageState.INBOX) == (2 if state is MessageState.INBOX else 1)
    (sent,) = works.stub.of(BIZSEND)
    assert sent.json["template_id"] == NOTICE
    assert sent.json["touser"] == "o-兰"
    assert left(works, "兰") == after
    if state is MessageState.SENT:
        assert told[state].channel is MessageChannel.SUBSCRIBE
        assert "公众号订阅通知" in told[state].why and "没有关注公众号" in told[state].why


def test_a_lasting_consent_serves_every_answer_and_a_follower_s_is_not_spent(works: Works) -> None:
    consents(works, "兰", lasting=True)
    consents(works, "随")
    for _ in range(2):
        round_of(works, "兰")
    assert len(works.stub.of(BIZSEND)) == 2
    asked = works.open()
    works.comment(asked, "随")
    works.release(asked)
    works.do("tell")
    works.do("send")
    assert len(works.stub.of(TEMPLATE)) == 1, "who follows is told by a template message, which costs no consent"
    assert left(works, "随") == (1, False)


def test_an_unknown_outcome_of_a_notice_is_held_and_not_sent_again(works: Works) -> None:
    works.stub.say(BIZSEND, "cut")
    consents(works, "兰")
    round_of(works, "兰")
    works.do("send")
    assert len(works.stub.of(BIZSEND)) == 1
    (message,) = works.messages()
    assert message.state is MessageState.HELD
