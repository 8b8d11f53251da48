"""The bare reference over the wire: minimal Flask that asks the same statements, or writes as many rows, and nothing else."""

import itertools
import os
import pickle
from typing import Any

import orjson
from flask import Flask, Response
from sqlalchemy import create_engine, text

SINK = (
    "CREATE TABLE IF NOT EXISTS sink (id bigserial PRIMARY KEY, a integer, b text, c text, d text, e text, f text, g text)",
    "CREATE INDEX IF NOT EXISTS sink_a ON sink (a)",
    "CREATE UNIQUE INDEX IF NOT EXISTS sink_b ON sink (b)",
)
"""A table of eight plain columns and two indexes, for the rows that a bare request writes."""


def make() -> Flask:
    """For gunicorn: BARE_URL is the database, BARE_STATEMENTS the file with {name: [(statement, parameters)]} and {name: rows}."""
    engine = create_engine(os.environ["BARE_URL"], pool_size=8, max_overflow=4)
    with open(os.environ["BARE_STATEMENTS"], "rb") as file:
        told: dict[str, Any] = pickle.load(file)
    app, numbers = Flask("bare"), itertools.count()

    @app.get("/read/<name>")
    def read(name: str) -> Response:
        with engine.connect() as connection:
            found = []
            for said, given in told[name]:
                answer = connection.exec_driver_sql(said, given)
                if answer.returns_rows:
                    keys = list(answer.keys())
                    found.append([dict(zip(keys, row, strict=True)) for row in answer.all()])
        return Response(orjson.dumps(found, default=_plain), mimetype="application/json")

    insert = text("INSERT INTO sink (a, b, c, d, e, f, g) VALUES (:a, :b, :c, :d, :e, :f, :g)")

    @app.post("/write/<name>")
    def write(name: str) -> Response:
        with engine.begin() as connection:
            for _ in range(told[name]):
                key = f"{os.getpid()}-{next(numbers)}"
                connection.execute(
                    insert, {"a": 1, "b": key, "c": "x" * 40, "d": "y" * 40, "e": "z", "f": "w", "g": "v"}
                )
        return Response(b'{"id": 1}', 201, mimetype="application/json")

    return app


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
