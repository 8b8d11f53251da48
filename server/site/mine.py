"""My comments: each with its step, and once released with its outcome, its reason and what it changed."""

from dataclasses import dataclass, field

from flask import render_template

from models.comments.mine import counted
from models.comments.mine import mine as comments_of
from models.decisions.consultation import State
from models.proposals.proposal import mine as proposals_of
from server.site.door import PER_PAGE, after, blueprint, paged, personal, resident
from server.site.proposals import FEW, cards
from server.site.shown import Shown, shown_all
from server.words import date_plain


@dataclass
class Group:
    """My comments on one consultation."""

    title: str
    public_id: str
    note: str
    report: bool
    comments: list[Shown] = field(default_factory=list)


@blueprint.get("/mine")
@personal
def mine() -> str:
    """My comments, newest first, those on one matter together."""
    ids = resident().all_ids
    rows, page = paged(comments_of(ids, after=after(), limit=PER_PAGE + 1))
    groups: dict[int, Group] = {}
    for written, seen in zip(rows, shown_all(rows), strict=True):
        asked = written.consultation
        state = asked.state()
        if state == State.RELEASED:
            note = f"{date_plain(asked.released_at)}发布答复"
        elif state == State.OPEN:
            note = f"{date_plain(asked.closes_on)}截止"
        else:
            note = "已取消" if state == State.CANCELLED else "已截止，正在研究"
        group = groups.setdefault(asked.id, Group(asked.title, asked.public_id, note, state == State.RELEASED))
        group.comments.append(seen)
    total, answered = counted(ids)
    proposed = proposals_of(resident(), limit=FEW + 1)
    return render_template(
        "site/mine.html",
        groups=list(groups.values()),
        page=page,
        total=total,
        answered=answered,
        anonymous=resident().anonymous,
        proposals=[] if after() else cards(proposed[:FEW]),
        more_proposals=len(proposed) > FEW,
    )
