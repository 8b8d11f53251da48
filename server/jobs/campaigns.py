"""A campaign in the clockwork: who would be reached is counted, a test goes to one telephone, the article goes to many at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.trail import Trace
from models.kernel.work import ATTEMPTS
from models.messages import allowance, budget, fatigue
from models.messages.audience import HEARD, aimed_at, heard_of
from models.messages.budget import Reach
from models.messages.halt import Stops, stops
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import TellingStage, by_fact, short_of
from models.messages.wx_article import WxKind
from models.outreach.campaign import (
    BatchState,
    Campaign,
    CampaignBatch,
    CampaignStage,
    CampaignTest,
    CampaignWay,
    TrialState,
)
from server.jobs.articles import cover_of, host_pictures, our_account, standing_still, written
from server.jobs.queue import Turn
from server.jobs.reactions import FOR_EVERYBODY, outage, react
from server.jobs.telling import cut
from server.voice import sayings
from server.voice.article import WxDraft
from server.voice.template import Said
from server.voice.voice import Voice
from server.wire.account import Official
from server.wire.errors import Reaction, Unknown, WireError

CHUNK = 1000
AT_ONCE = 1000
"""People of one mass send of a service account: between two of them a campaign can be stopped."""
ALL_AT_ONCE = 10_000
"""A subscription account sends once a day, so everybody has to be in it; WeChat takes no more in one call (Batch_Sends)."""
FEWEST = 2
"""WeChat takes no mass send to fewer (40130)."""


# --- who would be reached ---------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What a preview counts."""

    ways: Counter[str] = field(default_factory=Counter)
    short: Counter[str] = field(default_factory=Counter)


def preview_campaign(turn: Turn) -> None:
    """How many by which way, and for everybody else the reason; the same choice as when it is sent, made now."""
    voice: Voice = current_app.extensions["voice"]
    number = int(turn.payload["subject"])
    with turn.reading():
        campaign = db.session.get_one(Campaign, number)
        edition, way = campaign.edition, campaign.way
        page = f"/go/{campaign.public_id}"
        said = sayings.article_out(campaign.article.title, local(now()).date(), page)
        people = list(db.session.scalars(aimed_at(campaign)))
        heard = set(db.session.scalars(heard_of(campaign.article)))
        obstacle = _mass_obstacle(voice) if way is CampaignWay.MASS else None
        standing = stops()
    seen = Seen()
    for start in range(0, len(people), CHUNK):
        with turn.transaction():  # renews the lease; nothing is written
            _look(voice, people[start : start + CHUNK], heard, said, standing, seen, mass=way is CampaignWay.MASS)
    with turn.transaction(last=True):
        campaign = db.session.get_one(Campaign, number)
        if campaign.edition == edition:
            campaign.preview = {
                "edition": edition,
                "at": now().isoformat(),
                "people": len(people),
                "reached": sum(seen.ways.values()),
                "ways": seen.ways.most_common(),
                "short": seen.short.most_common(),
                "stops": [obstacle] if obstacle else [],
                "warns": _warnings(seen, len(people)),
            }


def _look(
    voice: Voice, ids: Sequence[int], heard: set[int], said: Said, standing: Stops, seen: Seen, *, mass: bool
) -> None:
    enough = fatigue.tired(ids)
    spent = fatigue.mass_spent(ids) if mass else set()
    reaches = budget.reaches(ids, voice.official, voice.mini)
    for one in ids:
        if one in heard:
            seen.short[HEARD] += 1
        elif one in enough:
            seen.short[fatigue.words()] += 1
        elif mass and one not in spent and _can_receive(reaches[one]):
            seen.ways[MessageChannel.MASS.label] += 1
        else:
            channel, why = voice.choose(reaches[one], said, standing)
            if channel.channel is MessageChannel.INBOX:
                seen.short[short_of(why)] += 1
            else:
                seen.ways[channel.words] += 1


def _can_receive(reach: Reach) -> bool:
    """A mass send reaches followers who have not shut us out."""
    return reach.official_id is not None and reach.followed and not reach.official_blocked


def _mass_obstacle(voice: Voice) -> str | None:
    """Why no article may be sent to many now."""
    account = our_account()
    if account is None or voice.mass is None:
        return "没有配置公众号"
    found = voice.mass.why_not()
    if found is None and account.kind == "subscription":
        found = budget.mass_obstacle(account.kind, None)
    return found


def _warnings(seen: Seen, people: int) -> list[str]:
    """What does not forbid it, but is better known before."""
    said: list[str] = []
    account = our_account()
    reached = sum(seen.ways.values())
    if reached and reached * 2 < people:
        said.append(f"一多半人（{people - reached}人）送不到，原因在下面；他们打开网站时还是看得到文章")
    if account is not None and not account.rights.template:
        said.append(f"{account.rights.words}没有模板消息权限，只能用订阅消息和对话通知")
    spends = sum(n for words, n in seen.ways.items() if "订阅" in words)
    if spends:
        said.append(f"会用掉{spends}个人各一次订阅同意，用掉的要他们再点一次同意才有")
    return said


