"""What the case file holds of what people said: every word, every answer in every version, what was released, and sealed apart who it was."""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from models.comments.amendment import Amendment
from models.comments.comment import Attachment, Comment, MediaState, Supplement, Withdrawal
from models.comments.point import AnswerVersion, Outcome, Point, PointGroup, PointStage
from models.comments.release import Release
from models.decisions.casefile import PRIVACY, PROCESS, Bundle, Item, Kept, Lacking, Rows, Sheet, contents
from models.decisions.consultation import Audience, Channel, Consultation
from models.decisions.decision import Decision
from models.decisions.draft import Clause, ClauseRevision
from models.decisions.filed import rounds, titled
from models.decisions.material import Publicity
from models.kernel import sealed
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.refusal import Missing
from models.kernel.sealed import GONE, PersonKey
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident, ResidentKind

PAGE = 500
"""Comments read at once; with their points, versions and supplements a few megabytes, however many there are."""
KEYS = 2000
"""Persons' keys remembered at once; who spoke often speaks close together."""

WRITER = (
    PersonKey.wrapped,
    PersonKey.wrapped_by,
    PersonKey.public_id.label("key_name"),
    Resident.public_id.label("resident"),
)
SAID = (
    Comment.id,
    Comment.public_id,
    Comment.serial,
    Comment.received_at,
    Comment.channel,
    Comment.kind,
    Comment.signers,
    Comment.show_text,
    Comment.show_name,
    Comment.sealed_text,
    Comment.entered_by_id,
    Clause.label.label("clause"),
    Place.name.label("place"),
    Withdrawal.at.label("withdrawn_at"),
)


