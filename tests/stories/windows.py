"""A browser window as somebody sits before it: what is on the page, the fields filled in, the button pressed, the grey one read."""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Download, Locator, Page
from werkzeug.serving import make_server

from models.kernel.base import db
from models.people.officer import Officer
from models.people.session import Session
from server.house import OFFICER_COOKIE, House

PATIENCE = 20_000
"""Milliseconds that something may take to appear on a busy machine."""
WIDTHS = (390, 1280)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_FOLDS = "e => { for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true }"


@dataclass
class Window:
    """One person's window."""

    page: Page
    seen: set[str]
    """Pages, without their addresses' own parts, that were looked at in both widths already."""
    complaints: list[str]

    def go(self, path: str) -> "Window":
        """Open an address; what does not open is no page."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, (path, answer.status)
        return self.look()

    def look(self) -> "Window":
        """In a narrow and in a wide window nothing is cut off."""
        kind = re.sub(r"/(?=[a-z]*[0-9])[a-z0-9]{12}(?=/|$)", "/…", self.page.url.partition("?")[0])
        if kind not in self.seen:
            self.seen.add(kind)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 900})
                if over := self.page.evaluate(TOO_WIDE):
                    self.complaints.append(f"{kind} at {width}: {over} px too wide")
        return self

    @property
    def path(self) -> str:
        """Where the window is."""
        return "/" + self.page.url.split("/", 3)[3]

    @property
    def words(self) -> str:
        """What the page says."""
        return self.page.locator("main, #work").first.inner_text()

    def says(self, *words: str) -> "Window":
        """Each of these stands on the page."""
        for one in words:
            assert one in self.words, (self.path, one, self.words)
        return self

    def follow(self, words: str) -> "Window":
        """A link of the page itself, by its words."""
        link = self.page.locator("main").get_by_role("link", name=re.compile(f"^{re.escape(words)}")).first
        with self.page.expect_navigation():
            link.click()
        return self.look()

    def grey(self, button: str, *articles: str) -> "Window":
        """A button cannot be pressed, and what it is described by names the articles."""
        held = self._button(self.page.locator("main"), button)
        assert held.get_attribute("aria-disabled") == "true", (self.path, button)
        why = held.get_attribute("aria-describedby") or ""
        said = self.page.locator(f"#{why}").inner_text()
        around = held.locator("xpath=ancestor::*[self::section or self::form or self::main][1]").inner_text()
        gate = self.page.locator("#gate")
        said += around + (gate.inner_text() if gate.count() else "")
        for article in articles:
            assert article in said, (self.path, button, article, said)
        return self

    def send(self, button: str, *, at: str = "", wrong: str = "", **told: Any) -> "Window":
        """Fill in the form that has this button, and press it; `wrong`: it comes back and says so, with what was typed."""
        forms = self.page.locator(f"form{at}")
        form = forms.filter(has=self._button(self.page, button)).first
        for name, value in told.items():
            self._fill(form, name, value)
        pressed = self._button(form, button)
        if form.get_attribute("hx-boost"):
            here = self.page.url
            pressed.click()
            self.page.wait_for_url(lambda url: url != here)
        else:
            with self.page.expect_navigation():
                pressed.click()
        refused = self.page.locator("[role=alert]")
        if wrong:
            assert refused.count(), (self.path, button, "was not refused")
            assert wrong in self.words, (self.path, wrong, self.words)
            for name, value in told.items():
                if isinstance(value, str) and value and self.page.locator(f"textarea[name='{name}']").count():
                    kept = [area.input_value() for area in self.page.locator(f"textarea[name='{name}']").all()]
                    assert value in kept, (self.path, name, "was lost")
        else:
            assert not refused.count(), (self.path, button, refused.first.inner_text())
        return self.look()

    def press(self, button: str) -> "Window":
        """A deed that is one button."""
        return self.send(button)

    def takes(self, button: str) -> Download:
        """A button that gives a file."""
        with self.page.expect_download() as given:
            self._button(self.page.locator("main"), button).click()
        return given.value

    def _button(self, within: Page | Locator, words: str) -> Locator:
        return within.get_by_role("button", name=re.compile(f"^{re.escape(words)}")).first

    def _fill(self, form: Locator, name: str, value: Any) -> None:
        found = form.locator(f"[name='{name}']")
        assert found.count(), (self.path, name)
        found.first.evaluate(OPEN_FOLDS)
        kind = found.first.evaluate("e => e.type")
        if kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list | tuple) else [value]:
                # The box itself may be drawn by its label, which is what a hand presses.
                form.locator(f"[name='{name}'][value='{one}']").locator("xpath=ancestor::label[1]").click()
        elif isinstance(value, list | tuple):
            for n, one in enumerate(value):
                if found.nth(n).evaluate("e => e.type") == "select-one":
                    found.nth(n).select_option(one)
                else:
                    found.nth(n).fill(one)
        elif kind == "select-one":
            option = found.locator("option", has_text=value).first.get_attribute("value")
            found.select_option(option)
        elif kind == "file":
            found.set_input_files({"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": value})
        else:
            found.first.fill(value)


@dataclass
class Street:
    """A house that is served, and windows on it: of officers by their login, of residents whom nobody knows."""

    app: House
    chromium: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    _contexts: list[BrowserContext] = field(default_factory=list)
    _officers: dict[str, Window] = field(default_factory=dict)

    def window(self) -> Window:
        """A fresh window that shares nothing with the others."""
        context = self.chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": 1280, "height": 900},
            base_url=self.address,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return Window(page, self.seen, self.complaints)

    def officer(self, login: str) -> Window:
        """An officer's window; the same one each time."""
        if login not in self._officers:
            with self.app.app_context():
                who = Officer.by_login(login)
                assert who, login
                token = Session.open_for(who, "console", "a story")
                db.session.commit()
            made = self._officers[login] = self.window()
            made.page.context.add_cookies(
                [{"name": OFFICER_COOKIE, "value": token, "domain": "localhost", "path": "/desk"}]
            )
        return self._officers[login]

    def close(self) -> None:
        """Everybody goes home."""
        for context in self._contexts:
            context.close()


@contextmanager
def served(app: House) -> Iterator[str]:
    """The house behind a port of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