# --- a test -----------------------------------------------------------------------------------------------------------


def test_campaign(turn: Turn) -> None:
    """To one telephone of the staff. Shown twice harms nobody, so an unknown outcome is tried again."""
    voice: Voice = current_app.extensions["voice"]
    account = our_account()
    with turn.reading():
        fact = db.session.get_one(Trace, turn.payload["fact"])
        test = db.session.get_one(CampaignTest, fact.detail["test"])
        if test.state is not TrialState.WAITING:
            return
        number, name, campaign = test.id, test.wx_name, test.campaign
        article_id, page = campaign.article_id, f"/go/{campaign.public_id}"
    obstacle = "没有配置公众号" if account is None or voice.mass is None else voice.mass.why_not()
    if account is None or obstacle is not None:
        _tested(turn, number, TrialState.FAILED, obstacle or "")
        return
    standing_still(account, "message/mass/preview")
    with turn.transaction():
        granted = allowance.take(account.appid, "message/mass/preview", 1)
    if not granted.number:
        _tested(turn, number, TrialState.FAILED, "今天试发的次数用完了（每天100次），明天再试")
        return
    try:
        media_id = account.add_draft([_draft(turn, account, article_id, page).body(cover_of(account))])
        turn.breathe()
        account.preview_article(media_id, name)
    except Unknown as unknown:
        if turn.attempt >= ATTEMPTS:
            _tested(turn, number, TrialState.FAILED, unknown.words)
            return
        raise outage(turn, unknown.words) from None
    except WireError as error:
        end = react(turn, account.appid, error.api, error) if error.reaction in FOR_EVERYBODY else None
        if end is not None:
            raise end from None
        _tested(turn, number, TrialState.FAILED, f"{error.words}（{error.errcode}）")
        return
    _tested(turn, number, TrialState.SENT, "看看标题、封面、正文和「阅读原文」")


def _tested(turn: Turn, number: int, state: TrialState, words: str) -> None:
    with turn.transaction(last=True):
        db.session.get_one(CampaignTest, number).end(state, words)


def _draft(turn: Turn, account: Official, article_id: int, page: str) -> WxDraft:
    host_pictures(turn, account, article_id)
    with turn.reading():
        return written(WxKind.ARTICLE, article_id, page)


# --- to many at once --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parcel:
    """One mass send on its way."""

    batch: int
    key: str
    numbers: tuple[int, ...]
    openids: tuple[str, ...] = field(repr=False)


def push_campaign(turn: Turn) -> None:
    """The article to all who can take a mass send, some at a time; then the others, and those alone, by notice.

    Each batch is written down with its key before WeChat is called: a killed turn hands in the same one once more.
    """
    fact_id = int(turn.payload["fact"])
    voice: Voice = current_app.extensions["voice"]
    account = our_account()
    with turn.reading():
        campaign = db.session.get_one(Campaign, db.session.get_one(Trace, fact_id).subject_id)
        number, article_id, page = campaign.id, campaign.article_id, f"/go/{campaign.public_id}"
        goes = account is not None and _mass_obstacle(voice) is None
    if goes and account is not None:
        standing_still(account, "message/mass/send")
        for parcel in _parcels(turn, voice, account, number, fact_id):
            if not _hand_in(turn, voice, account, parcel, article_id, page):
                break
            turn.breathe()
    with turn.transaction(last=True):
        telling = by_fact(fact_id)
        if telling is not None and telling.stage is TellingStage.RUNNING and not _stopped(number):
            cut(fact_id, telling)


def _stopped(number: int) -> bool:
    return db.session.get_one(Campaign, number, populate_existing=True).stage is CampaignStage.STOPPED


def _parcels(turn: Turn, voice: Voice, account: Official, number: int, fact_id: int) -> Iterator[Parcel]:
    """What an earlier turn left, then stretch after stretch of those who wait, each marked before it is yielded."""
    with turn.transaction():
        left = _left_behind(voice, number, fact_id)
    if left is not None:
        yield left
    monthly = account.kind != "subscription"
    after: int | None = 0
    while after is not None:
        with turn.transaction():
            after, parcel = _stretch(voice, account, number, fact_id, after, AT_ONCE if monthly else ALL_AT_ONCE)
        if parcel is not None:
            yield parcel
            if not monthly:
                return


def _left_behind(voice: Voice, number: int, fact_id: int) -> Parcel | None:
    batch = db.session.scalar(
        select(CampaignBatch).where(CampaignBatch.campaign_id == number, CampaignBatch.state == BatchState.WAITING)
    )
    if batch is None:
        return None
    messages = db.session.scalars(_of_batch(fact_id, batch)).all()
    reaches = budget.reaches([m.resident_id for m in messages], voice.official, voice.mini)
    return Parcel(
        batch.id,
        batch.public_id,
        tuple(m.id for m in messages),
        tuple(reaches[m.resident_id].official_openid for m in messages),
    )


