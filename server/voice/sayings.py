"""What a message says: the matter, how many of the person's points are answered, the date, and never the answer itself."""

from collections.abc import Sequence
from datetime import date

from server.voice.template import Said

_NUMERALS = "零一二三四五六七八九十"


def answers_ready(title: str, outcomes: Sequence[str], day: date, path: str) -> Said:
    """The answers are released. The outcome is named only when there is exactly one point to name it of."""
    if len(outcomes) == 1:
        return Said("answer", title, f"您的意见已答复：{outcomes[0]}", outcomes[0], day, path)
    count = len(outcomes)
    return Said(
        "answer", title, f"您的{count}条意见都已答复", f"{_few(count)}已答复" if count <= 10 else "均已答复", day, path
    )


def extended(title: str, closes_on: date, day: date, path: str) -> Said:
    """There is more time."""
    return Said("notice", title, f"征求意见延长到{closes_on.month}月{closes_on.day}日", "期限延长", day, path)


def opened(title: str, closes_on: date, day: date, path: str) -> Said:
    """A new round of asking about what somebody follows or took part in before."""
    return Said("notice", title, f"正在征求意见，{closes_on.month}月{closes_on.day}日截止", "征求意见", day, path)


def reminded(title: str, closes_on: date, day: date, path: str) -> Said:
    """It closes soon, and the person has not spoken."""
    return Said("notice", title, f"{closes_on.month}月{closes_on.day}日截止，还可以提意见", "快截止了", day, path)


def article_out(title: str, day: date, path: str) -> Said:
    """An article on a topic that somebody follows."""
    return Said(
        "notice", title, "您订阅的内容有新的普法文章", "普法文章", day, path, "不想再收，回复「退订」，一次就退。"
    )


def cancelled(title: str, day: date, path: str) -> Said:
    """The consultation stops; why stands on the page."""
    return Said("notice", title, "征求意见已取消，理由见详情", "已取消", day, path)


def corrected_release(title: str, day: date, path: str) -> Said:
    """An answer was corrected after the release."""
    return Said("notice", title, "对您意见的答复有更正", "答复更正", day, path)


def supplemented(title: str, day: date, path: str) -> Said:
    """A second officer has added to the answer."""
    return Said("notice", title, "对您意见的答复有补充", "答复补充", day, path)


def promise_kept(title: str, day: date, path: str) -> Said:
    """What an answer promised was done."""
    return Said("notice", title, "对您意见的答复里答应的事，做到了", "已经做到", day, path)


def words_hidden(title: str, day: date, path: str) -> Said:
    """Their own words are not shown; why stands on their page. It counts and is answered all the same."""
    return Said("notice", title, "您的原话不公开，照样计数和答复，理由见详情", "原话不公开", day, path)


def question_answered(day: date, path: str) -> Said:
    """A legal question has its answer. What it was about is nobody's business but the person's."""
    return Said("notice", "您的法律咨询", "法律顾问已经答复", "已答复", day, path)


def question_passed_on(day: date, path: str) -> Said:
    """Another office has it now; which one, and what follows, stands on the page."""
    return Said("notice", "您的法律咨询", "已转给有关单位办理，详见回复", "已转办", day, path)


def mediated(word: str, day: date, path: str) -> Said:
    """How far a mediation has come; between whom and about what is nobody's business but theirs."""
    return Said("notice", "您申请的调解", word, "调解进展", day, path)


def confirmation_due(until: date, day: date, path: str) -> Said:
    """The thirty days of judicial confirmation end soon."""
    words = f"{until.month}月{until.day}日前可以共同申请司法确认"
    return Said("notice", "您申请的调解", words, "期限提醒", day, path)


def remark_replied(title: str, day: date, path: str) -> Said:
    """What somebody said of a decision in force has its reply."""
    return Said("notice", title, "对您意见的回复已作出", "已回复", day, path)


def hearing_list(title: str, chosen: bool, day: date, path: str) -> Said:
    """The list of a hearing is out; each hears only of their own application."""
    if chosen:
        return Said("notice", title, "您报名的听证会：已列入参加人", "听证名单", day, path)
    return Said("notice", title, "您报名的听证会：这次没有选上", "听证名单", day, path)


def hearing_moved(title: str, held_on: date, day: date, path: str) -> Said:
    """Another day."""
    return Said("notice", title, f"听证会改到{held_on.month}月{held_on.day}日，详见公告", "听证改期", day, path)


def hearing_cancelled(title: str, day: date, path: str) -> Said:
    """It does not take place; why stands on the page."""
    return Said("notice", title, "听证会已取消，理由见公告", "听证取消", day, path)


def lecture_moved(title: str, at: str, day: date, path: str) -> Said:
    """Another hour or another room."""
    return Said("notice", title, f"您报名的讲堂改了，现在是{at}", "讲堂改期", day, path)


def lecture_cancelled(title: str, day: date, path: str) -> Said:
    """It does not take place; why stands on the page."""
    return Said("notice", title, "您报名的讲堂取消了，原因见详情", "讲堂取消", day, path)


def lecture_tomorrow(title: str, at: str, day: date, path: str) -> Said:
    """The day before."""
    return Said("notice", title, f"您报名的讲堂明天开讲，{at}", "讲堂提醒", day, path)


def lecture_seat(title: str, at: str, day: date, path: str) -> Said:
    """Somebody who waited has a seat."""
    return Said("notice", title, f"您候补的讲堂有座位了，{at}", "候补成功", day, path)


def proposal_answered(outcome: str, short: str, day: date, path: str) -> Said:
    """What became of somebody's proposal; what it proposed is nobody's business but theirs."""
    return Said("notice", "您提的决策建议", f"已经答复：{outcome}", short, day, path)


def _few(count: int) -> str:
    return "两条" if count == 2 else f"{_NUMERALS[count]}条"
