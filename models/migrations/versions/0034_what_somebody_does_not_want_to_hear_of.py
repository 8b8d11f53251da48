"""What a resident does not want to hear of: not asked again, and brought back in one tap when it was followed before."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "declined",
        sa.Column("resident_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("was_followed", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_declined_one_thing")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_declined_place_id_place")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_declined_resident_id_resident")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_declined_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declined")),
        sa.UniqueConstraint("place_id", "resident_id", name=op.f("uq_declined_place_id_resident_id")),
        sa.UniqueConstraint("topic_id", "resident_id", name=op.f("uq_declined_topic_id_resident_id")),
    )
    op.create_index(op.f("ix_declined_resident_id"), "declined", ["resident_id"])
    install(op.get_bind())
