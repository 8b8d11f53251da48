"""A legal question: the next text is the question, and only counsel and the justice office see it."""

from models.decisions.consultation import Channel
from models.messages.conversation import Expecting
from models.messages.pace import not_too_fast
from models.questions.question import Question
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
    return Text(
        words.question_received(
            question.due_on, turn.personal("question", public_id=question.public_id), turn.link("privacy")
        )
    )


def cancel(turn: Turn) -> Reply:
    """Never mind."""
    waiting = turn.expecting != Expecting.NOTHING
    turn.expect(Expecting.NOTHING)
    return Text(words.cancelled() if waiting else words.nothing_to_cancel())
