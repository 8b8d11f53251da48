"""Somebody follows the account, scans its code, or leaves."""

from models.decisions.consultation import Consultation, by_public_id
from models.outreach.lecture import SCENE as ROOM
from server.wechat import words
from server.wechat.handlers import lectures
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn, listed, open_now, whole

SCENE = "c_"
"""A code on a poster carries c_ and the public id of a consultation."""


def _scene(turn: Turn) -> str:
    return turn.incoming.event_key.removeprefix("qrscene_")


def _scanned(turn: Turn) -> Consultation | None:
    """The consultation that the code stood for, if it can still be spoken about."""
    scene = _scene(turn)
    if not scene.startswith(SCENE):
        return None
    found = by_public_id(scene.removeprefix(SCENE)[:12])
    return found if found is not None and found.is_open() else None


def subscribed(turn: Turn) -> Reply:
    """A new follower is told in a few lines what can be done here."""
    turn.identity.follow()
    if _scene(turn).startswith(ROOM) and (said := lectures.scanned(turn, _scene(turn))):
        return said
    found = _scanned(turn)
    if found is not None:
        turn.conversation.choose(found)
        return turn.card(found)
    now = open_now()
    if len(now) == 1:
        turn.conversation.choose(whole(now[0]))
    elif now:
        turn.offer(now)
    return Text(words.welcome(turn.office.office_name, listed(now), turn.link("privacy")))


def unsubscribed(turn: Turn) -> Reply:
    """Nothing can be said any more; what was said stays."""
    turn.identity.unfollow()
    return None


def scanned(turn: Turn) -> Reply:
    """A follower scans a poster: that is the matter, then; or the square of a room, and is there."""
    if _scene(turn).startswith(ROOM):
        return lectures.scanned(turn, _scene(turn))
    found = _scanned(turn)
    if found is None:
        return None
    turn.conversation.choose(found)
    return turn.card(found)
