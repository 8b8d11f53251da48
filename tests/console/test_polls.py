"""A poll on the desk: written, read by another, answered on paper, counted, explained and signed; each finds it among what waits."""

from collections.abc import Callable

import pytest

from models.kernel.base import db
from models.people.place import villages
from models.polls.ballot import slips
from models.polls.poll import Poll, PollStage, polls
from server.house import House
from tests.conftest import Clock, SignedIn

pytestmark = pytest.mark.timeout(120)
Desk = Callable[[str], SignedIn]


def test_from_the_first_word_to_the_results(desk: Desk, app: House, clock: Clock) -> None:
    handler, head, office, village, grid = (desk(who) for who in ("shenlin", "xujing", "zhoumin", "mafang", "tianye"))
    told = {
        "title": "几点开门",
        "purpose": "先问问。",
        "whom": "居民",
        "reach": "willing",
        "window_days": "3",
        "confidential": "y",
    }
    refused = handler.submit("/desk/polls/new", told)
    assert refused.status_code == 422
    assert "7到180天" in refused.get_data(as_text=True)
    made = handler.submit("/desk/polls/new", told | {"window_days": "7"})
    page = made.headers["Location"]
    assert made.status_code == 303
    wrong = handler.submit(f"{page}/questions/0", {"kind": "single", "text": "几点", "options": "五点"})
    assert wrong.status_code == 422
    assert "五点</textarea>" in wrong.get_data(as_text=True), "nothing is lost"
    question = {"kind": "single", "text": "几点", "options": "五点\n六点", "needed": "y", "deed": "next"}
    assert handler.submit(f"{page}/questions/0", question).headers["Location"].endswith("/questions/0")
    handler.submit(f"{page}/questions/0", {"kind": "text", "text": "还想说", "deed": "keep"})
    handler.submit(
        f"{page}/questions/2", {"kind": "scale", "text": "急不急", "low": "不急", "high": "急", "deed": "keep"}
    )
    assert "写完调查「几点开门」" in handler.get("/desk/").get_data(as_text=True)
    assert head.submit(f"{page}/deed", {"deed": "review"}).status_code in (409, 422)

    def deed(browser: SignedIn, name: str, **more: str) -> None:
        answer = browser.submit(f"{page}/deed", {"deed": name, **more})
        assert answer.status_code == 303, answer.get_data(as_text=True)

    deed(handler, "submit")
    assert "审核调查「几点开门」" in head.get("/desk/").get_data(as_text=True)
    deed(head, "review")
    deed(office, "publish")

    # Two slips: one answered right, one spoilt.
    with app.app_context():
        place = villages()[0].public_id
    printed = village.submit(f"{page}/slips", {"place": place, "count": "2"})
    assert printed.status_code == 303
    sheet = village.get(printed.headers["Location"]).get_data(as_text=True)
    with app.app_context():
        one, two = (slip.spaced for slip in slips(polls()[0]))
    assert one in sheet
    assert two in sheet
    missed = village.submit(f"{page}/papers", {"slip": one, "q2": "4"})
    assert missed.status_code == 422
    assert 'value="4" checked' in missed.get_data(as_text=True)
    for code in (one, two):
        assert village.submit(f"{page}/papers", {"slip": code, "q1": "0", "q2": "4"}).status_code == 303
    with app.app_context():
        first, second = db.session.execute(db.text("SELECT public_id FROM paper_ballot ORDER BY id")).scalars()
    assert village.submit(f"/desk/paper-ballots/{first}", {"deed": "confirm"}).status_code == 422
    assert grid.submit(f"/desk/paper-ballots/{first}", {"deed": "confirm"}).status_code == 303
    assert "看不到了" in village.get(f"/desk/paper-ballots/{first}").get_data(as_text=True)
    assert grid.submit(f"/desk/paper-ballots/{second}", {"deed": "void"}).status_code == 422
    assert grid.submit(f"/desk/paper-ballots/{second}", {"deed": "void", "reason": "勾了两个。"}).status_code == 303

    running = head.get(page).get_data(as_text=True)
    assert "谁也看不到答了什么" in running
    assert "五点</th>" not in running, "no figures before the box is opened"
    assert handler.submit(f"{page}/deed", {"deed": "open_urn"}).status_code == 422
    clock.forward(days=8)
    handler, head, office = (desk(who) for who in ("shenlin", "xujing", "zhoumin"))
    assert "开箱计票" in handler.get("/desk/").get_data(as_text=True)
    deed(handler, "open_urn")
    deed(handler, "write_report", report="一人参加，五点。")
    assert handler.get(f"{page}/xlsx").mimetype.endswith("sheet")
    assert handler.submit(f"{page}/deed", {"deed": "conclude"}).status_code == 403
    deed(head, "conclude")
    with app.app_context():
        assert db.session.query(Poll).one().stage == PollStage.CONCLUDED
