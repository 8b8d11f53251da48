"""What may still be sent to whom: followers, open windows, consents; read for many people at once, spent one at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update

from models.kernel.base import db
from models.kernel.clock import local, now
from models.outreach.article import Broadcast, BroadcastState, Topic
from models.outreach.campaign import BatchState, CampaignBatch
from models.people.resident import Grant, Identity, Resident


@dataclass(frozen=True)
class Reach:
    """The ways in which one person can be reached now."""

    official_id: int | None = None
    """Our number of the identity that follows, or once followed, the official account."""
    official_openid: str = field(default="", repr=False)
    followed: bool = False
    official_blocked: bool = False
    window_until: datetime | None = None
    window_left: int = 0
    mini_id: int | None = None
    mini_openid: str = field(default="", repr=False)
    mini_blocked: bool = False
    grants: Mapping[str, int] = field(default_factory=dict)
    """Template of the mini program to consents left; a lasting consent counts as one that is always left."""
    notices: Mapping[str, int] = field(default_factory=dict)
    """The same for the official account's subscribe notices."""

    @property
    def window_open(self) -> bool:
        """Whether a customer message may be sent."""
        return self.window_left > 0 and self.window_until is not None and self.window_until > now()


NOBODY = Reach()
_Found = Any
"""A core row of Identity."""


def reaches(residents: Iterable[int], official: str, mini: str) -> dict[int, Reach]:
    """How each of these residents can be reached, identities of merged people included; three queries for all."""
    wanted = list(residents)
    into = dict.fromkeys(wanted)
    owner: dict[int, int] = {number: number for number in into}
    for number, merged in db.session.execute(
        select(Resident.id, Resident.merged_into_id).where(Resident.merged_into_id.in_(wanted))
    ):
        owner[number] = int(merged or number)
    found = db.session.execute(
        select(
            Identity.id,
            Identity.resident_id,
            Identity.appid,
            Identity.openid,
            Identity.followed,
            Identity.blocked,
            Identity.window_until,
            Identity.window_left,
        )
        .where(Identity.resident_id.in_(owner), Identity.appid.in_((official, mini)))
        .order_by(Identity.id)
    ).all()
    granted: dict[int, dict[str, int]] = {}
    for identity_id, template, remaining, lasting in db.session.execute(
        select(Grant.identity_id, Grant.template, Grant.remaining, Grant.lasting)
        .join(Identity, Identity.id == Grant.identity_id)
        .where(Identity.resident_id.in_(owner), or_(Grant.remaining > 0, Grant.lasting))
    ):
        granted.setdefault(identity_id, {})[template] = max(remaining, 1 if lasting else 0)
    best: dict[int, dict[str, _Found]] = {}
    for identity in found:
        mine = best.setdefault(owner[identity.resident_id], {})
        before = mine.get(identity.appid)
        if before is None or _better(identity, before, granted):
            mine[identity.appid] = identity
    return {number: _reach(best[number], official, mini, granted) if number in best else NOBODY for number in wanted}


def _better(new: _Found, old: _Found, granted: Mapping[int, object]) -> bool:
    """Of two identities of one person in one account, the one that can be written to."""
    return (not new.blocked, new.followed, new.id in granted) > (not old.blocked, old.followed, old.id in granted)


def _reach(mine: Mapping[str, _Found], official: str, mini: str, granted: Mapping[int, Mapping[str, int]]) -> Reach:
    there, here = mine.get(official) if official else None, mine.get(mini) if mini else None
    return Reach(
        official_id=there.id if there else None,
        official_openid=there.openid if there else "",
        followed=bool(there and there.followed),
        official_blocked=bool(there and there.blocked),
        window_until=there.window_until if there else None,
        window_left=there.window_left if there else 0,
        mini_id=here.id if here else None,
        mini_openid=here.openid if here else "",
        mini_blocked=bool(here and here.blocked),
        grants=dict(granted.get(here.id, {})) if here else {},
        notices=dict(granted.get(there.id, {})) if there else {},
    )


