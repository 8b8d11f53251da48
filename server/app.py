"""Puts the house together: the only file that knows every room."""

import logging
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

from flask import Response, current_app, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from config.logging import configure, log_directory
from config.settings import Settings, Unfit
from models import files, records
from models.kernel.base import db
from models.kernel.installation import Installation
from models.kernel.refusal import Refusal
from models.kernel.rules import rule_set
from models.kernel.sealed import Keyring
from models.kernel.witness import Witness, forgotten
from server import cli, demonstration, headers, health, house, limits, metrics, rooms, vendor, words
from server.described import Unread
from server.jobs.carrier import Carrier
from server.rested import ask_the_rested
from server.site import error_page
from server.voice.sayings import answers_ready
from server.wire.wire import Wire

log = logging.getLogger(__name__)

BODY = 12 * 1024 * 1024
"""Bytes of one request: a .docx or a few pictures; the chat and the API keep far smaller limits of their own."""


class Unsafe(Exception):
    """The house refuses to open; the message says why, in Chinese."""


def create_app(settings: Settings, *, wire: Wire | None = None, wake: Any = None) -> house.House:
    """The whole product on these settings. Touches neither the network nor the database."""
    assert records.metadata.tables
    room(settings)
    files.configure(settings.data_dir / "files")
    app = house.House("huiyin", static_folder=None, template_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=BODY,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=200,
        TRUSTED_HOSTS=_hosts(settings),
        # One sentence from a deed at the desk to the page that follows it; who is signed in stands in the database.
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="huiyin_said",
        SESSION_COOKIE_PATH="/desk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
    )
    app.url_map.strict_slashes = False
    app.url_map.converters["int"] = house.Number
    app.extensions["settings"] = settings
    app.extensions["keyring"] = Keyring(dict(settings.seal_keys))
    app.extensions["trail_key"] = settings.trail_key
    app.extensions["witness"] = Witness(settings.data_dir / "trail")
    app.extensions["rules"] = rule_set(settings.rules).name
    app.extensions["lasting_templates"] = frozenset().union(
        *(a.lasting for a in (settings.official, settings.mini) if a)
    )
    app.extensions["wire"] = wire if wire is not None else Wire(settings)
    app.extensions["answers_ready"] = answers_ready  # the desk shows beforehand what the jobs will say
    app.session_interface = house.DeskSaid()
    db.init_app(app)
    with app.app_context():
        house.listen(db.engine)
        if db.engine.dialect.name != "sqlite":
            ask_the_rested(db.engine)
    if wake is None:
        carrier = Carrier(settings)
        carrier.bind(_only_carried)
        wake = carrier.carry
    app.extensions["wake"] = wake
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    headers.put_on(app)
    metrics.stand_by(app)
    house.furnish(app)
    words.teach(app)
    rooms.open_doors(app, app.extensions["wire"])
    limits.stand_guard(app, settings)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(vendor.blueprint)
    app.register_blueprint(demonstration.blueprint)
    _say_errors(app)
    cli.teach(app)
    return app


def room(settings: Settings) -> None:
    """What residents send and say has to find room: tried before anything is opened, and named when there is none."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise Unsafe(f"数据目录 {settings.data_dir} 不能写入（{error.strerror}），请检查属主和权限。") from error
    places = [settings.data_dir / "queue.db"]
    if settings.database_url.startswith("sqlite:///"):
        file = Path(settings.database_url.removeprefix("sqlite:///"))
        places += [file.parent, file]
    for path in places:
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise Unsafe(f"{path} 不能读写，请检查属主和权限。")


def _only_carried(number: int) -> None:
    """Web processes put numbers into the queue; the worker's own process takes them out."""
    raise RuntimeError("work is done by the worker, not by a web process")


