"""SQLite has one writer: those of one process queue for it in the order they came, instead of pushing."""

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

PATIENCE = 5.0
"""Seconds in the queue; whoever waited so long goes and asks SQLite itself, which has a patience of its own."""
_TURN = "turn"


@dataclass
class _Turn:
    """One writer's place."""

    called: threading.Event = field(default_factory=threading.Event)


class Turnstile:
    """First come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: _Turn | None = None
        self._waiting: deque[_Turn] = deque()

    def enter(self, patience: float = PATIENCE) -> _Turn:
        """Wait for one's turn. After `patience` whoever is inside counts as lost, so that nothing stands still for ever."""
        mine = _Turn()
        with self._lock:
            if self._inside is None:
                self._inside = mine
                return mine
            self._waiting.append(mine)
        if not mine.called.wait(patience):
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    self._inside = mine
        return mine

    def leave(self, mine: _Turn) -> None:
        """Let the next one in; whoever was counted as lost meanwhile calls nobody."""
        with self._lock:
            if self._inside is not mine:
                return
            self._inside = self._waiting.popleft() if self._waiting else None
            if self._inside is not None:
                self._inside.called.set()


def queue_up(engine: Engine) -> Turnstile:
    """A turnstile for this engine; a turn is given back when its connection goes back to the pool, however it went."""
    turnstile = Turnstile()

    def give_back(connection: Any, record: Any, *_: Any) -> None:
        turn = record.info.pop(_TURN, None)
        if turn is not None:
            turnstile.leave(turn)

    for name in ("checkin", "invalidate", "close"):
        event.listen(engine, name, give_back)
    return turnstile


def take_turn(turnstile: Turnstile, connection: Any) -> None:
    """Called before BEGIN IMMEDIATE; a connection that has its turn keeps it."""
    info = connection.info
    if _TURN not in info:
        info[_TURN] = turnstile.enter()
