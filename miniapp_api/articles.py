"""Legal-education articles."""

from typing import Any

from flask import Response
from sqlalchemy import select

from miniapp_api.answers import page, public
from miniapp_api.door import Door
from miniapp_api.paging import after_id, cut
from miniapp_api.schemas import reading as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.base import db
from models.kernel.refusal import Missing, RuleUnmet
from models.outreach.article import Article, ArticleStage, Topic, article_list, by_public_id, topics
from models.outreach.picture import pictures_of
from models.texts.article_text import Block, blocks

door = Door("articles", __name__, "/articles", "普法文章。")
topic_door = Door("topics", __name__, "/topics", "普法文章的主题。")


def _line(row: Any) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "title": row.title,
        "digest": row.digest,
        "topic": row.topic,
        "published_at": row.published_at,
    }


def _topic(public_id: str | None) -> Topic | None:
    if public_id is None:
        return None
    found = db.session.scalar(select(Topic).where(Topic.public_id == public_id))
    if found is None:
        raise RuleUnmet("没有这个主题。", {"topic": "没有这个主题。"})
    return found


@door.route("")
@door.arguments(schemas.ArticleQuery, location="query")
@door.response(200, page_of(schemas.ArticleLine))
def articles(asked: dict[str, Any]) -> Response:
    """Published articles, newest first."""
    rows = article_list(topic=_topic(asked["topic"]), after=after_id(Article, asked["after"]), limit=asked["limit"] + 1)
    shown, following = cut(rows, asked["limit"])
    return public(page(map(_line, shown), following))


@door.route("/<string(length=12):public_id>")
@door.response(200, schemas.Article)
def article(public_id: str) -> Response:
    """One published article whole."""
    found = by_public_id(public_id)
    if found is None or found.stage != ArticleStage.PUBLISHED:
        raise Missing("没有找到这篇文章，可能已经撤下。")
    return public(
        {
            "id": found.public_id,
            "title": found.title,
            "digest": found.digest,
            "topic": found.topic.name if found.topic else None,
            "published_at": found.published_at,
            "body": found.body,
            "blocks": [_block(found, one) for one in blocks(found.body)],
            "basis": found.basis,
            "basis_on": found.basis_on,
            "minutes": found.minutes,
            "corrections": [{"remark": one.remark, "made_at": one.made_at} for one in found.corrections],
        }
    )


def _block(found: Article, block: Block) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": block.kind, "text": block.words, "items": list(block.items), "picture": None}
    if block.kind == "picture":
        one = next((p for p in pictures_of(found) if p.number == block.picture), None)
        shown["picture"] = (
            {"url": f"/articles/{found.public_id}/pictures/{one.number}", "caption": one.caption} if one else None
        )
    return shown


@topic_door.route("")
@topic_door.response(200, schemas.TopicList)
def all_topics() -> Response:
    """All topics."""
    return public({"items": [{"id": one.public_id, "name": one.name} for one in topics()]}, seconds=300)
