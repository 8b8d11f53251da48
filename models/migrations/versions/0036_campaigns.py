"""Campaigns: to whom an article is told, when, by whose approval; tests, mass sends, openings counted without names."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import change_check, one_of

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

CHANNELS = "template subscribe customer inbox"


def upgrade() -> None:
    """Forward."""
    change_check(
        "message",
        "messagechannel",
        one_of("channel", CHANNELS),
        one_of("channel", "template subscribe customer mass inbox"),
    )
    op.create_table(
        "campaign",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "drafted",
                "submitted",
                "approved",
                "started",
                "stopped",
                name="campaignstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum("notice", "mass", name="campaignway", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("both", sa.Boolean(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("approver_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("stopped_reason", sa.String(length=300), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stage <> 'started' OR started_at IS NOT NULL", name=op.f("ck_campaign_started_at_a_moment")
        ),
        sa.CheckConstraint(
            "stage <> 'stopped' OR stopped_reason <> ''", name=op.f("ck_campaign_stopped_with_a_reason")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('approved', 'started') OR (approver_id IS NOT NULL AND approver_id <> author_id)",
            name=op.f("ck_campaign_approved_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('approved', 'started') OR starts_at IS NOT NULL",
            name=op.f("ck_campaign_approved_for_a_moment"),
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["officer.id"], name=op.f("fk_campaign_approver_id_officer")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_campaign_article_id_article")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_campaign_author_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("public_id", name=op.f("uq_campaign_public_id")),
    )
    op.create_index(op.f("ix_campaign_article_id"), "campaign", ["article_id"], unique=False)
    op.create_index("ix_campaign_due", "campaign", ["stage", "starts_at"], unique=False)
    op.create_table(
        "campaign_aim",
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("(place_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_campaign_aim_one_thing")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_aim_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_campaign_aim_place_id_place")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_campaign_aim_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_aim")),
    )
    op.create_index(op.f("ix_campaign_aim_campaign_id"), "campaign_aim", ["campaign_id"], unique=False)
    op.create_table(
        "campaign_batch",
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first", BigInt, nullable=False),
        sa.Column("last", BigInt, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "finished",
                "held",
                "failed",
                name="batchstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("msg_id", sa.String(length=64), nullable=True),
        sa.Column("result", sa.String(length=60), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_batch_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_batch")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_campaign_batch_campaign_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_campaign_batch_public_id")),
    )
    op.create_index(op.f("ix_campaign_batch_msg_id"), "campaign_batch", ["msg_id"], unique=False)
    op.create_table(
        "campaign_day",
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_day_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_day")),
        sa.UniqueConstraint("campaign_id", "day", name=op.f("uq_campaign_day_campaign_id_day")),
    )
    op.create_table(
        "campaign_reader",
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_reader_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_reader")),
        sa.UniqueConstraint("campaign_id", "mark", name=op.f("uq_campaign_reader_campaign_id_mark")),
    )
    op.create_table(
        "campaign_test",
        sa.Column("campaign_id", BigInt, nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("wx_name", sa.String(length=40), nullable=False),
        sa.Column("masked", sa.String(length=12), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "sent", "failed", name="trialstate", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("result", sa.String(length=120), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_test_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_campaign_test_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_test")),
    )
    op.create_index(op.f("ix_campaign_test_campaign_id"), "campaign_test", ["campaign_id"], unique=False)
    install(op.get_bind())
