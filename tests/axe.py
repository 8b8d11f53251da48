"""What axe, the checker of accessible pages, finds on a page in Chromium; it is fetched with the other front-end packages."""

from functools import cache

from playwright.sync_api import Page

from config.settings import ROOT
from tests.conftest import lacking

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """() => axe.run(document, { iframes: false, preload: false, resultTypes: ['violations'] }).then(found => found.violations
  .map(one => [one.impact, `${one.id}: ${one.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' | ')}`]))"""
STILL = """() => Promise.race([new Promise(passed => setTimeout(passed, 3000)),
  Promise.allSettled(document.getAnimations().filter(one => one.effect?.getComputedTiming().iterations !== Infinity).map(one => one.finished))])"""
"""Colours are judged when nothing moves any more."""


@cache
def script() -> str:
    """The checker itself; where it was not fetched, the test is skipped loudly."""
    if not SCRIPT.exists():
        lacking("axe-core is not installed; run make")
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Everything that axe finds wrong on the page that is shown, with its impact first."""
    return [f"{impact}: {words}" for impact, words in _found(page)]


def barriers(page: Page) -> list[str]:
    """Only what axe calls serious or critical."""
    return [words for impact, words in _found(page) if impact in ("serious", "critical")]


def _found(page: Page) -> list[tuple[str, str]]:
    page.evaluate(STILL)
    if not page.evaluate("typeof axe === 'object'"):  # half a megabyte, brought once to a page
        page.evaluate(script())
    found: list[tuple[str, str]] = page.evaluate(RUN)
    return found
