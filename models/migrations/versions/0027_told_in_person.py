"""Somebody without WeChat was told in person that their words are not shown."""

from collections.abc import Sequence

from models.kernel.base import BigInt, Instant
from models.migrations import add_column

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Two columns that may be empty, and only together."""
    add_column("hiding", "told_at", Instant())
    add_column(
        "hiding",
        "told_by_id",
        BigInt,
        references="officer",
        checks={"told_by_somebody": "(told_at IS NULL) = (told_by_id IS NULL)"},
    )
