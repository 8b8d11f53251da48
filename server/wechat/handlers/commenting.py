"""A text in the chat is taken first and asked about afterwards, so that nobody who never answers is lost."""

from models.comments.comment import Comment
from models.comments.mine import counted
from models.comments.receipt import Receipt
from models.comments.receive import receive
from models.comments.unplaced import Unplaced, latest_of
from models.decisions.consultation import Channel, Consultation
from models.kernel.clock import now
from models.kernel.refusal import Missing
from models.messages.conversation import Expecting
from models.messages.pace import not_too_fast
from server.wechat import words
from server.wechat.handlers.clause import clause_of
from server.wechat.reply import Reply, Text
from server.wechat.turn import LATELY, Turn, listed, open_now, whole


def matter(turn: Turn) -> Consultation | None:
    """What is spoken about: the one chosen lately, or the only one there is."""
    conversation = turn.conversation
    chosen = conversation.chosen
    if chosen is not None:
        return chosen
    found = open_now()
    if len(found) != 1:
        return None
    only = whole(found[0])
    conversation.choose(only)
    return only


def last_comment(turn: Turn) -> Comment | None:
    """The comment that what follows would be added to."""
    comment = turn.conversation.comment
    return None if comment is None or comment.withdrawn else comment


def receipt_of(comment: Comment) -> str:
    """A comment's number; every comment has one."""
    found = Receipt.of(comment)
    if found is None:
        raise Missing(words.no_such_receipt())
    return found.number


def said(turn: Turn) -> Reply:
    """Somebody says something that is no command."""
    if not turn.text.strip():
        return Text(words.empty())
    not_too_fast(turn.resident)
    chosen = matter(turn)
    if chosen is None:
        return _keep(turn)
    clause, missing = clause_of(chosen, turn.text)
    before = last_comment(turn)
    if before is not None and not missing and (clause is None or clause.id == before.clause_id):
        before.add(turn.resident, turn.text, Channel.CHAT)
        turn.conversation.touched_at = now()
        return Text(words.supplement_received(receipt_of(before), len(before.supplements)) + _elsewhere(turn))
    given = receive(chosen, turn.resident, turn.text, channel=Channel.CHAT, clause=clause, key=turn.key)
    turn.conversation.comment = given.comment
    turn.conversation.touched_at = now()
    return Text(
        words.comment_received(
            given.receipt,
            title=chosen.title,
            clause=clause.name if clause else "",
            due=chosen.answer_due_on,
            privacy=turn.link("privacy") if counted(turn.resident.all_ids)[0] == 1 else "",
            draft_has_no=missing,
        )
        + _elsewhere(turn)
    )


def _elsewhere(turn: Turn) -> str:
    return words.elsewhere(turn.text, turn.office.phone)


def _keep(turn: Turn) -> Reply:
    """It could be about several matters, or about none."""
    found = open_now()
    kept = Unplaced.keep(turn.resident, turn.text)
    if found:
        turn.offer(found, Expecting.PLACING)
    return Text(words.unplaced(kept.receipt, listed(found), turn.office.phone) + (_elsewhere(turn) if found else ""))


def another(turn: Turn) -> Reply:
    """What comes next is a comment of its own."""
    chosen = matter(turn)
    if chosen is None:
        found = open_now()
        if not found:
            return Text(words.nothing_open())
        turn.offer(found)
        return Text(words.choose(listed(found)))
    turn.conversation.comment = None
    return Text(words.new_comment(chosen.title))


def supplement(turn: Turn) -> Reply:
    """What comes next is added to the last comment, as it would be anyway."""
    before = last_comment(turn) if turn.conversation.chosen is not None else None
    return Text(words.supplement_next(receipt_of(before)) if before else words.nothing_to_supplement())


def withdraw(turn: Turn) -> Reply:
    """Take back what was said last."""
    waiting, before = latest_of(turn.resident), last_comment(turn)
    if waiting is not None and now() - waiting.received_at <= LATELY and not _later(before, waiting):
        receipt = waiting.receipt
        waiting.set_aside(turn.resident, "本人撤回")
        turn.conversation.expecting = Expecting.NOTHING
        return Text(words.withdrawn(receipt))
    if before is None:
        return Text(words.nothing_to_withdraw())
    before.withdraw(turn.resident)
    turn.conversation.comment = None
    return Text(words.withdrawn(receipt_of(before)))


def _later(comment: Comment | None, waiting: Unplaced) -> bool:
    """Whether the comment, or what was added to it, was said after what waits to be placed."""
    return comment is not None and max([comment.received_at, *(s.received_at for s in comment.supplements)]) > (
        waiting.received_at
    )


def withdraw_by_number(turn: Turn, receipt: Receipt) -> Reply:
    """Take back the comment of this number; nobody else learns that there is one."""
    if receipt.comment is None:
        raise Missing(words.no_such_receipt())
    receipt.comment.withdraw(turn.resident)
    if turn.conversation.comment_id == receipt.comment_id:
        turn.conversation.comment = None
    return Text(words.withdrawn(receipt.number))
