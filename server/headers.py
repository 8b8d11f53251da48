"""The same strict headers on every answer: nothing runs, frames or leaks that was not meant to."""

import unicodedata
from urllib.parse import quote, urlsplit

from flask import Flask, Response, request

from config.settings import Settings

_ALWAYS = tuple(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        "X-Permitted-Cross-Domain-Policies": "none",
    }.items()
)
_OURS = frozenset({"content-security-policy", "x-frame-options", "strict-transport-security", "server"})
"""What no view decides."""


def save_as(answer: Response, name: str, how: str = "attachment") -> Response:
    """Name the file that an answer is: `how` is attachment (saved) or inline (shown).

    A header is Latin-1, so a Chinese name goes as RFC 6266 has it: in UTF-8, beside one in ASCII for old programs.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = {"filename": name}
    if plain != name:
        plain = f"file{plain}" if plain[:1] in ("", ".") else plain
        names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"}
    answer.headers.set("Content-Disposition", how, **names)
    return answer


def put_on(app: Flask) -> None:
    """Set the headers after every request, errors and files included."""
    settings: Settings = app.extensions["settings"]
    inside, outside = _policy(settings, "'none'"), _policy(settings, _who_may_frame(settings))

    @app.after_request
    def headers(response: Response) -> Response:
        told = response.headers
        there = {name.lower() for name, _ in told}
        if not there.isdisjoint(_OURS):
            for name in _OURS:
                told.pop(name, None)
        policy = inside if request.path.startswith("/desk") else outside
        told.extend(pair for pair in _ALWAYS if pair[0].lower() not in there)
        told.extend(policy)
        return response


def _policy(settings: Settings, framed: str) -> tuple[tuple[str, str], ...]:
    """What an answer allows, when `framed` may frame it."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'{_demonstration_forms(settings)}; frame-ancestors {framed}"
    )
    headers = [("Content-Security-Policy", policy)]
    if framed == "'none'":
        headers.append(("X-Frame-Options", "DENY"))
    if settings.secure:
        headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    return tuple(headers)


def _who_may_frame(settings: Settings) -> str:
    """Nobody; in a demonstration the phones of the simulator may frame the site, never the desk.

    Only a demonstration may have a simulator's address (server.app.fit), so no answer waits for the database here.
    """
    if settings.simulator_url:
        return f"http://*.localhost:{urlsplit(settings.simulator_url).port}"
    return "'none'"


def _demonstration_forms(settings: Settings) -> str:
    """Signing in sends a form that ends at WeChat's authorize page, so that page may follow a form."""
    open_base = urlsplit(settings.wechat_open_base)
    return f" {open_base.scheme}://{open_base.netloc}"
