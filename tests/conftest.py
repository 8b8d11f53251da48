"""What tests may ask for: an application on a database of its own, people at their posts, a clock that moves, a browser."""

import gc
import os
import shutil
import socket
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from apispec import APISpec
from argon2 import PasswordHasher
from flask import Response, has_app_context, request
from flask.testing import FlaskClient
from flask_smorest import Blueprint
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import create_engine, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import scoped_session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config.settings import Account, Settings
from models.kernel import clock as law
from models.kernel.base import db
from models.migrations import upgrade
from models.people import officer
from models.people.officer import Officer
from models.people.resident import Resident
from models.people.session import Session
from server.app import create_app
from server.house import OFFICER_COOKIE, RESIDENT_COOKIE, House
from tests import services

# --- one run, several workers -----------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the run makes its folder; workers inherit it."""
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = services.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whatever happened, nothing stays behind."""
    if RUN in config.stash:
        services.end_run(config.stash[RUN])


RUN = pytest.StashKey[Path]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that may take longest come first, so that no worker begins one when the others have nothing left to do."""
    patience: dict[Path, float] = {}
    for item in items:
        asked = item.get_closest_marker("timeout")
        if asked and not item.get_closest_marker("long"):
            patience[item.path] = max(patience.get(item.path, 0), asked.args[0])
    items.sort(key=lambda item: -patience.get(item.path, 0))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A worker's report may quote a lone surrogate, which the way between workers does not carry."""
    return _carried((yield))


