"""Legal services near home: places, requests for mediation, and what a legal-aid pre-check found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import add_column, one_of

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

KINDS = "station mediation aid notary practice"
DISPUTES = "neighbours family land work money other"
STAGES = "asked taken agreed failed refused withdrawn"
MATTERS = "pay injury support insurance pension state capacity pollution other_law none"
CHANNELS = "chat mini h5 paper phone hall email"


def upgrade() -> None:
    """Forward."""
    add_column("question", "aid", sa.String(24), checks={"aidmatter": one_of("aid", MATTERS)})
    op.create_table(
        "legal_place",
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("address", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("hours", sa.String(60), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("kind", KINDS), name=op.f("ck_legal_place_legalplacekind")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_legal_place_named")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_legal_place_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_place")),
        sa.UniqueConstraint("public_id", name=op.f("uq_legal_place_public_id")),
    )
    op.create_index("ix_legal_place_where", "legal_place", ["place_id", "kind"])
    op.create_table(
        "mediation",
        sa.Column("resident_id", BigInt, nullable=False),
        sa.Column("room_id", BigInt, nullable=False),
        sa.Column("dispute", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("confirm_until", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("key", sa.String(160), nullable=True),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("dispute", DISPUTES), name=op.f("ck_mediation_dispute")),
        sa.CheckConstraint(one_of("channel", CHANNELS), name=op.f("ck_mediation_channel")),
        sa.CheckConstraint(one_of("stage", STAGES), name=op.f("ck_mediation_mediationstage")),
        sa.CheckConstraint(
            "stage <> 'agreed' OR (agreed_on IS NOT NULL AND confirm_until IS NOT NULL)",
            name=op.f("ck_mediation_agreed_on_a_day"),
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_mediation_resident_id_resident")),
        sa.ForeignKeyConstraint(["room_id"], ["legal_place.id"], name=op.f("fk_mediation_room_id_legal_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation")),
        sa.UniqueConstraint("key", name=op.f("uq_mediation_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mediation_public_id")),
    )
    op.create_index("ix_mediation_room", "mediation", ["room_id", "stage"])
    op.create_index("ix_mediation_mine", "mediation", ["resident_id", "id"])
    install(op.get_bind())
