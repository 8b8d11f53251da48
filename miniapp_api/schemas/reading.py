"""Articles, topics, adoption reports and legal questions."""

from marshmallow import fields

from miniapp_api.schemas.base import Choice, Closed, PageQuery, PublicId
from miniapp_api.schemas.comments import Promise
from miniapp_api.schemas.consultations import OUTCOMES, After


class Topic(Closed):
    """What an article is about."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class TopicList(Closed):
    """All topics; there are few."""

    items = fields.List(fields.Nested(Topic), required=True)


class ArticleQuery(PageQuery):
    """Which articles."""

    topic = PublicId(load_default=None)


class ArticleLine(Closed):
    """An article as a line of a list."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    digest = fields.String(required=True)
    topic = fields.String(required=True, allow_none=True)
    published_at = fields.AwareDateTime(required=True)


class ArticleCorrection(Closed):
    """What was put right."""

    remark = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class ArticlePicture(Closed):
    """A picture inside an article."""

    url = fields.String(required=True, metadata={"description": "An address of this site."})
    caption = fields.String(required=True, metadata={"description": "What is to be seen."})


class ArticleBlock(Closed):
    """One piece of an article: heading, text, quote, bullets, numbers or picture."""

    kind = fields.String(required=True)
    text = fields.String(required=True)
    items = fields.List(fields.String(), required=True)
    picture = fields.Nested(ArticlePicture, required=True, allow_none=True)


class Article(ArticleLine):
    """An article whole: plain text, blank lines between paragraphs, 「## 」 before a heading."""

    body = fields.String(required=True, metadata={"description": "As it was typed."})
    blocks = fields.List(fields.Nested(ArticleBlock), required=True)
    basis = fields.String(required=True, metadata={"description": "The articles of law it rests on."})
    basis_on = fields.Date(required=True, allow_none=True)
    minutes = fields.Integer(required=True)
    corrections = fields.List(fields.Nested(ArticleCorrection), required=True)


class Counted(Closed):
    """A count with its name."""

    name = fields.String(required=True)
    count = fields.Integer(required=True)


class ReportLine(Closed):
    """An adoption report as a line of a list."""

    id = fields.String(required=True, metadata={"description": "The consultation's id."})
    title = fields.String(required=True)
    number = fields.String(required=True)
    released_at = fields.AwareDateTime(required=True)
    people = fields.Integer(required=True)
    texts = fields.Integer(required=True)
    points = fields.Integer(required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class CorrectedRelease(Closed):
    """What was put right after the release; the totals are those that stand now."""

    number = fields.String(required=True)
    released_at = fields.AwareDateTime(required=True)
    note = fields.String(required=True)


class Copies(Closed):
    """Texts that follow a template to the letter, and those that a clerk found to be an edited copy: each counts and is answered."""

    templates = fields.Integer(required=True)
    texts = fields.Integer(required=True)
    edited = fields.Integer(required=True)


class Groups(Closed):
    """Points that ask for the same and were put together: each counts."""

    groups = fields.Integer(required=True)
    points = fields.Integer(required=True)


class Part(Closed):
    """A row of a table of totals: its name, and its points by outcome."""

    name = fields.String(required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class MergedQuery(PageQuery):
    """Which lines of a report."""

    clause = PublicId(load_default=None, metadata={"description": "A clause's id; all lines when left out."})


class MergedLine(Closed):
    """A line of the report: points that are printed in the same words, or were put together and got the same answer, stand once.

    Each wording is among the points of GET /consultations/{id}/comments.
    """

    id = fields.String(required=True)
    points = fields.Integer(required=True)
    people = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Whose points they are; unknown of older reports."}
    )
    wordings = fields.Integer(required=True, metadata={"description": "In how many ways they are worded as shown."})
    serials = fields.String(required=True, metadata={"description": "The first few serials behind it, in words."})
    clause = fields.String(required=True)
    gist = fields.String(required=True)
    outcome = Choice(OUTCOMES, required=True)
    outcome_label = fields.String(required=True)
    reason = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "The writer's own words by consent; or empty."})
    name = fields.String(required=True)
    after = fields.String(required=True, metadata={"description": "The clause's new words; or empty."})
    later = fields.List(fields.Nested(After), required=True)


class AnswersDue(Closed):
    """A consultation whose answers are owed."""

    consultation = fields.String(required=True)
    title = fields.String(required=True)
    due_on = fields.Date(required=True)
    days_late = fields.Integer(required=True)


class LooksDue(Closed):
    """Second looks that are not back yet: how many, and how many of them are late."""

    in_hand = fields.Integer(required=True)
    late = fields.Integer(required=True)
    first_due_on = fields.Date(required=True, allow_none=True)


class PublicPromise(Promise):
    """A promise with the matter in whose answer it was given."""

    consultation = fields.String(required=True)
    title = fields.String(required=True)


class Clock(Closed):
    """What is owed to the public, and by when."""

    answers = fields.List(fields.Nested(AnswersDue), required=True)
    second_looks = fields.Nested(LooksDue, required=True)
    promises = fields.List(fields.Nested(PublicPromise), required=True)
    kept = fields.List(fields.Nested(PublicPromise), required=True, metadata={"description": "Kept lately."})


class Report(ReportLine):
    """An adoption report with its totals; its lines are GET /reports/{id}/lines, its points GET /consultations/{id}/comments."""

    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)
    corrections = fields.List(fields.Nested(CorrectedRelease), required=True)
    withdrawn = fields.Integer(required=True)
    signers = fields.Integer(required=True)
    channels = fields.List(fields.Nested(Counted), required=True)
    kinds = fields.List(fields.Nested(Counted), required=True)
    lines = fields.Integer(required=True)
    copies = fields.Nested(Copies, required=True)
    groups = fields.Nested(Groups, required=True)
    by_channel = fields.List(fields.Nested(Part), required=True)
    by_kind = fields.List(fields.Nested(Part), required=True)
    by_clause = fields.List(fields.Nested(Part), required=True)
