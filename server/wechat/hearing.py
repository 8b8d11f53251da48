"""Hearing one message: never twice, and the same reply to whoever asks again."""

import logging

from flask import current_app
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from config.settings import Account, Settings
from models.kernel import clock
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.refusal import Refusal
from models.kernel.work import Work
from models.messages.heard import Heard
from server.wechat import router, words
from server.wechat.crypt import Seal
from server.wechat.incoming import Incoming
from server.wechat.reply import Reply, Text, render
from server.wechat.turn import Turn

log = logging.getLogger(__name__)


def hear(incoming: Incoming, account: Account, seal: Seal) -> str | None:
    """The sealed reply, None for nothing to say.

    The hearing is written down before anything is done: of three copies that arrive at once the database lets one
    through, and the others wait for its reply. A refusal undoes the deed and keeps the hearing. What is kept is the
    sealed reply, for it may hold a personal link.
    """
    heard = Heard.first(incoming.heard_key, router.kind_of(incoming))
    if heard is None:
        before = Heard.before(incoming.heard_key)
        return (before.reply or None) if before is not None else None
    settings: Settings = current_app.extensions["settings"]
    turn = Turn(incoming, account, settings, kind=router.kind_of(incoming))
    try:
        reply = _answer(turn)
    except OperationalError:
        raise
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        # A bug: nothing of it stays, not even the hearing, so the same words sent again get another chance.
        log.exception("webhook %s: a bug while answering %s", incoming.door, router.kind_of(incoming))
        db.session.rollback()
        clock.forget()
        Work.take_wanted()
        return _sealed(incoming, seal, Text(words.broken())) if incoming.is_message else None
    told = _sealed(incoming, seal, reply)
    Heard.replied(heard, turn.kind, told or "")
    return told or None


def _answer(turn: Turn) -> Reply:
    """The handler in a savepoint of its own."""
    touch = router.touch(turn.incoming)
    if touch is not None:
        turn.identity.heard_from(touch)
        db.session.flush()
    try:
        with db.session.begin_nested():
            reply = router.answer(turn)
            db.session.flush()
            return reply
    except Refusal as refusal:
        return Text(refusal.sentence) if turn.incoming.is_message else None
    except StaleDataError:
        return Text(words.once_more()) if turn.incoming.is_message else None


def _sealed(incoming: Incoming, seal: Seal, reply: Reply) -> str | None:
    if reply is None:
        return None
    at = int(wall().timestamp())
    xml = render(reply, to=incoming.sender, sender=incoming.account, at=at, said=incoming.is_message)
    return seal.close(xml)
