"""A lecture from its announcement to the year's numbers, through the chat, the page, the mini program and the desk."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from miniapp_api.schemas import lectures as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.base import db
from models.kernel.clock import local, now, today
from models.outreach.attendee import turnout
from models.outreach.lecture import EARLY, Lecture, by_public_id
from models.people.resident import Identity
from server.house import House
from tests.conftest import OFFICIAL, People
from tests.privacy.told import signed_in
from tests.stories.test_a_legal_question import Street, street
from tests.wechat.phone import Phone

__all__ = ["street"]
pytestmark = [pytest.mark.both_engines, pytest.mark.timeout(180)]


def lecture_of(name: str) -> Lecture:
    found = by_public_id(name)
    assert found
    return found


def test_announced_signed_up_for_held_and_counted(street: Street, app: House, clock: Any) -> None:
    with app.app_context():
        village = People()["mafang"].places[0].public_id
        day = today() + timedelta(days=3)
        for login in ("linxiao", "tianye"):
            street.desks[login], _ = signed_in(app, People()[login], "console")
        neighbour, _ = signed_in(app, Identity.seen(OFFICIAL.appid, "oSomebodyElse").resident, "site")
        db.session.commit()
    other = Phone(app.test_client(), OFFICIAL, "oThirdPerson0000000")
    sheet = {
        "title": "土地流转合同里的坑",
        "speaker": "李文，法律顾问",
        "about": "租给谁、租多久、谁来补偿。",
        "place": village,
        "venue": "实践站二楼",
        "seats": "2",
        "contact": "王会计，0000-5550123",
    }
    hours = {"starts_at": f"{day}T19:00", "ends_at": f"{day}T20:30"}

    # Written by a village's officer, sent back once, released by the justice office; nobody sees it before that.
    wrong = street.send("mafang", "/desk/lectures/new", 422, **(sheet | hours | {"ends_at": f"{day}T18:00"}))
    assert "李文，法律顾问" in wrong and "在开始以后" in wrong, "nothing is lost"
    at = street.send("mafang", "/desk/lectures/new", deed="submit", **sheet, **hours)
    name = at.rsplit("/", 1)[1]
    page = f"/lectures/{name}"
    assert street.site.get(page).status_code == 404
    assert "没有预告的讲堂" in street.phone.say("讲堂").text
    assert "审核讲堂" in street.page("luojing", "/desk/")
    street.send("luojing", f"{at}/deed", deed="send_back", reason="写上带合同来。")
    assert "写上带合同来。" in street.page("mafang", "/desk/")
    street.send("mafang", f"{at}/edit", deed="submit", **(sheet | {"about": "带上合同来。"}), **hours)
    street.send("luojing", f"{at}/deed", deed="announce")

    # In the chat by its number; on the page; in the mini program: two seats, one waits, honestly.
    listed = street.phone.say("讲堂").text
    assert "1. 土地流转合同里的坑" in listed and "19:00到20:30" in listed
    assert "报上了，1号" in street.phone.say("1").text
    assert "您已报名，1号" in street.phone.say("讲堂").text
    form = neighbour.get(page).get_data(as_text=True)
    assert "2个座位，还有1个" in form and "带上合同来。" in form
    assert neighbour.post(page, data={"deed": "sign_up", "name": "周桂芳"}).status_code == 303
    assert "您已经报名，2号" in neighbour.get(page).get_data(as_text=True)
    assert "报名" in other.say("讲堂").text
    assert "候补第1" in other.say("报名1").text
    assert street.mini.get(f"/api/v1{page}/mine").get_json()["seat"] == 1
    whole = street.mini.get(f"/api/v1{page}").get_json()
    schemas.Lecture().load(whole)
    assert (whole["seats_left"], whole["waiting"], whole["takes_names"]) == (0, 1, True)
    page_of(schemas.LectureLine)().load(street.mini.get("/api/v1/lectures").get_json())

    # Somebody leaves: who waited has the seat. Who left and comes back waits.
    assert "退出了" in street.phone.say("退出报名").text
    assert "没有还没开讲的报名" in street.phone.say("退出报名").text
    with app.app_context():
        assert (turnout(lecture_of(name)).signed, turnout(lecture_of(name)).waiting) == (2, 0)
    assert street.mini.put(f"/api/v1{page}/seat").get_json() == {
        "state": "waiting",
        "seat": None,
        "queue": 1,
        "came": False,
    }
    for _ in range(2):
        assert street.mini.delete(f"/api/v1{page}/seat").get_json()["state"] == "withdrawn"

    # An old neighbour by name; who holds no post there reads no name; the hour changes in the open.
    old = {"name": "王奶奶", "phone": "0000-5550188", "place": village, "key": "k" * 64}
    for _ in range(2):
        street.send("mafang", f"{at}/people", **old)
    names = street.page("mafang", f"{at}/people")
    assert names.count("王奶奶") == 2, "a row, and its button's words"
    assert "周桂芳" in names and "候补1" in names
    assert street.desks["tianye"].get(f"{at}/people").status_code == 403
    assert "周桂芳" not in street.page("hexiulan", at)
    moved = {"starts_at": f"{day}T18:30", "ends_at": f"{day}T20:00", "seats": "3", "remark": "早半小时。"}
    street.send("mafang", f"{at}/edit", 422, **(sheet | moved | {"remark": ""}))
    street.send("mafang", f"{at}/edit", **(sheet | moved))
    shown = neighbour.get(page).get_data(as_text=True)
    assert "早半小时。" in shown and "18:30到20:00" in shown

    # A code is good only while the doors are open: said in the chat, typed on the page, scanned, or ticked by staff.
    with app.app_context():
        lecture = lecture_of(name)
        code, scene, begins = lecture.code, lecture.scene, lecture.starts_at
    assert "签到" not in other.say(code).text
    assert neighbour.post(page, data={"deed": "here", "code": code}).status_code == 409
    assert [card["title"] for card in card_titles(other.event("SCAN", EventKey=scene, Ticket="T"))] == [
        "土地流转合同里的坑"
    ]
    with app.app_context():
        clock.forward(seconds=int((begins - EARLY - now()).total_seconds()) + 60)
    assert code[:3] in street.page("mafang", f"{at}/room")
    assert street.desks["mafang"].get(f"{at}/room.svg").mimetype == "image/svg+xml"
    wrong_code = f"{(int(code) + 7) % 10**6:06d}"
    missed = neighbour.post(page, data={"deed": "here", "code": wrong_code})
    assert missed.status_code == 422 and "签到码不对" in missed.get_data(as_text=True)
    assert neighbour.post(page, data={"deed": "here", "code": code}).status_code == 303
    assert "签到了，谢谢您来" in neighbour.get(page).get_data(as_text=True)
    assert "签到码不对" in street.phone.say(wrong_code).text
    assert street.mini.put(f"/api/v1{page}/presence", json={"code": wrong_code}).get_json()["came"] is False
    assert "签到了" in street.phone.say(f"签到 {code}").text
    assert street.mini.get(f"/api/v1{page}/mine").get_json()["came"] is True
    stranger = Phone(app.test_client(), OFFICIAL, "oNewFollower0000000")
    assert "签到了" in stranger.event("subscribe", EventKey=f"qrscene_{scene}", Ticket="T").text
    found = re.findall(r'name="here" value="([a-z0-9]{12})"', street.page("mafang", f"{at}/people"))
    grandmother = re.search(
        r"王奶奶.*?name=\"here\" value=\"([a-z0-9]{12})\"", street.page("mafang", f"{at}/people"), re.S
    )
    assert grandmother and grandmother[1] in found
    street.send("mafang", f"{at}/door", deed="tick", here=grandmother[1])
    street.send("mafang", f"{at}/people", name="当场来的李大爷", key="m" * 64)
    with app.app_context():
        assert turnout(lecture_of(name)).came == 5

    # Afterwards: heads beside the checked in, papers, the year by village, and a search that finds it.
    clock.forward(seconds=3 * 3600)
    assert "登记讲堂" in street.page("mafang", "/desk/")
    street.send("mafang", f"{at}/deed", 422, deed="count", heads="")
    street.send("mafang", f"{at}/deed", deed="count", heads="41", heads_words="讲到一半数的。")
    kept = {
        "kind": "material",
        "name": "讲义",
        "file": (io.BytesIO(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"), "a.pdf"),
    }
    assert street.desks["mafang"].post(f"{at}/files", data=kept).status_code == 303
    after = neighbour.get(page).get_data(as_text=True)
    assert "41人" in after and "讲到一半数的。" not in after and "讲义" in after
    file = street.mini.get(f"/api/v1{page}").get_json()["files"][0]
    assert app.test_client().get(file["path"]).data.startswith(b"%PDF")
    with app.app_context():
        year = local(begins).year
    table = street.page("hexiulan", f"/desk/lectures/years/{year}")
    assert re.search(r"东湖村</th><td class=\"n\">1</td><td class=\"n\">1</td>.*?41</td>", table, re.S)
    assert "还没有办过" in table
    with zipfile.ZipFile(io.BytesIO(street.desks["hexiulan"].get(f"/desk/lectures/years/{year}/xlsx").data)) as book:
        sheets = b"".join(book.read(one) for one in book.namelist()).decode()
    assert "土地流转合同里的坑" in sheets and "王奶奶" not in sheets


def card_titles(reply: Any) -> list[dict[str, str]]:
    """The titles of the cards of a reply."""
    return [{"title": str(card["Title"])} for card in reply.cards]
