"""Columns are described when somebody looks at them, and then as psycopg does."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, literal, select

from server import described
from server.described import Unread


@pytest.fixture
def asking(postgres: str) -> Iterator[Engine]:
    made = create_engine(postgres, connect_args={"cursor_factory": Unread})
    yield made
    made.dispose()


def test_a_statement_asked_again_describes_nothing(asking: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = select(literal(1).label("one"), literal("二").label("two"))
    with asking.connect() as line:
        first = line.execute(asked).one()
        monkeypatch.delattr(described.Unread, "described")
        again = line.execute(asked).one()
    assert first._asdict() == again._asdict() == {"one": 1, "two": "二"}


def test_what_is_said_of_columns_is_what_psycopg_says(postgres: str) -> None:
    address = postgres.replace("+psycopg", "")
    with psycopg.connect(address, cursor_factory=Unread) as ours, psycopg.connect(address) as theirs:
        for asked in ("SELECT 1 AS one, 'two' AS two WHERE false", "SET LOCAL work_mem = '8MB'", "SELECT now()"):
            mine, plain = ours.execute(asked).description, theirs.execute(asked).description
            assert (mine is None) == (plain is None)
            if plain is not None:
                assert [tuple(column) for column in mine] == [tuple(column) for column in plain]
                assert len(mine) == len(plain) and mine[0].name == plain[0].name
