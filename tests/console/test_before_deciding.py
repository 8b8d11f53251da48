"""Before a decision at the desk: experts asked and kept, risks assessed by two, the legal review from sending to its opinion."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from models.decisions.decision import by_public_id as case_of
from models.decisions.engagement import View, engagements_of
from models.decisions.expert import experts
from models.decisions.legal_review import LegalReview, Result, ReviewStage, review_of
from models.decisions.risk import Risk, RiskStage, risk_of
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import today
from server.house import House
from tests.conftest import People
from tests.console.test_every_page import read
from tests.making import a_major_case, a_pdf, an_expert

Desk = Callable[[str], Any]


@pytest.fixture
def case(app: House) -> str:
    """A major case with everything before the review done or excused, committed."""
    with app.app_context():
        people = People()
        found = a_major_case(people).public_id
        an_expert(people)
        db.session.commit()
    return found


def page(browser: Any, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    text: str = answer.get_data(as_text=True)
    read(text)
    return text


def send(browser: Any, address: str, **told: Any) -> Any:
    answer = browser.submit(address, told)
    assert answer.status_code == 303, (address, answer.status_code, wrongs(answer))
    return answer


def wrongs(answer: Any) -> str:
    found = re.search(r'id="wrongs".*?</div>', answer.get_data(as_text=True), re.S)
    return re.sub(r"<[^>]+>", " ", found[0]) if found else ""


def signed(name: str = "a.pdf") -> tuple[BytesIO, str]:
    return BytesIO(a_pdf(name)), name


def the_review(app: House, case: str) -> LegalReview:
    with app.app_context():
        found = case_of(case)
        assert found
        review = review_of(found)
        assert review
        _ = review.draft, review.decision, review.returns
        db.session.expunge_all()
        return review


CONCLUSION = {
    "authority_ok": "yes",
    "procedure_ok": "yes",
    "content_ok": "yes",
    "result": "lawful",
    "opinion": "同意提交讨论。",
}
ADVICE = {
    "role": "adviser",
    "authority": "yes",
    "procedure": "yes",
    "content": "yes",
    "text": "未发现违反上位法的情形。",
}


def test_a_review_from_sending_over_a_return_to_the_opinion(app: House, case: str, desk: Desk) -> None:
    handler, justice, counsel = desk("shenlin"), desk("luojing"), desk("pengyuan")
    sending = f"/desk/cases/{case}/send-to-review"
    assert "送合法性审查" in page(handler, f"/desk/cases/{case}")
    first = page(handler, sending)
    assert "不需要：不涉及" in first
    statement = re.search(r'<textarea[^>]*name="procedures"[^>]*>\s*(.*?)</textarea>', first, re.S)
    assert statement
    lacking = handler.submit(sending, {"basis": "", "procedures": statement[1], "deed": "send"})
    assert lacking.status_code == 422
    assert "已经保存，还不能送审" in wrongs(lacking)
    assert "条例第二十六条" in wrongs(lacking)
    send(handler, sending, basis="道路交通安全法第三十三条", procedures=statement[1], deed="send")
    place = f"/desk/legal-reviews/{the_review(app, case).public_id}"
    assert "去受理" in page(justice, "/desk/legal-reviews")
    assert place in page(justice, "/desk/")
    assert counsel.get(place).status_code == 403

    send(justice, f"{place}/send_back", lacking="缺专家论证不做的理由。")
    assert "缺专家论证不做的理由。" in page(handler, "/desk/")
    assert "补充后再送审" in page(handler, sending)
    send(handler, sending, basis="道路交通安全法第三十三条", procedures="已补充理由。", deed="send")

    nobody = justice.submit(f"{place}/accept", {"counsel": ""})
    assert nobody.status_code == 422
    with app.app_context():
        pengyuan = People()["pengyuan"].public_id
    send(justice, f"{place}/accept", counsel=pengyuan)
    assert "去提意见" in page(counsel, "/desk/legal-reviews")
    early = justice.submit(f"{place}/conclude", CONCLUSION)
    assert early.status_code == 422
    assert "条例第二十六条" in early.get_data(as_text=True)
    half = counsel.submit(f"{place}/advise", {**ADVICE, "text": ""})
    assert half.status_code == 422
    send(counsel, f"{place}/advise", **ADVICE)

    waiting = page(justice, place)
    assert "出具审查意见" in waiting
    assert "aria-disabled" in waiting
    assert "条例第二十六条" in waiting
    with app.app_context():
        found = db.session.get(LegalReview, the_review(app, case).id)
        assert found
        assert found.earliest_on
        law.move((found.earliest_on - today()).days * 86_400)
        db.session.commit()
    again = desk("luojing")
    unfounded = again.submit(f"{place}/conclude", {**CONCLUSION, "content_ok": "no", "content": "第二条依据不足。"})
    assert unfounded.status_code == 422
    assert "三个方面都合法" in unfounded.get_data(as_text=True)
    assert "同意提交讨论。" in unfounded.get_data(as_text=True)
    send(again, f"{place}/conclude", **CONCLUSION)
    done = the_review(app, case)
    assert (done.stage, done.result) == (ReviewStage.CONCLUDED, Result.LAWFUL)
    paper = page(again, f"{place}/opinion")
    assert f"青街合审〔{done.concluded_on.year if done.concluded_on else ''}〕1号" in paper
    assert "彭远" in paper
    assert "其间退回补充1次" in paper
    assert "合法，青街合审" in page(desk("shenlin"), f"/desk/cases/{case}")


def test_an_expert_is_engaged_declares_speaks_against_it_and_is_answered(app: House, case: str, desk: Desk) -> None:
    handler, office = desk("shenlin"), desk("zhoumin")
    station = f"/desk/cases/{case}/expert"
    with app.app_context():
        expert = experts()[0].public_id
    wrong = handler.submit(station, {"expert": expert, "way": "meeting", "task": " "})
    assert wrong.status_code == 422
    send(handler, station, expert=expert, way="meeting", task="时段划分是否合理。")
    with app.app_context():
        found = case_of(case)
        assert found
        letter = f"/desk/engagements/{engagements_of(found)[0].public_id}"
    grey = page(handler, letter)
    assert "条例第二十条" in grey
    assert "aria-disabled" in grey
    early = handler.submit(f"{letter}/hear", {"view": "disagree", "text": "反对。"})
    assert early.status_code == 422
    assert "条例第二十条" in wrongs(early) or "条例第二十条" in early.get_data(as_text=True)
    send(handler, f"{letter}/declare", file=signed())
    unsigned = handler.submit(f"{letter}/hear", {"view": "disagree", "text": "反对按时段停放。"})
    assert unsigned.status_code == 422
    assert "反对按时段停放。" in unsigned.get_data(as_text=True)
    send(handler, f"{letter}/hear", view="disagree", text="反对按时段停放。", file=signed())
    send(handler, f"{letter}/reply", taken="not_adopted", reason="三天实测，一小时够买一次菜。")
    shown = page(handler, station)
    assert "有 1 位专家不同意" in shown
    assert "未采纳" in shown
    assert handler.submit(f"{letter}/revoke", {"reason": "不合适。"}).status_code == 409
    send(office, f"{letter}/publish")
    assert "聘请函" in page(handler, f"{letter}/letter")
    with app.app_context():
        found = case_of(case)
        assert found
        (kept,) = engagements_of(found)
        assert kept.opinion
        assert (kept.opinion.view, kept.published) == (View.DISAGREE, True)


def test_the_public_sees_the_experts_who_agreed_to_it(app: House, case: str, desk: Desk, client: Any) -> None:
    office = desk("zhoumin")
    assert "还没有公布专家名单" in client.get("/experts").get_data(as_text=True)
    term = {"from_on": f"{today()}", "until_on": f"{today().replace(year=today().year + 2, day=1)}"}
    made = send(
        office, "/desk/experts/new", name="罗一鸣", fields="结构安全", employer="省建科院", interests="某厂股东", **term
    )
    expert = made.headers["Location"]
    unasked = office.submit(f"{expert}/publish", {"consented_on": ""})
    assert unasked.status_code == 422
    assert "个人信息保护法第二十五条" in unasked.get_data(as_text=True)
    send(office, f"{expert}/publish", consented_on=f"{today()}")
    public = client.get("/experts").get_data(as_text=True)
    assert "罗一鸣" in public
    assert "某厂股东" not in public
    assert "郑启明" not in public
    send(office, f"{expert}/withhold")
    assert "罗一鸣" not in client.get("/experts").get_data(as_text=True)
    assert "罗一鸣" in page(office, "/desk/experts?q=结构")
    assert desk("shenlin").submit(f"{expert}/leave", {"reason": "x"}).status_code == 403


def test_risks_are_written_by_one_and_approved_by_another(app: House, case: str, desk: Desk) -> None:
    handler, head = desk("shenlin"), desk("xujing")
    place = send(handler, f"/desk/cases/{case}/risk").headers["Location"]
    told = {
        "asked": "派出所、市场监管所",
        "conclusion": "措施落实后，影响有限。",
        "level": "low",
        "controllable": "yes",
        "what": ["商户担心影响装卸", "", "居民担心噪声"],
        "probability": ["medium", "", "low"],
        "consequence": ["low", "", "low"],
        "measures": ["五点至六点留给装卸", "", "夜间限速"],
        "plan": ["市场办到场说明", "", ""],
    }
    half = handler.submit(place, {**told, "deed": "submit"})
    assert half.status_code == 422
    assert "第2个风险点还缺：处置预案" in half.get_data(as_text=True)
    assert "条例第二十三条" in wrongs(half)
    assert "居民担心噪声" in half.get_data(as_text=True)
    told["plan"] = ["市场办到场说明", "", "当日回复"]
    send(handler, place, **told, deed="submit")
    assert place in page(head, "/desk/")
    assert head.submit(f"{place}/send_back", {"reason": " "}).status_code == 422
    send(head, f"{place}/approve")
    assert "低风险，可控" in page(handler, f"/desk/cases/{case}/risk")
    with app.app_context():
        found = case_of(case)
        assert found
        risk = risk_of(found)
        assert isinstance(risk, Risk)
        assert (risk.stage, len(risk.points)) == (RiskStage.APPROVED, 2)


def test_whoever_wrote_the_assessment_sees_why_they_cannot_approve_it(app: House, case: str, desk: Desk) -> None:
    head = desk("xujing")
    place = send(head, f"/desk/cases/{case}/risk").headers["Location"]
    told = {
        "what": "商户担心影响装卸",
        "probability": "low",
        "consequence": "low",
        "measures": "留时段",
        "plan": "到场",
    }
    send(head, place, **told, asked="派出所", conclusion="可控。", level="low", controllable="yes", deed="submit")
    grey = page(head, place)
    assert "aria-disabled" in grey
    assert "评估和审定要由两个人分别完成" in grey
    assert head.submit(f"{place}/approve").status_code == 422
