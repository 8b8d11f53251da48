"""Who has read a question: the trail knows, and the person who asked may know it too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.kernel import trail
from models.questions.question import Question


@dataclass(frozen=True)
class Seen:
    """One officer's reading, the last time if there were several."""

    name: str
    unit: str
    at: datetime
    times: int
    reason: str = ""
    """Why, when it was nobody's own question to read."""


def readers(question: Question, limit: int = 200) -> list[Seen]:
    """Everybody who works here and has opened it, the last one first."""
    found: dict[tuple[str, str, str], Seen] = {}
    rows: Any = trail.story(subject=question, verbs=("read", "break_glass"), limit=limit)
    for trace, _ in rows:
        reason = str(trace.detail.get("reason", "")) if trace.verb == "break_glass" else ""
        who = (trace.actor_ref, trace.verb, reason)
        before = found.get(who)
        at, times = (before.at, before.times + 1) if before else (trace.at, 1)
        found[who] = Seen(trace.actor_name, trace.actor_unit or trace.actor_post, at, times, reason)
    return sorted(found.values(), key=lambda seen: seen.at, reverse=True)
