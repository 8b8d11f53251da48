"""Before anything is decided the report says 拟采纳; afterwards it says 采纳 and leads to the decision, where the law is readable."""

from dataclasses import replace
from typing import Any

import pytest

from models.decisions import decision
from models.decisions.decide import decide
from models.decisions.decision import Kind
from models.decisions.publish import publish
from models.kernel import clock
from models.kernel.base import db
from models.kernel.clock import today
from server.house import House
from tests.conftest import People
from tests.deciding import WORDS, a_secrecy_check
from tests.making import a_comment, a_consultation, a_follower, a_release, answer_all


def a_reported_case(people: People) -> Any:
    """An ordinary case whose answers are out and that nobody has decided."""
    asked = a_consultation(people)
    asked.decision.classify(people["shenlin"], Kind.ORDINARY, "影响市场周边。")
    asked.decision.start(people["shenlin"])
    a_comment(asked, a_follower(1), "一个小时不够。")
    clock.move(31 * 86400)
    db.session.flush()
    db.session.expire_all()
    answer_all(people, asked, "not_adopted")
    a_release(people, asked)
    db.session.commit()
    return asked


def texts(app: House, public_id: str) -> tuple[str, str]:
    """The report as people read it, and the label that the mini program shows."""
    visitor = app.test_client()
    page = visitor.get(f"/reports/{public_id}").get_data(as_text=True)
    answers = visitor.get(f"/api/v1/consultations/{public_id}/comments").get_json()
    return page, answers["items"][0]["outcome_label"]


def test_the_report_says_that_it_is_meant_so_until_the_case_is_decided(app: House) -> None:
    with app.app_context():
        people = People()
        asked = a_reported_case(people)
        address, case_address = asked.public_id, asked.decision.public_id
    page, label = texts(app, address)
    assert label == "拟不采纳"
    assert "拟不采纳" in page
    assert "未采纳" not in page
    assert "还没有作出决定" in page
    with app.app_context():
        case = decision.by_public_id(case_address)
        assert case
        decide(case, people["zhoumin"], decided_on=today(), decided_by="分管领导批准")
        a_secrecy_check(people, case)
        publish(case, people["zhoumin"], **WORDS)
        db.session.commit()
    page, label = texts(app, address)
    assert label == "未采纳"
    assert "拟" not in page
    assert f'href="/decisions/{case_address}"' in page
    decided = app.test_client().get(f"/decisions/{case_address}").get_data(as_text=True)
    assert f'href="/reports/{address}"' in decided
    assert "分管领导批准" in decided
    assert "每日6:00至10:00" in decided


def test_an_office_may_switch_the_prefix_off(app: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        address = a_reported_case(People()).public_id
        rules = decision.rule_set("street", "2026-1")
        key = "before_deliberation_prefix"
        off = dict(rules.switches) | {key: replace(rules.switches[key], value="")}
        monkeypatch.setattr(decision, "rule_set", lambda name, version: replace(rules, switches=off))
    page, label = texts(app, address)
    assert label == "未采纳"
    assert "拟" not in page
