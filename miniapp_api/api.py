"""All resources under /api/v1, the OpenAPI document, and the page that shows it."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from miniapp_api import (
    after_answer,
    articles,
    catalogue,
    comments,
    consultations,
    decisions,
    docs,
    exhibitions,
    lectures,
    me,
    near_home,
    places,
    polls,
    proposals,
    questions,
    reports,
    search,
    session,
    subscriptions,
)
from miniapp_api.door import PREFIX
from miniapp_api.errors import Problem
from miniapp_api.session import Whose

DOORS = (
    session.door,
    catalogue.door,
    consultations.door,
    decisions.door,
    reports.door,
    search.door,
    comments.door,
    after_answer.door,
    articles.door,
    articles.topic_door,
    questions.door,
    questions.common_door,
    near_home.door,
    near_home.aid_door,
    near_home.mediation_door,
    proposals.door,
    polls.door,
    exhibitions.door,
    lectures.door,
    subscriptions.door,
    places.door,
    me.door,
)


class HouseApi(Api):
    """flask-smorest without its error handlers: they would turn every page's errors into JSON."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Each resource brings its own; see miniapp_api/door.py."""

    def _register_doc_blueprint(self) -> None:
        """The document and its page have a blueprint of ours, without scripts from elsewhere."""


def open_door(app: Flask, whose: Whose) -> None:
    """Put the JSON door into the house; `whose` asks WeChat who is behind a sign-in code."""
    app.config.update(
        API_TITLE="回音 Huiyin",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
    )
    app.extensions["mini_code"] = whose
    info: dict[str, Any] = {
        "description": "The mini program's door. Texts are Chinese; errors are {code, message, fields?}; lists are "
        "{items, next}. Instants are UTC, dates are days in Beijing.",
    }
    api = HouseApi(app, spec_kwargs={"info": info, "servers": [{"url": "/"}]})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for door in DOORS:
        api.register_blueprint(door)
    app.extensions["openapi"] = _with_errors(api.spec.to_dict())
    app.register_blueprint(docs.blueprint)


ERRORS = {
    "400": "What was sent cannot be read.",
    "401": "Nobody is signed in, or not any more.",
    "404": "Not here, or not this person's.",
    "409": "The record has moved on: look again.",
    "413": "More than 64 KiB.",
    "415": "Not application/json.",
    "422": "A rule or a field is not met; `fields` says which.",
    "429": "Too much in too little time; Retry-After says how long to wait.",
    "503": "Busy for a moment; Retry-After says how long.",
}


def _with_errors(spec: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation how it can refuse; the resources themselves only declare what they give."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method not in docs.METHODS:
                continue
            possible = {"503"}
            possible |= {"401", "429"} if path.endswith("/session") else set()
            possible |= {"401"} if operation.get("security") else set()
            possible |= {"404"} if "{" in path or method == "post" else set()
            possible |= (
                {"422"} if operation.get("parameters") or operation.get("requestBody") or method == "post" else set()
            )
            if operation.get("requestBody"):
                possible |= {"400", "413", "415"}
            if operation.get("security") and method != "get":
                possible |= {"409", "429"}
            answers = operation["responses"]
            answers.pop("default", None)
            for status in sorted(possible | (set(answers) & {"422"})):
                answers[status] = {"description": ERRORS[status], "content": content}
    return spec


__all__ = ["PREFIX", "open_door"]
