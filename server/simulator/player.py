"""Lives the demonstration once, as a stranger with two addresses would: through the phones, the pages and the desks."""

import argparse
import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from server.simulator.story.browser import Browser, Trouble
from server.simulator.story.charging import CHARGING
from server.simulator.story.parking import PARKING
from server.simulator.story.people import OFFICERS, PASSWORD, RESIDENTS
from server.simulator.story.plot import finished, story
from server.simulator.story.riverside import RIVERSIDE
from server.simulator.story.stage import Stage

PATIENCE = 120.0
"""Seconds until both programs have to answer."""
MATTERS = (PARKING, CHARGING, RIVERSIDE)


def say(words: str = "") -> None:
    """A line for whoever started the demonstration, if somebody still reads it."""
    with contextlib.suppress(OSError):
        print(words, flush=True)


class Diary:
    """The player's own log: a line of JSON for everything it did, to be compared with what the product knows."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def write(self, **line: Any) -> None:
        """One deed."""
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def wait_for(product: str, simulator: str, stopping: threading.Event, patience: float) -> bool:
    """Until both answer; False when somebody wants us to go, or nobody answers."""
    waiting: list[tuple[str, Callable[[], object]]] = [
        ("网站", lambda: Browser(product).get("/readyz")),
        ("手机模拟器", lambda: Browser(simulator).get("/sim/state")),
    ]
    end = time.monotonic() + patience
    for name, ask in waiting:
        while not stopping.is_set():
            try:
                ask()
                break
            except Trouble as trouble:
                if time.monotonic() > end:
                    say(f"演示没有开始：等了{patience:.0f}秒，{name}没有应答。{trouble}")
                    return False
                stopping.wait(0.3)
    return not stopping.is_set()


def play(stage: Stage, stopping: threading.Event) -> list[str]:
    """Play what is not there yet; returns what went wrong."""
    wrong: list[str] = []
    steps, began = story(), time.monotonic()
    stage.passed = taken_up(stage)
    stage.resumed = stage.passed > 0
    say(
        f"演示开始：{len(steps)}步，一分钟左右。青禾街道和这里的人都是虚构的。"
        if not stage.passed
        else "接着上一次没演完的地方演。"
    )
    if not stage.passed:
        stage.wait_for_morning()
    for number, step in enumerate(steps, 1):
        if stopping.is_set():
            return wrong
        place = f"[{number:>2}/{len(steps)}]"
        try:
            if (days := step.day - stage.passed) > 0:
                stage.forward(days)
                say(f"        —— 过了{days}天，今天是{long(stage.today())} ——")
            said = step.do(stage)
            say(f"{place} {step.words}" + ("（已经有了）" if said is None else f"：{said}" if said else ""))
        except Exception as problem:
            # The player must not fall over, whatever a page looks like: it says what it met, and goes on if it can.
            wrong.append(step.words)
            met = (
                str(problem)
                if isinstance(problem, Trouble)
                else f"没有想到的情况（{type(problem).__name__}：{problem}）"
            )
            say(f"{place} ✗ {step.words}：{met}")
            if step.needed:
                say("        后面的步骤要靠这一步，演示停在这里。")
                return wrong
    say(f"演完了，用了{time.monotonic() - began:.0f}秒" + (f"，有{len(wrong)}步没有演成。" if wrong else "。"))
    return wrong


def taken_up(stage: Stage) -> int:
    """The day of the story: how long ago the first notice was opened; and what the office has heard by now."""
    seen = stage.consultations()
    first = seen.get(PARKING.title)
    if first is None:
        return 0
    officer = stage.officers["shenlin"]
    officer.sign_in()
    for matter in MATTERS:
        if matter.title in seen:
            stage.heard_before |= {page.squeezed for page in officer.points(stage.id_of(matter), "all")}
    return (stage.today() - date.fromisoformat(str(first["opens_on"]))).days


def long(day: date) -> str:
    """2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def where_to_click(stage: Stage) -> None:
    """The addresses, the people, and a story of five minutes."""
    product, phones = stage.tail, f":{urlsplit(stage.simulator).port}"
    say()
    say(f"从这里看起    http://localhost{product}/demo")
    for person in RESIDENTS[:3]:
        say(f"手机          http://phone-{person.number}.localhost{phones}/    {person.name}，{person.village}")
    for login, (name, about) in OFFICERS.items():
        say(f"工作人员      http://{login}.localhost{product}/desk/    {name}，{about}")
    say(f"一键登录；要用密码时，登录名如上，密码都是 {PASSWORD}")
    say(
        f"案卷          http://shenlin.localhost{product}/desk/cases    一件已经封存（在「已归档」里），一件走到一半，一件刚开头"
    )
    say()
    say("五分钟走一遍：")
    say(f"  1. 打开周女士的手机，点左下角的键盘，对《{RIVERSIDE.title}》说一句想法，马上收到编号。")
    say("  2. 手机页面右边点「31天后」，征求意见自己截止。")
    say("  3. 沈林的案头：逐条写结果和理由，送审。")
    say("  4. 许静的案头：写的人不能自己审，由她同意或者退回。")
    say("  5. 吴启明的案头：填上总条数，一次发布。")
    say("  6. 回到周女士的手机：收到一条通知，点开是结果、理由和改后的条文。")
    say()


def main(arguments: list[str] | None = None) -> int:
    """Play, say where to click, and stay until told to go."""
    asked = argparse.ArgumentParser(description="Lives the demonstration once, then says where to click.")
    asked.add_argument("product", help="where the product answers, e.g. http://127.0.0.1:8000")
    asked.add_argument("simulator", help="where the stand-in for WeChat answers, e.g. http://127.0.0.1:8001")
    asked.add_argument("--log", type=Path, help="a file for a line of JSON about everything that was done")
    asked.add_argument("--once", action="store_true", help="go when it is over instead of staying")
    asked.add_argument("--patience", type=float, default=PATIENCE, help="seconds until both have to answer")
    told = asked.parse_args(arguments)

    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    fine = live(told.product.rstrip("/"), told.simulator.rstrip("/"), told, stopping)
    if told.once:
        return 0 if fine else 1
    # Whoever watches over the four programs expects this one to stay; it has nothing more to do.
    stopping.wait()
    return 0


def live(product: str, simulator: str, told: argparse.Namespace, stopping: threading.Event) -> bool:
    """Wait, play what is missing, and say where to click; whether everything went well."""
    if not wait_for(product, simulator, stopping, told.patience):
        return stopping.is_set()
    stage = Stage(product, simulator, Diary(told.log).write)
    wrong: list[str] = []
    try:
        if finished(stage):
            say("演示已经演过，都在。要从头再演，先 make demo-reset，再 make run。")
        else:
            wrong = play(stage, stopping)
        if not stopping.is_set():
            where_to_click(stage)
    except Trouble as trouble:
        wrong.append(str(trouble))
        say(f"演示没有演下去：{trouble}")
    finally:
        stage.close()
    return not wrong


if __name__ == "__main__":
    sys.exit(main())
