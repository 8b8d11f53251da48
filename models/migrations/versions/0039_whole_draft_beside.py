"""Answers about the whole draft are found in order, as those about a clause are: PostgreSQL needs an index of its own for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    which = sa.text("clause_id IS NULL")
    op.create_index(
        "ix_point_beside_whole",
        "point",
        ["consultation_id", "answered_at", "id"],
        sqlite_where=which,
        postgresql_where=which,
    )
