"""A lecture is released by a second person; of two who want the last seat one has it; nobody is counted twice; the three numbers stay apart."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from models import files
from models.comments.forget import forget
from models.decisions.consultation import Channel
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import local, now
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, RuleUnmet, TooOften
from models.kernel.trail import SYSTEM, Trace
from models.messages.audience import expand
from models.messages.message import Message
from models.outreach.attendee import (
    Arrival,
    Attendee,
    AttendeeStage,
    be_here,
    change,
    leave,
    mine,
    of,
    people_of,
    read_names,
    sign_up,
    turnout,
)
from models.outreach.lecture import (
    EARLY,
    Lecture,
    LectureStage,
    coming,
    lecture_list,
    to_remind,
    with_open_doors,
)
from models.outreach.lecture_file import add_material, add_photograph, drop_file, files_of, forget_unused
from models.outreach.lecture_year import lecture_year
from models.people.place import villages
from models.people.resident import Resident
from models.search.kinds import find, index
from tests.making import a_lecture, a_pdf, a_resident

pytestmark = pytest.mark.both_engines


def until(moment: Any) -> None:
    """The law's clock shows this moment."""
    db.session.flush()
    law.move(int((moment - now()).total_seconds()) + 1)
    db.session.expire_all()


def last(verb: str) -> Trace:
    db.session.flush()
    return db.session.scalars(select(Trace).where(Trace.verb == verb).order_by(Trace.id.desc()).limit(1)).one()


def told(verb: str) -> set[int]:
    """Who hears of the last fact of this verb; again tells nobody."""
    fact = last(verb)
    expand(fact)
    assert expand(fact) == 0
    return set(db.session.scalars(select(Message.resident_id).where(Message.fact_id == fact.id)))


def test_nobody_is_invited_before_a_second_person_has_read_it(people: Any) -> None:
    lecture = a_lecture(people, LectureStage.DRAFTED, speaker="")
    with pytest.raises(RuleUnmet) as lacks:
        lecture.submit(people["linxiao"])
    assert set(lacks.value.fields) == {"speaker"}
    with pytest.raises(RuleUnmet) as wrong:
        lecture.revise(people["linxiao"], ends_at=lecture.starts_at, seats=-1)
    assert set(wrong.value.fields) == {"ends_at", "seats"}
    lecture.revise(people["linxiao"], ends_at=lecture.starts_at + timedelta(hours=1), seats=2, speaker="李文")
    lecture.submit(people["linxiao"])
    with pytest.raises(NotAllowed):
        lecture.announce(people["linxiao"])
    lecture.send_back(people["luojing"], "写上讲几点。")
    assert lecture.returned_reason == "写上讲几点。"
    lecture.submit(people["linxiao"])
    assert not coming()
    assert not lecture_list()
    with pytest.raises(OutOfTurn):
        sign_up(a_resident(1), lecture, Channel.H5)
    lecture.announce(people["luojing"])
    db.session.flush()
    assert [one.id for one in coming()] == [lecture.id]
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE lecture SET announcer_id = author_id WHERE id = :n"), {"n": lecture.id})
    # Who holds both posts still needs a second person.
    both = a_lecture(people, LectureStage.DRAFTED)
    both.author = people["luojing"]
    both.submit(people["luojing"])
    with pytest.raises(RuleUnmet, match="两个人"):
        both.announce(people["luojing"])


