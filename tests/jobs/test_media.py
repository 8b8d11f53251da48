"""Voice and pictures are fetched, sealed under the person's key, and lost in the open when WeChat has them no more."""

from datetime import timedelta

import pytest

from models import files
from models.comments.attach import attach
from models.comments.comment import Attachment, Comment, MediaKind, MediaState
from models.decisions.consultation import by_public_id
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.refusal import Missing
from models.kernel.work import WorkState
from tests.conftest import OFFICIAL
from tests.jobs.conftest import Works

AMR = b"#!AMR\n" + bytes(range(256)) * 4
PATH = "/cgi-bin/media/get"


@pytest.fixture
def sent(works: Works) -> int:
    """A voice message behind a comment; the attachment's number."""
    asked = works.open()
    works.comment(asked, "人")
    made: list[int] = []

    def enclose() -> None:
        consultation = by_public_id(asked)
        assert consultation
        comment = db.session.query(Comment).filter_by(consultation_id=consultation.id).one()
        made.append(attach(comment, comment.resident, MediaKind.VOICE, OFFICIAL.appid, "MEDIA-1").id)

    works.change(enclose)
    return made[0]


def row(works: Works, number: int) -> Attachment:
    found = db.session.get(Attachment, number, populate_existing=True)
    assert found
    return found


def test_a_voice_message_is_kept_under_the_persons_key(works: Works, sent: int) -> None:
    works.stub.say(PATH, AMR)
    works.do("fetch_media")
    (asked,) = works.stub.of(PATH)
    assert asked.query["media_id"] == "MEDIA-1"
    with works.app.app_context():
        found = row(works, sent)
        assert (found.state, found.mime, found.size) == (MediaState.KEPT, "audio/amr", len(AMR))
        assert found.sha256
        assert files.read(found.sha256, found.resident.key.secret) == AMR
        with pytest.raises(Missing):
            files.read(found.sha256, bytes(32))
    assert works.only("fetch_media").state is WorkState.DONE
    assert works.do("fetch_media") == 0


@pytest.mark.parametrize(
    "answer", [{"errcode": 40007, "errmsg": "invalid media_id"}, b"MZ\x90 a program", b"", {"video_url": "x"}]
)
def test_what_cannot_be_had_or_kept_is_marked_lost(works: Works, sent: int, answer: object) -> None:
    works.stub.say(PATH, answer)  # type: ignore[arg-type]
    works.do("fetch_media")
    with works.app.app_context():
        assert row(works, sent).state is MediaState.LOST
    assert works.only("fetch_media").state is WorkState.DONE


@pytest.mark.parametrize("answer", ["cut", 500, {"errcode": -1}, {"errcode": 45009}, {"errcode": 48001}])
def test_trouble_at_wechat_is_waited_out(works: Works, sent: int, answer: object) -> None:
    works.stub.say(PATH, answer)  # type: ignore[arg-type]
    works.do("fetch_media")
    with works.app.app_context():
        assert row(works, sent).state is MediaState.WAITING
    assert works.only("fetch_media").state is WorkState.READY
    assert works.only("fetch_media").run_at > wall() - timedelta(seconds=1)


def test_nothing_is_fetched_for_somebody_who_was_forgotten(works: Works, sent: int) -> None:
    works.stub.say(PATH, AMR)
    works.change(lambda: row(works, sent).resident.key.drop())
    works.do("fetch_media")
    assert works.stub.of(PATH) == []
    with works.app.app_context():
        assert row(works, sent).state is MediaState.LOST
