"""A poll as people meet it: on the page with and without signing in, in the mini program, in the chat, and its results."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from miniapp_api.schemas import polls as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.base import db
from models.people.place import villages
from models.people.resident import Identity
from models.people.session import Session
from models.polls.ballot import Voter, open_urn, print_slips
from models.polls.conclude import conclude
from models.polls.poll import PollStage, by_public_id
from models.polls.result import in_the_box
from server.house import House
from tests.conftest import MINI, OFFICIAL, Clock, People
from tests.making import a_poll
from tests.site.conftest import Phone, officer, seen
from tests.wechat.phone import Phone as Telephone

pytestmark = pytest.mark.both_engines
Phones = Callable[..., Phone]
SECRET = "这句话只有箱子知道"


def test_one_person_one_answer_and_results_for_everybody(phone: Phones, app: House, clock: Clock) -> None:
    with app.app_context():
        poll = a_poll(People())
        (slip,) = print_slips(poll, officer("mafang"), villages()[0], 1)
        code, name = slip.spaced, poll.public_id
        db.session.commit()
    page = f"/polls/{name}"
    woman = phone("周女士")
    assert f'href="{page}"' in woman.look("/")
    assert f'href="{page}"' in woman.look("/polls")

    # Nothing is lost when something is left out, and nothing counts yet.
    form = woman.form(page)
    answer = woman.send(form, q1="0", q4=SECRET)
    assert answer.status_code == 422
    again = answer.get_data(as_text=True)
    assert SECRET in again
    assert re.search(r'name="q1" value="0" checked', again)
    assert "请选一个" in seen(again)
    assert "您答的都在" in seen(again)
    done = woman.follow(woman.send(form, q1="0", q2=["0", "2"], q3="5", q4=SECRET))
    assert "收到了，谢谢您" in seen(done)
    assert "您已经答过了" in seen(woman.look(page))
    assert woman.send(form, q1="1", q2=["1"]).status_code == 409

    # Who signs in nowhere needs a slip, and the slip is good once.
    other = phone()
    form = other.form(f"{page}?slip=1")
    refused = other.send(form, q1="1", q2=["1"])
    assert refused.status_code == 422
    assert "选票" in seen(refused.get_data(as_text=True))
    assert other.send(form, q1="1", q2=["1"], slip="000112345678").status_code == 422
    other.follow(other.send(form, q1="1", q2=["1"], slip=code))
    assert other.send(form, q1="0", q2=["1"], slip=code).status_code == 409

    # The mini program: a repeat under the same key is the same, another try is refused; nothing there holds the answers.
    with app.app_context():
        who = Identity.seen(MINI.appid, "oMiniPolled").resident
        token = Session.open_for(who, "mini", "a test")
        db.session.commit()
    mini, headers = app.test_client(), {"Authorization": f"Bearer {token}", "Idempotency-Key": "answer-0001"}
    page_of(schemas.PollLine)().load(mini.get("/api/v1/polls").get_json())
    body = mini.get(f"/api/v1{page}").get_json()
    schemas.Poll().load(body)
    assert [q["name"] for q in body["questions"]] == ["q1", "q2", "q3", "q4"]
    told = {"answers": [{"name": "q1", "value": 0}, {"name": "q2", "value": [1]}, {"name": "q3", "value": 4}]}
    bad = {"answers": [{"name": "q1", "value": 7}, {"name": "q2", "value": [1]}]}
    assert mini.post(f"/api/v1{page}/answers", json=bad, headers=headers).status_code == 422
    assert mini.get(f"/api/v1{page}/mine", headers=headers).get_json() == {"answered": False}
    assert [mini.post(f"/api/v1{page}/answers", json=told, headers=headers).status_code for _ in range(2)] == [201, 200]
    assert (
        mini.post(f"/api/v1{page}/answers", json=told, headers=headers | {"Idempotency-Key": "answer-0002"}).status_code
        == 409
    )
    assert mini.get(f"/api/v1{page}/mine", headers=headers).get_json() == {"answered": True}
    assert mini.post(f"/api/v1{page}/answers", json=told).status_code == 401
    assert mini.get(f"/api/v1{page}/results").status_code == 404

    talk = Telephone(app.test_client(), OFFICIAL, "oSomebodyAsked")
    assert page in talk.say("民意调查").text

    # Counted, explained, signed by another, read by everybody.
    clock.forward(days=15)
    assert "已截止，等计票" in seen(other.look(page))
    assert other.send(form, q1="1", q2=["1"]).status_code == 409
    with app.app_context():
        found = by_public_id(name)
        assert found
        assert (in_the_box(found), db.session.query(Voter).count()) == (3, 3)
        open_urn(found, officer("shenlin"))
        found.write_report(officer("shenlin"), "三人参加。先修路灯。")
        conclude(found, officer("xujing"), b"")
        db.session.commit()
    shown = other.look(page)
    assert "三人参加。先修路灯。" in shown
    assert "买菜的居民" in shown
    assert "2人，66.7%" in seen(shown)
    assert "不能推算到所有居民" in shown
    assert SECRET not in shown
    assert "分开看" not in shown, "three people are too few to be told apart"
    results = mini.get(f"/api/v1{page}/results").get_json()
    schemas.Results().load(results)
    assert (results["people"], results["questions"][0]["whole"]["rows"][0]) == (3, {"label": "买菜的居民", "number": 2})
    assert SECRET not in str(results)
    with zipfile.ZipFile(io.BytesIO(other.get(f"{page}/xlsx").get_data())) as book:
        sheets = b"".join(book.read(one) for one in book.namelist()).decode()
    assert "买菜的居民" in sheets
    assert SECRET not in sheets
    assert "没有正在进行" in talk.say("投票").text
    for address in ("/polls/aaaaaaaaaaaa", "/api/v1/polls/aaaaaaaaaaaa", "/polls/aaaaaaaaaaaa/xlsx"):
        assert other.get(address).status_code == 404


def test_a_draft_is_nobodys_business_and_a_slips_poll_asks_everybody_for_one(phone: Phones, app: House) -> None:
    with app.app_context():
        people = People()
        draft = a_poll(people, stage=PollStage.DRAFTED).public_id
        strict = a_poll(people, by_slip=True).public_id
        db.session.commit()
    woman = phone("周女士")
    assert woman.get(f"/polls/{draft}").status_code == 404
    assert draft not in woman.look("/polls")
    form = woman.form(f"/polls/{strict}")
    assert "slip" in form.fields
    answer = woman.send(form, q1="0", q2=["0"])
    assert answer.status_code == 422
    assert "请填选票上的号码" in answer.get_data(as_text=True)
