"""Learning the law: articles by topic, each with the articles of law it rests on."""

from collections.abc import Iterator

from flask import render_template, request
from markupsafe import Markup, escape

from models.kernel.refusal import Missing
from models.outreach.article import Article, ArticleStage, article_list, by_public_id, topics
from server.site.door import PER_PAGE, after, blueprint, paged
from server.words import date_plain


@blueprint.get("/articles")
def articles() -> str:
    """Published articles, newest first, of one topic or of all."""
    known = topics()
    topic = next((t for t in known if t.public_id == request.args.get("topic")), None)
    rows, page = paged(article_list(topic=topic, after=after(), limit=PER_PAGE + 1))
    return render_template(
        "site/articles.html",
        topics=known,
        topic=topic.public_id if topic else "",
        page=page,
        rows=[
            {
                "public_id": row.public_id,
                "title": row.title,
                "sentence": "，".join(part for part in (date_plain(row.published_at), row.topic) if part),
            }
            for row in rows
        ],
    )


@blueprint.get("/articles/<public_id>")
def article(public_id: str) -> str:
    """One article; a withdrawn one says so and why."""
    found = by_public_id(public_id)
    if found is None or found.stage not in (ArticleStage.PUBLISHED, ArticleStage.WITHDRAWN):
        raise Missing("没有找到这篇文章。")
    return render_template(
        "site/article.html", article=found, body=set_out(found), withdrawn=found.stage == ArticleStage.WITHDRAWN
    )


def set_out(found: Article) -> Markup:
    """The plain text of an article as paragraphs and headings; nothing in it can be markup."""
    return Markup("").join(_blocks(found.body))


def _blocks(text: str) -> Iterator[Markup]:
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.strip()
        if words.startswith("## "):
            yield Markup("<h2>{}</h2>").format(words[3:])
        elif words.startswith("> "):
            yield Markup("<blockquote><p>{}</p></blockquote>").format(words[2:])
        elif words:
            yield Markup("<p>") + escape(words) + Markup("</p>")
