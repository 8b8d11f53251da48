"""What the case file, mostly its supplements, holds of what followed the decision: carrying out, remarks with replies, evaluation."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from models.decisions.casefile import PRIVACY, PROCESS, Item, Rows, Sheet, contents
from models.decisions.decision import Decision
from models.decisions.evaluation import evaluations_of
from models.decisions.execution import changes_of, executions_of
from models.decisions.filed import chinese
from models.decisions.in_force import Remark
from models.decisions.material import Publicity
from models.kernel import sealed
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.refusal import Missing
from models.kernel.sealed import PersonKey
from models.people.officer import Officer
from models.people.resident import Resident

PAGE = 500


@contents("execution")
def _carried_out(decision: Decision) -> Iterator[Item]:
    """Each unit's task with its reports, and every suspension or ending."""
    for one in executions_of(decision):
        lines = [("单位", one.unit.name), ("负责人", one.owner.name), ("任务", one.task)]
        lines.append(("期限", f"{one.due_on:%Y年%-m月%-d日}" if one.due_on else ""))
        for report in one.reports:
            trouble = "（有困难）" if report.trouble else ""
            lines.append((f"进展{trouble}（{report.officer.name}，{chinese(report.made_at)}）", report.text))
        lines.append(("情况", one.stage.label))
        yield Item(
            f"执行情况：{one.unit.name}",
            local(one.reports[-1].made_at).date() if one.reports else None,
            Sheet([(name, words) for name, words in lines if words]),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.unit.name,
            key=f"execution:{one.public_id}",
        )
    changes = changes_of(decision)
    if changes:
        yield Item(
            "中止、恢复和终止执行",
            local(changes[-1].made_at).date(),
            Sheet(
                [(f"{one.force.label}（{one.officer.name}，{chinese(one.made_at)}）", one.reason) for one in changes]
            ),
            Publicity.OPEN,
            key="force",
        )


@contents("evaluation")
def _evaluated(decision: Decision) -> Iterator[Item]:
    """Why, by whom, what was found, and what followed from it."""
    for one in evaluations_of(decision):
        people = (("交办", one.commissioner), ("报告", one.reporter), ("定结论", one.concluder))
        lines = [
            ("为什么评估", f"{one.cause.label}{'：' + one.cause_words if one.cause_words else ''}"),
            ("评估单位", one.assessor + ("（第三方）" if one.third_party else "")),
            ("评估时公众的意见", f"{one.heard}条"),
            ("评估情况", one.findings),
            ("结论", one.result.label if one.result else ""),
            *((name, who.name if who else "") for name, who in people),
            ("情况", one.stage.label),
        ]
        yield Item(
            "决策后评估",
            one.concluded_on,
            Sheet([(name, words) for name, words in lines if words]),
            Publicity.ON_REQUEST,
            PROCESS,
            who=one.assessor,
            key=f"evaluation:{one.public_id}",
        )


@contents("execution")
def _said_since(decision: Decision) -> Iterator[Item]:
    """Remarks on the decision in force, with their replies."""
    number, last, replied = db.session.execute(
        select(func.count(), func.max(Remark.id), func.count(Remark.replied_at)).where(
            Remark.decision_id == decision.id
        )
    ).one()
    if number:
        yield Item(
            "对已公布决定的意见和回复",
            None,
            Rows(lambda: every_remark(decision), _as_read, number, f"{number}:{last}:{replied}"),
            Publicity.CLOSED,
            PRIVACY,
            who=f"居民，{number:,}条",
            key="remarks",
        )


def every_remark(decision: Decision) -> Iterator[Mapping[str, Any]]:
    """Each remark in the order in which they came, opened; a page at a time."""
    names = {row.id: row.name for row in db.session.execute(select(Officer.id, Officer.name))}
    after = 0
    while page := db.session.execute(
        select(
            Remark.id,
            Remark.public_id,
            Remark.channel,
            Remark.received_at,
            Remark.replied_at,
            Remark.replier_id,
            Remark.sealed_text,
            Remark.sealed_reply,
            PersonKey.wrapped,
            PersonKey.wrapped_by,
            PersonKey.public_id.label("key_name"),
        )
        .join(Resident, Resident.id == Remark.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .where(Remark.decision_id == decision.id, Remark.id > after)
        .order_by(Remark.id)
        .limit(PAGE)
    ).all():
        for row in page:
            try:
                key: bytes | None = sealed.unwrap(row.wrapped, row.wrapped_by, row.key_name)
            except Missing:
                key = None
            yield {
                "remark": row.public_id,
                "received_at": row.received_at.isoformat(),
                "channel": row.channel.value,
                "channel_words": row.channel.label,
                "text": sealed.unseal(key, row.sealed_text, f"remark.text:{row.public_id}") if key else None,
                "erased": key is None,
                "reply": sealed.unseal(key, row.sealed_reply, f"remark.reply:{row.public_id}")
                if key and row.sealed_reply
                else None,
                "replied_at": row.replied_at.isoformat() if row.replied_at else None,
                "replied_by": names.get(row.replier_id, ""),
            }
        after = page[-1].id


def _as_read(row: Mapping[str, Any]) -> str:
    text = sealed.GONE if row["erased"] else row["text"]
    lines = [f"{row['received_at'][:10]}　{row['channel_words']}", text]
    if row["replied_at"]:
        lines.append(f"回复（{row['replied_by']} {row['replied_at'][:10]}）：{row['reply'] or sealed.GONE}")
    return "\n".join(lines)
