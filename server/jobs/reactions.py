"""What an error of WeChat's means for everybody behind the one whom it met: waited for, stopped, remembered for all machines."""

import logging
from datetime import datetime, timedelta
from typing import Any

from models.kernel.clock import local, now, wall
from models.kernel.work import ATTEMPTS
from models.messages import allowance
from models.messages.halt import HaltKind, Stop, stand_still, stop_for, stops
from server.house import brief
from server.jobs.queue import Again, Held, Later, Turn
from server.wire.errors import Reaction, WireError

log = logging.getLogger(__name__)

MINUTE = timedelta(seconds=60)
ACCOUNT_WAIT = timedelta(minutes=10)
CAPABILITY_WAIT = timedelta(days=1)
"""An account that lacks an interface may have been given it since: one look a day."""

FOR_EVERYBODY = frozenset(
    {
        Reaction.STOP_BATCH,
        Reaction.STOP_UNTIL_MIDNIGHT,
        Reaction.NO_MASS_QUOTA,
        Reaction.NEXT_MINUTE,
        Reaction.ALARM_STOP,
        Reaction.REFRESH_TOKEN,
        Reaction.CAPABILITY_OFF,
        Reaction.RETRY_LATER,
    }
)
"""Reactions that concern whoever comes next as well: no new call begins after one of them."""


def react(
    turn: Turn, appid: str, api: str, error: WireError, *, template: str = "", monthly: bool = False
) -> Exception | None:
    """Write down what stands still now, and say how the piece of work ends; None when only this one call is concerned.

    No transaction may be open. `monthly`: the quota of mass sends is one of calendar months.
    """
    with brief():
        law = now()
        told: dict[str, Any] = {"words": error.words, "errcode": error.errcode, "rid": error.rid or ""}
        match error.reaction:
            case Reaction.STOP_BATCH:
                log.critical("ALARM a template is refused: %s", error)
                words = f"{error.words}（{error.errcode}）：{error.errmsg}"
                told["words"] = words
                stand_still(HaltKind.TEMPLATE, appid, api, template=template, until=None, **told)
                return Held(words)
            case Reaction.STOP_UNTIL_MIDNIGHT:
                log.error("ALARM %s", error)
                allowance.used_up(appid, api)
                stand_still(HaltKind.DAY, appid, api, until=midnight(law), **told)
                return Later(wall() + (midnight(law) - law), error.words)
            case Reaction.NO_MASS_QUOTA:
                log.error("ALARM %s", error)
                until = next_month(law) if monthly else midnight(law)
                stand_still(HaltKind.MASS, appid, api, until=until, **told)
                return Later(wall() + (until - law), error.words)
            case Reaction.NEXT_MINUTE:
                stand_still(HaltKind.MINUTE, appid, api, until=law + MINUTE, **told)
                return Later(wall() + MINUTE, error.words)
            case Reaction.ALARM_STOP | Reaction.REFRESH_TOKEN:
                log.critical("ALARM WeChat refuses us: %s", error)
                stand_still(HaltKind.ACCOUNT, appid, "", until=law + ACCOUNT_WAIT, **told)
                return Later(wall() + ACCOUNT_WAIT, error.words)
            case Reaction.CAPABILITY_OFF:
                log.error("ALARM this account does not have %s: %s", api, error)
                stand_still(HaltKind.CAPABILITY, appid, api, until=law + CAPABILITY_WAIT, **told)
                return None
    if error.reaction is Reaction.RETRY_LATER:
        return outage(turn, error.words)
    return None


def ending(stop: Stop) -> Exception:
    """How a piece of work ends that meets something standing still: no call is made."""
    if stop.kind is HaltKind.TEMPLATE:
        return Held(stop.words)
    return Later(stop.again_at, stop.words)


def stopped(appid: str, api: str) -> Stop | None:
    """What keeps this interface still, read in the transaction that is open."""
    return stop_for(stops(), appid, api)


def outage(turn: Turn, words: str) -> Exception:
    """WeChat is busy or away: soon again, then every five minutes for as long as it takes."""
    if turn.attempt < ATTEMPTS - 2:
        return Again(words)
    log.error("ALARM WeChat has been away for long: %s", words)
    return Later(wall() + timedelta(minutes=5), words)


def midnight(law: datetime) -> datetime:
    """The next 0:00 in Beijing, and a little."""
    at = local(law)
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1, seconds=5)


def next_month(law: datetime) -> datetime:
    """0:00 of the first of the next month in Beijing, and a little."""
    day = local(law).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=32)).replace(day=1) + timedelta(seconds=5)
