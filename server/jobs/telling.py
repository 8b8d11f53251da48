"""Telling people: a fact becomes messages, and each message goes out once, by the best way that is open."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, select, update

from models.comments.amendment import Amendment, AmendmentKind
from models.comments.promise import Promise
from models.comments.showing import Hiding
from models.decisions.consultation import Consultation
from models.decisions.hearing import Hearing
from models.decisions.in_force import Remark
from models.kernel.base import db
from models.kernel.clock import local, now, wall
from models.kernel.trail import SYSTEM, Trace
from models.kernel.work import ATTEMPTS, Work
from models.messages import allowance, budget, fatigue
from models.messages.audience import expand
from models.messages.budget import Reach
from models.messages.halt import stops
from models.messages.matters import theirs
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling, TellingStage, by_fact, settled
from models.messages.urgency import Urgency
from models.outreach.article import Article, ArticleStage
from models.outreach.attendee import Attendee
from models.outreach.campaign import Campaign, CampaignStage, CampaignWay
from models.outreach.lecture import Lecture
from models.people.resident import Resident
from models.proposals.proposal import Proposal
from models.questions.mediation import Mediation
from models.questions.question import Question
from server.jobs.queue import Held, Later, Turn
from server.jobs.reactions import FOR_EVERYBODY, ending, outage, react
from server.voice import sayings
from server.voice.channels import Channel, Subscribed, TemplateMessage
from server.voice.template import Said
from server.voice.voice import Voice
from server.wire.errors import Reaction, Unknown, WireError
from server.wire.many import Outcome

log = logging.getLogger(__name__)

CHUNK = 1000
"""Messages of one piece of work: several workers share a large audience, and memory holds no more than one piece."""
GROUP = 1000
"""Messages marked and recorded in one transaction."""
FEW = 20
"""The same while messages go out by a channel without a key, one at a time."""
KEY_LIVES = timedelta(minutes=9)
"""WeChat remembers a template message's client id for ten minutes; later a second copy would be delivered."""
DOUBTFUL = timedelta(seconds=30)
"""When messages are asked about again that the limit of the minute or the day left no call for."""
BREATH = 15.0
"""Seconds of sending after which results are written down and the lease is renewed."""


def tell(turn: Turn) -> None:
    """Make the messages of a fact by one INSERT … SELECT, and the pieces of work that send them, the most urgent first."""
    with turn.transaction(last=True):
        fact = db.session.get_one(Trace, turn.payload["fact"])
        campaign = _campaign(fact)
        if campaign is not None and campaign.stage is CampaignStage.STOPPED:
            return  # somebody was quicker
        new = expand(fact)
        telling = Telling.begin(fact, new) if new or campaign is not None else by_fact(fact.id)
        if telling is None or telling.stage is TellingStage.PAUSED:
            return
        if campaign is not None and campaign.way is CampaignWay.MASS:
            Work.want(
                "push_campaign",
                {"fact": fact.id},
                key=f"push_campaign:{fact.id}:{telling.round}",
                urgency=Urgency.ARTICLE,
            )
            return
        cut(fact.id, telling)


def cut(fact_id: int, telling: Telling) -> None:
    """The pieces of work that send what waits of a fact, the most urgent first; where nobody waits, it is told."""
    groups = db.session.scalars(
        select(Message.urgency)
        .where(Message.fact_id == fact_id, Message.state == MessageState.PENDING)
        .distinct()
        .order_by(Message.urgency)
    ).all()
    for urgency in groups:
        _cut(fact_id, urgency, telling.round)
    if not groups and telling.stage is TellingStage.RUNNING and settled(fact_id):
        telling.finish(SYSTEM)


def _campaign(fact: Trace) -> Campaign | None:
    """The campaign whose beginning a fact is, locked: it is stopped before its messages are made or after, never between."""
    if fact.subject_kind != "Campaign":
        return None
    return db.session.get_one(Campaign, fact.subject_id, with_for_update={"of": Campaign})


