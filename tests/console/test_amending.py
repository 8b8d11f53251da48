"""After the release: proposed at the desk, approved by a second person, released, and read by everybody under the answer."""

from collections.abc import Callable
from typing import Any

from models.comments.amendment import Amendment
from models.comments.point import by_public_id
from models.kernel.base import db
from server.house import House
from tests.console.world import World

RIGHT = {"outcome": "adopted", "text": "核对后改为两小时。", "remark": "原来漏看了北侧的数据"}


def test_a_correction_goes_from_the_handler_to_the_public_and_both_answers_are_shown(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    sheet = f"/desk/points/{world.released_point}/correction"
    handler = desk("shenlin")
    page = handler.get(f"/desk/answering/{world.released}?p={world.released_point}&stage=all").get_data(as_text=True)
    assert sheet in page
    lacking = handler.submit(sheet, {**RIGHT, "remark": ""})
    assert lacking.status_code == 422
    assert "核对后改为两小时。" in lacking.get_data(as_text=True), "nothing typed is lost"
    proposed = handler.submit(sheet, RIGHT)
    assert proposed.status_code == 303
    place = proposed.headers["Location"]
    assert handler.submit(sheet, RIGHT).status_code in (409, 422), "one at a time"
    version = {"version": "1"}
    assert handler.submit(place, {**version, "deed": "approve"}).status_code in (403, 422)
    assert desk("xujing").submit(place, {**version, "deed": "approve"}).status_code == 303
    assert place in desk("zhoumin").get("/desk/amendments").get_data(as_text=True)
    assert desk("zhoumin").submit(place, {**version, "deed": "release"}).status_code == 409, "an old page"
    assert desk("zhoumin").submit(place, {"version": "2", "deed": "release"}).status_code == 303
    with app.app_context():
        point = by_public_id(world.released_point)
        assert point
        assert point.outcome
        assert point.outcome.label == "未采纳"
        number = db.session.query(Amendment).filter_by(point_id=point.id).one().made_release.number  # type: ignore[union-attr]
    anybody = app.test_client()
    report = anybody.get(f"/reports/{world.released}").get_data(as_text=True)
    for words in ("发布以后更正过", number, RIGHT["remark"], RIGHT["text"], "结果更正为", point.reason or ""):
        assert words in report
    told = anybody.get(f"/api/v1/reports/{world.released}").get_json()
    assert [(one["number"], one["note"]) for one in told["corrections"]] == [(number, RIGHT["remark"])]
    assert told["outcomes"]["adopted"] == 1
    shown = anybody.get(f"/api/v1/consultations/{world.released}/comments").get_json()["items"]
    (item,) = [one for one in shown if one["id"] == world.released_point]
    assert (item["outcome"], [one["outcome"] for one in item["later"]]) == ("not_adopted", ["adopted"])


def test_a_supplement_is_sent_back_with_a_reason_and_proposed_anew(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    sheet = f"/desk/points/{world.released_point}/supplement"
    assert desk("shenlin").submit(sheet, {"text": "再说一句。"}).status_code in (403, 422), "not by who answered"
    place = desk("xujing").submit(sheet, {"text": "北侧停车场下月开放。"}).headers["Location"]
    assert desk("hexiulan").submit(place, {"version": "1", "deed": "send_back", "reason": ""}).status_code == 422
    assert (
        desk("hexiulan").submit(place, {"version": "1", "deed": "send_back", "reason": "写明日期"}).status_code == 303
    )
    assert "写明日期" in desk("xujing").get(place).get_data(as_text=True)
    assert desk("xujing").submit(sheet, {"text": "北侧停车场12月1日开放。"}).status_code == 303