class Keys:
    """Persons' keys, unwrapped once each while they are near; a bounded number of them."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, bytes | None] = OrderedDict()

    def of(self, row: Any) -> bytes | None:
        """The key of who wrote this row; None when it was dropped."""
        name = row.key_name
        if name not in self._held:
            try:
                self._held[name] = sealed.unwrap(row.wrapped, row.wrapped_by, name)
            except Missing:
                self._held[name] = None
            if len(self._held) > KEYS:
                self._held.popitem(last=False)
        return self._held[name]


def opened(key: bytes | None, blob: bytes | None, row: str) -> str | None:
    """The words; None when the person was forgotten."""
    return None if key is None or blob is None else sealed.unseal(key, blob, row)


@contents("consultation")
def _said(decision: Decision) -> Iterator[Item | Lacking]:
    """The originals with all their answers, who wrote them (sealed), and what was attached."""
    among = rounds(decision)
    for asked in among:
        comments = db.session.scalar(select(func.count()).where(Comment.consultation_id == asked.id)) or 0
        if not comments:
            continue
        day = asked.closes_on or local(asked.published_at).date() if asked.published_at else None
        mark = _mark(asked)
        yield Item(
            titled("意见原文和答复的全部版本", asked, among),
            day,
            Rows(lambda asked=asked: every_comment(asked), as_read, comments, mark),  # type: ignore[misc]
            Publicity.CLOSED,
            PRIVACY,
            who=f"居民，{comments:,}份",
            number=asked.number,
            key=f"comments:{asked.public_id}",
        )
        if named := _named(asked):
            yield Item(
                titled("提意见人的称呼和电话（加密）", asked, among),
                day,
                Rows(lambda asked=asked: every_writer(asked), None, named, mark),  # type: ignore[misc]
                Publicity.CLOSED,
                PRIVACY,
                number=asked.number,
                key=f"writers:{asked.public_id}",
            )
        files = _attached(asked)
        kept = [row for row in files if row.state == MediaState.KEPT]
        if kept:
            yield Item(
                titled("居民交来的语音、图片和扫描件", asked, among),
                day,
                Bundle(
                    lambda asked=asked: every_attachment(asked),  # type: ignore[misc]
                    len(kept),
                    hashlib.sha256("".join(row.public_id for row in kept).encode()).hexdigest(),
                ),
                Publicity.CLOSED,
                PRIVACY,
                who=f"居民，{len(kept):,}件",
                number=asked.number,
                key=f"attachments:{asked.public_id}",
            )
        for row in files:
            if row.state != MediaState.KEPT:
                yield Lacking(f"第{row.serial:04d}号意见的{row.kind.label}", "微信里已经取不到")


def _mark(asked: Consultation) -> str:
    """Moves when a comment, a supplement, a withdrawal, an answer, an approval or a release is added, or points are arranged."""
    points = select(
        func.count(),
        func.max(Point.id),
        func.sum(Point.version),
        func.count(Point.joined_into_id),
        func.sum(Point.group_id * Point.id),
        func.sum(Point.begins),
        func.sum(Point.ends),
    ).where(Point.consultation_id == asked.id)
    said = select(func.max(Comment.id), func.count(Supplement.id)).outerjoin(Supplement)
    told = [
        *db.session.execute(points).one(),
        *db.session.execute(said.where(Comment.consultation_id == asked.id)).one(),
        asked.released_at,
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _named(asked: Consultation) -> int:
    """How many comments have a writer who left a name, a number or an organisation."""
    left = Resident.sealed_name.is_not(None) | Resident.sealed_phone.is_not(None)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Comment)
            .join(Resident, Resident.id == Comment.resident_id)
            .where(Comment.consultation_id == asked.id, left | Comment.sealed_organisation.is_not(None))
        )
        or 0
    )


def _attached(asked: Consultation) -> Sequence[Any]:
    return db.session.execute(
        select(Attachment.public_id, Attachment.state, Attachment.kind, Comment.serial)
        .join(Comment, Comment.id == Attachment.comment_id)
        .where(Comment.consultation_id == asked.id)
        .order_by(Comment.serial, Attachment.id)
    ).all()


def every_comment(asked: Consultation) -> Iterator[Mapping[str, Any]]:
    """Each comment in the order in which they came, with what was added, answered and approved; a page at a time."""
    keys, names = Keys(), officer_names()
    clauses = asked.draft.clauses if asked.draft else []
    before = {clause.id: clause.body for clause in clauses}
    for page in _pages(asked, (*SAID, *WRITER)):
        numbers = [row.id for row in page]
        added = _by_comment(
            select(
                Supplement.comment_id,
                Supplement.ref,
                Supplement.received_at,
                Supplement.channel,
                Supplement.sealed_text,
            ).where(Supplement.comment_id.in_(numbers)),
            Supplement.id,
        )
        attached = _by_comment(
            select(
                Attachment.comment_id,
                Attachment.public_id,
                Attachment.kind,
                Attachment.state,
                Attachment.sealed_transcript,
                Attachment.transcribed_by_id,
            ).where(Attachment.comment_id.in_(numbers)),
            Attachment.id,
        )
        points = _points(numbers, names, before)
        for row in page:
            key = keys.of(row)
            yield {
                "serial": row.serial,
                "comment": row.public_id,
                "received_at": row.received_at.isoformat(),
                "channel": row.channel.value,
                "channel_words": row.channel.label,
                "kind": row.kind.value,
                "signers": row.signers,
                "place": row.place or "",
                "clause": row.clause or "整个草案",
                "entered_by": names.get(row.entered_by_id, ""),
                "may_show_text": row.show_text,
                "may_show_name": row.show_name,
                "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
                "text": opened(key, row.sealed_text, f"comment.text:{row.public_id}"),
                "erased": key is None,
                "supplements": [
                    {
                        "received_at": one.received_at.isoformat(),
                        "channel": one.channel.value,
                        "text": opened(key, one.sealed_text, f"supplement.text:{one.ref}"),
                    }
                    for one in added.get(row.id, ())
                ],
                "attachments": [
                    {
                        "name": one.public_id,
                        "kind": one.kind.value,
                        "kind_words": one.kind.label,
                        "state": one.state.value,
                        "transcript": opened(key, one.sealed_transcript, f"attachment.transcript:{one.public_id}"),
                        "transcribed_by": names.get(one.transcribed_by_id, ""),
                    }
                    for one in attached.get(row.id, ())
                ],
                "points": points.get(row.id, []),
            }


def _pages(asked: Consultation, columns: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Comments of a consultation with their writers' keys, by serial; a key of the index, so that page 200 costs what page 1 costs."""
    after = 0
    while True:
        page = db.session.execute(
            select(*columns)
            .select_from(Comment)
            .join(Resident, Resident.id == Comment.resident_id)
            .join(PersonKey, PersonKey.id == Resident.key_id)
            .outerjoin(Clause, Clause.id == Comment.clause_id)
            .outerjoin(Place, Place.id == Comment.place_id)
            .outerjoin(Withdrawal, Withdrawal.comment_id == Comment.id)
            .where(Comment.consultation_id == asked.id, Comment.serial > after)
            .order_by(Comment.serial)
            .limit(PAGE)
        ).all()
        if not page:
            return
        yield page
        after = page[-1].serial


