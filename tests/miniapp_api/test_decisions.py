"""The mini program reads what was decided and published, and nothing that was not, in a handful of queries."""

from sqlalchemy import event

from miniapp_api.schemas import decisions as schemas
from models.decisions.consultation import by_public_id
from models.decisions.decide import decide
from models.decisions.decision import Kind
from models.decisions.draft import newest_draft
from models.decisions.evaluation import Cause, Evaluation, Result, adjust
from models.decisions.execution import Force, change_force, entrust
from models.decisions.normative import Ended
from models.decisions.publish import publish
from models.decisions.secrecy import Openness
from models.decisions.validity import repeal
from models.kernel import clock
from models.kernel.base import db
from models.kernel.clock import today
from server.house import House
from tests.conftest import People
from tests.deciding import WORDS, a_decided_case, a_document, a_secrecy_check
from tests.making import a_comment, a_consultation, a_published_case, a_release, a_resident, answer_all
from tests.miniapp_api.conftest import MiniProgram


def test_published_decisions_are_listed_newest_first_page_by_page_and_say_how_they_stand(
    app: House, anybody: MiniProgram
) -> None:
    assert anybody.get("/decisions").get_json() == {"items": [], "next": None}
    with app.app_context():
        people = People()
        a_decided_case(people, title="还没有公布的决定")
        first = a_published_case(people, "农贸市场周边停车管理办法")
        document = a_document(people, "青禾街道夜市管理办法")
        gone = a_document(people, "青禾街道犬只管理办法")
        change_force(first, people["wuqiming"], Force.SUSPENDED, "消防整改期间。")
        repeal(gone, people["wuqiming"], Ended.REPEALED, "上位法变了。")
        ids = [gone.decision.public_id, document.decision.public_id, first.public_id]
        db.session.commit()
    whole = anybody.get("/decisions").get_json()
    for item in whole["items"]:
        schemas.DecisionLine().load(item)
    assert [item["id"] for item in whole["items"]] == ids
    assert [(item["kind_label"], item["stage_label"], item["force_label"]) for item in whole["items"]] == [
        ("行政规范性文件", "已公布", "废止"),
        ("行政规范性文件", "已公布", "有效"),
        ("一般决策", "已公布", "中止执行"),
    ]
    assert [item["valid_until"] is None for item in whole["items"]] == [False, False, True]
    page = anybody.get("/decisions", limit=2).get_json()
    assert [item["id"] for item in page["items"]] == ids[:2]
    rest = anybody.get("/decisions", limit=2, after=page["next"]).get_json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (ids[2:], None)
    assert anybody.get("/decisions", after="a" * 12).status_code == 422
    assert anybody.get("/decisions", limit="x").status_code == 422


def test_one_decision_comes_with_its_words_its_report_and_what_followed(app: House, anybody: MiniProgram) -> None:
    with app.app_context():
        people = People()
        case = a_published_case(people)
        entrust(case, people["zhoumin"], people["shenlin"].unit, people["shenlin"], "划线。")
        told = Evaluation.commission(people["zhoumin"], case, Cause.OFFICE, "县研究会")
        told.report(people["zhoumin"], Result.CONTINUE, "停得下了。")
        told.conclude(people["wuqiming"], Result.CONTINUE)
        adjust(case, people["shenlin"], "停车管理办法修订", "车位多了。")
        address, unit = case.public_id, people["shenlin"].unit.name
        db.session.commit()
    one = anybody.get(f"/decisions/{address}").get_json()
    schemas.Decision().load(one)
    assert (one["decided_by"], one["unit"], one["carried_out_by"]) == ("分管领导何秀兰批准", unit, [unit])
    assert (one["force"], one["stopped_reason"], one["basis"]) == ("in_force", "", "本机关议事规则")
    assert any("每次不超过1小时" in clause["text"] for clause in one["clauses"])
    assert [(e["assessor"], e["result_label"], e["findings"]) for e in one["evaluations"]] == [
        ("县研究会", "继续执行", "停得下了。")
    ]
    assert one["adjusted_by"] == [], "the case that adjusts it has decided nothing yet"
    assert anybody.get("/decisions/aaaaaaaaaaaa").status_code == 404


def test_what_the_secrecy_check_keeps_back_is_not_told(app: House, anybody: MiniProgram) -> None:
    with app.app_context():
        people = People()
        case = a_decided_case(people)
        draft = newest_draft(case)
        assert draft
        kept = draft.speakable[1]
        a_secrecy_check(people, case, Openness.PARTLY, reason="涉及安保部署。", withheld=[kept.public_id])
        publish(case, people["zhoumin"], **WORDS)
        secret = a_decided_case(people, title="不公开的决定")
        a_secrecy_check(people, secret, Openness.NONE, reason="涉密。")
        publish(secret, people["zhoumin"], **WORDS)
        address, hidden, label, words = case.public_id, secret.public_id, kept.label, kept.text
        db.session.commit()
    answer = anybody.get(f"/decisions/{address}")
    assert [c["label"] for c in answer.get_json()["clauses"] if c["withheld"]] == [label]
    assert words not in answer.get_data(as_text=True)
    assert anybody.get(f"/decisions/{hidden}").status_code == 404
    assert [item["id"] for item in anybody.get("/decisions").get_json()["items"]] == [address]


def test_its_consultation_and_its_report_are_named(app: House, anybody: MiniProgram) -> None:
    with app.app_context():
        people = People()
        asked = a_consultation(people)
        case = asked.decision
        case.classify(people["shenlin"], Kind.ORDINARY, "影响市场周边。")
        case.start(people["shenlin"])
        a_comment(asked, a_resident(1), "一个小时不够。")
        clock.move(31 * 86_400)
        db.session.flush()
        db.session.expire_all()
        decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")
        a_secrecy_check(people, case)
        publish(case, people["zhoumin"], **WORDS)
        address, round_id = case.public_id, asked.public_id
        db.session.commit()
    named = anybody.get(f"/decisions/{address}").get_json()["consultations"]
    assert [(one["id"], one["report"]) for one in named] == [(round_id, None)]
    assert anybody.get(f"/consultations/{round_id}").status_code == 200
    with app.app_context():
        people, found = People(), by_public_id(round_id)
        assert found
        answer_all(people, found)
        a_release(people, found)
        db.session.commit()
    named = anybody.get(f"/decisions/{address}").get_json()["consultations"]
    assert [one["report"] for one in named] == [round_id]
    assert anybody.get(f"/reports/{round_id}").status_code == 200


def test_forty_lines_cost_as_many_queries_as_four(app: House, anybody: MiniProgram) -> None:
    def queries() -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def count(*given: object) -> None:
            seen.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", count)
        try:
            assert anybody.get("/decisions", limit=50).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    with app.app_context():
        people = People()
        for n in range(2):
            a_document(people, f"办法{n}")
            a_published_case(people, f"决定{n}")
        db.session.commit()
    few = queries()
    with app.app_context():
        people = People()
        for n in range(18):
            a_published_case(people, f"又一件{n}")
        for n in range(3):
            a_document(people, f"又一份办法{n}")
        db.session.commit()
    assert queries() == few
