"""WeChat's refusals: a number, English words and a reference that support could look up."""

import secrets
import time
from typing import Any

WORDS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40055: "invalid button url domain",
    40059: "invalid msg id",
    40066: "invalid url",
    40113: "unsupported file type",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40132: "invalid username",
    40130: "invalid openid list size, at least two openid",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41009: "missing openid",
    41030: "invalid page",
    42001: "access_token expired",
    42002: "refresh_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "link size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit  mustslower  retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45056: "too many tag now, please delete",
    45059: "can't add more tag to a user",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45110: "author size out of limit",
    45157: "invalid tag name",
    45158: "tag name size too long",
    45159: "invalid tag id",
    45166: "invalid content",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    49003: "not match openid with openid list",
    50002: "user limited",
    53503: "invalid draft",
    53600: "invalid article id",
    61010: "code is expired",
    65303: "there is no selfmenu, please create selfmenu first",
    76021: "cgi_path not found",
    87009: "invalid signature",
}


class Fault(Exception):
    """A call that WeChat refuses."""

    def __init__(self, code: int, words: str | None = None, **more: Any) -> None:
        self.code = code
        self.words = words if words is not None else WORDS.get(code, "unknown error")
        self.more = more
        super().__init__(code, self.words)

    def body(self) -> dict[str, Any]:
        return {"errcode": self.code, "errmsg": f"{self.words} rid: {rid()}", **self.more}


def rid() -> str:
    return f"{int(time.time()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def ok(**more: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **more}
