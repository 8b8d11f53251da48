"""The columns of an answer are described when somebody looks at them: who asked the same statement before knows them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from psycopg import Column, Cursor


class Unread(Cursor[Any]):
    """psycopg describes each column of each answer; SQLAlchemy looks at them the first time that a statement is asked."""

    @property
    def description(self) -> Any:
        """None where there are no rows, as psycopg has it."""
        return Columns(self) if self.pgresult is not None and self.pgresult.nfields else None

    @property
    def described(self) -> list[Column]:
        """What psycopg says of them."""
        return super().description or []


class Columns(Sequence[Any]):
    """The columns of one answer."""

    def __init__(self, cursor: Unread) -> None:
        self.cursor = cursor

    @cached_property
    def told(self) -> list[Column]:
        """Described the first time."""
        return self.cursor.described

    def __getitem__(self, place: Any) -> Any:
        return self.told[place]

    def __len__(self) -> int:
        return len(self.told)
