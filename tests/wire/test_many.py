"""Many connections at once: kept open, in order, honest about what is not known, and stopped when it has to be."""

import threading
import time
from collections.abc import Iterator

import pytest

from server.wire.errors import Unknown, Unreached, WireError
from server.wire.many import Many
from tests.services import free_port
from tests.wire.conftest import Stub

PATH = "/cgi-bin/message/template/send"


@pytest.fixture
def many(stub: Stub) -> Iterator[Many]:
    made = Many(stub.url, 20)
    yield made
    made.close()


def post(many: Many, number: int, **more: object) -> list[object]:
    told = {"ends": lambda o: False, "stopping": lambda: False, "seconds": 10.0} | more
    return list(many.post(PATH, "T", [b'{"n": %d}' % n for n in range(number)], **told))  # type: ignore[arg-type]


def test_each_answer_belongs_to_its_own_call(many: Many, stub: Stub) -> None:
    stub.say(PATH, lambda asked: {"errcode": 0, "msgid": asked.json["n"]})
    for _ in range(2):
        assert [o["msgid"] for o in post(many, 50)] == list(range(50))  # type: ignore[index]
    assert {a.query["access_token"] for a in stub.asked} == {"T"}


def test_an_error_and_a_cut_line_are_two_things(many: Many, stub: Stub) -> None:
    def answer(asked):  # type: ignore[no-untyped-def]
        return {3: {"errcode": 43004, "errmsg": "no"}, 5: "cut", 7: 500, 9: b"rubbish"}.get(
            asked.json["n"], {"errcode": 0}
        )

    stub.say(PATH, answer)
    found = post(many, 12)
    assert isinstance(found[3], WireError)
    assert found[3].errcode == 43004
    assert all(isinstance(found[n], Unknown) for n in (5, 7))
    assert sum(isinstance(o, dict) for o in found) == 8


def test_nobody_there_is_known_not_to_be_sent() -> None:
    many = Many(f"http://127.0.0.1:{free_port()}", 5)
    assert all(isinstance(o, Unreached) for o in post(many, 4))
    many.close()


def test_no_new_call_begins_after_one_that_ends_it(many: Many, stub: Stub) -> None:
    stub.say(PATH, lambda asked: {"errcode": 45009 if asked.json["n"] == 0 else 0})
    found = post(many, 200, ends=lambda o: isinstance(o, WireError))
    assert found[-1] is None
    assert len(stub.asked) == sum(o is not None for o in found) < 200


def test_a_worker_that_is_stopped_begins_nothing_new(many: Many, stub: Stub) -> None:
    stop = threading.Event()

    def answer(asked):  # type: ignore[no-untyped-def]
        stop.set()
        time.sleep(0.05)
        return {"errcode": 0}

    stub.say(PATH, answer)
    found = post(many, 100, stopping=stop.is_set)
    assert 0 < sum(o is not None for o in found) <= 20
