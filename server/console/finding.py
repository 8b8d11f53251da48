"""The search box: by receipt, by public number, by title; what a caller on the telephone asks about."""

from typing import Any

from flask import g, render_template, request
from sqlalchemy import select

from models.comments.comment import Comment
from models.comments.point import Point
from models.comments.receipt import Receipt
from models.comments.saying import by_serial
from models.decisions.consultation import Consultation, Stage
from models.kernel.base import db
from server.console.door import blueprint, desk
from server.console.nav import ANSWERING, CONSULTATIONS, DRAFTS, INTAKE


@blueprint.get("/desk/find")
@desk(*CONSULTATIONS.posts)
def find_anything() -> str:
    """A receipt finds one comment; a number finds one in each consultation; words find titles."""
    asked = " ".join(request.args.get("q", "").replace("\x00", "").split())[:60]
    digits = "".join(ch for ch in asked if ch in "0123456789")
    only_digits = bool(digits) and not asked.strip("0123456789 -号第")
    comments: list[dict[str, Any]] = []
    receipt = Receipt.find(asked) if only_digits and len(digits) == 8 else None
    if receipt is not None and receipt.comment is not None:
        comments = [_comment(receipt.comment)]
    elif only_digits and len(digits) <= 6:
        comments = [_comment(c) for c in by_serial(int(digits))]
    return render_template(
        "console/find.html",
        seeking=asked,
        comments=comments,
        matters=_matters(asked) if asked else [],
        waiting=receipt is not None and receipt.comment is None,
        Stage=Stage,
        may_serve=g.officer.has(*INTAKE),
    )


def _matters(asked: str) -> list[Consultation]:
    escaped = asked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    query = (
        select(Consultation)
        .where(
            Consultation.title.like(f"%{escaped}%", escape="\\") | Consultation.number.like(f"%{escaped}%", escape="\\")
        )
        .order_by(Consultation.id.desc())
        .limit(30)
    )
    if not g.officer.has(*DRAFTS.posts):
        query = query.where(Consultation.published_at.is_not(None))
    return list(db.session.scalars(query))


def _comment(comment: Comment) -> dict[str, Any]:
    point = db.session.scalar(select(Point).where(Point.comment_id == comment.id).order_by(Point.number).limit(1))
    link = ""
    if point is not None and g.officer.has(*ANSWERING.posts) and not comment.withdrawn:
        link = f"/desk/answering/{comment.consultation.public_id}?stage=all&p={point.public_id}"
    return {
        "comment": comment,
        "matter": comment.consultation,
        "progress": comment.progress,
        "link": link,
        "point": point,
    }
