"""Whatever is thrown at the webhook, sealed by WeChat's key or not: never a 500, never a bug in the log, memory flat."""

import base64
import gc
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from flask.testing import FlaskClient

from server.house import House
from server.wechat import menu, router
from tests.conftest import MINI, OFFICIAL
from tests.wechat import vectors
from tests.wechat.phone import Phone, xml_of

ALLOWED = {200, 400, 403, 404, 405, 413}
QUICK = 1_000
LONG = int(os.environ.get("FUZZ_INPUTS", "100000"))

TEXTS = [
    "",
    " ",
    "你好",
    "撤回",
    "补充",
    "新意见",
    "征求意见",
    "我的意见",
    "帮助",
    "问法律",
    "问法律 邻居占了我家的地怎么办",
    "取消",
    "1",
    "2",
    "99",
    "第四条，太短",
    "第９９９９９９９条",
    "第零条",
    "第一千零一条太短",
    "72631845",
    "撤回 72631845",
    "编号：7 2 6 3 1 8 4 5",
    "]]>",
    "<![CDATA[",
    "&amp;&#x0;",
    "\u202e\u200b\ufeff",
    "👨\u200d👩\u200d👧" * 30,
    "𠮷" * 2001,
    "长" * 2000,
    "a" * 20_000,
    "\x01\x02\x1b[31m",
    "=cmd|'/c calc'!A1",
    "'; DROP TABLE comment; --",
    "{{7*7}}${7*7}",
    "٣٤٥٦٧٨٩٠",
    "①②③",
]
EVENTS = [*router.EVENTS, *router.QUIET, "debug_demo", "", "x" * 300, "sUbScRiBe"]
KEYS = [*menu.KEYS, "", "c_", "qrscene_", "qrscene_c_abcdefghijkm", "c_" + "x" * 400, "consultation:1", "\u202e"]
FIELDS = [
    "Content",
    "MsgId",
    "MsgID",
    "MediaId",
    "EventKey",
    "Event",
    "MsgType",
    "CreateTime",
    "Status",
    "List",
    "SubscribeMsgPopupEvent",
    "SubscribeMsgSentEvent",
    "PublishEventInfo",
    "TotalCount",
    "OpenID",
    "AppID",
    "FromUserName",
    "ToUserName",
    "trace_id",
]


