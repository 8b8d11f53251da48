"""Sending a case to the meeting that decides it, with its pack; nothing unlawful and nothing half prepared gets there."""

from datetime import date

from sqlalchemy.exc import IntegrityError

from models.decisions.decision import CaseStage, Decision
from models.decisions.deliberation import Deliberation, MeetingStage, deliberations, passing
from models.decisions.draft import drafts_of
from models.decisions.meeting_pack import meeting_pack
from models.decisions.resolution import Resolution
from models.decisions.road import lacking
from models.kernel.base import db
from models.kernel.clock import now, today
from models.kernel.lifecycle import act, predicate, ruled
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer


@act(
    CaseStage.STARTED,
    by=ruled("decision.deliberate"),
    needs="decision.deliberate",
    label="提交集体讨论",
    say="提交{meeting}讨论",
    primary=True,
    of=Decision,
)
def deliberate(decision: Decision, officer: Officer, meeting: str, planned_on: date | None = None) -> Deliberation:
    """Before which meeting, and when it is meant to be; the pack is kept as it is now."""
    able = {one.key: one for one in decision.rules.meetings.values()}
    wrong: dict[str, str] = {}
    if meeting not in able:
        wrong["meeting"] = "请选提交哪一个会议。"
    if planned_on is not None and planned_on < today():
        wrong["planned_on"] = "计划开会的日期不能早于今天。"
    drafts = drafts_of(decision)
    if not drafts:
        wrong["draft"] = "还没有草案，会上没有可以讨论的文本。"
    if wrong:
        raise RuleUnmet("还不能提交集体讨论。", wrong)
    earlier = deliberations(decision)
    if any(one.stage in (MeetingStage.CALLED, MeetingStage.RECORDED) for one in earlier):
        raise OutOfTurn("已经提交讨论了，会议记录还没有确认；请先办完那一次。")
    if passing(decision) is not None:
        raise OutOfTurn("集体讨论已经通过，不用再提交。")
    made = Deliberation(
        decision=decision,
        number=len(earlier) + 1,
        meeting=meeting,
        draft=drafts[-1],
        pack=[item.snapshot() for item in meeting_pack(decision)],
        planned_on=planned_on,
        called_at=now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:
        raise OutOfTurn("别人刚刚提交了，请刷新页面。") from None
    note(meeting=able[meeting].title, number=made.number)
    return made


@predicate
def legal_review_passed(subject: Decision, actor: object) -> str | None:
    """The justice office found it lawful. A case's small record asks for its case; what a meeting decided had passed before."""
    case = subject.decision
    return None if Resolution.of(case) is not None else lacking(case, "legal_review")


@predicate
def risk_controllable(subject: Decision, actor: object) -> str | None:
    """The risk is in hand, or no assessment was needed."""
    return lacking(subject, "risk")