def spend_grant(identity_id: int, template: str) -> bool:
    """Take one consent before the message goes out; False when none is left. A lasting one is not used up."""
    return bool(
        db.session.execute(
            update(Grant)
            .where(
                Grant.identity_id == identity_id,
                Grant.template == template,
                or_(Grant.remaining > 0, Grant.lasting),
            )
            .values(remaining=case((Grant.lasting, Grant.remaining), else_=Grant.remaining - 1), changed_at=now())
            .returning(Grant.id)
        ).first()
    )


def return_grant(identity_id: int, template: str) -> None:
    """The message certainly did not go out: the consent is still there."""
    db.session.execute(
        update(Grant)
        .where(Grant.identity_id == identity_id, Grant.template == template)
        .values(remaining=case((Grant.lasting, Grant.remaining), else_=Grant.remaining + 1), changed_at=now())
    )


def no_grant_left(identity_id: int, template: str) -> None:
    """WeChat says so (43101)."""
    db.session.execute(
        update(Grant)
        .where(Grant.identity_id == identity_id, Grant.template == template)
        .values(remaining=0, lasting=False, changed_at=now())
    )


def spend_window(identity_id: int) -> bool:
    """Take one customer message before it goes out."""
    return bool(
        db.session.execute(
            update(Identity)
            .where(Identity.id == identity_id, Identity.window_left > 0, Identity.window_until > now())
            .values(window_left=Identity.window_left - 1)
            .returning(Identity.id)
        ).first()
    )


def return_window(identity_id: int) -> None:
    """The message certainly did not go out."""
    db.session.execute(
        update(Identity)
        .where(Identity.id == identity_id, Identity.window_until.is_not(None))
        .values(window_left=Identity.window_left + 1)
    )


def close_window(identity_id: int) -> None:
    """WeChat says that the window is closed or used up (45015, 45047)."""
    db.session.execute(update(Identity).where(Identity.id == identity_id).values(window_left=0, window_until=None))


def lost_follower(identity_id: int) -> None:
    """WeChat says that this person does not follow any more (43004)."""
    db.session.execute(
        update(Identity)
        .where(Identity.id == identity_id)
        .values(followed=False, unfollowed_at=now(), window_until=None, window_left=0)
    )


def block(identity_id: int) -> None:
    """WeChat says that this person takes nothing from us, or is not ours (40003, 43019, 48002)."""
    db.session.execute(update(Identity).where(Identity.id == identity_id).values(blocked=True))


MASS_A_MONTH = 4
"""Mass sends that one follower of a service account receives in a calendar month, whoever sends them."""


def mass_obstacle(kind: str, topic: Topic | None) -> str | None:
    """Why no mass send may go to these people now; None when one is left for each of them.

    A service account's follower receives four a month, a subscription account sends one a day. Somebody may follow several
    topics, so what went to everybody and to any topic counts for all when everybody is meant.
    """
    at = local(now())
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    since = day if kind == "subscription" else day.replace(day=1)
    sent = select(func.count()).where(
        Broadcast.state.in_((BroadcastState.SENT, BroadcastState.FINISHED, BroadcastState.HELD)),
        Broadcast.made_at >= since,
    )
    if kind == "subscription":
        return "今天已经群发过一次，明天再发" if db.session.scalar(sent) or _campaigns_since(since) else None
    if topic is not None:
        sent = sent.where(or_(Broadcast.topic_id.is_(None), Broadcast.topic_id == topic.id))
    number = (db.session.scalar(sent) or 0) + _campaigns_since(since)
    return (
        f"这个月已经群发{number}次，每位关注者每月最多收到{MASS_A_MONTH}次，下月1日再发"
        if number >= MASS_A_MONTH
        else None
    )


def _campaigns_since(since: datetime) -> int:
    """Campaigns that sent their article to many: somebody may have stood in each of them."""
    return (
        db.session.scalar(
            select(func.count(CampaignBatch.campaign_id.distinct())).where(
                CampaignBatch.state.in_((BatchState.SENT, BatchState.FINISHED, BatchState.HELD)),
                CampaignBatch.made_at >= since,
            )
        )
        or 0
    )
