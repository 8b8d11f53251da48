"""The results of a poll go out, signed by a second person; the case that it was taken for has its poll from then on."""

from models.decisions.material import Material, Publicity, about
from models.decisions.matter import Mode
from models.decisions.participation import Participation
from models.kernel.clock import now
from models.kernel.lifecycle import ruled, step
from models.kernel.trail import note
from models.people.officer import Officer
from models.polls.poll import Poll, PollStage, last_day
from models.polls.result import Finding, Result, result


@step(
    PollStage.COUNTED,
    to=PollStage.CONCLUDED,
    by=ruled("poll.conclude"),
    needs="poll.conclude",
    label="公布结果",
    say="公布民意调查的结果：{people}人参加",
    wants=("index",),
    of=Poll,
)
def conclude(poll: Poll, officer: Officer, paper: bytes) -> Participation | None:
    """Everybody reads the figures and what the office says to them; `paper` is the same as a document, for the case."""
    found = result(poll)
    poll.concluder, poll.concluded_at = officer, now()
    note(people=found.base)
    if poll.decision is None or not found.base:
        return None
    event = Participation.record(
        officer,
        poll.decision,
        Mode.POLL,
        held_on=last_day(poll),
        place="网上和纸质选票",
        organised_by=officer.unit.name if officer.unit else "街道办事处",
        people=found.base,
        kinds=kinds_of(found),
        gist=poll.report,
        sample=max(poll.sample, found.base),
        method=f"{poll.reach.label}。{poll.method}"[:500],
        result="\n".join(sentence(one) for one in found.findings)[:5000],
    )
    Material.add(
        officer,
        poll.decision,
        "participation",
        f"民意调查结果报告：{poll.title}",
        paper,
        publicity=Publicity.OPEN,
        subject=about(event),
    )
    return event


def kinds_of(found: Result) -> str:
    """Who took part, in kinds and not by name."""
    villages = "，".join(f"{name}{number}人" for name, number, _ in found.turnout.villages)
    return f"{found.poll.whom}；{villages}"[:200] if villages else found.poll.whom


def sentence(finding: Finding) -> str:
    """One question in a line."""
    question, whole = finding.question, finding.whole
    head = f"{question.position}. {question.text}（{whole.base}人答）"
    if not finding.has_figures:
        return head
    if whole.mean is not None:
        return f"{head}：平均{whole.mean_words}（{question.numbers[0]}到{question.numbers[-1]}）"
    return f"{head}：" + "，".join(f"{row.label}{row.number}人（{row.share_words}）" for row in whole.rows)