def test_a_village_officer_has_the_lectures_of_that_village(people: Any) -> None:
    village = people["mafang"]
    own = next(place for place in villages() if place in village.places)
    other = next(place for place in villages() if place not in village.places)
    theirs = a_lecture(people, place=other)
    begins = theirs.starts_at
    with pytest.raises(RuleUnmet) as wrong:
        Lecture.draft_new(village, begins, begins + timedelta(hours=1), title="讲", place=other)
    assert "place" in wrong.value.fields
    Lecture.draft_new(village, begins, begins + timedelta(hours=1), title="讲", place=own)
    for deed in (
        lambda: theirs.cancel(village, "下雨"),
        lambda: Attendee.enter(village, theirs, "王奶奶", "", None, key=None),
        lambda: read_names(theirs, village),
        lambda: add_material(theirs, village, a_pdf(), "讲义"),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_seats_run_out_and_whoever_waits_moves_up(people: Any) -> None:
    lecture = a_lecture(people, seats=2)
    first, second, third, fourth = (a_resident(n) for n in range(1, 5))
    rows = [sign_up(who, lecture, Channel.H5) for who in (first, second, third, fourth)]
    assert [(row.stage.value, row.seat, row.queue) for row in rows] == [
        ("seated", 1, 0),
        ("seated", 2, 0),
        ("waiting", None, 1),
        ("waiting", None, 2),
    ]
    assert sign_up(first, lecture, Channel.CHAT).id == rows[0].id, "pressed twice it is one"
    with pytest.raises(Missing):
        leave(rows[0], second)
    leave(rows[0], first)
    assert (rows[2].stage, rows[2].seat, rows[3].queue) == (AttendeeStage.SEATED, 1, 1)
    assert told("get_seat") == {third.id}
    again = sign_up(first, lecture, Channel.H5)
    assert (again.id, again.stage, again.queue) == (rows[0].id, AttendeeStage.WAITING, 2)
    with pytest.raises(RuleUnmet) as fewer:
        change(lecture, people["linxiao"], "小房间", seats=1)
    assert "seats" in fewer.value.fields
    change(lecture, people["linxiao"], "换大房间", seats=3)
    assert (rows[3].seat, again.queue) == (3, 1)
    assert (turnout(lecture).signed, turnout(lecture).waiting) == (3, 1)
    assert [one.remark for one in lecture.changes] == ["换大房间"]
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE attendee SET seat = 3 WHERE id = :n"), {"n": rows[2].id})
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(text("UPDATE lecture_change SET remark = 'x'"))
    forget(second, second)
    db.session.expire_all()
    assert again.seat == 2, "who is forgotten keeps no seat"


def test_who_signed_up_hears_when_it_moves_or_falls_out_and_nobody_else(people: Any) -> None:
    lecture = a_lecture(people, seats=1)
    seated, waits, gone = (a_resident(n) for n in range(1, 4))
    sign_up(seated, lecture, Channel.H5)
    sign_up(waits, lecture, Channel.MINI)
    leave(sign_up(gone, lecture, Channel.CHAT), gone)
    change(lecture, people["linxiao"], "写错了一个字", title="土地流转合同里的五个坑")
    assert last("correct").subject_id == lecture.id
    with pytest.raises(RuleUnmet):
        change(lecture, people["linxiao"], " ", venue="社区礼堂")
    change(lecture, people["linxiao"], "下雨，改到礼堂", venue="社区礼堂")
    assert told("move") == {seated.id, waits.id}
    lecture.cancel(people["mafang"], "主讲病了，改日再办。")
    assert told("cancel") == {seated.id, waits.id}
    with pytest.raises(OutOfTurn, match="取消了"):
        sign_up(gone, lecture, Channel.H5)
    index("Lecture", lecture.id)
    assert not find("土地流转合同").rows


def test_the_day_before_those_with_a_seat_are_reminded_once(people: Any) -> None:
    lecture = a_lecture(people, days=3, seats=1)
    seated, waits = a_resident(1), a_resident(2)
    for who in (seated, waits):
        sign_up(who, lecture, Channel.H5)
    assert not to_remind()
    until(lecture.starts_at - timedelta(hours=30))
    assert to_remind() == [lecture.id]
    lecture.remind(SYSTEM)
    assert told("remind") == {seated.id}
    assert not to_remind()
    # Moved to another day they are reminded of that one.
    change(
        lecture,
        people["linxiao"],
        "改一天",
        starts_at=lecture.starts_at + timedelta(days=1),
        ends_at=lecture.ends_at + timedelta(days=1),
    )
    assert not to_remind()
    until(lecture.starts_at - timedelta(hours=30))
    assert to_remind() == [lecture.id]


def test_being_there_is_said_by_scan_code_or_staff_and_counts_once(people: Any) -> None:
    lecture = a_lecture(people, seats=0)
    neighbour, guest, thief = (a_resident(n) for n in range(1, 4))
    sign_up(neighbour, lecture, Channel.H5)
    old = Attendee.enter(people["mafang"], lecture, "  王 奶奶 ", "0000-5550188", villages()[0], key="desk:1")
    assert old.resident.name == "王 奶奶"
    with pytest.raises(RuleUnmet, match="已经报过名"):
        Attendee.enter(people["zhoumin"], lecture, "王奶奶", "00005550188", None, key=None)
    with pytest.raises(OutOfTurn, match="开讲前半小时"):
        be_here(neighbour, lecture, lecture.code, Channel.H5)
    with pytest.raises(OutOfTurn):
        old.tick(people["zhoumin"])
    with pytest.raises(RuleUnmet, match="还没有开讲"):
        lecture.count(people["linxiao"], 3)
    until(lecture.starts_at - EARLY)
    assert with_open_doors() == [lecture]
    wrong = f"{(int(lecture.code) + 1) % 10**6:06d}"
    assert not be_here(neighbour, lecture, wrong, Channel.H5)
    spaced = f"{lecture.code[:3]} {lecture.code[3:]}"
    for _ in range(2):
        assert be_here(neighbour, lecture, spaced, Channel.H5)
    assert be_here(guest, lecture, lecture.code, Channel.CHAT, Arrival.SCAN)
    assert of(lecture, guest).stage == AttendeeStage.WALKED_IN  # type: ignore[union-attr]
    old.tick(people["zhoumin"])
    old.tick(people["mafang"])
    late = Attendee.enter(people["mafang"], lecture, "李大爷", "", None, key=None)
    assert (late.stage, late.came_how) == (AttendeeStage.WALKED_IN, Arrival.STAFF)
    counted = turnout(lecture)
    assert (counted.signed, counted.came, counted.of_signed, counted.heads) == (2, 4, 2, None)
    old.untick(people["zhoumin"])
    assert turnout(lecture).came == 3
    with pytest.raises(RuleUnmet):
        late.untick(people["zhoumin"])
    # Ten wrong ones, and the right one is refused too.
    for _ in range(10):
        assert not be_here(thief, lecture, wrong, Channel.H5)
    with pytest.raises(TooOften):
        be_here(thief, lecture, lecture.code, Channel.H5)
    # The same person under two names is one.
    guest.merge_into(guest, neighbour)
    db.session.flush()
    assert turnout(lecture).came == 2
    assert people_of([lecture]) == 2
    assert mine(guest, [lecture])[lecture.id].came_at is not None

    until(lecture.ends_at)
    assert lecture.is_over
    with pytest.raises(OutOfTurn):
        be_here(thief, lecture, lecture.code, Channel.H5)
    with pytest.raises(OutOfTurn, match="已经讲完"):
        lecture.cancel(people["linxiao"], "不办了")
    with pytest.raises(RuleUnmet):
        lecture.count(people["linxiao"], None)
    with pytest.raises(RuleUnmet, match="没有人到场"):
        lecture.count(people["linxiao"], 0)
    lecture.count(people["linxiao"], 41, "讲到一半数的，有二十来个人没带手机。")
    lecture.count(people["mafang"], 42, "又数了照片。")
    assert (lecture.stage, turnout(lecture).heads, turnout(lecture).came) == (LectureStage.HELD, 42, 2)
    facts = db.session.scalars(select(Trace).where(Trace.verb == "count").order_by(Trace.id)).all()
    assert [one.detail["heads"] for one in facts] == [41, 42]


def test_who_signed_up_is_sealed_and_each_look_leaves_its_trace(people: Any) -> None:
    lecture = a_lecture(people)
    Attendee.enter(people["mafang"], lecture, "张秀英老太太", "0000-5550177", None, key=None)
    rows = read_names(lecture, people["zhoumin"])
    assert [row.resident.name for row in rows] == ["张秀英老太太"]
    seen = last("read_names")
    assert seen.detail == {"number": 1}
    every = db.session.execute(text("SELECT detail FROM trace")).scalars().all()
    assert not any("秀英" in str(one) or "5550177" in str(one) for one in every)
    assert db.session.scalar(select(func.count()).select_from(Resident).where(Resident.sealed_name.is_not(None)))


def test_papers_for_everybody_and_photographs_for_whom_the_faces_agreed(people: Any) -> None:
    lecture = a_lecture(people)
    drawn = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Somebody's camera"
    Image.new("RGB", (2400, 1200), "#7a5").save(drawn, "JPEG", exif=exif)
    paper = add_material(lecture, people["linxiao"], a_pdf("讲义"), "讲义")
    open_ = add_photograph(lecture, people["linxiao"], drawn.getvalue(), "课件和背影", agreed=True)
    kept = add_photograph(lecture, people["mafang"], drawn.getvalue(), "前排几位", agreed=False)
    with pytest.raises(RuleUnmet):
        add_photograph(lecture, people["linxiao"], a_pdf(), "不是照片", agreed=True)
    with pytest.raises(RuleUnmet) as named:
        add_material(lecture, people["linxiao"], a_pdf(), " ")
    assert "name" in named.value.fields
    db.session.flush()
    assert [one.name for one in files_of(lecture)] == ["讲义", "课件和背影", "前排几位"]
    assert [one.name for one in files_of(lecture, shown=True)] == ["讲义", "课件和背影"]
    assert b"camera" not in open_.data
    assert Image.open(io.BytesIO(open_.data)).size == (1600, 800)
    # The same picture twice lies on the disk once, until the last one asks for it to go.
    assert open_.file == kept.file
    drop_file(lecture, people["linxiao"], open_)
    assert not forget_unused(kept.file)
    assert files.exists(kept.file)
    name = kept.file
    drop_file(lecture, people["linxiao"], kept)
    assert forget_unused(name)
    assert not files.exists(name)
    assert [one.id for one in files_of(lecture)] == [paper.id]


def test_the_year_lists_every_village_with_its_lectures_places_and_people(people: Any) -> None:
    second, first = villages()[:2]
    a, b = a_lecture(people, place=first, seats=0), a_lecture(people, place=first, seats=0, venue="礼堂")
    uncounted = a_lecture(people, place=second)
    street = a_lecture(people, place=None, seats=0)
    a_lecture(people, place=second).cancel(people["linxiao"], "主讲病了")
    same = a_resident(1)
    for one in (a, b):
        sign_up(same, one, Channel.H5)
    until(a.starts_at)
    for one in (a, b):
        be_here(same, one, one.code, Channel.H5)
    until(a.ends_at)
    a.count(people["linxiao"], 20)
    b.count(people["linxiao"], 31)
    street.count(people["linxiao"], 9)
    db.session.flush()
    year = lecture_year(local(a.starts_at).year)
    by_name = {line.name: line for line in year.lines}
    assert len(year.lines) == len(villages()) + 1
    mine_ = by_name[first.name]
    assert (mine_.held, mine_.venues, mine_.signed, mine_.came, mine_.heads, mine_.people) == (2, 2, 2, 2, 51, 1)
    other = by_name[second.name]
    assert (other.held, other.uncounted, other.cancelled, other.heads) == (0, 1, 1, 0)
    assert (year.whole.held, year.whole.heads, year.whole.people) == (3, 60, 1)
    assert sum(n for _, n, _ in year.months) == 3
    assert sum(heads for _, _, heads in year.months) == 60
    assert uncounted.is_over
    assert not lecture_year(year.year - 5).lectures


def test_an_announced_lecture_is_found(people: Any) -> None:
    lecture = a_lecture(people, LectureStage.SUBMITTED)
    index("Lecture", lecture.id)
    assert not find("土地流转").rows
    lecture.announce(people["xujing"])
    db.session.flush()
    index("Lecture", lecture.id)
    assert [(row.kind, row.page) for row in find("土地流转").rows] == [("lecture", lecture.public_id)]
