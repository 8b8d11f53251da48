"""After the answer, in the mini program: one tap, a second look by somebody else, promises with their days, merged lines, the clock."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from miniapp_api.schemas import comments as cs
from miniapp_api.schemas import reading as rs
from miniapp_api.schemas.base import page_of
from models.comments.comment import Comment
from models.comments.point import Outcome, Point
from models.comments.promise import Promise
from models.comments.second_look import Rating
from models.comments.showing import Hiding, redact
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.trail import Trace
from server.house import House, brief
from tests.conftest import Clock
from tests.miniapp_api.conftest import MiniProgram, new_key
from tests.miniapp_api.test_reading import loaded
from tests.wechat.consultations import officer

pytestmark = pytest.mark.both_engines
Answered = tuple[str, str, str]


@pytest.fixture
def answered(mini: MiniProgram, other: MiniProgram, publish: Callable[..., str], clock: Clock) -> Answered:
    """The consultation, one's own comment, and the answer to it."""
    public_id = publish()
    mine = mini.comment(public_id, "一个小时不够，打13812345678。", show_text=True)["id"]
    for _ in range(3):
        other.comment(public_id, "我也觉得一个小时不够。")
    clock.forward(days=31)
    publish.answer_all(public_id, Outcome.NOT_ADOPTED)  # type: ignore[attr-defined]
    (answer,) = mini.get(f"/comments/{mine}").get_json()["answers"]
    return public_id, mine, answer["id"]


def test_one_tap_is_kept_the_last_one_counts_and_the_same_again_leaves_no_trace(
    app: House, mini: MiniProgram, other: MiniProgram, answered: Answered
) -> None:
    _, mine, point = answered
    said = []
    for met in (True, True, False):
        answer = mini.call("PUT", f"/comments/{mine}/rating", {"point": point, "met": met})
        assert answer.status_code == 200
        loaded(cs.Comment, answer.get_json())
        said.append(answer.get_json()["answers"][0]["met"])
    assert said == [True, True, False]
    with app.app_context():
        assert [row.good for row in db.session.query(Rating)] == [False]
        assert db.session.query(Trace).filter_by(verb="rate").count() == 2
    assert other.call("PUT", f"/comments/{mine}/rating", {"point": point, "met": True}).status_code == 404
    assert mini.call("PUT", f"/comments/{mine}/rating", {"point": "a" * 12, "met": True}).status_code == 404
    wrong = mini.call("PUT", f"/comments/{mine}/rating", {"point": point, "met": "yes"})
    assert (wrong.status_code, set(wrong.get_json()["fields"])) == (422, {"met"})


def test_a_second_look_is_asked_for_once_and_the_same_submission_again_is_the_same_answer(
    mini: MiniProgram, other: MiniProgram, anybody: MiniProgram, answered: Answered
) -> None:
    _, mine, point = answered
    path, key = f"/comments/{mine}/second-look", new_key()
    empty = mini.post(path, {"point": point, "reason": " "})
    assert (empty.status_code, set(empty.get_json()["fields"])) == (422, {"reason"})
    first = mini.post(path, {"point": point, "reason": "没说早市几点收。"}, key)
    again = mini.post(path, {"point": point, "reason": "没说早市几点收。"}, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    loaded(cs.LookAsked, first.get_json())
    once_more = mini.post(path, {"point": point, "reason": "还有一句。"})
    assert (once_more.status_code, once_more.get_json()["code"]) == (409, "out_of_turn")
    assert "已经请人再看过一次" in once_more.get_json()["message"]
    assert other.post(path, {"point": point, "reason": "x"}).status_code == 404
    assert anybody.post(path, {"point": point, "reason": "x"}).status_code == 401
    (answer,) = mini.get(f"/comments/{mine}").get_json()["answers"]
    assert answer["met"] is False
    assert (answer["second_look"]["stage"], answer["second_look"]["late"]) == ("asked", False)


def test_promises_looks_and_what_is_late_stand_on_the_clock(
    app: House, mini: MiniProgram, anybody: MiniProgram, answered: Answered, publish: Callable[..., str], clock: Clock
) -> None:
    _, mine, point = answered
    mini.post(f"/comments/{mine}/second-look", {"point": point, "reason": "没说早市几点收。"})
    with app.app_context(), brief():
        found = db.session.query(Point).filter_by(public_id=point).one()
        Promise.make(officer("shenlin"), found, "公布早市收摊时间表", today() + timedelta(days=40))
    (promise,) = mini.get(f"/comments/{mine}").get_json()["answers"][0]["promises"]
    assert (promise["words"], promise["late"], promise["kept_at"]) == ("公布早市收摊时间表", False, None)
    waiting = publish("另一件事")
    clock.forward(days=90)
    body = anybody.get("/clock").get_json()
    loaded(rs.Clock, body)
    assert [(one["consultation"], one["days_late"] > 0) for one in body["answers"]] == [(waiting, True)]
    assert (body["second_looks"]["in_hand"], body["second_looks"]["late"]) == (1, 1)
    assert [(one["words"], one["late"]) for one in body["promises"]] == [("公布早市收摊时间表", True)]
    with app.app_context(), brief():
        db.session.query(Promise).one().keep(officer("shenlin"), "贴在市场门口。")
    body = anybody.get("/clock").get_json()
    loaded(rs.Clock, body)
    assert (body["promises"], [one["kept_words"] for one in body["kept"]]) == ([], ["贴在市场门口。"])


def test_lines_in_the_same_words_are_merged_and_the_sums_are_the_points(
    anybody: MiniProgram, answered: Answered
) -> None:
    public_id, *_ = answered
    report = anybody.get(f"/reports/{public_id}").get_json()
    loaded(rs.Report, report)
    assert (report["points"], report["lines"], report["copies"]) == (4, 2, {"templates": 1, "texts": 3, "edited": 0})
    for table in ("by_channel", "by_kind", "by_clause"):
        assert sum(sum(row["outcomes"].values()) for row in report[table]) == 4, table
    first = anybody.get(f"/reports/{public_id}/lines", limit=1).get_json()
    second = anybody.get(f"/reports/{public_id}/lines", limit=1, after=first["next"]).get_json()
    loaded(page_of(rs.MergedLine), first)
    assert [one["points"] for one in first["items"] + second["items"]] == [1, 3]
    assert (second["items"][0]["serials"], second["next"]) == ("0002、0003、0004号", None)
    assert anybody.get(f"/reports/{public_id}/lines", after="a" * 12).status_code == 422
    assert anybody.get(f"/reports/{public_id}/lines", clause="a" * 12).status_code == 422


def test_who_wrote_it_reads_what_is_covered_and_hidden_of_their_words(
    app: House, mini: MiniProgram, answered: Answered
) -> None:
    _, mine, _ = answered
    assert (
        mini.get(f"/comments/{mine}").get_json()["covered"],
        mini.get(f"/comments/{mine}").get_json()["hidden"],
    ) == (
        [],
        None,
    )
    with app.app_context(), brief():
        comment = db.session.query(Comment).filter_by(public_id=mine).one()
        redact(comment, officer("shenlin"), ["13812345678"], "personal", "电话号码。")
        Hiding.hide(officer("zhoumin"), comment, "personal", "通篇是电话。")
    body = mini.get(f"/comments/{mine}").get_json()
    loaded(cs.Comment, body)
    assert [one["words"] for one in body["covered"]] == ["13812345678"]
    assert body["hidden"] == {"ground": "含有个人信息", "reason": "通篇是电话。"}