def _by_comment(query: Any, order: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(query.order_by(order)):
        found.setdefault(row.comment_id, []).append(row)
    return found


Joined = aliased(Point)
"""The point that answers for another one."""
POINT = (
    Point.id,
    Point.comment_id,
    Point.number,
    Point.stage,
    Point.gist,
    Point.outcome,
    Point.sub_reason,
    Point.reason,
    Point.clause_id,
    Point.author_id,
    Point.approver_id,
    Point.may_show,
    Point.answered_at,
    Point.approved_at,
    Point.released_at,
    Point.begins,
    Point.ends,
    Point.returned_reason,
    Joined.number.label("joined_into"),
    PointGroup.name.label("group"),
    Clause.label.label("clause"),
    ClauseRevision.text.label("revised"),
)


def _points(comments: Sequence[int], names: Mapping[int, str], before: Mapping[int, str]) -> dict[int, list[Any]]:
    rows = db.session.execute(
        select(*POINT)
        .outerjoin(ClauseRevision, ClauseRevision.id == Point.revision_id)
        .outerjoin(Clause, Clause.id == Point.clause_id)
        .outerjoin(PointGroup, PointGroup.id == Point.group_id)
        .outerjoin(Joined, Joined.id == Point.joined_into_id)
        .where(Point.comment_id.in_(comments))
        .order_by(Point.comment_id, Point.number)
    ).all()
    versions: dict[int, list[Any]] = {}
    for one in db.session.execute(
        select(
            AnswerVersion.point_id,
            AnswerVersion.number,
            AnswerVersion.outcome,
            AnswerVersion.sub_reason,
            AnswerVersion.reason,
            AnswerVersion.gist,
            AnswerVersion.author_id,
            AnswerVersion.made_at,
            ClauseRevision.text.label("revised"),
        )
        .outerjoin(ClauseRevision, ClauseRevision.id == AnswerVersion.revision_id)
        .join(Point, Point.id == AnswerVersion.point_id)
        .where(Point.comment_id.in_(comments))
        .order_by(AnswerVersion.point_id, AnswerVersion.number)
    ):
        versions.setdefault(one.point_id, []).append(
            {
                "number": one.number,
                **_answer(one),
                "gist": one.gist,
                "by": names.get(one.author_id, ""),
                "at": one.made_at.isoformat(),
            }
        )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.comment_id, []).append(
            {
                "number": row.number,
                "stage": row.stage.value,
                "words": [row.begins, row.ends] if row.begins is not None else None,
                "clause": row.clause or "整个草案",
                "group": row.group or "",
                "joined_into": row.joined_into,
                "returned_reason": row.returned_reason,
                "gist": row.gist,
                **_answer(row),
                "clause_before": before.get(row.clause_id) if row.revised else None,
                "answered_by": names.get(row.author_id, ""),
                "answered_at": _when(row.answered_at),
                "approved_by": names.get(row.approver_id, ""),
                "approved_at": _when(row.approved_at),
                "no_personal_data": row.may_show,
                "released_at": _when(row.released_at),
                "versions": versions.get(row.id, []),
            }
        )
    return found


