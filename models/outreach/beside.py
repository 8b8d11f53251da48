"""What the law says, beside a clause: an article that stands there for whoever reads the draft."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from models.decisions.draft import Clause
from models.kernel.base import Base, db
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage
from models.people.officer import Officer


class Beside(Base):
    """One article beside one clause of one version of a draft."""

    __tablename__ = "beside"
    __table_args__ = (UniqueConstraint("clause_id", "article_id"),)

    clause_id: Mapped[int] = mapped_column(ForeignKey("clause.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)


@act(ArticleStage.PUBLISHED, by=ruled("article.put_beside"), label="", say="放到条款旁边：{clause}", of=Article)
def put_beside(article: Article, officer: Officer, clause: Clause) -> None:
    """From now on readers of the draft find it there."""
    there = db.session.scalar(select(Beside.id).where(Beside.clause_id == clause.id, Beside.article_id == article.id))
    if there is not None:
        raise RuleUnmet("这篇文章已经放在这一条旁边了。", {"clause": "已经放在这一条旁边了。"})
    db.session.add(Beside(clause_id=clause.id, article_id=article.id))
    note(clause=clause.label or str(clause.position))


@act(by=ruled("article.put_beside"), label="", say="从条款旁边拿走：{clause}", of=Article)
def take_away(article: Article, officer: Officer, clause: Clause) -> None:
    """It did not belong there."""
    db.session.execute(delete(Beside).where(Beside.clause_id == clause.id, Beside.article_id == article.id))
    note(clause=clause.label or str(clause.position))


def beside(draft_id: int | None) -> dict[int, list[Any]]:
    """By the clause's position: rows (public_id, title) of published articles; one query for a whole draft."""
    found: dict[int, list[Any]] = {}
    if draft_id is None:
        return found
    for row in db.session.execute(
        select(Clause.position, Article.public_id, Article.title)
        .select_from(Beside)
        .join(Clause, Clause.id == Beside.clause_id)
        .join(Article, Article.id == Beside.article_id)
        .where(Clause.draft_id == draft_id, Article.stage == ArticleStage.PUBLISHED)
        .order_by(Beside.id)
    ):
        found.setdefault(row.position, []).append(row)
    return found


def stands_beside(article: Article) -> Sequence[Clause]:
    """The clauses that an article stands beside."""
    return (
        db.session.scalars(
            select(Clause).join(Beside, Beside.clause_id == Clause.id).where(Beside.article_id == article.id)
        )
        .unique()
        .all()
    )
