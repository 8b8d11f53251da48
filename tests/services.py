"""A PostgreSQL and a Redis of the tests' own: started when first asked for, shared by all workers, gone at the end.

One guard process holds each server. It watches the process that started the test run and stops its server when that
process is gone, however it went. A fault test that wants to torture a server of its own starts one with `Postgres` or
`Redis` directly.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

RUN = "HUIYIN_TEST_RUN"
"""Names the folder of this test run; set by the process that starts it and inherited by its workers."""
RUN_PID = "HUIYIN_TEST_RUN_PID"


class Absent(Exception):
    """This machine has no such program."""


class Broken(Exception):
    """The server is there and does not start."""


def find(program: str, *places: str) -> Path:
    """The program from PATH or from the places Debian keeps it in; the newest where there are several."""
    found = shutil.which(program)
    if found:
        return Path(found)
    for place in places:
        several = sorted(Path("/").glob(place.lstrip("/")), key=lambda p: [int(x) for x in p.parts if x.isdigit()])
        if several:
            return several[-1]
    raise Absent(f"{program} is not on this machine")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class Server:
    """A program that is started in a folder, waited for, and stopped."""

    stop_with = signal.SIGTERM

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="huiyin-", dir="/tmp"))
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o755)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def start(self, patience: float = 30) -> Self:
        """Start it and wait until it answers."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(  # its own session: Ctrl-C is for the tests, the guard stops the server
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.rights(),
            )
        until = time.monotonic() + patience
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise Broken(f"{type(self).__name__} did not start:\n" + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)
        return self

    def rights(self) -> dict:
        return {}

    def stop(self, patience: float = 15) -> None:
        """Stop it cleanly."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_with)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kill -9, with all of its children."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def remove(self) -> None:
        """Stop it and take its folder away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.remove()


class Postgres(Server):
    """PostgreSQL on a socket in its own folder. `durable=False` gives up what a power cut would show, for speed."""

    stop_with = signal.SIGINT  # "fast": ends sessions, then itself

    def __init__(self, folder: Path | None = None, *, durable: bool = False) -> None:
        super().__init__(folder)
        self.durable = durable
        self.bin = find("postgres", "/usr/lib/postgresql/*/bin/postgres", "/usr/pgsql-*/bin/postgres").resolve().parent
        self.data = self.folder / "data"
        self.port = 5432  # only names the socket file
        self.user = "huiyin"

    @property
    def url(self) -> str:
        return self.database("postgres")

    def database(self, name: str) -> str:
        """The address of one database for SQLAlchemy."""
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.folder}&port={self.port}"

    def rights(self) -> dict:
        """PostgreSQL refuses root, so root hands it to an ordinary user."""
        if os.getuid() != 0:
            return {}
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                who = pwd.getpwnam(name)
                return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        raise Absent("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")

    def start(self, patience: float = 30) -> Self:
        rights = self.rights()
        if rights:
            os.chown(self.folder, rights["user"], rights["group"])
        if not self.data.exists():
            made = subprocess.run(
                [self.bin / "initdb", "-D", self.data, "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                capture_output=True, text=True, cwd="/", env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, check=False, **rights,
            )  # fmt: skip
            if made.returncode:
                raise Broken(f"initdb: {made.stderr or made.stdout}")
        return super().start(patience)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "120",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_min_messages": "fatal",
            "log_min_error_statement": "panic",
        }
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "max_wal_size": "256MB",
            }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *options]

    def ready(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError):
            lines = pid_file.read_text().splitlines()
            return len(lines) > 7 and lines[7].strip() == "ready"
        return False


class Redis(Server):
    """Redis on a free port of 127.0.0.1 that keeps nothing on disk."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder)
        self.program = find("redis-server", "/usr/bin/redis-server", "/usr/local/bin/valkey-server")
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        return [str(self.program), *(word for name, value in options.items() for word in (f"--{name}", str(value)))]

    def ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(16).startswith(b"+PONG")
        except OSError:
            return False


# --- one of each for a whole run --------------------------------------------------------------------------------------

KINDS: dict[str, type[Server]] = {"postgresql": Postgres, "redis": Redis}


MEMORY = Path("/dev/shm")
ROOM = 1 << 30
"""Bytes that a run may need: PostgreSQL itself, its log, the templates, and the databases of the tests under way."""


def begin_run() -> Path:
    """Called once, by the process that starts the run. A database is a thousand files, copied for each test: in memory where there is room."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    folder = Path(tempfile.mkdtemp(prefix="huiyin-tests-", dir=MEMORY if roomy else "/tmp"))
    folder.chmod(0o755)
    os.environ[RUN] = str(folder)
    os.environ[RUN_PID] = str(os.getpid())
    return folder


def end_run(folder: Path) -> None:
    """Stop what was started; the guards would also do it by themselves a moment later."""
    for note in folder.glob("*.guard"):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(note.read_text()), signal.SIGTERM)
    until = time.monotonic() + 20
    while any(folder.glob("*.guard")) and time.monotonic() < until:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """The folder all workers of this run share."""
    return Path(os.environ[RUN])


@contextlib.contextmanager
def only_one(name: str) -> Iterator[Path]:
    """One worker at a time; yields the path where the result of the work is to be noted."""
    folder = run_folder()
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / f"{name}.done"


def shared(kind: str) -> str:
    """The address of the run's own server of this kind, started by whoever asks first. Absent or Broken says why not."""
    with only_one(kind) as done:
        if not done.exists():
            folder = run_folder()
            guard = subprocess.Popen(
                [sys.executable, __file__, kind, str(folder), os.environ[RUN_PID]],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            )  # fmt: skip
            assert guard.stdout
            answer = guard.stdout.readline().strip()
            done.write_text(answer + ("" if answer.startswith("at ") else "\n" + guard.stdout.read()))
            guard.stdout.close()
            guard.returncode = 0  # it outlives this worker on purpose: end_run stops it
        word, _, rest = done.read_text().partition(" ")
    if word == "at":
        return rest.strip()
    raise {"absent": Absent}.get(word, Broken)(rest or word)


def guard(kind: str, folder: Path, watched: int) -> None:
    """Hold one server for as long as the watched process lives."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    note = folder / f"{kind}.guard"
    note.write_text(str(os.getpid()))
    server: Server | None = None
    try:
        try:
            server = KINDS[kind](folder / kind)
            server.start()
        except Absent as why:
            print("absent", why, flush=True)
            return
        except Broken as why:
            print("broken", why, flush=True)
            return
        print("at", server.url, flush=True)
        sys.stdout.close()
        while _alive(watched):
            time.sleep(0.5)
    finally:
        if server:
            server.remove()
        note.unlink(missing_ok=True)
        if not _alive(watched):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    guard(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
