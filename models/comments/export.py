"""Everything that was said on a consultation, taken out by an officer as one file: who took it and how much stays in the trail."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from models.comments.comment import Comment
from models.comments.filed import every_comment
from models.decisions.consultation import Channel, Consultation, Stage
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import Trace, note
from models.people.officer import Officer
from models.people.place import Place

MINUTES = 10
"""How long after the deed the file may be fetched."""


@act(
    Stage.PUBLISHED,
    Stage.CONCLUDED,
    by=ruled("comment.export"),
    label="",
    say="导出了收到的意见：{what}，{number}份",
    of=Consultation,
)
def export_said(
    consultation: Consultation, officer: Officer, *, channel: Channel | None = None, place: Place | None = None
) -> int:
    """The deed; the file is made afterwards, so that nobody waits for it who wants to say something."""
    query = select(func.count()).select_from(Comment).where(Comment.consultation_id == consultation.id)
    if channel is not None:
        query = query.where(Comment.channel == channel)
    if place is not None:
        query = query.where(Comment.place_id == place.id)
    number = db.session.scalar(query) or 0
    if not number:
        raise RuleUnmet("没有这样的意见，没有可以导出的。")
    words = "、".join(filter(None, (channel.label if channel else "", place.name if place else ""))) or "全部"
    note(number=number, what=words, channel=channel.value if channel else "", place=place.public_id if place else "")
    return number


def may_fetch(consultation: Consultation, officer: Officer, channel: str, place: str) -> bool:
    """Whether this officer did the deed for just this choice a moment ago."""
    rows = db.session.scalars(
        select(Trace)
        .where(
            Trace.subject_kind == "Consultation",
            Trace.subject_id == consultation.id,
            Trace.verb == "export_said",
            Trace.actor_ref == officer.actor_ref,
        )
        .order_by(Trace.id.desc())
        .limit(20)
    )
    after = wall() - timedelta(minutes=MINUTES)
    return any(
        row.wall_at >= after and (row.detail.get("channel"), row.detail.get("place")) == (channel, place)
        for row in rows
    )


def exported(consultation: Consultation, *, channel: str = "", place: str = "") -> Iterator[Mapping[str, Any]]:
    """Each comment with what was added, heard and answered, as the case file has it; a page at a time."""
    for row in every_comment(consultation):
        if (not channel or row["channel"] == channel) and (not place or row["place"] == place):
            yield row
