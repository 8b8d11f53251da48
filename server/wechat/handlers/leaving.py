"""What somebody hears of without having spoken: shown, left in one word, brought back in one word."""

from models.messages import follow
from server.wechat import words
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn


def subscriptions(turn: Turn) -> Reply:
    """What is followed, with the page to choose on and the word that stops it."""
    stop = turn.link("stop", token=follow.stop_token(turn.resident.current))
    return Text(words.subscriptions(_names(turn), turn.personal("following"), stop))


def leave(turn: Turn) -> Reply:
    """Nothing more of anything, at once and without a question back."""
    names = _names(turn)
    if names:
        follow.leave(turn.resident, turn.resident)
    return Text(words.left(names))


def restore(turn: Turn) -> Reply:
    """What was left last is followed again."""
    follow.restore(turn.resident, turn.resident)
    return Text(words.restored(_names(turn)))


def _names(turn: Turn) -> list[str]:
    return [follow.name_of(thing) for thing in follow.named(turn.resident)]
