"""What many ask about: the next article writes itself, and the handler of a decision learns that people wonder."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from models.decisions.decision import CaseStage, Decision
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.lifecycle import office_rules
from models.outreach.article import Article, ArticleStage, Topic
from models.people.officer import Officer
from models.questions.question import Question


def topics_asked_for() -> list[tuple[Topic, int]]:
    """Topics that were asked about so often lately that an article is due; none where one has come out since."""
    rules = office_rules()
    since = now() - timedelta(days=rules.number("question.repeat_days").value)
    written = select(Article.topic_id).where(
        Article.stage == ArticleStage.PUBLISHED, Article.published_at >= since, Article.topic_id.is_not(None)
    )
    number = func.count(Question.id)
    rows: Sequence[Any] = db.session.execute(
        select(Question.topic_id, number)
        .where(Question.asked_at >= since, Question.topic_id.is_not(None), Question.topic_id.not_in(written))
        .group_by(Question.topic_id)
        .having(number >= rules.number("question.repeats").value)
        .order_by(number.desc(), Question.topic_id)
    ).all()
    return [(db.session.get_one(Topic, topic), count) for topic, count in rows]


def wondering(officer: Officer) -> list[tuple[Decision, int]]:
    """This handler's cases about which people ask the law, and how many do; never who or what."""
    rules = office_rules()
    since = now() - timedelta(days=rules.number("question.repeat_days").value)
    number = func.count(Question.id)
    rows: Sequence[Any] = db.session.execute(
        select(Decision.id, number)
        .join(Question, Question.decision_id == Decision.id)
        .where(Question.asked_at >= since, Decision.handler_id == officer.id, Decision.stage != CaseStage.ARCHIVED)
        .group_by(Decision.id)
        .having(number >= rules.number("question.repeats").value)
    ).all()
    return [(db.session.get_one(Decision, case), count) for case, count in rows]
