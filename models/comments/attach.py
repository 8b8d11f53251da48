"""A picture, a voice message or a film goes behind what was said; a job fetches it before WeChat throws it away."""

from models import files
from models.comments.comment import Attachment, Comment, MediaKind, MediaState, _the_writer
from models.comments.unplaced import Unplaced, _writer_or_staff
from models.kernel.base import db
from models.kernel.clock import now
from models.kernel.lifecycle import act, ruled
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.kernel.work import Work
from models.people.officer import Officer
from models.people.resident import Resident

MOST = 20
"""Files behind one comment."""


@act(by=_the_writer, needs="comment.add", label="", say="附上了{what}", of=Comment)
def attach(comment: Comment, resident: Resident, kind: MediaKind, appid: str, media_id: str) -> Attachment:
    """Behind a comment, as a supplement would be."""
    if comment.withdrawn:
        raise OutOfTurn("这条意见已经撤回。想说的话可以重新提一条。")
    if len(comment.attachments) >= MOST:
        raise RuleUnmet("这条意见已经附了很多图片或语音，这一个没有收下。还有要说的，请打字。")
    made = Attachment(comment=comment, resident=resident.current, kind=kind, appid=appid, media_id=media_id)
    return _kept(made)


@act(by=_writer_or_staff, label="", say="附上了{what}", of=Unplaced)
def enclose(unplaced: Unplaced, resident: Resident, kind: MediaKind, appid: str, media_id: str) -> Attachment:
    """Behind words that have no place yet; it goes with them when they find one."""
    made = Attachment(unplaced_id=unplaced.id, resident=resident.current, kind=kind, appid=appid, media_id=media_id)
    return _kept(made)


ORIGINALS = ("jpg", "png", "webp", "pdf", "mp3", "amr", "mp4")
"""What a letter may be scanned, and a call or a meeting recorded as."""


@act(by=ruled("comment.intake"), label="", say="附上了第{serial}号意见的原件", of=Comment)
def attach_scan(comment: Comment, officer: Officer, data: bytes) -> Attachment:
    """The letter, the minutes, the recording of a call, sealed under the writer's key."""
    mime, _ = files.admitted(data, only=ORIGINALS)
    if len(comment.attachments) >= MOST:
        raise RuleUnmet("这份意见已经附了很多文件，请合并成一个 PDF 再附。", {"file": "请合并成一个 PDF 再附。"})
    secret = comment.resident.key.secret
    made = Attachment(
        comment=comment,
        resident=comment.resident.current,
        kind=MediaKind.SCAN,
        state=MediaState.KEPT,
        sha256=files.keep(data, key=secret),
        mime=mime,
        size=len(data),
        received_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    note(serial=comment.serial_words, attachment=made.public_id, size=len(data))
    return made


def _kept(made: Attachment) -> Attachment:
    made.received_at = now()
    db.session.add(made)
    db.session.flush()
    Work.want("fetch_media", {"attachment": made.id}, key=f"fetch_media:{made.id}")
    note(what=made.kind.label, attachment=made.public_id)
    return made
