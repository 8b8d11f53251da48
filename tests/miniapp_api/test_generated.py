"""Inputs made from the document itself: whatever fits it or nearly fits it is answered as the document promises."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup

from server.house import House
from tests.miniapp_api.conftest import MiniProgram, new_key


def throw(app: House, mini: MiniProgram, monkeypatch: pytest.MonkeyPatch, public_id: str, examples: int) -> int:
    """Every operation with generated cases; returns how many were sent."""
    monkeypatch.setattr("models.messages.pace.MOST", 10**9)
    monkeypatch.setattr("models.comments.receive.MOST_OF_ONE_PERSON", 10**9)
    app.extensions["mini_code"] = lambda code: ("oMade", None)
    comment = mini.comment(public_id)["id"]
    question = mini.post("/questions", {"text": "x"}).get_json()["id"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    sent = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        @given(case=operation.as_strategy(), known=st.booleans())
        def one(case: Any, known: bool) -> None:
            nonlocal sent
            sent += 1
            if case.method == "DELETE" and case.path.endswith("/session"):
                return
            if known and case.path_parameters:
                names = {"comments": comment, "questions": question, "consultations": public_id, "reports": public_id}
                kind = case.path.removeprefix("/api/v1/").split("/")[0]
                case.path_parameters = {"public_id": names.get(kind, "a" * 12)}
            if known and isinstance(case.body, dict) and "consultation" in case.body:
                case.body["consultation"] = public_id
            headers = dict(mini.headers)
            if known and "Idempotency-Key" in (case.headers or {}):
                headers["Idempotency-Key"] = new_key()
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (case.method, case.path, answer.status_code, case.body)
            documented = set(case.operation.definition.raw["responses"])
            assert str(answer.status_code) in documented | {"404", "304"}, (case.method, case.path, answer.status_code)
            try:
                case.validate_response(answer, checks=[schemathesis.checks.response_schema_conformance])
            except FailureGroup as failure:
                raise AssertionError(f"{case.method} {case.path}: {failure}") from failure

        one()
    return sent


@pytest.mark.timeout(300)
@pytest.mark.both_engines
def test_generated_cases_are_answered_as_documented(
    app: House, mini: MiniProgram, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert throw(app, mini, monkeypatch, publish(), examples=8) > 130


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.both_engines
def test_many_generated_cases_are_answered_as_documented(
    app: House, mini: MiniProgram, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert throw(app, mini, monkeypatch, publish(), examples=200) > 4000
