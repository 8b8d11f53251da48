"""The mini program proposes a decision once, sees where it stands, and sees the answer when a second person agreed, not before."""

from miniapp_api.schemas import proposals as schemas
from miniapp_api.schemas.base import page_of
from models.kernel.base import db
from models.proposals.proposal import Proposal, ProposalOutcome
from server.house import House
from tests.conftest import People
from tests.miniapp_api.conftest import MiniProgram

GIVEN = {"title": "给东湖村口装红绿灯", "text": "放学时候车多。"}


def test_a_proposal_goes_in_once_and_its_answer_comes_back(app: House, mini: MiniProgram, other: MiniProgram) -> None:
    first = mini.post("/proposals", GIVEN, key="key-of-one-proposal")
    assert first.status_code == 201
    taken = first.get_json()
    schemas.ProposalReceived().load(taken)
    again = mini.post("/proposals", GIVEN, key="key-of-one-proposal")
    assert again.get_json() == taken, "sent twice it is one"
    assert mini.post("/proposals", {**GIVEN, "text": "x"}, key="key-of-one-proposal").get_json()["code"] == "key_reused"
    missing = mini.post("/proposals", {**GIVEN, "proposer": "organisation"})
    assert (missing.status_code, list(missing.get_json()["fields"])) == (422, ["organisation"])
    assert mini.post("/proposals", {**GIVEN, "proposer": "leader"}).status_code == 422, (
        "leaders' are written down by staff"
    )
    with app.app_context():
        people, made = People(), db.session.query(Proposal).one()
        made.study(people["shenlin"], ProposalOutcome.PASSED_ON, "已转县交警大队。", passed_to="县公安局交警大队")
        db.session.commit()
    waits = mini.get(f"/proposals/{taken['id']}").get_json()
    schemas.Proposal().load(waits)
    assert (waits["answered"], waits["outcome"], waits["answer"], waits["passed_to"]) == (False, None, "", "")
    with app.app_context():
        db.session.query(Proposal).one().approve(People()["hexiulan"])
        db.session.commit()
    body = mini.get(f"/proposals/{taken['id']}").get_json()
    schemas.Proposal().load(body)
    assert (body["outcome"], body["answer"], body["words"]) == ("passed_on", "已转县交警大队。", "转有关单位")
    listed = mini.get("/proposals/mine").get_json()
    page_of(schemas.ProposalLine)().load(listed)
    assert [line["id"] for line in listed["items"]] == [taken["id"]]
    assert other.get(f"/proposals/{taken['id']}").status_code == 404
    assert other.get("/proposals/mine").get_json()["items"] == []
