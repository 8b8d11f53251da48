"""What the case file holds of how the office worked on what people said: second readings, groups, what was hidden, promises, second looks."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from models.comments.comment import Attachment, Comment
from models.comments.filed import PAGE, WRITER, Keys, officer_names, opened
from models.comments.point import Point, PointGroup
from models.comments.promise import Promise
from models.comments.second_look import Rating, SecondLook
from models.comments.showing import Hiding, Redaction
from models.comments.transcription import Transcription
from models.decisions.casefile import PRIVACY, PROCESS, Item, Rows, contents
from models.decisions.consultation import Audience, Consultation
from models.decisions.decision import Decision
from models.decisions.filed import rounds, titled
from models.decisions.material import Publicity
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.sealed import GONE, PersonKey
from models.people.resident import Resident

Row = Mapping[str, Any]


@contents("answers")
def _worked_on(decision: Decision) -> Iterator[Item]:
    """Each kind of record apart, of each round, where there is one at all."""
    among = rounds(decision)
    for asked in among:
        for words, count, every, read, shown in KINDS:
            number, last, mark = count(asked)
            if not number:
                continue
            public = shown == Publicity.OPEN and asked.audience == Audience.PUBLIC and asked.released_at is not None
            yield Item(
                titled(words, asked, among),
                local(last).date() if last else None,
                Rows(lambda asked=asked, every=every: every(asked), read, number, mark),  # type: ignore[misc]
                Publicity.OPEN if public else Publicity.ON_REQUEST if shown == Publicity.OPEN else shown,
                "" if public else PRIVACY if shown == Publicity.CLOSED else PROCESS,
                number=asked.number,
                key=f"{every.__name__}:{asked.public_id}",
            )


def _counted(query: Any) -> tuple[int, datetime | None, str]:
    """How many, when the newest was made, and what moves when one of them does; the first two columns are these."""
    row = db.session.execute(query).one()
    return row[0], row[1], ":".join(str(each) for each in row)


def _paged(query: Any, number: Any) -> Iterator[list[Any]]:
    """Rows by the page of their own number, so that the last page costs what the first one does."""
    after = 0
    while page := list(db.session.execute(query.where(number > after).order_by(number).limit(PAGE)).all()):
        yield page
        after = page[-1].id


def _when(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _day(moment: str | None) -> str:
    return (moment or "")[:10]


# --- written down by one, read by another -----------------------------------------------------------------------------

_TRANSCRIBED = (
    select(Transcription)
    .outerjoin(Attachment, Attachment.id == Transcription.attachment_id)
    .join(Comment, Comment.id == func.coalesce(Transcription.comment_id, Attachment.comment_id))
)


def _transcriptions(asked: Consultation) -> tuple[int, datetime | None, str]:
    told = (func.count(), func.max(Transcription.made_at), func.max(Transcription.id), func.sum(Transcription.version))
    return _counted(_TRANSCRIBED.with_only_columns(*told).where(Comment.consultation_id == asked.id))


def every_transcription(asked: Consultation) -> Iterator[Row]:
    """What staff wrote down for somebody, from what, who read it against the original, and what that person reads differently."""
    keys, names = Keys(), officer_names()
    columns = (
        Transcription.id,
        Transcription.public_id,
        Transcription.attachment_id,
        Transcription.source,
        Transcription.said_on,
        Transcription.stage,
        Transcription.author_id,
        Transcription.checker_id,
        Transcription.sealed_mended,
        Transcription.remark,
        Transcription.made_at,
        Transcription.checked_at,
        Comment.serial,
        Attachment.public_id.label("attachment"),
        *WRITER,
    )
    query = (
        _TRANSCRIBED.with_only_columns(*columns)
        .join(Resident, Resident.id == Comment.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .where(Comment.consultation_id == asked.id)
    )
    for page in _paged(query, Transcription.id):
        for row in page:
            key = keys.of(row)
            yield {
                "serial": row.serial,
                "attachment": row.attachment or "",
                "source": row.source.value,
                "source_words": row.source.label,
                "said_on": _when(row.said_on),
                "stage_words": row.stage.label,
                "written_by": names.get(row.author_id, ""),
                "written_at": _when(row.made_at),
                "read_by": names.get(row.checker_id, ""),
                "read_at": _when(row.checked_at),
                "mended": opened(key, row.sealed_mended, f"transcription.mended:{row.public_id}"),
                "erased": key is None,
                "remark": row.remark,
            }


def _transcription(row: Row) -> str:
    of = f"的附件 {row['attachment']}" if row["attachment"] else ""
    said = f"，{row['said_on']}" if row["said_on"] else ""
    read = f"　核对：{row['read_by']} {_day(row['read_at'])}" if row["read_by"] else ""
    lines = [
        f"第{row['serial']:04d}号{of}　{row['source_words']}{said}　{row['stage_words']}",
        f"转写：{row['written_by']} {_day(row['written_at'])}{read}",
    ]
    if row["mended"] is not None:
        lines.append(f"核对的人读成：{row['mended']}")
    elif row["erased"]:
        lines.append(GONE)
    return "\n".join([*lines, *([f"说明：{row['remark']}"] if row["remark"] else [])])


# --- what of people's own words is not shown --------------------------------------------------------------------------


def _hidden(asked: Consultation) -> tuple[int, datetime | None, str]:
    told = [
        _counted(
            select(func.count(), func.max(kind.made_at), func.max(kind.id), func.count(kind.lifted_at))
            .join(Comment, Comment.id == kind.comment_id)
            .where(Comment.consultation_id == asked.id)
        )
        for kind in (Hiding, Redaction)
    ]
    days = [last for _, last, _ in told if last]
    return sum(number for number, _, _ in told), max(days, default=None), "/".join(mark for _, _, mark in told)


def every_hiding(asked: Consultation) -> Iterator[Row]:
    """Each comment that is not shown, then each place that is covered: on which ground, why, by whom, and whether it was lifted."""
    keys, names = Keys(), officer_names()
    hidings = (
        select(
            Hiding.id,
            Hiding.ground,
            Hiding.reason,
            Hiding.officer_id,
            Hiding.made_at,
            Hiding.lifted_by_id,
            Hiding.lifted_at,
            Comment.serial,
        )
        .join(Comment, Comment.id == Hiding.comment_id)
        .where(Comment.consultation_id == asked.id)
    )
    for page in _paged(hidings, Hiding.id):
        for row in page:
            yield _ground(row, names) | {"what": "hiding", "lifted_by": names.get(row.lifted_by_id, "")}
    redactions = (
        select(
            Redaction.id,
            Redaction.public_id,
            Redaction.sealed_words,
            Redaction.ground,
            Redaction.reason,
            Redaction.batch,
            Redaction.officer_id,
            Redaction.made_at,
            Redaction.lifted_at,
            Comment.serial,
            *WRITER,
        )
        .join(Comment, Comment.id == Redaction.comment_id)
        .join(Resident, Resident.id == Comment.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .where(Comment.consultation_id == asked.id)
    )
    for page in _paged(redactions, Redaction.id):
        for row in page:
            words = opened(keys.of(row), row.sealed_words, f"redaction.words:{row.public_id}")
            yield _ground(row, names) | {"what": "redaction", "words": words, "batch": row.batch}


def _ground(row: Any, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "ground": row.ground.value,
        "ground_words": row.ground.label,
        "reason": row.reason,
        "by": names.get(row.officer_id, ""),
        "at": _when(row.made_at),
        "lifted_at": _when(row.lifted_at),
    }


def _hiding(row: Row) -> str:
    what = "原话不公开" if row["what"] == "hiding" else "隐去"
    lines = [f"第{row['serial']:04d}号　{what}　{row['ground_words']}　{row['by']} {_day(row['at'])}"]
    if row["what"] == "redaction":
        lines.append(f"隐去的字：{GONE if row['words'] is None else row['words']}")
    lines.append(f"理由：{row['reason']}")
    if row["lifted_at"]:
        by = f" {row['lifted_by']}" if row.get("lifted_by") else ""
        lines.append(f"已恢复公开：{_day(row['lifted_at'])}{by}")
    return "\n".join(lines)


# --- points that ask for the same -------------------------------------------------------------------------------------


def _groups(asked: Consultation) -> tuple[int, datetime | None, str]:
    return _counted(
        select(
            func.count(),
            func.max(PointGroup.made_at),
            func.max(PointGroup.id),
            func.sum(PointGroup.n_points * PointGroup.id),
        ).where(PointGroup.consultation_id == asked.id)
    )


def every_group(asked: Consultation) -> Iterator[Row]:
    """Each group: its name, who made it, how many points are in it; which ones they are is said beside each comment."""
    names = officer_names()
    query = select(
        PointGroup.id,
        PointGroup.public_id,
        PointGroup.name,
        PointGroup.n_points,
        PointGroup.made_by_id,
        PointGroup.made_at,
    ).where(PointGroup.consultation_id == asked.id)
    for page in _paged(query, PointGroup.id):
        for row in page:
            yield {
                "group": row.public_id,
                "name": row.name,
                "points": row.n_points,
                "by": names.get(row.made_by_id, ""),
                "at": _when(row.made_at),
            }


def _group(row: Row) -> str:
    return f"{row['name']}　{row['points']:,}个要点　{row['by']} {_day(row['at'])}"


# --- what was promised for later --------------------------------------------------------------------------------------


def _promises(asked: Consultation) -> tuple[int, datetime | None, str]:
    return _counted(
        select(func.count(), func.max(Promise.made_at), func.max(Promise.id), func.sum(Promise.version))
        .join(Point, Point.id == Promise.point_id)
        .where(Point.consultation_id == asked.id)
    )


def every_promise(asked: Consultation) -> Iterator[Row]:
    """What answers promised, for which day at first and now, and how it was kept."""
    names = officer_names()
    query = (
        select(
            Promise.id,
            Promise.words,
            Promise.due_on,
            Promise.first_due_on,
            Promise.delay_reason,
            Promise.stage,
            Promise.officer_id,
            Promise.kept_words,
            Promise.made_at,
            Promise.kept_at,
            Point.number,
            Comment.serial,
        )
        .join(Point, Point.id == Promise.point_id)
        .join(Comment, Comment.id == Point.comment_id)
        .where(Point.consultation_id == asked.id)
    )
    for page in _paged(query, Promise.id):
        for row in page:
            yield {
                "serial": row.serial,
                "point": row.number,
                "words": row.words,
                "due_on": _when(row.due_on),
                "first_due_on": _when(row.first_due_on),
                "delay_reason": row.delay_reason,
                "stage_words": row.stage.label,
                "by": names.get(row.officer_id, ""),
                "at": _when(row.made_at),
                "kept_at": _when(row.kept_at),
                "kept_words": row.kept_words,
            }


def _promise(row: Row) -> str:
    lines = [
        f"第{row['serial']:04d}号第{row['point']}点　{row['due_on']}前{row['words']}　{row['stage_words']}",
        f"答应：{row['by']} {_day(row['at'])}",
    ]
    if row["first_due_on"] != row["due_on"]:
        lines.append(f"原定{row['first_due_on']}，推迟的理由：{row['delay_reason']}")
    if row["kept_at"]:
        lines.append(f"{_day(row['kept_at'])}做到：{row['kept_words']}")
    return "\n".join(lines)


# --- what people said of their answers --------------------------------------------------------------------------------


def _judged(asked: Consultation) -> tuple[int, datetime | None, str]:
    looks = (
        select(func.count(), func.sum(SecondLook.version))
        .join(Point, Point.id == SecondLook.point_id)
        .where(Point.consultation_id == asked.id)
    )
    number, last, mark = _counted(
        select(func.count(), func.max(Rating.made_at), func.max(Rating.id), func.count().filter(Rating.good))
        .join(Point, Point.id == Rating.point_id)
        .where(Point.consultation_id == asked.id)
    )
    return number, last, f"{mark}/{tuple(db.session.execute(looks).one())}"


def every_judgement(asked: Consultation) -> Iterator[Row]:
    """Whether the answer met the point, in the person's own view; and the second look that was asked for, by whom it was taken."""
    keys, names = Keys(), officer_names()
    query = (
        select(
            Rating.id,
            Rating.good,
            Rating.made_at,
            Point.number,
            Comment.serial,
            SecondLook.public_id.label("look"),
            SecondLook.stage,
            SecondLook.sealed_reason,
            SecondLook.due_on,
            SecondLook.officer_id,
            SecondLook.made_at.label("asked_at"),
            SecondLook.answered_at,
            *WRITER,
        )
        .join(Point, Point.id == Rating.point_id)
        .join(Comment, Comment.id == Point.comment_id)
        .join(Resident, Resident.id == Comment.resident_id)
        .join(PersonKey, PersonKey.id == Resident.key_id)
        .outerjoin(SecondLook, SecondLook.point_id == Point.id)
        .where(Point.consultation_id == asked.id)
    )
    for page in _paged(query, Rating.id):
        for row in page:
            told = {"serial": row.serial, "point": row.number, "met": row.good, "at": _when(row.made_at), "look": None}
            if row.look:
                told["look"] = {
                    "reason": opened(keys.of(row), row.sealed_reason, f"second_look.reason:{row.look}"),
                    "asked_at": _when(row.asked_at),
                    "due_on": _when(row.due_on),
                    "stage_words": row.stage.label,
                    "by": names.get(row.officer_id, ""),
                    "answered_at": _when(row.answered_at),
                }
            yield told


