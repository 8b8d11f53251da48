"""Which handler answers what: events by name, messages by kind, texts by the first rule that fits."""

import re
from collections.abc import Callable, Mapping

from models.kernel.clock import now
from models.messages.conversation import Expecting
from models.texts.keywords import which_word
from server.wechat.handlers import (
    asking,
    choosing,
    commenting,
    consents,
    following,
    leaving,
    lectures,
    media,
    reading,
    receipts,
    results,
    searching,
)
from server.wechat.incoming import Incoming
from server.wechat.reply import Reply, Transfer
from server.wechat.turn import LATELY, Turn

Handler = Callable[[Turn], Reply]

PRESSED: Mapping[str, Handler] = {
    "consultations": choosing.consultations,
    "mine": reading.mine,
    "articles": reading.articles,
    "lectures": lectures.listing,
    "ask": asking.ask,
    "reports": reading.reports,
    "help": reading.help_me,
    "subscriptions": leaving.subscriptions,
}
"""Menu keys; config/wechat/menu.toml may use these and no others."""

KEYWORDS: Mapping[Handler, tuple[str, ...]] = {
    commenting.withdraw: ("撤回", "撤销", "收回", "撤回意见", "我要撤回", "我想撤回"),
    commenting.supplement: ("补充", "补充意见", "我要补充"),
    commenting.another: ("新意见", "另一条", "再提一条", "新的意见"),
    choosing.consultations: ("征求意见", "提意见", "我要提意见", "意见征集", "1号菜单"),
    reading.mine: ("我的意见", "我的", "查询", "查意见", "进度", "编号", "查编号", "回执", "登录", "绑定"),
    asking.ask: ("问法律", "法律咨询", "问法律问题", "咨询", "学法问法"),
    asking.follow_up: ("追问", "我要追问", "再问一句"),
    asking.cancel: ("取消", "算了", "不问了", "不提了", "退出"),
    reading.services: ("法律援助", "请律师", "调解", "申请调解", "公证", "法律服务"),
    reading.articles: ("学法", "普法", "普法文章", "文章"),
    reading.reports: ("采纳情况", "采纳", "答复", "结果", "反馈"),
    searching.how: ("搜", "搜索", "查找", "搜一下"),
    reading.polls: ("民意调查", "调查", "问卷", "投票", "问卷调查"),
    lectures.listing: ("讲堂", "文明讲堂", "新时代文明讲堂", "听讲", "讲座", "报名", "报名听讲", "听课"),
    lectures.leave: ("退出报名", "取消报名", "退出讲堂"),
    leaving.subscriptions: ("我的订阅", "订阅"),
    leaving.leave: ("退订", "取消订阅", "不再提醒", "不要再发", "不要再发了", "td"),
    leaving.restore: ("恢复订阅", "恢复"),
    reading.help_me: (
        "帮助",
        "help",
        "怎么用",
        "怎么提意见",
        "怎么提",
        "使用说明",
        "菜单",
        "功能",
        "人工",
        "客服",
        "你是谁",
        "你是机器人吗",
    ),
    reading.thanks: ("谢谢", "谢谢您", "谢谢你", "多谢", "感谢", "辛苦了", "好的", "好", "嗯", "收到", "知道了", "ok"),
    reading.hello: (
        "你好",
        "您好",
        "你好啊",
        "hello",
        "hi",
        "嗨",
        "在吗",
        "在不在",
        "早上好",
        "上午好",
        "下午好",
        "晚上好",
        "喂",
    ),
}
"""Words that are commands or greetings when they are the whole text."""

MARKS = re.compile(r"[\s?？!！。.…~～]*[?？][\s?？!！。.…~～]*")
"""A question mark with no word to it asks what can be done here."""
ASKING = ("问法律", "法律咨询")
"""「问法律 邻居占了我家的地」 asks at once."""

