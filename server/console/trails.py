"""The trail as a story that can be read, with the state of its chain on top."""

import datetime as dt
import re
from typing import Any

from flask import g, render_template, request
from sqlalchemy import func, select

from models.decisions.decision import Decision
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.evidence import Finding, Forged, Memory, check, memory_path, remembered
from models.kernel.heads import newest
from models.kernel.lifecycle import sentence
from models.kernel.refusal import Missing, NotAllowed
from models.kernel.trail import Trace, day_of
from models.people.officer import Post
from server.console.door import blueprint, desk
from server.console.nav import TRAIL

PAGE = 60
AT_ONCE = 1500
"""A chain of up to this many rows is checked whenever it is looked at; a longer one when somebody asks."""

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("全部", ()),
    "course": (
        "程序",
        (
            "open",
            "write",
            "draft_new",
            "revise",
            "submit",
            "check",
            "review",
            "sign",
            "publish",
            "send_back",
            "extend",
            "correct",
            "cancel",
            "release",
            "hand_over",
        ),
    ),
    "said": ("收到", ("_receive", "receive", "add", "withdraw", "attach", "place", "transcribe")),
    "answers": ("答复", ("answer",)),
    "approvals": ("审核", ("approve",)),
}
OTHERS = (Post.OFFICE, Post.ARCHIVIST, Post.INSPECTOR, Post.AUDIT_ADMIN)
"""Who may read what belongs to no case: people, articles, questions (without a word of theirs)."""
LOOKING = (Post.CHIEF, Post.INSPECTOR, Post.AUDIT_ADMIN)
"""Who may look into who answers for a case."""


@blueprint.get("/desk/trail")
@desk(*TRAIL.posts)
def trails() -> str:
    """All cases, and for some posts the months."""
    cases = db.session.scalars(select(Decision).order_by(Decision.id.desc()).limit(100)).all()
    months = (
        [chain for chain in trail.chains() if len(chain) == 7 and chain[4] == "-"] if g.officer.has(*OTHERS) else []
    )
    last: dict[str, dt.datetime] = {}
    sizes: dict[str, int] = {}
    for chain, at, size in db.session.execute(
        select(Trace.chain, func.max(Trace.at), func.count()).group_by(Trace.chain)
    ):
        last[chain], sizes[chain] = at, size
    head = next(iter(newest(1)), None)
    return render_template(
        "console/trails.html",
        cases=cases,
        months=list(reversed(months)),
        last=last,
        sizes=sizes,
        head=head,
        waiting=len(trail.unlinked()),
        look=_last_look(),
    )


@blueprint.get("/desk/trail/<chain>")
@desk(*TRAIL.posts)
def story(chain: str) -> str:
    """One chain, newest first, by day."""
    case = db.session.scalar(select(Decision).where(Decision.public_id == chain))
    if case is None:
        if not g.officer.has(*OTHERS):
            raise NotAllowed("不属于案卷的留痕由党政办、档案员、督查员和审计管理员看。")
        if chain not in trail.chains():
            raise Missing("没有这条留痕。")
    group = request.args.get("kind", "")
    words, verbs = GROUPS.get(group, GROUPS[""])
    rows: Any = trail.story(chain=chain, verbs=verbs, before=_before(), limit=PAGE)
    total = db.session.scalar(select(func.count()).select_from(Trace).where(Trace.chain == chain)) or 0
    by_verb = select(Trace.verb, func.count().label("size")).where(Trace.chain == chain).group_by(Trace.verb)
    sizes: dict[str, int] = {row.verb: row.size for row in db.session.execute(by_verb)}
    here = f"/desk/trail/{chain}"
    kind = f"&kind={group}" if group in GROUPS and group else ""
    return render_template(
        "console/trail.html",
        heading=case.title if case else f"{int(chain[:4])}年{int(chain[5:])}月，不属于案卷的",
        case=True,
        chain=chain,
        seal=seal(chain, total, asked="verify" in request.args),
        verify_link=f"{here}?verify=1",
        who_link=f"{here}/accountability" if case and g.officer.has(*LOOKING) else None,
        chips=[
            (
                f"{w} {_number(sizes, some):,}",
                f"{here}?kind={k}" if k else here,
                k == group or (not k and group not in GROUPS),
            )
            for k, (w, some) in GROUPS.items()
        ],
        days=_days(rows),
        group=words,
        next_page=f"{here}?before={rows[-1][0].id}{kind}" if len(rows) == PAGE else None,
    )


def _number(sizes: dict[str, int], verbs: tuple[str, ...]) -> int:
    """How many rows a filter shows; without verbs, all of them."""
    return sum(size for verb, size in sizes.items() if not verbs or verb in verbs)


def _before() -> int | None:
    """The number of the row that the page before ended with."""
    asked = request.args.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


def seal(chain: str, total: int, *, asked: bool = False) -> dict[str, Any]:
    """The state of a chain, checked now where it is short or somebody asks; and against what the last look remembers."""
    position, head = trail.tip(chain)
    found: dict[str, Any] = {
        "broken": False,
        "checked": False,
        "head": _spaced(head.hex()) if position else "",
        "wrong": [],
    }
    if total > AT_ONCE and not asked:
        found["words"] = f"共 {total:,} 条，{position:,} 条已入链。点「现在校验」逐条核对。"
        return found
    verdict = check(chain)
    wrong = [*verdict.wrong, *_since_last_look(chain)]
    found |= {"checked": True, "broken": bool(wrong), "wrong": wrong[:5], "when": now()}
    if not wrong:
        waiting = f"，{verdict.waiting} 条刚写下、等着入链" if verdict.waiting else ""
        found["words"] = f"{verdict.rows:,} 条逐条核对过，全部对上；{verdict.linked:,} 条已入链{waiting}。"
    else:
        found["words"] = f"{verdict.rows:,} 条里有 {len(wrong) + verdict.more} 处对不上，请立即告诉审计管理员。"
    return found


def _since_last_look(chain: str) -> list[Finding]:
    """What the command remembers of this chain and is no longer so; without a memory, nothing."""
    try:
        return remembered(chain)
    except Forged:
        return []


def _last_look() -> Memory | None:
    try:
        return Memory.load(memory_path())
    except Forged:
        return None


def _spaced(text: str) -> str:
    return " ".join(text[n : n + 4] for n in range(0, 24, 4)) + " …"


def _days(rows: list[Any]) -> list[tuple[dt.date, list[dict[str, Any]]]]:
    days: list[tuple[dt.date, list[dict[str, Any]]]] = []
    for trace, position in rows:
        day = day_of(trace)
        if not days or days[-1][0] != day:
            days.append((day, []))
        post = "·".join(part for part in (trace.actor_unit, trace.actor_post) if part)
        days[-1][1].append(
            {
                "at": trace.at,
                "who": trace.actor_name,
                "post": post,
                "sentence": told(trace),
                "number": f"{position:,}" if position else "待入链",
            }
        )
    return days


def told(trace: Trace) -> str:
    """A deed as a sentence, with its dates as people write them."""
    return _DATE.sub(lambda d: f"{int(d[1])}年{int(d[2])}月{int(d[3])}日", sentence(trace))


_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