def _carried(part: Any) -> Any:
    if isinstance(part, str):
        return part.encode("utf-8", "backslashreplace").decode()
    if isinstance(part, dict):
        return {_carried(name): _carried(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return type(part)(_carried(value) for value in part)
    return part


def lacking(what: str) -> None:
    """Skip loudly; where tests have to be complete (CI=true) it is a failure."""
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(f"{what}; in CI that is a failure, not a skip", pytrace=False)
    pytest.skip(f"LOUD: {what}")


SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Real texts and WeChat's published samples, which lie beside the project and are no part of it."""


def needs(folder: Path) -> None:
    """Go on only where this folder is there."""
    if not folder.is_dir():
        lacking(f"{folder.relative_to(SHARED.parent)} does not lie beside the project")


@pytest.fixture
def samples() -> Path:
    """WeChat's published samples."""
    needs(SHARED / "wechat" / "vectors")
    return SHARED / "wechat" / "vectors"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Loud skips are said once more at the end."""
    said = sorted({str(r.longrepr[2]) for r in terminalreporter.stats.get("skipped", []) if "LOUD" in str(r.longrepr)})
    for line in said:
        terminalreporter.write_line(f"NOT TESTED HERE: {line.removeprefix('Skipped: LOUD: ')}", yellow=True, bold=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """SQLite for everybody; a test marked both_engines runs on PostgreSQL too."""
    if "engine" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines") is not None
        metafunc.parametrize("engine", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


# --- nothing leaves this machine --------------------------------------------------------------------------------------

_connect = socket.socket.connect


def _only_here(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else ""
    if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test tried to reach {host}")
    _connect(self, address)


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects beyond the loopback fails."""
    if "network" not in request.keywords:
        monkeypatch.setattr(socket.socket, "connect", _only_here)


# --- servers ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> str:
    """The address of the run's own PostgreSQL."""
    try:
        return services.shared("postgresql")
    except services.Absent as why:
        lacking(str(why))
        raise


@pytest.fixture
def redis_url() -> str:
    """The address of a Redis that nobody else uses now."""
    try:
        address = services.shared("redis")
    except services.Absent as why:
        lacking(str(why))
        raise
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    host, port = address.removeprefix("redis://").removesuffix("/0").split(":")
    with socket.create_connection((host, int(port)), 5) as asked:
        asked.sendall(f"SELECT {worker}\r\nFLUSHDB\r\n".encode())
        asked.recv(64)
    return f"redis://{host}:{port}/{worker}"


# --- the application --------------------------------------------------------------------------------------------------

SECRETS = {
    "secret_key": "a-secret-key-for-tests-only-0123456789",
    "seal_keys": {"test1": bytes(range(32))},
    "trail_key": bytes(range(100, 132)),
}
OFFICIAL = Account(
    appid="wx0000000000000001",
    secret="0123456789abcdef0123456789abcdef",
    token="officialtoken",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    kind="service",
    template_answer="TEMPLATE_ANSWER",
    template_notice="TEMPLATE_NOTICE",
)
MINI = Account(
    appid="wx0000000000000002",
    secret="fedcba9876543210fedcba9876543210",
    token="minitoken",
    aes_key="GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba",
    kind="mini",
    template_answer="MINI_ANSWER",
)


def settings_for(database_url: str, data_dir: Path, **others: Any) -> Settings:
    """Settings of a demonstration on this machine, unless told otherwise."""
    told: dict[str, Any] = {
        "public_url": "http://localhost",
        "official": OFFICIAL,
        "mini": MINI,
        "wechat_api_base": "http://127.0.0.1:9",
        "wechat_mp_base": "http://127.0.0.1:9",
        "wechat_open_base": "http://127.0.0.1:9",
        "simulator_url": "http://localhost:9",
        "demo_secret": "a-demo-secret-for-tests-0123456789abcdef",
        "office_name": "青禾街道",
    }
    return Settings(database_url=database_url, data_dir=data_dir, **(SECRETS | told | others))


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """argon2id stays argon2id, at a price that tests can pay."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    kept = officer._hasher, officer._NOBODY
    officer._hasher, officer._NOBODY = quick, quick.hash("nobody has this password")
    yield
    officer._hasher, officer._NOBODY = kept


class _InMemory(BytecodeCache):
    """Compiled templates of this process, for all of its applications; Jinja checks each against its source."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self.kept.get(bucket.key)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


STATEMENTS = LRUCache(5000)
"""SQL that this process has compiled, for all of its engines."""


@pytest.fixture(scope="session", autouse=True)
def _quick_starts() -> Iterator[None]:
    """A run opens thousands of houses alike: routes, templates, SQL and the API's document are made once a process, not once a house."""
    routes: dict[Any, Any] = {}
    compile_route = Rule.compile

    def compile_once(self: Rule) -> None:
        key = (self.rule, self.subdomain, repr(self.defaults), self.merge_slashes, self.is_leaf, self.websocket)
        if key not in routes:
            compile_route(self)
            known = self._build.__func__, self._build_unknown.__func__  # type: ignore[attr-defined]
            routes[key] = (*known, self._parts, self._trace, self._converters, frozenset(self.arguments))
            return
        build, build_unknown, parts, trace, converters, arguments = routes[key]
        self._parts, self._trace, self._converters = list(parts), list(trace), dict(converters)
        self.arguments |= arguments
        self._build, self._build_unknown = build.__get__(self, None), build_unknown.__get__(self, None)

    documents: list[dict[str, Any]] = []
    describe, as_told = Blueprint.register_views_in_doc, APISpec.to_dict

    def describe_once(self: Blueprint, *given: Any, **named: Any) -> None:
        if not documents:
            describe(self, *given, **named)

    def told_once(self: APISpec) -> dict[str, Any]:
        if not documents:
            documents.append(as_told(self))
        return documents[0]

    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    patch = pytest.MonkeyPatch()
    patch.setattr(Rule, "compile", compile_once)
    patch.setattr(Blueprint, "register_views_in_doc", describe_once)
    patch.setattr(APISpec, "to_dict", told_once)
    patch.setattr(House, "jinja_options", {**House.jinja_options, "bytecode_cache": _InMemory()})
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
    yield
    patch.undo()


def migrate(settings: Settings) -> None:
    """Bring an empty database to the shape of today."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()


def settle(settings: Settings) -> None:
    """The invented street with its villages, units and people, as `flask setup --demonstration` makes it."""
    app = create_app(settings, wake=ignore)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["setup", "--demonstration"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    close(app)


def ignore(numbers: Sequence[int]) -> None:
    """Nobody is woken: a test does the work itself, when it wants to."""


def close(app: House) -> None:
    """Let go of the database."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@dataclass
class Engine:
    """Makes databases of one kind, migrated or with people in them, faster than migrating each."""

    kind: str
    folder: Path
    postgres: str = ""
    made: int = 0

    def fresh(self, template: str, build: Callable[[Settings], None], files_to: Path | None = None) -> str:
        """The address of a new copy of a template that the run builds once; what it filed is copied to `files_to`."""
        name = f"{template}_{self.kind}"
        with services.only_one(name) as done:
            if not done.exists():
                done.write_text("the template could not be built; the first test that asked for it says why")
                address = self._template_address(name)
                if self.kind == "postgresql":
                    self._admin(f"CREATE DATABASE {name}")
                files = services.run_folder() / f"{name}-files"
                files.mkdir()
                build(settings_for(address, files))
                done.write_text("built")
            assert done.read_text() == "built", done.read_text()
        if files_to is not None:
            shutil.copytree(services.run_folder() / f"{name}-files", files_to, dirs_exist_ok=True)
        return self._copy(name)

    def empty(self) -> str:
        """The address of a database with nothing in it, not even tables."""
        name = self._next()
        if self.kind == "postgresql":
            self._admin(f"CREATE DATABASE {name}")
            return self._postgres_address(name)
        return f"sqlite:///{self.folder / name}.db"

    def _copy(self, template: str) -> str:
        name = self._next()
        if self.kind == "postgresql":
            version = int(self._ask("SHOW server_version_num"))
            self._admin(
                f"CREATE DATABASE {name} TEMPLATE {template}" + (" STRATEGY FILE_COPY" if version >= 150000 else "")
            )
            return self._postgres_address(name)
        path = self.folder / f"{name}.db"
        shutil.copyfile(services.run_folder() / f"{template}.db", path)
        return f"sqlite:///{path}"

    def _next(self) -> str:
        self.made += 1
        return f"t{os.getpid()}_{id(self):x}_{self.made}"

    def _template_address(self, name: str) -> str:
        if self.kind == "postgresql":
            return self._postgres_address(name)
        return f"sqlite:///{services.run_folder() / name}.db"

    def _postgres_address(self, name: str) -> str:
        return self.postgres.replace("/postgres?", f"/{name}?")

    def _connection(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.postgres.replace("+psycopg", ""), autocommit=True)

    def _admin(self, statement: str) -> None:
        with self._connection() as connection:
            connection.execute(statement)

    def _ask(self, question: str) -> str:
        with self._connection() as connection:
            row = connection.execute(question).fetchone()
            assert row
            return str(row[0])

    def drop_all(self) -> None:
        """Give the room back; SQLite files go with the test's folder."""
        if self.kind == "postgresql":
            with self._connection() as connection:
                mine = f"t{os.getpid()}_{id(self):x}_"
                rows = connection.execute(
                    "SELECT datname FROM pg_database WHERE datname LIKE %s", (mine + "%",)
                ).fetchall()
                for (name,) in rows:
                    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """SQLite, and PostgreSQL as well for tests marked both_engines."""
    kind: str = request.param
    made = Engine(kind, tmp_path, request.getfixturevalue("postgres") if kind == "postgresql" else "")
    yield made
    made.drop_all()


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Of a demonstration on this machine, with the invented street in its database."""
    return settings_for(engine.fresh("street", settle), tmp_path / "data")


def _as_a_server_sends(answer: Response) -> Response:
    """A real server sends headers in Latin-1 or not at all (PEP 3333); the test client would not notice."""
    for name, value in answer.headers:
        f"{name}: {value}".encode("latin-1")
    return answer


class _MarksKeepTheirWord:
    """Whatever a test does: two answers under one ETag are the same, byte for byte; who keeps one is never told a stale one."""

    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], bytes] = {}

    def __call__(self, answer: Response) -> Response:
        tag = answer.headers.get("ETag")
        if tag and answer.status_code == 200 and request.path.startswith("/api/"):
            body = answer.get_data()
            assert self.bodies.setdefault((request.full_path, tag), body) == body, (
                f"{request.full_path} changed under its mark"
            )
        return answer


@pytest.fixture
def app(settings: Settings) -> Iterator[House]:
    """The house, open; nobody is woken when it wants work done."""
    made = create_app(settings, wake=ignore)
    made.testing = True
    made.after_request(_as_a_server_sends)
    made.after_request(_MarksKeepTheirWord())
    with made.app_context():
        db.engine._compiled_cache = STATEMENTS
    yield made
    close(made)


@pytest.fixture
def client(app: House) -> Iterator[FlaskClient]:
    """A browser without cookies."""
    with app.test_client() as made:
        yield made


@pytest.fixture
def session(app: House) -> Iterator[scoped_session[Any]]:
    """The database, for a test that does deeds itself and commits them itself."""
    with app.app_context():
        yield db.session
        db.session.rollback()


class People:
    """The people at their posts, by login or by name: people["shenlin"], people["沈林"]."""

    def __getitem__(self, name: str) -> Officer:
        found = db.session.scalar(select(Officer).where((Officer.login == name) | (Officer.name == name)))
        assert found, f"nobody is called {name} here"
        return found


@pytest.fixture
def people(session: scoped_session[Any]) -> People:
    """Everybody who works at the street, read in the test's own transaction."""
    return People()


class Clock:
    """The law's clock of the demonstration: forward only."""

    def __init__(self, app: House) -> None:
        self.app = app

    def forward(self, days: int = 0, hours: int = 0, seconds: int = 0) -> datetime:
        """Move it, and say what it shows now; what the test has done so far is committed with it."""
        length = int(timedelta(days=days, hours=hours, seconds=seconds).total_seconds())
        if has_app_context():
            return self._move(length)
        with self.app.app_context():
            return self._move(length)

    def _move(self, seconds: int) -> datetime:
        moved = law.move(seconds)
        db.session.commit()
        law.forget()
        return moved


@pytest.fixture
def clock(app: House) -> Clock:
    """Moves the law's clock, as the phone page's button does."""
    return Clock(app)


class SignedIn(FlaskClient):
    """A browser in which somebody is signed in."""

    csrf = ""

    def submit(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form with its token."""
        return self.post(path, data={**(data or {}), "csrf_token": self.csrf}, **more)

    @classmethod
    def of(cls, app: House, person: Officer | Resident, door: str, cookie: str, path: str) -> "SignedIn":
        """A browser for this person, in the app context of the caller, who commits nothing else."""
        token = Session.open_for(person, door, "a test")
        db.session.flush()
        row = Session.find(token, door)
        assert row
        browser = cls(app, app.response_class)
        browser.csrf = row.csrf
        db.session.commit()
        browser.set_cookie(cookie, token, path=path)
        return browser


@pytest.fixture
def desk(app: House) -> Callable[[str], SignedIn]:
    """desk("shenlin"): a browser in which this officer is signed in."""

    def signed_in(login: str) -> SignedIn:
        with app.app_context():
            who = Officer.by_login(login)
            assert who, f"nobody signs in as {login}"
            return SignedIn.of(app, who, "console", OFFICER_COOKIE, "/desk")

    return signed_in


@pytest.fixture
def phone(app: House) -> Callable[[], SignedIn]:
    """phone(): a browser in which a resident nobody has met before is signed in by WeChat."""
    numbers = count(1)

    def signed_in() -> SignedIn:
        with app.app_context():
            who = Resident.by_identity(OFFICIAL.appid, f"oTestResident{next(numbers):015d}")
            db.session.flush()
            return SignedIn.of(app, who, "site", RESIDENT_COOKIE, "/")

    return signed_in


# --- a browser --------------------------------------------------------------------------------------------------------

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser without a window."""
    found = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if found is None:
        lacking("chromium is not on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser window of a phone's size, in Chinese, that shares nothing with the others."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()
