"""Pictures, voice and films: noted at once, fetched by a job before WeChat throws them away after three days."""

from models.comments.attach import attach, enclose
from models.comments.comment import MediaKind
from models.comments.receive import receive
from models.comments.unplaced import Unplaced
from models.decisions.consultation import Channel
from models.messages.conversation import Expecting
from models.messages.pace import not_too_fast
from server.wechat import words
from server.wechat.handlers.commenting import last_comment, matter, receipt_of
from server.wechat.reply import Reply, Text
from server.wechat.turn import Turn, listed, open_now

KINDS = {
    "image": MediaKind.PICTURE,
    "voice": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "shortvideo": MediaKind.VIDEO,
}


def sent(turn: Turn) -> Reply:
    """A file behind the last comment, or, with no comment before it, a comment of its own."""
    kind = KINDS[turn.incoming.kind]
    media_id = turn.incoming.field("MediaId")
    if not media_id or len(media_id) > 128:
        return Text(words.not_text())
    if turn.expecting in (Expecting.QUESTION, Expecting.FOLLOW_UP):
        return Text(words.question_in_words())
    not_too_fast(turn.resident)
    chosen = matter(turn)
    if chosen is None:
        found = open_now()
        kept = Unplaced.keep(turn.resident, "")
        enclose(kept, turn.resident, kind, turn.incoming.appid, media_id)
        if found:
            turn.offer(found, Expecting.PLACING)
        return Text(words.unplaced(kept.receipt, listed(found), turn.office.phone))
    before = last_comment(turn)
    if before is not None:
        attach(before, turn.resident, kind, turn.incoming.appid, media_id)
        return Text(words.media_received(receipt_of(before), kind.label, with_comment=True, due=chosen.answer_due_on))
    given = receive(chosen, turn.resident, "", channel=Channel.CHAT, key=turn.key, even_empty=True)
    turn.conversation.comment = given.comment
    attach(given.comment, turn.resident, kind, turn.incoming.appid, media_id)
    return Text(words.media_received(given.receipt, kind.label, with_comment=False, due=chosen.answer_due_on))


def unreadable(turn: Turn) -> Reply:
    """A place, a link: we say that we cannot read it."""
    return Text(words.not_text())
