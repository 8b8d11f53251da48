"""What the worklist is narrowed to is read off an index, however many points there are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

SOME = (
    ("ix_point_claimed", "claimed_by_id IS NOT NULL", ["consultation_id", "claimed_by_id", "stage", "id"]),
    ("ix_point_due", "due_on IS NOT NULL", ["consultation_id", "due_on", "stage", "id"]),
    ("ix_point_outcome", "outcome IS NOT NULL", ["consultation_id", "outcome", "stage", "id"]),
    ("ix_point_returned", "returned_reason <> ''", ["consultation_id", "stage", "id"]),
)


def upgrade() -> None:
    """Indexes over the few rows that a filter asks for."""
    for name, which, columns in SOME:
        op.create_index(name, "point", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
