"""The front page: what is open and how long still, whether my answers have come, and where to learn and ask."""

from typing import Any

from flask import g, render_template

from models.comments.mine import answered_lately
from models.comments.release import improved, releases
from models.decisions.consultation import State, consultation_list
from models.kernel.lifecycle import office_rules
from models.outreach.article import article_list
from models.outreach.lecture import coming
from models.polls.poll import open_polls
from server.site.door import blueprint
from server.words import brief

FEW = 5


@blueprint.get("/")
def home() -> str:
    """The front page."""
    opened = list(consultation_list(State.OPEN, limit=FEW + 1))
    return render_template(
        "site/home.html",
        answers=answered_lately(g.resident) if g.resident else [],
        opened=opened[:FEW],
        more_opened=len(opened) > FEW,
        polls=open_polls(limit=3),
        lectures=coming(limit=3),
        waiting=list(consultation_list(State.CLOSED, limit=FEW)),
        reports=[
            {"public_id": row.consultation_id, "title": row.title, "sentence": in_short(row.totals)}
            for row in releases(limit=2)
        ],
        articles=[
            {"public_id": row.public_id, "title": row.title, "sentence": brief(row.digest, 40) or row.topic or ""}
            for row in article_list(limit=2)
        ],
        question_days=office_rules().number("question.answer_workdays").value,
    )


def in_short(totals: dict[str, Any]) -> str:
    """A report in one line."""
    points = totals["points"]
    return f"{points}条意见，采纳和部分采纳{improved(totals)}条" if points else "没有收到意见"
