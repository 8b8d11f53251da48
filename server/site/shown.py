"""A resident's comment as its writer sees it: what was said, how far it has come, what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models.comments.amendment import AmendmentKind, amended
from models.comments.change import Now, read_now
from models.comments.comment import Comment, progress
from models.comments.mine import answers
from models.comments.point import Outcome, PointStage, SubReason
from models.comments.receipt import numbers
from models.decisions.consultation import State
from models.kernel.clock import local
from models.texts.clauses import Piece, body
from models.texts.diff import changes
from server.words import date_plain

AROUND = 18
"""Characters kept before and after a change; the whole clause is on the notice."""

Ops = list[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """What became of a clause."""

    label: str
    before: Ops
    now: Ops
    now_label: str = ""
    """Its number in the newest version, where that is another one."""
    removed: bool = False
    """The newest version no longer has it."""
    proposed: bool = False
    """No version has these words yet: they are the answer's own."""


@dataclass(frozen=True)
class After:
    """What was said about an answer after its release: a correction with its outcome and note, or a supplement."""

    kind: AmendmentKind
    outcome: Outcome | None
    text: str
    remark: str
    on: date
    number: str
    author: str
    approver: str


@dataclass(frozen=True)
class Answer:
    """What became of a point."""

    outcome: Outcome
    reason: str
    reason_head: str
    change: Change | None
    author: str
    approver: str
    later: list[After] = field(default_factory=list)
    id: int = 0
    public_id: str = ""


@dataclass(frozen=True)
class Shown:
    """One comment."""

    public_id: str
    consultation_public_id: str
    clause_position: int | None
    title: str
    about: str
    text: str
    mended: str
    """How a second person reads what staff first wrote down."""
    receipt: str
    received_at: datetime
    closes_on: date | None
    due_on: date | None
    done: int
    moving: bool
    words: str
    open: bool
    withdrawn_at: datetime | None
    released_on: date | None
    shown_words: str
    before: str = ""
    """What stands before an outcome while the case is not decided."""
    attachments: int = 0
    points: list[Answer] = field(default_factory=list)
    supplements: list[Any] = field(default_factory=list)


def about(label: str | None, heading: str | None) -> str:
    """第四条，早市车位; or that it is about no clause in particular."""
    if not label and not heading:
        return "不针对某一条"
    return "，".join(part for part in (label, (heading or "")[:20]) if part)


def reason_head(outcome: Outcome | None, sub_reason: SubReason | None = None) -> str:
    """What stands over the reason."""
    if outcome == Outcome.ADOPTED:
        return "采纳了什么，为什么"
    if outcome == Outcome.PARTLY_ADOPTED:
        return "采纳了什么，没采纳什么，为什么"
    if outcome == Outcome.NOT_ADOPTED:
        return "为什么没有采纳"
    return sub_reason.label if sub_reason else "说明"


def condensed(ops: Iterable[tuple[str, str]]) -> Ops:
    """A long clause is cut down to what changed and a few words around it."""
    given = list(ops)
    short: Ops = []
    for at, (op, text) in enumerate(given):
        first, last = at == 0, at == len(given) - 1
        if op != "same" or len(text) <= AROUND * 2 + 2:
            short.append((op, text))
        elif first and not last:
            short.append((op, "……" + text[-AROUND:]))
        elif last and not first:
            short.append((op, text[:AROUND] + "……"))
        else:
            short.append((op, text[:AROUND] + "……" + text[-AROUND:]))
    return short


def change(label: str | None, kind: str, text: str, revised: str, now: Now | None = None) -> Change:
    """A clause before and after: as the newest version has it, or else as the answer words it."""
    after = now.words if now else revised.strip()
    ops = list(changes(body(Piece(kind=kind, label=label or "", heading="", level=1, text=text)), after))
    return Change(
        label or "条文",
        condensed([(op, words) for op, words in ops if op != "new"]),
        condensed([(op, words) for op, words in ops if op != "gone"]),
        (now.label if now and now.label != label else ""),
        bool(now and now.removed),
        now is None,
    )


