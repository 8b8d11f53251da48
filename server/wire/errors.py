"""What WeChat's refusals mean for us: one table from error code to what we do about it."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Reaction(StrEnum):
    """What to do about an answer that is not "ok"; the value is what logs and metrics show."""

    RETRY_LATER = "retry_later"  # it may get better by itself: wait and try again
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the access token is stale: a new one, then once more
    DROP_RECIPIENT = "drop_recipient"  # this openid is not ours: never again
    UNFOLLOWED = "unfollowed"  # the person does not follow the account any more
    BLOCKED = "blocked"  # on the account's blacklist
    REFUSES_PUSH = "refuses_push"  # the person switched our messages off
    ZERO_GRANT = "zero_grant"  # no consent left for this template
    WINDOW_CLOSED = "window_closed"  # customer messages only after the person writes again
    STOP_BATCH = "stop_batch"  # the template or its fields are wrong: everybody would fail alike
    STOP_UNTIL_MIDNIGHT = "stop_until_midnight"  # the day's quota is spent
    NEXT_MINUTE = "next_minute"  # a limit by the minute
    NO_MASS_QUOTA = "no_mass_quota"  # today's or this month's mass sends are spent
    TREAT_AS_SENT = "treat_as_sent"  # WeChat has this client id already
    CAPABILITY_OFF = "capability_off"  # the account was never given this interface
    ALARM_STOP = "alarm_stop"  # configuration, ban or our bug: stop and call a person
    LOGIN_AGAIN = "login_again"  # the sign-in code is spent: the client asks for a new one
    BY_HAND = "by_hand"  # a person has to look
    REJECT_CONTENT = "reject_content"  # the text itself is not allowed
    FIX_DATA = "fix_data"  # what we sent is wrong: no retry
    UNLISTED = "unlisted"  # a code nobody wrote down yet: no retry, shown to a person


@dataclass(frozen=True)
class Rule:
    """One row of the table: the words are what an officer reads beside a message that did not go out."""

    reaction: Reaction
    words: str


# platform.md 3.10 and the codes its sections 3.6-3.9 name. Matching is on the number only: errmsg texts change.
RULES: dict[int, Rule] = {
    -1: Rule(Reaction.RETRY_LATER, "微信系统繁忙，稍后自动重试"),
    40001: Rule(Reaction.REFRESH_TOKEN, "接口凭证失效，已自动更换"),
    40014: Rule(Reaction.REFRESH_TOKEN, "接口凭证失效，已自动更换"),
    42001: Rule(Reaction.REFRESH_TOKEN, "接口凭证过期，已自动更换"),
    40125: Rule(Reaction.ALARM_STOP, "AppSecret 不正确，请核对配置"),
    40013: Rule(Reaction.ALARM_STOP, "AppID 不正确，请核对配置"),
    40164: Rule(Reaction.ALARM_STOP, "服务器的出口 IP 不在公众平台白名单里"),
    41001: Rule(Reaction.ALARM_STOP, "调用时缺少接口凭证"),
    48004: Rule(Reaction.ALARM_STOP, "接口被微信封禁"),
    50002: Rule(Reaction.ALARM_STOP, "账号被微信限制"),
    40003: Rule(Reaction.DROP_RECIPIENT, "收信人的微信标识不属于本账号"),
    43004: Rule(Reaction.UNFOLLOWED, "对方已取消关注"),
    43019: Rule(Reaction.BLOCKED, "对方在账号的黑名单里"),
    48002: Rule(Reaction.REFUSES_PUSH, "对方关闭了接收消息"),
    40132: Rule(Reaction.FIX_DATA, "微信号不对，或者这部手机没有关注公众号"),
    43101: Rule(Reaction.ZERO_GRANT, "对方没有同意接收，或同意的次数已用完"),
    45015: Rule(Reaction.WINDOW_CLOSED, "对方超过 48 小时没有来信，不能再发客服消息"),
    45047: Rule(Reaction.WINDOW_CLOSED, "48 小时内的客服消息条数已用完"),
    40037: Rule(Reaction.STOP_BATCH, "消息模板编号不正确"),
    47003: Rule(Reaction.STOP_BATCH, "消息模板的字段不符合要求"),
    41030: Rule(Reaction.STOP_BATCH, "消息要打开的小程序页面不存在"),
    45009: Rule(Reaction.STOP_UNTIL_MIDNIGHT, "今天的接口次数已用完，零点后继续"),
    45011: Rule(Reaction.NEXT_MINUTE, "调用太频繁，下一分钟继续"),
    45066: Rule(Reaction.NEXT_MINUTE, "同一条群发提交得太快，一分钟后再确认"),
    45028: Rule(Reaction.NO_MASS_QUOTA, "群发次数已用完"),
    45065: Rule(Reaction.TREAT_AS_SENT, "这条群发微信已经收到过"),
    48001: Rule(Reaction.CAPABILITY_OFF, "账号没有这个接口的权限"),
    40029: Rule(Reaction.LOGIN_AGAIN, "登录码无效"),
    40163: Rule(Reaction.LOGIN_AGAIN, "登录码已用过"),
    40226: Rule(Reaction.REJECT_CONTENT, "微信拦截了这个高风险用户的登录"),
    61010: Rule(Reaction.BY_HAND, "对方两小时内没有打开过小程序，内容需要人工审核"),
    87014: Rule(Reaction.REJECT_CONTENT, "内容含有违规信息"),
    40007: Rule(Reaction.FIX_DATA, "素材编号无效或素材已过期"),
    40009: Rule(Reaction.FIX_DATA, "图片太大"),
    40018: Rule(Reaction.FIX_DATA, "菜单名称不符合要求"),
    40129: Rule(Reaction.FIX_DATA, "内容检查的场景值不正确"),
    44003: Rule(Reaction.FIX_DATA, "图文内容为空"),
    45002: Rule(Reaction.FIX_DATA, "内容太长"),
    46003: Rule(Reaction.FIX_DATA, "公众号还没有自定义菜单"),
    47001: Rule(Reaction.FIX_DATA, "微信读不懂提交的内容"),
    49003: Rule(Reaction.DROP_RECIPIENT, "收信人的微信标识与凭证不符"),
    53402: Rule(Reaction.FIX_DATA, "封面图片裁剪失败"),
    53503: Rule(Reaction.FIX_DATA, "草稿没有通过检查"),
    53600: Rule(Reaction.FIX_DATA, "文章编号无效"),
    65303: Rule(Reaction.FIX_DATA, "没有默认菜单"),
    65305: Rule(Reaction.FIX_DATA, "个性化菜单太多"),
    65316: Rule(Reaction.FIX_DATA, "菜单里的外部网址太多"),
}
# Codes for what is too long, too large or misspelt in a body of ours: all of them mean that the data has to change.
for _codes, _words in (
    (range(40004, 40007), "素材的类型或大小不符合要求"),
    (range(40016, 40029), "菜单的内容不符合要求"),
    ((40035, 40055, 40066), "参数不符合要求"),
    ((40113, 41005, 44001), "素材文件不符合要求"),
    ((44002, 44004), "内容为空"),
    ((45001, 45003, 45004, 45005, 45008, 45110, 45166), "标题、作者、摘要或正文不符合要求"),
    ((45056, 45059, 45157, 45158, 45159), "标签不符合要求"),
):
    for _code in _codes:
        RULES.setdefault(_code, Rule(Reaction.FIX_DATA, _words))
UNLISTED = Rule(Reaction.UNLISTED, "微信返回了没有见过的错误码")

# New tails read "rid: a-b-c", old ones "hint: [x]" or "hints: [ req_id: x ]"; an rid can be looked up for seven days.
_RID = (
    re.compile(r"rid: ?([0-9a-f]+(?:-[0-9a-f]+)+)"),
    re.compile(r"req_id: ?([\w-]+)"),
    re.compile(r"hint: ?\[([^\]]*)\]"),
)


def rule_for(errcode: int | None) -> Rule:
    """The row of the table for this code."""
    return UNLISTED if errcode is None else RULES.get(errcode, UNLISTED)


def rid_of(errmsg: str) -> str | None:
    """WeChat's own number for the failed request, by which Tencent can look it up."""
    found = next((hit for pattern in _RID if (hit := pattern.search(errmsg))), None)
    return found.group(1).strip() if found else None


