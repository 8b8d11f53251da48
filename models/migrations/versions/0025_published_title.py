"""The title under which a decision was published, where its text still called itself a draft."""

from collections.abc import Sequence

import sqlalchemy as sa

from models.migrations import add_column

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward: what was published before was published as it read."""
    add_column("publication", "title", sa.String(length=300), default="''")
