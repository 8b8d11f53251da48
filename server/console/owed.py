"""What a decision on its way still wants from an officer: minutes, a second signature, publishing, filing, an evaluation in time."""

from collections.abc import Iterator

from models.decisions.cleanup import CleanupStage, cleanups
from models.decisions.decision import CaseStage, cases
from models.decisions.deliberation import Deliberation, MeetingStage, in_hand
from models.decisions.expiry import LAST_CALL, Call, newest_calls
from models.decisions.filing import due_after
from models.decisions.normative import Normative, NormativeStage, normatives
from models.decisions.older import OlderDocument, older_documents, proposed_older
from models.decisions.publish import publish_by
from models.decisions.secrecy import CheckStage, latest
from models.decisions.validity import Force, Term, documents, proposed
from models.kernel.clock import today
from models.people.officer import Officer, Post
from server.console.rows import Row

ON_ROAD = {
    NormativeStage.SUBMITTED: ("初审", Post.UNIT_HEAD),
    NormativeStage.CHECKED: ("复审", Post.LEADER),
    NormativeStage.REVIEWED: ("签发", Post.CHIEF),
    NormativeStage.SIGNED: ("登记编号", Post.OFFICE),
}
"""Whose turn a normative document is."""


def owed(officer: Officer) -> Iterator[Row]:
    """In the order of the road."""
    yield from _meetings(officer)
    yield from _publishing(officer)
    yield from _documents(officer)


def _meetings(officer: Officer) -> Iterator[Row]:
    for meeting in in_hand():
        link = f"/desk/cases/{meeting.decision.public_id}/deliberation"
        title = meeting.decision.title
        if meeting.stage == MeetingStage.CALLED and officer.has(Post.OFFICE):
            sub = f"退回：{meeting.returned_reason}" if meeting.returned_reason else f"已提交{meeting.title}"
            yield Row(f"记录会议：{title}", link, "写记录", sub, "集体讨论", due=meeting.planned_on)
        elif meeting.stage == MeetingStage.RECORDED and _was_there(officer, meeting):
            yield Row(f"确认会议记录：{title}", link, "去确认", "您到会了；看看记得对不对", "集体讨论")


def _was_there(officer: Officer, meeting: Deliberation) -> bool:
    """Whether this officer sat at the table and did not write the minutes."""
    here = any(seat.present and seat.officer_id == officer.id for seat in meeting.seats)
    return here and meeting.recorder_id != officer.id


def _publishing(officer: Officer) -> Iterator[Row]:
    if not officer.has(Post.OFFICE, Post.HANDLER, Post.UNIT_HEAD):
        return
    for case in cases(CaseStage.DECIDED):
        check, link = latest(case), f"/desk/cases/{case.public_id}"
        due = publish_by(case)
        if check is None or check.stage == CheckStage.RETURNED:
            if officer.id == case.handler_id:
                yield Row(
                    f"保密审查：{case.title}", f"{link}/secrecy", "去审查", "决定了，公布以前要审查", "公布", due=due
                )
        elif check.stage == CheckStage.CHECKED:
            if officer.has(Post.UNIT_HEAD) and officer.id != check.checker_id:
                yield Row(
                    f"复核保密审查：{case.title}", f"{link}/secrecy", "去复核", check.openness.label, "公布", due=due
                )
        elif officer.has(Post.OFFICE):
            yield Row(f"公布：{case.title}", f"{link}/publish", "去公布", "保密审查做完了", "公布", due=due)


def _expiring(officer: Officer) -> Iterator[Row]:
    """Older documents near their end, for the office; from the last call on every one, for the leaders too; and what has lapsed."""
    office, above = officer.has(Post.OFFICE), officer.has(Post.LEADER, Post.CHIEF)
    if not office and not above:
        return
    calls = newest_calls()
    listed: list[tuple[str, Normative | OlderDocument, Term, str]] = [
        ("older", one, term, f"/desk/older/{one.public_id}") for one, term in older_documents()
    ]
    listed += [("normative", one, term, f"/desk/normatives/{one.public_id}") for one, _, term in documents()]
    for kind, one, term, link in listed:
        call = calls.get((kind, one.id))
        last = call is not None and call[0] == Call.LAST
        if term.force == Force.EXPIRING and ((office and kind == "older") or (above and not office and last)):
            yield Row(
                f"届满评估：《{one.title}》", link, "去看" if above else "去评估", f"{term.until} 到期，没有续就自动失效", "有效期",
                due=term.until,
            )  # fmt: skip
        elif office and one.ended_as is None and term.force == Force.LAPSED and (today() - term.until) <= LAST_CALL:
            yield Row(f"到期失效：《{one.title}》", link, "去看", f"{term.until} 到期，没有续，已经失效", "有效期")


def _documents(officer: Officer) -> Iterator[Row]:
    for one in normatives(*ON_ROAD):
        verb, post = ON_ROAD[one.stage]
        if officer.has(post) and officer.id != one.submitter_id:
            link = f"/desk/cases/{one.decision.public_id}/sign-off"
            yield Row(f"{verb}《{one.title}》", link, f"去{verb}", "规范性文件", "签批", one.submitter.name)
    if officer.has(Post.OFFICE, Post.HANDLER):
        for one, made, term in documents():
            mine = officer.has(Post.OFFICE) or officer.id == one.decision.handler_id
            if officer.has(Post.OFFICE) and one.filed_on is None:
                link = f"/desk/cases/{one.decision.public_id}/filing"
                due = due_after(one, made.published_on)
                yield Row(f"报送备案：《{one.title}》", link, "去备案", one.number, "备案", due=due)
            if mine and term.force == Force.EXPIRING:
                link, sub = f"/desk/normatives/{one.public_id}", f"{term.until} 到期，没有续就自动失效"
                yield Row(f"届满评估：《{one.title}》", link, "去评估", sub, "有效期", due=term.until)
    yield from _expiring(officer)
    if officer.has(Post.LEADER, Post.CHIEF):
        for waiting in proposed_older():
            link = f"/desk/older/{waiting.public_id}"
            words = waiting.verdict.label if waiting.verdict else ""
            who = waiting.proposer.name if waiting.proposer else ""
            yield Row(f"届满评估意见：《{waiting.title}》", link, "去看", words, "有效期", who)
        for review in proposed():
            link = f"/desk/normatives/{review.normative.public_id}"
            yield Row(
                f"届满评估意见：《{review.normative.title}》",
                link,
                "去看",
                review.verdict.label,
                "有效期",
                review.proposer.name,
            )
    if officer.has(Post.OFFICE, Post.JUSTICE):
        for campaign in cleanups(CleanupStage.BEGUN):
            left = len(campaign.open_items)
            if left:
                yield Row(campaign.title, f"/desk/cleanups/{campaign.public_id}", "去清理", f"还差 {left} 件", "清理")
