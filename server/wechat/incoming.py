"""One message or event from WeChat, as the handlers see it."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from server.wechat.parsing import Tree, Unreadable

NAME = re.compile(r"[\x21-\x7e]{1,64}")  # an openid or account name
MESSAGES = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link"})


def plain(value: Any) -> str:
    """A field's text where a text is expected; a structure in its place counts as nothing."""
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Incoming:
    """What was said or done, by whom, to which of our accounts."""

    door: str  # official | mini
    appid: str
    sender: str  # openid
    account: str  # our own original id, needed to answer
    created: str
    kind: str  # MsgType
    event: str
    event_key: str
    text: str
    msg_id: str
    fields: Tree = field(repr=False)

    @classmethod
    def of(cls, door: str, appid: str, fields: Tree) -> "Incoming":
        """Take the fields apart; whoever is not named cannot be answered, so that is Unreadable."""
        sender, account = plain(fields.get("FromUserName")).strip(), plain(fields.get("ToUserName")).strip()
        if not NAME.fullmatch(sender) or not NAME.fullmatch(account):
            raise Unreadable("no sender or no recipient")
        return cls(
            door=door,
            appid=appid,
            sender=sender,
            account=account,
            created=plain(fields.get("CreateTime")).strip()[:20],
            kind=plain(fields.get("MsgType")).strip().lower(),
            event=plain(fields.get("Event")).strip(),
            event_key=plain(fields.get("EventKey")),
            text=plain(fields.get("Content")),
            msg_id=plain(fields.get("MsgId")).strip(),
            fields=fields,
        )

    @property
    def is_message(self) -> bool:
        """Something a person said, as against something that happened."""
        return self.kind in MESSAGES

    def field(self, name: str) -> str:
        """One field's text, without the spaces an XML editor leaves around it."""
        return plain(self.fields.get(name)).strip()

    def part(self, name: str) -> Tree:
        """One nested field, empty where there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}

    def listed(self, wrapper: str, name: str = "List") -> list[Tree]:
        """A list that WeChat writes as an array, as one object, and in XML inside a wrapper."""
        value = self.part(wrapper).get(name, self.fields.get(name))
        items = value if isinstance(value, list) else [value]
        return [item for item in items if isinstance(item, dict)]

    @property
    def heard_key(self) -> str:
        """What makes a repeat a repeat: MsgId for messages; for events who, when, what and about what.

        Two results about two messages may reach one person in the same second, so the number of the thing reported is part of it.
        """
        if self.is_message and self.msg_id:
            parts = ["message", self.msg_id]
        else:
            about = [
                self.field("MsgID"),
                plain(self.part("PublishEventInfo").get("publish_id")).strip(),
                self.field("trace_id"),
            ]
            about += [plain(item.get("MsgID")) for item in self.listed("SubscribeMsgSentEvent")]
            parts = ["event", self.sender, self.created, self.kind, self.msg_id, self.event, self.event_key, *about]
        return hashlib.sha256("\x00".join([self.appid, *parts]).encode()).hexdigest()
