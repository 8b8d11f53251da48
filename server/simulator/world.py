"""One world of the stand-in: its settings, its book, its clock, and who its accounts are."""

import time
from collections.abc import Callable
from dataclasses import replace

from server.simulator.book import Book
from server.simulator.clock import Clock
from server.simulator.settings import Account, Setup, Template


class World:
    """What every part of the simulator is given."""

    def __init__(self, setup: Setup, wall: Callable[[], float] = time.time) -> None:
        self.setup = setup
        self.book = Book(setup.data)
        self.clock = Clock(self.book, wall)

    @property
    def official(self) -> Account:
        return replace(self.setup.official, kind=self.book.fact("kind", self.setup.official.kind))

    @property
    def mini(self) -> Account:
        return self.setup.mini

    def account(self, role: str) -> Account:
        return self.official if role == "official" else self.mini

    def by_appid(self, appid: str) -> Account | None:
        return next((account for account in (self.official, self.mini) if account.appid == appid), None)

    def template(self, id_: str) -> Template | None:
        return next((template for template in self.setup.templates if template.id == id_), None)

    def reset(self) -> None:
        """Everything forgotten, as on the first day; the accounts stay."""
        self.book.wipe()
        self.clock.forget()
