"""People before their screens: a real browser against the running programs, on a street of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from server.simulator.story.stage import Stage
from tests.conftest import Engine, settle
from tests.stories.conftest import Town, opened

PATIENCE = 30_000
"""Milliseconds: a busy machine is slow, and what is written here is about what appears, not about how fast."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A street where nothing has happened yet, for all tests of one file."""
    folder = tmp_path_factory.mktemp("street")
    yield from opened(folder / "town", Engine("sqlite", folder).fresh("street", settle))


@pytest.fixture(scope="module")
def stage(town: Town) -> Iterator[Stage]:
    """Strangers' browsers without a screen, for what is not looked at."""
    made = Stage(*town.addresses)
    yield made
    made.close()


@dataclass
class Windows:
    """Browser windows on this street, and everything their pages complained about."""

    chromium: Browser
    town: Town
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    """Every address that was opened as a page."""

    def site(self, host: str = "") -> str:
        """The product under the host name of a phone or an officer."""
        return f"http://{host}{'.' if host else ''}localhost:{self.town.product.port}"

    def wechat(self, number: int | None = None) -> str:
        """The phones, or one of them."""
        return f"http://{f'phone-{number}.' if number else ''}localhost:{self.town.product.simulator_port}"

    def open(self, width: int = 1280, height: int = 900, *, scripts: bool = True, **more: Any) -> Page:
        """A fresh window that shares nothing with the others."""
        context = self.chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            **more,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda asked: self.pages.add(asked.url) if asked.is_navigation_request() else None)
        page.on("console", lambda said: self._heard(page, said))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, page: Page, said: ConsoleMessage) -> None:
        # That a page says "not here" with a number of its own is no complaint; that a file of a page is missing is one.
        numbered = said.text.startswith("Failed to load resource") and said.location.get("url") in self.pages
        if said.type in ("error", "warning") and not numbered:
            self.complaints.append(f"{page.url}: {said.text} {said.location.get('url', '')}")

    def officer(self, login: str, width: int = 1280) -> Page:
        """An officer's window, signed in by the one click of a demonstration."""
        page = self.open(width)
        page.goto(f"{self.site(login)}/desk/sign-in")
        page.get_by_role("button", name="的身份进入").click()
        page.get_by_role("heading", level=1).wait_for()
        return page

    def close(self) -> None:
        """Everybody closes the window."""
        for context in self.contexts:
            context.close()


@pytest.fixture
def windows(chromium: Browser, town: Town) -> Iterator[Windows]:
    """Windows; no page that was shown in one of them complained about anything."""
    made = Windows(chromium, town)
    yield made
    made.close()
    assert not made.complaints, "\n".join(made.complaints)