POSTGRESQL = {
    "statement_timeout": 15_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 60_000,
    # A machine whose cable is out hangs up on nobody; what it had locked is free again after 5 + 2 x 3 seconds.
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 3,
    "tcp_keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
"""What each session asks of PostgreSQL: milliseconds, and seconds for the keepalives."""


def _engine_options(url: str) -> dict[str, Any]:
    """How connections are held: bounded, checked, and never waited for without end."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 5, "check_same_thread": False}}
    return {
        "hide_parameters": True,  # a failed statement is logged; what people wrote and their openids are its parameters
        "pool_size": 8,
        "max_overflow": 4,
        "pool_timeout": 3,
        "pool_recycle": 1800,
        "connect_args": {
            "connect_timeout": 3,
            "cursor_factory": Unread,
            "options": " ".join(f"-c {name}={value}" for name, value in POSTGRESQL.items()),
            "keepalives_idle": 5,
            "keepalives_interval": 3,
            "keepalives_count": 2,
            "tcp_user_timeout": 10_000,
        },
    }


def _hosts(settings: Settings) -> list[str]:
    """The names that this house answers to; on this machine every phone and officer has a name of its own."""
    name = settings.public_url.split("//", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
    return [name, ".localhost", "127.0.0.1"] if settings.local else [name]


def _say_errors(app: house.House) -> None:
    """Refusals and errors outside the JSON door, in the look of the door they happened at."""

    def page(status: int, message: str, refusal: Refusal | None = None, reference: str = "") -> Response:
        if request.path.startswith("/desk"):
            body = render_template(
                "console/error.html", status=status, message=message, refusal=refusal, reference=reference
            )
        elif request.path.startswith(("/wechat", "/demo/clock", "/static", "/healthz", "/readyz", "/metrics")):
            return Response(message, status, mimetype="text/plain")
        else:
            body = error_page(status, refusal, reference, bare=status >= 500)
        return Response(body, status, mimetype="text/html")

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        answer = page(house.status_of(refusal), refusal.sentence, refusal)
        if hasattr(refusal, "retry_after"):
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status, message = house.plain(error)
        if isinstance(error, SecurityError):
            # Somebody asks for a host that is not ours: no page of ours has an address there.
            return Response("这不是本站的网址。", status, mimetype="text/plain")
        if request.path.startswith("/api/"):
            answer = rooms.api_error(status, message)
        elif error.response is not None or status in (301, 302, 303, 307, 308):
            return error.get_response()  # type: ignore[return-value]
        else:
            answer = page(status, message)
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer

    def wechat_silent(error: Exception) -> Response:
        log.warning("WeChat did not help while somebody waited: %s", type(error).__name__)
        said = "微信那边暂时没有回应，请过一会儿再试。"
        answer = rooms.api_error(503, said) if request.path.startswith("/api/") else page(503, said)
        answer.headers["Retry-After"] = "60"
        return answer

    for trouble in rooms.WIRE_TROUBLE:
        app.register_error_handler(trouble, wechat_silent)

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        reference = secrets.token_hex(4)
        current_app.logger.error("bug %s at %s %s", reference, request.method, request.path, exc_info=error)
        if request.path.startswith("/api/"):
            return rooms.api_error(500, f"出错了，记号 {reference}。请稍后再试。")
        return page(500, f"出错了，记号 {reference}。", reference=reference)


def fit(app: house.House) -> None:
    """Refuse to open on a database that is not set up, or on a demonstration that could be reached from outside."""
    settings: Settings = app.extensions["settings"]
    with house.brief(write=False):
        try:
            office = db.session.get(Installation, 1)
        except SQLAlchemyError as error:
            where = db.engine.url.render_as_string(hide_password=True)
            raise Unsafe(
                f"数据库 {where} 打不开或者还没有建好：{type(error).__name__}。请先运行 flask setup。"
            ) from error
        if office is None:
            raise Unsafe("这里还没有安装好，请先运行 flask setup。")
        if (chain := forgotten(app.extensions["witness"])) is not None:
            raise Unsafe(
                f"数据库比这台机器的记忆旧：链 {chain} 的最后几条留痕不见了，可能恢复了旧的备份。"
                "请先查清；确实要用这一份，再运行 flask restore accept-loss。"
            )
        if office.demonstration and not settings.local:
            raise Unsafe("这是演示数据库，只能在本机（localhost）使用，不能对外提供服务。")
        if not office.demonstration and (settings.demo_secret or settings.simulator_url):
            raise Unsafe("DEMO_SECRET 和 SIMULATOR_URL 只能用于演示数据库，请去掉。")


def _refused(words: str) -> SystemExit:
    """The start ends here. Status 4 tells gunicorn that trying again would not help; with any other it tries for ever."""
    print(words, file=sys.stderr, flush=True)
    return SystemExit(4)


def _settings() -> Settings:
    """From the environment; what is missing or weak is said by name, and the process ends."""
    try:
        return Settings.from_environment(os.environ)
    except Unfit as unfit:
        raise _refused(str(unfit)) from None


def wsgi() -> house.House:
    """For gunicorn: settings from the environment, and a look at the database before the doors open."""
    settings = _settings()
    configure("web", log_directory(os.environ))
    try:
        app = create_app(settings)
        with app.app_context():
            fit(app)
    except Unsafe as unsafe:
        log.critical("不能启动：%s", unsafe)
        raise _refused(f"不能启动：{unsafe}") from None
    return app


def __getattr__(name: str) -> house.House:
    """`flask --app server.app` asks for create_app or app; it gets the house on the environment's settings."""
    if name == "app":
        try:
            return create_app(_settings())
        except Unsafe as unsafe:
            raise _refused(f"不能启动：{unsafe}") from None
    raise AttributeError(name)
