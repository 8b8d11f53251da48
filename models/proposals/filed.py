"""What the case file holds of the proposals that a case began with: what was asked for, and what the proposer was told."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from models.decisions.casefile import PRIVACY, Item, Sheet, contents
from models.decisions.decision import Decision
from models.decisions.filed import chinese
from models.decisions.listing import listing_of
from models.decisions.material import Publicity
from models.kernel.base import db
from models.kernel.clock import local
from models.people.officer import Officer
from models.proposals.proposal import Proposal


@contents("start")
def _proposed(decision: Decision) -> Iterator[Item]:
    """Each proposal that became this case, or the matter of the catalogue that the case is; who it was is not told (条例第十条)."""
    listed = listing_of(decision)
    became = [Proposal.decision_id == decision.id]
    if listed is not None and listed.item is not None:
        became.append(Proposal.item_origin == listed.item.origin)
    found = db.session.scalars(
        select(Proposal)
        .where(or_(*became))
        .options(joinedload(Proposal.author), joinedload(Proposal.approver), joinedload(Proposal.place))
        .order_by(Proposal.id)
    )
    for one in found.unique():
        lines = [
            ("编号", one.number),
            ("谁提的", "，".join(filter(None, (one.proposer.label, one.organisation, one.reference)))),
            ("从哪里来", "，".join(filter(None, (one.channel.label, one.place.name if one.place else "")))),
            ("收到", chinese(one.received_at)),
            ("请街道决定什么", one.title),
            ("理由和做法", one.text),
            ("研究的结果", one.outcome.label if one.outcome else "正在研究"),
            ("答复", one.answer),
            ("研究", _name(one.author)),
            ("审核", _name(one.approver)),
            ("答复本人", chinese(one.answered_at) if one.answered_at else "还没有答复"),
        ]
        yield Item(
            f"决策建议：{one.number}",
            local(one.received_at).date(),
            Sheet([(name, words) for name, words in lines if words], one.number),
            Publicity.CLOSED,
            PRIVACY,
            who=one.proposer.label,
            number=one.number,
            key=f"proposal:{one.public_id}",
        )


def _name(who: Officer | None) -> str:
    return who.name if who else ""