def _cut(fact_id: int, urgency: int, round_: int) -> None:
    """Pieces of work for one group of a fact's messages."""
    after = 0
    while True:
        piece = (
            select(Message.id)
            .where(
                Message.fact_id == fact_id,
                Message.state == MessageState.PENDING,
                Message.urgency == urgency,
                Message.id > after,
            )
            .order_by(Message.id)
            .limit(CHUNK)
            .subquery()
        )
        first, last = db.session.execute(select(func.min(piece.c.id), func.max(piece.c.id))).one()
        if first is None:
            return
        Work.want(
            "send",
            {"fact": fact_id, "first": first, "last": last, "urgency": urgency},
            key=f"send:{fact_id}:{first}:{last}" + (f":{round_}" if round_ else ""),
            urgency=urgency,
        )
        after = last


@dataclass(frozen=True)
class Outgoing:
    """One message on its way, with everything that sending needs, so that the database can be let go."""

    number: int
    key: str
    attempt: int
    channel: Channel
    why: str
    reach: Reach = field(repr=False)
    said: Said = field(repr=False)
    resent: bool = False
    """An earlier turn may have sent it already: only this channel and this key may repeat it."""


@dataclass(frozen=True)
class Result:
    """What became of one."""

    sent: Outgoing
    msgid: str = ""
    error: WireError | None = None
    unknown: Unknown | None = None
    skipped: bool = False
    """It was marked but never sent: the worker was stopping, or the batch had to stop."""

    @property
    def good(self) -> bool:
        """WeChat took it."""
        return not self.skipped and self.unknown is None and self.error is None


def send(turn: Turn) -> None:
    """Send a stretch of a fact's messages. Whatever an earlier, killed turn left behind is settled first."""
    voice: Voice = current_app.extensions["voice"]
    resumed, more, group = True, True, GROUP
    while more:
        with turn.transaction():
            batch, more = _prepare(turn, voice, group, resumed=resumed)
            resumed = False
        group = GROUP if all(one.channel.keyed for one in batch) else FEW
        results, end = _speak(turn, voice, batch)
        with turn.transaction():
            _record_all(results)
        if end is not None:
            raise end
        turn.breathe()
    with turn.reading():
        doubtful = db.session.scalars(_stretch(turn, MessageState.SENDING).limit(1)).first() is not None
    if doubtful:
        raise Later(wall() + DOUBTFUL, "有几条还不知道是否送到，用同一个编号再问")
    with turn.transaction(last=True):
        telling = by_fact(turn.payload["fact"])
        if telling is not None and telling.stage is TellingStage.RUNNING and settled(telling.fact_id):
            telling.finish(SYSTEM)


def _prepare(turn: Turn, voice: Voice, group: int, *, resumed: bool) -> tuple[list[Outgoing], bool]:
    """Mark the next ones as being sent, each with its channel and why; durable before anything goes out.

    At most one of them goes by a channel without a key: if this process dies now, only that one is in doubt.
    Also says whether there may be more.
    """
    if resumed:
        left = _left_behind(turn, voice)
        if left:
            return left, True
    fact = db.session.get_one(Trace, turn.payload["fact"])
    telling = by_fact(fact.id)
    if telling is not None and telling.stage is TellingStage.PAUSED:
        return [], False
    pending = db.session.scalars(_stretch(turn, MessageState.PENDING).limit(group)).all()
    reaches = budget.reaches([m.resident_id for m in pending], voice.official, voice.mini)
    saids = words_of(fact, [m.resident_id for m in pending])
    standing = stops()
    enough = _left_in_peace(fact, pending)
    chosen: list[tuple[Message, Channel, str, Reach, Said]] = []
    wait: Exception | None = None
    stayed = False
    for message in pending:
        said = saids.get(message.resident_id)
        reach = reaches[message.resident_id]
        if said is None:
            _stay(message, "没有可告知的内容")
            stayed = True
            continue
        if message.resident_id in enough:
            _stay(message, fatigue.words())
            stayed = True
            continue
        channel, why = voice.choose(reach, said, standing)
        if channel.channel == MessageChannel.INBOX or message.attempts >= ATTEMPTS:
            tried = f"试了{message.attempts}次没有发成；" if message.attempts >= ATTEMPTS else ""
            _stay(message, tried + why)
            stayed = True
            continue
        stop = voice.stopped(channel, said, standing)
        if stop is not None:
            wait = wait or ending(stop)
            continue
        chosen.append((message, channel, why, reach, said))
        if not channel.keyed:
            break
    batch, dry = _mark(chosen)
    wait = wait or dry
    if not batch and wait is not None and not stayed:
        raise wait
    return batch, bool(pending)