EVENTS: Mapping[str, Handler] = {
    "subscribe": following.subscribed,
    "unsubscribe": following.unsubscribed,
    "SCAN": following.scanned,
    "CLICK": lambda turn: PRESSED[turn.incoming.event_key](turn) if turn.incoming.event_key in PRESSED else None,
    "TEMPLATESENDJOBFINISH": results.template_sent,
    "MASSSENDJOBFINISH": results.mass_sent,
    "PUBLISHJOBFINISH": results.published,
    "FREEPUBLISHJOBFINISH": results.published,
    "subscribe_msg_popup_event": consents.asked,
    "subscribe_msg_change_event": consents.changed,
    "subscribe_msg_sent_event": results.subscribe_sent,
    "user_authorization_revoke": consents.revoked,
    "user_authorization_cancellation": consents.revoked,
}
QUIET = frozenset({"VIEW", "LOCATION", "view_miniprogram", "user_enter_tempsession", "user_info_modified"})
"""Known, and nothing follows."""

MINI_EVENTS = frozenset(name for name in EVENTS if name.startswith(("subscribe_msg_", "user_authorization_")))
"""What a mini program reports; everything else belongs to an official account, which has a menu, followers and articles."""

FILES = frozenset(media.KINDS)


def handler_of(incoming: Incoming) -> Handler | None:
    """What an event is answered by at the door where it came in."""
    if incoming.kind != "event" or (incoming.door == "mini" and incoming.event not in MINI_EVENTS):
        return None
    return EVENTS.get(incoming.event)


def touch(incoming: Incoming) -> str | None:
    """How this touches the person's window for customer messages; None where no person of ours stands behind it."""
    if incoming.is_message:
        return "message"
    if handler_of(incoming) is None:
        return None
    return {"subscribe": "follow", "SCAN": "scan", "CLICK": "menu"}.get(incoming.event)


def kind_of(incoming: Incoming) -> str:
    """What was heard, in a word that can be counted; what we do not know begins with unknown."""
    if incoming.is_message:
        return incoming.kind
    if incoming.kind != "event":
        return f"unknown:{incoming.kind}"[:40]
    known = handler_of(incoming) is not None or incoming.event in QUIET
    return (incoming.event if known else f"unknown:{incoming.event}")[:40]


def answer(turn: Turn) -> Reply:
    """What is said back; None for nothing."""
    incoming = turn.incoming
    if not incoming.is_message:
        handler = handler_of(incoming)
        return handler(turn) if handler else None
    if incoming.door == "mini":
        # A mini program cannot answer in the same breath; whoever writes there is handed to WeChat's own service window.
        return Transfer()
    if incoming.kind in FILES:
        return media.sent(turn)
    return typed(turn) if incoming.kind == "text" else media.unreadable(turn)


def typed(turn: Turn) -> Reply:
    """A text: commands first, then what we are waiting for, and everything else is what the person wants to say."""
    text = turn.text
    word = which_word(text, KEYWORDS)
    if word is not None:
        return word(turn)
    if MARKS.fullmatch(text):
        return reading.help_me(turn)
    query = searching.looked_for(text)
    if query is not None and receipts.number_in(text) is None:
        return searching.seek(turn, query)
    take_back = receipts.number_to_take_back(text)
    if take_back is not None:
        return receipts.take_back(turn, take_back)
    number = receipts.number_in(text)
    if number is not None:
        return receipts.status(turn, number)
    code = lectures.code_in(text)
    if code is not None:
        return lectures.typed_code(turn, code)
    choice = choosing.number_in(text)
    wanted = lectures.number_in(text) or (choice if turn.expecting == Expecting.LECTURE else None)
    if wanted is not None:
        return lectures.by_number(turn, wanted)
    if choice is not None and _means_the_list(turn, choice):
        return choosing.by_number(turn, choice)
    if turn.expecting == Expecting.QUESTION:
        return asking.asked(turn, text)
    if turn.expecting == Expecting.FOLLOW_UP:
        return asking.followed_up(turn, text)
    for start in ASKING:
        rest = text.lstrip().removeprefix(start)
        if len(rest) < len(text.lstrip()) and len(rest.lstrip(" 　:：,，。")) >= 4:
            return asking.asked(turn, rest.lstrip(" 　:：,，。"))
    return commenting.said(turn)


def _means_the_list(turn: Turn, number: int) -> bool:
    """A lone number answers the list that was shown; with nothing shown and one matter chosen it may be a comment."""
    if turn.expecting in (Expecting.CHOICE, Expecting.PLACING):
        return True
    if turn.expecting in (Expecting.QUESTION, Expecting.FOLLOW_UP):
        return False
    count = len(choosing.lined_up(turn))
    return count > 1 and number <= count and now() - turn.conversation.touched_at <= LATELY
