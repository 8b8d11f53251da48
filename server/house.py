"""One request is one transaction: it begins late, ends once, and what follows it is woken afterwards."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import scoped_session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable
from werkzeug.routing import IntegerConverter, ValidationError

from config.settings import Settings
from miniapp_api.errors import STATUS
from models.kernel import clock
from models.kernel.base import db
from models.kernel.refusal import OutOfTurn, Refusal
from models.kernel.witness import witness
from models.kernel.work import Work
from models.people.session import CONSOLE, Session
from server.csrf import VISITOR, csrf_holds
from server.one_writer import queue_up, take_turn

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

RESIDENT_COOKIE = "huiyin_r"
OFFICER_COOKIE = "huiyin_o"

_writing: ContextVar[bool] = ContextVar("writing", default=True)


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal, the same at every door."""
    return next((number for kind, number in STATUS if isinstance(refusal, kind)), 422)


def writes(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that is fetched by GET and writes all the same (the OAuth callback)."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def speaks_first(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that asks the outside world before it touches the database; it calls meet() itself afterwards."""
    view.speaks_first = True  # type: ignore[attr-defined]
    return view


def checks_its_form(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose HouseForm checks the CSRF token itself, so that the text of a stale page is not lost."""
    view.checks_its_form = True  # type: ignore[attr-defined]
    return view


class DeskSaid(SecureCookieSessionInterface):
    """The sentence that goes from a deed at the desk to the page that follows it; at the other doors nothing is looked for."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The desk's own, nobody else's."""
        return super().open_session(app, request) if request.path.startswith("/desk") else None


class Number(IntegerConverter):
    """A number in an address, no larger than a database can hold (2^63 - 1): beyond it there is no such page."""

    def to_python(self, value: str) -> int:
        """As it stands in the address."""
        number = int(super().to_python(value))
        if number >= 2**63:
            raise ValidationError()
        return number


class House(Flask):
    """Flask with one transaction a request: committed after the view returned, rolled back when it raised."""

    def full_dispatch_request(self) -> Response:
        """A reading request never takes SQLite's write lock."""
        token = _writing.set(request.method not in ("GET", "HEAD", "OPTIONS") or _marked("writes"))
        try:
            return super().full_dispatch_request()
        finally:
            _writing.reset(token)

    def dispatch_request(self) -> ResponseReturnValue:
        """The view, then the one commit."""
        answer = self.make_response(super().dispatch_request())
        _commit()
        return answer

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine; Flask would ask that of each function for each request."""
        return func

    def handle_user_exception(self, error: Exception) -> ResponseReturnValue:
        """Nothing of a failed request stays; what the error's page reads takes no write lock."""
        db.session.rollback()
        _writing.set(False)
        clock.forget()
        Work.take_wanted()
        return super().handle_user_exception(_in_our_words(error))

    def handle_exception(self, error: Exception) -> Response:
        """A bug, logged whole and never softened; the page says what the person can do."""
        db.session.rollback()
        return super().handle_exception(error)


def _in_our_words(error: Exception) -> Exception:
    """Two at once is a refusal, of one record or of what may be there once; a database that does not answer is 503, not a bug."""
    if isinstance(error, StaleDataError):
        return OutOfTurn("刚才有别人也在办这件事，请再看一遍最新的情况，再决定怎么办。", code="stale")
    if isinstance(error, IntegrityError) and _twice(error):
        log.warning("the same twice at once: %s", error.orig)
        return OutOfTurn("同样的一步刚刚已经办过了，请刷新页面看看。", code="stale")
    if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        log.warning("database: %s", type(error.orig).__name__)
        return ServiceUnavailable("系统正忙，请过几秒再试一次。", retry_after=5)
    return error


def _twice(error: IntegrityError) -> bool:
    """Whether something was to be there once and is there already: what a deed looked for before, so that somebody was quicker."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint failed" in str(error.orig)


def _commit() -> None:
    """The only commit of a request, and the wake-up of what it asked for."""
    wanted = Work.take_wanted()
    if db.session().in_transaction():
        seen = witness()
        noted = seen.pending()
        db.session.commit()
        seen.note(noted)
    clock.forget()
    if wanted:
        _wake(wanted)


def _wake(wanted: list[int]) -> None:
    """Tell the workers; if they cannot be reached, their sweep finds the work all the same."""
    wake = current_app.extensions.get("wake")
    if wake is None:
        return
    try:
        wake(wanted)
    except Exception:
        log.warning("workers could not be woken; the sweep will find the work", exc_info=True)


@contextmanager
def brief(*, write: bool = True) -> Iterator[scoped_session[Any]]:
    """A short transaction of its own, beside any request: the token centre's lease, and the command line."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    token = _writing.set(write)
    try:
        with app.app_context():
            yield db.session
            _commit()
    finally:
        _writing.reset(token)


def furnish(app: Flask) -> None:
    """Sessions before the view, cookies after it, nothing open at the end."""

    @app.before_request
    def who_is_it() -> None:
        g.resident = g.officer = g.session_row = None
        if not _marked("speaks_first") and not (request.endpoint or "").endswith("static"):
            meet()
        _same_site()

    @app.after_request
    def remember_visitor(response: Response) -> Response:
        if g.get("new_visitor"):
            settings: Settings = app.extensions["settings"]
            response.set_cookie(VISITOR, g.new_visitor, secure=settings.secure, httponly=True, samesite="Lax", path="/")
        return response


def meet() -> None:
    """Find out who stands at the door: an officer at the desk, a resident at the site, a bearer at the API."""
    if request.path.startswith("/api/"):
        bearer = request.headers.get("Authorization", "")
        _find(bearer.removeprefix("Bearer ").strip() if bearer.startswith("Bearer ") else "", "mini")
    elif request.path.startswith("/desk"):
        _find(request.cookies.get(OFFICER_COOKIE, ""), CONSOLE)
    elif not request.path.startswith("/wechat"):
        _find(request.cookies.get(RESIDENT_COOKIE, ""), "site")


def _find(token: str, door: str) -> None:
    if not (len(token) == 64 and token.isalnum() and token.isascii()):
        return
    row = Session.find(token, door)
    if row is None:
        return
    g.session_row = row
    if row.officer is not None:
        g.officer = row.officer
    else:
        g.resident = row.person


def _same_site() -> None:
    """A page of somebody else cannot make this browser act: origin first, then the token."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(("/api/", "/wechat/", "/demo/clock")):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise BadRequest("这个请求是从别的网站发来的，没有办理。")
    origin = request.headers.get("Origin")
    if origin and origin != "null" and origin.split("//", 1)[-1] != request.host:
        raise BadRequest("这个请求是从别的网站发来的，没有办理。")
    if request.endpoint is not None and not _marked("checks_its_form") and not csrf_holds():
        raise BadRequest("页面放得太久了，没有办理。请返回上一页，刷新后再点一次。")


def _marked(name: str) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, name, False))


def listen(engine: Engine) -> None:
    """How SQLite is held: WAL, every commit synced, what is deleted overwritten, and who writes says so from the start.

    Without recursive triggers an INSERT OR REPLACE would delete a row that a trigger guards, and the trigger would not be asked.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        held = (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "secure_delete=ON",
            "recursive_triggers=ON",
        )
        for pragma in held:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    turnstile = queue_up(engine)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if not _writing.get():
            connection.exec_driver_sql("BEGIN")
            return
        take_turn(turnstile, connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def plain(error: HTTPException) -> tuple[int, str]:
    """Status and Chinese words of an HTTP error that is not one of ours."""
    words = {
        400: "这个请求看不明白，没有办理。请返回上一页再试一次。",
        404: "没有找到这个页面。",
        405: "不能这样打开这个页面。",
        408: "网络太慢，没有收完。请再试一次。",
        413: "内容太大了，没有收下。请分开发，或者缩小文件。",
        414: "网址太长了。",
        415: "这种格式收不下。",
        429: "点得太快了，请稍等一会儿再试。",
        503: "系统正忙，请过几秒再试一次。",
    }
    status = error.code or 500
    said = error.description or ""
    return status, said if any("\u4e00" <= ch <= "\u9fff" for ch in said) else words.get(status, "出错了，请稍后再试。")