def after(row: Any) -> After:
    """A released correction or supplement from a core row of amended()."""
    return After(
        kind=row.kind,
        outcome=row.outcome,
        text=row.text,
        remark=row.remark,
        on=local(row.released_at).date(),
        number=row.number or "",
        author=f"{row.unit or ''}{row.author}",
        approver=row.approver or "",
    )


def answer(row: Any, now: Now | None = None, later: Sequence[Any] = ()) -> Answer:
    """A released point from a core row of answers(), how its clause reads now, and what followed it."""
    return Answer(
        outcome=row.outcome,
        reason=row.reason,
        reason_head=reason_head(row.outcome, row.sub_reason),
        change=change(row.label, row.kind, row.text, row.revised or "", now)
        if row.text and (row.revised or now)
        else None,
        author=f"{row.unit or ''}{row.author}",
        approver=row.approver or "",
        later=[after(one) for one in later],
        id=row.id,
        public_id=row.public_id,
    )


def shown(
    comment: Comment,
    receipt: str,
    rows: Sequence[Any],
    now: Mapping[int, Now],
    later: Mapping[int, Sequence[Any]],
    *,
    whole: bool = False,
) -> Shown:
    """One comment from its record, its receipt, the rows of its points, how the clauses that they moved read now, and what followed."""
    asked = comment.consultation
    state = asked.state()
    way = progress(comment, {row.stage for row in rows})
    if comment.show_name and comment.show_text:
        said = "发布时公开原话，写上称呼。"
    elif comment.show_text:
        said = "发布时公开原话，不写称呼。"
    else:
        said = "发布时只公开大意，不公开原话。"
    return Shown(
        public_id=comment.public_id,
        consultation_public_id=asked.public_id,
        clause_position=comment.clause.position if comment.clause else None,
        title=asked.title,
        about=about(comment.clause.label or comment.clause.name, comment.clause.heading)
        if comment.clause
        else about(None, None),
        text=comment.readable,
        mended=comment.mended if whole else "",
        receipt=receipt,
        received_at=comment.received_at,
        closes_on=asked.closes_on,
        due_on=way.due,
        done=way.done,
        moving=2 <= way.done <= 4,
        words=f"{date_plain(asked.closes_on)}截止后，开始整理" if state == State.OPEN else way.words.rstrip("。"),
        open=state == State.OPEN and not comment.withdrawn,
        withdrawn_at=comment.withdrawal.at if comment.withdrawal else None,
        released_on=local(asked.released_at).date() if asked.released_at else None,
        shown_words=said,
        before=asked.before_words,
        attachments=len(comment.attachments) if whole else 0,
        points=[
            answer(row, now.get(row.id), later.get(row.id, ())) for row in rows if row.stage == PointStage.RELEASED
        ],
        supplements=list(comment.supplements) if whole else [],
    )


def shown_all(comments: Sequence[Comment]) -> list[Shown]:
    """Several comments, with a few queries for all of them."""
    ids = [comment.id for comment in comments]
    if not ids:
        return []
    receipts, points = numbers(ids), answers(ids)
    now = _read_now(points)
    later = amended([row.id for rows in points.values() for row in rows])
    return [shown(c, receipts.get(c.id, ""), points.get(c.id, []), now, later) for c in comments]


def shown_whole(comment: Comment) -> Shown:
    """One comment with everything that belongs to it."""
    points = answers([comment.id])
    receipt = numbers([comment.id]).get(comment.id, "")
    rows = points.get(comment.id, [])
    return shown(comment, receipt, rows, _read_now(points), amended([row.id for row in rows]), whole=True)


def _read_now(points: Mapping[int, Sequence[Any]]) -> dict[int, Now]:
    return read_now([row.id for rows in points.values() for row in rows if row.stage == PointStage.RELEASED])
