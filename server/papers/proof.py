"""The proof that a case's trail belongs to the heads that were made public: its rows, its links, and the days that cover them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from models.kernel import heads
from models.kernel.base import db
from models.kernel.trail import Trace, TraceLink, canonical, row_fields, tip

PAGE = 500


@dataclass(frozen=True)
class Proof:
    """A stretch of a chain: from the head after which it begins to its tip."""

    chain: str
    after: int
    after_head: str
    position: int
    head: str
    rows: int
    waiting: int
    """Rows that are written and not yet linked: there with their MAC, after the tip."""
    days: list[dict[str, Any]]

    @property
    def published(self) -> int:
        """How far the published days cover the chain."""
        return max((day["position"] for day in self.days), default=0)

    def document(self) -> bytes:
        """heads.json."""
        told = {
            "form": "huiyin-casefile-proof-1",
            "chain": self.chain,
            "after": {"position": self.after, "head": self.after_head},
            "tip": {"position": self.position, "head": self.head},
            "waiting": self.waiting,
            "published": self.published,
            "days": self.days,
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def proof_of(chain: str, after: int, after_head: str) -> Proof:
    """What the proof of a chain says, counted before the rows are written."""
    position, head = tip(chain)
    total = db.session.scalar(select(func.count()).where(Trace.chain == chain)) or 0
    waiting = (
        db.session.scalar(
            select(func.count())
            .select_from(Trace)
            .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
            .where(Trace.chain == chain, TraceLink.id.is_(None))
        )
        or 0
    )
    return Proof(chain, after, after_head, position, head.hex(), total - after, waiting, list(_days(chain)))


def _days(chain: str) -> Iterator[dict[str, Any]]:
    """The days in which the chain moved, each as it was made public."""
    for row in heads.every():
        told = row.heads.get(chain)
        if told is not None and told["position"]:
            yield {"position": told["position"], "head": told["head"], "day": heads.public(row)}


def rows_of(proof: Proof) -> Iterator[dict[str, Any]]:
    """Each row with its place, in their order; then those that wait for one. A page at a time, and no page stays."""
    after = proof.after
    while page := db.session.execute(
        select(*_columns())
        .join(TraceLink, TraceLink.trace_id == Trace.id)
        .where(TraceLink.chain == proof.chain, TraceLink.position > after)
        .order_by(TraceLink.position)
        .limit(PAGE)
    ).all():
        for row in page:
            yield _row(row, row.position, row.link_head, row.link_mac)
        after = page[-1].position
    last = 0
    while page := db.session.execute(
        select(*_columns(linked=False))
        .outerjoin(TraceLink, TraceLink.trace_id == Trace.id)
        .where(Trace.chain == proof.chain, TraceLink.id.is_(None), Trace.id > last)
        .order_by(Trace.id)
        .limit(PAGE)
    ).all():
        for row in page:
            yield _row(row, None, b"", b"")
        last = page[-1].id


def _columns(*, linked: bool = True) -> list[Any]:
    columns: list[Any] = [column for column in Trace.__table__.columns if column.name != "mac"]
    columns.append(Trace.mac.label("mac"))
    if linked:
        columns += [TraceLink.position, TraceLink.head.label("link_head"), TraceLink.mac.label("link_mac")]
    return columns


def _row(row: Any, position: int | None, head: bytes, mac: bytes) -> dict[str, Any]:
    return {
        "position": position,
        "row": json.loads(canonical(row_fields(row))),
        "mac": row.mac.hex(),
        "head": head.hex(),
        "link_mac": mac.hex(),
    }