def _answer(row: Any) -> dict[str, Any]:
    return {
        "outcome": row.outcome.value if row.outcome else None,
        "outcome_words": row.outcome.label if row.outcome else "",
        "sub_reason": row.sub_reason.label if row.sub_reason else "",
        "reason": row.reason or "",
        "clause_after": row.revised,
    }


def _when(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def officer_names() -> dict[int, str]:
    """Everybody who ever worked here, by number; a street office has a hundred."""
    return {row.id: row.name for row in db.session.execute(select(Officer.id, Officer.name))}


def as_read(row: Mapping[str, Any]) -> str:
    """One comment as people read it."""
    head = f"第{row['serial']:04d}号　{row['received_at'][:10]}　{row['channel_words']}　对{row['clause']}"
    if row["kind"] != ResidentKind.INDIVIDUAL:
        head += f"　{ResidentKind(row['kind']).label}" + (f"{row['signers']}人" if row["signers"] > 1 else "")
    head += f"　{row['place']}" if row["place"] else ""
    head += f"　{row['entered_by']}代录" if row["entered_by"] else ""
    lines = [
        head + ("　已撤回" if row["withdrawn_at"] else ""),
        GONE if row["erased"] else row["text"] or "（没有文字）",
    ]
    lines += [
        f"补充（{one['received_at'][:10]}）：{GONE if one['text'] is None else one['text']}"
        for one in row["supplements"]
    ]
    for one in row["attachments"]:
        lines.append(
            f"附{one['kind_words']} {one['name']}" + (f"，转写：{one['transcript']}" if one["transcript"] else "")
        )
    for point in row["points"]:
        if arranged := _arranged(row, point):
            lines.append(arranged)
        if not point["outcome"]:
            continue
        finer = f"（{point['sub_reason']}）" if point["sub_reason"] else ""
        lines.append(f"答复{point['number']}：{point['outcome_words']}{finer}　{point['gist']}")
        lines.append(f"理由：{point['reason']}")
        if point["clause_after"]:
            lines += [f"原条文：{point['clause_before'] or ''}".rstrip(), f"改为：{point['clause_after']}".rstrip()]
        lines.append(
            f"起草：{point['answered_by']} {_day(point['answered_at'])}　审核：{point['approved_by']} {_day(point['approved_at'])}"
            f"　共{len(point['versions'])}版"
        )
        for version in point["versions"][:-1]:
            lines.append(
                f"　第{version['number']}版（{version['by']} {_day(version['at'])}）："
                f"{version['outcome_words']}　{version['reason']}"
            )
    return "\n".join(lines)


def _arranged(row: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    """Which of the words a point has to itself, and where it was put; empty for the one point of a comment in no group."""
    told = []
    if point["words"]:
        begins, ends = point["words"]
        told.append(f"原话里的“{GONE if row['text'] is None else row['text'][begins:ends]}”，对{point['clause']}")
    if point["group"]:
        told.append(f"归在“{point['group']}”一组")
    if point["joined_into"]:
        told.append(f"并入要点{point['joined_into']}")
    return f"要点{point['number']}：{'；'.join(told)}" if told else ""


def _day(moment: str | None) -> str:
    return (moment or "")[:10]


def every_writer(asked: Consultation) -> Iterator[Mapping[str, Any]]:
    """Name, telephone and organisation as they lie in the database: sealed under the person's key, and lost with it."""
    columns = (
        Comment.serial,
        Comment.public_id,
        Comment.sealed_organisation,
        Resident.sealed_name,
        Resident.sealed_phone,
        *WRITER,
    )
    for page in _pages(asked, columns):
        for row in page:
            blobs = {
                f"resident.name:{row.resident}": row.sealed_name,
                f"resident.phone:{row.resident}": row.sealed_phone,
                f"comment.organisation:{row.public_id}": row.sealed_organisation,
            }
            held = {name: base64.b64encode(blob).decode() for name, blob in blobs.items() if blob is not None}
            if held:
                yield {"serial": row.serial, "person_key": row.key_name, "sealed": held}


def every_attachment(asked: Consultation) -> Iterator[tuple[str, Kept]]:
    """What came with the comments, opened; named by the comment's serial."""
    keys, after = Keys(), 0
    while True:
        page = db.session.execute(
            select(Attachment.id, Attachment.public_id, Attachment.sha256, Attachment.mime, Comment.serial, *WRITER)
            .join(Comment, Comment.id == Attachment.comment_id)
            .join(Resident, Resident.id == Attachment.resident_id)
            .join(PersonKey, PersonKey.id == Resident.key_id)
            .where(Comment.consultation_id == asked.id, Attachment.state == MediaState.KEPT, Attachment.id > after)
            .order_by(Attachment.id)
            .limit(PAGE)
        ).all()
        if not page:
            return
        for row in page:
            extension = _EXTENSIONS.get(row.mime, "bin")
            yield f"第{row.serial:04d}号 {row.public_id}", Kept(row.sha256, extension, keys.of(row) or b"")
        after = page[-1].id


_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
}


# --- what was released ------------------------------------------------------------------------------------------------


@contents("answers")
def _released(decision: Decision) -> Iterator[Item]:
    """The adoption report as everybody can read it, with its totals."""
    among = rounds(decision)
    for asked in among:
        made = Release.of(asked)
        if made is None:
            continue
        day = local(made.released_at).date()
        total = made.totals
        counted = [
            ("编号", made.number),
            ("征求意见", f"{asked.title}（{asked.number}）"),
            ("参与", f"{total['people']}人，{total['texts']}份，{total['points']}个要点；撤回{total['withdrawn']}份"),
            ("结果", "，".join(f"{Outcome(key).label}{number}条" for key, number in total["outcomes"].items())),
            ("渠道", "，".join(f"{words}{number}份" for _, words, number in total["channels"])),
            ("村（社区）", "，".join(f"{name}{heads}人{number}份" for name, heads, number in total["places"])),
            ("发布", f"{made.officer.name}，{day:%Y年%-m月%-d日}"),
        ]
        key = asked.public_id
        shown = (Publicity.OPEN, "") if asked.audience == Audience.PUBLIC else (Publicity.ON_REQUEST, PROCESS)
        yield Item(
            titled("意见采纳情况", asked, among),
            day,
            Sheet(counted, made.number),
            *shown,
            who=made.officer.name,
            number=made.number,
            key=f"release:{key}",
        )
        yield Item(
            titled("意见采纳情况逐条", asked, among),
            day,
            Rows(
                lambda asked=asked: every_released(asked),  # type: ignore[misc]
                _reported,
                made.points,
                f"{made.number}:{made.points}",
            ),
            *shown,
            number=made.number,
            key=f"reported:{key}",
        )


def every_released(asked: Consultation) -> Iterator[Mapping[str, Any]]:
    """Each released point with what the public report shows of it, and nothing else."""
    after = 0
    while True:
        page = db.session.execute(
            select(
                Point.id,
                Point.number,
                Point.gist,
                Point.outcome,
                Point.sub_reason,
                Point.reason,
                Point.shown_text,
                Point.shown_name,
                Comment.serial,
                Comment.channel,
                Clause.label.label("clause"),
                ClauseRevision.text.label("revised"),
            )
            .join(Comment, Comment.id == Point.comment_id)
            .outerjoin(Clause, Clause.id == Point.clause_id)
            .outerjoin(ClauseRevision, ClauseRevision.id == Point.revision_id)
            .where(Point.consultation_id == asked.id, Point.stage == PointStage.RELEASED, Point.id > after)
            .order_by(Point.id)
            .limit(PAGE)
        ).all()
        if not page:
            return
        for row in page:
            yield {
                "serial": row.serial,
                "point": row.number,
                "clause": row.clause or "整个草案",
                "channel": row.channel.value,
                "gist": row.gist,
                **_answer(row),
                "shown_text": row.shown_text,
                "shown_name": row.shown_name,
            }
        after = page[-1].id


def _reported(row: Mapping[str, Any]) -> str:
    lines = [f"第{row['serial']:04d}号　{Channel(row['channel']).label}　对{row['clause']}　{row['outcome_words']}"]
    lines += [f"意见：{row['gist']}", f"理由：{row['reason']}"]
    if row["shown_text"]:
        who = f"（{row['shown_name']}）" if row["shown_name"] else ""
        lines.insert(2, f"原话{who}：{row['shown_text']}")
    if row["clause_after"]:
        lines.append(f"条文改为：{row['clause_after'].strip()}")
    return "\n".join(lines)


@contents("answers")
def _amended(decision: Decision) -> Iterator[Item]:
    """What was put right or added after a release, by whom, and what became of it."""
    among = rounds(decision)
    for asked in among:
        number, moved, last = db.session.execute(
            select(func.count(), func.sum(Amendment.version), func.max(Amendment.made_at))
            .join(Point, Point.id == Amendment.point_id)
            .where(Point.consultation_id == asked.id)
        ).one()
        if number:
            yield Item(
                titled("答复的更正和补充", asked, among),
                local(last).date(),
                Rows(lambda asked=asked: every_amendment(asked), _amendment, number, f"{number}:{moved}"),  # type: ignore[misc]
                Publicity.ON_REQUEST,
                PROCESS,
                number=asked.number,
                key=f"amendments:{asked.public_id}",
            )


def every_amendment(asked: Consultation) -> Iterator[Mapping[str, Any]]:
    """Each correction and supplement of a released answer, also those that were not approved."""
    names, after = officer_names(), 0
    while page := db.session.execute(
        select(
            Amendment.id,
            Amendment.kind,
            Amendment.stage,
            Amendment.outcome,
            Amendment.text,
            Amendment.remark,
            Amendment.returned_reason,
            Amendment.author_id,
            Amendment.approver_id,
            Amendment.made_at,
            Amendment.approved_at,
            Amendment.released_at,
            Point.number,
            Comment.serial,
        )
        .join(Point, Point.id == Amendment.point_id)
        .join(Comment, Comment.id == Point.comment_id)
        .where(Point.consultation_id == asked.id, Amendment.id > after)
        .order_by(Amendment.id)
        .limit(PAGE)
    ).all():
        for row in page:
            yield {
                "serial": row.serial,
                "point": row.number,
                "kind": row.kind.value,
                "kind_words": row.kind.label,
                "stage_words": row.stage.label,
                "outcome_words": row.outcome.label if row.outcome else "",
                "text": row.text,
                "remark": row.remark,
                "returned_reason": row.returned_reason,
                "by": names.get(row.author_id, ""),
                "at": row.made_at.isoformat(),
                "approved_by": names.get(row.approver_id, ""),
                "approved_at": _when(row.approved_at),
                "released_at": _when(row.released_at),
            }
        after = page[-1].id


def _amendment(row: Mapping[str, Any]) -> str:
    lines = [
        f"第{row['serial']:04d}号第{row['point']}点　{row['kind_words']}　{row['stage_words']}　{row['outcome_words']}".rstrip()
    ]
    lines += [
        row["text"],
        f"说明：{row['remark']}" if row["remark"] else "",
        f"退回：{row['returned_reason']}" if row["returned_reason"] else "",
    ]
    lines.append(f"起草：{row['by']} {row['at'][:10]}　审核：{row['approved_by']} {_day(row['approved_at'])}")
    return "\n".join(line for line in lines if line)
