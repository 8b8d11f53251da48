"""A release: all answers of a consultation go out together, under a number; what was wrong goes out again as a correction."""

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Integer,
    Select,
    String,
    UniqueConstraint,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.alike import edited_copies
from models.comments.comment import Comment, Withdrawal
from models.comments.point import SETTLED, Outcome, Point, PointGroup, PointStage, counts, outcome_counts
from models.comments.report_line import TOLD, write_lines
from models.comments.showing import COMES_OUT, brought_out, to_be_shown
from models.decisions.consultation import Audience, Consultation, Stage, consultations_of
from models.decisions.decision import Decision
from models.decisions.draft import Clause
from models.decisions.road import Going, Standing, station
from models.kernel.base import Base, PublicId, db, take_time
from models.kernel.clock import local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.place import Place

MOST_SECONDS = 60
"""Of one statement of a release: a hundred thousand answers go out in one transaction, on a machine that does other things too."""


class Release(PublicId, Base):
    """The answers of one consultation, with the totals that the adoption report prints; corrected ones follow. Insert-only."""

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("consultation_id", "sequence"),
        CheckConstraint(
            "(sequence = 1) = (corrects_id IS NULL) AND (sequence = 1 OR remark <> '')",
            name="corrected_with_a_note",
        ),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    sequence: Mapped[int] = mapped_column(Integer, default=1)
    """1 is the release; 2, 3 … are its corrections."""
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    remark: Mapped[str] = mapped_column(String(300), default="")
    """What was put right: the note that everybody sees."""
    number: Mapped[str] = mapped_column(String(40), unique=True)
    released_at: Mapped[datetime]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)
    points: Mapped[int] = mapped_column(Integer)

    consultation: Mapped[Consultation] = relationship()
    officer: Mapped[Officer] = relationship()

    @classmethod
    def of(cls, consultation: Consultation) -> Self | None:
        """The release of a consultation, as it first went out."""
        return db.session.scalar(select(cls).where(cls.consultation_id == consultation.id, cls.sequence == 1))

    @classmethod
    def corrections(cls, consultation: Consultation) -> Sequence[Self]:
        """What was put right since, oldest first; the last one's totals are those that stand."""
        return db.session.scalars(
            select(cls).where(cls.consultation_id == consultation.id, cls.sequence > 1).order_by(cls.sequence)
        ).all()

    @classmethod
    def corrected(
        cls, consultation: Consultation, officer: Officer, point: Point, before: Outcome, after: Outcome, remark: str
    ) -> Self:
        """A release of its own that corrects one answer: a number, a note, and the totals with it."""
        first = cls.of(consultation)
        assert first is not None
        last = (cls.corrections(consultation) or [first])[-1]
        counted = copy.deepcopy(last.totals)
        where = {
            "by_channel": point.comment.channel.value,
            "by_kind": point.comment.kind.value,
            "by_clause": str(point.clause_id or 0),
        }
        parts = [row[-1] for table, key in where.items() for row in counted.get(table, ()) if row[0] == key]
        for outcomes in (counted["outcomes"], *parts):
            outcomes[before.value] -= 1
            outcomes[after.value] = outcomes.get(after.value, 0) + 1
        year = today().year
        made = cls(
            consultation=consultation,
            number=document_number(Installation.here().office_short, "复", year, Numbering.next("复", year)),
            sequence=last.sequence + 1,
            corrects_id=first.id,
            remark=remark,
            released_at=now(),
            officer=officer,
            totals=counted,
            points=last.points,
        )
        db.session.add(made)
        db.session.flush()
        return made


