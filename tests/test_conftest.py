"""What the other tests lean on holds."""

import socket
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import scoped_session

from models.kernel.clock import now, wall
from server.house import House
from tests.conftest import SHARED, Clock, Engine, People, SignedIn, needs


@pytest.mark.both_engines
def test_the_street_has_its_people(people: People) -> None:
    assert people["沈林"].login == "shenlin"
    assert people["许静"].has("unit_head")
    assert people["田野"].places[0].name == "石桥村"


@pytest.mark.both_engines
def test_each_test_has_a_street_of_its_own_1(session: scoped_session, engine: Engine) -> None:
    session.execute(text("UPDATE officer SET name = 'x' WHERE login = 'shenlin'"))
    session.commit()


@pytest.mark.both_engines
def test_each_test_has_a_street_of_its_own_2(people: People) -> None:
    assert people["shenlin"].name == "沈林"


@pytest.mark.both_engines
def test_the_clock_moves_the_law_not_the_wall(app: House, clock: Clock) -> None:
    clock.forward(days=31)
    with app.app_context():
        assert 30.9 < (now() - wall()).total_seconds() / 86400 < 31.1


def test_an_officer_sits_at_the_desk(desk: Callable[[str], SignedIn], client: FlaskClient) -> None:
    assert desk("shenlin").get("/desk/").status_code == 200
    assert client.get("/desk/").status_code in (302, 303, 401, 403)


def test_nothing_leaves_this_machine() -> None:
    with socket.socket() as asked, pytest.raises(AssertionError, match="tried to reach"):
        asked.connect(("192.0.2.1", 80))


def test_what_should_lie_beside_the_project_is_missed_loudly_and_in_ci_it_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="LOUD: shared/nothing does not lie beside the project"):
        needs(SHARED / "nothing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="in CI that is a failure"):
        needs(SHARED / "nothing")
