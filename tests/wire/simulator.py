"""The stand-in for WeChat's servers as a process of its own, for tests of the line and of the clockwork."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from config.settings import ROOT
from tests.conftest import MINI, OFFICIAL
from tests.services import free_port


class Simulator:
    """The process and its controls."""

    def __init__(self, folder: Path, product: str = "http://127.0.0.1:9") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        told = {
            "PATH": os.environ["PATH"],
            "SIMULATOR_PORT": str(self.port),
            "SIM_DATA": str(folder),
            "SIM_PRODUCT": product,
            "SIM_DELAY": "0.1",
            "SIM_OFFICIAL_APPID": OFFICIAL.appid,
            "SIM_OFFICIAL_SECRET": OFFICIAL.secret,
            "SIM_OFFICIAL_TOKEN": OFFICIAL.token,
            "SIM_OFFICIAL_AES_KEY": OFFICIAL.aes_key,
            "SIM_MINI_APPID": MINI.appid,
            "SIM_MINI_SECRET": MINI.secret,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.simulator"], cwd=ROOT, env=told, stdout=subprocess.DEVNULL
        )
        try:
            self._wait(90)
        except BaseException:
            self.process.kill()
            self.process.wait(10)
            raise

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if self.sim("state")["ok"]:
                    return
            except requests.RequestException:
                assert self.process.poll() is None, "the simulator did not start"
                assert time.monotonic() < end, "the simulator did not answer"
                time.sleep(0.1)

    def sim(self, path: str, body: Any = None) -> Any:
        if body is None:
            return requests.get(f"{self.url}/sim/{path}", timeout=20).json()
        return requests.post(f"{self.url}/sim/{path}", json=body, timeout=20).json()

    def phone(self, n: int = 1, *, follows: bool = True) -> dict[str, Any]:
        made = self.sim("phones", {"n": n})["phone"]
        if follows:
            self.sim(f"phones/{n}/follow", {"wait": False})
        return dict(made)

    def trouble(self, path: str, mode: str = "error", **more: Any) -> None:
        self.sim("errors", {"clear": True})
        self.sim("errors", {"path": path, "mode": mode, **more})

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
