"""The real product as processes of its own, on free ports, to be hurt: web, worker, and a stand-in for WeChat."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from flask.ctx import AppContext

from config.demonstration import ROOT, environment, go_with_me, programs
from config.settings import Settings
from models.kernel.base import db
from server.app import create_app
from server.house import House, _writing
from tests.conftest import MINI, OFFICIAL, SECRETS, close, ignore, settings_for
from tests.services import free_port

ACCOUNTS = {"OFFICIAL": OFFICIAL, "MINI": MINI}
DEMO_SECRET = "a-demo-secret-for-tests-0123456789abcdef"


class Answer:
    """What came back from one call."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(
    port: int,
    method: str,
    path: str,
    *,
    told: Any = None,
    body: bytes | None = None,
    timeout: float = 60,
    **headers: str,
) -> Answer:
    """One call on a connection of its own, to this machine under the name localhost."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    whole = {"Host": f"localhost:{port}", "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    if told is not None:
        body = json.dumps(told).encode()
        whole.setdefault("Content-Type", "application/json")
    try:
        line.request(method, path, body=body, headers=whole)
        got = line.getresponse()
        return Answer(got.status, dict(got.headers.items()), got.read())
    finally:
        line.close()


class Running:
    """Web, worker and simulator in a folder of their own. Start from the main thread: they end with the thread."""

    def __init__(self, folder: Path, database_url: str, *, web: int = 2, **told: str) -> None:
        self.folder = folder
        self.port, self.simulator_port = free_port(), free_port()
        folder.mkdir(parents=True, exist_ok=True)
        drawn = {
            "SECRET_KEY": str(SECRETS["secret_key"]),
            "SEAL_KEYS": ",".join(f"{name}:{key.hex()}" for name, key in SECRETS["seal_keys"].items()),
            "TRAIL_KEY": SECRETS["trail_key"].hex(),
            "DEMO_SECRET": DEMO_SECRET,
        }
        for name, account in ACCOUNTS.items():
            drawn |= {
                f"WECHAT_{name}_APPID": account.appid,
                f"WECHAT_{name}_SECRET": account.secret,
                f"WECHAT_{name}_TOKEN": account.token,
                f"WECHAT_{name}_AES_KEY": account.aes_key,
            }
        self.env = environment(drawn, self.port, self.simulator_port, folder / "data") | {
            "DATABASE_URL": database_url,
            "LOG_DIR": str(folder / "log"),
            "WEB_CONCURRENCY": str(web),
            "WEB_MAX_REQUESTS": "0",
            "PYTHONUNBUFFERED": "1",
            "SIM_DELAY": "0.2",
            **told,
        }
        (folder / "log").mkdir(exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        self.commands = programs(self.port, self.simulator_port)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def settings(self) -> Settings:
        """The same settings, for looking at the database from here."""
        return settings_for(
            self.env["DATABASE_URL"],
            self.folder / "data",
            public_url=self.env["PUBLIC_URL"],
            simulator_url=self.env["SIMULATOR_URL"],
            wechat_api_base=self.env["WECHAT_API_BASE"],
            wechat_mp_base=self.env["WECHAT_MP_BASE"],
            wechat_open_base=self.env["WECHAT_OPEN_BASE"],
            demo_secret=DEMO_SECRET,
        )

    def start(self, *names: str, **told: str) -> None:
        """Start some of them; their output goes to the folder."""
        for name in names:
            with open(self.folder / "log" / f"{name}.out", "ab") as out:
                self.processes[name] = subprocess.Popen(
                    self.commands[name],
                    cwd=ROOT,
                    env={**os.environ, **self.env, **told},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                    preexec_fn=go_with_me,
                )

    def alive(self, name: str) -> bool:
        process = self.processes.get(name)
        return process is not None and process.poll() is None

    def kill(self, name: str) -> None:
        """Kill -9, with everything that belongs to it."""
        process = self.processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def children(self) -> list[psutil.Process]:
        """The web server's children that have answered somebody already: they run threads."""
        with contextlib.suppress(psutil.Error):
            return [c for c in psutil.Process(self.processes["web"].pid).children() if _serves(c)]
        return []

    def call(self, method: str, path: str, **more: Any) -> Answer:
        """One call to the product."""
        return call(self.port, method, path, **more)

    def wechat(self, method: str, path: str, told: Any = None) -> Any:
        """One pull at the simulator's strings."""
        answer = call(self.simulator_port, method, f"/sim{path}", told=told if method == "POST" else None)
        assert answer.status == 200, (path, answer.status, answer.body[:300])
        return answer.json

    def until(self, what: Callable[[], bool], patience: float, words: str, *needs: str) -> float:
        """Wait for something to become true; how long it took. Programs that must live meanwhile are named."""
        began = time.monotonic()
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if what():
                    return time.monotonic() - began
            dead = [name for name in needs if not self.alive(name)]
            late = time.monotonic() - began > patience
            assert not dead and not late, f"{words} (dead: {dead})\n{self.last_words()}"
            time.sleep(0.05)

    def ready(self, patience: float = 60) -> float:
        """Until the product says that it can do its work."""
        return self.until(
            lambda: self.call("GET", "/readyz", timeout=3).status == 200, patience, "the product is not ready", "web"
        )

    def stand_in(self, patience: float = 60) -> None:
        """Start the simulator and wait for it."""
        self.start("simulator")
        self.until(
            lambda: call(self.simulator_port, "GET", "/sim/state", timeout=3).status == 200,
            patience,
            "the simulator does not answer",
            "simulator",
        )

    def stop(self, *names: str) -> None:
        """Ask them to stop, then insist."""
        chosen = [self.processes[n] for n in names or tuple(self.processes) if self.alive(n)]
        for process in chosen:
            process.terminate()
        for process in chosen:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(25)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logs(self) -> str:
        """Everything that was written down."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace") for path in sorted((self.folder / "log").iterdir())
        )

    def last_words(self) -> str:
        found = []
        for path in sorted((self.folder / "log").iterdir()):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
            found += [f"--- {path.name}", *(line[:600] for line in lines)]
        return "\n".join(found)


def _serves(child: psutil.Process) -> bool:
    try:
        return child.num_threads() > 1
    except psutil.Error:
        return False


@contextmanager
def running(folder: Path, database_url: str, **more: Any) -> Iterator[Running]:
    """Nothing of it stays behind."""
    made = Running(folder, database_url, **more)
    try:
        yield made
    finally:
        for name in made.processes:
            made.kill(name)


@contextmanager
def looking(product: Running, *, write: bool = False) -> Iterator[House]:
    """The house opened here, on the same database: to look what became of it, or to prepare what a test begins with."""
    app = create_app(product.settings, wake=ignore)
    context: AppContext = app.app_context()
    token = _writing.set(write)
    try:
        with context:
            yield app
    finally:
        _writing.reset(token)
        close(app)


@contextmanager
def afresh() -> Iterator[None]:
    """What the database says now, and nothing held open afterwards."""
    db.session.rollback()
    yield
    db.session.rollback()


def python() -> str:
    return sys.executable


def quoted(**values: Any) -> str:
    """A query."""
    return urllib.parse.urlencode(values)
