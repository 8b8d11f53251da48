"""Who will be told by which channel when the answers go out, and who cannot be told and why; a forecast, sends nothing."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from config.settings import Account, Settings
from models.comments.comment import Comment, Withdrawal
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.messages.budget import Reach, reaches
from models.people.resident import Resident
from server.wire.rights import rights_of

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
    """The residents of each way, for an example of what they will read."""

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
    settings: Settings = current_app.extensions["settings"]
    official, mini = settings.official, settings.mini
    people = _people(matter)
    ways = reaches([p.id for p in people], official.appid if official else "", mini.appid if mini else "")
    by_way: dict[str, list[int]] = defaultdict(list)
    for who in people:
        by_way[_way(who, ways[who.id], official, mini)].append(who.id)
    found = Counter({way: len(numbers) for way, numbers in by_way.items()})
    rows = []
    for place, (key, (words, when, says)) in enumerate(WAYS.items(), 1):
        if found[key]:
            rows.append(Row(words, found[key], when, says, f"k{place}"))
    lost = sum(found[key] for key in LOST)
    if lost:
        rows.append(Row("告知不到", lost, "—", "凭回执号随时可查，见下", "kn", lost=True))
    reasons = [(why, found[key], what) for key, (why, what) in LOST.items() if found[key]]
    return Forecast(len(people), len(people) - lost, rows, reasons, dict(by_way))


def _people(matter: Consultation) -> list[Resident]:
    written = db.session.scalars(
        select(Resident).where(
            Resident.id.in_(
                select(Comment.resident_id)
                .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
                .where(Comment.consultation_id == matter.id, Withdrawal.id.is_(None))
            ),
            Resident.erased_at.is_(None),
        )
    ).unique()
    return list({who.current.id: who.current for who in written}.values())


def _way(who: Resident, reach: Reach, official: Account | None, mini: Account | None) -> str:
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
