"""Why each clause changed: the points that moved it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "clause_change",
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clause_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("points > 0 OR reason <> ''", name=op.f("ck_clause_change_moved_by_points_or_for_a_reason")),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_clause_change_clause_id_clause")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_clause_change_draft_id_draft")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_clause_change_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_change")),
    )
    with op.batch_alter_table("clause_change", schema=None) as batch_op:
        batch_op.create_index("ix_clause_change_draft", ["draft_id", "id"], unique=False)

    op.create_table(
        "change_point",
        sa.Column("change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["clause_change.id"], name=op.f("fk_change_point_change_id_clause_change")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_change_point_point_id_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_point")),
        sa.UniqueConstraint("change_id", "point_id", name=op.f("uq_change_point_change_id_point_id")),
    )
    with op.batch_alter_table("change_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_point_point_id"), ["point_id"], unique=False)

    add_column("clause", "before_id", BigInt, references="clause")
    op.create_index("ix_clause_before_id", "clause", ["before_id"])
    install(op.get_bind())