class Thrower:
    """Makes inputs from a seed, so that what fails can be thrown again."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        """Something a field may hold, or may not."""
        roll = self.random.random()
        if roll < 0.5 or depth > 3:
            return self.random.choice(
                [*TEXTS, *KEYS, "0", "-1", "9" * 25, "1e9", "success", "send success", "err(10001)"]
            )
        if roll < 0.7:
            return {
                self.random.choice([*FIELDS, "TemplateId", "publish_id", "item"]): self.value(depth + 1)
                for _ in range(2)
            }
        if roll < 0.8:
            return [self.value(depth + 1) for _ in range(self.random.randrange(3))]
        return "".join(
            chr(self.random.choice((self.random.randrange(32, 127), self.random.randrange(0x4E00, 0x9FFF))))
            for _ in range(20)
        )

    def fields(self, number: int) -> dict[str, Any]:
        """A message that could be real, with up to three fields that could not."""
        kind = self.random.choice(
            ["text"] * 4 + ["image", "voice", "video", "location", "link", "device_text", "event", "event", "event"]
        )
        told: dict[str, Any] = {
            "ToUserName": "gh_1",
            "FromUserName": f"oFuzz{self.random.randrange(2000):04d}",
            "CreateTime": self.random.choice([1, 1_700_000_000, number]),
            "MsgType": kind,
        }
        if kind == "event":
            told |= {"Event": self.random.choice(EVENTS), "EventKey": self.random.choice(KEYS)}
        else:
            told |= {"MsgId": self.random.choice([number, 7]), "Content": self.random.choice(TEXTS), "MediaId": "m"}
        for _ in range(self.random.randrange(3)):
            told[self.random.choice(FIELDS)] = self.value()
        return told

    def broken(self, whole: bytes) -> bytes:
        """The same with bytes changed, cut, doubled or put in."""
        data = bytearray(whole)
        for _ in range(self.random.randrange(1, 6)):
            if not data:
                break
            at = self.random.randrange(len(data))
            match self.random.randrange(5):
                case 0:
                    data[at] = self.random.randrange(256)
                case 1:
                    del data[at : at + self.random.randrange(1, 30)]
                case 2:
                    data[at:at] = bytes(self.random.randrange(256) for _ in range(self.random.randrange(1, 9)))
                case 3:
                    data[at:at] = self.random.choice(
                        [b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"&x;", b"\x00", b"<a>", b"</xml>", b"\xed\xa0\x80"]
                    )
                case _:
                    data[at:at] = data[at : at + 200]
        return bytes(data)


def throw(thrower: Thrower, phones: list[Phone], samples: list[bytes], number: int) -> int:
    """One input; returns the status that came back."""
    roll = thrower.random.random()
    phone = thrower.random.choice(phones)
    if roll < 0.45:
        made = thrower.fields(number)
        if thrower.random.random() < 0.15:
            return phone.post(json.dumps(made), form="json").status
        return phone.post(
            xml_of({key: value for key, value in made.items() if key.isidentifier()}).encode("utf-8", "replace")
        ).status
    if roll < 0.65:
        sample = thrower.random.choice(samples)
        return phone.post(thrower.broken(sample)).status
    if roll < 0.8:  # forged: not sealed, sealed wrongly, signed wrongly
        body = thrower.broken(
            b"<xml><ToUserName>gh_1</ToUserName><Encrypt>" + base64.b64encode(os.urandom(64)) + b"</Encrypt></xml>"
        )
        query = {
            "timestamp": thrower.random.choice([str(int(time.time())), "", "x", "9" * 40]),
            "nonce": thrower.random.choice(["1", "", "<", "x" * 100]),
            "encrypt_type": thrower.random.choice(["aes", "raw", ""]),
            "msg_signature": thrower.random.choice(["0" * 40, "", "é", "'"]),
        }
        return phone.client.post(f"/wechat/{phone.door}", query_string=query, data=body).status_code
    if roll < 0.9:  # signed well, sealed wrongly
        encrypt = base64.b64encode(os.urandom(thrower.random.choice([0, 16, 31, 32, 64, 160]))).decode()
        timestamp = str(int(time.time()))
        query = {
            "timestamp": timestamp,
            "nonce": "1",
            "encrypt_type": "aes",
            "msg_signature": phone.seal.sign(encrypt, timestamp, "1"),
        }
        return phone.client.post(
            f"/wechat/{phone.door}", query_string=query, data=f"<xml><Encrypt>{encrypt}</Encrypt></xml>"
        ).status_code
    body = os.urandom(thrower.random.choice([0, 1, 100, 5000]))
    method = thrower.random.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
    path = thrower.random.choice(["/wechat/official", "/wechat/mini", "/wechat/", "/wechat/%00", "/wechat/official/x"])
    return phone.client.open(
        path, method=method, data=body, query_string={"echostr": "x" * thrower.random.randrange(9)}
    ).status_code


def inputs(app: House, client: FlaskClient, count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Throw `count` inputs; yields number and status."""
    thrower = Thrower(seed)
    phones = [Phone(client, OFFICIAL, "oFuzz"), Phone(client, MINI, "oFuzzMini", door="mini")]
    samples = [vectors.raw(row) for row in vectors.manifest() if row["kind"].startswith("inbound")]
    samples += [
        xml_of(
            {
                "ToUserName": "gh_1",
                "FromUserName": "oA",
                "CreateTime": 1,
                "MsgType": "text",
                "Content": text,
                "MsgId": 1,
            }
        ).encode("utf-8", "replace")
        for text in TEXTS
    ]
    for number in range(count):
        yield number, throw(thrower, phones, samples, number)


def run(
    app: House,
    client: FlaskClient,
    publish: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
    count: int,
    seed: int,
) -> tuple[Counter[int], list[int]]:
    """Throw, watch the statuses and the log, and measure memory at ten moments after a warm-up."""
    publish("停车管理办法")
    publish("广场舞管理办法")
    caplog.set_level("ERROR")
    statuses: Counter[int] = Counter()
    memory: list[int] = []
    process = psutil.Process()
    for number, status in inputs(app, client, count, seed):
        statuses[status] += 1
        assert status in ALLOWED, f"input {number} of seed {seed}: {status}"
        if number % max(1, count // 10) == 0:
            bugs = [record for record in caplog.records if record.exc_info]
            assert not bugs, f"a bug near input {number} of seed {seed}: {bugs[0].exc_text or bugs[0].exc_info}"
            caplog.clear()
            gc.collect()
            memory.append(process.memory_info().rss)
    assert not [record for record in caplog.records if record.exc_info]
    return statuses, memory


def seed() -> int:
    """Another one each time, named when something breaks; FUZZ_SEED throws the same again."""
    return int(os.environ.get("FUZZ_SEED", str(int(time.time()))))


@pytest.mark.both_engines
def test_a_thousand_inputs_break_nothing(
    app: House, client: FlaskClient, publish: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    statuses, _ = run(app, client, publish, caplog, QUICK, seed())
    assert statuses[200] > QUICK / 3
    assert statuses[403] > QUICK / 20
    assert statuses[400] > 0


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_inputs_break_nothing_and_memory_stays_flat(
    app: House, client: FlaskClient, publish: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    drawn = seed()
    statuses, memory = run(app, client, publish, caplog, LONG, drawn)
    grown = (memory[-1] - memory[2]) / 1024 / 1024
    print(
        f"seed {drawn}: {dict(statuses)}, memory {[m // 2**20 for m in memory]} MiB, grown {grown:.1f} MiB after warm-up"
    )
    assert grown < 24
