"""Who signed up for a lecture hears of it once: the day before, when it moves, when it falls out; and the room's square is made once."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from models import files
from models.decisions.consultation import Channel
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.work import WorkState
from models.messages.message import MessageState
from models.outreach.attendee import Attendee, change, sign_up, turnout
from models.outreach.lecture import LectureStage, by_public_id
from models.outreach.lecture_file import add_photograph, drop_file, files_of
from server.house import brief
from server.jobs.routine import Routine
from tests.conftest import OFFICIAL, People
from tests.jobs.conftest import Works
from tests.jobs.test_routine import Remembering
from tests.making import a_follower, a_lecture

CREATE = "/cgi-bin/qrcode/create"
pytestmark = pytest.mark.both_engines


def announced(works: Works, **more: Any) -> str:
    """Announced, with two who follow the account on its two seats."""
    name = ""

    def make() -> None:
        nonlocal name
        lecture = a_lecture(People(), **more)
        for number in (1, 2):
            sign_up(a_follower(number, OFFICIAL.appid), lecture, Channel.H5)
        name = lecture.public_id

    works.change(make)
    return name


def told(works: Works) -> list[str]:
    """What the templates said, in the order of sending."""
    works.do("tell")
    works.do("send")
    return [str(asked.json["data"]) for asked in works.stub.asked if asked.path.endswith("/message/template/send")]


def test_everybody_with_a_seat_hears_once(works: Works) -> None:
    name = announced(works)
    routine = Routine(works.app, works.queue, Remembering())  # type: ignore[arg-type]
    with works.app.app_context():
        routine.remind_of_lectures()
    assert told(works) == []

    def evening_before() -> None:
        lecture = by_public_id(name)
        assert lecture
        noon = local(lecture.starts_at - timedelta(days=1)).replace(hour=12)
        law.move(int((noon - now()).total_seconds()))

    works.change(evening_before)
    for _ in range(2):
        with works.app.app_context():
            routine.remind_of_lectures()
    said = told(works)
    assert len(said) == 2
    assert all("明天开讲" in one for one in said)

    def move() -> None:
        lecture = by_public_id(name)
        assert lecture
        change(lecture, People()["linxiao"], "下雨。", venue="社区礼堂")

    works.change(move)
    assert sum("讲堂改了" in one for one in told(works)) == 2

    def cancel() -> None:
        lecture = by_public_id(name)
        assert lecture
        lecture.cancel(People()["linxiao"], "主讲病了。")

    works.change(cancel)
    assert sum("取消" in one for one in told(works)) == 2
    assert len(told(works)) == 6
    assert {message.state for message in works.messages()} == {MessageState.SENT}


def test_the_square_of_the_room_is_made_once_for_the_account(works: Works) -> None:
    works.stub.say(CREATE, {"ticket": "T", "url": "http://weixin.qq.com/q/abc"})
    name = announced(works)
    with works.app.app_context():
        before = by_public_id(name)
        assert before
        version = before.version
    works.do("lecture_code")
    (asked,) = [one for one in works.stub.asked if one.path == CREATE]
    with works.app.app_context():
        lecture = by_public_id(name)
        assert lecture
        assert asked.json == {
            "action_name": "QR_LIMIT_STR_SCENE",
            "action_info": {"scene": {"scene_str": f"in_{name}_{lecture.code}"}},
        }
        assert (lecture.wx_url, lecture.wx_appid) == ("http://weixin.qq.com/q/abc", OFFICIAL.appid)
        assert lecture.version == version, "whoever has its page open may go on"


def test_an_account_without_that_right_holds_nobody_up(works: Works) -> None:
    works.stub.say(CREATE, {"errcode": 48001, "errmsg": "api unauthorized"})
    name = announced(works)
    works.do("lecture_code")
    assert works.only("lecture_code").state == WorkState.DONE
    with works.app.app_context():
        lecture = by_public_id(name)
        assert lecture
        assert (lecture.wx_url, lecture.stage) == ("", LectureStage.ANNOUNCED)
        db.session.rollback()


def test_the_names_that_staff_wrote_down_go_when_they_were_promised_to_go(works: Works) -> None:
    name = announced(works, seats=0)

    def enter() -> None:
        lecture = by_public_id(name)
        assert lecture
        Attendee.enter(People()["mafang"], lecture, "王奶奶", "0000-5550188", None, key=None)

    works.change(enter)
    routine = Routine(works.app, works.queue, Remembering())  # type: ignore[arg-type]

    def names() -> list[str]:
        with works.app.app_context():
            routine.forget_neighbours()
            with brief(write=False):
                rows = db.session.scalars(select(Attendee).where(Attendee.entered_by_id.is_not(None)))
                return [row.resident.name for row in rows.unique()]

    works.change(lambda: law.move(300 * 86_400))
    assert names() == ["王奶奶"]
    works.change(lambda: law.move(70 * 86_400))
    assert names() == [""]
    with works.app.app_context():
        lecture = by_public_id(name)
        assert lecture
        assert turnout(lecture).signed == 3, "who was counted stays counted"


def test_a_photograph_that_is_taken_away_leaves_the_disk_when_that_is_committed_and_not_before(works: Works) -> None:
    name = announced(works)
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "#7a5").save(drawn, "JPEG")

    def photograph() -> None:
        lecture = by_public_id(name)
        assert lecture
        add_photograph(lecture, People()["linxiao"], drawn.getvalue(), "前排", agreed=True)

    def away() -> str:
        lecture = by_public_id(name)
        assert lecture
        (one,) = files_of(lecture)
        drop_file(lecture, People()["linxiao"], one)
        return one.file

    works.change(photograph)
    with works.app.app_context():
        kept = away()
        db.session.rollback()
        assert works.do("forget_photograph") == 0
        assert files.exists(kept), "the deed came to nothing, so the picture is whole"
    works.change(away)
    assert files.exists(kept)
    assert works.do("forget_photograph") == 1
    assert not files.exists(kept)
    works.want("forget_photograph", {"file": kept})
    assert works.do("forget_photograph") >= 1, "once more is nothing"
    assert {w.state for w in works.work("forget_photograph")} == {WorkState.DONE}
