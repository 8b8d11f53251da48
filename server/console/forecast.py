"""Who will be told by which channel when the answers go out, and who cannot be told and why; a forecast, sends nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from config.settings import Account, Settings
from models.comments.comment import Comment, Withdrawal
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.kernel.clock import now
from models.messages.budget import Reach, reaches
from models.people.resident import Resident
from server.console.progress import remembered
from server.wire.rights import rights_of

TOGETHER = 1000
"""People that are looked at together: neither memory nor a statement grows with the consultation."""
AT_ONCE = 2000
"""Up to so many people it is counted whenever somebody looks."""
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
    """Everybody who spoke and did not take it all back, merged people once; of many thousands counted once a minute."""
    if matter.n_people <= AT_ONCE:
        return _counted(matter)
    found: Forecast = remembered(f"forecast {now():%H:%M}", matter, lambda: _counted(matter), people=True)
    return found


def _counted(matter: Consultation) -> Forecast:
    settings: Settings = current_app.extensions["settings"]
    official, mini = settings.official, settings.mini
    by_way: dict[str, list[int]] = defaultdict(list)
    found: Counter[str] = Counter()
    for people in _people(matter):
        ways = reaches([p.id for p in people], official.appid if official else "", mini.appid if mini else "")
        for who in people:
            way = _way(who, ways[who.id], official, mini)
            found[way] += 1
            if len(by_way[way]) < EXAMPLES:
                by_way[way].append(who.id)
    rows = []
    for place, (key, (words, when, says)) in enumerate(WAYS.items(), 1):
        if found[key]:
            rows.append(Row(words, found[key], when, says, f"k{place}"))
    total, lost = found.total(), sum(found[key] for key in LOST)
    if lost:
        rows.append(Row("告知不到", lost, "—", "凭回执号随时可查，见下", "kn", lost=True))
    reasons = [(why, found[key], what) for key, (why, what) in LOST.items() if found[key]]
    return Forecast(total, total - lost, rows, reasons, {way: by_way[way] for way, _ in found.most_common()})


@dataclass(frozen=True)
class Who:
    """One person, as far as it matters for telling them."""

    id: int
    on_paper: bool
    anonymous: bool
    phone: bool


def _people(matter: Consultation) -> Iterator[list[Who]]:
    """Whoever stands behind the comments, some at a time, each once."""
    seen: set[int] = set()
    after = 0
    while True:
        rows = db.session.execute(
            select(
                Comment.serial,
                Resident.id,
                Resident.merged_into_id,
                Resident.on_paper,
                Resident.anonymous,
                Resident.sealed_phone.is_not(None).label("phone"),
                Resident.erased_at,
            )
            .join(Resident, Resident.id == Comment.resident_id)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(Comment.consultation_id == matter.id, Withdrawal.id.is_(None), Comment.serial > after)
            .order_by(Comment.serial)
            .limit(TOGETHER)
        ).all()
        if not rows:
            return
        page = []
        for row in rows:
            who: Any = row
            if row.merged_into_id is not None:
                merged = db.session.get_one(Resident, row.id).current
                who = Who(merged.id, merged.on_paper, merged.anonymous, bool(merged.phone))
            if row.erased_at is None and who.id not in seen:
                seen.add(who.id)
                page.append(Who(who.id, who.on_paper, who.anonymous, bool(who.phone)))
        yield page
        after = rows[-1].serial


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
