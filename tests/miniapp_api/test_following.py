"""What somebody wants to hear of, in the mini program: seen whole, chosen, left in one call, brought back in one."""

import pytest

from miniapp_api.schemas import people as schemas
from tests.miniapp_api.conftest import MiniProgram
from tests.miniapp_api.test_reading import loaded

pytestmark = pytest.mark.both_engines
AT = "/subscriptions/following"


def on(mini: MiniProgram) -> list[str]:
    """The kinds of what is followed."""
    told = mini.get(AT).get_json()
    loaded(schemas.Following, told)
    return [one["kind"] for one in told["items"] if one["following"]]


def test_chosen_left_and_brought_back(mini: MiniProgram, other: MiniProgram) -> None:
    items = mini.get(AT).get_json()["items"]
    topic = next(one["id"] for one in items if one["kind"] == "topic")
    place = next(one["id"] for one in items if one["kind"] in ("village", "community"))
    assert mini.call("PUT", AT, {"ids": [topic, place]}).status_code == 200
    assert sorted(on(mini)) == sorted(["topic", next(one["kind"] for one in items if one["id"] == place)])
    assert on(other) == []
    assert mini.call("DELETE", f"{AT}/{topic}").status_code == 204
    assert mini.call("DELETE", f"{AT}/{topic}").status_code == 204, "again changes nothing"
    assert len(on(mini)) == 1
    assert mini.call("PUT", f"{AT}/{topic}").status_code == 204
    assert mini.call("DELETE", AT).status_code == 204
    assert on(mini) == []
    assert len(mini.get(AT).get_json()["left"]) == 2
    assert mini.call("POST", f"{AT}/restored").status_code == 200
    assert len(on(mini)) == 2
    assert mini.call("POST", f"{AT}/restored").status_code == 200, "again changes nothing"
    assert len(on(mini)) == 2


def test_what_is_not_there_cannot_be_followed(mini: MiniProgram) -> None:
    answer = mini.call("PUT", AT, {"ids": ["a" * 12]})
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["ids"])
    for method in ("PUT", "DELETE"):
        assert mini.call(method, f"{AT}/{'a' * 12}").status_code == 404
