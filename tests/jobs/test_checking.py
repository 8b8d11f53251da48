"""WeChat's content check and the office's list say what to look at before words are shown; they change nothing about what counts."""

from typing import Any

import pytest

from models.comments.comment import Comment
from models.comments.point import Point, PointStage
from models.comments.release import totals
from models.comments.text_check import Suggestion, TextCheck, listed, mentioned, number_mentioned, said_of
from models.decisions.consultation import by_public_id
from models.kernel.base import db
from models.people.resident import Identity
from tests.conftest import MINI
from tests.jobs.conftest import Works
from tests.making import a_comment, a_resident

PATH = "/wxa/msg_sec_check"


def shown(works: Works, text: str, mini: bool = True) -> tuple[str, int]:
    """A comment whose writer lets it be shown."""
    asked, made = works.open(), []

    def say() -> None:
        who = a_resident(7)
        if mini:
            db.session.add(Identity(resident=who, appid=MINI.appid, openid="mini-7"))
            db.session.flush()
        made.append(a_comment(by_public_id(asked), who, text, show_text=True).comment.id)  # type: ignore[arg-type]

    works.change(say)
    return asked, made[0]


@pytest.mark.parametrize("suggest", ["pass", "review", "risky"])
def test_the_check_is_kept_and_counts_for_nothing_but_what_is_shown(works: Works, suggest: str) -> None:
    asked, number = shown(works, "灯太暗。")
    works.stub.say(PATH, {"errcode": 0, "result": {"suggest": suggest, "label": 100}, "trace_id": "T-1"})
    works.do("check_text")
    with works.app.app_context():
        kept = db.session.query(TextCheck).one()
        assert (kept.comment_id, kept.suggestion, kept.label, kept.reference) == (
            number,
            Suggestion(suggest),
            100,
            "T-1",
        )
        matter: Any = by_public_id(asked)
        assert (totals(matter)["texts"], totals(matter)["points"]) == (1, 1)
        assert db.session.query(Point).one().stage == PointStage.OPEN
        assert Suggestion(suggest).label in said_of(db.session.query(Comment).one())[0]


@pytest.mark.parametrize("answer", [{"errcode": 61010, "errmsg": "code is expired"}, {"errcode": 0, "result": {}}])
def test_where_wechat_cannot_judge_a_person_has_to(works: Works, answer: dict[str, Any]) -> None:
    shown(works, "灯太暗。")
    works.stub.say(PATH, answer)
    works.do("check_text")
    with works.app.app_context():
        assert db.session.query(TextCheck).one().suggestion == Suggestion.REVIEW


def test_who_is_not_known_to_the_mini_program_is_read_by_a_person(works: Works) -> None:
    shown(works, "灯太暗。", mini=False)
    works.do("check_text")
    assert not works.stub.of(PATH)
    with works.app.app_context():
        assert db.session.query(TextCheck).one().suggestion == Suggestion.REVIEW


def test_words_of_the_list_are_found_however_they_are_written_and_only_named_to_who_decides(works: Works) -> None:
    assert listed("你们这些王 八、蛋！") == ["王八蛋"]
    assert listed("灯太暗。") == []
    shown(works, "王八蛋，灯太暗。")
    with works.app.app_context():
        comment = db.session.query(Comment).one()
        assert any("王八蛋" in words for words in said_of(comment))
        assert comment.text == "王八蛋，灯太暗。"


def test_words_that_are_not_to_be_shown_are_not_sent_to_wechat(works: Works) -> None:
    works.comment(works.open(), "人")
    assert works.do("check_text") == 0


@pytest.mark.parametrize(
    ("suggest", "text", "found"),
    [
        ("pass", "灯太暗。", False),
        ("review", "灯太暗。", True),
        ("risky", "灯太暗。", True),
        ("pass", "王 八蛋。", True),
    ],
)
def test_what_either_check_finds_is_marked_to_be_looked_at(works: Works, suggest: str, text: str, found: bool) -> None:
    asked, _ = shown(works, text)
    works.stub.say(PATH, {"errcode": 0, "result": {"suggest": suggest, "label": 100}, "trace_id": "T-1"})
    works.do("check_text")
    with works.app.app_context():
        matter: Any = by_public_id(asked)
        assert db.session.query(TextCheck).one().found is found
        assert (number_mentioned(matter), len(mentioned(matter))) == (int(found), int(found))


def test_where_wechat_could_not_be_asked_nothing_was_found(works: Works) -> None:
    asked, _ = shown(works, "灯太暗。", mini=False)
    works.do("check_text")
    with works.app.app_context():
        matter: Any = by_public_id(asked)
        assert number_mentioned(matter) == 0
