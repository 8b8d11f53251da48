"""Starts the demonstration on this machine: draws its secrets once, sets up its office, and runs its four programs."""

import argparse
import contextlib
import ctypes
import os
import secrets
import signal
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
ALNUM = string.ascii_letters + string.digits
OFFICE = "青禾街道"
PATIENCE = 8
"""Seconds a program has for going by itself before it is killed."""


def drawn() -> dict[str, str]:
    """The secrets of one demonstration; drawn once, then read from its file."""

    def letters(count: int) -> str:
        return "".join(secrets.choice(ALNUM) for _ in range(count))

    found = {
        "SECRET_KEY": secrets.token_hex(32),
        "SEAL_KEYS": f"demo1:{secrets.token_hex(32)}",
        "TRAIL_KEY": secrets.token_hex(32),
        "DEMO_SECRET": secrets.token_hex(32),
    }
    for account in ("OFFICIAL", "MINI"):
        found |= {
            f"WECHAT_{account}_APPID": f"wx{secrets.token_hex(8)}",
            f"WECHAT_{account}_SECRET": secrets.token_hex(16),
            f"WECHAT_{account}_TOKEN": letters(24),
            # 43 characters that decode to 32 bytes; the last one carries four bits only.
            f"WECHAT_{account}_AES_KEY": letters(42) + secrets.choice("AEIMQUYcgkosw048"),
        }
    return found


def environment(
    secret: Mapping[str, str], port: int, simulator_port: int, folder: Path, kind: str = "service"
) -> dict[str, str]:
    """Everything the four programs are told."""
    home, product = f"http://localhost:{simulator_port}", f"http://localhost:{port}"
    told = {
        **secret,
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
        "PUBLIC_URL": product,
        "DATA_DIR": str(folder),
        "OFFICE_NAME": OFFICE,
        "WECHAT_API_BASE": f"http://127.0.0.1:{simulator_port}",
        "WECHAT_MP_BASE": f"http://127.0.0.1:{simulator_port}",
        "WECHAT_OPEN_BASE": home,
        "SIMULATOR_URL": home,
        "WECHAT_OFFICIAL_KIND": kind,
        "WECHAT_OFFICIAL_TEMPLATE_ANSWER": "TEMPLATE_ANSWER",
        "WECHAT_OFFICIAL_TEMPLATE_NOTICE": "TEMPLATE_NOTICE",
        "WECHAT_MINI_TEMPLATE_ANSWER": "MINI_ANSWER",
        # The stand-in for WeChat knows the same accounts, under names of its own.
        "SIM_PRODUCT": f"http://127.0.0.1:{port}",
        "SIM_PRODUCT_PUBLIC": product,
        "SIM_OFFICIAL_NAME": OFFICE,
        "SIM_OFFICIAL_KIND": kind,
        "SIM_DATA": str(folder / "simulator"),
    }
    for account in ("OFFICIAL", "MINI"):
        for part in ("APPID", "SECRET", "TOKEN", "AES_KEY"):
            told[f"SIM_{account}_{part}"] = secret[f"WECHAT_{account}_{part}"]
    for given in ("DATABASE_URL", "REDIS_URL", "SIM_TEMPLATE_IDS", "SIM_DELAY"):
        if os.environ.get(given):
            told[given] = os.environ[given]
    return told


def read(path: Path) -> dict[str, str]:
    """NAME=value lines."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(path: Path, values: Mapping[str, str]) -> None:
    """Readable by its owner alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(
            "# The demonstration's environment, written by `make run`. Its secrets are worth nothing elsewhere.\n"
        )
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    fresh.replace(path)


def prepare(var: Path, port: int, simulator_port: int, kind: str) -> dict[str, str]:
    """The environment of this demonstration, with the secrets it already has."""
    path = var / "demo.env"
    known, secret = read(path), drawn()
    told = environment(secret | {n: known[n] for n in secret if n in known}, port, simulator_port, var / "demo", kind)
    write(path, told)
    return told


