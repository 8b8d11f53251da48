"""A legal question from the first words in the chat to the answer that everybody can read, through the real doors."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.trail import Trace
from models.people.officer import Officer
from models.people.resident import Identity
from models.questions.question import Question, QuestionStage
from models.questions.question import by_public_id as question_of
from server.house import House
from server.wechat import words
from tests.conftest import OFFICIAL, People
from tests.making import a_consultation
from tests.privacy.told import signed_in
from tests.wechat.phone import Phone

OPENID = "oQuestion0123456789abcdefgh"
SAID = "我租了人家的门面，合同到期了，房东说墙上有钉子眼，押金一分不退，我该怎么办？"


class Street:
    """Everybody at their own door."""

    def __init__(self, app: House) -> None:
        self.app = app
        self.phone = Phone(app.test_client(), OFFICIAL, OPENID)
        self.desks: dict[str, FlaskClient] = {}
        with app.app_context():
            who = Identity.seen(OFFICIAL.appid, OPENID).resident
            db.session.flush()
            self.site, _ = signed_in(app, who, "site")
            self.mini, _ = signed_in(app, who, "mini")
            for login in ("luojing", "pengyuan", "hexiulan", "wuqiming", "mafang", "shenlin"):
                officer = Officer.by_login(login)
                assert officer
                self.desks[login], _ = signed_in(app, officer, "console")
            db.session.commit()

    def page(self, login: str, address: str) -> str:
        """What an officer sees."""
        answer = self.desks[login].get(address)
        assert answer.status_code == 200, (login, address, answer.status_code)
        return answer.get_data(as_text=True)

    def send(self, login: str, address: str, status: int = 303, **told: Any) -> str:
        """What an officer does."""
        answer = self.desks[login].post(address, data=told)
        assert answer.status_code == status, (address, answer.status_code, answer.get_data(as_text=True)[-3000:])
        return answer.headers.get("Location", "") or answer.get_data(as_text=True)

    def newest(self) -> str:
        """The public id of the last question."""
        with self.app.app_context():
            found = db.session.query(Question).order_by(Question.id.desc()).first()
            assert found
            return str(found.public_id)


@pytest.fixture
def street(app: House) -> Street:
    """Nothing has been asked yet."""
    return Street(app)


def test_from_the_chat_to_an_answer_for_everybody(street: Street, app: House) -> None:
    street.phone.press("ask")
    assert "别人看不到" in street.phone.say(SAID).text
    name = street.newest()
    at = f"/desk/questions/{name}"
    assert SAID in street.page("luojing", at)
    with app.app_context():
        counsel = People()["pengyuan"].public_id
        soon = (today() + timedelta(days=2)).isoformat()
    street.send("luojing", f"{at}/assign", counsel=counsel, limit_on=soon)
    assert "急件" in street.page("pengyuan", "/desk/")
    street.send("pengyuan", f"{at}/answer", 422, text="", minutes="二十")
    street.send("pengyuan", f"{at}/answer", text="先书面催告，再请调解。", minutes="25")
    assert "答复一条法律问题咨询" in street.page("pengyuan", "/desk/services")
    sheet = street.desks["pengyuan"].get("/desk/services/xlsx")
    assert sheet.data[:2] == b"PK"

    # Once more, in the chat; an answer again; it helped.
    assert street.phone.say("追问").text == words.follow_up_now()
    assert "追问收到了" in street.phone.say("没有押金条，只有微信转账记录，行吗？").text
    assert "答一次追问" in street.page("pengyuan", "/desk/")
    street.send("pengyuan", f"{at}/answer", text="转账记录可以作证据。")
    mine = street.site.get(f"/questions/{name}").get_data(as_text=True)
    for part in ("先书面催告", "转账记录可以作证据", "法律援助", "还能追问2次", "彭远"):
        assert part in mine, part
    assert street.site.post(f"/questions/{name}/rating", data={"helpful": "yes"}).status_code == 303
    whole = street.mini.get(f"/api/v1/questions/{name}").get_json()
    assert (whole["helpful"], whole["follow_ups_left"], len(whole["follow_ups"])) == (True, 2, 1)
    assert {reader["name"] for reader in whole["readers"]} == {"罗静", "彭远"}

    # The answer becomes everybody's, without a trace of who asked; the next one is shown it before asking.
    new = f"/desk/common-questions/new?from={name}"
    assert "先书面催告" in street.page("pengyuan", new)
    sheet_of = {
        "question": "租房到期，押金不退怎么办",
        "answer": SAID,
        "basis": "民法典第七百三十三条",
        "basis_on": "2021-01-01",
    }
    assert "照抄" in street.send("pengyuan", new, 422, deed="submit", **sheet_of)
    where = street.send(
        "pengyuan", new, deed="submit", **(sheet_of | {"answer": "先书面催告，再请人民调解，也可以起诉。"})
    )
    item = where.rsplit("/", 1)[1]
    assert street.site.get(f"/common-questions/{item}").status_code == 404
    street.send("luojing", f"/desk/common-questions/{item}/deed", deed="approve")
    assert "再请人民调解" in street.site.get(f"/common-questions/{item}").get_data(as_text=True)
    assert item in street.phone.say("问法律 租房到期了，房东押金不退怎么办").text
    key = {"text": "租房到期押金不退，怎么办呢", "key": "f" * 64}
    first = street.site.post("/questions/new", data=key)
    assert (first.status_code, "再请人民调解" in first.get_data(as_text=True)) == (200, True)
    assert 'name="sure" type="hidden" value="yes"' in first.get_data(as_text=True)
    assert street.site.post("/questions/new", data={**key, "sure": "yes"}).status_code == 303
    alike = street.mini.post("/api/v1/common-questions/like", json={"text": "押金不退怎么办，租房到期了"})
    assert [one["id"] for one in alike.get_json()["items"]] == [item]

    # Deleted: no word is left, and nobody may ask about it any more.
    assert street.mini.delete(f"/api/v1/questions/{name}").status_code == 204
    assert SAID not in street.page("luojing", at)
    with app.app_context():
        asked = question_of(name)
        assert asked
        assert (asked.stage, bytes(asked.sealed_text)) == (QuestionStage.ERASED, b"")
        assert SAID not in str([t.detail for t in db.session.query(Trace)])


def test_a_letter_writer_a_petition_and_a_leader_with_a_reason(street: Street, app: House, clock: Any) -> None:
    with app.app_context():
        open_one = a_consultation(People()).public_id
        db.session.commit()
    told = {"channel": "hall", "text": "村里三年没公布账了，我要反映。", "phone": "0000-5550199", "key": "k" * 32}
    slip = street.send("mafang", "/desk/questions/new", 200, **told)
    number, pin = re.findall(r'<p class="big">(?:<span[^>]*>查询码</span> )?([0-9 ]+)</p>', slip)
    again = street.send("mafang", "/desk/questions/new", 200, **told)
    assert "已经登记过了" in again
    name = street.newest()
    assert street.desks["mafang"].get(f"/desk/questions/{name}").status_code == 403
    assert told["text"] not in street.page("mafang", "/desk/questions")
    at = f"/desk/questions/{name}"
    street.send("luojing", f"{at}/pass-on", 422, road="petition", words="")
    where = street.send("luojing", f"{at}/pass-on", road="petition", words="已转县信访局，15日内书面告诉您。")
    paper = street.page("luojing", where)
    assert "15日内书面告知" in paper and told["text"] in paper
    assert "回执" in street.page("luojing", "/desk/")
    street.send("luojing", where, deed="take", their_number="信2026-31")
    reader = app.test_client()
    form = reader.get("/receipt").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([0-9a-f]+)"', form)
    assert token
    opened = reader.post("/receipt", data={"receipt": number, "pin": pin, "csrf_token": token[1]})
    assert opened.headers["Location"] == f"/questions/{name}"
    assert "已转县信访局" in reader.get(f"/questions/{name}").get_data(as_text=True)
    assert "法律咨询" in street.phone.say(number).text

    # What is about a draft becomes a comment of the same person.
    street.phone.say("问法律 停车一小时太短了，能不能改成两小时")
    name = street.newest()
    street.send(
        "luojing", f"/desk/questions/{name}/pass-on", road="comment", consultation=open_one, words="归到停车办法里了。"
    )
    assert "看这份意见" in street.site.get(f"/questions/{name}").get_data(as_text=True)

    # Nobody answers: the leader sees when and whose, hurries it, and reads it only for a reason.
    street.phone.say("问法律 邻居的树枝伸到我家院子里怎么办")
    name = street.newest()
    clock.forward(days=12)
    assert "过了答应的日期" in street.page("hexiulan", "/desk/")
    late = street.page("hexiulan", "/desk/questions/late")
    assert "树枝" not in late
    street.send("hexiulan", f"/desk/questions/{name}/urge")
    street.send("hexiulan", f"/desk/questions/{name}/glass", 422, reason="看看")
    assert street.desks["shenlin"].get("/desk/questions/late").status_code == 403
    shown = street.send("hexiulan", f"/desk/questions/{name}/glass", 200, reason="有人反映一直没有人答复。")
    assert "树枝" in shown
    assert "有人反映一直没有人答复" in street.site.get(f"/questions/{name}").get_data(as_text=True)
