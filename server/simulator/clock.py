"""Two clocks: the wall's for signatures and tokens, and the story's, which the phone's owner may move forward."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

from server.simulator.book import Book

BEIJING = timezone(timedelta(hours=8))  # no summer time since 1991


class Clock:
    """`wall` cannot be moved; `now` is the wall plus what was skipped, kept in the book."""

    def __init__(self, book: Book, wall: Callable[[], float] = time.time) -> None:
        self._book = book
        self.wall = wall
        self._lock = threading.Lock()
        self._offset = float(book.fact("offset", 0.0))

    @property
    def offset(self) -> float:
        return self._offset

    def now(self) -> float:
        return self.wall() + self._offset

    def forward(self, seconds: float) -> None:
        with self._lock:
            if seconds < 0:
                raise ValueError("时间只能往前")
            self._offset += seconds
            self._book.note("offset", self._offset)

    def back(self, seconds: float) -> None:
        """Undoes a move that the product refused, so that the two clocks never part."""
        with self._lock:
            self._offset = max(0.0, self._offset - seconds)
            self._book.note("offset", self._offset)

    def adopt(self, offset: float) -> None:
        """Takes over the product's clock when the simulator starts: the product's is the one that counts."""
        with self._lock:
            self._offset = max(0.0, offset)
            self._book.note("offset", self._offset)

    def forget(self) -> None:
        with self._lock:
            self._offset = 0.0

    def local(self, at: float | None = None) -> datetime:
        return datetime.fromtimestamp(self.now() if at is None else at, UTC).astimezone(BEIJING)

    def day(self) -> str:
        return self.local().strftime("%Y-%m-%d")

    def month(self) -> str:
        return self.local().strftime("%Y-%m")


def long_date(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日"


def weekday(at: datetime) -> str:
    return "星期" + "一二三四五六日"[at.weekday()]
