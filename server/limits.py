"""How often one network may knock: wide enough for a village hall behind one address, narrow enough for a flood to stop."""

import ipaddress
import time
from typing import Any

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded

from config.settings import Settings
from models.kernel.refusal import TooOften

TABLE = {
    "site.comment_send": "60 per 10 minutes",
    "site.receipt_open": "60 per 10 minutes",
    "site.answer_poll": "60 per 10 minutes",
    "site.ask": "60 per 10 minutes",
    "site.one_off_spend": "120 per 10 minutes",
    "console.enter": "60 per 10 minutes",
    "api_session.sign_in": "300 per 10 minutes",
}
"""What somebody without a session may send. Per account, per receipt and per person there are limits in the database."""


def network() -> str:
    """The neighbourhood of an address: /24 of IPv4, /56 of IPv6."""
    address = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    width = 24 if address.version == 4 else 56
    return str(ipaddress.ip_network((address, width), strict=False))


def _known_or_near() -> bool:
    """Whoever is signed in has limits of their own; and this machine itself is not the internet."""
    row = g.get("session_row")
    if row is not None and (row.officer is not None or not row.resident.anonymous):
        return True
    return ipaddress.ip_address(request.remote_addr or "127.0.0.1").is_loopback


class _Guard(Limiter):
    """Looks at what comes to the views of the table, and at nothing else."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if request.endpoint in TABLE:
            super()._check_request_limit(callable_name, in_middleware)


def stand_guard(app: Flask, settings: Settings) -> None:
    """Put the limits before the views of the table. Shared by processes through Redis where there is one.

    When Redis does not answer, each process counts for itself: limits get wider, nobody gets an error.
    """
    limiter = _Guard(
        key_func=network,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        in_memory_fallback_enabled=bool(settings.redis_url),
        swallow_errors=True,
        key_prefix="huiyin",
    )
    for endpoint, rate in TABLE.items():
        limited: Any = limiter.limit(rate, exempt_when=_known_or_near)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited

    @app.errorhandler(RateLimitExceeded)
    def enough(error: RateLimitExceeded) -> ResponseReturnValue:
        passed = limiter.current_limit
        seconds = max(1, int(passed.reset_at - time.time())) if passed else 60
        said = "从您这个网络提交得太多了，请过一会儿再试，也可以打电话或到服务厅来办。"
        return app.handle_user_exception(TooOften(said, seconds))
