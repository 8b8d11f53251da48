"""The one database of the office, and what all of its tables have in common."""

import enum
from datetime import UTC, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import JSON, BigInteger, DateTime, Enum, Index, Integer, MetaData, String, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from models.kernel.ids import new_public_id

BigInt = BigInteger().with_variant(Integer, "sqlite")
"""bigint that SQLite may number by itself."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python on both engines, so that SQLite cannot lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Address(TypeDecorator[str]):
    """A record's name in addresses and forms: whoever asks for one that PostgreSQL cannot hold (NUL) finds nothing, on either engine."""

    impl = String(12)
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """As its column has it."""
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Nobody has the empty name."""
        return "" if value is not None and "\x00" in value else value


class Base(DeclarativeBase):
    """Every record has a number of its own and predictable names for its constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant(), dict[str, Any]: JSON(), list[str]: JSON()}

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)


class PublicId:
    """Records that appear in addresses carry a random name beside their number."""

    public_id: Mapped[str] = mapped_column(Address, unique=True, default=new_public_id)

    def __init__(self, **fields: Any) -> None:
        fields.setdefault("public_id", new_public_id())
        super().__init__(**fields)


class OneDatabase(Session):
    """A session of the one database there is; Flask-SQLAlchemy's would look for the right one at each statement."""

    def __init__(self, db: SQLAlchemy, **more: Any) -> None:
        super().__init__(db, **more)
        self.engine = db.engine

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any) -> Engine | Connection:
        """Its engine, whatever is asked."""
        return bind or self.engine


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": OneDatabase})
"""Gives the session and the engine; the records themselves are plain typed SQLAlchemy."""


def choice(words: type[enum.StrEnum], name: str = "", *, all_of_them: bool = True) -> Enum:
    """A column that holds one of these words; the database refuses any other. The second of a kind in a table has a `name`.

    A column that takes only some of them (not `all_of_them`) has a CHECK of its own beside it.
    """
    return Enum(
        words,
        native_enum=False,
        create_constraint=all_of_them,
        name=name or words.__name__.lower(),
        length=24,
        values_callable=lambda e: [m.value for m in e],
    )


def some_rows(name: str, which: str, *columns: str) -> Index:
    """An index over only the rows that are asked for: the others are written without touching it."""
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


def table_of(record: type[Base]) -> Table:
    """A record's table, for statements in which the ORM has no part."""
    return cast(Table, record.__table__)


def engine_name() -> str:
    """postgresql or sqlite: a statement that differs between them is built once for each."""
    return db.session.get_bind().dialect.name


def insert_into(record: type[Base] | Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the engine in use."""
    return postgresql.insert(record) if engine_name() == "postgresql" else sqlite.insert(record)


def take_time(seconds: int) -> None:
    """Let each statement of this transaction take so long on PostgreSQL, where one of a page is ended after 15 seconds; SQLite ends none.

    0 is as long as it takes.
    """
    if engine_name() == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = '{int(seconds)}s'"))
