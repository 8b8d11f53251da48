"""Spreadsheets for the office itself: everything said on a consultation, and all consultations of a year."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from models.comments.comment import MediaKind
from models.comments.export import exported
from models.comments.point import Outcome
from models.comments.year import Year
from models.decisions.consultation import Channel, Consultation
from models.kernel.sealed import GONE
from models.people.resident import ResidentKind
from server.papers.sheets import Book, Cell, Share

SAID_HEADS = [
    ("编号", 8), ("收到", 17), ("渠道", 12), ("提出人", 8), ("联名人数", 9), ("村／社区", 14), ("谁录入", 10), ("对哪一条", 16),
    ("原话", 60), ("补充", 40), ("附件和转写", 40), ("公开", 14), ("撤回", 17), ("要点", 6), ("摘要", 36), ("结果", 10),
    ("理由类别", 18), ("理由", 60), ("条文改为", 40), ("起草", 10), ("审核", 10), ("发布", 17),
]  # fmt: skip


def everything_said(consultation: Consultation, file: IO[bytes], *, channel: str = "", place: str = "") -> None:
    """A row for each point of each comment; what belongs to the comment stands in every row of it, so that filters work."""
    book = Book(file)
    narrowed = "、".join(filter(None, (Channel(channel).label if channel else "", place)))
    book.sheet(
        "意见和答复",
        SAID_HEADS,
        (row for said in exported(consultation, channel=channel, place=place) for row in _said(said)),
        title=f"《{consultation.title}》收到的意见",
        notes=[
            f"{consultation.number}{'，只含：' + narrowed if narrowed else '，全部'}。"
            "原话一字未改，含个人写下的内容，只限工作使用，不得外传、不得公开；姓名和电话不在表内。",
        ],
    )
    book.close()


def _said(said: Mapping[str, Any]) -> Iterator[list[Cell]]:
    words = GONE if said["erased"] else said["text"] or "（没有文字）"
    more = "\n".join(
        f"{_moment(one['received_at']):%Y-%m-%d} {GONE if one['text'] is None else one['text']}"
        for one in said["supplements"]
    )
    files = "\n".join(
        MediaKind(one["kind"]).label + (f"，听到：{one['transcript']}" if one["transcript"] else "")
        for one in said["attachments"]
    )
    shown = "原话不公开" if not said["may_show_text"] else "愿公开，署名" if said["may_show_name"] else "愿公开，不署名"
    for point in said["points"] or [{}]:
        yield [
            f"{said['serial']:04d}",
            _moment(said["received_at"]),
            said["channel_words"],
            ResidentKind(said["kind"]).label,
            said["signers"] if said["signers"] > 1 else None,
            said["place"],
            said["entered_by"],
            said["clause"],
            words,
            more,
            files,
            shown,
            _moment(said["withdrawn_at"]),
            point.get("number"),
            point.get("gist", ""),
            point.get("outcome_words", ""),
            point.get("sub_reason", ""),
            point.get("reason", ""),
            point.get("clause_after") or "",
            point.get("answered_by", ""),
            point.get("approved_by", ""),
            _moment(point.get("released_at")),
        ]


def _moment(said: str | None) -> Any:
    return datetime.fromisoformat(said) if said else None


def year_book(found: Year, file: IO[bytes]) -> None:
    """All consultations of a year, with their sums."""
    book = Book(file)
    heads: list[tuple[str, float]] = [
        ("公告文号", 20), ("事项", 44), ("承办单位", 16), ("种类", 14), ("开始", 14), ("截止", 14), ("天数", 8), ("状态", 12), ("人", 8),
        ("份", 8), ("内容相同的", 11), ("条", 8), *((outcome.label, 10.0) for outcome in Outcome), ("采纳和部分采纳", 14),
        ("答应哪天前答复", 16), ("发布", 14), ("晚了几天", 10),
    ]  # fmt: skip
    book.sheet(
        f"{found.year}年征求意见",
        heads,
        _year_rows(found),
        title=f"{found.year}年征求意见和采纳情况",
        notes=[
            f"共{len(found.rows)}次，已答复{len(found.released)}次，晚答{len(found.late)}次。"
            f"{found.visits}人次、{found.people}个不同的人，{found.texts}份；结果只算已经发布的{found.points}条。"
        ],
    )
    book.close()


def _year_rows(found: Year) -> Iterator[list[Cell | Share]]:
    for row in found.rows:
        numbers: list[Cell | Share] = [row.outcomes.get(outcome) if row.outcomes else None for outcome in Outcome]
        yield [
            row.number,
            row.title,
            row.unit,
            row.kind,
            row.opens_on,
            row.closes_on,
            row.days,
            row.state.label,
            row.people,
            row.texts,
            row.copies or None,
            row.points,
            *numbers,
            taken(row.outcomes),
            row.due_on,
            row.released_on,
            row.late or None,
        ]
    yield [
        "合计", f"{len(found.rows)}次", "", "", None, None, None, f"已答复{len(found.released)}次", found.visits, found.texts,
        sum(row.copies for row in found.rows) or None, found.points, *found.outcomes.values(), taken(found.outcomes), None, None,
        None,
    ]  # fmt: skip


def taken(outcomes: Mapping[Outcome, int]) -> Share | None:
    """Which part was adopted, wholly or in part."""
    whole = sum(outcomes.values())
    return Share((outcomes[Outcome.ADOPTED] + outcomes[Outcome.PARTLY_ADOPTED]) / whole) if whole else None
