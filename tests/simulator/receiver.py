"""A tiny product for these tests alone: it listens, remembers what WeChat pushed, and answers as told."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug import Request, Response
from werkzeug.serving import make_server

from server.simulator import crypt, envelope
from server.simulator.settings import Account

Answer = Callable[[dict[str, Any]], str | None]


class Receiver:
    """Opens each push with its own keys, counts it, and says what the test wants said."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.clock: list[dict[str, Any]] = []
        self.answer: Answer = lambda fields: None
        self.raw: Callable[[Request], Response | None] = lambda request: None
        self.accounts: dict[str, Account] = {}
        self.clock_status = 200
        self.sleep = 0.0
        self.now = 0.0
        self._server = make_server("127.0.0.1", 0, self.serve, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        if request.path == "/demo/clock":
            seconds = request.get_json()["seconds"]
            self.clock.append({"seconds": seconds, "secret": request.headers.get("X-Demo-Secret")})
            return Response(json.dumps({}), status=self.clock_status, mimetype="application/json")
        if request.path.startswith("/api/v1"):
            self.heard.append({"path": request.full_path, "method": request.method, "headers": dict(request.headers)})
            return Response(json.dumps({"items": []}), mimetype="application/json")
        account = self.accounts["mini" if request.path == "/wechat/mini" else "official"]
        query = {key: values[0] for key, values in parse_qs(urlsplit(request.full_path).query).items()}
        if request.method == "GET":
            good = crypt.sign(account.token, query["timestamp"], query["nonce"]) == query["signature"]
            return Response(query["echostr"] if good else "no", status=200 if good else 403)
        self.queries.append(query)
        body = request.get_data()
        self.bodies.append(body)
        if request.mimetype == "application/json":
            closed = json.loads(body)["Encrypt"]
            fields = json.loads(crypt.unseal(account.aes_key, account.appid, closed))
        else:
            closed = envelope.read(body)["Encrypt"]
            fields = envelope.read(crypt.unseal(account.aes_key, account.appid, closed))
        assert crypt.sign(account.token, query["timestamp"], query["nonce"], closed) == query["msg_signature"]
        assert query["encrypt_type"] == "aes"
        assert query["openid"] == fields["FromUserName"]
        self.heard.append(fields)
        if self.sleep:
            time.sleep(self.sleep)
        given = self.raw(request)
        if given is not None:
            return given
        said = self.answer(fields)
        if said is None:
            return Response("success")
        return Response(self.seal(account, said, query["nonce"]), mimetype="application/xml")

    def seal(self, account: Account, plain: str, nonce: str) -> str:
        closed, stamp = crypt.seal(account.aes_key, account.appid, plain), str(int(time.time()))
        return envelope.write(
            {
                "Encrypt": closed,
                "MsgSignature": crypt.sign(account.token, stamp, nonce, closed),
                "TimeStamp": int(stamp),
                "Nonce": nonce,
            }
        )

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [fields for fields in self.heard if fields.get("Event") == kind]


def text_reply(fields: dict[str, Any], content: str) -> str:
    return envelope.write(
        {
            "ToUserName": fields["FromUserName"],
            "FromUserName": fields["ToUserName"],
            "CreateTime": int(time.time()),
            "MsgType": "text",
            "Content": content,
        }
    )
