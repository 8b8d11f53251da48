"""A voice for tests: it says nothing to anybody and remembers what it would have said."""

from models.messages.budget import Reach
from models.messages.message import MessageChannel
from server.voice.channels import Channel, Inbox
from server.voice.template import Said
from server.voice.voice import Voice


class SilentChannel:
    """Open to everybody, or to nobody; speaks to itself."""

    words = "无声"
    keyed = True
    appid = ""
    api = ""

    def __init__(self, channel: MessageChannel = MessageChannel.TEMPLATE, closed: str | None = None) -> None:
        self.channel = channel
        self.closed = closed
        self.said: list[tuple[str, Said]] = []

    def template_of(self, said: Said) -> str:
        """None."""
        return ""

    def why_not(self, reach: Reach, said: Said) -> str | None:
        """As it was told."""
        return self.closed

    def send(self, reach: Reach, said: Said, url: str, key: str) -> str:
        """Remember."""
        self.said.append((key, said))
        return f"silent-{len(self.said)}"


class Silent(Voice):
    """A whole voice of silent channels."""

    def __init__(self, *channels: Channel, public_url: str = "http://localhost") -> None:
        super().__init__([*(channels or (SilentChannel(),)), Inbox()], None, public_url)
