"""A campaign on its way: found by its fact, stopped with a reason, counted."""

from sqlalchemy import select, update

from models.kernel.base import db
from models.kernel.lifecycle import ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import SYSTEM, Trace, note
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.telling import Telling, TellingStage, settled
from models.outreach.campaign import BatchState, Campaign, CampaignBatch, CampaignStage
from models.people.officer import Officer
from models.texts.received import reason_given


def fact_of(campaign: Campaign) -> Trace | None:
    """The deed that everybody was told of; None before it began."""
    return db.session.scalar(
        select(Trace).where(Trace.subject_kind == "Campaign", Trace.subject_id == campaign.id, Trace.verb == "start")
    )


def telling_of(campaign: Campaign) -> Telling | None:
    """How far it has come; None before its messages were made."""
    fact = fact_of(campaign)
    return Telling.of(fact) if fact is not None else None


@step(
    CampaignStage.APPROVED,
    CampaignStage.STARTED,
    to=CampaignStage.STOPPED,
    by=ruled("campaign.steer"),
    label="停止",
    say="停止推送：{reason}，还有{waiting}人没有告诉",
    primary=False,
    of=Campaign,
)
def stop(campaign: Campaign, officer: Officer, reason: str) -> None:
    """For good: what has gone out has gone out; whoever waits is not told, and the reason stands with each of them."""
    words = campaign.stopped_reason = reason_given(reason, "请写明为什么停止。")
    fact, waiting = fact_of(campaign), 0
    if fact is not None:
        telling = Telling.of(fact)
        if telling is not None and telling.stage is TellingStage.FINISHED:
            raise RuleUnmet("已经推送完了，没有可以停下的。")
        waiting = len(
            db.session.execute(
                update(Message)
                .where(Message.fact_id == fact.id, Message.state == MessageState.PENDING)
                .values(state=MessageState.INBOX, channel=MessageChannel.INBOX, why=f"推送停止了（{words}）"[:200])
                .returning(Message.id)
                .execution_options(synchronize_session=False)
            ).all()
        )
        if telling is not None and settled(fact.id):
            telling.finish(SYSTEM)
    note(reason=words, waiting=waiting)


def batch_ended(batch: CampaignBatch, *, done: bool, result: str, sent: int, failed: int) -> None:
    """WeChat reports how a mass send ended: counts only, and a person's own result where all of them share it."""
    batch.state = BatchState.FINISHED if done else BatchState.FAILED
    batch.result, batch.sent, batch.failed = result[:60], sent, failed
    fact = fact_of(batch.campaign)
    if fact is None or (done and failed):
        return
    ended = {"state": MessageState.DELIVERED} if done else {"state": MessageState.FAILED, "why": result[:200]}
    db.session.execute(
        update(Message)
        .where(
            Message.fact_id == fact.id,
            Message.id.between(batch.first, batch.last),
            Message.channel == MessageChannel.MASS,
            Message.state.in_((MessageState.SENT, MessageState.SENDING)),
        )
        .values(**ended)
        .execution_options(synchronize_session=False)
    )
