"""Who will be told by which channel when the answers go out, and who cannot be told and why; a forecast, sends nothing."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from typing import Any

from flask import current_app
from sqlalchemy import func, select, union

from config.settings import Account, Settings
from models.comments.comment import Comment, Withdrawal
from models.comments.since import Carried, rows_of
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import now
from models.messages.budget import Reach, reaches
from models.people.resident import Grant, Identity, Resident
from server.console.progress import carried, writing
from server.wire.rights import rights_of

TOGETHER = 1000
"""People that are looked at together: neither memory nor a statement grows with the consultation."""
WRITTEN_WITHIN = timedelta(minutes=10)
"""A change of what may be sent to somebody is read again for so long: it may be committed late, but no transaction lasts longer."""
EXAMPLES = 50
WAYS = {
    "template": ("公众号服务通知", "发布后 10 分钟内", "关注了公众号的人"),
    "subscribe": ("小程序订阅消息", "发布后 10 分钟内", "同意过接收的人，发一次用掉一次同意"),
    "customer": ("公众号对话", "发布后 10 分钟内", "48 小时内在公众号里说过话的人"),
    "inbox": ("放进「我的意见」", "发布当时", "没有别的办法通知，下次打开就看到"),
    "phone": ("打电话", "名单在「告知」里", "代录时留了电话的人，由承办人或网格员打"),
}
LOST = {
    "anonymous": ("没有登录，只有回执号", "公告里写明凭回执号和 PIN 查；采纳情况贴到村、社区公开栏"),
    "on_paper": ("代录的，没有留电话", "把回条送到村、社区，凭回执号也能查"),
}


@dataclass(frozen=True)
class Row:
    """One way, and how many people."""

    words: str
    number: int
    when: str
    says: str
    css: str
    lost: bool = False


@dataclass(frozen=True)
class Forecast:
    """All of it."""

    total: int
    told: int
    rows: list[Row]
    reasons: list[tuple[str, int, str]]
    by_way: dict[str, list[int]]
    """Some residents of each way, for an example of what they will read; the way of most people first."""

    @property
    def lost(self) -> int:
        """Whom nothing reaches."""
        return self.total - self.told

    @property
    def parts(self) -> list[tuple[str, int]]:
        """For the bar."""
        return [("bar-none" if r.lost else f"bar-{r.css[1:]}", r.number) for r in self.rows]

    @property
    def words(self) -> str:
        """For whoever does not see the bar."""
        return "，".join(f"{r.words} {r.number} 人" for r in self.rows)


def forecast(matter: Consultation) -> Forecast:
    """Everybody who spoke and did not take it all back, merged people once."""
    return Ways().now(matter) if writing() else carried(Ways, matter)


@dataclass(frozen=True)
class Who:
    """One person, as far as it matters for telling them."""

    id: int
    on_paper: bool
    anonymous: bool
    phone: bool


class Ways(Carried[Forecast]):
    """By which way each person will be told. Somebody is looked at again when they speak, are merged or forgotten, or WeChat's
    rights towards them change: a message opens a window, a tap gives a consent, time closes the window."""

    def _clear(self) -> None:
        self._wrote: dict[int, int] = {}
        """Comment to the person behind it; none for one that was taken back, or whose writer was forgotten."""
        self._comments: Counter[int] = Counter()
        """Person to how many there are of them."""
        self._way: dict[int, str] = {}
        self._people: dict[str, dict[int, None]] = {way: {} for way in (*WAYS, *LOST)}
        self._again: set[int] = set()
        self._closing: list[tuple[datetime, int]] = []
        """When whose window closes."""
        self._looked_at: datetime | None = None

    @property
    def held(self) -> int:
        """How many comments are remembered."""
        return len(self._wrote)

    def _read(self, consultation: Consultation, touched: Collection[int] | None) -> None:
        query: Any = (
            select(
                Comment.id,
                Resident.id.label("who"),
                Resident.merged_into_id,
                Resident.erased_at,
                Withdrawal.id.label("withdrawn"),
            )
            .join(Resident, Resident.id == Comment.resident_id)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(Comment.consultation_id == consultation.id)
        )
        for row in rows_of(query.order_by(Comment.id), Comment.id, touched):
            before = self._wrote.pop(row.id, None)
            if before is not None:
                self._comments[before] -= 1
                self._again.add(before)
            if row.withdrawn is None and row.erased_at is None:
                self._wrote[row.id] = now = row.merged_into_id or row.who
                self._comments[now] += 1
                self._again.add(now)

    def _tell(self, consultation: Consultation) -> Forecast:
        at = now()
        if self._looked_at is not None:
            self._again.update(who for who in _changed(self._looked_at - WRITTEN_WITHIN) if who in self._comments)
        while self._closing and self._closing[0][0] <= at:
            self._again.add(heappop(self._closing)[1])
        self._looked_at = at
        some = sorted(self._again)
        for start in range(0, len(some), TOGETHER):
            self._look_at(some[start : start + TOGETHER])
        self._again.clear()
        return self._forecast()

    def _look_at(self, people: list[int]) -> None:
        settings: Settings = current_app.extensions["settings"]
        official, mini = settings.official, settings.mini
        rows = db.session.execute(
            select(
                Resident.id, Resident.on_paper, Resident.anonymous, Resident.sealed_phone.is_not(None).label("phone")
            ).where(Resident.id.in_([who for who in people if self._comments[who]]))
        ).all()
        ways = reaches([row.id for row in rows], official.appid if official else "", mini.appid if mini else "")
        for who in people:
            if who in self._way:
                del self._people[self._way.pop(who)][who]
            if not self._comments[who]:
                del self._comments[who]
        for row in rows:
            reach = ways[row.id]
            way = self._way[row.id] = _way(Who(row.id, row.on_paper, row.anonymous, row.phone), reach, official, mini)
            self._people[way][row.id] = None
            if reach.window_open and reach.window_until is not None:
                heappush(self._closing, (reach.window_until, row.id))

    def _forecast(self) -> Forecast:
        found = Counter({way: len(people) for way, people in self._people.items() if people})
        rows = []
        for place, (key, (words, when, says)) in enumerate(WAYS.items(), 1):
            if found[key]:
                rows.append(Row(words, found[key], when, says, f"k{place}"))
        total, lost = found.total(), sum(found[key] for key in LOST)
        if lost:
            rows.append(Row("告知不到", lost, "—", "凭回执号随时可查，见下", "kn", lost=True))
        reasons = [(why, found[key], what) for key, (why, what) in LOST.items() if found[key]]
        some = {way: list(islice(self._people[way], EXAMPLES)) for way, _ in found.most_common()}
        return Forecast(total, total - lost, rows, reasons, some)


def _changed(since: datetime) -> set[int]:
    """The people of whom WeChat, or we ourselves, have said something else since then about what may be sent to them."""
    granted = select(Grant.identity_id).where(Grant.changed_at >= since)
    numbers = list(
        db.session.scalars(
            union(
                select(Identity.resident_id).where(Identity.changed_at >= since),
                select(Identity.resident_id).where(Identity.id.in_(granted)),
            )
        )
    )
    found: set[int] = set()
    for start in range(0, len(numbers), TOGETHER):
        some = Resident.id.in_(numbers[start : start + TOGETHER])
        found.update(db.session.scalars(select(func.coalesce(Resident.merged_into_id, Resident.id)).where(some)))
    return found


def _way(who: Who, reach: Reach, official: Account | None, mini: Account | None) -> str:
    """The channels in the order in which they will be tried."""
    templates = bool(official and official.template_answer and rights_of(official.kind).template)
    if templates and reach.official_id is not None and reach.followed and not reach.official_blocked:
        return "template"
    if mini and mini.template_answer and not reach.mini_blocked and reach.grants.get(mini.template_answer, 0) > 0:
        return "subscribe"
    if official and rights_of(official.kind).customer and not reach.official_blocked and reach.window_open:
        return "customer"
    if who.on_paper and reach.official_id is None and reach.mini_id is None:
        return "phone" if who.phone else "on_paper"
    if who.anonymous and reach.official_id is None and reach.mini_id is None:
        return "anonymous"
    return "inbox"
