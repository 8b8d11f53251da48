"""A resident's phone: it talks to the account in WeChat, opens the pages, and uses the mini program."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from server.simulator.story.browser import Browser, NoForm, Page, Trouble, option


@dataclass
class Heard:
    """What came of a message in the chat."""

    reply: str
    card: str = ""
    """The address behind the first card of the reply."""


HEARD = {
    "follow": "subscribe",
    "unfollow": "unsubscribe",
    "say": "text",
    "menu": "CLICK",
    "picture": "image",
    "voice": "voice",
    "subscribe": "subscribe_msg_popup_event",
}
"""What the office hears of each thing that a phone can do."""


LINK = re.compile(r"/in/[0-9a-f]{64}")
"""A link that signs one person in, once."""


def unheard(**_: Any) -> None:
    """Nobody keeps a log."""


@dataclass
class Phone:
    """One phone of the simulator with the person who holds it."""

    number: int
    name: str
    village: str
    simulator: Browser
    web: Browser
    """The browser inside WeChat, at the phone's own host."""
    note: Callable[..., None] = unheard
    """Keeps the player's own log."""
    token: str = ""
    mini_places: dict[str, str] = field(default_factory=dict)

    # in the chat

    def _deed(self, deed: str, **said: Any) -> Heard:
        answer = self.simulator.send_json(f"/sim/phones/{self.number}/{deed}", said, ok=())
        if not answer.get("ok"):
            raise Trouble(f"{self.name}的手机不让这样做：{answer.get('message', '')}")
        if answer.get("tries") and not answer.get("heard"):
            raise Trouble(f"微信没有收到公众号的应答（{answer.get('problem') or answer.get('status')}）")
        if answer.get("tries"):
            self.note(heard=HEARD[deed], phone=self.number, text=said.get("text", ""))
        return _heard(answer)

    def begin(self) -> None:
        """Somebody picks the phone up; the phone gets this person's name."""
        self.simulator.send_json("/sim/phones", {"n": self.number, "name": self.name, "village": self.village})

    def follows(self) -> bool:
        """Whether the account is followed already."""
        return "已关注" in self.simulator.get(f"/sim/phones/{self.number}").json()["phone"]["told"]

    def follow(self) -> Heard:
        """Follow the office's account."""
        return self._deed("follow")

    def unfollow(self) -> Heard:
        """Leave the office's account."""
        return self._deed("unfollow")

    def say(self, text: str) -> Heard:
        """A text."""
        return self._deed("say", text=text)

    def press(self, key: str) -> Heard:
        """An entry of the menu below the chat."""
        return self._deed("menu", key=key)

    def picture(self, which: str) -> Heard:
        """A picture; one of those that the simulator draws."""
        return self._deed("picture", which=which)

    def voice(self, seconds: int) -> Heard:
        """A voice message."""
        return self._deed("voice", seconds=seconds)

    def agree(self, account: str, template: str) -> Heard:
        """Yes, tell me once: the half sheet at the bottom."""
        return self._deed("subscribe", account=account, template_id=template, answer="accept")

    def chat(self) -> list[dict[str, Any]]:
        """Everything in this phone's conversations."""
        found: list[dict[str, Any]] = self.simulator.get(f"/sim/phones/{self.number}/chat").json()["messages"]
        return found

    def said(self) -> list[str]:
        """What this phone has said in the chat so far."""
        return [str(m.get("text", "")) for m in self.chat() if m["mine"] and m["kind"] == "text"]

    # on the pages

    def sign_in(self) -> None:
        """Opening a page that belongs to a person: WeChat says who it is, and the page opens."""
        page = self.web.get("/mine", ok=())
        if "/sign-in" in page.path or page.status in (401, 403):
            page = self.web.get(f"/oauth/start?{urlencode({'next': '/mine'})}", ok=())
        if page.path == "/sign-in":
            # This account may not sign anybody in: the chat gives a link that is for this person alone.
            link = LINK.search(self.say("我的意见").reply)
            if link is not None:
                page = self.web.get(link.group())
                page = self.web.submit(page, page.form(action=link.group()))
        if page.status != 200 or page.path != "/mine":
            raise Trouble(f"{self.name}没有登录成功，停在 {page.path}（{page.status}）：{page.complaint}")

    def comment(self, consultation: str, position: int | None, village: str, **filled: Any) -> Page:
        """The form for a comment, filled in and sent; ends on the receipt."""
        query = f"?clause={position}" if position is not None else ""
        page = self.web.get(f"/consultations/{consultation}/comment{query}")
        form = page.form("text")
        if village:
            filled["place"] = option(form, "place", village)
        done = self.web.submit(page, form, **filled)
        if "/receipts/" not in done.path:
            raise Trouble(f"网页没有收下这份意见：{done.complaint}")
        return done

    def propose(self, title: str, text: str, **filled: Any) -> Page:
        """The form for a proposed decision, filled in and sent; ends on the receipt."""
        page = self.web.get("/proposals/new")
        form = page.form("title", "text")
        if self.village:
            filled["place"] = option(form, "place", self.village)
        done = self.web.submit(page, form, title=title, text=text, **filled)
        if not done.path.endswith("/receipt"):
            raise Trouble(f"网页没有收下这条建议：{done.complaint}")
        return done

    def add(self, receipt: Page, text: str) -> Page:
        """More words on a comment whose receipt page is open."""
        comment = receipt.path.rstrip("/").rsplit("/", 1)[-1]
        page = self.web.get(f"/comments/{comment}")
        return self.web.submit(page, page.form("text"), text=text)

    # in the mini program

    def _mini(self, path: str, said: Any = None, *, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if said is None:
            return self.web.get(f"/api/v1{path}", headers=headers).json()
        return self.web.send_json(
            f"/api/v1{path}", said, headers={**headers, "Idempotency-Key": key or secrets.token_hex(16)}
        )

    def enter(self) -> None:
        """wx.login: WeChat gives a code, and the code opens a session of ours."""
        if not self.token:
            code = self.simulator.send_json(f"/sim/phones/{self.number}/login", {})["code"]
            self.token = str(self._mini("/session", {"code": code})["token"])
            self.mini_places = {str(p["name"]): str(p["id"]) for p in self._mini("/places")["items"]}

    def write(self, consultation: str, clause: str | None, text: str, **more: Any) -> Any:
        """A comment from the mini program."""
        said = {"consultation": consultation, "clause": clause, "text": text, **more}
        if self.village in self.mini_places:
            said["place"] = self.mini_places[self.village]
        return self._mini("/comments", said)

    def write_more(self, comment: str, text: str) -> Any:
        """A supplement from the mini program."""
        return self._mini(f"/comments/{comment}/supplements", {"text": text})

    def ask(self, text: str) -> Any:
        """A legal question from the mini program."""
        said = {"text": text}
        if self.village in self.mini_places:
            said["place"] = self.mini_places[self.village]
        return self._mini("/questions", said)

    def let_tell(self) -> int:
        """The mini program's half sheet: yes, tell me once. Both WeChat and the page report it, and it counts once."""
        template = next((str(t["template"]) for t in self._mini("/subscriptions")["items"]), "")
        if not template:
            raise NoForm("小程序没有可以订阅的消息模板")
        self.agree("mini", template)
        answered = self._mini("/subscriptions", {"answers": [{"template": template, "answer": "accept"}]})
        return int(answered["items"][0]["left"])

    def asked(self) -> list[Any]:
        """My legal questions."""
        return list(self._mini("/questions/mine?limit=50")["items"])

    def mine(self) -> list[Any]:
        """My comments as the mini program shows them."""
        return list(self._mini("/comments/mine?limit=50")["items"])


def _heard(answer: dict[str, Any]) -> Heard:
    reply, card = "", ""
    for message in answer.get("messages") or []:
        if message.get("mine"):
            continue
        reply = str(message.get("text") or reply)
        for article in message.get("articles") or []:
            reply, card = str(article.get("title", "")), str(article.get("url", ""))
    return Heard(reply, card)
