"""Why the legal review of a hard case takes longer than was promised."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("legal_review", "long_reason", sa.String(300), default="''")
    install(op.get_bind())
