"""WeChat reports what became of something we sent: a message, a mass send, an article."""

import logging
import re

from models.kernel.clock import now
from models.kernel.trail import SYSTEM
from models.messages.campaigning import batch_ended
from models.messages.message import Message, MessageState, by_msgid
from models.messages.wx_article import WxStage, by_publish_id
from models.outreach.article import BroadcastState, broadcast_by_msg_id
from models.outreach.campaign import batch_by_msg_id
from models.people.resident import Grant
from server.wechat.incoming import plain
from server.wechat.reply import Reply
from server.wechat.turn import Turn

log = logging.getLogger(__name__)

DONE = "send success"
MASS_ERRORS = {
    "10001": "涉嫌广告",
    "20001": "涉嫌政治",
    "20004": "涉嫌社会",
    "20002": "涉嫌色情",
    "20006": "涉嫌违法犯罪",
    "20008": "涉嫌欺诈",
    "20013": "涉嫌版权",
    "22000": "涉嫌互推",
    "21000": "涉嫌其他",
    "30001": "原创校验出现系统错误",
    "30002": "原创校验被判定不能群发",
    "30003": "原创校验被判定不能群发",
    "40001": "管理员拒绝了群发",
    "40002": "管理员三十分钟内没有确认",
}
PUBLISH_WORDS = {
    "2": "原创声明没有通过",
    "3": "微信没有发布成功",
    "4": "平台审核没有通过",
    "5": "发布后被删除",
    "6": "发布后被微信封禁",
}
TEMPLATE_WORDS = {"failed:user block": "对方拒收", "failed: system failed": "微信没有送到"}


def _settle(message: Message | None, what: str, delivered: bool, why: str) -> None:
    """Write down how a message ended; a result about nothing of ours is only logged."""
    if message is None:
        log.info("result of %s about a message that is not ours", what)
        return
    if message.state not in (MessageState.SENT, MessageState.SENDING, MessageState.HELD):
        return
    message.state = MessageState.DELIVERED if delivered else MessageState.FAILED
    if not delivered:
        message.why = why[:200]


def template_sent(turn: Turn) -> Reply:
    """A template message arrived, or did not."""
    status = turn.incoming.field("Status")
    message = by_msgid(turn.incoming.appid, turn.incoming.field("MsgID"))
    _settle(message, "a template message", status == "success", TEMPLATE_WORDS.get(status, f"微信报告：{status}"))
    return None


def subscribe_sent(turn: Turn) -> Reply:
    """A subscribe message arrived, or did not; 43101 says that nothing was left to send."""
    for item in turn.incoming.listed("SubscribeMsgSentEvent"):
        code = plain(item.get("ErrorCode")).strip()
        message = by_msgid(turn.incoming.appid, plain(item.get("MsgID")).strip())
        _settle(message, "a subscribe message", code == "0", f"微信报告：{plain(item.get('ErrorStatus'))}（{code}）")
        if code == "43101":
            Grant.zero(turn.identity, plain(item.get("TemplateId")).strip()[:64])
    return None


def _count(turn: Turn, name: str) -> int:
    found = turn.incoming.field(name)
    return int(found) if re.fullmatch(r"[0-9]{1,9}", found) else 0


def mass_sent(turn: Turn) -> Reply:
    """A mass send is over, with its counts."""
    broadcast = broadcast_by_msg_id(turn.incoming.field("MsgID"))
    batch = batch_by_msg_id(turn.incoming.field("MsgID")) if broadcast is None else None
    if broadcast is None and batch is None:
        log.info("result of a mass send that is not ours")
        return None
    status = turn.incoming.field("Status")
    code = re.sub(r"\D", "", status)
    done = status.replace("sendsuccess", DONE) == DONE
    result = "群发成功" if done else MASS_ERRORS.get(code, f"微信报告：{status}")
    if batch is not None:
        batch_ended(batch, done=done, result=result, sent=_count(turn, "SentCount"), failed=_count(turn, "ErrorCount"))
        return None
    assert broadcast is not None
    broadcast.state = BroadcastState.FINISHED if done else BroadcastState.FAILED
    broadcast.result = result[:60]
    broadcast.total, broadcast.sent = _count(turn, "TotalCount"), _count(turn, "SentCount")
    broadcast.failed = _count(turn, "ErrorCount")
    broadcast.finished_at = now()
    return None


def published(turn: Turn) -> Reply:
    """An article of the official account is out, or was refused."""
    info = turn.incoming.part("PublishEventInfo")
    article = by_publish_id(plain(info.get("publish_id")).strip())
    if article is None:
        log.info("result of a publication that is not ours")
        return None
    status = plain(info.get("publish_status")).strip()
    if status == "0":
        detail = info.get("article_detail")
        items = detail.get("item") if isinstance(detail, dict) else None
        first = items[0] if isinstance(items, list) else items
        url = plain(first.get("article_url")).strip() if isinstance(first, dict) else ""
        if article.stage in (WxStage.SUBMITTED, WxStage.DRAFTED, WxStage.BY_HAND):
            article.published(SYSTEM, plain(info.get("article_id")).strip()[:128], url[:500])
    elif status in PUBLISH_WORDS and article.stage in (WxStage.TO_PUSH, WxStage.DRAFTED, WxStage.SUBMITTED):
        article.failed(SYSTEM, PUBLISH_WORDS[status])
    return None
