"""Huey carries the numbers of pieces of work to whoever has time; losing one costs seconds, never the work."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool

from config.settings import Settings

log = logging.getLogger(__name__)
QUEUE = "huiyin"
TASK = "do"


class Numbers(Serializer):
    """Plain JSON instead of Huey's pickle: whoever can write to the queue can name a number, and run nothing."""

    task = ""
    """Huey's name for the one task there is."""

    def _serialize(self, data: Message) -> bytes:
        (number,) = data.args
        return json.dumps([data.id, int(number)]).encode()

    def _deserialize(self, data: bytes) -> Message:
        task_id, number = json.loads(bytes(data))
        return Message(
            id=str(task_id), name=self.task, retries=0, retry_delay=0, args=(int(number),), kwargs={}, on_complete=None
        )


class Carrier:
    """The queue of numbers: one file beside the database, or Redis when several machines share the work."""

    def __init__(self, settings: Settings) -> None:
        self._numbers = Numbers()
        common: dict[str, Any] = {"name": QUEUE, "results": False, "serializer": self._numbers, "utc": True}
        self.huey: Huey
        if settings.redis_url:
            pool = ConnectionPool.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=2)
            self.huey = RedisHuey(connection_pool=pool, **common)
        else:
            # No fsync: what a power cut takes from this file the sweep brings back from the database.
            self.huey = SqliteHuey(
                filename=str(settings.data_dir / "queue.db"), fsync=False, timeout=2, cache_mb=1, **common
            )
        self._task: Any = None

    def bind(self, do: Callable[[int], None]) -> None:
        """What to do with a number. The web processes bind a function that is never called: they only put in."""
        self._task = self.huey.task(name=TASK, retries=0)(do)
        self._numbers.task = self.huey._registry.task_to_string(self._task.task_class)

    def carry(self, numbers: Sequence[int]) -> None:
        """Put numbers in. A queue that does not answer is no error of the deed: the sweep finds the work anyway."""
        try:
            for number in numbers:
                self._task(number)
        except Exception as error:
            log.warning("the queue took no number (%s); the sweep will", type(error).__name__)

    def waiting(self) -> int:
        """How many numbers lie in the queue."""
        return int(self.huey.pending_count())


def waker(settings: Settings) -> Callable[[Sequence[int]], None]:
    """For the house: called with the numbers of new work after the commit."""
    carrier = Carrier(settings)
    carrier.bind(_not_here)
    return carrier.carry


def _not_here(number: int) -> None:
    raise RuntimeError("only the clockwork's own process does work")
