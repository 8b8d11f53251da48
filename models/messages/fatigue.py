"""How much of what nobody asked about at that moment one person is sent: at most so many in thirty days; answers never count."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, or_, select

from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.lifecycle import office_rules
from models.messages.budget import MASS_A_MONTH
from models.messages.follow import Follow
from models.messages.message import Message, MessageChannel, MessageState
from models.outreach.article import Broadcast, BroadcastState
from models.people.resident import Identity, Resident

OUTREACH = ("Campaign.start",)
"""The facts that are outreach. What happens to somebody's own comment, question or seat is none."""
WITHIN = timedelta(days=30)
OUT = (MessageState.SENDING, MessageState.SENT, MessageState.DELIVERED, MessageState.HELD)
"""States in which a message counts: whatever may have reached the person."""
_SENT = (BroadcastState.SENT, BroadcastState.FINISHED, BroadcastState.HELD)


def most() -> int:
    """How many in thirty days."""
    return int(office_rules().number("outreach.most_in_a_month").value)


def words() -> str:
    """Why somebody is left in peace."""
    return f"太频繁，{WITHIN.days}天里已经推送过{most()}次"


def tired(residents: Collection[int], but: int | None = None) -> set[int]:
    """Who of these has had enough; `but` is the fact that is being told now."""
    since = now() - WITHIN
    had = _messages(residents, Message.sent_at >= since, but=but)
    for number, count in _broadcasts(residents, since).items():
        had[number] = had.get(number, 0) + count
    return {number for number, count in had.items() if count >= most()}


def mass_spent(residents: Collection[int]) -> set[int]:
    """Who of these has had this calendar month's four mass sends of a service account (WeChat, Batch_Sends)."""
    month = local(now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    had = _messages(residents, Message.sent_at >= month, Message.channel == MessageChannel.MASS, topics=(), but=None)
    for number, count in _broadcasts(residents, month).items():
        had[number] = had.get(number, 0) + count
    return {number for number, count in had.items() if count >= MASS_A_MONTH}


def _messages(
    residents: Collection[int], *where: object, topics: Collection[str] = OUTREACH, but: int | None
) -> dict[int, int]:
    """By resident, merged people counted as one."""
    whose = func.coalesce(Resident.merged_into_id, Resident.id)
    query = (
        select(whose, func.count())
        .select_from(Message)
        .join(Resident, Resident.id == Message.resident_id)
        .where(
            or_(Resident.id.in_(residents), Resident.merged_into_id.in_(residents)),
            Message.state.in_(OUT),
            *where,  # type: ignore[arg-type]
        )
        .group_by(whose)
    )
    if topics:
        query = query.where(Message.topic.in_(topics))
    if but is not None:
        query = query.where(Message.fact_id != but)
    return {int(number): int(count) for number, count in db.session.execute(query)}


def _broadcasts(residents: Collection[int], since: object) -> dict[int, int]:
    """Mass sends to everybody or to a topic's followers, as far as these people follow the account."""
    rows = db.session.execute(
        select(Broadcast.topic_id, func.count())
        .where(Broadcast.state.in_(_SENT), Broadcast.made_at >= since)
        .group_by(Broadcast.topic_id)
    ).all()
    if not rows:
        return {}
    follow_account = set(
        db.session.scalars(select(Identity.resident_id).where(Identity.resident_id.in_(residents), Identity.followed))
    )
    had: dict[int, int] = {}
    for topic_id, count in rows:
        these = follow_account
        if topic_id is not None:
            these = these & set(
                db.session.scalars(
                    select(Follow.resident_id).where(Follow.topic_id == topic_id, Follow.resident_id.in_(residents))
                )
            )
        for number in these:
            had[number] = had.get(number, 0) + int(count)
    return had
