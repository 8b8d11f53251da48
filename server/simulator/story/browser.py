"""A small browser for the player: it keeps cookies, follows redirects, and fills in forms as a person would."""

import http.client
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

PATIENCE = 40.0
HOPS = 8

Fields = Mapping[str, str | Iterable[str]]
File = tuple[str, bytes]
"""A file's name and what is in it."""


class Trouble(Exception):
    """A page that did not do what the story needs: which one, and what it said."""


class NoForm(Trouble):
    """A page without the form that was looked for."""


@dataclass
class Page:
    """What came back."""

    url: str
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def text(self) -> str:
        """The body as it was sent."""
        return self.data.decode("utf-8", "replace")

    @property
    def path(self) -> str:
        """Where it is, without the host."""
        return urlsplit(self.url).path

    @cached_property
    def tree(self) -> Any:
        """The page, parsed; links stay as they are written."""
        return lxml.html.document_fromstring(
            self.data or b"<html></html>", parser=lxml.html.HTMLParser(encoding="utf-8")
        )

    @cached_property
    def words(self) -> str:
        """What a reader sees, in one line."""
        body = self.tree.find("body")
        return " ".join((body if body is not None else self.tree).text_content().split())

    @property
    def squeezed(self) -> str:
        """The words without any space, as two copies of a text are compared."""
        return squeezed(self.tree.text_content())

    def json(self) -> Any:
        """The answer of an interface."""
        try:
            return json.loads(self.data)
        except ValueError as wrong:
            raise Trouble(f"{self.path} 的回答不是 JSON：{self.text[:120]}") from wrong

    @property
    def complaint(self) -> str:
        """What the page says is wrong, in its own words."""
        for xpath in ('//*[@role="alert"]', '//*[contains(@class,"trouble")]', "//main", "//body"):
            found = self.tree.xpath(xpath)
            if found and (said := " ".join(found[0].text_content().split())):
                return str(said[:200])
        return self.text[:200]

    def links(self, start: str) -> list[tuple[str, str]]:
        """Links whose address begins so: (address, words)."""
        found = [(str(a.get("href")), " ".join(a.text_content().split())) for a in self.tree.xpath("//a[@href]")]
        return [(href, words) for href, words in found if href.startswith(start)]

    def form(self, *having: str, action: str = "", but: str = "") -> Any:
        """The form that posts, has fields (or buttons) of these names, and leads to this address `but` not to that one."""
        for form in self.tree.forms:
            names = {e.get("name") for e in form.xpath(".//*[@name]")}
            leads = form.get("action") or ""
            if (
                (form.get("method") or "get").lower() == "post"
                and set(having) <= names
                and action in leads
                and not (but and but in leads)
            ):
                return form
        raise NoForm(f"{self.path} 这一页没有要填的表（{'、'.join(having) or action}）：{self.complaint}")

    def has_form(self, *having: str, action: str = "", but: str = "") -> bool:
        """Whether there is such a form."""
        try:
            self.form(*having, action=action, but=but)
        except NoForm:
            return False
        return True