@step(
    Stage.PUBLISHED,
    to=Stage.CONCLUDED,
    by=ruled("consultation.release"),
    needs="consultation.release",
    label="发布答复",
    say="以{number}发布{points}条答复",
    tells=True,
    wants=("publish_notice", "index"),
    of=Consultation,
)
def release(consultation: Consultation, officer: Officer, points: int) -> Release:
    """Everybody learns what became of what they said. `points` is the total, typed by who does it."""
    take_time(MOST_SECONDS)
    total = totals(consultation) | breakdown(consultation)
    if points != total["points"]:
        raise RuleUnmet(
            f"填的总数和系统里的不一样：现在一共{total['points']}条。请再核对一遍。", {"points": "请再核对一遍总数。"}
        )
    wrong = unbalanced(total)
    if wrong:
        raise RuleUnmet(f"{wrong}和要点的合计对不上，请告诉系统管理员，先不要发布。")
    moment, day = now(), today()
    number = document_number(Installation.here().office_short, "复", day.year, Numbering.next("复", day.year))
    _show(consultation)
    db.session.execute(
        update(Point)
        .where(Point.consultation_id == consultation.id, Point.stage == PointStage.APPROVED)
        .values(stage=PointStage.RELEASED, released_at=moment, version=Point.version + 1)
    )
    consultation.released_at = moment
    consultation.edition += 1
    made = Release(
        consultation=consultation,
        number=number,
        released_at=moment,
        officer=officer,
        totals=total,
        points=total["points"],
    )
    db.session.add(made)
    db.session.flush()  # of two who release at once the second stops here
    write_lines(consultation)
    note(number=number, points=total["points"])
    return made


def _show(consultation: Consultation) -> None:
    """Bring the words out that their writers and the approver allow to be shown, a page at a time: each point its own words."""
    for points in to_be_shown(consultation):
        shown = [{"point": number, "text": text, "name": name} for number, (text, name) in brought_out(points).items()]
        if shown:
            db.session.connection().execute(
                update(Point.__table__)  # type: ignore[arg-type]
                .where(Point.__table__.c.id == bindparam("point"))
                .values(shown_text=bindparam("text"), shown_name=bindparam("name")),
                shown,
            )


def totals(consultation: Consultation) -> dict[str, Any]:
    """Honest counts: people, texts and points, by outcome, channel, clause and village; withdrawn ones apart."""
    standing = (
        select(Comment.id)
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id == consultation.id, Withdrawal.id.is_(None))
    )
    kept = Comment.id.in_(standing)
    people, texts, signers = db.session.execute(
        select(
            func.count(func.distinct(Comment.resident_id)),
            func.count(),
            func.coalesce(func.sum(Comment.signers), 0),
        ).where(kept)
    ).one()
    by_outcome = outcome_counts(consultation)
    points = db.session.scalar(
        select(func.count())
        .select_from(Point)
        .where(Point.consultation_id == consultation.id, Point.stage != PointStage.WITHDRAWN)
    )
    channels = db.session.execute(
        select(Comment.channel, func.count()).where(kept).group_by(Comment.channel).order_by(func.count().desc())
    ).all()
    kinds = db.session.execute(select(Comment.kind, func.count()).where(kept).group_by(Comment.kind)).all()
    places = db.session.execute(
        select(Place.name, func.count(func.distinct(Comment.resident_id)), func.count())
        .select_from(Comment)
        .outerjoin(Place, Place.id == Comment.place_id)
        .where(kept)
        .group_by(Place.name)
        .order_by(func.count().desc())
    ).all()
    withdrawn = db.session.scalar(
        select(func.count())
        .select_from(Withdrawal)
        .join(Comment, Comment.id == Withdrawal.comment_id)
        .where(Comment.consultation_id == consultation.id)
    )
    return {
        "people": people,
        "texts": texts,
        "points": points or 0,
        "signers": int(signers) - texts if signers else 0,
        "withdrawn": withdrawn or 0,
        "outcomes": by_outcome,
        "channels": [[channel.value, channel.label, count] for channel, count in channels],
        "kinds": [[kind.value, kind.label, count] for kind, count in kinds],
        "places": [[name or "没有填", heads, count] for name, heads, count in places],
    }


