"""Puts the simulator together: WeChat's interfaces, the controls and the phone pages, for this machine alone."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request

from server.simulator import (
    check,
    controls,
    draft,
    gate,
    hosts,
    kefu,
    later,
    mass,
    media,
    menu,
    minicode,
    oauth,
    pages,
    publish,
    qr,
    subscribe,
    template,
    token,
    users,
)
from server.simulator.settings import Setup
from server.simulator.world import World

# Each of these writes its interfaces into the list when it is read.
NOUNS = (check, draft, kefu, mass, media, menu, minicode, oauth, publish, qr, subscribe, template, token, users)


def create_app(setup: Setup, wall: Callable[[], float] = time.time, *, clerk: bool = True) -> Flask:
    app = Flask(__name__, static_folder="static", static_url_path="/static/simulator", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = 16 << 20
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    world = World(setup, wall)
    app.extensions["world"] = world
    app.register_blueprint(gate.gate())
    app.register_blueprint(controls.controls)
    app.register_blueprint(pages.pages)
    app.before_request(only_here)
    app.after_request(headers)
    if clerk:
        app.extensions["clerk"] = later.Clerk(world)
        app.extensions["clerk"].start()
    return app


def only_here() -> Response | None:
    """Answers this machine only, and lets no foreign page pull the strings."""
    if request.remote_addr not in ("127.0.0.1", "::1", None):
        abort(403)
    if not hosts.is_ours(request.host):
        abort(403)
    if request.path.startswith("/sim/") and request.method not in ("GET", "HEAD"):
        origin = request.headers.get("Origin")
        if origin is not None and not (
            hosts.is_ours(urlsplit(origin).netloc) and urlsplit(origin).netloc == request.host
        ):
            abort(403)
        if request.mimetype != "application/json":
            abort(415)
    return None


def headers(response: Response) -> Response:
    """A strict policy of the simulator's own: nothing inline, frames only of this phone's product and articles."""
    world: World = current_app.extensions["world"]
    n = hosts.phone_of_host(request.host)
    framed = [world.setup.public, "'self'"] + ([hosts.product_at(world, n)] if n is not None else [])
    port = hosts.port_of(world.setup.public)
    may_frame = f"http://*.localhost{port} {world.setup.public}" if request.path != "/" else "'none'"
    forms = ["'self'", world.setup.product_public, f"http://*.localhost{hosts.port_of(world.setup.product_public)}"]
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        f"frame-src {' '.join(framed)}; form-action {' '.join(forms)}; base-uri 'none'; frame-ancestors {may_frame}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if response.mimetype in ("text/html", "application/json"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
