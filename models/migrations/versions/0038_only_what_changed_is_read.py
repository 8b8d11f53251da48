"""Only what changed is read again: when what may be sent to somebody changed, who was merged into whom, which voices nobody has heard."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import Instant
from models.migrations import add_column

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("identity", "changed_at", Instant())
    op.create_index("ix_identity_changed_at", "identity", ["changed_at"])
    op.create_index("ix_subscribe_grant_changed_at", "subscribe_grant", ["changed_at"])
    for name, table, columns, which in (
        ("ix_resident_merged", "resident", ["merged_into_id"], "merged_into_id IS NOT NULL"),
        ("ix_attachment_not_heard", "attachment", ["kind", "state", "comment_id"], "sealed_transcript IS NULL"),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
