"""What can be said back at once: nothing, a text, or cards; written so that no text can break out of its place."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from server.wechat.crypt import Seal

SUCCESS = "success"
MOST_TEXT_BYTES = 2048  # longer passive texts are cut by WeChat without a word
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Card:
    """One article card in a reply."""

    title: str
    description: str
    url: str
    picture: str = ""


@dataclass(frozen=True)
class Text:
    """A sentence said in the chat."""

    content: str


@dataclass(frozen=True)
class Cards:
    """Article cards; WeChat shows one where a person had said something, and up to eight where they pressed a button."""

    items: Sequence[Card]


@dataclass(frozen=True)
class Transfer:
    """Hand the person over to the people who answer in WeChat's own customer service window."""

    account: str = ""


Reply: TypeAlias = Text | Cards | Transfer | None


def cdata(text: str) -> str:
    """Text in a CDATA section, its own end mark split so that it stays text."""
    return "<![CDATA[" + FORBIDDEN.sub("\ufffd", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def cut(text: str, most: int = MOST_TEXT_BYTES) -> str:
    """At most so many bytes, ending in … where something is missing: better our cut than WeChat's."""
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    return text.encode("utf-8", "replace")[: most - 3].decode("utf-8", "ignore") + "…"


def _card(card: Card) -> str:
    return (
        f"<item><Title>{cdata(card.title)}</Title><Description>{cdata(card.description)}</Description>"
        f"<PicUrl>{cdata(card.picture)}</PicUrl><Url>{cdata(card.url)}</Url></item>"
    )


def render(reply: Reply, *, to: str, sender: str, at: int, said: bool) -> str:
    """The XML of a passive reply; `said` is true where the person had sent a message (then WeChat takes one card only)."""
    if reply is None:
        return SUCCESS
    match reply:
        case Text(content):
            kind, body = "text", f"<Content>{cdata(cut(content))}</Content>"
        case Cards(items):
            shown = list(items)[: 1 if said else 8]
            kind = "news"
            body = f"<ArticleCount>{len(shown)}</ArticleCount><Articles>{''.join(map(_card, shown))}</Articles>"
        case Transfer(account):
            kind = "transfer_customer_service"
            body = f"<TransInfo><KfAccount>{cdata(account)}</KfAccount></TransInfo>" if account else ""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{cdata(kind)}</MsgType>{body}</xml>"
    )


def envelope(seal: Seal, encrypt: str, *, timestamp: str, nonce: str, form: str = "xml") -> str:
    """A sealed answer in the form (xml or json) in which the question came."""
    sign = seal.sign(encrypt, timestamp, nonce)
    if form == "json":
        return json.dumps({"Encrypt": encrypt, "MsgSignature": sign, "TimeStamp": int(timestamp), "Nonce": nonce})
    return (
        f"<xml><Encrypt>{cdata(encrypt)}</Encrypt><MsgSignature>{cdata(sign)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )
