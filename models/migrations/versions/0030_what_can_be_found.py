"""Searching: the texts that can be found, and the pairs of characters that stand in them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward: the worker fills them from what is public already."""
    op.create_table(
        "search_entry",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", BigInt, nullable=False),
        sa.Column("page", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("shadow", sa.Text(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_search_entry_kind_subject_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_search_entry_public_id")),
    )
    op.create_index("ix_search_entry_kind", "search_entry", ["kind", "id"])
    op.create_table(
        "search_gram",
        sa.Column("gram", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gram", "entry_id", name=op.f("pk_search_gram")),
        sqlite_with_rowid=False,
    )
