"""The law near home, through the real doors: legal aid looked at and handed over, mediation asked for and settled."""

import re
from datetime import timedelta
from typing import Any

from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.trail import SYSTEM
from models.outreach.legal_place import LegalPlace, LegalPlaceKind
from models.people.place import Place
from models.questions.mediation import Mediation, to_remind
from server.house import House
from tests.conftest import People
from tests.stories.test_a_legal_question import Street, street

__all__ = ["street"]


def a_room(app: House) -> tuple[str, str]:
    """A village's mediation room, and the village."""
    with app.app_context():
        people = People()
        village: Place = people["mafang"].places[0]
        room = LegalPlace.add(
            people["luojing"], LegalPlaceKind.MEDIATION, village, name="东湖村调解室", hours="每周三上午"
        )
        LegalPlace.add(people["luojing"], LegalPlaceKind.AID, None, name="县法律援助中心", address="县政务中心三楼")
        db.session.commit()
        return room.public_id, village.public_id


def test_legal_aid_guides_and_is_handed_over(street: Street, app: House) -> None:
    a_room(app)
    anybody = app.test_client()
    form = anybody.get("/legal-aid").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([0-9a-f]+)"', form)
    assert token
    told: dict[str, Any] = {"matter": "pay", "standing": ["migrant"], "hurried": "y", "csrf_token": token[1]}
    page = anybody.post("/legal-aid", data=told).get_data(as_text=True)
    for part in ("第三十一条第五项", "免予核查", "第四十四条", "县政务中心三楼", "不是决定"):
        assert part in page, part
    assert anybody.post("/legal-aid", data={"matter": "bogus", "csrf_token": token[1]}).status_code == 422

    asked = street.mini.post("/api/v1/legal-aid/look", json={"matter": "support", "standing": ["violence"]}).get_json()
    assert asked["why"] == "法律援助法第三十二条"
    sent = street.site.post(
        "/legal-aid/request", data={"matter": "pay", "standing": "migrant", "text": "欠我三个月工资。", "key": "a" * 64}
    )
    assert sent.status_code == 303
    name = street.newest()
    assert "想申请法律援助" in street.page("luojing", "/desk/questions")
    desk = street.page("luojing", f"/desk/questions/{name}")
    assert "进城务工" in desk
    assert re.search(r'<input[^>]*checked[^>]*value="aid"', desk), "the hand-over is chosen already"
    street.send("luojing", f"/desk/questions/{name}/pass-on", road="aid", words="已转县法律援助中心，7日内决定。")
    mine = street.mini.get(f"/api/v1/questions/{name}").get_json()
    with app.app_context():
        assert mine["handed_over"]["due_on"] == (today() + timedelta(days=7)).isoformat()
    assert "legal-aid" in street.phone.say("法律援助").text


def test_mediation_is_asked_for_settled_and_reminded_of(street: Street, app: House, clock: Any) -> None:
    room, village = a_room(app)
    page = street.site.get(f"/legal-services/{village}").get_data(as_text=True)
    assert "东湖村调解室" in page and "每周三上午" in page
    listed = street.mini.get("/api/v1/legal-services", query_string={"place": village}).get_json()
    assert {one["kind"] for one in listed["items"]} == {"mediation", "aid"}
    form = {"room": room, "dispute": "land", "text": "隔壁的墙压着我家的地。", "key": "b" * 64}
    first = street.site.post("/mediations/new", data=form)
    assert street.site.post("/mediations/new", data=form).headers["Location"] == first.headers["Location"]
    assert street.site.post("/mediations/new", data={**form, "room": "zzzzzzzzzzzz"}).status_code == 422
    name = first.headers["Location"].rsplit("/", 1)[1]
    assert "隔壁的墙" not in street.page("mafang", "/desk/mediations")
    assert "有人申请调解" in street.page("mafang", "/desk/")
    at = f"/desk/mediations/{name}"
    assert "隔壁的墙" in street.page("mafang", at)
    assert street.desks["hexiulan"].get(at).status_code == 403
    street.send("mafang", at, deed="take")
    with app.app_context():
        day = today().isoformat()
    street.send("mafang", at, deed="agree", agreed_on=day)
    assert "可以请法院确认" in street.site.get(f"/mediations/{name}").get_data(as_text=True)
    clock.forward(days=25)
    with app.app_context():
        (ending,) = to_remind()
        ending.remind(SYSTEM)
        db.session.commit()
    street.send("luojing", at, deed="confirm")
    mine = street.mini.get(f"/api/v1/mediations/{name}").get_json()
    assert (mine["stage"], bool(mine["confirmed_on"])) == ("agreed", True)
    with app.app_context():
        assert db.session.query(Mediation).count() == 1
