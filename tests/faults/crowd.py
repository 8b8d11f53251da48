"""Many people who speak at once, by the mini program and in the chat, and who remember what they were answered."""

import http.client
import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from server.wechat.crypt import Seal
from server.wechat.parsing import read, read_xml
from tests.conftest import OFFICIAL
from tests.faults.running import Answer, Running, call, quoted
from tests.wechat.phone import xml_of

CUT = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, http.client.HTTPException)
"""The line was there and broke before the answer was whole. (HTTPException: no status line, or a body cut short.)"""
A_DAY = 20
"""Things one person says; the house asks whoever says more in a few minutes to wait."""


@dataclass
class Said:
    """One thing said under one key, however often it had to be sent."""

    door: str
    who: int
    key: str
    text: str
    cut: int = 0
    """How often the line broke before an answer came."""
    answer: Any = None
    """What was acknowledged: the API's receipt, or the chat's words."""
    abandoned: bool = False
    """The line broke, and nobody asked again."""


@dataclass
class Crowd:
    """Threads that send until they are told to stop."""

    product: Running
    consultation: str
    tokens: list[str]
    """Of people who are signed in to the mini program."""
    seed: int
    threads: int = 10
    patience: float = 0.0
    """How many of those who are cut off never ask again (0 to 1)."""
    said: list[Said] = field(default_factory=list)
    cuts: list[tuple[float, float]] = field(default_factory=list)
    """When each broken request began and when it broke."""
    answered: list[tuple[float, float]] = field(default_factory=list)
    """When each answered request began and when its answer was there."""
    wrong: list[str] = field(default_factory=list)
    busy: int = 0
    refused: int = 0
    repeats: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._sent: set[str] = set()
        self._seal = Seal(OFFICIAL.appid, OFFICIAL.token, OFFICIAL.aes_key)
        self._crew = [threading.Thread(target=self._speak, args=(n,), daemon=True) for n in range(self.threads)]

    def begin(self) -> None:
        for one in self._crew:
            one.start()

    def end(self) -> None:
        """Everybody finishes what they are saying."""
        self._stop.set()
        for one in self._crew:
            one.join(260)
        assert not [one for one in self._crew if one.is_alive()], "somebody still waits for an answer"

    def acknowledged(self) -> list[Said]:
        return [one for one in self.said if one.answer is not None]

    def cut_between(self, moment: float, until: float) -> int:
        """How many requests were under way at this moment and broke before that one."""
        with self._lock:
            return sum(began < moment <= ended < until for began, ended in self.cuts)

    def heard_since(self, moment: float) -> float | None:
        """When a request that began after this moment was answered first."""
        with self._lock:
            return min((ended for began, ended in self.answered if began >= moment), default=None)

    def longest_silence(self, moment: float) -> float:
        """The longest that one request took which ended after this moment, answered or cut off."""
        with self._lock:
            return max((ended - began for began, ended in self.answered + self.cuts if ended >= moment), default=0.0)

    @property
    def under_way(self) -> int:
        """How many requests wait for their answers now."""
        return len(self._sent)

    def _speak(self, thread: int) -> None:
        chance = random.Random(self.seed * 1000 + thread)
        while not self._stop.is_set():
            number = next(self._numbers)
            mini = thread % 4 != 3
            # Each person of the chat says one thing: what follows would be added to it.
            who = (number // A_DAY) % len(self.tokens) if mini else number
            one = Said(
                "mini" if mini else "chat", who, f"key-{self.seed}-{number:06d}", f"第{number}句话，{chance.random()}"
            )
            with self._lock:
                self.said.append(one)
            self.deliver(one, chance)
            time.sleep(0.02)  # two cores are enough for people, and for whoever has to start again
            if one.answer is not None and chance.random() < 0.1:
                self.repeats += 1
                first, one.answer = one.answer, None
                self.deliver(one, chance, give_up=False)
                if one.answer != first:
                    self.wrong.append(f"{one.key}: first {first}, then {one.answer}")

    def deliver(self, one: Said, chance: random.Random, *, give_up: bool = True) -> None:
        """Send it until it is answered, or until the line broke and the person walked away."""
        until = time.monotonic() + 240
        while time.monotonic() < until:
            began = time.monotonic()
            self._sent.add(one.key)
            try:
                answer = self._send(one)
            except ConnectionRefusedError:
                self.refused += 1
                time.sleep(0.05)
                continue
            except CUT:
                with self._lock:
                    self.cuts.append((began, time.monotonic()))
                one.cut += 1
                if give_up and chance.random() < self.patience:
                    one.abandoned = True
                    return
                time.sleep(0.02)
                continue
            except OSError as error:
                self.wrong.append(f"{one.key}: {type(error).__name__} after {time.monotonic() - began:.1f} s")
                return
            finally:
                self._sent.discard(one.key)
            if answer.status == 503:
                self.busy += 1
                time.sleep(0.2)
                continue
            if answer.status in (502, 504):  # said by whoever stands before the product: its own line broke
                with self._lock:
                    self.cuts.append((began, time.monotonic()))
                one.cut += 1
                continue
            if answer.status not in (200, 201):
                self.wrong.append(f"{one.door} {one.key}: {answer.status} {answer.body[:200]!r}")
                return
            with self._lock:
                self.answered.append((began, time.monotonic()))
            one.answer = self._told(one, answer)
            return
        self.wrong.append(f"{one.key}: no answer in 240 s")

    def _send(self, one: Said) -> Answer:
        if one.door == "mini":
            return self.product.call(
                "POST",
                "/api/v1/comments",
                told={"consultation": self.consultation, "text": one.text},
                Authorization=f"Bearer {self.tokens[one.who]}",
                Idempotency_Key=one.key,
            )
        return hear(self.product, self._seal, openid_of(one.who), one.text, number_of(one.key))

    def _told(self, one: Said, answer: Answer) -> Any:
        if one.door == "mini":
            return {name: answer.json[name] for name in ("id", "receipt", "serial")}
        return words_of(self._seal, answer)


def openid_of(number: int) -> str:
    """Of somebody in the chat."""
    return f"oFault{number:022d}"


def number_of(key: str) -> int:
    """A MsgId for a key."""
    return 25_000_000_000_000 + int("".join(ch for ch in key if ch.isdigit()))


def hear(product: Running, seal: Seal, openid: str, text: str, msg_id: int) -> Answer:
    """One text message as WeChat pushes it: sealed, signed, fresh."""
    message = {
        "ToUserName": "gh_1",
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": text,
        "MsgId": msg_id,
    }
    closed = seal.close(xml_of(message))
    stamp, nonce = str(int(time.time())), "415670741"
    query = quoted(
        timestamp=stamp,
        nonce=nonce,
        openid=openid,
        encrypt_type="aes",
        signature=seal.sign("", stamp, nonce),
        msg_signature=seal.sign(closed, stamp, nonce),
    )
    return call(
        product.port,
        "POST",
        f"/wechat/official?{query}",
        body=xml_of({"ToUserName": "gh_1", "Encrypt": closed}).encode(),
        Content_Type="text/xml",
    )


def words_of(seal: Seal, answer: Answer) -> str:
    """The sentence that WeChat would show; success stands for silence."""
    if answer.body == b"success":
        return "success"
    fields, _ = read(answer.body)
    return str(read_xml(seal.open(fields["Encrypt"])).get("Content", ""))
