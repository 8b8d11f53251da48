"""Somebody without WeChat proposes a decision; it is studied, sent back, approved, and found again by number and code with its reason."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.trail import Trace
from models.kernel.work import Work
from models.messages.message import Message
from server.house import House
from server.jobs.telling import words_of
from tests.conftest import SignedIn
from tests.stories.test_catalogue import words

TITLE, TEXT = "给东湖村口装红绿灯", "放学时候车多，孩子过马路危险。"


def sent(browser: FlaskClient, path: str, **told: str) -> Any:
    """Fill in the form that a page shows, and send it."""
    page = browser.get(path).get_data(as_text=True)
    hidden = {
        made["name"]: made.get("value", "")
        for made in (
            dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*hidden[^>]*>", page)
        )
        if "name" in made
    }
    return browser.post(path, data=hidden | told)


def test_a_proposal_is_answered_and_its_proposer_hears_why(
    app: House, client: FlaskClient, desk: Callable[[str], SignedIn]
) -> None:
    # Half a proposal is told what is missing, and nothing typed is lost.
    half = sent(client, "/proposals/new", title="", text=TEXT, kind="organisation")
    assert half.status_code == 422
    page = half.get_data(as_text=True)
    assert "有2处要改一下" in page and TEXT in page

    # Whole, it gets a number and a code, shown once; pressed twice it is one.
    given = sent(client, "/proposals/new", title=TITLE, text=TEXT, kind="citizen")
    assert given.status_code == 303 and given.location.endswith("/receipt")
    receipt = words(client.get(given.location))
    assert "建议收到了" in receipt
    number, code = re.search(r"您的编号(\d{8})念作", receipt), re.search(r"请记下来(\d{6})", receipt)
    assert number and code
    assert "请记下来" not in words(client.get(given.location)), "the code is shown once"
    assert TITLE in words(client.get("/mine"))

    # The desk: the office studies, a leader sends it back and then agrees.
    handler, leader = desk("shenlin"), desk("hexiulan")
    assert TITLE in words(handler.get("/desk/proposals"))
    here = re.findall(r"/desk/proposals/[a-z0-9]{12}", handler.get("/desk/proposals").get_data(as_text=True))[0]
    silent = handler.submit(f"{here}/study", {"outcome": "passed_on", "reason": "由县里办。"})
    assert silent.status_code == 422 and "请写转给了哪个单位" in silent.get_data(as_text=True)
    study = {"outcome": "passed_on", "reason": "由县里办。", "passed_to": "县公安局交警大队"}
    assert handler.submit(f"{here}/study", study).status_code == 303
    assert handler.submit(f"{here}/verdict", {"deed": "approve"}).status_code == 403
    assert leader.submit(f"{here}/verdict", {"deed": "send_back", "reason": " "}).status_code == 422
    assert leader.submit(f"{here}/verdict", {"deed": "send_back", "reason": "写明多久有回音"}).status_code == 303
    assert "写明多久有回音" in words(handler.get("/desk/"))
    assert "正在研究" in words(client.get("/mine")), "the proposer sees where it stands and no draft of an answer"
    assert "由县里办" not in words(client.get("/mine"))
    assert handler.submit(f"{here}/study", study | {"reason": "已转交，三个月内有回音。"}).status_code == 303
    assert leader.submit(f"{here}/verdict", {"deed": "approve"}).status_code == 303

    # Told: one piece of work, one message that names the outcome and never the words.
    with app.app_context():
        fact = db.session.scalars(select(Trace).where(Trace.subject_kind == "Proposal", Trace.verb == "approve")).one()
        assert db.session.scalars(select(Work).where(Work.key == f"tell:{fact.id}")).one()
        said = words_of(fact, [1])[1]
        assert (said.result, said.path) == ("已经答复：转有关单位", here.replace("/desk", ""))
        assert TITLE not in said.sentence("") and "回音" not in said.sentence("")
        assert db.session.scalars(select(Message)).all() == []

    # Found again from any other browser with number and code.
    elsewhere = app.test_client()
    wrong = sent(elsewhere, "/receipt", receipt=number[1], pin="000000" if code[1] != "000000" else "111111")
    assert wrong.status_code == 422
    opened = sent(elsewhere, "/receipt", receipt=number[1], pin=code[1])
    assert opened.status_code == 303
    answer = words(elsewhere.get(opened.location))
    assert "这件事由县公安局交警大队办" in answer and "三个月内有回音" in answer
    assert "沈林" in answer and "何秀兰" in answer


def test_a_deputies_suggestion_is_written_down_and_stays_its_own(app: House, desk: Callable[[str], SignedIn]) -> None:
    office, village, other = desk("zhoumin"), desk("mafang"), desk("tianye")
    told = {"channel": "paper", "proposer": "deputy", "reference": "第23号建议", "title": TITLE, "text": TEXT}
    slip = words(office.submit("/desk/proposals/new", told | {"key": "a" * 32}))
    assert re.search(r"查询码\d{6}", slip) and "青街建〔" in slip
    again = words(office.submit("/desk/proposals/new", told | {"key": "a" * 32}))
    assert "已经登记过了" in again and not re.search(r"查询码\d{6}", again)
    refused = office.submit("/desk/proposals/new", told | {"channel": "chat"})
    assert refused.status_code == 422 and TEXT in refused.get_data(as_text=True)
    assert village.submit("/desk/proposals/new", told | {"title": "修桥", "key": "b" * 32}).status_code == 200
    assert "第23号建议" in words(office.get("/desk/proposals"))
    assert "修桥" in words(village.get("/desk/proposals")) and TITLE not in words(village.get("/desk/proposals"))
    here = re.findall(r"/desk/proposals/[a-z0-9]{12}", village.get("/desk/proposals").get_data(as_text=True))[0]
    assert other.get(here).status_code == 404, "a village officer reads what they wrote down themselves"


def test_taken_up_it_leads_to_the_catalogue(app: House, client: FlaskClient, desk: Callable[[str], SignedIn]) -> None:
    sent(client, "/proposals/new", title=TITLE, text=TEXT, kind="citizen")
    justice, office, leader = desk("luojing"), desk("zhoumin"), desk("hexiulan")
    with app.app_context():
        year = today().year
    here = justice.submit("/desk/catalogue", {"year": str(year)}).location
    justice.submit(f"{here}/items/new", {"title": "村口交通安全设施"})
    mine = re.findall(r"/desk/proposals/[a-z0-9]{12}", office.get("/desk/proposals").get_data(as_text=True))[0]
    item = re.search(r'<option value="([a-z0-9]{12})">[^<]*村口交通安全设施', office.get(mine).get_data(as_text=True))
    assert item
    study = {"outcome": "taken_up", "item": item[1], "reason": "列入目录，开春就办。"}
    assert office.submit(f"{mine}/study", study).status_code == 303
    assert leader.submit(f"{mine}/verdict", {"deed": "approve"}).status_code == 303
    assert "经党工委同意后公布" in words(client.get("/mine")), "it stands in a draft: nobody is promised more than that"
