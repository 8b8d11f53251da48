"""Hands out the few front-end files that come from npm: these and no others, and only as they were when we chose them."""

import gzip
import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

from config.settings import ROOT

PACKAGES = ROOT / "node_modules"
YEAR, HOUR = 365 * 86400, 3600

blueprint = Blueprint("vendor", __name__, url_prefix="/static/vendor")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """A file of a package, with the SHA-256 it had when its version was chosen in package.json."""

    path: str
    mimetype: str
    sha256: str

    @property
    def version(self) -> str:
        """What stands behind ?v= in its address."""
        return self.sha256[:12]


FILES = {
    "weui.min.css": Chosen(
        "weui/dist/style/weui.min.css", "text/css", "d162d07343b00e7e13e24e2ce919a19e90ed3727831c85befd4c0f2313f2b482"
    ),
    "htmx.min.js": Chosen(
        "htmx.org/dist/htmx.min.js",
        "text/javascript",
        "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    ),
}


class Unfound(Exception):
    """The file is not there, or is not the one that was chosen."""


@lru_cache(maxsize=8)
def contents(folder: Path, chosen: Chosen) -> tuple[bytes, bytes]:
    """The file and the file packed; a failure is not remembered, so a later `make` mends it."""
    try:
        plain = (folder / chosen.path).read_bytes()
    except OSError as why:
        raise Unfound(f"{chosen.path} is not installed") from why
    if hashlib.sha256(plain).hexdigest() != chosen.sha256:
        raise Unfound(f"{chosen.path} is not the file of the version in package.json")
    return plain, gzip.compress(plain, 9, mtime=0)


def vendor_url(name: str) -> str:
    """The address for a page: it changes with the file, so browsers may keep it for a year."""
    return f"/static/vendor/{name}?v={FILES[name].version}"


@blueprint.get("/<name>")
def vendored(name: str) -> Response:
    """One of FILES; everything else is 404."""
    chosen = FILES.get(name)
    if chosen is None:
        abort(404)
    try:
        plain, packed = contents(PACKAGES, chosen)
    except Unfound as why:
        log.error("front-end file missing: %s; run make", why)
        abort(404)
    squeezed = request.accept_encodings["gzip"] > 0
    answer = Response(packed if squeezed else plain, mimetype=chosen.mimetype)
    if squeezed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.set_etag(chosen.version + ("-gzip" if squeezed else ""))
    answer.cache_control.public = True
    answer.cache_control.max_age = YEAR if request.args.get("v") == chosen.version else HOUR
    answer.cache_control.immutable = request.args.get("v") == chosen.version
    answer.make_conditional(request)
    return answer
