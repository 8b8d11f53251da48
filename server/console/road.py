"""The road of one consultation on one line: what is done, what is in hand, what is owed by whom and when."""

from dataclasses import dataclass
from typing import Any

from models.decisions.consultation import Consultation, Stage
from models.kernel import trail
from models.kernel.clock import today
from models.kernel.trail import Trace
from server.console.tally import left_in
from server.words import day_short


@dataclass(frozen=True)
class Station:
    """One station."""

    name: str
    css: str
    who: str
    when: str
    late: bool = False


SIGNING = (
    ("draft_new", "起草", Stage.DRAFTED),
    ("check", "初审", Stage.SUBMITTED),
    ("review", "复审", Stage.CHECKED),
    ("sign", "签发", Stage.REVIEWED),
    ("publish", "公布", Stage.SIGNED),
)


def road(matter: Consultation) -> list[Station]:
    """Seven stations, from the draft to the release."""
    done: dict[str, Trace] = {}
    told: Any = trail.story(subject=matter, verbs=tuple(v for v, _, _ in SIGNING), limit=100)
    for trace, _ in told:
        done.setdefault(trace.verb, trace)
    order = [stage for _, _, stage in SIGNING]
    at = order.index(matter.stage) if matter.stage in order else len(order)
    stations = []
    for number, (verb, name, stage) in enumerate(SIGNING):
        made = done.get(verb)
        if number < at and made is not None:
            stations.append(Station(name, "done", made.actor_name, day_short(made.at)))
        elif stage == matter.stage:
            stations.append(Station(name, "now", matter.handler.name if verb == "draft_new" else "", "正在办"))
        else:
            stations.append(Station(name, "wait", "没到", ""))
    return stations + _afterwards(matter)


def _afterwards(matter: Consultation) -> list[Station]:
    if matter.stage == Stage.CANCELLED and matter.published_at is not None:
        return [Station("征求意见", "slip", "已取消", ""), Station("答复", "wait", "不再进行", "")]
    if matter.closes_on is None:
        return [Station("征求意见", "wait", "没到", ""), Station("答复", "wait", "没到", "")]
    said = f"收到 {matter.n_texts:,} 份"
    if matter.is_open():
        asking = Station("征求意见", "now", said, f"{day_short(matter.closes_on)}止")
    else:
        asking = Station("征求意见", "done", said, f"{day_short(matter.closes_on)}止")
    points = sum(number for stage, number in left_in(matter).items() if stage != "withdrawn")
    if matter.stage == Stage.CONCLUDED:
        return [asking, Station("答复", "done", f"{points:,} 条", day_short(matter.released_at))]
    due = matter.answer_due_on
    late = due is not None and due < today()
    css = "wait" if matter.is_open() else "slip" if late else "now"
    return [asking, Station("答复", css, f"{points:,} 条要点", f"{day_short(due)}前", late)]
