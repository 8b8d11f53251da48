"""The list of interfaces that WeChat offers a developer; each noun's file writes its own into it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.simulator.fault import Fault
from server.simulator.settings import Account

if TYPE_CHECKING:
    from server.simulator.world import World


@dataclass
class Upload:
    name: str
    mime: str
    data: bytes


@dataclass
class Call:
    """One call of the product."""

    world: "World"
    account: Account | None
    args: Mapping[str, str]
    body: dict[str, Any]
    raw: str = ""
    uploads: dict[str, Upload] = field(default_factory=dict)
    words: str = ""
    note: str = ""
    phone: int | None = None

    @property
    def role(self) -> str:
        return self.caller.role

    @property
    def caller(self) -> Account:
        if self.account is None:
            raise Fault(41001)
        return self.account

    def text(self, key: str, *, missing: int = 40035) -> str:
        value = self.body.get(key)
        if not isinstance(value, str) or not value:
            raise Fault(missing)
        return value

    def pagepath(self) -> str:
        """Where in the mini program a card leads, if it does."""
        given = self.body.get("miniprogram")
        return str(given.get("pagepath") or "") if isinstance(given, dict) else ""


@dataclass
class File:
    """An answer that is no JSON: a picture or a recording."""

    data: bytes
    mime: str
    name: str


Handler = Callable[[Call], "dict[str, Any] | File"]


@dataclass(frozen=True)
class Interface:
    path: str
    handler: Handler
    needs: str
    method: str
    says: str
    literal: bool
    token: bool
    plain: bool


INTERFACES: dict[str, Interface] = {}


def call(
    path: str,
    *,
    needs: str = "basic",
    method: str = "POST",
    says: str = "",
    literal: bool = False,
    token: bool = True,
    plain: bool = False,
) -> Callable[[Handler], Handler]:
    r"""`literal`: WeChat does not undo \uXXXX escapes here, so readers would see them. `plain`: answered as text/plain."""

    def write(handler: Handler) -> Handler:
        INTERFACES[path] = Interface(path, handler, needs, method, says or path, literal, token, plain)
        return handler

    return write
