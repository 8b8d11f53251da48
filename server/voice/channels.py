"""The ways to tell somebody something, one class each: whether it is open, and how to use it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from models.messages.budget import Reach
from models.messages.message import MessageChannel
from server.voice.template import TEMPLATES, Said
from server.wire.account import Mini, Official, template_body
from server.wire.many import Outcome


class Channel(Protocol):
    """One way to tell somebody something."""

    channel: MessageChannel
    words: str
    """What it is called in explanations."""
    keyed: bool
    """Whether WeChat drops a second copy by our key, so that an unknown outcome may simply be sent again."""
    appid: str
    api: str
    """WeChat's interface, by which calls are counted and stopped; empty where nothing leaves the house."""

    def template_of(self, said: Said) -> str:
        """WeChat's number of the template; empty where there is none."""

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """Why this person cannot be told this way; None when they can."""

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """Send it; WeChat's number of the message, or empty. Raises WireError or Unknown."""


class TemplateMessage:
    """A template message of the service account to a follower."""

    channel = MessageChannel.TEMPLATE
    words = MessageChannel.TEMPLATE.label
    keyed = True
    api = "message/template/send"

    def __init__(self, official: Official, templates: Mapping[str, str]) -> None:
        self.official = official
        self.templates = dict(templates)
        self.appid = official.appid

    def template_of(self, said: Said) -> str:
        """WeChat's number of the template."""
        return self.templates.get(said.template, "")

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """WeChat gives template messages to verified service accounts only, and to followers only."""
        if not self.official.rights.template:
            return f"{self.official.rights.words}没有模板消息权限"
        if said.template not in self.templates or not TEMPLATES[said.template].speaks_on("official"):
            return "没有配置公众号模板"
        if self.official.lacks("/cgi-bin/message/template/send"):
            return "账号没有模板消息接口的权限"
        if reach.official_id is None:
            return "没有公众号身份"
        if reach.official_blocked:
            return "公众号拒收"
        if not reach.followed:
            return "没有关注公众号"
        return None

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """The same key is delivered once."""
        return self.official.send_template(
            reach.official_openid,
            self.templates[said.template],
            said.values("official"),
            url=url,
            client_msg_id=key,
        )

    def body(self, reach: Reach, said: Said, url: str, key: str) -> dict[str, object]:
        """The same call, to be made together with many others."""
        return template_body(
            reach.official_openid, self.templates[said.template], said.values("official"), url=url, client_msg_id=key
        )

    def send_many(
        self,
        bodies: Sequence[dict[str, object]],
        *,
        ends: Callable[[Outcome], bool],
        stopping: Callable[[], bool],
        seconds: float,
    ) -> list[Outcome]:
        """Many at once; what came of each, None for those that were never begun."""
        return self.official.send_templates(bodies, ends=ends, stopping=stopping, seconds=seconds)


class Subscribed:
    """A subscribe message: each one spends a consent for its very template, unless the consent is a lasting one.

    There is no key, so an unknown outcome stays unknown. Following is not asked.
    """

    channel = MessageChannel.SUBSCRIBE
    keyed = False
    words: str
    api: str
    appid: str
    """The account whose consent it is."""
    role: str
    """official or mini, as config/wechat/templates.toml has it."""
    templates: dict[str, str]

    def template_of(self, said: Said) -> str:
        """WeChat's number of the template, by which consents are counted."""
        return self.templates.get(said.template, "")

    def whose(self, reach: Reach) -> int | None:
        """The identity whose consent is spent."""
        return reach.official_id if self.role == "official" else reach.mini_id

    def known(self, said: Said) -> bool:
        """There is such a template on this account."""
        return bool(self.template_of(said)) and TEMPLATES[said.template].speaks_on(self.role)


class SubscribeNotice(Subscribed):
    """A subscribe notice (订阅通知) of the service account."""

    words = "公众号订阅通知"
    api = "message/subscribe/bizsend"
    role = "official"

    def __init__(self, official: Official, templates: Mapping[str, str]) -> None:
        self.official, self.appid = official, official.appid
        self.templates = dict(templates)

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """The account's right, the person, and a consent that is left."""
        if not self.known(said):
            return "没有配置订阅通知模板"
        if not self.official.rights.template:
            return f"{self.official.rights.words}不能发订阅通知"
        if reach.official_id is None:
            return "没有公众号身份"
        if reach.official_blocked:
            return "公众号拒收"
        return None if reach.notices.get(self.template_of(said), 0) else NO_CONSENT

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """The number WeChat gives it."""
        return self.official.send_notice(
            reach.official_openid, self.template_of(said), said.values("official"), url=url
        )


class SubscribeMessage(Subscribed):
    """A subscribe message (订阅消息) of the mini program."""

    words = MessageChannel.SUBSCRIBE.label
    api = "message/subscribe/send"
    role = "mini"

    def __init__(self, mini: Mini, templates: Mapping[str, str]) -> None:
        self.mini, self.appid = mini, mini.appid
        self.templates = dict(templates)

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """The interface, the person, and a consent that is left."""
        if not self.known(said):
            return "没有配置小程序模板"
        if self.mini.lacks("/cgi-bin/message/subscribe/send"):
            return "小程序没有订阅消息接口的权限"
        if reach.mini_id is None:
            return "没有用过小程序"
        if reach.mini_blocked:
            return "小程序拒收"
        return None if reach.grants.get(self.template_of(said), 0) else NO_CONSENT

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """The number WeChat gives it."""
        return self.mini.send_subscribed(
            reach.mini_openid, self.template_of(said), said.values("mini"), page=mini_page(said.path)
        )


NO_CONSENT = "没有可用的订阅同意"
MINI_PAGES = {
    "comments": "pages/comment/comment",
    "consultations": "pages/consultation/consultation",
    "questions": "pages/question/question",
    "mine": "pages/mine/mine",
}
"""What the mini program calls the page of each of the site's addresses; the id goes with it."""


def mini_page(path: str) -> str:
    """The mini program's page for an address of the site: /comments/x opens that comment, as the API knows it."""
    room, _, public_id = path.strip("/").partition("/")
    if room not in MINI_PAGES:
        return MINI_PAGES["mine"]
    return f"{MINI_PAGES[room]}?id={public_id}" if public_id else MINI_PAGES[room]


class CustomerMessage:
    """A customer message in the chat, inside the 48 hours after the person wrote."""

    channel = MessageChannel.CUSTOMER
    words = MessageChannel.CUSTOMER.label
    keyed = False
    api = "message/custom/send"

    def __init__(self, official: Official) -> None:
        self.official = official
        self.appid = official.appid

    def template_of(self, said: Said) -> str:
        """None is needed."""
        return ""

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """Verified accounts only, and only while the window that the person opened has messages left."""
        if not self.official.rights.customer:
            return f"{self.official.rights.words}不能发客服消息"
        if self.official.lacks("/cgi-bin/message/custom/send"):
            return "账号没有客服消息接口的权限"
        if reach.official_id is None:
            return "没有公众号身份"
        if reach.official_blocked:
            return "公众号拒收"
        if not reach.window_open:
            return "48小时内没有来信"
        return None

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """There is no key: an unknown outcome stays unknown."""
        self.official.send_text(reach.official_openid, said.sentence(url))
        return ""


class Inbox:
    """The person's own page. Every message stands there; this channel is the one that is always open."""

    channel = MessageChannel.INBOX
    words = MessageChannel.INBOX.label
    keyed = True
    appid = ""
    api = ""

    def template_of(self, said: Said) -> str:
        """None is needed."""
        return ""

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """Never closed."""
        return None

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """Nothing leaves the house: the row is the message."""
        return ""
