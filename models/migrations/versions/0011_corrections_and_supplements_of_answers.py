"""Corrections and supplements of released answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import one_of

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NOTED = "(sequence = 1) = (corrects_id IS NULL) AND (sequence = 1 OR remark <> '')"


def upgrade() -> None:
    """Forward: nothing points at a release yet, so the table may be made anew where the engine needs that."""
    with op.batch_alter_table("release") as release:
        release.add_column(sa.Column("sequence", sa.Integer(), nullable=False, server_default="1"))
        release.add_column(sa.Column("corrects_id", BigInt, nullable=True))
        release.add_column(sa.Column("remark", sa.String(300), nullable=False, server_default=""))
        release.drop_constraint("uq_release_consultation_id", type_="unique")
        release.create_unique_constraint("uq_release_consultation_id_sequence", ["consultation_id", "sequence"])
        release.create_foreign_key("fk_release_corrects_id_release", "release", ["corrects_id"], ["id"])
        release.create_check_constraint("corrected_with_a_note", NOTED)
    op.create_table(
        "amendment",
        sa.Column("point_id", BigInt, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("remark", sa.String(300), nullable=False),
        sa.Column("returned_reason", sa.String(300), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("approver_id", BigInt, nullable=True),
        sa.Column("release_id", BigInt, nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("kind", "correction supplement"), name=op.f("ck_amendment_amendmentkind")),
        sa.CheckConstraint(
            one_of("stage", "proposed approved released returned"), name=op.f("ck_amendment_amendmentstage")
        ),
        sa.CheckConstraint(
            one_of("outcome", "adopted partly_adopted not_adopted other"), name=op.f("ck_amendment_outcome")
        ),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_amendment_says_something")),
        sa.CheckConstraint(
            "kind <> 'correction' OR (outcome IS NOT NULL AND remark <> '')",
            name=op.f("ck_amendment_corrected_with_outcome_and_note"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('approved', 'released') OR (approver_id IS NOT NULL AND approver_id <> author_id)",
            name=op.f("ck_amendment_approved_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage <> 'released' OR (released_at IS NOT NULL AND (kind <> 'correction' OR release_id IS NOT NULL))",
            name=op.f("ck_amendment_released_at_a_moment"),
        ),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_amendment_point_id_point")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_amendment_author_id_officer")),
        sa.ForeignKeyConstraint(["approver_id"], ["officer.id"], name=op.f("fk_amendment_approver_id_officer")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_amendment_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("release_id", name=op.f("uq_amendment_release_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_amendment_public_id")),
    )
    op.create_index("ix_amendment_point", "amendment", ["point_id", "id"])
    install(op.get_bind())
