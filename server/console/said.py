"""One point as the desks show it: what was said, about which clause, by whom as far as that matters, and the answer."""

from dataclasses import dataclass
from datetime import datetime

from models.comments.comment import Attachment, Comment, MediaState
from models.comments.point import Point
from models.comments.worklist import in_one_line
from models.people.resident import ResidentKind


@dataclass(frozen=True)
class More:
    """A supplement."""

    at: datetime
    text: str


@dataclass(frozen=True)
class File:
    """A picture, a voice message or a scan."""

    words: str
    link: str
    transcript: str


@dataclass(frozen=True)
class Said:
    """What was said."""

    public_id: str
    serial: str
    at: datetime
    channel: str
    place: str
    who: str
    consent: str
    text: str
    mended: str
    """How the second person reads the letter, where that differs from what was first written down."""
    supplements: list[More]
    attachments: list[File]
    clause: str
    clause_text: str
    pieces: list[tuple[str, bool]]
    """The text in pieces: whether a piece is what this point is about."""


def said(point: Point) -> Said:
    """A point with its comment, opened for reading."""
    comment = point.comment
    return Said(
        public_id=point.public_id,
        serial=point.serial_words,
        at=comment.received_at,
        channel=comment.channel.label,
        place=comment.place.name if comment.place else "",
        who=_who(comment),
        consent=consent(comment),
        text=comment.readable,
        mended=comment.mended,
        supplements=[More(s.received_at, s.readable) for s in comment.supplements],
        attachments=[_file(a) for a in comment.attachments],
        clause=point.target,
        clause_text=point.before,
        pieces=_pieces(point, comment.readable),
    )


def _pieces(point: Point, text: str) -> list[tuple[str, bool]]:
    if point.begins is None or point.ends is None or point.ends > len(text):
        return [(text, False)]
    parts = [(text[: point.begins], False), (text[point.begins : point.ends], True), (text[point.ends :], False)]
    return [part for part in parts if part[0]]


def _who(comment: Comment) -> str:
    if comment.kind == ResidentKind.ORGANISATION:
        return comment.organisation or "单位"
    if comment.kind == ResidentKind.JOINT:
        return f"联名信，{comment.signers} 人"
    return "工作人员代录" if comment.entered_by_id else ""


def consent(comment: Comment) -> str:
    """What the writer said about showing their words."""
    if not comment.show_text:
        return "不公开原话"
    return "愿公开，署名" if comment.show_name else "愿公开，不署名"


def _file(attachment: Attachment) -> File:
    words = attachment.label
    if attachment.state == MediaState.WAITING:
        return File(f"{words}（正在取）", "", "")
    if attachment.state == MediaState.LOST:
        return File(f"{words}（没有取到）", "", "")
    read = attachment.transcription.mended if attachment.transcription else ""
    return File(words, f"/desk/attachments/{attachment.public_id}", read or attachment.transcript)


def headline(point: Point) -> str:
    """One line for a list: the officer's gist, else what it is about."""
    return in_one_line(point.gist, point.comment.readable, point.begins, point.ends)
