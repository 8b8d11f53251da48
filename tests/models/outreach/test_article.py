"""A legal-education article is read by a second person before anybody else, and corrected in the open."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models.kernel.base import db
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.outreach.article import Article, ArticleStage, article_list, topics

pytestmark = pytest.mark.both_engines


def an_article(people: Any, **more: Any) -> Article:
    """A draft that lacks nothing."""
    told = {
        "title": "租摊位前先看清这五处",
        "digest": "合同里哪几句话最要紧。",
        "body": "## 一、租期\n写清起止日期。",
        "basis": "民法典第七百零五条",
        "basis_on": date(2021, 1, 1),
        "topic": topics()[0],
    }
    made: Article = Article.draft_new(people["linxiao"], **(told | more))
    return made


def test_it_goes_out_only_after_another_person_has_read_it(people: Any) -> None:
    article = an_article(people)
    article.submit(people["linxiao"])
    with pytest.raises(OutOfTurn):
        article.publish(people["linxiao"])
    with pytest.raises(NotAllowed):
        article.review(people["linxiao"])
    article.review(people["luojing"])
    article.publish(people["linxiao"])
    db.session.flush()
    assert [row.title for row in article_list()] == ["租摊位前先看清这五处"]
    assert list(article_list(topic=topics()[1])) == []


def test_without_the_article_of_law_it_is_not_passed(people: Any) -> None:
    article = an_article(people, basis="")
    article.submit(people["linxiao"])
    with pytest.raises(RuleUnmet) as unmet:
        article.review(people["luojing"])
    assert "第五十四条" in unmet.value.article


def test_corrections_are_visible_and_withdrawal_takes_it_from_the_list(people: Any) -> None:
    article = an_article(people)
    article.submit(people["linxiao"])
    article.review(people["luojing"])
    article.publish(people["linxiao"])
    article.correct(people["luojing"], "把「七百零四条」改正为「七百零五条」。", basis="民法典第七百零五条")
    assert [c.remark for c in article.corrections] == ["把「七百零四条」改正为「七百零五条」。"]
    article.withdraw(people["luojing"], "法律修改，重写。")
    db.session.flush()
    assert article.stage == ArticleStage.WITHDRAWN
    assert list(article_list()) == []


def test_it_is_pushed_once(people: Any) -> None:
    article = an_article(people)
    article.submit(people["linxiao"])
    article.review(people["luojing"])
    with pytest.raises(OutOfTurn):
        article.broadcast(people["zhoumin"])
    article.publish(people["linxiao"])
    article.broadcast(people["zhoumin"], topics()[0])
    with pytest.raises(RuleUnmet, match="重复"):
        article.broadcast(people["zhoumin"])


def test_the_database_refuses_a_review_by_the_author(people: Any) -> None:
    article = an_article(people)
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(
            text("UPDATE article SET stage = 'reviewed', reviewer_id = author_id WHERE id = :n"), {"n": article.id}
        )
