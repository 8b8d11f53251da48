"""Says whether this process lives, and whether it can do its work: for the watchman outside, with nothing secret in it."""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from models.kernel.base import db
from models.kernel.work import Heartbeat, database_answers
from models.migrations import behind

LATE = timedelta(seconds=90)
"""A worker that has said nothing for so long is late; it beats several times a minute."""

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers. It asks nobody else, so that a slow database does not get it restarted."""
    return _fresh(Response("ok\n", mimetype="text/plain"))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready: database, migrations and files. A late worker is told but is no reason to turn residents away."""
    settings: Settings = current_app.extensions["settings"]
    checks = {"database": "down", "migrations": "unknown", "worker": "unknown", "files": files(settings.data_dir)}
    try:
        if database_answers():
            checks["database"] = "ok"
            checks["migrations"] = migrations()
            checks["worker"] = worker() if checks["migrations"] == "ok" else "unknown"
    except SQLAlchemyError as why:
        log.warning("not ready: %s", type(why).__name__)
        db.session.rollback()
    ready = all(checks[name] == "ok" for name in ("database", "migrations", "files"))
    answer = jsonify(ready=ready, checks=checks)
    answer.status_code = 200 if ready else 503
    return _fresh(answer)


def migrations() -> str:
    """Whether the database has the shape this code was written for."""
    return "behind" if behind(db.session.connection()) else "ok"


def worker() -> str:
    """How the worker is, by its last heartbeat."""
    age = Heartbeat.age("worker")
    if age is None:
        return "never"
    return "ok" if age < LATE else "late"


def files(folder: Path) -> str:
    """Whether what residents send could be kept: tried, not guessed from permissions."""
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(bytes(4096))
            trial.flush()
    except OSError as why:
        log.warning("not ready: %s: %s", folder, why.strerror)
        return "unwritable"
    return "ok"


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