def _judgement(row: Row) -> str:
    said = "答到点子上了" if row["met"] else "没有答到点子上"
    lines = [f"第{row['serial']:04d}号第{row['point']}点　{said}　{_day(row['at'])}"]
    if look := row["look"]:
        lines.append(f"请人再看：{GONE if look['reason'] is None else look['reason']}")
        by = f"{look['by']}　" if look["by"] else ""
        done = f"，{_day(look['answered_at'])}写了补充（见答复的更正和补充）" if look["answered_at"] else ""
        lines.append(f"{by}{look['stage_words']}，{look['due_on']}前{done}")
    return "\n".join(lines)


Counter = Callable[[Consultation], tuple[int, "datetime | None", str]]
KINDS: tuple[tuple[str, Counter, Callable[[Consultation], Iterator[Row]], Callable[[Row], str], Publicity], ...] = (
    ("代录和转写的核对", _transcriptions, every_transcription, _transcription, Publicity.CLOSED),
    ("要点归并的组", _groups, every_group, _group, Publicity.ON_REQUEST),
    ("原话的不公开和隐去", _hidden, every_hiding, _hiding, Publicity.CLOSED),
    ("答复里答应的事", _promises, every_promise, _promise, Publicity.OPEN),
    ("居民对答复的评价和再看一次", _judged, every_judgement, _judgement, Publicity.CLOSED),
)
"""What each is called, how many there are, all of them, one as it is read, and who may read it."""
