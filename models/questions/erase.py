"""A question is deleted because the person wishes it, or because its time is over: no word of it is left, only that it was."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.lifecycle import office_rules, step, system
from models.people.resident import Resident
from models.questions.follow_up import thread
from models.questions.hand_over import HandOver
from models.questions.question import SETTLED, WAITING, Question, QuestionStage, oneself


@step(*WAITING, *SETTLED, to=QuestionStage.ERASED, by=oneself, label="", say="本人删除了这条咨询", of=Question)
def erase(question: Question, resident: Resident) -> None:
    """What was asked and answered is emptied; hours, dates and who had it in hand stay for the village's volume."""
    _empty(question)


@step(*SETTLED, to=QuestionStage.ERASED, by=system, label="", say="保存期满，删除了内容", of=Question)
def expire(question: Question, actor: Any) -> None:
    """The days for which the privacy text promised to keep it are over."""
    _empty(question)


def _empty(question: Question) -> None:
    asked_again = thread(question)
    slips = db.session.scalars(select(HandOver).where(HandOver.question_id == question.id)).unique().all()
    question.sealed_text, question.sealed_answer, question.key_hash = b"", None, None
    for one in asked_again:
        one.sealed_text = b""
        one.sealed_answer = b"" if one.sealed_answer is not None else None
    for made in slips:
        made.sealed_words = b""


def over(limit: int = 50) -> list[Question]:
    """What was settled so long ago that it may not be kept any more."""
    days = office_rules().number("question.keep_days").value
    rows = db.session.scalars(
        select(Question)
        .where(Question.stage.in_(SETTLED), Question.answered_at < now() - timedelta(days=days))
        .order_by(Question.id)
        .limit(limit)
    )
    return list(rows.unique())
