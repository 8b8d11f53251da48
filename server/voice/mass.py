"""An article pushed to many at once: to everybody with a tag, or to all who follow."""

from collections.abc import Sequence

from server.wire.account import MassReceipt, Official


class MassArticle:
    """Mass send. Each user takes four a month; the client id makes a second submission harmless."""

    def __init__(self, official: Official) -> None:
        self.official = official

    def why_not(self) -> str | None:
        """Why articles cannot be pushed; None when they can."""
        if not self.official.rights.mass:
            return f"{self.official.rights.words}不能用接口群发，请在公众平台手动群发"
        if self.official.lacks("/cgi-bin/message/mass/sendall"):
            return "账号没有群发接口的权限"
        return None

    def send_to(self, media_id: str, openids: Sequence[str], *, key: str) -> MassReceipt:
        """The same to named followers."""
        return self.official.send_to_people(media_id, openids, client_msg_id=key)

    def tag(self, name: str) -> int:
        """WeChat's tag of this name; made when it is not there yet."""
        return self.official.tags().get(name) or self.official.make_tag(name)

    def send(self, media_id: str, *, tag: int | None, key: str) -> MassReceipt:
        """Hand the draft over; the result comes as an event."""
        return self.official.send_to_tag(media_id, tag_id=tag, client_msg_id=key)
