"""Only in a demonstration: moving the law's clock, so that a thirty-day window can be lived in five minutes."""

import hmac

from flask import Blueprint, Response, abort, current_app, jsonify, request

from config.settings import Settings
from models.kernel import clock
from models.kernel.installation import Installation

blueprint = Blueprint("demonstration", __name__)


@blueprint.post("/demo/clock")
def move_clock() -> Response:
    """Forward by {"seconds": N}; guarded by the demonstration's secret in X-Demo-Secret."""
    _guard()
    try:
        told = request.get_json(silent=True)
    except RecursionError:  # brackets without end
        told = None
    seconds = told.get("seconds") if isinstance(told, dict) else None
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        abort(400)
    return jsonify(now=clock.move(seconds).isoformat())


@blueprint.get("/demo/clock")
def read_clock() -> Response:
    """What the law's clock says now."""
    _guard()
    return jsonify(now=clock.now().isoformat(), wall=clock.wall().isoformat())


def _guard() -> None:
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("X-Demo-Secret", "")
    if not Installation.is_demonstration() or not settings.demo_secret:
        abort(404)
    if not hmac.compare_digest(given.encode(), settings.demo_secret.encode()):
        abort(404)