@dataclass
class Browser:
    """One person's browser at one host name; every *.localhost is this machine."""

    home: str
    agent: str = "Mozilla/5.0 (demonstration) MicroMessenger/8.0"
    jar: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[int, http.client.HTTPConnection] = field(default_factory=dict)

    def close(self) -> None:
        """Hang up."""
        for line in self.lines.values():
            line.close()
        self.lines.clear()

    def get(self, url: str, *, ok: Iterable[int] = (200,), headers: Mapping[str, str] | None = None) -> Page:
        """A page, wherever the redirects lead."""
        return self._go("GET", urljoin(self.home, url), None, dict(headers or {}), tuple(ok))

    def post(self, url: str, fields: Fields, *, ok: Iterable[int] = (200,)) -> Page:
        """A form without files."""
        body = urlencode(list(pairs(fields))).encode()
        return self._go("POST", urljoin(self.home, url), body, {"Content-Type": FORM}, tuple(ok))

    def send_json(
        self,
        url: str,
        said: Any,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        ok: Iterable[int] = (200, 201),
    ) -> Any:
        """A call to an interface."""
        body = json.dumps(said, ensure_ascii=False).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return self._go(method, urljoin(self.home, url), body, sent, tuple(ok)).json()

    def submit(
        self, page: Page, form: Any, press: tuple[str, str] | None = None, paper: File | None = None, **filled: Any
    ) -> Page:
        """Fill in a form of a page, put a paper into it, press a button. What is not mentioned is sent as the page has it."""
        known = {e.get("name") for e in form.xpath(".//*[@name]")}
        missing = set(filled) - known
        if missing:
            raise NoForm(f"{page.path} 的表里没有这几项：{'、'.join(sorted(missing))}")
        fields: dict[str, list[str]] = {}
        for name, value in form.form_values():
            fields.setdefault(name, []).append(value)
        for name, value in filled.items():
            if value is None or value is False:
                fields.pop(name, None)
            elif value is True:
                ticked = form.xpath(f'.//input[@name="{name}"]/@value')
                fields[name] = [ticked[0] if ticked else "on"]
            else:
                fields[name] = [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
        if press:
            fields[press[0]] = [press[1]]
        target = urljoin(page.url, form.get("action") or page.url)
        if "multipart" in (form.get("enctype") or ""):
            edge = secrets.token_hex(16)
            body = multipart(pairs(fields), edge, paper)
            sent = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        else:
            body, sent = urlencode(list(pairs(fields))).encode(), {"Content-Type": FORM}
        return self._go("POST", target, body, sent, (200,))

    def _go(self, method: str, url: str, body: bytes | None, headers: dict[str, str], ok: tuple[int, ...]) -> Page:
        for _ in range(HOPS):
            page = self._once(method, url, body, headers)
            where = page.headers.get("location")
            if page.status not in (301, 302, 303, 307, 308) or not where:
                if ok and page.status not in ok:
                    raise Trouble(f"{method} {urlsplit(url).path} 答 {page.status}：{page.complaint}")
                return page
            url = urljoin(url, where)
            if page.status in (301, 302, 303):
                method, body = "GET", None
                headers = {name: value for name, value in headers.items() if name != "Content-Type"}
        raise Trouble(f"{urlsplit(url).path} 一直在转来转去")

    def _once(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Page:
        at = urlsplit(url)
        host = at.hostname or "localhost"
        path = (at.path or "/") + (f"?{at.query}" if at.query else "")
        sent = {"Host": at.netloc, "User-Agent": self.agent, **headers}
        if cookies := self.jar.get(host):
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if method != "GET" and "Authorization" not in headers:
            sent |= {"Origin": f"{at.scheme}://{at.netloc}", "Sec-Fetch-Site": "same-origin"}
        got, data = self._ask(at.port or 80, method, path, body, sent)
        for line in got.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                kept = self.jar.setdefault(host, {})
                if morsel["max-age"] == "0" or not morsel.value:
                    kept.pop(name, None)
                else:
                    kept[name] = morsel.value
        return Page(url, got.status, {name.lower(): value for name, value in got.headers.items()}, data)

    def _ask(
        self, port: int, method: str, path: str, body: bytes | None, sent: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request on a line that is kept open; a line that was closed meanwhile is opened anew, once."""
        fresh = port not in self.lines
        line = self.lines.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
        try:
            line.request(method, path, body=body, headers=sent)
            got = line.getresponse()
            return got, got.read()
        except (OSError, http.client.HTTPException) as broken:
            line.close()
            self.lines.pop(port, None)
            if not fresh and isinstance(broken, http.client.RemoteDisconnected | ConnectionError | BrokenPipeError):
                return self._ask(port, method, path, body, sent)
            raise Trouble(f"{method} {path} 没有人应答（{type(broken).__name__}）") from broken


FORM = "application/x-www-form-urlencoded"


def pairs(fields: Fields) -> Iterable[tuple[str, str]]:
    """Names and values as a form sends them; line ends as browsers write them."""
    for name, value in fields.items():
        for one in [value] if isinstance(value, str) else value:
            yield name, one.replace("\r\n", "\n").replace("\n", "\r\n")


def multipart(fields: Iterable[tuple[str, str]], edge: str, paper: File | None) -> bytes:
    """A form that can carry a file, in its field `file`."""
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    if paper is not None:
        name, data = paper
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", data, b"\r\n"]
    return b"".join([*parts, f"--{edge}--\r\n".encode()])


def squeezed(words: str) -> str:
    """Without spaces and line ends, as two copies of a text are compared."""
    return "".join(words.split())


def option(form: Any, name: str, words: str) -> str:
    """The value of the choice whose words begin so; nothing where there is none."""
    for choice in form.xpath(f'.//select[@name="{name}"]/option'):
        if words and " ".join(choice.text_content().split()).startswith(words):
            return str(choice.get("value") or "")
    return ""
