"""Starts the simulator: one process, several threads, one book."""

import os
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from server.simulator.app import create_app
from server.simulator.settings import Setup


class Server(BaseApplication):
    """gunicorn with one worker, because the book has one writer."""

    def __init__(self, setup: Setup, bind: str) -> None:
        self._setup, self._bind = setup, bind
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": 24,
            "timeout": 120,
            "graceful_timeout": 3,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "huiyin-simulator",
            "control_socket_disable": True,
        }
        for key, value in options.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Flask:
        return create_app(self._setup)


def main() -> None:
    try:
        setup = Setup.from_environment(os.environ)
    except ValueError as problem:
        sys.exit(str(problem))
    print(f"手机模拟器：{setup.public}/（不是真的微信，不会发给任何人）", flush=True)
    Server(setup, f"{os.environ.get('SIM_BIND', '127.0.0.1')}:{setup.port}").run()


if __name__ == "__main__":
    main()