class WireError(Exception):
    """WeChat answered, or could not be reached at all: we know that nothing was sent."""

    def __init__(
        self,
        api: str,
        errcode: int | None,
        reaction: Reaction,
        words: str,
        errmsg: str = "",
        answer: dict[str, object] | None = None,
    ) -> None:
        self.api = api
        self.errcode = errcode
        self.reaction = reaction
        self.words = words
        self.errmsg = errmsg
        self.rid = rid_of(errmsg)
        self.answer = {k: v for k, v in (answer or {}).items() if k in ("msgid", "msg_id", "msg_data_id")}
        code = "" if errcode is None else f" {errcode}"
        super().__init__(f"{api}:{code} {reaction.value} {errmsg}".rstrip())

    @classmethod
    def answered(cls, api: str, errcode: int, errmsg: str, answer: dict[str, object] | None = None) -> "WireError":
        """The error for an answer that carries a code."""
        rule = rule_for(errcode)
        return cls(api, errcode, rule.reaction, rule.words, errmsg, answer)


class Unreached(WireError):
    """The connection never came about, so nothing was sent."""

    def __init__(self, api: str, what: str) -> None:
        super().__init__(api, None, Reaction.RETRY_LATER, "暂时连不上微信服务器，稍后自动重试", what)


class Unknown(Exception):
    """The request left us and no usable answer came back: it may or may not have been done."""

    def __init__(self, api: str, what: str) -> None:
        self.api = api
        self.what = what
        self.words = "已发给微信但没有收到回音，不知道是否办成"
        super().__init__(f"{api}: {what}")
