"""Keeps the office's own secrets and tokens out of log lines and errors by their value, whatever stands around them."""

import collections
import logging
import threading

from config.logging import HIDDEN
from config.logging import redact as redact_by_looks

_kept: set[str] = set()
_passing: collections.deque[str] = collections.deque(maxlen=64)
_guard = threading.Lock()


def hide(*secrets: str | None) -> None:
    """Remember values that must never be printed."""
    with _guard:
        _kept.update(secret for secret in secrets if secret and len(secret) >= 6)


def hide_passing(token: str) -> None:
    """Remember a token for as long as such tokens live."""
    with _guard:
        if token not in _passing:
            _passing.append(token)


def redact(text: str) -> str:
    """The same text with secrets, tokens and openids replaced by an ellipsis."""
    with _guard:
        known = (*_kept, *_passing)
    for secret in known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return redact_by_looks(text)


class Redaction(logging.Filter):
    """A filter for loggers: the line is formatted here, redacted, and has no arguments left."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drop it."""
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def guard_loggers() -> None:
    """Put the filter on the libraries that print addresses with tokens in them, and on our own."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry", "wechatpy.client.base", "requests", "server.wire"):
        logger = logging.getLogger(name)
        if not any(isinstance(f, Redaction) for f in logger.filters):
            logger.addFilter(Redaction())
