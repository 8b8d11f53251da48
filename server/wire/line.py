"""One HTTP session to WeChat's three hosts, and to nowhere else, with short patience and no secret in its errors."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import requests.utils
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from server.wire.errors import Reaction, Unknown, Unreached, WireError
from server.wire.redaction import guard_loggers, redact

API = "https://api.weixin.qq.com"
MP = "https://mp.weixin.qq.com"
OPEN = "https://open.weixin.qq.com"

CONNECT_SECONDS = 3.05
READ_SECONDS = 5.0
JSON_CAP = 4 * 1024 * 1024
ANSWER_SECONDS = 10.0


class _Rewrite(HTTPAdapter):
    """Sends what is meant for one of WeChat's hosts to the base the settings name, and adds the missing patience."""

    def __init__(self, base: str, connections: int) -> None:
        self._base = urlsplit(base.rstrip("/"))
        super().__init__(pool_connections=2, pool_maxsize=connections, pool_block=True, max_retries=0)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, to the base instead of the host it names."""
        parts = urlsplit(request.url or "")
        request.url = urlunsplit(
            (self._base.scheme, self._base.netloc, self._base.path + parts.path, parts.query, parts.fragment)
        )
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, *args, **kwargs)


class _Session(requests.Session):
    """Follows no redirect: an access token in a query must not travel to another host."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


@dataclass(frozen=True)
class Download:
    """A file WeChat handed out."""

    data: bytes
    mime: str


class Line:
    """The shared connections. Threads may use it together."""

    def __init__(self, api_base: str, mp_base: str, open_base: str, *, connections: int = 16) -> None:
        guard_loggers()
        self.open_base = open_base.rstrip("/")
        self.api_base = api_base.rstrip("/")
        self.http = _Session()
        self.http.trust_env = False  # per-request look-ups cost a fifth of the rate; proxies are read once, here
        self.http.proxies = dict(requests.utils.get_environ_proxies(api_base))
        self.http.adapters.clear()
        for host, base in ((API, api_base), (MP, mp_base), (OPEN, open_base)):
            self.http.mount(host + "/", _Rewrite(base, connections))

    def __repr__(self) -> str:
        return "<Line>"

    def close(self) -> None:
        """Let the connections go."""
        self.http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        files: Mapping[str, Any] | None = None,
        host: str = API,
        timeout: tuple[float, float] | None = None,
    ) -> dict[str, Any]:
        """One call and its JSON answer; anything but errcode 0 is raised."""
        api = api_name(path)
        headers = {}
        data = None
        if body is not None:
            # WeChat shows \uXXXX escapes to people as they are, so Chinese goes out as itself.
            data = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json; charset=utf-8"
        problem: Exception | None = None
        try:
            response = self.http.request(
                method,
                host + path,
                params=params,
                data=data,
                files=files,
                headers=headers,
                timeout=timeout,
                stream=True,
            )
            raw = read_capped(response, JSON_CAP, ANSWER_SECONDS)
        except requests.RequestException as error:
            problem = translated(api, error)
        except (urllib3.exceptions.HTTPError, OSError, TooLong) as error:
            problem = Unknown(api, type(error).__name__)
        if problem is not None:  # raised outside the except block, so that no context carries the address along
            raise problem
        return answer_of(api, response.status_code, raw)

    def download(
        self, path: str, *, params: Mapping[str, str], cap: int, seconds: float = 30.0, host: str = API
    ) -> Download:
        """A file, read piece by piece and given up when it grows past `cap` bytes or takes too long."""
        api = api_name(path)
        problem: Exception | None = None
        try:
            with self.http.get(host + path, params=params, stream=True) as response:
                status = response.status_code
                mime = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
                raw = read_capped(response, cap, seconds)
        except TooLong:
            problem = WireError(api, None, Reaction.FIX_DATA, "文件太大，没有保存", f"more than {cap} bytes")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            problem = Unreached(api, type(error).__name__)  # a download changes nothing: it may be tried again
        if problem is not None:
            raise problem
        if status != 200 or mime in ("application/json", "text/plain", "text/html", "text/json"):
            answer_of(api, status, raw)  # raises what the answer says
            raise WireError(api, None, Reaction.FIX_DATA, "微信没有给出文件", "JSON where a file was expected")
        return Download(raw, mime)


class TooLong(Exception):
    """More bytes than we are willing to hold."""


def read_capped(response: requests.Response, cap: int, seconds: float) -> bytes:
    """The body, piece by piece; given up when it grows past `cap` or drips for longer than `seconds`."""
    until = time.monotonic() + seconds
    held = bytearray()
    try:
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            held += piece
            if len(held) > cap:
                raise TooLong
            if time.monotonic() > until:
                raise TimeoutError("the answer drips")
    finally:
        response.close()
    return bytes(held)


def api_name(path: str) -> str:
    """How the call is named in logs: its path, which holds neither token nor person."""
    return urlsplit(path).path.removeprefix("/cgi-bin").strip("/")


def translated(api: str, error: requests.RequestException) -> Exception:
    """Sent or not sent? The text of the library's exception holds the whole address, so only its kind is kept."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never_sent = (
        isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError))
        or isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))
        or (isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(reason))
    )
    what = type(reason).__name__ if reason is not None else type(error).__name__
    if isinstance(error, requests.exceptions.InvalidSchema):
        return WireError(api, None, Reaction.ALARM_STOP, "不允许连接到微信以外的地址", "host not allowed")
    return Unreached(api, what) if never_sent else Unknown(api, what)


def answer_of(api: str, status: int, raw: bytes) -> dict[str, Any]:
    """The JSON object of an answer; WireError when it carries a code, Unknown when it cannot be read."""
    if status == 429:
        raise WireError(api, None, Reaction.NEXT_MINUTE, "调用太频繁，下一分钟继续", "HTTP 429")
    if 400 <= status < 500:
        raise WireError(api, None, Reaction.ALARM_STOP, "微信服务器拒绝了这个请求", f"HTTP {status}")
    if status != 200:
        raise Unknown(api, f"HTTP {status}")
    answer: object = None
    code: int | None = None
    try:
        answer = json.loads(raw.decode("utf-8", "replace"), strict=False)
        code = int(answer.get("errcode", 0)) if isinstance(answer, dict) else None
    except (ValueError, TypeError, RecursionError):
        code = None
    if not isinstance(answer, dict) or code is None:
        raise Unknown(api, "the answer is not what WeChat sends")
    if code != 0:
        raise WireError.answered(api, code, redact(str(answer.get("errmsg", "")))[:300], answer)
    return answer
