"""A connection that has rested is asked whether it still lives before it is used; one that was just used is not asked."""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

REST = 2.0
"""Seconds. A busy connection would be asked before each request, one round trip of the four that a list needs; whatever cuts it
within two seconds is answered as any cut in the middle of a request is, with 503 and "try again"."""

_SINCE = "huiyin.rests_since"


def ask_the_rested(engine: Engine) -> None:
    """Instead of SQLAlchemy's pool_pre_ping. A dead one takes the whole pool with it: what cut one has cut all."""

    @event.listens_for(engine, "checkin")
    def rests(connection: Any, record: Any) -> None:
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def asked(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_SINCE)
        if since is None or time.monotonic() - since < REST:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise InvalidatePoolError("this connection has died while it rested") from error
