"""What somebody may do with their own comment they may also ask for by telephone or at the counter; who did it for them is written down."""

import enum

from models.comments.comment import Comment, Supplement, put_behind, take_back
from models.comments.point import Point, PointStage
from models.comments.receipt import Receipt
from models.comments.second_look import SecondLook, tap
from models.decisions.consultation import Channel
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer


class Known(enum.StrEnum):
    """How it was made sure that the person is who wrote the comment."""

    PIN = "pin"
    CARD = "card"
    CALLED_BACK = "called_back"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "pin": "报出了编号和查询码",
            "card": "本人到场，看了证件",
            "called_back": "按留下的电话打回去核对了",
        }[self.value]


def _known(comment: Comment, how: str, opened: Receipt | None) -> Known:
    """The person was recognised; `opened` is the receipt that number and PIN opened, five wrong ones at most."""
    if how not in set(Known):
        raise RuleUnmet("请先核对是不是本人。", {"known": "请选是怎样核对的。"})
    if how == Known.PIN and (opened is None or opened.comment_id != comment.id):
        raise RuleUnmet("查询码不对。", {"pin": "请他再报一遍；忘了查询码的，请到服务厅当面办。"})
    if how == Known.CALLED_BACK and not comment.resident.current.phone:
        raise RuleUnmet("他没有留电话。", {"known": "没有留电话的，请他报查询码，或者到服务厅当面办。"})
    return Known(how)


@act(
    by=ruled("comment.intake"),
    needs="comment.withdraw",
    label="",
    say="应本人要求代为撤回意见（{known_words}）",
    of=Comment,
)
def withdraw_for(comment: Comment, officer: Officer, how: str, opened: Receipt | None = None) -> None:
    """The same right to withdraw as with a telephone of one's own."""
    known = _known(comment, how, opened)
    take_back(comment)
    note(known=known.value, known_words=known.label)


@act(
    by=ruled("comment.intake"),
    needs="comment.add",
    label="",
    say="应本人要求代为补充意见（{known_words}）",
    of=Comment,
)
def add_for(
    comment: Comment,
    officer: Officer,
    text: str,
    how: str,
    opened: Receipt | None = None,
    channel: Channel = Channel.PHONE,
) -> Supplement:
    """More words, written down for the person."""
    known = _known(comment, how, opened)
    more = put_behind(comment, text, channel)
    note(known=known.value, known_words=known.label, supplement=more.id)
    return more


@act(by=ruled("comment.intake"), label="", say="核对身份以后补发了查询码（{known_words}）", of=Comment)
def give_pin(comment: Comment, officer: Officer, how: str) -> str:
    """A new PIN for somebody who lost theirs or never had one; the old one opens nothing any more."""
    if how == Known.PIN:
        raise RuleUnmet("请先核对是不是本人。", {"known": "补发查询码，要当面看证件，或者按留下的电话打回去。"})
    if not comment.resident.current.on_paper:
        raise OutOfTurn("这位居民用自己的账号就能看，不用查询码。")
    known = _known(comment, how, None)
    receipt = Receipt.of(comment)
    assert receipt is not None
    note(known=known.value, known_words=known.label)
    return receipt.guard()


@act(
    PointStage.RELEASED,
    by=ruled("comment.intake"),
    label="",
    say="应本人要求代为记下，第{serial}号意见的答复{words}（{known_words}）",
    of=Point,
)
def rate_for(point: Point, officer: Officer, good: bool, how: str, opened: Receipt | None = None) -> None:
    """Whether the answer met the point, as it was told on the telephone or at the counter."""
    known = _known(point.comment, how, opened)
    tap(point, point.comment.resident, good)
    note(known=known.value, known_words=known.label)


@act(
    PointStage.RELEASED,
    by=ruled("comment.intake"),
    label="",
    say="应本人要求代请人再看第{serial}号意见的答复，{due_on}前给出补充（{known_words}）",
    of=Point,
)
def look_again_for(point: Point, officer: Officer, reason: str, how: str, opened: Receipt | None = None) -> SecondLook:
    """Once for each point, with what was missed, as it was told; another officer looks, with the same clock."""
    known = _known(point.comment, how, opened)
    made = SecondLook.begin(point, reason)
    rate_for(point, officer, False, how, opened)
    note(known=known.value, known_words=known.label, look=made.public_id)
    return made
