"""Two clocks: the wall's for secrets and leases, the law's for windows and deadlines."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from models.kernel.base import db
from models.kernel.installation import Installation
from models.kernel.refusal import NotAllowed, RuleUnmet

BEIJING = ZoneInfo("Asia/Shanghai")


def wall() -> datetime:
    """The time outside, in UTC: for signatures, sessions, leases and tokens."""
    return datetime.now(UTC)


def now() -> datetime:
    """The law's time, in UTC. It differs from wall() only in a database created as a demonstration."""
    return wall() + _offset()


def today() -> date:
    """The law's day in Beijing."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on a Beijing clock."""
    return moment.astimezone(BEIJING)


def move(seconds: int) -> datetime:
    """Move the law's clock of a demonstration forward; returns its new time."""
    office = Installation.here()
    if not office.demonstration:
        raise NotAllowed("只有演示环境可以调整时间。")
    if not 0 < seconds <= 400 * 86400:
        raise RuleUnmet("时间只能往前走，一次最多400天。")
    db.session.execute(
        update(Installation)
        .where(Installation.id == office.id)
        .values(clock_offset=Installation.clock_offset + seconds)
    )
    db.session.info.pop(_OFFSET, None)
    db.session.expire_all()
    return now()


_OFFSET = "clock_offset"
_READ = select(Installation.__table__.c.clock_offset)


def _offset() -> timedelta:
    """The demonstration's offset, read once a transaction; zero without a query everywhere else."""
    if not Installation.is_demonstration():
        return timedelta(0)
    info = db.session.info
    if _OFFSET not in info:
        info[_OFFSET] = db.session.scalar(_READ) or 0
    return timedelta(seconds=info[_OFFSET])


def forget() -> None:
    """A new transaction reads the offset anew."""
    db.session.info.pop(_OFFSET, None)