def taken(port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def programs(port: int, simulator_port: int) -> dict[str, list[str]]:
    """Name to command line; all of them are ours, run by the Python that runs this."""
    py = sys.executable
    return {
        "web": [py, "-m", "gunicorn", "-c", "config/gunicorn.py", "server.app:wsgi()"],
        "worker": [py, "-m", "server.jobs"],
        "simulator": [py, "-m", "server.simulator"],
        "player": [
            py,
            "-m",
            "server.simulator.player",
            f"http://127.0.0.1:{port}",
            f"http://127.0.0.1:{simulator_port}",
        ],
    }


def go_with_me() -> None:
    """Run in a child before its program: the kernel ends it should this process be killed outright (Linux only)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Family:
    """The running programs: started together, watched, stopped together."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.env = {**os.environ, **env}
        self.log = log
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = threading.Event()

    def start(self, commands: Mapping[str, list[str]]) -> None:
        """Each in a process group of its own, so that Ctrl-C reaches this program alone, which then asks them to stop."""
        for name, command in commands.items():
            if not self.stopping.is_set():
                self.running[name] = subprocess.Popen(  # noqa: S603  the commands are those of programs()
                    command,
                    cwd=ROOT,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    process_group=0,
                    preexec_fn=go_with_me,
                )

    def asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def fallen(self) -> str | None:
        """The name of a program that ended though nobody asked it to; the player may end when it has played."""
        for name, process in self.running.items():
            code = process.poll()
            if code is not None and not (name == "player" and code == 0):
                return name
        return None

    def stop(self) -> None:
        """Ask, wait, then insist."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + PATIENCE
        for process in self.running.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def last_words(self, name: str) -> str:
        path = self.log / f"{name}.log"
        if not path.exists():
            return ""
        return "".join(path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-15:])


def push_menu(env: Mapping[str, str], log: Path) -> None:
    """Put the office's menu under the conversation, by the same command that a real account needs once."""
    command = [sys.executable, "-m", "flask", "--app", "server.app", "menu", "push", "--yes"]
    with (log / "menu.log").open("ab") as told:
        subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=told, stderr=told)  # noqa: S603


def answers(port: int, path: str = "/healthz") -> bool:
    """Whether a program says it is alive."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def say(words: str) -> None:
    print(words, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Prepare, start, watch, stop."""
    parser = argparse.ArgumentParser(prog="python -m config.demonstration", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--simulator-port", type=int, default=8001)
    parser.add_argument("--var", type=Path, default=ROOT / "var")
    parser.add_argument(
        "--prepare-only", action="store_true", help="write var/demo.env and set up the office, start nothing"
    )
    options = parser.parse_args(arguments)
    for port, name in ((options.port, "PORT"), (options.simulator_port, "SIMULATOR_PORT")):
        if not options.prepare_only and taken(port):
            say(f"Port {port} is in use. Choose another one: make run {name}={port + 100}")
            return 1

    os.umask(0o077)
    var: Path = options.var.resolve()
    log = var / "log"
    log.mkdir(parents=True, exist_ok=True)
    (var / "demo").mkdir(mode=0o750, exist_ok=True)
    told = prepare(var, options.port, options.simulator_port, os.environ.get("WECHAT_OFFICIAL_KIND") or "service")
    told |= {
        "LOG_DIR": str(log),
        "PYTHONUNBUFFERED": "1",
        "WEB_CONCURRENCY": "1",
        "WEB_MAX_REQUESTS": "0",
        "MALLOC_ARENA_MAX": "2",
    }
    family = Family(told, log)
    signal.signal(signal.SIGINT, family.asked_to_stop)
    signal.signal(signal.SIGTERM, family.asked_to_stop)

    say(f"Setting up {OFFICE} (a demonstration, in {var / 'demo'}) …")
    setup = [sys.executable, "-m", "flask", "--app", "server.app", "setup", "--demonstration"]
    done = subprocess.run(setup, cwd=ROOT, env=family.env, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode or family.stopping.is_set() or options.prepare_only:
        return done.returncode

    say("Starting: web, worker, a stand-in for WeChat, and the player who lives the demonstration once …")
    family.start(programs(options.port, options.simulator_port))
    ready = pushed = False
    while not family.stopping.wait(0.2):
        fallen = family.fallen()
        if fallen:
            family.stop()
            code = family.running[fallen].returncode
            say(f"{fallen} stopped (exit {code}). Its log ends so:\n{family.last_words(fallen)}")
            return 1
        if not pushed and answers(options.simulator_port, "/sim/state"):
            pushed = True
            push_menu(family.env, log)
        if not ready and answers(options.port):
            ready = True
            say(f"Ready 已启动: http://localhost:{options.port}/demo   (Ctrl-C stops it; logs are in {log})")
            say("先等演示自己演完，一分钟左右，最后会列出从哪里点起。")
    family.stop()
    say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
