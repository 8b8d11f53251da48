"""What the checks found in the words of a consultation is listed: each result knows its consultation, and whether to look."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    connection = op.get_bind()
    # A result is never changed; only now it is told what it has been about all along.
    on = " ON text_check" if connection.dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER IF EXISTS guard_text_check_update{on}")
    add_column("text_check", "consultation_id", BigInt, references="consultation")
    add_column("text_check", "found", sa.Boolean(), default="false")
    op.execute(
        "UPDATE text_check SET consultation_id = (SELECT c.consultation_id FROM comment c WHERE c.id = text_check.comment_id), "
        "found = (suggestion = 'risky' OR (suggestion = 'review' AND reference <> ''))"
    )
    op.create_index("ix_text_check_found", "text_check", ["consultation_id", "found", "comment_id"])
    install(connection)
