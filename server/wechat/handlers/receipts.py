"""Somebody asks by number how far a comment has come."""

import re
import unicodedata
from datetime import timedelta

from models.comments.comment import progress
from models.comments.receipt import Receipt
from models.kernel.clock import wall
from models.kernel.ids import receipt_fits
from models.kernel.refusal import TooOften
from models.kernel.sealed import blind
from models.messages.heard import Heard
from server.wechat import words
from server.wechat.handlers.commenting import withdraw_by_number
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn

AN_HOUR = timedelta(hours=1)
TRIES = 10
"""Numbers one person may ask for in an hour; the check digit already catches wrong typing."""
DIGITS = re.compile(r"(?:编号|查询|查)?[:：]?((?:[0-9][\s.\-—]*){8})")
SHORT = 30
"""A longer text is what somebody has to say, whatever numbers are in it."""
ABOUT = re.compile(r"编号|回执|查|进度|到哪|怎么样了|有没有答复|答复了吗|有结果")
INSIDE = re.compile(r"(?<![0-9])((?:[0-9][ \-—]?){7}[0-9])(?![0-9])")
TAKE_BACK = re.compile(r"(?:我[要想])?(?:撤回|撤销)\s*(?:编号)?\s*[:：]?\s*((?:[0-9][\s.\-—]*){8})")


def _digits(found: re.Match[str] | None) -> str | None:
    return re.sub(r"\D", "", found.group(1)) if found else None


def number_in(text: str) -> str | None:
    """Eight digits, however they are spaced: 726 318 45, ７２６３１８４５, 编号72631845; or a number of ours in a short question about it."""
    said = unicodedata.normalize("NFKC", text).strip()
    alone = _digits(DIGITS.fullmatch(said))
    if alone is not None or len(said) > SHORT or not ABOUT.search(said):
        return alone
    inside = _digits(INSIDE.search(said))
    return inside if inside is not None and receipt_fits(inside) else None


def number_to_take_back(text: str) -> str | None:
    """「撤回 72631845」."""
    return _digits(TAKE_BACK.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def _not_too_often(turn: Turn) -> None:
    """Counted among what was heard, so that every worker process counts together."""
    kind = f"receipt:{blind(turn.identity.openid, 'receipt tries').hex()[:24]}"
    if Heard.how_many(kind, since=wall() - AN_HOUR) >= TRIES:
        raise TooOften(words.too_often(), int(AN_HOUR.total_seconds()))
    turn.kind = kind


def status(turn: Turn, number: str) -> Reply:
    """Where it stands, in words; what was written is not said, since whoever holds the number may not be the writer."""
    _not_too_often(turn)
    found = Receipt.find(number) if receipt_fits(number) else None
    if found is None:
        return Text(words.no_such_receipt())
    if found.question is not None:
        return Text(words.question_progress(number, found.question.stage.label, turn.link("receipt_lookup")))
    if found.comment is None:
        return Text(words.waiting_to_be_placed(number))
    comment = found.comment
    stand = progress(comment)
    own = comment.resident.current.id == turn.resident.id
    link = turn.personal("comment", public_id=comment.public_id) if own else turn.link("receipt_lookup")
    return Text(words.progress(number, comment.consultation.title, stand.words, stand.due, link))


def take_back(turn: Turn, number: str) -> Reply:
    """Take back the comment of this number, if it is one's own."""
    _not_too_often(turn)
    found = Receipt.find(number) if receipt_fits(number) else None
    return Text(words.no_such_receipt()) if found is None else withdraw_by_number(turn, found)
