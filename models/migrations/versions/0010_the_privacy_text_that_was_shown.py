"""Which privacy text was shown, at which door, by whom; and with which a notice was published."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("consent", "door", sa.String(12), default="''")
    add_column("consent", "officer_id", BigInt, references="officer")
    add_column("consultation", "privacy_id", BigInt, references="consent_text")
    install(op.get_bind())
