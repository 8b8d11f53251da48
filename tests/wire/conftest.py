"""A small server that answers like WeChat's, as scripted, and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.wire.account import Mini, Official
from server.wire.line import Line

Answer = dict[str, Any] | bytes | int | Callable[["Asked"], Any]


class Asked:
    """One request that arrived."""

    def __init__(self, method: str, target: str, headers: dict[str, str], raw: bytes) -> None:
        parts = urlsplit(target)
        self.method, self.path, self.raw, self.headers = method, parts.path, raw, headers
        self.query = {k: v[0] for k, v in parse_qs(parts.query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Doors(ThreadingHTTPServer):
    """Wide enough for everybody who comes at once; the library's five places would keep some waiting for seconds."""

    request_queue_size = 256


class Stub:
    """Answers by path: a dict is JSON, bytes a picture, an int an HTTP status, a callable decides."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Answer]] = {}
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, dict(self.headers), raw)
                stub.asked.append(asked)
                script = stub.answers.get(asked.path, [])
                answer = script.pop(0) if len(script) > 1 else (script[0] if script else {"errcode": 0, "errmsg": "ok"})
                if callable(answer):
                    answer = answer(asked)
                if answer == "hang":
                    time.sleep(1.5)
                    self.close_connection = True
                    return
                if answer == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                status, mime = 200, "application/json; encoding=utf-8"
                if isinstance(answer, int):
                    status, body = answer, b"<html>no</html>"
                elif isinstance(answer, bytes):
                    mime, body = "image/jpeg", answer
                elif isinstance(answer, str):
                    body = answer.encode()
                else:
                    body = json.dumps(answer, ensure_ascii=False).encode()
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Type", mime)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815

        self._server = Doors(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *a: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def say(self, path: str, *answers: Answer | str) -> None:
        """These answers in turn; the last one stays."""
        self.answers[path] = list(answers)  # type: ignore[arg-type]

    def of(self, path: str) -> list[Asked]:
        return [a for a in self.asked if a.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Purse:
    """Tokens for a test: t1, and after a refusal t2, t3 …"""

    def __init__(self) -> None:
        self.number = 1

    def token(self, appid: str) -> str:
        return f"TOKEN-OF-TEST-{self.number}"

    def refused(self, appid: str, used: str) -> str:
        if used == self.token(appid):
            self.number += 1
        return self.token(appid)


APPID, SECRET = "wx0123456789abcdef", "c0ffee0123456789c0ffee0123456789"
OPENID = "oTESTopenid_0123456789-ABCDE"


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    yield server
    server.close()


@pytest.fixture
def line(stub: Stub) -> Iterator[Line]:
    line = Line(stub.url, stub.url, stub.url)
    yield line
    line.close()


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def official(line: Line, purse: Purse) -> Official:
    return Official(APPID, SECRET, "service", line, purse)


@pytest.fixture
def mini(line: Line, purse: Purse) -> Mini:
    return Mini(APPID, SECRET, "mini", line, purse)
