"""The log: one line of JSON for each event, in which no person and no secret can be read."""

import datetime as dt
import json
import logging
import logging.config
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Set by the house for each request and each job, so that lines belonging together can be found."""

HIDDEN = "…"

# What is hidden by the name it goes under, in an address, in JSON or in a Python repr.
_NAMES = (
    "access_token|refresh_token|session_key|csrf_token|token|secret|appsecret|secret_key|password|passwd|pin|openid|unionid|touser"
    "|fromusername|js_code|code|ticket|encodingaeskey|aes_key|signature|msg_signature|echostr|authorization|cookie|x-demo-secret"
    "|phone|mobile"
)
_QUERY = re.compile(rf"(?i)\b({_NAMES})=[^&\s\"'<>]+")
_FIELD = re.compile(rf"(?i)([\"'](?:{_NAMES})[\"']\s*:\s*)(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\d+)")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|cookie|set-cookie|x-demo-secret|x-csrf-token)(:\s*)[^\r\n]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)\S+")
_IN_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,15}://[^\s/:@]*:)[^\s/@]+@")

# What is hidden by its looks: an openid (28 characters from an o), a drawn token, a mobile number, a citizen's number.
_OPENID = re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])", re.ASCII)
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{28,}(?![\w-])", re.ASCII)
_MOBILE = re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\w)", re.ASCII)
_CITIZEN = re.compile(r"(?<!\w)\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?!\w)", re.ASCII)

# Control characters, and what some readers take for a line's end, never reach a line as they are.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """The same text without secrets, tokens, openids, telephone numbers and citizens' numbers."""
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    text = _IN_URL.sub(rf"\1{HIDDEN}@", text)
    text = _FIELD.sub(rf'\1"{HIDDEN}"', text)
    text = _QUERY.sub(rf"\1={HIDDEN}", text)
    for looks in (_OPENID, _TOKEN, _CITIZEN, _MOBILE):
        text = looks.sub(HIDDEN, text)
    return text


def _safe(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value if not isinstance(value, int) or isinstance(value, bool) or abs(value) < 10**10 else HIDDEN
    if isinstance(value, dict):
        return {str(k): HIDDEN if re.fullmatch(_NAMES, str(k), re.IGNORECASE) else _safe(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(v) for v in value]
    return redact(str(value))


class Line(logging.Formatter):
    """Formats an event as one line of JSON; whatever a stranger put into a field stays inside its quotes."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": redact(record.getMessage()),
        }
        if asked := request_id.get():
            line["request"] = asked
        extra = {name: value for name, value in vars(record).items() if name not in _OWN}
        line |= {name: value for name, value in _safe(extra).items() if name not in line}
        if record.exc_info or record.exc_text:
            text = record.exc_text or self.formatException(record.exc_info or (None, None, None))
            line["trace"] = redact(text)
        if record.stack_info:
            line["stack"] = redact(record.stack_info)
        return _UNSEEN.sub(_escaped, json.dumps(line, ensure_ascii=False, default=str))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def logging_config(program: str, directory: Path | None = None, level: str = "INFO") -> dict[str, Any]:
    """For logging.config.dictConfig and gunicorn: to stdout, or to one file a program where a directory is given."""
    if directory is None:
        handler: dict[str, Any] = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
    else:
        handler = {
            "class": "logging.handlers.WatchedFileHandler",  # logrotate may take the file away at any time
            "filename": str(directory / f"{program}.log"),
            "encoding": "utf-8",
            "formatter": "line",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Line}},
        "handlers": {"out": handler},
        "root": {"level": level, "handlers": ["out"]},
        "loggers": {
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
            "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": True},
            # These print addresses and statements at INFO and below: they carry tokens and what people wrote.
            "urllib3": {"level": "WARNING"},
            "sqlalchemy": {"level": "WARNING"},
            "wechatpy": {"level": "WARNING"},
            "alembic": {"level": "WARNING"},
        },
    }


def log_directory(environ: Mapping[str, str]) -> Path | None:
    """Where LOG_DIR says; nowhere, which is the standard output, when it says nothing."""
    told = environ.get("LOG_DIR", "").strip()
    return Path(told) if told else None


def configure(program: str, directory: Path | None = None, level: str = "INFO") -> None:
    """Send this process's log where logging_config says; the directory is made if need be."""
    if directory is not None:
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    logging.config.dictConfig(logging_config(program, directory, level))
