"""Learning the law: articles by topic, each with the articles of law it rests on."""

from collections.abc import Mapping

from flask import Response, g, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from models.kernel.refusal import Missing
from models.outreach.article import Article, ArticleStage, article_list, by_public_id, topics
from models.outreach.campaign import CampaignStage
from models.outreach.campaign import by_public_id as campaign_of
from models.outreach.campaign_read import opened
from models.outreach.picture import Picture, picture_of, pictures_of
from models.texts.article_text import Block, blocks
from server.house import writes
from server.site.door import PER_PAGE, after, blueprint, go, paged
from server.site.following import wish_for
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
        "site/article.html",
        article=found,
        body=set_out(found),
        withdrawn=found.stage == ArticleStage.WITHDRAWN,
        wish=wish_for(found.topic),
    )


@blueprint.get("/go/<public_id>")
@writes
def came(public_id: str) -> Answer:
    """From a message to its article: one opening more, whoever it was. What only asks for the head is no reader."""
    campaign = campaign_of(public_id)
    if campaign is None:
        raise Missing("没有找到这篇文章。")
    if campaign.stage in (CampaignStage.STARTED, CampaignStage.STOPPED) and request.method == "GET":
        opened(campaign, g.resident)
    return go("site.article", public_id=campaign.article.public_id)


def set_out(found: Article) -> Markup:
    """The typed text of an article as HTML; nothing in it can be markup."""
    shown = {one.number: one for one in pictures_of(found)}
    return Markup("").join(_set(block, found, shown) for block in blocks(found.body))


def _set(block: Block, found: Article, shown: Mapping[int, Picture]) -> Markup:
    if block.kind == "heading":
        return Markup("<h2>{}</h2>").format(block.words)
    if block.kind == "quote":
        return Markup("<blockquote><p>{}</p></blockquote>").format(block.words)
    if block.kind in ("bullets", "numbers"):
        tag = Markup("ul") if block.kind == "bullets" else Markup("ol")
        items = Markup("").join(Markup("<li>{}</li>").format(item) for item in block.items)
        return Markup('<{} class="listed">{}</{}>').format(tag, items, tag)
    if block.kind == "picture":
        one = shown.get(block.picture)
        if one is None:
            return Markup("")
        where = url_for("site.article_picture", public_id=found.public_id, number=one.number)
        return Markup(
            '<figure><img src="{}" alt="{}" loading="lazy"><figcaption class="quiet">{}</figcaption></figure>'
        ).format(where, one.caption, block.words or one.caption)
    return Markup("<p>{}</p>").format(block.words)


@blueprint.get("/articles/<public_id>/pictures/<int:number>")
def article_picture(public_id: str, number: int) -> Response:
    """A picture of a published article."""
    found = by_public_id(public_id)
    if found is None or found.stage != ArticleStage.PUBLISHED:
        raise Missing("没有找到这张图。")
    one = picture_of(found, number)
    return Response(one.data, mimetype=one.mime)
