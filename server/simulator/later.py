"""What WeChat tells afterwards: results of sends and publications, kept in the book so that a restart forgets none."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from server.simulator import travel

if TYPE_CHECKING:
    from server.simulator.world import World

PATIENCE = 180.0  # how long a starting simulator looks for the product's clock

logger = logging.getLogger("simulator")

Deed = Callable[["World", dict[str, Any]], None]
DEEDS: dict[str, Deed] = {}


def deed(name: str) -> Callable[[Deed], Deed]:
    def write(function: Deed) -> Deed:
        DEEDS[name] = function
        return function

    return write


def put_off(world: "World", name: str, body: dict[str, Any], seconds: float | None = None) -> None:
    due = world.clock.wall() + (world.setup.delay if seconds is None else seconds)
    world.book.write(
        "insert into later(due, deed, body) values (?, ?, ?)", due, name, json.dumps(body, ensure_ascii=False)
    )


def run_due(world: "World", *, all_of_them: bool = False) -> int:
    """Does what is due, each thing once, and says how many they were."""
    done = 0
    while True:
        with world.book.page() as db:
            row = world.book.row(
                "select * from later where ? or due <= ? order by due, id limit 1", int(all_of_them), world.clock.wall()
            )
            if row is None:
                return done
            db.execute("delete from later where id = ?", (row["id"],))
        DEEDS[row["deed"]](world, json.loads(row["body"]))
        done += 1


class Clerk(threading.Thread):
    """The thread that brings the delayed news."""

    def __init__(self, world: "World", every: float = 0.25) -> None:
        super().__init__(name="simulator-clerk", daemon=True)
        self._world, self._every, self._stopped = world, every, threading.Event()

    def run(self) -> None:
        met, began = False, time.monotonic()
        while not self._stopped.wait(self._every):
            try:
                if not met and time.monotonic() - began < PATIENCE:
                    met = travel.meet(self._world)
                run_due(self._world)
            except Exception:
                logger.exception("delayed news failed")

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=10)
