"""What the case file holds of a poll itself: what was asked, of whom and how, who signed it; the results are kept as a way of taking part."""

from collections.abc import Iterator

from sqlalchemy import select

from models.decisions.casefile import PROCESS, Item, Lacking, Sheet, contents
from models.decisions.decision import Decision
from models.decisions.material import Publicity
from models.kernel.base import db
from models.kernel.clock import local
from models.polls.poll import Poll, PollStage


@contents("poll")
def _polls(decision: Decision) -> Iterator[Item | Lacking]:
    """Each poll of the case, the cancelled ones too; one whose results are not out is named as missing (条例第十四条)."""
    polls = db.session.scalars(select(Poll).where(Poll.decision_id == decision.id).order_by(Poll.id)).unique()
    for poll in polls:
        opened = poll.opens_on is not None
        yield Item(
            f"民意调查问卷：{poll.title}",
            poll.opens_on or local(poll.made_at).date(),
            Sheet([(name, words) for name, words in _lines(poll) if words]),
            Publicity.OPEN if opened else Publicity.ON_REQUEST,
            "" if opened else PROCESS,
            who=poll.author.name,
            key=f"poll:{poll.public_id}",
        )
        if poll.stage not in (PollStage.CONCLUDED, PollStage.CANCELLED):
            yield Lacking(f"民意调查结果：{poll.title}", f"这次调查{poll.state_words}，结果还没有公布。")


def _lines(poll: Poll) -> Iterator[tuple[str, str]]:
    yield "为什么调查", poll.purpose
    yield "问谁", poll.whom
    yield "范围", poll.reach.label
    yield "怎样抽样、怎样发放", poll.method
    yield "样本", f"{poll.sample:,}份" if poll.sample else ""
    yield "保密", "答案和答的人分开存放，封在票箱里，截止后开一次。" if poll.confidential else "不保密"
    yield "谁能答", "凭纸质选票上的号码" if poll.by_slip else "登录的人，或凭选票号码"
    if poll.opens_on and poll.closes_on:
        yield "起止", f"{poll.opens_on:%Y年%-m月%-d日}至{poll.closes_on:%Y年%-m月%-d日}"
    yield "提前结束的原因", poll.stopped_reason
    yield "取消的原因", poll.cancelled_reason
    yield "起草", poll.author.name
    yield "审核", poll.reviewer.name if poll.reviewer else ""
    yield "写结果报告", poll.reporter.name if poll.reporter else ""
    yield "签发结果", poll.concluder.name if poll.concluder else ""
    yield "", "问卷"
    for question in poll.questions:
        options = "；".join(question.words_of(number) for number in question.numbers)
        needed = "" if question.needed else "（可以不答）"
        yield (
            f"{question.position}. {question.kind.label}",
            f"{question.text}{needed}{'　' + options if options else ''}",
        )
