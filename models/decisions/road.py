"""The road of a case at a glance: each station is told by its own record, done, in hand, not needed, or still to come."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from models.decisions.decision import Decision, Kind
from models.decisions.matter import OPTIONAL, Procedure
from models.decisions.procedure import Need, need_of
from models.kernel.clock import local, today

MAJOR = (Kind.MAJOR,)
NORMATIVE = (Kind.NORMATIVE,)
ALL = (Kind.MAJOR, Kind.ORDINARY, Kind.NORMATIVE)
REVIEWED = (Kind.MAJOR, Kind.NORMATIVE)


class Going(enum.StrEnum):
    """How a station stands."""

    DONE = "done"
    NOW = "now"
    WAIT = "wait"
    EXCUSED = "excused"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"done": "办完", "now": "进行中", "wait": "没到", "excused": "不需要"}[self.value]


@dataclass(frozen=True)
class Standing:
    """What a station's own record says of it."""

    going: Going
    who: str = ""
    """Who has it in hand or did it."""
    since: date | None = None
    """The day it was done, or begun."""
    due_on: date | None = None
    says: str = ""
    """What was done, or what is still lacking, in one line."""
    plan: str = ""
    """For what is still to come: how long it takes, or by when it is meant to be done."""

    @property
    def late(self) -> bool:
        """Its day has passed and it is not done."""
        return self.going in (Going.NOW, Going.WAIT) and self.due_on is not None and self.due_on < today()


@dataclass(frozen=True)
class Station:
    """A station of the road: its name, the place on the drawn line it belongs to, its articles, and for which kinds of case."""

    key: str
    name: str
    place: str
    article: str
    kinds: tuple[Kind, ...] = ALL


STATIONS = (
    Station("catalogue", "列入目录", "列入目录", "条例第三条", MAJOR),
    Station("start", "立案起草", "立案起草", "条例第十条至第十三条"),
    Station("consultation", "征求意见", "征求意见", "条例第十四条、第十五条"),
    Station("answers", "答复意见", "答复意见", "条例第十八条、街道规则"),
    Station("participation", "其他参与方式", "征求意见", "条例第十四条"),
    Station("hearing", "听证", "征求意见", "条例第十六条、第十七条", MAJOR),
    Station("poll", "民意调查", "征求意见", "条例第十四条", MAJOR),
    Station("expert", "专家论证", "专家与风险", "条例第十九条至第二十一条", MAJOR),
    Station("risk", "风险评估", "专家与风险", "条例第二十二条至第二十四条", MAJOR),
    Station("legal_review", "合法性审查", "合法性审查", "条例第二十五条至第二十八条", REVIEWED),
    Station("deliberation", "集体讨论", "集体讨论", "条例第二十九条、第三十条"),
    Station("party_report", "请示报告", "集体讨论", "条例第三十一条", MAJOR),
    Station("sign_off", "三级签批", "签批印发", "源报告“四到位”", NORMATIVE),
    Station("secrecy", "保密审查", "公布", "信息公开条例第十七条"),
    Station("publish", "公布", "公布", "条例第三十二条、信息公开条例第二十六条"),
    Station("filing", "备案", "备案", "规范性文件备案规定", NORMATIVE),
    Station("archive", "归档", "归档", "条例第三十三条"),
    Station("execution", "执行", "执行与评估", "条例第三十四条、第三十五条"),
    Station("evaluation", "后评估", "执行与评估", "条例第三十六条、第三十七条"),
)
"""Every station in its order; each one's record tells how it stands (see `station`)."""

Teller = Callable[[Decision], Standing | None]
_TELLERS: dict[str, Teller] = {}


def station(key: str) -> Callable[[Teller], Teller]:
    """Whoever keeps a station's record says how it stands: the function stands beside the record and is registered by this."""

    def decorate(tell: Teller) -> Teller:
        assert any(s.key == key for s in STATIONS), key
        _TELLERS[key] = tell
        return tell

    return decorate


@dataclass(frozen=True)
class Stop:
    """A station of this very case, and how it stands."""

    station: Station
    standing: Standing


def standing_of(decision: Decision, key: str) -> Standing | None:
    """How a station of this case stands; None where the case has no such thing."""
    tell = _TELLERS.get(key)
    if tell is not None:
        return tell(decision)
    return by_need(decision, Procedure(key)) if key in OPTIONAL else None


def road(decision: Decision) -> list[Stop]:
    """The whole road of a case, in order; a case that nobody classified shows the stations of every kind."""
    stops = []
    for one in STATIONS:
        if decision.kind is not None and decision.kind not in one.kinds:
            continue
        standing = standing_of(decision, one.key)
        if standing is not None:
            stops.append(Stop(one, standing))
    return stops


def lacking(decision: Decision, key: str) -> str | None:
    """For predicates: None where a station is done or excused, otherwise what is still lacking there, as it says itself."""
    standing = standing_of(decision, key)
    if standing is None:
        return ""
    return None if standing.going in (Going.DONE, Going.EXCUSED) else standing.says


def by_need(decision: Decision, procedure: Procedure) -> Standing | None:
    """How a part of the procedure stands by what was decided about it alone: excused, needed, or nobody has said."""
    need: Need | None = need_of(decision, procedure)
    if need is None:
        return Standing(Going.WAIT, decision.handler.name, says=f"还没有定要不要{procedure.label}。")
    if not need.needed:
        return Standing(Going.EXCUSED, need.officer.name, local(need.made_at).date(), says=f"不需要：{need.reason}")
    return Standing(
        Going.NOW,
        need.owner.name if need.owner else "",
        due_on=need.due_on,
        says=f"需要{procedure.label}，还没有办完。",
    )


@station("start")
def _started(decision: Decision) -> Standing:
    """Classified, a unit named, numbered."""
    if decision.started_at is not None:
        kind = decision.kind.label if decision.kind else ""
        return Standing(
            Going.DONE, decision.handler.name, local(decision.started_at).date(), says=f"{decision.number}，{kind}"
        )
    says = "还没有定事项种类。" if decision.kind is None else "种类定了，还没有立案编号。"
    return Standing(Going.NOW, decision.handler.name, says=says)