def _left_in_peace(fact: Trace, pending: Sequence[Message]) -> set[int]:
    """Who has had enough outreach lately; nobody, where it is somebody's own matter."""
    if fact.fact not in fatigue.OUTREACH or not pending:
        return set()
    ids = [message.resident_id for message in pending]
    # Two campaigns at once count one after the other.
    db.session.execute(select(Resident.id).where(Resident.id.in_(ids)).order_by(Resident.id).with_for_update())
    return fatigue.tired(ids, but=fact.id)


def _mark(chosen: Sequence[tuple[Message, Channel, str, Reach, Said]]) -> tuple[list[Outgoing], Exception | None]:
    """Count the calls in the book that all machines share, then mark as many messages as it allows."""
    by_api: dict[tuple[str, str], int] = {}
    for _, channel, *_rest in chosen:
        by_api[channel.appid, channel.api] = by_api.get((channel.appid, channel.api), 0) + 1
    taken = {key: allowance.take(*key, number) for key, number in by_api.items() if key[1]}
    left = {key: one.number for key, one in taken.items()}
    wait: Exception | None = None
    batch: list[Outgoing] = []
    at = now()
    for message, channel, why, reach, said in chosen:
        key = (channel.appid, channel.api)
        if key in left:
            if left[key] < 1:
                one = taken[key]
                wait = wait or (Later(one.again_at, one.why) if one.again_at else None)
                continue
            left[key] -= 1
        if not _spend(channel, reach, said):
            continue  # somebody else has just used the last one: the next look chooses again
        message.state = MessageState.SENDING
        message.sent_at = at
        message.channel = channel.channel
        message.appid = channel.appid
        message.attempts += 1
        message.why = why[:200]
        batch.append(Outgoing(message.id, message.client_key, message.attempts, channel, message.why, reach, said))
    return batch, wait


def _stretch(turn: Turn, state: MessageState) -> Any:
    """The messages of this piece of work in one state, in their order."""
    query = select(Message).where(
        Message.fact_id == turn.payload["fact"],
        Message.id.between(turn.payload["first"], turn.payload["last"]),
        Message.state == state,
    )
    if "urgency" in turn.payload:
        query = query.where(Message.urgency == turn.payload["urgency"])
    return query.order_by(Message.id)


def _left_behind(turn: Turn, voice: Voice) -> list[Outgoing]:
    """Messages that a killed turn marked: keyed ones are sent again under the same key, others are for a person."""
    fact = db.session.get_one(Trace, turn.payload["fact"])
    left = db.session.scalars(_stretch(turn, MessageState.SENDING)).all()
    again: list[tuple[Message, Channel, Said]] = []
    reaches = budget.reaches([m.resident_id for m in left], voice.official, voice.mini)
    saids = words_of(fact, [m.resident_id for m in left])
    for message in left:
        channel = voice.by_name(message.channel, message.appid) if message.channel else None
        said = saids.get(message.resident_id)
        fresh = message.sent_at is not None and now() - message.sent_at < KEY_LIVES
        if channel is None or said is None or not channel.keyed or not fresh or message.attempts >= ATTEMPTS:
            message.state = MessageState.HELD
            message.why = f"发送时中断，不知道是否送到；{message.why}"[:200]
            continue
        again.append((message, channel, said))
    if not again:
        return []
    # A second call under the same key is a call: it is counted like the first.
    channel = again[0][1]
    taken = allowance.take(channel.appid, channel.api, len(again))
    if not taken.number and taken.again_at is not None:
        raise Later(taken.again_at, taken.why)
    batch: list[Outgoing] = []
    for message, channel, said in again[: taken.number]:
        message.attempts += 1
        reach = reaches[message.resident_id]
        batch.append(
            Outgoing(message.id, message.client_key, message.attempts, channel, message.why, reach, said, resent=True)
        )
    return batch