def breakdown(consultation: Consultation) -> dict[str, Any]:
    """Settled points by outcome within each channel, kind of writer and clause, and how many texts are copies of a template."""
    settled = (
        Point.consultation_id == consultation.id,
        Point.stage.in_(SETTLED),
        Point.outcome.is_not(None),
    )
    channels: dict[str, list[Any]] = {}
    kinds: dict[str, list[Any]] = {}
    for channel, kind, outcome, number in db.session.execute(
        select(Comment.channel, Comment.kind, Point.outcome, func.count())
        .join(Comment, Comment.id == Point.comment_id)
        .where(*settled)
        .group_by(Comment.channel, Comment.kind, Point.outcome)
    ):
        for found, word in ((channels, channel), (kinds, kind)):
            row = found.setdefault(word.value, [word.value, word.label, dict.fromkeys(Outcome, 0)])
            row[-1][outcome] += number
    clauses: dict[int, list[Any]] = {}
    for clause_id, label, heading, position, outcome, number in db.session.execute(
        select(Point.clause_id, Clause.label, Clause.heading, Clause.position, Point.outcome, func.count())
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(*settled)
        .group_by(Point.clause_id, Clause.label, Clause.heading, Clause.position, Point.outcome)
        .order_by(Clause.position.is_(None), Clause.position)
    ):
        name = (label or f"第{position}段") if clause_id else ""
        words = f"{name}（{heading}）" if name and heading else name or "整个草案"
        row = clauses.setdefault(clause_id or 0, [str(clause_id or 0), words, dict.fromkeys(Outcome, 0)])
        row[-1][outcome] += number
    return {
        "by_channel": sorted(channels.values(), key=lambda row: -sum(row[-1].values())),
        "by_kind": sorted(kinds.values(), key=lambda row: -sum(row[-1].values())),
        "by_clause": list(clauses.values()),
        "copies": copies(consultation),
        "groups": grouped(consultation),
    }


def copies(consultation: Consultation) -> dict[str, int]:
    """Templates that several texts follow to the letter, width, spaces and punctuation aside; the texts that do; and edited copies.

    What the search keeps of a text is the same where its shadow is, so nothing has to be unsealed for counting. That a text is
    an edited copy is what a clerk has said of it, never what was only suggested; one that others copied to the letter is
    among those texts.
    """
    standing = (
        select(Comment.id)
        .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
        .where(Comment.consultation_id == consultation.id, Withdrawal.id.is_(None))
    )
    same = (
        standing.where(Comment.tokens != "")
        .with_only_columns(Comment.tokens, func.count().label("texts"))
        .group_by(Comment.tokens)
        .having(func.count() > 1)
        .subquery()
    )
    templates, texts = db.session.execute(select(func.count(), func.coalesce(func.sum(same.c.texts), 0))).one()
    edited = standing.where(
        Comment.id.in_(edited_copies(consultation)), Comment.tokens.not_in(select(same.c.tokens))
    ).with_only_columns(func.count())
    return {"templates": templates, "texts": int(texts), "edited": db.session.scalar(edited) or 0}


def grouped(consultation: Consultation) -> dict[str, int]:
    """Groups in which staff put several points together, and those points."""
    groups, points = db.session.execute(
        select(func.count(), func.coalesce(func.sum(PointGroup.n_points), 0)).where(
            PointGroup.consultation_id == consultation.id, PointGroup.n_points > 1
        )
    ).one()
    return {"groups": groups, "points": int(points)}


def unbalanced(total: dict[str, Any]) -> str:
    """Which of the counts does not add up to the points; empty when adopted, partly, not and other are all of them everywhere."""
    if sum(total["outcomes"].values()) != total["points"]:
        return "采纳、部分采纳、未采纳、其他"
    for table, words in (("by_channel", "按渠道"), ("by_kind", "按提出人"), ("by_clause", "按条款")):
        if table in total and sum(sum(row[-1].values()) for row in total[table]) != total["points"]:
            return words
    return ""


class Shown(NamedTuple):
    """Somebody's own words as the public may read them."""

    serial: str
    about: str
    text: str
    name: str


def shown_while_open(consultation: Consultation, limit: int = 20) -> list[Shown]:
    """Words that may be read before the release, newest first: none, unless the rule set says so.

    Even then only what its writer allows and a second person has read for personal data; never an outcome.
    """
    if not consultation.rules.switch("comments_shown_while_open") or consultation.stage != Stage.PUBLISHED:
        return []
    points = (
        db.session.scalars(
            select(Point)
            .join(Comment, Comment.id == Point.comment_id)
            .where(Point.consultation_id == consultation.id, *COMES_OUT)
            .order_by(Point.id.desc())
            .limit(limit)
        )
        .unique()
        .all()
    )
    words = brought_out(points)
    return [
        Shown(point.comment.serial_words, point.target, found[0], found[1] or "居民")
        for point in points
        if (found := words.get(point.id))
    ]


