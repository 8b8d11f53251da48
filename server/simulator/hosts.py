"""Which phone a host name belongs to, and how a link to the product becomes the same link at the phone's own host."""

import re
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.simulator.world import World

PHONE = re.compile(r"phone-([1-9]\d?)\.localhost")


def phone_of_host(host: str) -> int | None:
    found = PHONE.fullmatch(host.rsplit(":", 1)[0].lower())
    return int(found.group(1)) if found else None


def phone_of_url(world: "World", url: str) -> int | None:
    return phone_of_host(urllib.parse.urlsplit(url).netloc)


def port_of(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f":{parts.port}" if parts.port else ""


def product_at(world: "World", phone: int) -> str:
    """Where the product is for this phone."""
    return f"{urllib.parse.urlsplit(world.setup.product_public).scheme}://phone-{phone}.localhost{port_of(world.setup.product_public)}"


def own_at(world: "World", phone: int) -> str:
    return f"{urllib.parse.urlsplit(world.setup.public).scheme}://phone-{phone}.localhost{port_of(world.setup.public)}"


def is_product(world: "World", url: str) -> bool:
    parts, public = urllib.parse.urlsplit(url), urllib.parse.urlsplit(world.setup.product_public)
    return parts.netloc == public.netloc or (
        phone_of_host(parts.netloc) is not None and port_of(url) == port_of(world.setup.product_public)
    )


def for_phone(world: "World", phone: int, url: str) -> str:
    """The link as this phone opens it; foreign links stay as they are."""
    parts = urllib.parse.urlsplit(url)
    rest = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
    if is_product(world, url):
        return product_at(world, phone) + rest
    if parts.netloc == urllib.parse.urlsplit(world.setup.public).netloc:
        return own_at(world, phone) + rest
    return url


def is_ours(host: str) -> bool:
    """Only names that mean this very machine."""
    name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host.split("]")[0] + "]"
    return name in ("localhost", "127.0.0.1", "[::1]") or name.endswith(".localhost")
