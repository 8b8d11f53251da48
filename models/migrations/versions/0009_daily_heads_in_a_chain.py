"""Daily heads are numbered, chained to the one before, and say when they were taken.

Heads of the first form were never made public, so nobody holds one: the first head of the new form covers all chains anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import Instant
from models.kernel.triggers import install

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.drop_table("daily_head")
    op.create_table(
        "daily_head",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("before", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_head")),
        sa.UniqueConstraint("day", name=op.f("uq_daily_head_day")),
        sa.UniqueConstraint("number", name=op.f("uq_daily_head_number")),
    )
    install(op.get_bind())


def downgrade() -> None:
    """Back."""
    op.drop_table("daily_head")
    op.create_table(
        "daily_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_head")),
        sa.UniqueConstraint("day", name=op.f("uq_daily_head_day")),
    )
    install(op.get_bind())