def _speak(turn: Turn, voice: Voice, batch: list[Outgoing]) -> tuple[list[Result], Exception | None]:
    """The calls themselves, with no transaction open. Something that concerns everybody ends the batch.

    The first message of each channel goes alone: a wrong template or a spent quota is met once and not two hundred times.
    """
    results: dict[int, Result] = {}
    end: Exception | None = None
    met: set[str] = set()
    together: dict[str, list[Outgoing]] = {}
    began = time.monotonic()
    for one in batch:
        if end is not None or turn.stopping.is_set() or time.monotonic() - began > BREATH:
            results[one.number] = Result(one, skipped=True)
        elif one.channel.api in met and isinstance(one.channel, TemplateMessage):
            together.setdefault(one.channel.api, []).append(one)
        else:
            met.add(one.channel.api)
            results[one.number] = result = _alone(voice, one)
            end = _ends(turn, result)
    for those in together.values():
        bodies = [_body(voice, one) for one in those]
        found: list[Outcome] = [None] * len(those)
        channel = those[0].channel
        if end is None and isinstance(channel, TemplateMessage):
            rest = max(1.0, BREATH - (time.monotonic() - began))
            found = channel.send_many(bodies, ends=_over, stopping=turn.stopping.is_set, seconds=rest)
        worst: Result | None = None
        for one, outcome in zip(those, found, strict=True):
            results[one.number] = result = _of(one, outcome)
            if _over(outcome) and (worst is None or (worst.error is None and result.error is not None)):
                worst = result
        if worst is not None and end is None:
            end = _ends(turn, worst)
    return [results[one.number] for one in batch], end


def _alone(voice: Voice, one: Outgoing) -> Result:
    try:
        return Result(one, msgid=one.channel.send(one.reach, one.said, voice.url(one.said), one.key))
    except WireError as error:
        return Result(one, error=error)
    except Unknown as unknown:
        return Result(one, unknown=unknown)


def _body(voice: Voice, one: Outgoing) -> dict[str, object]:
    assert isinstance(one.channel, TemplateMessage)
    return one.channel.body(one.reach, one.said, voice.url(one.said), one.key)


def _of(one: Outgoing, outcome: Outcome) -> Result:
    if outcome is None:
        return Result(one, skipped=True)
    if isinstance(outcome, WireError):
        return Result(one, error=outcome)
    if isinstance(outcome, Unknown):
        return Result(one, unknown=outcome)
    return Result(one, msgid=str(outcome.get("msgid", "")))


def _over(outcome: Outcome) -> bool:
    """Whether no new call may begin after this."""
    return isinstance(outcome, Unknown) or (isinstance(outcome, WireError) and outcome.reaction in FOR_EVERYBODY)


def _ends(turn: Turn, result: Result) -> Exception | None:
    """What a result means for the others; None when it concerns this one person."""
    one = result.sent
    if result.unknown is not None:
        log.warning("message %d: outcome unknown (%s)", one.number, result.unknown)
        return outage(turn, result.unknown.words)
    if result.error is None:
        return None
    return react(turn, one.channel.appid, one.channel.api, result.error, template=one.channel.template_of(one.said))


def _record_all(results: Sequence[Result]) -> None:
    """Write down what became of each: those that WeChat took in one statement, the others one by one."""
    unsent: dict[tuple[str, str], int] = {}
    good = [{"number": r.sent.number, "msgid_": r.msgid or None} for r in results if r.good]
    if good:
        table = Message.__table__
        at = now()
        statement = (
            update(table)  # type: ignore[arg-type]
            .where(table.c.id == bindparam("number"), table.c.state == MessageState.SENDING)
            .values(state=MessageState.SENT, sent_at=at, errcode=None, msgid=bindparam("msgid_"))
        )
        db.session.connection().execute(statement, good)
    for result in results:
        if not result.good:
            _record(result)
            if result.skipped and result.sent.channel.api:
                key = (result.sent.channel.appid, result.sent.channel.api)
                unsent[key] = unsent.get(key, 0) + 1
    for key, number in unsent.items():
        allowance.give_back(*key, number)


