"""The doors of the house, each behind its own address."""

from flask import Flask, Response

from miniapp_api.api import open_door
from miniapp_api.errors import said_of
from server import console, site
from server.console import words as console_words
from server.wechat.webhook import blueprint as ear
from server.wire.errors import Unknown, WireError
from server.wire.wire import Wire


def open_doors(app: Flask, wire: Wire) -> None:
    """Register every door."""
    assert console_words
    app.register_blueprint(site.blueprint)
    app.register_blueprint(console.blueprint)
    app.register_blueprint(ear)

    def whose(code: str) -> tuple[str, str | None] | None:
        """Who is behind a mini program's sign-in code."""
        visitor = wire.mini.session_by_code(code) if wire.mini else None
        return (visitor.openid, visitor.unionid) if visitor else None

    open_door(app, whose)


def api_error(status: int, message: str) -> Response:
    """An error of the JSON door that belongs to no resource."""
    return said_of(status, message)


WIRE_TROUBLE = (WireError, Unknown)
"""WeChat did not answer, or said no, while somebody waited at a door."""
