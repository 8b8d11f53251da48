"""The bare reference over the wire: minimal Flask that asks the same statements, or writes as many rows, and nothing else.

What it read goes out as JSON; for an HTML page also as that page, by one flat Jinja template (`as_template`).
"""

import html
import itertools
import os
import pickle
import re
from typing import Any

import orjson
from flask import Flask, Response, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, text

SINK = (
    "CREATE TABLE IF NOT EXISTS sink (id bigserial PRIMARY KEY, a integer, b text, c text, d text, e text, f text, g text)",
    "CREATE INDEX IF NOT EXISTS sink_a ON sink (a)",
    "CREATE UNIQUE INDEX IF NOT EXISTS sink_b ON sink (b)",
)
"""A table of eight plain columns and two indexes, for the rows that a bare request writes."""


def as_template(page: str, sources: str) -> tuple[str, list[str]]:
    """A page as a Jinja template and the values it puts in: every text and attribute that is not written in our templates' sources.

    No loop, no macro, no inheritance: less cannot be done to answer this page with Jinja.
    """
    values: list[str] = []

    def put_in(found: re.Match[str]) -> str:
        before, words, behind = found.groups()
        if not words.strip() or words in sources:
            return f"{before}{{% raw %}}{words}{{% endraw %}}{behind}" if "{" in words else found.group()
        values.append(html.unescape(words))
        return f"{before}{{{{ v[{len(values) - 1}] }}}}{behind}"

    return re.sub(r'(="|>)([^"<>]*)("|<)', put_in, page), values


def make() -> Flask:
    """For gunicorn: BARE_URL is the database; the file BARE_STATEMENTS has {name: [(statement, parameters)]}, {name: rows}, and pages."""
    engine = create_engine(os.environ["BARE_URL"], pool_size=8, max_overflow=4)
    with open(os.environ["BARE_STATEMENTS"], "rb") as file:
        told: dict[str, Any] = pickle.load(file)
    app, numbers = Flask("bare"), itertools.count()
    pages: dict[str, tuple[str, list[str]]] = told.get("pages", {})
    app.jinja_loader = DictLoader({f"{name}.html": source for name, (source, _) in pages.items()})

    def found(name: str) -> list[list[dict[str, Any]]]:
        with engine.connect() as connection:
            rows = []
            for said, given in told[name]:
                answer = connection.exec_driver_sql(said, given)
                if answer.returns_rows:
                    keys = list(answer.keys())
                    rows.append([dict(zip(keys, row, strict=True)) for row in answer.all()])
        return rows

    @app.get("/read/<name>")
    def read(name: str) -> Response:
        return Response(orjson.dumps(found(name), default=_plain), mimetype="application/json")

    @app.get("/page/<name>")
    def page(name: str) -> str:
        found(name)
        return render_template(f"{name}.html", v=pages[name][1])

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