def _of_batch(fact_id: int, batch: CampaignBatch) -> Any:
    return (
        select(Message)
        .where(
            Message.fact_id == fact_id,
            Message.id.between(batch.first, batch.last),
            Message.channel == MessageChannel.MASS,
            Message.state == MessageState.SENDING,
        )
        .order_by(Message.id)
    )


def _stretch(
    voice: Voice, account: Official, number: int, fact_id: int, after: int, most: int
) -> tuple[int | None, Parcel | None]:
    """Where to look next (None: nowhere), and those of this stretch who can take a mass send, marked."""
    telling = by_fact(fact_id)
    if telling is None or telling.stage is not TellingStage.RUNNING or _stopped(number):
        return None, None
    waiting = db.session.scalars(
        select(Message)
        .where(Message.fact_id == fact_id, Message.state == MessageState.PENDING, Message.id > after)
        .order_by(Message.id)
        .limit(most)
    ).all()
    if not waiting:
        return None, None
    ids = [m.resident_id for m in waiting]
    tired, spent = fatigue.tired(ids, but=fact_id), fatigue.mass_spent(ids)
    reaches = budget.reaches(ids, voice.official, voice.mini)
    taken = [
        m
        for m in waiting
        if m.resident_id not in tired and m.resident_id not in spent and _can_receive(reaches[m.resident_id])
    ]
    if len(taken) < FEWEST:
        return waiting[-1].id, None
    if not allowance.take(account.appid, "message/mass/send", 1).number:
        return None, None
    batch = CampaignBatch(
        campaign_id=number,
        number=1 + (_highest(number) or 0),
        first=taken[0].id,
        last=taken[-1].id,
        people=len(taken),
        made_at=now(),
    )
    db.session.add(batch)
    db.session.flush()
    db.session.execute(
        update(Message)
        .where(Message.id.in_([m.id for m in taken]))
        .values(
            state=MessageState.SENDING,
            channel=MessageChannel.MASS,
            sent_at=now(),
            appid=account.appid,
            attempts=Message.attempts + 1,
            why="用图文群发",
        )
        .execution_options(synchronize_session=False)
    )
    openids = tuple(reaches[m.resident_id].official_openid for m in taken)
    return waiting[-1].id, Parcel(batch.id, batch.public_id, tuple(m.id for m in taken), openids)


def _highest(number: int) -> int | None:
    return db.session.scalar(select(func.max(CampaignBatch.number)).where(CampaignBatch.campaign_id == number))


def _hand_in(turn: Turn, voice: Voice, account: Official, parcel: Parcel, article_id: int, page: str) -> bool:
    """Give it to WeChat. False: no more of this way; whoever was in it is told otherwise."""
    assert voice.mass is not None
    try:
        draft = _draft(turn, account, article_id, page)
        media_id = account.add_draft([draft.body(cover_of(account))])
        receipt = voice.mass.send_to(media_id, parcel.openids, key=parcel.key)
    except Unknown as unknown:
        if turn.attempt < ATTEMPTS:
            raise outage(turn, unknown.words) from None
        _settle(turn, parcel, BatchState.HELD, MessageState.HELD, unknown.words)
        return False
    except WireError as error:
        own = error.reaction not in FOR_EVERYBODY or error.reaction in (Reaction.NO_MASS_QUOTA, Reaction.STOP_BATCH)
        end = None if own else react(turn, account.appid, error.api, error)
        if end is not None:
            raise end from None
        _settle(turn, parcel, BatchState.FAILED, MessageState.PENDING, f"{error.words}（{error.errcode}）")
        return False
    _settle(turn, parcel, BatchState.SENT, MessageState.SENT, "", receipt.msg_id)
    return True


def _settle(
    turn: Turn, parcel: Parcel, batch_state: BatchState, state: MessageState, words: str, msg_id: str = ""
) -> None:
    """Write down what became of a batch; those whom it did not reach wait again, for another way."""
    with turn.transaction():
        batch = db.session.get_one(CampaignBatch, parcel.batch)
        if batch.state is not BatchState.WAITING:
            return  # the result event was quicker
        batch.state, batch.msg_id, batch.result = batch_state, msg_id or None, words[:60]
        values: dict[str, Any] = {"state": state}
        if state is MessageState.PENDING:
            values |= {"channel": None, "sent_at": None, "why": f"群发不行：{words}"[:200]}
        elif state is MessageState.HELD:
            values["why"] = f"{words}；用图文群发"[:200]
        db.session.execute(
            update(Message)
            .where(Message.id.in_(parcel.numbers), Message.state == MessageState.SENDING)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
