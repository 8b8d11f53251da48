"""A legal question: the next text is the question, and only counsel and the justice office see it."""

from models.decisions.consultation import Channel
from models.messages.conversation import Expecting
from models.messages.pace import not_too_fast
from models.questions.follow_up import ask_again, left
from models.questions.known import like
from models.questions.question import Question, mine
from server.wechat import words
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn


def ask(turn: Turn) -> Reply:
    """Invite the question."""
    turn.expect(Expecting.QUESTION)
    return Text(words.ask_now())


def asked(turn: Turn, text: str) -> Reply:
    """The question itself."""
    if not text.strip():
        return Text(words.empty())
    not_too_fast(turn.resident)
    question = Question.ask(turn.resident, text, channel=Channel.CHAT, key=turn.key)
    turn.expect(Expecting.NOTHING)
    received = words.question_received(
        question.due_on, turn.personal("question", public_id=question.public_id), turn.link("privacy")
    )
    known = [(one.question, turn.link("common_question", public_id=one.public_id)) for one in like(text, 2)]
    return Text(received + (words.known_already(known) if known else ""))


def follow_up(turn: Turn) -> Reply:
    """Once more about the last answer: the next text is it."""
    if _last_answered(turn) is None:
        return Text(words.nothing_to_follow_up())
    turn.expect(Expecting.FOLLOW_UP)
    return Text(words.follow_up_now())


def followed_up(turn: Turn, text: str) -> Reply:
    """What is asked once more."""
    if not text.strip():
        return Text(words.empty())
    question = _last_answered(turn)
    turn.expect(Expecting.NOTHING)
    if question is None:
        return Text(words.nothing_to_follow_up())
    made = ask_again(question, turn.resident, text, key=turn.key)
    return Text(words.followed_up(made.due_on, turn.personal("question", public_id=question.public_id)))


def _last_answered(turn: Turn) -> Question | None:
    """The newest question of this person that may still be asked about."""
    return next((one for one in mine(turn.resident, limit=5) if left(one)), None)


def cancel(turn: Turn) -> Reply:
    """Never mind."""
    waiting = turn.expecting != Expecting.NOTHING
    turn.expect(Expecting.NOTHING)
    return Text(words.cancelled() if waiting else words.nothing_to_cancel())
