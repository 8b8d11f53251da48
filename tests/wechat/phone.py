"""A telephone for tests: it signs and seals what it says exactly as WeChat does, and opens what comes back."""

import itertools
import time
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import Account
from server.wechat.crypt import Seal
from server.wechat.parsing import Tree, read, read_xml
from server.wechat.reply import cdata

_numbers = itertools.count(25_091_140_318)


@dataclass
class Reply:
    """What came back."""

    response: TestResponse
    xml: str
    fields: Tree

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """The sentence said, '' where nothing was said."""
        return str(self.fields.get("Content", ""))

    @property
    def cards(self) -> list[Tree]:
        """The cards shown."""
        items = self.fields.get("Articles", {}).get("item", []) if self.fields else []
        return items if isinstance(items, list) else [items]

    @property
    def quiet(self) -> bool:
        """Only the word success came back."""
        return self.status == 200 and self.response.get_data() == b"success"


def xml_of(fields: dict[str, Any]) -> str:
    """Fields as WeChat writes them: texts in CDATA, numbers bare, dictionaries nested."""

    def node(name: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"<{name}>{''.join(node(key, inner) for key, inner in value.items())}</{name}>"
        if isinstance(value, list):
            return "".join(node(name, inner) for inner in value)
        return f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}>{cdata(value)}</{name}>"

    return f"<xml>{''.join(node(key, value) for key, value in fields.items())}</xml>"


class Phone:
    """One person's WeChat, talking to one of our accounts."""

    def __init__(self, client: FlaskClient, account: Account, openid: str, door: str = "official"):
        self.client = client
        self.account = account
        self.openid = openid
        self.door = door
        self.seal = Seal(account.appid, account.token, account.aes_key)

    def post(self, message: str | bytes, *, age: int = 0, form: str = "xml", **changed: str) -> Reply:
        """Seal, sign and send; `changed` overrides parts of the query, `age` makes it older."""
        raw = message if isinstance(message, bytes) else message.encode()
        encrypt = self.seal.close(raw.decode("utf-8", "surrogatepass")) if _utf8(raw) else _sealed(self.seal, raw)
        timestamp, nonce = str(int(time.time()) - age), "415670741"
        query = {
            "signature": self.seal.sign("", timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
            "encrypt_type": "aes",
            "msg_signature": self.seal.sign(encrypt, timestamp, nonce),
        } | changed
        body = (
            f'{{"ToUserName": "gh_1", "Encrypt": "{encrypt}"}}'
            if form == "json"
            else f"<xml><ToUserName>{cdata('gh_1')}</ToUserName><Encrypt>{cdata(encrypt)}</Encrypt></xml>"
        )
        return self.opened(self.client.post(f"/wechat/{self.door}", query_string=query, data=body), nonce)

    def opened(self, response: TestResponse, nonce: str = "415670741") -> Reply:
        """Check the envelope of an answer and open it."""
        body = response.get_data()
        if response.status_code != 200 or body == b"success":
            return Reply(response, body.decode(), {})
        fields, _ = read(body)
        assert fields["Nonce"] == nonce
        self.seal.check(fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        xml = self.seal.open(fields["Encrypt"]).decode()
        inner = read_xml(xml.encode())
        return Reply(response, xml, inner)

    def send(self, kind: str, **fields: Any) -> Reply:
        """A message or event of this person."""
        told = {"ToUserName": "gh_1", "FromUserName": self.openid, "CreateTime": int(time.time()), "MsgType": kind}
        return self.post(xml_of(told | fields))

    def say(self, text: str, msg_id: int | None = None) -> Reply:
        """Type a text."""
        return self.send("text", Content=text, MsgId=msg_id or next(_numbers))

    def show(self, kind: str = "image", media_id: str = "media_1", **fields: Any) -> Reply:
        """Send a picture, a voice message or a film."""
        return self.send(kind, MediaId=media_id, MsgId=next(_numbers), **fields)

    def event(self, name: str, **fields: Any) -> Reply:
        """Something happened."""
        return self.send("event", Event=name, **fields)

    def press(self, key: str) -> Reply:
        """Press a button of the menu."""
        return self.event("CLICK", EventKey=key, CreateTime=next(_numbers) % 10**9)


def _utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _sealed(seal: Seal, raw: bytes) -> str:
    """Seal bytes that are no text: what the wire could hold, however wrong."""

    class Bytes(str):
        def encode(self, *_: Any, **__: Any) -> bytes:
            return raw

    return seal.close(Bytes(""))
