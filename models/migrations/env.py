"""Brings a database of either engine to the shape that this code was written for."""

from alembic import context
from sqlalchemy import Connection, create_engine

from models.kernel.triggers import once
from models.records import metadata


def migrate(connection: Connection) -> None:
    """Run the migrations in one transaction; SQLite alters tables by making them anew."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction(), once(connection):
        context.run_migrations()


def run() -> None:
    """On the connection that was handed over, or on the address from the command line."""
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.begin() as connection:
        migrate(connection)


run()
