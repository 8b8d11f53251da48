"""What WeChat reports about people: consents, refusals, revocations, results."""

import pytest
from sqlalchemy import select

from models.kernel.base import db
from models.kernel.work import Work
from models.people.consent import Consent
from models.people.resident import Grant, Identity
from server.house import House, brief
from tests.conftest import MINI
from tests.wechat.phone import Phone

pytestmark = pytest.mark.both_engines

TEMPLATE = "BEwX0BO-T3MqK3Uc5oTU3CGBqzjpndk2jzUf7VfExd8"


def left(app: House) -> dict[str, int]:
    """Consents by template."""
    with app.app_context():
        return {grant.template: grant.remaining for grant in db.session.query(Grant)}


def popup(answer: str) -> dict[str, object]:
    return {"List": {"TemplateId": TEMPLATE, "SubscribeStatusString": answer, "PopupScene": "0"}}


def test_one_accept_is_one_message_and_a_refusal_ends_it(app: House, mini_phone: Phone) -> None:
    for at in (1, 2):
        mini_phone.event("subscribe_msg_popup_event", CreateTime=at, SubscribeMsgPopupEvent=popup("accept"))
    assert left(app) == {TEMPLATE: 2}
    mini_phone.event("subscribe_msg_popup_event", CreateTime=2, SubscribeMsgPopupEvent=popup("accept"))
    assert left(app) == {TEMPLATE: 2}
    mini_phone.event("subscribe_msg_change_event", CreateTime=3, SubscribeMsgChangeEvent=popup("reject"))
    assert left(app) == {TEMPLATE: 0}


def test_a_result_that_nothing_was_left_ends_it_too(app: House, mini_phone: Phone) -> None:
    mini_phone.event("subscribe_msg_popup_event", CreateTime=1, SubscribeMsgPopupEvent=popup("accept"))
    refused = {"List": {"TemplateId": TEMPLATE, "MsgID": "1", "ErrorCode": "43101", "ErrorStatus": "user refuse"}}
    mini_phone.event("subscribe_msg_sent_event", CreateTime=2, SubscribeMsgSentEvent=refused)
    assert left(app) == {TEMPLATE: 0}


def test_a_revocation_ends_the_consent_and_asks_a_person_to_erase(app: House, mini_phone: Phone) -> None:
    with app.app_context(), brief():
        who = Identity.seen(MINI.appid, mini_phone.openid).resident
        Consent.give(who)
        name = who.public_id
    told = {"OpenID": mini_phone.openid, "AppID": MINI.appid, "RevokeInfo": "1"}
    for _ in range(2):
        assert mini_phone.event("user_authorization_revoke", CreateTime=1, **told).quiet
    with app.app_context():
        assert db.session.query(Consent).one().withdrawn_at is not None
        (work,) = db.session.scalars(select(Work).where(Work.kind == "erase_request"))
        assert work.payload == {"resident": name, "why": "user_authorization_revoke"}
        assert db.session.query(Identity).one().resident.erased_at is None


@pytest.mark.parametrize(
    "listed", ["nonsense", {"List": "x"}, {"List": {"TemplateId": {"a": "b"}}}, {"List": {"TemplateId": "x" * 65}}]
)
def test_an_odd_report_changes_nothing(app: House, mini_phone: Phone, listed: object) -> None:
    for name, wrapper in (
        ("subscribe_msg_popup_event", "SubscribeMsgPopupEvent"),
        ("subscribe_msg_change_event", "SubscribeMsgChangeEvent"),
        ("subscribe_msg_sent_event", "SubscribeMsgSentEvent"),
    ):
        assert mini_phone.event(name, **{wrapper: listed}).quiet
    assert left(app) == {}


@pytest.mark.parametrize(
    "info",
    [
        "x",
        {},
        {"publish_id": {"a": "b"}},
        {"publish_id": "1", "publish_status": "0", "article_detail": "x"},
        {"publish_id": "1", "publish_status": "9"},
    ],
)
def test_an_odd_publication_report_is_no_error(mini_phone: Phone, phone: Phone, info: object) -> None:
    assert phone.event("PUBLISHJOBFINISH", PublishEventInfo=info).quiet
    assert phone.event("MASSSENDJOBFINISH", MsgID="1", Status="", TotalCount="many").quiet
    assert phone.event("TEMPLATESENDJOBFINISH", MsgID={"a": "b"}, Status="x").quiet
