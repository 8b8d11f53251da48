"""Three network namespaces as three hosts on one bridge, with nginx and the stand-in for WeChat before them.

Two hosts run a web server and a worker each; the third holds PostgreSQL and Redis. The cable of a host can be pulled: then its
programs go on living and reach nobody, and nobody hears that they are gone, which is what a dead machine looks like.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.demonstration import ROOT
from tests.faults.running import Running
from tests.services import Absent, Postgres, Redis, find

BRIDGE = "hy-bridge"
NET = "10.77.0"
HERE = f"{NET}.1"
"""This side of the bridge: nginx, the stand-in for WeChat, and the people."""
ADDRESSES = {"a": f"{NET}.11", "b": f"{NET}.12", "store": f"{NET}.13"}
PORT = 8000


def _ip(*words: str, quiet: bool = False) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert quiet or done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


def namespace(host: str) -> str:
    return f"hy-{host}"


def inside(host: str, command: list[str]) -> list[str]:
    """The same command on that host."""
    return ["ip", "netns", "exec", namespace(host), *command]


@contextmanager
def cabled() -> Iterator[None]:
    """The bridge and its three hosts; skipped where this machine cannot make them."""
    if os.getuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need root and iproute2")
    _tidy()
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for host, address in ADDRESSES.items():
            _ip("netns", "add", namespace(host))
            _ip("link", "add", f"hy-{host}-out", "type", "veth", "peer", "name", "eth0", "netns", namespace(host))
            _ip("link", "set", f"hy-{host}-out", "master", BRIDGE, "up")
            _ip("-n", namespace(host), "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", namespace(host), "link", "set", "eth0", "up")
            _ip("-n", namespace(host), "link", "set", "lo", "up")
    except AssertionError as why:
        _tidy()
        pytest.skip(f"no network namespaces on this machine: {why}")
    try:
        yield
    finally:
        _tidy()


def _tidy() -> None:
    for host in ADDRESSES:
        _ip("netns", "del", namespace(host), quiet=True)
        _ip("link", "del", f"hy-{host}-out", quiet=True)
    _ip("link", "del", BRIDGE, quiet=True)


def pull(host: str) -> None:
    """The cable is out: nothing goes in or comes out, and nobody is told."""
    _ip("link", "set", f"hy-{host}-out", "down")


def plug(host: str) -> None:
    """The cable is in again."""
    _ip("link", "set", f"hy-{host}-out", "up")


class HostedPostgres(Postgres):
    """PostgreSQL on the third host, every commit on the disk."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder, durable=True)
        self.owner = super().rights()

    def rights(self) -> dict[str, Any]:
        """Whoever enters a namespace is root; setpriv steps down afterwards. initdb still runs as the ordinary user."""
        return self.owner if not self.data.exists() else {}

    def command(self) -> list[str]:
        with open(self.data / "pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write(f"\nhost all all {NET}.0/24 trust\n")
        whole = super().command()
        whole[whole.index("listen_addresses=")] = f"listen_addresses={ADDRESSES['store']}"
        down = ["setpriv", f"--reuid={self.owner['user']}", f"--regid={self.owner['group']}", "--clear-groups"]
        return inside("store", [*down, *whole])

    def database(self, name: str) -> str:
        return f"postgresql+psycopg://{self.user}@{ADDRESSES['store']}:{self.port}/{name}"


class HostedRedis(Redis):
    """Redis on the third host."""

    @property
    def url(self) -> str:
        return f"redis://{ADDRESSES['store']}:{self.port}/0"

    def command(self) -> list[str]:
        whole = super().command()
        whole[whole.index("127.0.0.1")] = ADDRESSES["store"]
        return inside("store", [*whole, "--protected-mode", "no"])

    def ready(self) -> bool:
        asked = subprocess.run(
            ["bash", "-c", f"exec 3<>/dev/tcp/{ADDRESSES['store']}/{self.port} && printf 'PING\\r\\n' >&3 && head -c 5 <&3"],
            capture_output=True, text=True, check=False, timeout=5,
        )  # fmt: skip
        return asked.stdout.startswith("+PONG")


class ThreeHosts(Running):
    """The product on two hosts, one address before them."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        super().__init__(
            folder,
            database_url,
            web=1,
            REDIS_URL=redis_url,
            FORWARDED_ALLOW_IPS=HERE,
            PROXY_HOPS="1",
        )
        nginx = str(find("nginx", "/usr/sbin/nginx"))
        for host in ("a", "b"):
            # Only to its own machine may the product speak without TLS: each host has a line of its own to WeChat.
            line = self._written(f"line-{host}", self._wechat("127.0.0.1", HERE))
            self.commands[f"line-{host}"] = inside(host, [nginx, "-c", str(line), "-g", "daemon off;"])
            self.commands[f"web-{host}"] = inside(host, self.commands["web"])
            self.commands[f"worker-{host}"] = inside(host, self.commands["worker"])
        front = self._written("nginx", self._front() + self._wechat(HERE, "127.0.0.1"))
        self.commands["nginx"] = [nginx, "-c", str(front), "-g", "daemon off;"]

    def start_host(self, host: str) -> None:
        """A web server and a worker, and their line to WeChat."""
        if not self.alive(f"line-{host}"):
            self.start(f"line-{host}")
        self.start(f"web-{host}", f"worker-{host}", BIND=f"{ADDRESSES[host]}:{PORT}")

    def kill_host(self, host: str) -> None:
        """As when the power goes."""
        for program in ("web", "worker"):
            self.kill(f"{program}-{host}")

    def _front(self) -> str:
        """What config/deploy has for an office, with two machines, without TLS, and with room for a crowd behind one address."""
        deploy = ROOT / "config" / "deploy"
        told = (deploy / "nginx.conf").read_text(encoding="utf-8")
        start = told.index("server {\n    listen 80;")
        told = told[:start] + told[told.index("server {\n    listen 443") :]
        for pattern, words in (
            (
                r"    server 127\.0\.0\.1:8000 (.*)\n",
                "".join(f"    server {ADDRESSES[h]}:{PORT} \\1\n" for h in ("a", "b")),
            ),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.port};"),
            (r"\n    listen \[::\]:443 ssl http2;", ""),
            (r"\n    ssl_[^\n]*", ""),
            (r"server_name [^;]*;", "server_name localhost;"),
            (r"rate=20r/s", "rate=2000r/s"),
            (r"/var/log/nginx/huiyin\.log", f"{self.folder}/log/nginx-access.out"),
            (r"/etc/nginx/huiyin_proxy\.conf", f"{self.folder}/proxy.conf"),
            (r"limit_conn huiyin_conn 40", "limit_conn huiyin_conn 400"),
        ):
            told, found = re.subn(pattern, words, told)
            assert found, f"config/deploy/nginx.conf has no {pattern} any more"
        proxy = (deploy / "huiyin_proxy.conf").read_text(encoding="utf-8")
        # Behind TLS the host has no port of its own; here it has.
        proxy = proxy.replace("proxy_set_header Host $host;", "proxy_set_header Host $http_host;")
        (self.folder / "proxy.conf").write_text(proxy, encoding="utf-8")
        return told

    def _wechat(self, here: str, there: str) -> str:
        """From one side of a cable to the stand-in on the other."""
        port = self.simulator_port
        return (
            f"server {{\n    listen {here}:{port};\n    location / {{ proxy_pass http://{there}:{port}; "
            "proxy_set_header Host $http_host; proxy_connect_timeout 2s; }\n}\n"
        )

    def _written(self, name: str, servers: str) -> Path:
        """A whole configuration around these servers."""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "".join(f"{kind}_temp_path {self.folder}/{name}-{kind};\n" for kind in kinds)
        made = self.folder / f"{name}.conf"
        made.write_text(
            f"pid {self.folder}/{name}.pid;\nerror_log {self.folder}/log/{name}.out;\nworker_processes 1;\nuser root;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{\n{folders}access_log off;\n{servers}}}\n",
            encoding="utf-8",
        )
        return made


@contextmanager
def three_hosts(folder: Path) -> Iterator[ThreeHosts]:
    """Cables, PostgreSQL, Redis; the product's own programs are started by the test."""
    try:
        find("nginx", "/usr/sbin/nginx")
    except Absent as why:
        pytest.skip(str(why))
    with cabled(), HostedPostgres() as postgres, HostedRedis() as redis:
        with psycopg.connect(postgres.url.replace("+psycopg", ""), autocommit=True) as line:
            line.execute("CREATE DATABASE street")
        product = ThreeHosts(folder, postgres.database("street"), redis.url)
        try:
            yield product
        finally:
            for host in ("a", "b"):
                plug(host)
            for name in product.processes:
                with contextlib.suppress(Exception):
                    product.kill(name)
