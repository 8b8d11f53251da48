"""Every published inbound sample, sealed and posted to the real webhook, with its rows and its reply."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from models.comments.comment import Attachment, Comment
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.trail import Trace
from models.messages.conversation import Conversation
from models.messages.heard import Heard
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.wx_article import WxArticle, WxKind, WxStage
from models.outreach.article import Article, Broadcast, BroadcastState
from models.people.resident import Grant, Identity, Resident
from server.house import House, brief
from server.wechat import router
from tests.conftest import MINI, OFFICIAL
from tests.wechat import vectors
from tests.wechat.consultations import officer
from tests.wechat.phone import Phone

INBOUND = vectors.of_kind("inbound-xml", "inbound-json")

SPOKEN = {"text", "image", "voice", "video", "shortvideo", "location", "link"}
"""Kinds of message that somebody said: they are answered in words."""
TOUCHING = {"subscribe", "unsubscribe", "SCAN", "CLICK", "subscribe_msg_popup_event", "subscribe_msg_change_event"}
"""Events behind which a person of ours stands: they make an identity."""


def door_of(row: dict[str, Any]) -> str:
    """Subscribe and revocation events come from mini programs; JSON is what only mini programs may choose."""
    event = str(row["expected"].get("Event", ""))
    mini = row["kind"] == "inbound-json" or event.startswith(("subscribe_msg", "user_authorization"))
    return "mini" if mini else "official"


def count(record: type) -> int:
    """How many rows of a record there are."""
    return db.session.scalar(select(func.count()).select_from(record)) or 0


@pytest.mark.parametrize("row", INBOUND)
def test_a_published_message_is_heard_once_and_answered(
    app: House, client: Any, publish: Callable[..., str], row: dict[str, Any]
) -> None:
    publish()
    door = door_of(row)
    phone = Phone(client, MINI if door == "mini" else OFFICIAL, row["expected"]["FromUserName"], door)
    form = "json" if row["kind"] == "inbound-json" else "xml"
    reply = phone.post(vectors.raw(row), form=form)
    again = phone.post(vectors.raw(row), form=form)
    assert reply.status == again.status == 200
    assert reply.xml == again.xml
    kind, event = row["expected"]["MsgType"], str(row["expected"].get("Event", ""))
    with app.app_context():
        heard = db.session.query(Heard).filter(~Heard.kind.startswith("accept:")).one()
        if kind in SPOKEN:
            assert heard.kind == kind
            assert reply.fields["FromUserName"] == row["expected"]["ToUserName"]
            if door == "mini":
                assert reply.fields["MsgType"] == "transfer_customer_service"
                assert count(Comment) == 0
                return
            assert reply.text
            assert count(Identity) == 1
            files = 1 if row["expected"].get("MediaId") else 0  # one old sample of a picture has only its address
            assert count(Attachment) == files
            assert count(Comment) == (1 if kind == "text" else files)
            if kind == "text":
                assert db.session.query(Comment).one().text == row["expected"]["Content"]
            return
        known = kind == "event" and (event in router.EVENTS or event in router.QUIET)
        assert heard.kind == (event if known else f"unknown:{event if kind == 'event' else kind}")[:40]
        assert count(Comment) == 0
        assert count(Identity) == (1 if kind == "event" and event in TOUCHING else 0)
        if event == "subscribe":
            assert reply.text.startswith("您好，这里是青禾街道。")
            assert db.session.query(Identity).one().followed
            assert count(Conversation) == 1
        else:
            assert reply.quiet
        if event == "unsubscribe":
            assert not db.session.query(Identity).one().followed


@vectors.beside
def test_the_samples_are_all_here_and_their_kinds_are_known() -> None:
    kinds = Counter(row["kind"] for row in vectors.manifest())
    assert (kinds["inbound-xml"], kinds["inbound-json"], kinds["reply-xml"], kinds["crypto"], kinds["signature"]) == (
        80,
        6,
        7,
        5,
        6,
    )


# --- the samples that report on something of ours ---------------------------------------------------------------------


def sample(name: str) -> dict[str, Any]:
    """One sample by its id."""
    return next(row for row in vectors.manifest() if row["id"] == name)


def post(client: Any, row: dict[str, Any]) -> None:
    """Post it to the door it belongs to."""
    door = door_of(row)
    account = MINI if door == "mini" else OFFICIAL
    form = "json" if row["kind"] == "inbound-json" else "xml"
    assert Phone(client, account, row["expected"]["FromUserName"], door).post(vectors.raw(row), form=form).quiet


def sent_message(msgid: str, appid: str) -> None:
    """A message of ours that WeChat is about to report on."""
    fact = db.session.query(Trace).first()
    who = Resident.make()
    db.session.add(
        Message(
            fact_id=fact.id,
            resident=who,
            topic="Consultation.extend",
            state=MessageState.SENT,
            channel=MessageChannel.TEMPLATE,
            appid=appid,
            msgid=msgid,
            made_at=now(),
        )
    )


@vectors.beside
@pytest.mark.parametrize(
    ("name", "msgid", "appid", "state", "why"),
    [
        ("skit-MpJob_TemplateSendJobFinishEvent-xml", "200163836", OFFICIAL.appid, MessageState.DELIVERED, ""),
        (
            "werobot-test_templatesendjobfinish_event-1",
            "200163840",
            OFFICIAL.appid,
            MessageState.FAILED,
            "微信没有送到",
        ),
        (
            "skit-MpSubscribeMessage_SubscribeMessageSentEvent-xml",
            "1700827132819554304",
            MINI.appid,
            MessageState.DELIVERED,
            "",
        ),
        (
            "skit-MpSubscribeMessage_SubscribeMessageSentEvent-json",
            "1864323726461255680",
            MINI.appid,
            MessageState.DELIVERED,
            "",
        ),
    ],
)
def test_a_result_is_written_beside_the_message_it_is_about(
    app: House,
    client: Any,
    publish: Callable[..., str],
    name: str,
    msgid: str,
    appid: str,
    state: MessageState,
    why: str,
) -> None:
    publish()
    with app.app_context(), brief():
        sent_message(msgid, appid)
        sent_message("another", appid)
    post(client, sample(name))
    with app.app_context():
        found = {message.msgid: message for message in db.session.query(Message)}
        assert found[msgid].state == state
        assert found[msgid].why == why
        assert found["another"].state == MessageState.SENT


@vectors.beside
@pytest.mark.parametrize(
    ("name", "stage", "url"),
    [
        ("official-publish-ok", WxStage.PUBLISHED, "ARTICLE_URL"),
        ("skit-MpJob_FreePublishJobFinishEvent-xml", WxStage.PUBLISHED, "ARTICLE_URL"),
        ("official-publish-original-failed", WxStage.FAILED, None),
    ],
)
def test_a_publication_is_reported(
    app: House, client: Any, publish: Callable[..., str], name: str, stage: WxStage, url: str | None
) -> None:
    publish()
    with app.app_context(), brief():
        db.session.add(
            WxArticle(
                kind=WxKind.OPENING,
                subject_id=1,
                fact_id=db.session.query(Trace).first().id,
                stage=WxStage.SUBMITTED,
                title="征求意见",
                page="/c/1",
                publish_id="2247503051",
                made_at=now(),
            )
        )
    post(client, sample(name))
    with app.app_context():
        article = db.session.query(WxArticle).one()
        assert (article.stage, article.url) == (stage, url)
        assert article.trouble == ("" if stage == WxStage.PUBLISHED else "原创声明没有通过")


@vectors.beside
def test_a_mass_send_is_reported_with_its_reason(app: House, client: Any) -> None:
    with app.app_context(), brief():
        article = Article(author=officer("linxiao"), made_at=now())
        db.session.add(article)
        db.session.flush()
        db.session.add(Broadcast(article=article, msg_id="1000001625", state=BroadcastState.SENT, made_at=now()))
    post(client, sample("skit-MpJob_MassSendJobFinishEvent-xml"))
    with app.app_context():
        broadcast = db.session.query(Broadcast).one()
        assert broadcast.state == BroadcastState.FAILED
        assert broadcast.result == "原创校验被判定不能群发"
        assert broadcast.finished_at is not None


@vectors.beside
def test_consents_are_counted_from_arrays_and_from_single_objects(app: House, client: Any) -> None:
    post(client, sample("skit-MpSubscribeMessage_SubscribeMessagePopupEvent-xml"))
    post(client, sample("skit-MpSubscribeMessage_SubscribeMessagePopupEvent.Object-json"))
    with app.app_context():
        left = {grant.template: grant.remaining for grant in db.session.query(Grant)}
    assert left == {
        "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc": 1,
        "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI": 0,
        "hD-ixGOhYmUfjOnI8MCzQMPshzGVeux_2vzyvQu7O68": 1,
    }
    post(client, sample("skit-MpSubscribeMessage_SubscribeMessageChangeEvent-xml"))
    with app.app_context():
        assert set(db.session.scalars(select(Grant.remaining).where(Grant.template.startswith("VRR0")))) == {0}
