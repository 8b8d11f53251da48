"""How many calls of each of WeChat's interfaces may still be made this minute, this day, this month; one book for all machines."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Integer, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, insert_into
from models.kernel.clock import local, now, wall

FILE = Path(__file__).resolve().parents[2] / "config" / "wechat" / "limits.toml"


class Allowance(Base):
    """Calls made in one period, counted before they are made."""

    __tablename__ = "allowance"
    __table_args__ = (UniqueConstraint("appid", "api", "period"),)

    appid: Mapped[str] = mapped_column(String(32))
    api: Mapped[str] = mapped_column(String(64))
    period: Mapped[str] = mapped_column(String(20))
    """2026-11-28, 2026-11-28T09:41 or 2026-11, on the law's clock in Beijing."""
    used: Mapped[int] = mapped_column(Integer, default=0)


@dataclass(frozen=True)
class Limit:
    """What one interface allows; 0 is no limit."""

    minute: int = 0
    day: int = 0
    month: int = 0


@cache
def limits() -> dict[str, Limit]:
    """By interface, from config/wechat/limits.toml."""
    with open(FILE, "rb") as file:
        return {api: Limit(**told) for api, told in tomllib.load(file).items()}


@dataclass(frozen=True)
class Taken:
    """How many of those wanted may go out now, and when to ask for the rest."""

    number: int
    again_at: datetime | None = None
    """On the wall's clock."""
    why: str = ""


def take(appid: str, api: str, wanted: int) -> Taken:
    """Count calls before they are made; each row is locked until the transaction ends, so machines never overspend together."""
    limit = limits().get(api, Limit())
    granted, again, why = wanted, None, ""
    for period, most, ends, words in _periods(limit):
        if granted == 0:
            break
        left = max(0, most - _locked(appid, api, period))
        if left < granted:
            granted, again, why = left, ends, words
    if granted:
        for period, *_ in _periods(limit):
            _add(appid, api, period, granted)
    return Taken(granted, again, why)


def give_back(appid: str, api: str, number: int) -> None:
    """Calls that were counted and certainly not made."""
    for period, *_ in _periods(limits().get(api, Limit())):
        if _locked(appid, api, period) >= number:
            _add(appid, api, period, -number)


def used_up(appid: str, api: str) -> None:
    """WeChat says that the day's calls are spent (45009), whatever we counted."""
    limit = limits().get(api, Limit())
    if limit.day:
        period = f"{local(now()):%Y-%m-%d}"
        _add(appid, api, period, max(0, limit.day - _locked(appid, api, period)))


def standing(appid: str) -> dict[str, tuple[int, int]]:
    """By interface with a daily limit: used today, and the limit."""
    today = f"{local(now()):%Y-%m-%d}"
    found = db.session.execute(
        select(Allowance.api, Allowance.used).where(Allowance.appid == appid, Allowance.period == today)
    ).all()
    return {api: (used, limits()[api].day) for api, used in found if api in limits() and limits()[api].day}


def sweep() -> None:
    """Minutes that are over, days and months long past."""
    at = local(now())
    db.session.execute(
        delete(Allowance).where(
            (Allowance.period < f"{at - timedelta(days=70):%Y-%m-%d}")
            | (Allowance.period.like("%T%") & (Allowance.period < f"{at - timedelta(hours=2):%Y-%m-%dT%H:%M}"))
        )
    )


def _periods(limit: Limit) -> list[tuple[str, int, datetime, str]]:
    """Period, limit, when it ends on the wall's clock, and what to call it."""
    law = now()
    at = local(law)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    ends = {
        "minute": at.replace(second=0, microsecond=0) + timedelta(minutes=1),
        "day": day + timedelta(days=1),
        "month": month,
    }
    names = {"minute": f"{at:%Y-%m-%dT%H:%M}", "day": f"{at:%Y-%m-%d}", "month": f"{at:%Y-%m}"}
    words = {
        "minute": "这一分钟的次数已用完，下一分钟继续",
        "day": "今天的接口次数已用完，零点后继续",
        "month": "这个月的次数已用完，下月1日继续",
    }
    shift = wall() - law
    return [
        (names[kind], most, ends[kind] + shift + timedelta(seconds=1), words[kind])
        for kind in ("minute", "day", "month")
        if (most := getattr(limit, kind))
    ]


def _locked(appid: str, api: str, period: str) -> int:
    """What was used, with the row locked; the row is made when it is not there."""
    row = insert_into(Allowance).values(appid=appid, api=api, period=period, used=0)
    db.session.execute(row.on_conflict_do_nothing())
    return (
        db.session.scalar(
            select(Allowance.used)
            .where(Allowance.appid == appid, Allowance.api == api, Allowance.period == period)
            .with_for_update()
        )
        or 0
    )


def _add(appid: str, api: str, period: str, number: int) -> None:
    row = insert_into(Allowance).values(appid=appid, api=api, period=period, used=number)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["appid", "api", "period"], set_={"used": Allowance.used + number})
    )
