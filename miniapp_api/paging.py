"""Keyset pages: the mark of a page is the public id of its last record, so that nothing is skipped and nothing told."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from models.kernel.base import db
from models.kernel.refusal import RuleUnmet


def after_id(record: Any, mark: str | None) -> int | None:
    """The number of the record that a mark names."""
    if mark is None:
        return None
    number = db.session.scalar(_named(record), {"mark": mark})
    if number is None:
        raise RuleUnmet("这一页的位置已经不在了，请从第一页开始。", {"after": "位置不对。"})
    return int(number)


@cache
def _named(record: Any) -> "Select[int]":
    """The statement that finds a mark, built once."""
    return select(record.id).where(record.public_id == bindparam("mark", type_=record.public_id.type))


def cut(rows: Sequence[Any], limit: int, mark: str = "public_id") -> tuple[Sequence[Any], str | None]:
    """The first `limit` of rows that were read one too many, and the mark of the page that follows."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], str(getattr(rows[limit - 1], mark))
