"""What is shown of people's own words: hidden on listed grounds, covered with a reason."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import one_of

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

GROUNDS = "personal others insult unlawful advertising"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "hiding",
        sa.Column("comment_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("lifted_by_id", BigInt, nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("ground", GROUNDS), name=op.f("ck_hiding_ground")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hiding_hidden_with_a_reason")),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name=op.f("ck_hiding_lifted_by_somebody")),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_hiding_comment_id_comment")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_hiding_officer_id_officer")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["officer.id"], name=op.f("fk_hiding_lifted_by_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hiding")),
        sa.UniqueConstraint("comment_id", "number", name=op.f("uq_hiding_comment_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hiding_public_id")),
    )
    op.create_table(
        "redaction",
        sa.Column("comment_id", BigInt, nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.Column("ground", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("batch", sa.String(12), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("ground", GROUNDS), name=op.f("ck_redaction_ground")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_redaction_covered_with_a_reason")),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_redaction_comment_id_comment")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_redaction_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_redaction_public_id")),
    )
    op.create_index("ix_redaction_comment_id", "redaction", ["comment_id"])
    op.create_table(
        "text_check",
        sa.Column("comment_id", BigInt, nullable=False),
        sa.Column("suggestion", sa.String(24), nullable=False),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("suggestion", "pass review risky"), name=op.f("ck_text_check_suggestion")),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_text_check_comment_id_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_check")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_text_check_comment_id")),
    )
    install(op.get_bind())