def _record(result: Result) -> None:
    """Write down what became of one message that did not simply go out."""
    one = result.sent
    message = db.session.get_one(Message, one.number)
    if message.state != MessageState.SENDING:
        return  # the result event was quicker
    message.errcode = result.error.errcode if result.error else None
    if result.unknown is not None:
        if not one.channel.keyed or one.attempt >= ATTEMPTS:
            message.state = MessageState.HELD
            message.why = f"{result.unknown.words}；{one.why}"[:200]
        return  # keyed: it stays marked, and the next turn sends it again under the same key
    if result.skipped:
        message.attempts -= 1
        if one.resent:
            return
        _give_back(one)
        message.state, message.sent_at = MessageState.PENDING, None
        return
    assert result.error is not None
    if result.error.reaction is Reaction.TREAT_AS_SENT:
        message.state = MessageState.SENT
        message.sent_at = now()
        message.msgid = str(result.error.answer.get("msgid", "")) or None
        return
    _react(one, message, result.error)


def _react(one: Outgoing, message: Message, error: WireError) -> None:
    """Learn from the refusal; most often another way is open, and the next look finds it."""
    identity = one.channel.whose(one.reach) if isinstance(one.channel, Subscribed) else one.reach.official_id
    marked_at = message.sent_at
    message.state, message.sent_at = MessageState.PENDING, None
    message.why = error.words[:200]
    spent = True
    match error.reaction:
        case Reaction.UNFOLLOWED if identity:
            budget.lost_follower(identity)
        case Reaction.DROP_RECIPIENT | Reaction.BLOCKED | Reaction.REFUSES_PUSH if identity:
            budget.block(identity)
        case Reaction.ZERO_GRANT if identity and isinstance(one.channel, Subscribed):
            budget.no_grant_left(identity, one.channel.template_of(one.said))
        case Reaction.WINDOW_CLOSED if identity:
            budget.close_window(identity)
        case Reaction.FIX_DATA | Reaction.UNLISTED | Reaction.REJECT_CONTENT | Reaction.BY_HAND | Reaction.LOGIN_AGAIN:
            message.state = MessageState.FAILED
            message.why = f"{error.words}（{error.errcode}）"
        case Reaction.CAPABILITY_OFF:
            spent = False
        case _:
            message.attempts -= 1  # not this message's fault
            spent = False
            if one.resent:
                message.state, message.why, message.sent_at = MessageState.SENDING, one.why, marked_at
    if not spent:
        _give_back(one)


def _stay(message: Message, why: str) -> None:
    """It stands on the person's page; no other way was open."""
    message.state, message.channel, message.why = MessageState.INBOX, MessageChannel.INBOX, why[:200]


def _spend(channel: Channel, reach: Reach, said: Said) -> bool:
    """Take the consent or the customer message before it is used."""
    if isinstance(channel, Subscribed) and (whose := channel.whose(reach)):
        return budget.spend_grant(whose, channel.template_of(said))
    if channel.channel == MessageChannel.CUSTOMER and reach.official_id:
        return budget.spend_window(reach.official_id)
    return True


def _give_back(one: Outgoing) -> None:
    """It certainly did not go out."""
    if isinstance(one.channel, Subscribed) and (whose := one.channel.whose(one.reach)):
        budget.return_grant(whose, one.channel.template_of(one.said))
    elif one.channel.channel == MessageChannel.CUSTOMER and one.reach.official_id:
        budget.return_window(one.reach.official_id)


