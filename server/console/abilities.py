"""What the office's accounts may say to people, what is spent of it today, and what to apply for."""

from dataclasses import dataclass

from flask import current_app

from config.settings import Settings
from models.messages.allowance import standing
from server.wire.rights import rights_of

NAMES = {
    "message/template/send": "服务通知",
    "message/subscribe/send": "小程序订阅消息",
    "message/subscribe/bizsend": "公众号订阅通知",
    "message/custom/send": "公众号对话",
    "message/mass/sendall": "群发",
    "draft/add": "草稿",
    "freepublish/submit": "发布",
    "freepublish/get": "查发布结果",
}


@dataclass(frozen=True)
class Ability:
    """One way to speak."""

    words: str
    can: bool
    why: str
    """What it needs, or what to apply for."""


@dataclass(frozen=True)
class Abilities:
    """One account."""

    name: str
    ways: tuple[Ability, ...]
    spent: tuple[tuple[str, int, int], ...]
    """Name, used today, the day's limit."""


def abilities() -> list[Abilities]:
    """The office's accounts as they are configured."""
    settings: Settings = current_app.extensions["settings"]
    found = []
    if official := settings.official:
        rights = rights_of(official.kind)
        templates = official.template_answer and official.template_notice
        apply = "要认证的服务号。去 mp.weixin.qq.com「设置与开发—微信认证」申请。"
        ways = (
            Ability(
                "公众号服务通知",
                bool(rights.template and templates),
                "关注了就能收到。" if rights.template and templates
                else "还没有填模板编号：在「广告与服务—模板消息」里添加「意见答复通知」等模板，写进环境文件。" if rights.template
                else apply,
            ),
            Ability(
                "公众号订阅通知",
                bool(rights.template and (official.subscribe_answer or official.subscribe_notice)),
                apply if not rights.template
                else "还没有填订阅通知的模板编号：在「订阅通知」里选用，写进环境文件。"
                if not (official.subscribe_answer or official.subscribe_notice)
                else "本人同意一次收一次" + ("；政务服务号可以申请长期订阅。" if rights.long_term else "。"),
            ),
            Ability("公众号对话", rights.customer, "48小时内来过信的人，最多5条。" if rights.customer else "要认证的账号。"),
            Ability("群发", rights.mass, "服务号每人每月4次，公众号（订阅号）每天1次。" if rights.mass else "没有群发接口，请在公众平台手动群发。"),
            Ability("自动发布文章", rights.publish, "草稿自动推送并发布。" if rights.publish else "草稿自动推送，发布要到公众平台手动点。"),
        )  # fmt: skip
        found.append(Abilities(f"公众号（{rights.words}）", ways, _spent(official.appid)))
    if mini := settings.mini:
        ready = bool(mini.template_answer)
        words = "本人同意一次收一次；政务民生类可以申请长期订阅。" if ready else "还没有填模板编号。"
        found.append(Abilities("小程序", (Ability("小程序订阅消息", ready, words),), _spent(mini.appid)))
    return found


def _spent(appid: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((NAMES.get(api, api), used, most) for api, (used, most) in sorted(standing(appid).items()) if used)
