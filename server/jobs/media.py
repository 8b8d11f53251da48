"""Voice and pictures from the chat are fetched before WeChat throws them away, and sealed under the person's key."""

import logging
from datetime import timedelta

from flask import current_app

from models import files
from models.comments.comment import Attachment, MediaKind, MediaState
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.refusal import Missing
from server.jobs.queue import Later, Turn
from server.jobs.reactions import FOR_EVERYBODY, ending, outage, react, stopped
from server.wire.account import Account
from server.wire.errors import Reaction, Unknown, WireError
from server.wire.wire import Wire

log = logging.getLogger(__name__)

API = "media/get"
CAPS = {
    MediaKind.VOICE: 3 * 1024 * 1024,
    MediaKind.PICTURE: 12 * 1024 * 1024,
    MediaKind.VIDEO: 25 * 1024 * 1024,
    MediaKind.SCAN: 12 * 1024 * 1024,
}
"""Bytes; WeChat's own limits are 2 MB for voice and 10 MB for pictures and films."""


def fetch_media(turn: Turn) -> None:
    """One file. What WeChat does not have any more is marked lost, so that staff ask the person again."""
    number = int(turn.payload["attachment"])
    with turn.reading():
        row = db.session.get_one(Attachment, number)
        if row.state is not MediaState.WAITING:
            return
        appid, media_id, cap = row.appid, row.media_id, CAPS[row.kind]
        try:
            key = row.resident.key.secret
        except Missing:
            key = None  # the person was forgotten meanwhile: nothing of theirs is fetched any more
        stop = stopped(appid, API)
    if stop is not None:
        raise ending(stop)
    account = _account(appid)
    if account is None or key is None:
        _lost(turn, number, "no account" if account is None else "the person was forgotten")
        return
    try:
        got = account.media(media_id, cap)
    except Unknown as unknown:
        raise outage(turn, unknown.words) from None
    except WireError as error:
        end = react(turn, appid, API, error) if error.reaction in FOR_EVERYBODY else None
        if end is None and error.reaction is Reaction.CAPABILITY_OFF:
            end = Later(wall() + timedelta(minutes=10), error.words)
        if end is not None:
            raise end from None
        _lost(turn, number, str(error))
        return
    kind = files.sniff(got.data)
    if kind is None:
        _lost(turn, number, f"not a kind of file we keep ({got.mime})")
        return
    digest = files.keep(got.data, key=key)
    with turn.transaction(last=True):
        row = db.session.get_one(Attachment, number)
        row.state, row.sha256, row.mime, row.size = MediaState.KEPT, digest, kind[0], len(got.data)


def _account(appid: str) -> Account | None:
    wire: Wire = current_app.extensions["wire"]
    return next((a for a in (wire.official, wire.mini) if a is not None and a.appid == appid), None)


def _lost(turn: Turn, number: int, why: str) -> None:
    log.warning("attachment %d is lost: %s", number, why)
    with turn.transaction(last=True):
        db.session.get_one(Attachment, number).state = MediaState.LOST
