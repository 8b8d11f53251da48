"""Which consultation somebody speaks about: by the menu, by a keyword, by the number in a list."""

import re
import unicodedata

from models.comments.unplaced import Unplaced, waiting_of
from models.decisions.consultation import Consultation, by_public_id
from models.kernel.clock import now
from models.messages.conversation import Expecting
from server.wechat import words
from server.wechat.handlers.clause import clause_of
from server.wechat.reply import Reply, Text
from server.wechat.turn import LATELY, Turn, listed, open_now, whole

NUMBER = re.compile(r"(?:选|第)?([1-9][0-9]?)(?:个|件|号)?[。.、]?")


def consultations(turn: Turn) -> Reply:
    """What can be spoken about now: a card for one, a numbered list for several."""
    found = open_now()
    if not found:
        return Text(words.nothing_open())
    if len(found) == 1:
        only = whole(found[0])
        turn.conversation.choose(only)
        return turn.card(only)
    turn.offer(found)
    return Text(words.choose(listed(found)))


def number_in(text: str) -> int | None:
    """The number somebody answers a list with: 2, ２, 第2个."""
    found = NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found.group(1)) if found else None


def lined_up(turn: Turn) -> list[str]:
    """The public ids of the list that was shown last, or that would be shown now."""
    return turn.conversation.offered or [one.public_id for one in open_now()]


def by_number(turn: Turn, number: int) -> Reply:
    """The second of the list; what waited to be placed is placed there."""
    conversation = turn.conversation
    offered = lined_up(turn)
    if number > len(offered):
        return Text(words.no_such_number(len(offered)))
    found = by_public_id(offered[number - 1])
    if found is None or not found.is_open():
        return consultations(turn)
    placing = turn.expecting == Expecting.PLACING
    conversation.choose(found)
    waiting = waiting_of(turn.resident, since=now() - LATELY) if placing else []
    if not waiting:
        return turn.card(found)
    receipts = [_place(turn, one, found) for one in waiting]
    return Text(words.placed(receipts, found.title, found.answer_due_on))


def _place(turn: Turn, unplaced: Unplaced, chosen: Consultation) -> str:
    """Make it a comment on what was chosen just now."""
    clause, _ = clause_of(chosen, unplaced.text)
    given = unplaced.place(turn.resident, chosen, clause)
    turn.conversation.comment = given.comment
    return given.receipt