REPORTED = (Point.id, *TOLD)
"""What the report prints of each point."""


def reported(
    consultation: Consultation,
    *,
    stage: PointStage = PointStage.RELEASED,
    clause_id: int | None = None,
    after: int | None = None,
    limit: int = 20,
) -> Sequence[Any]:
    """Rows of released points, in the order they came in, keyset by id; `clause_id` 0 is the whole draft.

    Of approved points the words stand beside them that the release will bring out.
    """
    given: dict[str, Any] = {"consultation": consultation.id, "stage": stage, "limit": limit}
    given |= {"clause": clause_id} if clause_id else {}
    given |= {} if after is None else {"after": after}
    rows = db.session.execute(_reported(None if clause_id is None else bool(clause_id), after is not None), given).all()
    return _as_it_will_be(rows) if stage == PointStage.APPROVED else rows


def _as_it_will_be(rows: Sequence[Any]) -> list[Any]:
    numbers = [row.id for row in rows]
    query = select(Point).join(Comment, Comment.id == Point.comment_id).where(Point.id.in_(numbers), *COMES_OUT)
    words = brought_out(db.session.scalars(query).unique().all())
    seen = []
    for row in rows:
        text, name = words.get(row.id, (None, None))
        seen.append(SimpleNamespace(**row._asdict() | {"shown_text": text, "shown_name": name}))
    return seen


@cache
def _reported(of_a_clause: bool | None, further: bool) -> "Select[*tuple[Any, ...]]":
    """The statement of reported(), built once: building it anew costs more than asking it."""
    query = (
        select(*REPORTED)
        .join(Comment, Comment.id == Point.comment_id)
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .where(
            Point.consultation_id == bindparam("consultation", type_=Integer),
            Point.stage == bindparam("stage", type_=Point.stage.type),
        )
        .order_by(Point.id)
        .limit(bindparam("limit", type_=Integer))
    )
    if of_a_clause is not None:
        clause = bindparam("clause", type_=Integer)
        query = query.where(Point.clause_id == clause) if of_a_clause else query.where(Point.clause_id.is_(None))
    return query.where(Point.id > bindparam("after", type_=Integer)) if further else query


@station("answers")
def _answered(decision: Decision) -> Standing | None:
    """Every point of every public round answered, approved and released; nothing asked, nothing to answer."""
    rounds = consultations_of(decision, Audience.PUBLIC)
    if not rounds:
        return None
    last = rounds[-1]
    left = sum_of(counts(each) for each in rounds)
    open_, drafted, submitted = left["open"], left["drafted"], left["submitted"]
    says = f"没答 {open_:,}，在写 {drafted:,}，等审核 {submitted:,}，已定 {left['approved'] + left['released']:,}"
    if all(each.stage == Stage.CONCLUDED for each in rounds):
        assert last.released_at is not None
        return Standing(
            Going.DONE, last.handler.name, local(last.released_at).date(), says=f"已发布答复，{left['released']:,} 条"
        )
    if last.published_at is None:
        return Standing(Going.WAIT, last.handler.name, says="还没有开始征求意见。")
    going = Going.WAIT if last.is_open() else Going.NOW
    return Standing(going, last.handler.name, due_on=last.answer_due_on, says=says)


def sum_of(counted: Iterable[dict[str, int]]) -> Counter[str]:
    """Points by stage over several rounds."""
    total: Counter[str] = Counter()
    for each in counted:
        total.update(each)
    return total


def improved(total: dict[str, Any]) -> int:
    """How many points changed something."""
    return int(total["outcomes"][Outcome.ADOPTED] + total["outcomes"][Outcome.PARTLY_ADOPTED])


def releases(limit: int = 20, after: int | None = None) -> Sequence[Any]:
    """Core rows of released reports, newest first."""
    query = (
        select(
            Release.id,
            Release.public_id,
            Release.number,
            Release.released_at,
            Release.totals,
            Release.points,
            Consultation.public_id.label("consultation_id"),
            Consultation.title,
            Consultation.opens_on,
            Consultation.closes_on,
        )
        .join(Consultation, Consultation.id == Release.consultation_id)
        .where(Release.sequence == 1, Consultation.audience == Audience.PUBLIC)
        .order_by(Release.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Release.id < after)
    return db.session.execute(query).all()
