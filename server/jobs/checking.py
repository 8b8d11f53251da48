"""Words that may be shown go through WeChat's content check before anybody decides about them."""

from flask import current_app
from sqlalchemy import select

from models.comments.comment import Comment
from models.comments.text_check import Suggestion, TextCheck, listed
from models.kernel.base import db
from models.kernel.refusal import Missing
from models.people.resident import Identity
from server.jobs.queue import Turn
from server.wire.account import Verdict


def check_text(turn: Turn) -> None:
    """One comment. Where WeChat cannot be asked, a person has to look: nothing passes by default."""
    number = int(turn.payload["comment"])
    mini = current_app.extensions["wire"].mini
    with turn.reading():
        comment = db.session.get_one(Comment, number)
        openid = None
        if mini is not None:
            openid = db.session.scalar(
                select(Identity.openid).where(
                    Identity.resident_id.in_(comment.resident.current.all_ids), Identity.appid == mini.appid
                )
            )
        try:
            text = comment.text
        except Missing:
            return
    verdict = mini.check_text(openid, text) if mini is not None and openid is not None else Verdict("review")
    with turn.transaction(last=True):
        TextCheck.keep(number, Suggestion(verdict.suggest), verdict.label, verdict.trace_id or "", listed(text))
