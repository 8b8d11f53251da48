"""The ways of article 14 as equals; a poll has its sample, method and result; what was said there is answered like the rest."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from models.comments.point import counts
from models.decisions.consultation import Channel, Consultation
from models.decisions.material import Material, about
from models.decisions.matter import Mode
from models.decisions.participation import Participation, enter, said_at, ways
from models.decisions.road import Going, standing_of
from models.kernel.clock import today
from models.kernel.refusal import NotAllowed, RuleUnmet
from tests.conftest import People
from tests.making import a_consultation, a_pdf

FORUM: dict[str, Any] = {
    "place": "马坊村委会",
    "organised_by": "城市管理科",
    "people": 20,
    "kinds": "商户12人、居民8人",
    "gist": "早上不够停。",
}
POLL = FORUM | {"sample": 300, "people": 268, "method": "每户一份，入户发放。", "result": "赞成 201 份。"}


@pytest.fixture
def asked(people: People, session: scoped_session[Any]) -> Consultation:
    return a_consultation(people)


def record(office: People, asked: Consultation, mode: Mode = Mode.FORUM, **more: Any) -> Participation:
    told = (POLL if mode in (Mode.POLL, Mode.SURVEY) else FORUM) | {"held_on": today()} | more
    made: Participation = Participation.record(office["shenlin"], asked.decision, mode, **told)
    return made


def paper(people: People, event: Participation) -> None:
    Material.add(
        people["shenlin"], event.decision, "participation", "记录", a_pdf(), publicity_reason="过程性信息", subject=about(event)
    )  # fmt: skip


def going(asked: Consultation, key: str) -> Going | None:
    found = standing_of(asked.decision, key)
    return found.going if found else None


def test_an_event_counts_once_its_minutes_are_there(asked: Consultation, people: People) -> None:
    assert going(asked, "participation") == Going.EXCUSED
    event = record(people, asked)
    assert going(asked, "participation") == Going.NOW
    paper(people, event)
    assert going(asked, "participation") == Going.DONE


def test_a_poll_is_nothing_without_sample_method_and_result(asked: Consultation, people: People) -> None:
    with pytest.raises(RuleUnmet) as refused:
        record(people, asked, Mode.POLL, sample=100, method="", result="")
    assert set(refused.value.fields) == {"sample", "method", "result"}
    assert going(asked, "poll") == Going.WAIT
    event = record(people, asked, Mode.POLL)
    assert going(asked, "poll") == Going.NOW
    paper(people, event)
    assert going(asked, "poll") == Going.DONE


def test_a_forum_is_no_poll(asked: Consultation, people: People) -> None:
    paper(people, record(people, asked))
    assert going(asked, "poll") == Going.WAIT


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", " "), ("organised_by", ""), ("kinds", ""), ("gist", ""), ("people", 0), ("held_on", None)],
)
def test_what_is_lacking_is_named(asked: Consultation, people: People, field: str, value: Any) -> None:
    with pytest.raises(RuleUnmet) as refused:
        record(people, asked, **{field: today() + timedelta(days=1) if field == "held_on" else value})
    assert list(refused.value.fields) == [field]


def test_a_hearing_and_an_open_consultation_are_kept_elsewhere(asked: Consultation, people: People) -> None:
    for mode in (Mode.HEARING, Mode.OPEN):
        with pytest.raises(RuleUnmet):
            record(people, asked, mode)


def test_all_ways_stand_side_by_side(asked: Consultation, people: People) -> None:
    record(people, asked)
    record(people, asked, Mode.VISIT, people=5)
    void = record(people, asked, Mode.VISIT, people=7)
    void.void(people["xujing"], "人数写错了。")
    found = {way.mode: (way.times, way.people) for way in ways(asked.decision)}
    assert list(found) == [mode for mode in Mode if mode != Mode.OTHER]
    assert found[Mode.FORUM] == (1, 20)
    assert found[Mode.VISIT] == (1, 5)
    assert found[Mode.OPEN] == (1, 0)


def test_what_was_said_there_is_a_comment_like_every_other(asked: Consultation, people: People) -> None:
    event = record(people, asked)
    given = enter(event, people["shenlin"], asked, "东侧多留几个车位。", name="老张", key="desk:1:a")
    again = enter(event, people["shenlin"], asked, "东侧多留几个车位。", name="老张", key="desk:1:a")
    assert again.repeated
    assert given.comment.channel == Channel.HALL
    assert [comment.id for comment in said_at(event)] == [given.comment.id]
    assert counts(asked)["open"] == 1
    letters = enter(record(people, asked, Mode.WRITTEN), people["shenlin"], asked, "同意。")
    assert letters.comment.channel == Channel.PAPER


def test_another_case_takes_nothing_from_it(asked: Consultation, people: People) -> None:
    event = record(people, asked)
    other = a_consultation(people, title="夜市摊位管理办法")
    with pytest.raises(RuleUnmet, match="不是这件事的"):
        enter(event, people["shenlin"], other, "话")
    event.void(people["shenlin"], "写错了。")
    with pytest.raises(RuleUnmet, match="作废"):
        enter(event, people["shenlin"], asked, "话")


def test_only_some_posts_write_it_down(asked: Consultation, people: People) -> None:
    with pytest.raises(NotAllowed):
        Participation.record(people["luojing"], asked.decision, Mode.FORUM, held_on=today(), **FORUM)
    with pytest.raises(NotAllowed):
        record(people, asked).void(people["mafang"], "不要了。")


@pytest.mark.both_engines
def test_the_database_changes_no_event(asked: Consultation, people: People, session: scoped_session[Any]) -> None:
    enter(record(people, asked), people["shenlin"], asked, "话")
    session.flush()
    for sql in (
        "UPDATE participation SET people = 99",
        "DELETE FROM participation",
        "DELETE FROM said_there",
        "UPDATE participation SET stage = 'void'",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(sql))
