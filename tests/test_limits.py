"""A flood from one network is told to wait; a neighbour, a signed-in person and this machine are not."""

from typing import Any

import pytest

from models.decisions.consultation import Consultation
from models.kernel.base import db
from server import limits
from tests.making import a_consultation


@pytest.fixture
def asked(app: Any, people: Any) -> str:
    """An open consultation's address."""
    made: Consultation = a_consultation(people)
    address = f"/consultations/{made.public_id}/comment"
    db.session.commit()
    return address


def knock(client: Any, path: str, address: str) -> int:
    """One form without anything in it, from somewhere."""
    return int(client.post(path, data={}, environ_overrides={"REMOTE_ADDR": address}).status_code)


def test_the_sixty_first_knock_from_one_neighbourhood_waits(client: Any, asked: str) -> None:
    seen = [knock(client, asked, f"203.0.113.{n}") for n in range(60)]
    assert 429 not in seen and 500 not in seen
    answer = client.post(asked, data={}, environ_overrides={"REMOTE_ADDR": "203.0.113.200"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "请过一会儿再试" in answer.text
    assert knock(client, asked, "198.51.100.1") != 429


def test_this_machine_is_not_the_internet(client: Any, asked: str) -> None:
    assert 429 not in {knock(client, asked, "127.0.0.1") for _ in range(70)}


def test_every_limited_view_exists(app: Any) -> None:
    assert set(limits.TABLE) <= set(app.view_functions)
