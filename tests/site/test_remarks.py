"""The standing door on a decision's page: anybody may speak, sees the reply, and nobody sees another's."""

from collections.abc import Callable

import pytest

from models.decisions.decision import Decision
from models.decisions.execution import Force, change_force
from models.decisions.in_force import by_public_id
from models.kernel.base import db
from server.house import House
from tests.conftest import People
from tests.making import a_published_case
from tests.site.conftest import Phone


@pytest.fixture
def decided(app: House) -> str:
    """A published decision, committed; its address."""
    with app.app_context():
        case = a_published_case(People())
        db.session.commit()
        return str(case.public_id)


def test_what_is_said_of_a_decision_gets_its_reply(app: House, decided: str, phone: Callable[..., Phone]) -> None:
    woman, man = phone("周女士"), phone("陈先生")
    assert f"/decisions/{decided}/remark" in woman.get(f"/decisions/{decided}").get_data(True)
    form = woman.form(f"/decisions/{decided}/remark")
    empty = woman.send(form, text=" ")
    assert empty.status_code == 422
    sent = woman.send(form, text="线划到消防通道上了。", evaluate="y")
    assert sent.status_code == 303
    where = sent.headers["Location"].partition("?")[0]
    assert "线划到消防通道上了。" in woman.get(where).get_data(True)
    assert (
        woman.send(form, text="线划到消防通道上了。", evaluate="y").headers["Location"] == sent.headers["Location"]
    ), "pressed twice"
    assert man.get(where).status_code == 404
    with app.app_context():
        found = by_public_id(where.rsplit("/", 1)[-1])
        assert found
        assert found.asks_evaluation
        found.reply(People()["shenlin"], "明天改线。")
        db.session.commit()
    assert "明天改线。" in woman.get(where).get_data(True)
    assert "明天改线。" not in woman.get("/remarks").get_data(True)
    assert where in woman.get("/remarks").get_data(True)


def test_who_is_not_signed_in_is_asked_to_and_a_draft_takes_no_remark(
    app: House, decided: str, phone: Callable[..., Phone]
) -> None:
    assert app.test_client().get(f"/decisions/{decided}/remark").status_code == 303
    with app.app_context():
        fresh = Decision.open(People()["shenlin"], "还没有定的事")
        db.session.commit()
        address = f"/decisions/{fresh.public_id}/remark"
    assert phone("周女士").get(address).status_code == 404


def test_a_suspended_decision_says_so_and_why(app: House, decided: str, phone: Callable[..., Phone]) -> None:
    with app.app_context():
        case = db.session.query(Decision).filter_by(public_id=decided).one()
        change_force(case, People()["wuqiming"], Force.SUSPENDED, "道路塌陷，先停。")
        db.session.commit()
    page = phone("周女士").get(f"/decisions/{decided}").get_data(True)
    assert "中止执行" in page
    assert "道路塌陷，先停。" in page
