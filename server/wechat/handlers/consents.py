"""What people allow us to send them, and what they take back, as WeChat reports it."""

import logging

from models.kernel.work import Work
from models.messages.consented import accepted
from models.people.consent import Consent
from models.people.resident import Grant, Identity
from server.wechat.incoming import plain
from server.wechat.reply import Reply
from server.wechat.turn import Turn

log = logging.getLogger(__name__)


def _answers(turn: Turn, wrapper: str) -> list[tuple[str, str]]:
    found = []
    for item in turn.incoming.listed(wrapper):
        template = plain(item.get("TemplateId")).strip()
        if 0 < len(template) <= 64:
            found.append((template, plain(item.get("SubscribeStatusString")).strip()))
    return found


def asked(turn: Turn) -> Reply:
    """The subscribe prompt was answered: one accept, one message."""
    for template, answer in _answers(turn, "SubscribeMsgPopupEvent"):
        if answer == "accept":
            accepted(turn.identity, template, "event")
        elif answer in ("reject", "ban", "filter"):
            Grant.zero(turn.identity, template)
    return None


def changed(turn: Turn) -> Reply:
    """A person changed their mind in WeChat's own settings; accepting there gives nothing to send yet."""
    for template, answer in _answers(turn, "SubscribeMsgChangeEvent"):
        if answer == "reject":
            Grant.zero(turn.identity, template)
    return None


def revoked(turn: Turn) -> Reply:
    """Consent taken back in the mini program: it ends at once, and a person is asked to do the erasing.

    Dropping somebody's key cannot be undone and would leave what they said unanswered, so no push of anybody does it.
    """
    openid = turn.incoming.field("OpenID") or turn.incoming.sender
    appid = turn.incoming.field("AppID") or turn.incoming.appid
    identity = Identity.find(appid, openid)
    if identity is None:
        log.info("a revocation by somebody whom we do not know")
        return None
    who = identity.resident.current
    Consent.withdraw(who)
    Work.want("erase_request", {"resident": who.public_id, "why": turn.incoming.event}, key=f"erase_request:{turn.key}")
    return None
