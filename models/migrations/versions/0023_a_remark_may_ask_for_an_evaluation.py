"""Whoever says something of a decision in force may ask that it be evaluated."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("remark", "asks_evaluation", sa.Boolean(), default="FALSE")
    install(op.get_bind())
