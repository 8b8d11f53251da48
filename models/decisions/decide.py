"""Deciding: the case takes the day, the meeting and the very words from the record of the deliberation."""

from datetime import date

from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.deliberation import Result, latest, passing
from models.decisions.draft import Draft, drafts_of
from models.decisions.resolution import Resolution
from models.kernel.base import db
from models.kernel.clock import local, now, today
from models.kernel.lifecycle import predicate, ruled, step
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received


@step(
    CaseStage.STARTED,
    to=CaseStage.DECIDED,
    by=ruled("decision.decide"),
    needs="decision.decide",
    label="登记决定",
    say="{decided_on}由{decided_by}决定，文本是第{draft}稿",
    of=Decision,
)
def decide(
    decision: Decision,
    officer: Officer,
    *,
    draft: Draft | None = None,
    decided_on: date | None = None,
    decided_by: str = "",
) -> Resolution:
    """Decided. Only an ordinary matter may have been decided without a meeting, and then somebody says on which day and by whom."""
    meeting, wrong = passing(decision), dict[str, str]()
    decided_by = as_received(decided_by, field="decided_by", most=120, least=0).strip()
    if meeting is not None:
        assert meeting.held_on is not None
        decided_on, decided_by = meeting.held_on, meeting.title
    elif decision.kind != Kind.ORDINARY:
        raise RuleUnmet("还没有经集体讨论，不能作出决定。", article="条例第三十条")
    elif latest(decision) is not None:
        raise OutOfTurn("这一件提交过集体讨论，还没有通过；请等会议有了结果再登记决定。")
    else:
        if decided_on is None or decided_on > today() or decided_on < local(decision.opened_at).date():
            wrong["decided_on"] = "请填作决定的日期，在立卷以后、不晚于今天。"
        if not decided_by:
            wrong["decided_by"] = "没有上会的，请写明由谁决定，例如：分管领导批准。"
    words = _words(decision, draft, wrong, changed=meeting is not None and meeting.result == Result.CHANGED)
    if wrong or words is None or decided_on is None:
        raise RuleUnmet("还不能登记决定。", wrong)
    made = Resolution(
        decision=decision,
        deliberation_id=meeting.id if meeting else None,
        draft=words,
        decided_on=decided_on,
        decided_by=decided_by,
        officer=officer,
        made_at=now(),
    )
    db.session.add(made)
    decision.decided_on = decided_on
    note(decided_on=decided_on, decided_by=decided_by, draft=words.number)
    return made


def _words(decision: Decision, draft: Draft | None, wrong: dict[str, str], *, changed: bool) -> Draft | None:
    """The version that was decided: the one on the table, or, passed with changes, one that was written since."""
    drafts, meeting = drafts_of(decision), passing(decision)
    if not drafts:
        wrong["draft"] = "还没有草案，请先把决定的文本写成一稿。"
        return None
    if draft is not None and draft.decision_id != decision.id:
        wrong["draft"] = "请选这一件的草案。"
        return None
    if meeting is None:
        return draft or drafts[-1]
    lay = meeting.draft
    if changed:
        chosen = draft or drafts[-1]
        if meeting.held_on is not None and local(chosen.made_at).date() < meeting.held_on:
            wrong["draft"] = f"会议要求修改：第 {chosen.number} 稿是开会以前写的，请先按会议意见写成新的一稿。"
        if lay is not None and chosen.number <= lay.number:
            wrong["draft"] = f"会议要求修改：请先按会议意见写成新的一稿，上会的第 {lay.number} 稿不是决定的文本。"
        return chosen
    chosen = draft or lay or drafts[-1]
    if lay is not None and chosen.id != lay.id:
        wrong["draft"] = f"会议通过的是第 {lay.number} 稿，决定的文本不能换成别的。"
    return chosen


@predicate
def case_is_decided(subject: Decision, actor: object) -> str | None:
    """The case has been decided; a case's small record asks for its case."""
    done = (CaseStage.DECIDED, CaseStage.PUBLISHED, CaseStage.ARCHIVED)
    return None if subject.decision.stage in done else ""