def words_of(fact: Trace, residents: list[int]) -> dict[int, Said]:
    """What the fact says to each of these people."""
    day = local(fact.at).date()
    if fact.subject_kind == "Question":
        asked = db.session.get_one(Question, fact.subject_id)
        told = sayings.question_passed_on if fact.verb == "pass_on" else sayings.question_answered
        return {r: told(day, f"/questions/{asked.public_id}") for r in residents}
    if fact.subject_kind == "Mediation":
        sought = db.session.get_one(Mediation, fact.subject_id)
        path = f"/mediations/{sought.public_id}"
        if fact.verb == "remind":
            until = date.fromisoformat(fact.detail["until"])
            return dict.fromkeys(residents, sayings.confirmation_due(until, day, path))
        return dict.fromkeys(residents, sayings.mediated(f"目前：{sought.stage.label}，详见回复", day, path))
    if fact.subject_kind == "Promise":
        kept = db.session.get_one(Promise, fact.subject_id)
        path = f"/comments/{kept.point.comment.public_id}"
        return {r: sayings.promise_kept(kept.consultation.title, day, path) for r in residents}
    if fact.subject_kind == "Hiding":
        away = db.session.get_one(Hiding, fact.subject_id)
        title = away.comment.consultation.title
        return {r: sayings.words_hidden(title, day, f"/comments/{away.comment.public_id}") for r in residents}
    if fact.subject_kind == "Remark":
        remark = db.session.get_one(Remark, fact.subject_id)
        return {
            r: sayings.remark_replied(remark.decision.title, day, f"/remarks/{remark.public_id}") for r in residents
        }
    if fact.subject_kind == "Article":
        lesson = db.session.get_one(Article, fact.subject_id)
        return dict.fromkeys(residents, sayings.article_out(lesson.title, day, f"/articles/{lesson.public_id}"))
    if fact.subject_kind == "Campaign":
        campaign = db.session.get_one(Campaign, fact.subject_id)
        if campaign.article.stage is not ArticleStage.PUBLISHED:
            return {}
        return dict.fromkeys(residents, sayings.article_out(campaign.article.title, day, f"/go/{campaign.public_id}"))
    if fact.subject_kind in ("Lecture", "Attendee"):
        return dict.fromkeys(residents, _of_lecture(fact, day))
    if fact.subject_kind == "Amendment":
        after = db.session.get_one(Amendment, fact.subject_id)
        says = sayings.corrected_release if after.kind == AmendmentKind.CORRECTION else sayings.supplemented
        page = f"/comments/{after.point.comment.public_id}"
        return {r: says(after.consultation.title, day, page) for r in residents}

    if fact.subject_kind == "Hearing":
        return _of_hearing(fact, residents, day)
    if fact.subject_kind == "Proposal":
        made = db.session.get_one(Proposal, fact.subject_id)
        assert made.outcome is not None
        said = sayings.proposal_answered(made.outcome.label, made.outcome.short, day, f"/proposals/{made.public_id}")
        return dict.fromkeys(residents, said)
    asked_about = db.session.get_one(Consultation, fact.subject_id)
    title, page = asked_about.title, f"/consultations/{asked_about.public_id}"
    if fact.verb == "release":
        found = theirs(asked_about.id, residents)
        return {
            number: sayings.answers_ready(
                title,
                mine.outcomes,
                day,
                f"/comments/{mine.comments[0]}" if len(mine.comments) == 1 else "/mine",
            )
            for number, mine in found.items()
            if mine.outcomes
        }
    if fact.verb == "extend":
        closes_on = date.fromisoformat(fact.detail["closes_on"])
        return {r: sayings.extended(title, closes_on, day, page) for r in residents}
    if fact.verb in ("publish", "remind"):
        closes_on = date.fromisoformat(fact.detail["closes_on"])
        words = sayings.opened if fact.verb == "publish" else sayings.reminded
        return dict.fromkeys(residents, words(title, closes_on, day, page))
    if fact.verb == "cancel":
        return {r: sayings.cancelled(title, day, page) for r in residents}
    raise Held(f"不知道怎样告知「{fact.fact}」")


def _of_hearing(fact: Trace, residents: list[int], day: date) -> dict[int, Said]:
    hearing = db.session.get_one(Hearing, fact.subject_id)
    page = f"/hearings/{hearing.public_id}"
    if fact.verb == "move":
        moved = date.fromisoformat(fact.detail["held_on"])
        return {r: sayings.hearing_moved(hearing.title, moved, day, page) for r in residents}
    if fact.verb == "cancel":
        return {r: sayings.hearing_cancelled(hearing.title, day, page) for r in residents}
    chosen = {one.resident.current.id for one in hearing.participants}
    return {r: sayings.hearing_list(hearing.title, r in chosen, day, page) for r in residents}


def _of_lecture(fact: Trace, day: date) -> Said:
    if fact.subject_kind == "Attendee":
        lecture = db.session.get_one(Attendee, fact.subject_id).lecture
    else:
        lecture = db.session.get_one(Lecture, fact.subject_id)
    page, at = f"/lectures/{lecture.public_id}", f"{local(lecture.starts_at):%-m月%-d日%H:%M}"
    if fact.verb == "cancel":
        return sayings.lecture_cancelled(lecture.title, day, page)
    words = {"move": sayings.lecture_moved, "remind": sayings.lecture_tomorrow, "get_seat": sayings.lecture_seat}
    return words[fact.verb](lecture.title, at, day, page)
