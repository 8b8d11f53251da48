"""All channels of the office in the order in which they are tried."""

from collections.abc import Mapping, Sequence

from config.settings import Account, Settings
from models.messages.budget import Reach
from models.messages.halt import HaltKind, Stop, Stops, stop_for
from models.messages.message import MessageChannel
from server.voice.channels import Channel, CustomerMessage, Inbox, SubscribeMessage, SubscribeNotice, TemplateMessage
from server.voice.mass import MassArticle
from server.voice.template import Said
from server.wire.wire import Wire

NO_STOPS: Stops = {}


class Voice:
    """Chooses how somebody is told, says why, and speaks."""

    def __init__(
        self,
        channels: Sequence[Channel],
        mass: MassArticle | None,
        public_url: str,
        *,
        official: str = "",
        mini: str = "",
    ) -> None:
        self.channels = list(channels)
        self.mass = mass
        self.public_url = public_url.rstrip("/")
        self.official = official
        self.mini = mini

    @classmethod
    def of(cls, settings: Settings, wire: Wire) -> "Voice":
        """The office's voice: template message, then subscribe message, then an open window, then the inbox."""
        channels: list[Channel] = []
        mass = None
        if wire.official and settings.official:
            channels.append(TemplateMessage(wire.official, _templates(settings.official)))
            mass = MassArticle(wire.official)
            notices = {"answer": settings.official.subscribe_answer, "notice": settings.official.subscribe_notice}
            if any(notices.values()):
                channels.append(SubscribeNotice(wire.official, {k: v for k, v in notices.items() if v}))
        if wire.mini and settings.mini:
            channels.append(SubscribeMessage(wire.mini, _templates(settings.mini)))
        if wire.official:
            channels.append(CustomerMessage(wire.official))
        channels.append(Inbox())
        return cls(
            channels,
            mass,
            settings.public_url,
            official=wire.official.appid if wire.official else "",
            mini=wire.mini.appid if wire.mini else "",
        )

    def choose(self, reach: Reach, said: Said, stops: Stops = NO_STOPS) -> tuple[Channel, str]:
        """The first open channel, and in Chinese why this one and not those before it.

        An interface that the account was never given is no way for anybody; whatever else stands still is waited for.
        """
        closed: list[str] = []
        for channel in self.channels:
            obstacle = channel.why_not(reach, said)
            if obstacle is None and (stop := self.stopped(channel, said, stops)) and stop.kind is HaltKind.CAPABILITY:
                obstacle = stop.words
            if obstacle is None:
                reason = f"用{channel.words}"
                return channel, "；".join([*closed, reason]) if closed else reason
            closed.append(f"{channel.words}不行：{obstacle}")
        raise AssertionError("the inbox is always open")

    def stopped(self, channel: Channel, said: Said, stops: Stops) -> Stop | None:
        """What keeps this channel still for everybody."""
        if not channel.api or not stops:
            return None
        return stop_for(stops, channel.appid, channel.api, channel.template_of(said))

    def by_name(self, name: MessageChannel, appid: str = "") -> Channel | None:
        """A channel of this office; None where it has lost the account."""
        return next((c for c in self.channels if c.channel == name and appid in ("", c.appid)), None)

    def url(self, said: Said) -> str:
        """Where the message leads."""
        return self.public_url + said.path


def _templates(account: Account) -> Mapping[str, str]:
    given = {"answer": account.template_answer, "notice": account.template_notice}
    return {name: number for name, number in given.items() if number}
