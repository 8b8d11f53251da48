"""One access token an account, fetched by one of us at a time, however many processes ask for it."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from models.kernel.base import db, insert_into
from models.kernel.clock import wall
from models.kernel.sealed import Broken, keyring, seal, unseal
from models.messages.token import WireToken
from server.house import brief
from server.wire.errors import Reaction, Unknown, WireError
from server.wire.line import Line
from server.wire.redaction import hide_passing

log = logging.getLogger("server.wire.tokens")

LEASE = timedelta(seconds=20)  # longer than the longest token call
MARGIN = timedelta(seconds=120)  # a token in its last two minutes is not handed out any more
TRUST = 20.0  # seconds a process believes its own copy before it looks at the table again
PATIENCE = 12.0  # seconds one caller waits for another's fetch


@dataclass(frozen=True)
class _Held:
    """A token in this process's hands."""

    token: str
    expires_at: datetime
    looked_at: float


@dataclass(frozen=True)
class _Failure:
    """The last fetch went wrong; until then nobody tries again."""

    error: Exception
    until: float
    times: int


class TokenCentre:
    """Hands out access tokens from the product's own table, and refreshes them under a lease kept there.

    Only `stable_token` is called, in its normal mode: it gives everyone the same token until its last five minutes,
    so that even a broken lease could not make two machines invalidate each other's token.
    """

    def __init__(self, line: Line, secret_of: Mapping[str, str]) -> None:
        self._line = line
        self._secret_of = dict(secret_of)
        self._held: dict[str, _Held] = {}
        self._failed: dict[str, _Failure] = {}
        self._locks = {appid: threading.Lock() for appid in self._secret_of}
        self._owner = f"{os.uname().nodename[:24]}:{os.getpid()}:{secrets.token_hex(4)}"

    def __repr__(self) -> str:
        return f"<TokenCentre of {len(self._secret_of)} accounts>"

    def token(self, appid: str) -> str:
        """A token that is good now."""
        held = self._held.get(appid)
        if held and time.monotonic() - held.looked_at < TRUST and held.expires_at - wall() > MARGIN:
            return held.token
        with self._locks[appid]:
            return self._under_lock(appid)

    def refused(self, appid: str, used: str) -> str:
        """WeChat refused this token: another one. Only whoever still finds it in the table makes a new one fetched."""
        with self._locks[appid]:
            held = self._held.get(appid)
            if held and held.token == used:
                del self._held[appid]
            return self._under_lock(appid, bad=used)

    def _under_lock(self, appid: str, bad: str | None = None) -> str:
        held = self._held.get(appid)
        if held and time.monotonic() - held.looked_at < TRUST and held.expires_at - wall() > MARGIN:
            return held.token  # another thread of this process was quicker
        failure = self._failed.get(appid)
        if failure and time.monotonic() < failure.until:
            raise _again(failure.error)
        give_up = time.monotonic() + PATIENCE
        while True:
            found, mine = self._look_or_lease(appid, bad)
            if found is not None:
                self._held[appid] = found
                self._failed.pop(appid, None)
                return found.token
            if mine:
                return self._fetch(appid)
            if time.monotonic() > give_up:
                raise WireError(
                    "stable_token", None, Reaction.RETRY_LATER, "接口凭证正在更换，稍后自动重试", "lease not free"
                )
            time.sleep(0.05)

    def _look_or_lease(self, appid: str, bad: str | None) -> tuple[_Held | None, bool]:
        """One short transaction: the stored token if it is good, else the lease if it is free."""
        with brief():
            row = _row(appid)
            token = _opened(row)
            if token and token != bad and row.expires_at and row.expires_at - wall() > MARGIN:
                hide_passing(token)
                return _Held(token, row.expires_at, time.monotonic()), False
            if row.lease_owner not in ("", self._owner) and row.lease_until and row.lease_until > wall():
                return None, False
            row.sealed_token = row.expires_at = None
            row.lease_owner, row.lease_until = self._owner, wall() + LEASE
            return None, True

    def _give_back(self, appid: str, held: _Held | None) -> None:
        """End the lease, leaving what was fetched; if another took the lease over meanwhile, its row is its own."""
        with brief():
            row = _row(appid)
            if row.lease_owner != self._owner:
                return
            row.lease_owner, row.lease_until = "", None
            if held is not None:
                row.sealed_token = seal(keyring().derived("wire_token"), held.token, _where(appid))
                row.expires_at = held.expires_at

    def _fetch(self, appid: str) -> str:
        """The call itself, with no transaction open; the result is kept only if the lease is still ours."""
        problem: Exception | None = None
        answer: dict[str, object] = {}
        try:
            answer = self._line.ask(
                "POST",
                "/cgi-bin/stable_token",
                body={"grant_type": "client_credential", "appid": appid, "secret": self._secret_of[appid]},
            )
        except (WireError, Unknown) as error:
            problem = error
        token = answer.get("access_token")
        lives = answer.get("expires_in", 7200)
        if problem is None and not (isinstance(token, str) and token and isinstance(lives, int)):
            problem = Unknown("stable_token", "no token in the answer")
        if problem is None:
            held = _Held(str(token), wall() + timedelta(seconds=int(str(lives))), time.monotonic())
            hide_passing(held.token)
            self._give_back(appid, held)
            self._held[appid] = held
            self._failed.pop(appid, None)
            log.info("access token renewed for %s", appid)
            return held.token
        self._give_back(appid, None)
        problem = self._remember(appid, problem)
        raise problem

    def _remember(self, appid: str, problem: Exception) -> Exception:
        """A failed fetch is not repeated by every caller behind us: one second, then two, four … a minute."""
        before = self._failed.get(appid)
        times = before.times + 1 if before else 1
        if isinstance(problem, WireError) and problem.reaction in (Reaction.REFRESH_TOKEN, Reaction.ALARM_STOP):
            # On the token call itself 40001 means a wrong secret: asking again cannot help.
            problem = WireError(
                problem.api,
                problem.errcode,
                Reaction.ALARM_STOP,
                "AppSecret 或出口 IP 不正确，请核对配置",
                problem.errmsg,
            )
            times = max(times, 7)
            log.critical("ALARM no access token for %s: %s", appid, problem)
        else:
            log.warning("no access token for %s: %s", appid, problem)
        self._failed[appid] = _Failure(problem, time.monotonic() + min(60.0, 2.0 ** (times - 1)), times)
        return problem


def _row(appid: str) -> WireToken:
    """The account's row, locked until this transaction ends; made when it is not there yet."""
    # The insert comes first so that SQLite takes its write lock before it reads anything.
    db.session.execute(insert_into(WireToken).values(appid=appid, lease_owner="").on_conflict_do_nothing())
    return db.session.scalars(
        select(WireToken).where(WireToken.appid == appid).with_for_update().execution_options(populate_existing=True)
    ).one()


def _opened(row: WireToken) -> str | None:
    """The token itself; None when there is none that this installation's keys open."""
    if row.sealed_token is None:
        return None
    try:
        return unseal(keyring().derived("wire_token"), row.sealed_token, _where(row.appid))
    except Broken:
        return None


def _where(appid: str) -> str:
    return f"wire_token.sealed_token:{appid}"


def _again(error: Exception) -> Exception:
    """A fresh exception that says the same: one raised twice would collect the traces of strangers."""
    if isinstance(error, WireError):
        return WireError(error.api, error.errcode, error.reaction, error.words, error.errmsg)
    if isinstance(error, Unknown):
        return WireError(error.api, None, Reaction.RETRY_LATER, "暂时拿不到接口凭证，稍后自动重试", error.what)
    return error
