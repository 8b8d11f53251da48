"""Who comes first, what may still be sent, what stands still, and how far a telling has come."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("work", "urgency", sa.Integer(), default="0")
    add_column("message", "urgency", sa.Integer(), default="0")
    add_column("subscribe_grant", "lasting", sa.Boolean(), default="false")
    op.create_table(
        "allowance",
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("api", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance")),
        sa.UniqueConstraint("appid", "api", "period", name=op.f("uq_allowance_appid_api_period")),
    )
    op.create_table(
        "halt",
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("api", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "minute",
                "day",
                "mass",
                "capability",
                "template",
                "account",
                name="haltkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("rid", sa.String(length=64), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_halt")),
        sa.UniqueConstraint("appid", "api", "template", name=op.f("uq_halt_appid_api_template")),
    )
    op.create_table(
        "telling",
        sa.Column("fact_id", BigInt, nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "running",
                "paused",
                "finished",
                name="tellingstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("pause_reason", sa.String(length=120), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["fact_id"], ["trace.id"], name=op.f("fk_telling_fact_id_trace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_telling_fact_id")),
    )
    op.create_table(
        "follow",
        sa.Column("resident_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_follow_one_thing")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_follow_place_id_place")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_follow_resident_id_resident")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_follow_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("place_id", "resident_id", name=op.f("uq_follow_place_id_resident_id")),
        sa.UniqueConstraint("topic_id", "resident_id", name=op.f("uq_follow_topic_id_resident_id")),
    )
    op.create_index(op.f("ix_follow_resident_id"), "follow", ["resident_id"])
    install(op.get_bind())
