"""Telephones and published consultations for the tests of the ear."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.house import House
from tests.conftest import MINI, OFFICIAL
from tests.wechat.consultations import Publisher
from tests.wechat.phone import Phone


@pytest.fixture
def phone(client: FlaskClient) -> Phone:
    """Somebody's telephone, talking to the official account."""
    return Phone(client, OFFICIAL, "o7Zq5OI1Uej6Xixw1lA2H7XDVbc1")


@pytest.fixture
def other_phone(client: FlaskClient) -> Phone:
    """Somebody else's."""
    return Phone(client, OFFICIAL, "o7Zq5OI1Uej6Xixw1lA2H7XDVbc2")


@pytest.fixture
def mini_phone(client: FlaskClient) -> Phone:
    """The same person in the mini program."""
    return Phone(client, MINI, "oMini5OI1Uej6Xixw1lA2H7XDVbc", door="mini")


@pytest.fixture
def publish(app: House) -> Callable[..., str]:
    """publish("停车管理办法"): a consultation brought to publication by its verbs; returns its public id."""
    return Publisher(app)
