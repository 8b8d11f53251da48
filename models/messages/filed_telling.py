"""What the case file holds of the telling: each fact that people were told, to how many and by which way, and each person who spoke."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from models.comments.comment import Comment
from models.decisions.casefile import PRIVACY, PROCESS, Item, Rows, Sheet, contents
from models.decisions.consultation import Consultation
from models.decisions.decision import Decision
from models.decisions.material import Publicity
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.lifecycle import sentence
from models.kernel.trail import Trace
from models.messages.message import Message, MessageChannel
from models.messages.telling import Telling, TellingStage, counted, reasons, short_of, tellings
from models.people.resident import Resident

PAGE = 500
"""Messages that are read at once."""


@contents("answers")
def _told(decision: Decision) -> Iterator[Item]:
    """Facts of this case, followers told of its opening among them; and message by message those to people who spoke."""
    facts = list(
        db.session.scalars(
            select(Trace)
            .where(Trace.chain == decision.chain, Trace.id.in_(select(Message.fact_id).distinct()))
            .order_by(Trace.id)
        )
    )
    if not facts:
        return
    yield Item(
        "告知情况",
        local(facts[-1].at).date(),
        Sheet(list(_sheet(facts))),
        Publicity.ON_REQUEST,
        PROCESS,
        key="told",
    )
    number, last, moved = db.session.execute(
        _to_speakers(decision).with_only_columns(func.count(), func.max(Message.sent_at), func.max(Message.id))
    ).one()
    if not number:
        return
    states = db.session.execute(
        _to_speakers(decision).with_only_columns(Message.state, func.count()).group_by(Message.state)
    )
    mark = f"{number}:{moved}:{sorted((state.value, n) for state, n in states)}"
    yield Item(
        "逐人告知",
        local(last).date() if last else local(facts[-1].at).date(),
        Rows(lambda: every_telling(decision), _telling, number, mark),
        Publicity.CLOSED,
        PRIVACY,
        key="told each",
    )


def _sheet(facts: list[Trace]) -> Iterator[tuple[str, str]]:
    """Each fact with its numbers; two queries for the numbers of all."""
    ids = [fact.id for fact in facts]
    counts, began = counted(ids), tellings(ids)
    for fact in facts:
        yield from _fact(fact, counts.get(fact.id, {}), began.get(fact.id))


def _fact(fact: Trace, counts: dict[str, int], telling: Telling | None) -> Iterator[tuple[str, str]]:
    """One fact on the sheet: what, how many by which way, and why the others were not reached."""
    yield "", f"{local(fact.at):%Y年%-m月%-d日}　{sentence(fact)}"
    yield "应当告知", f"{counts.get('total', 0):,}人"
    ways = [f"{way.label}{n:,}人" for way in MessageChannel if (n := counts.get(way.value, 0))]
    yield "已经通知", "，".join(ways) or "没有人"
    if n := counts.get("inbox", 0):
        why = [f"{row.count:,}人{short_of(row.why)}" for row in reasons(fact.id) if row.channel == MessageChannel.INBOX]
        yield "只在“我的意见”里", f"{n:,}人：{'；'.join(why)}"
    for name, words in (("doubtful", "结果不确定，待人工核对"), ("waiting", "还在发")):
        if n := counts.get(name, 0):
            yield words, f"{n:,}人"
    if telling is not None:
        ended = telling.finished_at if telling.stage == TellingStage.FINISHED else None
        yield "告知完毕", f"{local(ended):%Y年%-m月%-d日%H:%M}" if ended else telling.stage.label


def _to_speakers(decision: Decision) -> Select[Any]:
    """Messages of the case's facts to those who spoke in it; merged people are told as the one they were merged into."""
    into = aliased(Resident)
    speakers = (
        select(func.coalesce(into.id, Resident.id))
        .select_from(Comment)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .join(Resident, Resident.id == Comment.resident_id)
        .outerjoin(into, into.id == Resident.merged_into_id)
        .where(Consultation.decision_id == decision.id)
    )
    return (
        select(Message.id)
        .join(Trace, Trace.id == Message.fact_id)
        .where(Trace.chain == decision.chain, Message.resident_id.in_(speakers))
    )


def every_telling(decision: Decision) -> Iterator[Mapping[str, Any]]:
    """Each message to somebody who spoke: of what, under which serials they spoke, which way, when, and why that way."""
    query = _to_speakers(decision).with_only_columns(
        Message.id,
        Message.fact_id,
        Message.resident_id,
        Message.state,
        Message.channel,
        Message.why,
        Message.made_at,
        Message.sent_at,
    )
    words: dict[int, str] = {}
    after = 0
    while page := db.session.execute(query.where(Message.id > after).order_by(Message.id).limit(PAGE)).all():
        serials = _serials(decision, {row.resident_id for row in page})
        for row in page:
            if row.fact_id not in words:
                words[row.fact_id] = sentence(db.session.get_one(Trace, row.fact_id))
            yield {
                "fact": words[row.fact_id],
                "serials": serials.get(row.resident_id, []),
                "channel": row.channel.value if row.channel else "",
                "channel_words": row.channel.label if row.channel else "",
                "state": row.state.value,
                "state_words": row.state.label,
                "why": row.why,
                "made_at": row.made_at.isoformat(),
                "sent_at": row.sent_at.isoformat() if row.sent_at else None,
            }
        after = page[-1].id


def _serials(decision: Decision, residents: set[int]) -> dict[int, list[str]]:
    """Under which serials each of them spoke in this case; what was said before a merging is theirs."""
    found: dict[int, list[str]] = {}
    owner = func.coalesce(Resident.merged_into_id, Resident.id)
    rows = db.session.execute(
        select(owner, Comment.serial)
        .join(Resident, Resident.id == Comment.resident_id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(Consultation.decision_id == decision.id, owner.in_(residents))
        .order_by(Comment.id)
    )
    for number, serial in rows:
        found.setdefault(number, []).append(f"{serial:04d}")
    return found


def _telling(row: Mapping[str, Any]) -> str:
    who = "、".join(f"第{serial}号" for serial in row["serials"])
    lines = [
        f"{who}　{row['fact']}",
        f"{row['channel_words'] or '还没有选定'}　{row['state_words']}　{_clock(row['sent_at'])}".rstrip(),
    ]
    return "\n".join([*lines, *([f"为什么这样告知：{row['why']}"] if row["why"] else [])])


def _clock(moment: str | None) -> str:
    return f"{local(datetime.fromisoformat(moment)):%Y-%m-%d %H:%M}" if moment else ""
