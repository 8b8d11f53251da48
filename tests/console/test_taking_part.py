"""What residents see of a hearing, and how somebody who is asked by name answers."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import event, update

from models.comments.point import Point, PointStage
from models.decisions.consultation import by_public_id as round_of
from models.decisions.hearing import by_public_id
from models.decisions.invitation import Group, Invitation
from models.decisions.invitation import by_public_id as invitation_of
from models.decisions.participation import by_public_id as event_of
from models.decisions.participation import said_at
from models.kernel import clock
from models.kernel.base import db
from models.people.consent import Consent
from server.house import House
from tests.conftest import People, SignedIn
from tests.console.world import World

KEY = "a" * 64


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"', page)
    assert found
    return found[1] or found[2]


def send(app: House, address: str, **told: Any) -> Any:
    browser = app.test_client()
    page = browser.get(address)
    assert page.status_code == 200
    return browser.post(address, data={"csrf_token": token(page.get_data(as_text=True)), **told})


def test_a_drafted_hearing_is_not_shown(app: House, world: World) -> None:
    browser = app.test_client()
    assert browser.get(f"/hearings/{world.drafted_hearing}").status_code == 404
    page = browser.get("/hearings").get_data(as_text=True)
    assert "农贸市场周边停车听证会" in page
    assert "夜间停车听证会" not in page


def test_somebody_applies_without_an_account_and_no_name_is_shown_before_the_list(app: House, world: World) -> None:
    here = f"/hearings/{world.hearing}"
    wrong = send(app, here, party="public", name="", phone="13800000001", text="晚上没处停。")
    assert wrong.status_code == 422
    assert "晚上没处停。" in wrong.get_data(as_text=True)
    assert send(app, here, party="public", name="周大勇", phone="13800000001").status_code == 303
    page = app.test_client().get(here).get_data(as_text=True)
    assert "周大勇" not in page
    assert "13800000001" not in page
    with app.app_context():
        found = by_public_id(world.hearing)
        assert found
        assert [one.name for one in found.applicants] == ["马春花", "周大勇"]


def test_the_invited_answer_by_their_link_once_however_often_it_is_pressed(app: House, world: World) -> None:
    here = f"/invited/{world.invited}"
    for _ in range(2):
        assert send(app, here, text="第二条写两小时。", key=KEY).status_code == 303
    with app.app_context():
        one = invitation_of(world.invitation)
        assert one
        assert one.received_on is not None
        assert one.consultation.n_texts == 2  # the other one came on paper


def test_the_invited_may_have_nothing_to_say_but_have_to_say_so(app: House, world: World) -> None:
    here = f"/invited/{world.invited}"
    assert "/privacy" in app.test_client().get(here).get_data(as_text=True)
    assert send(app, here, text=" ", key=KEY).status_code == 422
    with app.app_context():
        one = invitation_of(world.invitation)
        assert one
        assert not Consent.given(one.resident), "named by the office, who has agreed to nothing yet"
    assert send(app, here, text="", nothing="y", key=KEY).status_code == 303
    with app.app_context():
        one = invitation_of(world.invitation)
        assert one
        assert one.nothing_to_say
        assert Consent.given(one.resident), "the page said what becomes of their words"


def test_a_wrong_link_opens_nothing_and_the_round_has_no_public_page(app: House, world: World) -> None:
    browser = app.test_client()
    assert browser.get(f"/invited/{'0' * 64}").status_code == 404
    assert browser.get("/invited/x").status_code == 404
    assert browser.get(f"/consultations/{world.round}").status_code == 404
    assert browser.get(f"/consultations/{world.round}/comment").status_code == 404


def test_the_desk_writes_down_an_event_and_what_was_said_there(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    village = desk("mafang")
    with app.app_context():
        event = event_of(world.event)
        assert event
        case = event.decision.public_id
    here = f"/desk/cases/{case}/participation"
    told = {"mode": "survey", "held_on": "2026-11-25", "place": "马坊村", "organised_by": "马坊村委会", "people": "30",
            "kinds": "住户", "gist": "多数要两小时。"}  # fmt: skip
    refused = village.submit(here, told)
    assert refused.status_code == 422
    assert "多数要两小时。" in refused.get_data(as_text=True)
    assert "请写怎样抽样" in refused.get_data(as_text=True)
    done = village.submit(here, told | {"sample": "40", "method": "入户。", "result": "赞成21份。"})
    assert done.status_code == 303
    page = village.get(f"/desk/participation/{world.event}").get_data(as_text=True)
    asked = re.search(r'<select id="consultation"[^>]*>.*?value="([a-z0-9]{12})"', page, re.S)
    assert asked
    said = {"deed": "said", "consultation": asked[1], "text": "东侧多留车位。", "name": "老张"}
    assert village.submit(f"/desk/participation/{world.event}", said).status_code == 303
    with app.app_context():
        event = event_of(world.event)
        assert event
        assert [comment.text for comment in said_at(event)] == ["东侧多留车位。"]


def test_the_desk_sends_a_link_that_is_shown_once(app: House, world: World, desk: Callable[[str], Any]) -> None:
    handler = desk("shenlin")
    here = f"/desk/rounds/{world.round}"
    page = handler.submit(here, {"deed": "send", "invitation": world.invitation, "how": "当面"}).get_data(as_text=True)
    link = re.search(r"/invited/([0-9a-f]{64})", page)
    assert link
    assert app.test_client().get(f"/invited/{link[1]}").status_code == 200
    assert app.test_client().get(f"/invited/{world.invited}").status_code == 404  # the new link took its place
    assert "/invited/" not in handler.get(here).get_data(as_text=True)
    assert handler.submit(here, {"deed": "remind", "invitation": world.invitation}).status_code == 303
    assert "1 次" in handler.get(here).get_data(as_text=True)


def test_the_hearing_desk_shows_why_the_list_cannot_be_published_yet(world: World, desk: Callable[[str], Any]) -> None:
    head = desk("xujing")
    here = f"/desk/hearings/{world.hearing}"
    page = head.get(here).get_data(as_text=True)
    assert "报名还没有截止，不能定名单" in page
    refused = head.submit(here, {"deed": "publish_list", "how": "抽签"})
    assert refused.status_code == 422
    drafted = f"/desk/hearings/{world.drafted_hearing}"
    assert "听证公告要写明事项" in head.get(drafted).get_data(as_text=True)
    assert head.submit(drafted, {"deed": "announce"}).status_code == 422


def test_sixty_names_cost_as_many_queries_as_two_and_the_reports_name_groups_alone(
    app: House, world: World, desk: Callable[[str], SignedIn]
) -> None:
    browser = desk("shenlin")
    pages = [f"/desk/rounds/{world.round}", f"/desk/cases/{world.major}/groups", "/desk/groups"]

    def queries(path: str) -> int:
        seen: list[str] = []

        def count(*given: object) -> None:
            seen.append(str(given[2]))

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            assert browser.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    few = [queries(path) for path in pages]
    with app.app_context():
        asked = round_of(world.round, published=False)
        assert asked
        for n in range(60):
            Invitation.invite(People()["shenlin"], asked, Group.STAFF, f"第{n}位")
        db.session.commit()
    assert all(queries(path) <= before for path, before in zip(pages, few, strict=True))
    for path in pages[1:]:
        shown = browser.get(path).get_data(as_text=True)
        assert "干部职工" in shown
        assert "人大代表" in shown
        assert "马坊村委会" not in shown, "a report names groups, never persons"
        assert "张科员" not in shown
    assert "马坊村委会" in browser.get(pages[0]).get_data(as_text=True)
    assert browser.get("/desk/groups?year=1999").status_code == 404
    assert "这一年还没有按名单征求过" in browser.get("/desk/groups?year=2024").get_data(as_text=True)


def test_a_round_among_colleagues_is_no_promise_to_residents_and_says_so_on_the_desk(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    with app.app_context():
        asked = round_of(world.round, published=False)
        assert asked
        db.session.execute(update(Point).where(Point.consultation_id == asked.id).values(stage=PointStage.WITHDRAWN))
        clock.move(60 * 86400)
        db.session.commit()
    page = desk("wuqiming").get("/desk/").get_data(as_text=True)
    row = next(part for part in page.split("<tr") if f"/desk/release/{world.round}" in part)
    assert "内部征求意见：农贸市场周边停车管理办法" in row
    assert "居民" not in row
    promised = desk("shenlin").get("/desk/").get_data(as_text=True)
    assert f"/desk/consultations/{world.round}" not in promised
